"""`wire explain`."""

from __future__ import annotations

import re
from itertools import islice
from typing import Annotated

import typer

from .inputs import opened, sources
from .output import Colour, Failure, Misuse, columns, emit

NEEDS_ARGUMENTS = True


def command(
    source: Annotated[list[str], typer.Argument(help="A capture, a dump, `-`, or the hex itself.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="BYTE[.BIT]", help="A byte from 0 (decimal or 0x…), and a bit, 0 the most significant."
        ),
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help="A field by its full name: tcp.flags.")] = None,
    frame: Annotated[int, typer.Option("--frame", min=1, help="Which packet.")] = 1,
    first: Annotated[str | None, typer.Option("--first", metavar="PROTOCOL", help="What the bytes begin with.")] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """What a byte, a bit or a field is: its layer, its meaning, the RFC; checksums as arithmetic.

    Examples:

      wire explain syn.txt --field tcp.checksum

      wire explain capture.pcap --frame 3 --at 47.6
    """
    from ..capture import CaptureError
    from ..views.explain import explain

    if (at is None) == (field is None):
        raise Misuse("say what to explain: --at BYTE[.BIT] or --field NAME, one of them")
    place = position(at) if at is not None else None
    found = list(sources(source))
    if len(found) != 1:
        raise Misuse("name one capture or dump")
    try:
        packet = next(islice(opened(found[0], first), frame - 1, None), None)
    except CaptureError as error:
        raise Failure(f"{found[0].name}: there is no packet {frame}: {error}") from None
    if packet is None:
        raise Failure(f"{found[0].name}: there is no packet {frame}")
    try:
        lines = list(explain(packet, at=place, field=field, width=columns(100)))
    except (ValueError, KeyError) as error:
        raise Misuse(str(error.args[0])) from None
    emit(lines, colour, ascii_only)


def position(text: str) -> tuple[int, int | None]:
    match = re.fullmatch(r"(0x[0-9a-fA-F]+|\d+)(?:\.([0-7]))?", text)
    if not match:
        raise Misuse(f"--at {text}: write BYTE or BYTE.BIT: 47, 0x2f, 47.6 (bits 0 to 7, 0 the most significant)")
    return int(match.group(1), 0), int(match.group(2)) if match.group(2) else None
