"""One packet on one screen: every field beside its bytes, the dump below, and the sum of it all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ..options import Options
from ..packet import Layer, Leaf, Note, Packet
from ..schema import Field, Protocol
from .describe import OSI, option_text, part_lines, pattern, payload_text, remarks_of, severity_of, value_text
from .hexdump import dump
from .lines import Line, coloured, cut, safe, width, wrap


def screen(packet: Packet, columns: int = 100) -> Iterator[Line]:
    """The whole screen, `columns` cells wide."""
    for number, layer in enumerate(packet):
        yield rule(layer, number, columns)
        yield from fields(layer, number, columns)
    yield [("─" * columns, "dim")]
    yield from hex_lines(packet, columns)
    yield []
    yield from total(packet, columns)


def rule(layer: Layer, number: int, columns: int) -> Line:
    """`── Ethernet II, … ─────── data link, OSI 2 · 14 bytes ──`."""
    osi = layer.record.osi if isinstance(layer.record, Protocol) else 7
    size = (layer.stop if layer.name == "data" else layer.end) - layer.start
    right = f" {OSI[osi]}, OSI {osi} · {size} byte{'s' * (size != 1)} ──"
    title = f"── {safe(layer.title)} "
    if width(title) + width(right) + 2 > columns:
        right = f" OSI {osi} · {size} byte{'s' * (size != 1)} ──"
    if layer.quoted:
        right = " quoted," + right
    title = cut(title, columns - width(right))
    fill = "─" * (columns - width(title) - width(right))
    style = f"layer{number}"
    return [("── ", style), (title[3:], "title"), (fill + right, style)]


class Left:
    """The column of offsets and bytes at the left, `size` bytes to a row; no column when 0."""

    def __init__(self, raw: bytes, size: int) -> None:
        self.raw, self.size = raw, size
        self.cells = 6 + size * 3 + 1 if size else 2

    def rows(self, first: int, end: int) -> list[str]:
        if not self.size:
            return []
        return [f"{at:04x}  {self.raw[at : min(at + self.size, end)].hex(' ')}" for at in range(first, end, self.size)]


def fields(layer: Layer, number: int, columns: int) -> Iterator[Line]:
    """A layer's fields, each beside its bytes."""
    assert layer.packet
    left = Left(layer.packet.raw, 8 if columns >= 100 else 4 if columns >= 80 else 0)
    notes = layer.notes
    brief = columns < 100
    style = f"layer{number}"
    for _, group in groupby(layer.leaves(), lambda leaf: id(leaf.field.run) if leaf.field.run else id(leaf.place)):
        leaves = list(group)
        if isinstance(leaves[0].field.core, Options):
            for item in leaves[0].items:
                texts = [(option_text(item) if brief else "Option: " + option_text(item), item_severity(item, notes))]
                texts += [(f"[{note_text(note)}]", note.severity) for note in item_notes(item, notes)]
                yield from beside(left, item.start, item.end, texts, columns, style)
            marks = remarks_of(layer, leaves[0].field.path, layer.faults, leaves[0].field.name)
            yield from beside(left, 0, 0, [(f"[{text}]", "note") for text in marks], columns, style)
            continue
        first, end = leaves[0].place.first // 8, -(-leaves[-1].place.end // 8)
        yield from beside(left, first, end, list(texts_of(layer, leaves, notes, brief)), columns, style)
    named = {leaf.field.path for leaf in layer.leaves()}
    loose = [note for note in notes if note.field not in named and not inside(layer, note)]
    for note in loose:
        yield from beside(left, 0, 0, [(f"[{note_text(note)}]", note.severity)], columns, style)


def note_text(note: Note) -> str:
    return safe(note.text) if note.severity == "chat" else f"{note.severity}: {safe(note.text)}"


def item_notes(item: Layer, notes: list[Note]) -> list[Note]:
    """The notes whose bits are the option's, or inside it."""
    return [note for note in notes if note.bits and item.start * 8 <= note.bits[0] < note.bits[1] <= item.end * 8
            and note.code != "short" and not note.code.startswith("cut.")]  # fmt: skip


def item_severity(item: Layer, notes: list[Note]) -> str:
    found = {note.severity for note in item_notes(item, notes)}
    return next((name for name in ("error", "warn", "note") if name in found), "")


def inside(layer: Layer, note: Note) -> bool:
    return any(note in item_notes(item, [note]) for item in layer.inner())


def texts_of(layer: Layer, leaves: list[Leaf], notes: list[Note], brief: bool) -> Iterator[tuple[str, str]]:
    """(text, style) of a field, or of the bit fields that share bytes."""
    run = leaves[0].field.run
    if run is None:
        yield from byte_texts(layer, leaves[0], notes, brief)
        return
    total = run.size * 8
    at = 0
    for leaf in leaves:
        picture = pattern(total, at, leaf.field.bits, leaf.value // leaf.field.unit)
        style = severity_of(layer, leaf.field.path, notes)
        yield f"{picture} = {leaf.field.label}: {value_text(leaf)}{brackets(layer, leaf, notes)}", style
        if leaf.field.flags and leaf.field.flags.short:
            yield from flag_table(leaf.field, leaf.value)
        elif leaf.field.parts and not leaf.field.flags:
            yield from ((f"{part} = {text}", "") for part, text in part_lines(leaf.field, leaf.value))
        at += leaf.field.bits


def flag_table(field: Field, value: int) -> Iterator[tuple[str, str]]:
    """Every flag's name over its bit."""
    assert field.flags
    names = field.flags.short
    bits = [f"{part.get(value):0{part.bits}b}" for part in field.parts]
    cells = [max(len(name), len(bit)) for name, bit in zip(names, bits, strict=True)]
    yield (names[0] + " " + "".join(f" {name:>{size}}" for name, size in zip(names[1:], cells[1:], strict=True)), "dim")
    rest = "".join(f" {bit:>{size}}" for bit, size in zip(bits[1:], cells[1:], strict=True))
    yield f"{bits[0]:>{cells[0]}} {rest}", ""


def byte_texts(layer: Layer, leaf: Leaf, notes: list[Note], brief: bool) -> Iterator[tuple[str, str]]:
    field, value = leaf.field, leaf.value
    style = severity_of(layer, field.path, notes)
    if field.parts and not field.flags:
        for picture, text in part_lines(field, value):
            yield f"{picture} = {text}{brackets(layer, leaf, notes)}", style
        return
    text = value_text(leaf, brief)
    if field.path == "data.data" or field.name in ("padding", "trailer", "rest"):
        count = len(value)
        said = payload_text(value) if field.path == "data.data" else None
        text = f"{count} byte{'s' * (count != 1)}" + (f", UTF-8 text {said}" if said else "")
    yield f"{field.label}: {text}{brackets(layer, leaf, notes)}", style


def brackets(layer: Layer, leaf: Leaf, notes: list[Note]) -> str:
    return "".join(f" [{text}]" for text in remarks_of(layer, leaf.field.path, notes, leaf.field.name))


def beside(left: Left, first: int, end: int, texts: list[tuple[str, str]], columns: int, style: str) -> Iterator[Line]:
    """Bytes at the left, texts at the right, on as many lines as the longer of them takes."""
    rows = left.rows(first, end)
    room = columns - left.cells
    said = [(line, mark) for text, mark in texts for line in folded(text, room)]
    if len(rows) > len(said) + 8:  # long data: its first rows are enough, the dump below has them all
        more = len(rows) - len(said) - 3
        rows = [*rows[: len(said) + 3], f"      … {more} more rows below"[: left.cells]]
    for index in range(max(len(rows), len(said))):
        row = rows[index] if index < len(rows) else ""
        text, mark = said[index] if index < len(said) else ("", "")
        yield [(row.ljust(left.cells) if text else row, style), (text, mark)]


def folded(text: str, room: int) -> list[str]:
    first, *more = wrap(text, room)
    return [first, *(f"  {line}" for part in more for line in wrap(part, room - 2))]


def hex_lines(packet: Packet, columns: int) -> Iterator[Line]:
    """The dump, each layer in its colour."""
    styles = [""] * len(packet.raw)
    for number, layer in enumerate(packet):
        for place in (*layer.head, *layer.tail):
            styles[place.first // 8 : -(-place.end // 8)] = [f"layer{number}"] * (-(-place.end // 8) - place.first // 8)
    ends = [layer.end for layer in packet if layer.end < len(packet.raw)]
    ends += [layer.tail[0].first // 8 for layer in packet if layer.tail]
    yield from dump(packet.raw, ends, styles, 16 if columns >= 74 else 8)


def total(packet: Packet, columns: int) -> Iterator[Line]:
    """`74 bytes = 14 Ethernet + 20 IPv4 + … .  2 checksums right.  No faults.`"""
    pieces = list(sizes(packet))
    size = len(packet.raw)
    of = f" of {packet.wire_len} (cut by the capture)" if packet.wire_len > size else ""
    text = f"{size} byte{'s' * (size != 1)}{of} = {' + '.join(f'{count} {name}' for name, count in pieces)}."
    kinds = [verdict.kind for layer in packet for verdict in layer.verdicts.values()]
    for kind, words in (("right", "right"), ("wrong", "wrong"), ("offload", "left to offload"), ("absent", "absent"),
                        ("illegal", "illegal"), ("unchecked", "not checkable")):  # fmt: skip
        count = kinds.count(kind)
        if count:
            text += f"  {count} checksum{'s' * (count != 1)} {words}."
    faults = [note for note in packet.notes if note.severity != "chat"]
    errors = sum(note.severity in ("error", "warn") for note in faults)
    more = len(faults) - errors
    text += "  No faults." if not faults else ""
    text += f"  {errors} fault{'s' * (errors != 1)}." if errors else ""
    text += f"  {more} remark{'s' * (more != 1)}." if more else ""
    yield from ([(line, "strong" if not errors else "error")] for line in wrap_keeping(text, columns))


def wrap_keeping(text: str, columns: int) -> list[str]:
    """Folded at spaces; two spaces between sentences stay two where they are not at an end."""
    lines, line = [], ""
    for sentence in text.split("  "):
        joined = f"{line}  {sentence}" if line else sentence
        if width(joined) <= columns:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = wrap(sentence, columns)
        lines += full
    return [*lines, line]


def sizes(packet: Packet) -> Iterator[tuple[str, int]]:
    """What each layer takes of the packet, in wire order."""
    after: list[tuple[str, int]] = []
    for layer in packet:
        name = layer.record.short if isinstance(layer.record, Protocol) else layer.name
        if layer.name == "data":
            yield "data", layer.stop - layer.start
            continue
        options = sum(place.end - place.first for place in layer.head if isinstance(place.field.core, Options)) // 8
        yield name, layer.end - layer.start - options
        if options:
            yield f"{name} options", options
        after[:0] = [(f"{name} {place.field.label.lower()}", (place.end - place.first) // 8) for place in layer.tail]
    last = packet.layers[-1]
    if last.name != "data" and isinstance(last.record, Protocol) and last.record.carriers and not last.faults:
        yield "data", 0
    yield from after


def rich_tree(packet: Packet) -> Any:
    """For rich and notebooks' terminals: the screen in colour."""
    from rich.console import Group

    return Group(*(coloured(line) for line in screen(packet)))
