"""`wire edit`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from .inputs import frames_wanted, opened, sources
from .output import Colour, Failure, Misuse, columns, emit

if TYPE_CHECKING:
    from ..sources import Content

NEEDS_ARGUMENTS = True


def command(
    words: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE FIELD=VALUE...", help="A capture, a dump or hex; then what to set: ip.ttl=5."),
    ],
    frames: Annotated[
        str | None, typer.Option("--frames", help="Only these packets: 3,7-9 (the others are kept as they are).")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Also set the lengths and checksums whose right answer this changes.")
    ] = False,
    out: Annotated[
        str | None, typer.Option("-o", "-w", "--output", help="Write a capture or a dump instead of showing the bytes.")
    ] = None,
    first: Annotated[str | None, typer.Option("--first", metavar="PROTOCOL", help="What the bytes begin with.")] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """Set fields: exactly their bits change, and with --fix what follows from them.

    Example: wire edit capture.pcap ip.ttl=5 --frames 3 --fix -o new.pcap
    """
    from ..capture import CaptureError
    from ..editing import edit
    from ..packet import Packet
    from ..views.difference import difference

    changes = dict(word.split("=", 1) for word in words if is_change(word))
    found = list(sources([word for word in words if not is_change(word)]))
    if not changes or not found:
        raise Misuse("say what to edit and how: wire edit SOURCE ip.ttl=5")
    wanted = frames_wanted(frames)
    chosen = 0

    def edited() -> Iterator[tuple[Content, Content]]:
        nonlocal chosen
        for one in found:
            for item in opened(one, first).items():
                if not isinstance(item, Packet) or (wanted is not None and (item.number or 0) not in wanted):
                    yield item, item
                    continue
                chosen += 1
                try:
                    yield item, edit(item, changes, fix)
                except (KeyError, ValueError) as error:
                    raise Misuse(f"{one.name}, packet {item.number}: {error.args[0]}") from None

    if out:
        from .saving import save

        save(out, (new for _, new in edited()))
    else:
        try:
            for old, new in edited():
                if isinstance(old, Packet) and isinstance(new, Packet) and new is not old:
                    emit(difference(old, new, columns(120)), colour, ascii_only)
        except CaptureError as error:
            raise Failure(f"{error.name or found[-1].name}: {error}") from None
    if not chosen:
        raise Failure(f"{found[0].name}: there is no packet {frames or 1}: nothing was edited")


def is_change(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and all(piece.isidentifier() for piece in name.partition("#")[0].split("."))
