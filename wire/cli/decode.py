"""`wire decode`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from .inputs import Wanted, frames_wanted, opened, sources
from .output import Colour, Failure, Misuse, emit, put, wants_colour
from .printer import Clock, Form, Printer
from .progress import into_file, reading

if TYPE_CHECKING:
    from ..packet import Packet
    from ..sources import Content, Source
    from .inputs import Source as Named


def command(
    source: Annotated[list[str] | None, typer.Argument(help="A capture, a dump, `-`, or the hex itself.")] = None,
    read: Annotated[str | None, typer.Option("-r", "--read", help="The same as SOURCE (as tshark has it).")] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "-o", "-w", "--output", help="Write a capture (.pcap, .pcapng, + .gz) or a dump (.hex, .txt, .bin) instead."
        ),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("-T", help="What to print (default: one packet the screen, several a line each).")
    ] = None,
    chosen: Annotated[
        list[str] | None,
        typer.Option("-e", metavar="FIELD", help="With -T fields: a field to print (ip.src); again for more."),
    ] = None,
    layout: Annotated[
        list[str] | None,
        typer.Option(
            "-E", metavar="OPTION", help="With -T fields: header=y, separator=, occurrence=f aggregator=; quote=d."
        ),
    ] = None,
    where: Annotated[
        str | None, typer.Option("-Y", metavar="FILTER", help="Only packets that this display filter means.")
    ] = None,
    tree: Annotated[bool, typer.Option("-V", "--tree", help="Every field, flag and option of every packet.")] = False,
    hexes: Annotated[bool, typer.Option("-x", "--hex", help="A hex dump of every packet.")] = False,
    only: Annotated[
        str | None,
        typer.Option("-O", metavar="PROTOCOLS", help="The tree of these protocols (a,b,c), the others by their title."),
    ] = None,
    count: Annotated[int | None, typer.Option("-c", "--count", min=0, help="Stop after so many packets.")] = None,
    frames: Annotated[str | None, typer.Option("--frames", help="Only these packets: 3,7-9.")] = None,
    first: Annotated[
        str | None, typer.Option("--first", metavar="PROTOCOL", help="What the bytes begin with (eth, ip, sll …).")
    ] = None,
    absolute: Annotated[bool, typer.Option("-S", help="Sequence numbers as on the wire, not relative.")] = False,
    clock: Annotated[
        Clock, typer.Option("-t", help="Times: r relative, d delta, e epoch, a/ad local, u/ud UTC.")
    ] = Clock.r,
    no_checksums: Annotated[bool, typer.Option("--no-checksums", help="Do not verify checksums.")] = False,
    names: Annotated[
        bool, typer.Option("-n", help="Resolve no names (wire never asks the network; accepted as tshark has it).")
    ] = False,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """Read packets: every layer, every bit, and what is wrong with them.

    Examples:

      wire decode capture.pcapng

      tcpdump -X -r x.pcap | wire decode -

      wire decode 4500001400000000400000000a0000010a000002 --first ip

      wire decode capture.pcap --frames 3,7-9 -V
    """
    if form and (tree or only):
        raise Misuse("-T says what to print, and so do -V and -O: give one of them")
    wanted = frames_wanted(frames)
    found = list(sources([*(source or []), *([read] if read else [])]))
    if not found:
        raise Misuse("nothing to decode: name a capture or a dump, give the hex itself, or `-` for standard input")
    choose = partial(selected, wanted=wanted, count=count, verify=not no_checksums)
    if form is Form.fields:
        from .fields import print_fields

        every = wanted is None and count is None and first is None and not no_checksums
        print_fields(found, chosen or (), layout or (), first, choose, where, every)
        return
    if chosen or layout:
        raise Misuse("-e and -E go with -T fields")
    if where:
        choose = partial(selected, wanted=wanted, count=count, verify=not no_checksums, meant=matching(where))
    if out:
        from .saving import save

        save(out, (item for one in found for item in watched(one, opened(one, first), choose)))
        return
    show = Printer(
        form, tree or bool(only), hexes, only, absolute, clock, partial(emit, colour=colour, ascii_only=ascii_only),
        None if wants_colour(colour) else partial(put, ascii_only=ascii_only),
    )  # fmt: skip
    failures = []
    for one in found:
        try:
            capture = opened(one, first)
            with reading(one.name, capture) if into_file() else nullcontext():
                show.source(one, capture, choose, many=len(found) > 1)
        except Failure as error:  # everything before the damage is printed, and so are the other sources
            failures.append(str(error))
    show.end()
    if failures:
        raise Failure("\nwire: ".join(failures))


def watched(one: Named, found: Source, choose: Callable[[Iterable[Content]], Iterator[Content]]) -> Iterator[Content]:
    """What was chosen of a source, while a bar says how far it is."""
    with reading(one.name, found):
        yield from choose(found.items())


def matching(where: str) -> Callable[[Packet], bool]:
    """What a display filter says of a packet."""
    from ..filter import FilterError, compile_filter

    try:
        return compile_filter(where).matches
    except FilterError as error:
        raise Misuse(f"-Y: {error}") from None


def selected(items: Iterable[Content], wanted: Wanted | None, count: int | None, verify: bool,
             meant: Callable[[Packet], bool] | None = None,
             seen: Callable[[Packet, bool], None] | None = None) -> Iterator[Content]:  # fmt: skip
    """The packets asked for, with what stands around them; no more is read than needed.

    meant  what a display filter says of a packet
    seen   is told of every packet that is read, and whether it is one of those asked for
    """
    from ..packet import Packet

    read = kept = 0
    for item in items:
        if not isinstance(item, Packet):
            yield item
            continue
        if count is not None and kept >= count:
            return
        read += 1
        number = item.number or read
        if wanted is not None and number > wanted.last:
            return
        item.verified = verify
        chosen = wanted is None or number in wanted
        kept += chosen  # as tshark counts: before the filter
        shown = chosen and (meant is None or meant(item))
        if seen:
            seen(item, shown)
        if shown:
            yield item
        if kept == count:
            return
