"""Packets in one line each: number, time, who to whom, protocol, length, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Protocol

from ..packet import Layer, Packet
from ..schema import Ends, Extra
from ..schema import Protocol as Schema
from .describe import payload_text
from .lines import Line, cut, pad, safe, width

LOOK_AHEAD = 200  # packets that set the widths of the columns


class Past(Protocol):
    """What the packets before a packet say of it (see analysis.relative.History)."""

    start: int | None

    def gap(self, packet: Packet) -> int: ...

    def of(self, packet: Packet) -> Mapping[int, Layer]: ...


def summary(packets: Iterable[Packet], past: Past | None = None, clock: str = "r",
            absolute: bool = False) -> Iterator[Line]:  # fmt: skip
    """A header line, then a line for each packet, uncut.

    past      what the packets before say: numbers relative to the first, times since it
    clock     how times are told, by tshark's letters (see `Times`)
    absolute  numbers as on the wire all the same
    """
    stream = iter(packets)
    first = list(islice(stream, LOOK_AHEAD))
    if not first:
        return
    rows = [row_of(packet) for packet in first]
    times = Times(clock, first, past)
    cells = [max(least, *(width(row[at]) for row in rows)) for at, least in enumerate((3, 17, 17, 5, 3))]
    yield [(layout(("#", "source", "destination", "proto", "len"), cells, times.head, "   ") + "info", "dim")]
    for packet in chain(first, stream):
        row = row_of(packet)
        place = layout(row, cells, times.of(packet), " → " if row[2] else "   ")
        shown = past.of(packet) if past else {}
        line: Line = [(place, style_of(packet)), (info_of(packet, {} if absolute else shown), "")]
        worst = next((note for note in packet.notes if note.severity == "error"), None)
        if worst:
            line.append((f" [{worst.field or worst.layer}: {safe(worst.text)}]", "error"))
        yield line


class Times:
    """The time column: `r` since the first packet, `d` since the one before (`dd` the one shown before), `e` since
    1970, `a` the time of day and `ad` with the date (local), `u` and `ud` the same in UTC."""

    def __init__(self, clock: str, first: list[Packet], past: Past | None = None) -> None:
        known = [packet.time for packet in first if packet.time is not None]
        self.clock, self.past, self.start = clock, past, known[0] if known else None
        if past and past.start is not None:
            self.start = past.start
        self.digits = 9 if any(time % 1000 for time in known) else 6
        self.before = self.start
        self.cells = max((width(self.text(packet)) for packet in first), default=0)
        self.before = self.start
        self.head = f"{'time':>{self.cells}} " if known else ""

    def of(self, packet: Packet) -> str:
        if self.start is None:
            return ""
        return f"{self.text(packet):>{self.cells}} "

    def text(self, packet: Packet) -> str:
        time = packet.time
        if time is None or self.start is None or self.before is None:
            return ""
        if self.clock in ("a", "ad", "u", "ud"):
            from datetime import UTC, datetime

            moment = datetime.fromtimestamp(time // 10**9, UTC)
            moment = moment if self.clock[0] == "u" else moment.astimezone()
            date = "%Y-%m-%d %H:%M:%S" if self.clock.endswith("d") else "%H:%M:%S"
            return moment.strftime(date) + f".{time % 10**9:09d}"[: self.digits + 1]
        if self.clock == "d" and self.past:
            return seconds(self.past.gap(packet), self.digits)
        since = {"r": self.start, "e": 0}.get(self.clock, self.before)
        self.before = time
        return seconds(time - since, self.digits)


def layout(row: tuple[str, ...], cells: list[int], time: str, arrow: str) -> str:
    number, source, destination, proto, size = row
    return (f"{number:>{cells[0]}} {time}{' ' * (cells[1] - width(source))}{source}{arrow}{pad(destination, cells[2])} "
            f"{pad(proto, cells[3])} {size:>{cells[4]}} ")  # fmt: skip


def seconds(time: int, digits: int) -> str:
    """Nanoseconds as seconds."""
    sign, time = ("-", -time) if time < 0 else ("", time)
    return f"{sign}{time // 10**9}.{time % 10**9:09d}"[: len(sign) + len(str(time // 10**9)) + 1 + digits]


def row_of(packet: Packet) -> tuple[str, str, str, str, str]:
    source, destination = ends(packet)
    last = topmost(packet)
    proto = last.record.short if last and isinstance(last.record, Schema) else "data"
    return str(packet.number or 1), source, destination, proto, str(packet.wire_len)


def topmost(packet: Packet) -> Layer | None:
    """The innermost layer that is the packet's own and has a protocol of its own."""
    own = [layer for layer in packet if not layer.quoted and layer.name != "data"]
    return own[-1] if own else packet.layers[-1] if packet.layers else None


def ends(packet: Packet) -> tuple[str, str]:
    """Who to whom: the innermost addresses, and ports after a colon, as `ss` writes them."""
    source = destination = ""
    for layer in packet:
        if layer.quoted:
            break
        for extra in layer.record.extras:
            names = extra.rule.names if isinstance(extra, Extra) and isinstance(extra.rule, Ends) else ()
            texts = [layer.show(name) for name in names]
            if len(texts) != 2 or None in texts:
                continue
            by_name = dict(zip(names, map(str, texts), strict=True))
            if extra.format.textual:
                source, destination = by_name["src"], by_name["dst"]
            elif source:
                source, destination = with_port(source, by_name["srcport"]), with_port(destination, by_name["dstport"])
    return source, destination


def with_port(address: str, port: str) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def info_of(packet: Packet, relative: Mapping[int, Layer]) -> str:
    """What the packet says, and its text if it has some."""
    layer = topmost(packet)
    if layer is None:
        return ""
    info = safe(relative.get(id(layer), layer).info)
    last = packet.layers[-1]
    said = payload_text(last.raw) if last.name == "data" and not last.quoted and last is not layer else None
    return f"{info} {said}" if said and info else said or info


def style_of(packet: Packet) -> str:
    own = [layer for layer in packet if not layer.quoted and layer.name != "data"]
    return f"layer{max(len(own) - 1, 0)}"


def fitted(line: Line, columns: int) -> Line:
    """A line cut to the terminal, with `…` where it was."""
    made: Line = []
    for text, style in line:
        room = columns - sum(width(piece) for piece, _ in made)
        if room <= 0:
            break
        made.append((cut(text, room), style))
    return made
