"""`wire filter`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from .inputs import opened, sources
from .output import Failure, Misuse, note
from .progress import reading

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
    from ..bulk import thrifty
    from ..capture import CaptureError
    from ..filter import FilterError
    from ..filtering import write_chosen

    thrifty()
    (one,) = sources([source])
    found = opened(one, first)
    try:
        with nullcontext() if out == "-" else reading(one.name, found):
            done = write_chosen(out, found, where, first, form)
    except FilterError as error:
        raise Misuse(f"-Y: {error}") from None
    except CaptureError as error:
        raise Failure(f"{out}: {error}") from None
    for remark in done.written.remarks:
        note(f"{out}: {remark}")
    note(f"{done.written.frames} of {done.packets} packets")
    if done.trouble:
        raise Failure(f"{one.name}: {done.trouble}")
