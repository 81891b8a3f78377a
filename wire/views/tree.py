"""The tree as Wireshark draws it, every flag and option opened: `wire decode -V`, and `print(packet)`."""

from __future__ import annotations

from collections.abc import Container, Iterator

from ..options import Options
from ..packet import Layer, Packet
from ..schema import Protocol
from .describe import option_text, part_lines, pattern, payload_text, remarks_of, value_text
from .lines import Line, safe


def tree(packet: Packet, only: Container[str] | None = None) -> Iterator[Line]:
    """Every layer, field, flag and option, a line each; of layers not in `only` just the title."""
    yield [(frame_line(packet), "title")]
    for number, layer in enumerate(packet):
        osi = f" (OSI {layer.record.osi})" if isinstance(layer.record, Protocol) else ""
        mark = " [quoted]" if layer.quoted else ""
        yield [(f"{safe(layer.title)}{osi}{mark}", f"layer{number}")]
        for text in layer_lines(layer) if only is None or layer.name in only else ():
            yield [("    " + text, "")]


def text(packet: Packet) -> str:
    """The tree as plain text."""
    return "\n".join("".join(piece for piece, _ in line) for line in tree(packet))


def frame_line(packet: Packet) -> str:
    number = "" if packet.number is None else f" {packet.number}"
    captured = "" if packet.wire_len == packet.cap_len else f", {packet.cap_len} captured"
    return f"Frame{number}: {packet.wire_len} bytes on wire{captured}"


def layer_lines(layer: Layer) -> Iterator[str]:
    notes = layer.notes
    said = set()
    for leaf in layer.leaves():
        field, value = leaf.field, leaf.value
        said.add(field.path)
        marks = "".join(f" [{text}]" for text in remarks_of(layer, field.path, notes, field.name))
        prefix = ""
        if field.run:
            first = leaf.place.first - next(p.first for p in layer.head if p.field is field.run.fields[0])
            prefix = pattern(field.run.size * 8, first, field.bits, value // field.unit) + " = "
        shown = value_text(leaf)
        if field.path == "data.data":
            shown = payload_text(value) or shown
        yield f"{prefix}{field.label}: {shown}{marks}"
        if field.parts:
            yield from (f"    {picture} = {text}" for picture, text in part_lines(field, value))
        if isinstance(field.core, Options):
            for item in leaf.items:
                yield f"    {option_text(item)}"
                yield from (f"        {one.field.label}: {value_text(one)}" for one in item.leaves())
                said |= {one.field.path for one in item.leaves()}
    for note in notes:
        if note.field not in said:
            yield f"[{note.severity}: {safe(note.text)}]"
