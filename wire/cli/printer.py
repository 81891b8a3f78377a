"""Packets on standard output, in the form that was asked for or that fits."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING

from ..views.lines import Line
from .inputs import Source as Named
from .output import Failure, columns, note, put

if TYPE_CHECKING:
    from ..analysis.relative import History
    from ..packet import Packet
    from ..sources import Content, Source

    Choose = Callable[..., Iterator[Content]]  # see decode.selected


class Form(StrEnum):
    """What a packet is printed as."""

    tree = "tree"
    summary = "summary"
    json = "json"
    jsonl = "jsonl"
    hex = "hex"
    c = "c"
    python = "python"
    fields = "fields"


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


class Printer:
    """Prints the packets of each source in the form that was asked for, or that fits.

    emit  prints lines
    put   prints texts as they are; None where there is to be colour
    """

    def __init__(self, form: Form | None, tree: bool, hexes: bool, only: str | None, absolute: bool, clock: Clock,
                 emit: Callable[[Iterable[Line]], None],
                 put: Callable[[Iterable[str]], None] | None) -> None:  # fmt: skip
        self.form, self.tree, self.hexes, self.absolute = form, tree, hexes, absolute
        self.clock, self.emit, self.put = clock, emit, put
        self.only = set(only.split(",")) if only else None
        self.first = self.first_json = True
        self.history: History | None = None

    def source(self, source: Named, found: Source, choose: Choose, many: bool) -> None:
        """Print one source; what comes before damage is printed before the Failure is raised."""
        from ..analysis.relative import History
        from ..capture import CaptureError
        from ..packet import Packet

        damage: list[CaptureError] = []
        self.history = History() if self.form in (None, Form.summary) and not self.tree else None

        def items() -> Iterator[Content]:
            try:
                yield from choose(found.items(), seen=self.history.see if self.history else None)
            except CaptureError as error:
                damage.append(error)

        if self.form in (Form.json, Form.jsonl):
            self.json(found, items())
        else:
            stream = (item for item in items() if isinstance(item, Packet))
            ahead = list(islice(stream, 2))
            self.head(source, found, len(ahead), many)
            self.packets(chain(ahead, stream), single=len(ahead) == 1)
            if not ahead and not damage:
                note(f"{source.name}: no packets" + (" that were asked for" if found.total else ""))
        for error in damage:
            raise Failure(f"{source.name}: {error}")

    def head(self, source: Named, found: Source, ahead: int, many: bool) -> None:
        """What was found, for text, where nothing in the bytes says it; and which source this is, among several."""
        said = found.said(ahead == 1)
        if self.form in (None, Form.tree, Form.summary) and (said or many):
            if not self.first:
                print()
            self.emit([[(f"{source.name}: {said}" if said else f"{source.name}:", "dim")], []])
        for remark in found.remarks:
            note(f"{source.name}: {remark}")
        self.first = False

    def packets(self, packets: Iterable[Packet], single: bool) -> None:
        if self.form in (Form.hex, Form.c, Form.python):
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
        from ..views.treetext import Trees

        if self.put and not self.hexes:
            text = Trees(self.only).text
            self.put(("\n" if index else "") + text(packet) + "\n" for index, packet in enumerate(packets))
            return
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
        from ..views.summary import fitted, summary

        width = columns() if sys.stdout.isatty() else 0
        kept: deque[Packet] = deque()  # read, and not yet shown

        def keeping() -> Iterator[Packet]:
            for packet in packets:
                kept.append(packet)
                yield packet

        lines = summary(keeping() if self.hexes else packets, self.history, self.clock.value, self.absolute)
        for index, line in enumerate(lines):
            self.emit([fitted(line, width) if width else line])
            if self.hexes and index:
                self.hex(kept.popleft())
                print()

    def json(self, found: Source, items: Iterable[Content]) -> None:
        """A line for each item; or one array of them."""
        from ..jsonlines import Lines, dumps, file_object, object_of

        if self.form is Form.jsonl:
            put(chain([dumps(file_object(found)) + "\n"], map(Lines("\n").line, items)))
            return
        for made in chain([file_object(found)], map(object_of, items)):
            print("[" if self.first_json else ",")
            self.first_json = False
            print(dumps(made, indent=2), end="")

    def end(self) -> None:
        if self.form is Form.json:
            print("[]" if self.first_json else "\n]")
