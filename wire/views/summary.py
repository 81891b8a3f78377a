"""Packets in one line each: number, time, who to whom, protocol, length, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice

from ..packet import Layer, Packet
from ..schema import Ends, Extra, Protocol
from .describe import payload_text
from .lines import Line, cut, pad, safe, width

LOOK_AHEAD = 200  # packets that set the widths of the columns


def summary(packets: Iterable[Packet], numbers: Callable[[Packet], Mapping[int, Layer]] | None = None) -> Iterator[Line]:
    """A header line, then a line for each packet, uncut.

    numbers  gives the layers of a packet that are to be shown with other numbers, by `id`
    """
    stream = iter(packets)
    first = list(islice(stream, LOOK_AHEAD))
    if not first:
        return
    rows = [row_of(packet) for packet in first]
    start = next((packet.time for packet in first if packet.time is not None), None)
    digits = 9 if any(packet.time is not None and packet.time % 1000 for packet in first) else 6
    cells = [max(3, *(width(row[0]) for row in rows)), max(17, *(width(row[1]) for row in rows)),
             max(17, *(width(row[2]) for row in rows)), max(5, *(width(row[3]) for row in rows)),
             max(3, *(width(row[4]) for row in rows))]  # fmt: skip
    head = ("#", "time" if start is not None else "", "source", "destination", "proto", "len", "info")
    yield [(layout(head, cells, digits + 2 if start is not None else 0, "   "), "dim")]
    for packet in chain(first, stream):
        number, source, destination, proto, size = row_of(packet)
        time = "" if start is None else seconds((packet.time or start) - start, digits)
        info = info_of(packet, numbers(packet) if numbers else {})
        text = layout((number, time, source, destination, proto, size, ""), cells, digits + 2 if start is not None else 0,
                      " → " if destination else "   ")  # fmt: skip
        worst = next((note for note in packet.notes if note.severity == "error"), None)
        line: Line = [(text, style_of(packet)), (info, "")]
        if worst:
            line.append((f" [{worst.field or worst.layer}: {safe(worst.text)}]", "error"))
        yield line


def layout(row: tuple[str, ...], cells: list[int], clock: int, arrow: str) -> str:
    number, time, source, destination, proto, size, info = row
    place = f"{number:>{cells[0]}} " + (f"{time:>{clock}} " if clock else "")
    return (f"{place}{' ' * (cells[1] - width(source))}{source}{arrow}{pad(destination, cells[2])} {pad(proto, cells[3])} "
            f"{size:>{cells[4]}} {info}")  # fmt: skip


def seconds(time: int, digits: int) -> str:
    """Nanoseconds as seconds."""
    sign, time = ("-", -time) if time < 0 else ("", time)
    return f"{sign}{time // 10**9}.{time % 10**9:09d}"[: len(sign) + len(str(time // 10**9)) + 1 + digits]


def row_of(packet: Packet) -> tuple[str, str, str, str, str]:
    source, destination = ends(packet)
    last = topmost(packet)
    proto = last.record.short if last and isinstance(last.record, Protocol) else "data"
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
