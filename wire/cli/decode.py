"""`wire decode`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .inputs import Source, frames_wanted, opened, sources
from .output import Colour, Failure, Misuse, columns, emit, note

if TYPE_CHECKING:
    from ..packet import Packet


class Form(StrEnum):
    """What a packet is printed as."""

    tree = "tree"
    summary = "summary"
    json = "json"
    jsonl = "jsonl"
    hex = "hex"
    c = "c"
    python = "python"


class Clock(StrEnum):
    """tshark's names for the times of a summary."""

    r = "r"
    d = "d"
    dd = "dd"
    e = "e"
    a = "a"
    ad = "ad"
    u = "u"
    ud = "ud"


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
    if out:
        from .saving import save

        save(out, (packet for one in found for packet in choose(opened(one, first))))
        return
    show = Printer(form, tree, hexes, only, absolute, clock, colour, ascii_only)
    failures = []
    for one in found:
        packets = opened(one, first)
        try:
            show.source(one, packets, choose(packets), many=len(found) > 1)
        except Failure as error:  # everything before the damage is printed; the other sources come first
            failures.append(str(error))
    show.end()
    if failures:
        raise Failure("\nwire: ".join(failures))


def selected(packets: Iterable[Packet], wanted: Any, count: int | None, verify: bool) -> Iterator[Packet]:
    """The packets asked for, and no more read than needed."""
    kept = 0
    if count == 0:
        return
    for index, packet in enumerate(packets, 1):
        if wanted is not None and (packet.number or index) not in wanted:
            if (packet.number or index) > wanted.last:
                return
            continue
        packet.verified = verify
        yield packet
        kept += 1
        if count is not None and kept >= count:
            return


class Printer:
    """Prints the packets of each source in the form that was asked for, or that fits."""

    def __init__(self, form: Form | None, tree: bool, hexes: bool, only: str | None, absolute: bool, clock: Clock,
                 colour: Colour, ascii_only: bool) -> None:  # fmt: skip
        self.form, self.tree, self.hexes, self.absolute, self.clock = form, tree or bool(only), hexes, absolute, clock
        self.only = set(only.split(",")) if only else None
        self.emit = partial(emit, colour=colour, ascii_only=ascii_only)
        self.first = True

    def source(self, source: Source, opened_: Any, packets: Iterator[Packet], many: bool) -> None:
        from ..capture import CaptureError

        ahead: list[Packet] = []
        damage: list[CaptureError] = []

        def guarded() -> Iterator[Packet]:
            try:
                yield from packets
            except CaptureError as error:
                damage.append(error)

        stream = guarded()
        ahead += islice(stream, 2)
        self.head(source, opened_, len(ahead), many)
        self.packets(chain(ahead, stream), single=len(ahead) == 1)
        for error in damage:
            raise Failure(f"{source.name}: {error}")
        if not ahead and self.form not in (Form.json, Form.jsonl):
            note(f"{source.name}: no packets" + ("" if opened_.total == 0 else " that were asked for"))

    def head(self, source: Source, opened_: Any, ahead: int, many: bool) -> None:
        """What was found, for text, where nothing in the bytes says it; and which source this is, among several."""
        said = opened_.said(ahead == 1)
        if self.form in (None, Form.tree, Form.summary) and (said or many):
            if not self.first:
                print()
            self.emit([[(f"{source.name}: {said}" if said else f"{source.name}:", "dim")], []])
        for remark in opened_.remarks:
            note(f"{source.name}: {remark}")
        self.first = False

    def packets(self, packets: Iterable[Packet], single: bool) -> None:
        if self.form in (Form.json, Form.jsonl):
            self.json(packets)
        elif self.form in (Form.hex, Form.c, Form.python):
            from ..views.dumps import FORMS

            for packet in packets:
                print(FORMS[self.form.value](packet))
        elif self.tree or (self.form is Form.tree and not single):
            self.trees(packets)
        elif (single and self.form is None and not self.hexes) or self.form is Form.tree:
            from ..views.screen import screen

            for packet in packets:
                self.emit(screen(packet, columns(200)))
        else:
            self.summary(packets)

    def trees(self, packets: Iterable[Packet]) -> None:
        from ..views.tree import tree

        for index, packet in enumerate(packets):
            if index:
                print()
            self.emit(tree(packet, self.only))
            self.hex(packet)

    def hex(self, packet: Packet) -> None:
        if self.hexes:
            from ..views.screen import hex_lines

            print()
            self.emit(hex_lines(packet, columns()))

    def summary(self, packets: Iterable[Packet]) -> None:
        from ..analysis.relative import Numbering
        from ..views.summary import fitted, summary

        width = columns() if sys.stdout.isatty() else 0
        numbers = None if self.absolute else Numbering().of
        kept: list[Packet] = []

        def keeping() -> Iterator[Packet]:
            for packet in packets:
                kept.append(packet)
                yield packet

        lines = summary(((kept.append(packet), packet)[1] for packet in packets) if self.hexes else packets, numbers,
                        self.clock.value)  # fmt: skip
        for index, line in enumerate(lines):
            self.emit([fitted(line, width) if width else line])
            if self.hexes and index:
                self.hex(kept[index - 1])
                print()

    def json(self, packets: Iterable[Packet]) -> None:
        from ..views.json import dumps

        for packet in packets:
            if self.form is Form.jsonl:
                print(dumps(packet))
            else:
                print("[" if self.first_json else ",")
                self.first_json = False
                print(dumps(packet, indent=2), end="")

    first_json = True

    def end(self) -> None:
        if self.form is Form.json:
            print("[]" if self.first_json else "\n]")
