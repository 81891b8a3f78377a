"""`wire filter`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from .inputs import opened, sources
from .output import Failure, Misuse, note
from .progress import reading

if TYPE_CHECKING:
    from ..capture import CaptureError, Item

NEEDS_ARGUMENTS = True


def command(
    source: Annotated[str, typer.Argument(help="A capture, a dump, or `-`.")],
    where: Annotated[
        str,
        typer.Option("-Y", metavar="FILTER", help="The display filter: tcp.flags.syn == 1 and ip.addr == 10.0.0.0/8."),
    ],
    out: Annotated[
        str, typer.Option("-o", "-w", "--output", help="The capture to write (.pcap, .pcapng, + .gz), or `-`.")
    ],
    form: Annotated[str, typer.Option("-F", "--format", help="pcap or pcapng, where no name says it.")] = "",
    first: Annotated[str | None, typer.Option("--first", metavar="PROTOCOL", help="What the bytes begin with.")] = None,
) -> None:
    """Write the packets that a display filter means; their bytes, times and comments stay as they are.

    Example:

      wire filter capture.pcapng -Y 'tcp.port == 443 and tcp.len > 0' -o https.pcapng
    """
    from ..capture import CaptureError, write_items
    from ..filter import FilterError
    from ..filtering import chosen

    (one,) = sources([source])
    found = opened(one, first)
    damage: list[CaptureError] = []

    try:
        with nullcontext() if out == "-" else reading(one.name, found):
            written = write_items(out, kept(chosen(found.records(), where, first), damage), form)
    except FilterError as error:
        raise Misuse(f"-Y: {error}") from None
    except CaptureError as error:
        raise Failure(f"{out}: {error}") from None
    for remark in written.remarks:
        note(f"{out}: {remark}")
    note(f"{written.frames} of {found.total} packets")
    for trouble in damage:
        raise Failure(f"{one.name}: {trouble}")


def kept(items: Iterator[Item], damage: list[CaptureError]) -> Iterator[Item]:
    """The items; an error of the capture that is read is kept until what is before it is written."""
    from ..capture import CaptureError

    try:
        yield from items
    except CaptureError as error:
        damage.append(error)
