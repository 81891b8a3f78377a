"""What some bits of a packet are: their layer and field, their meaning, who says so, and what is noted on them.

A place is named by its byte (and bit), or by its field.  A checksum is told as arithmetic (sums.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from .. import protocols
from ..options import Options
from ..packet import Layer, Leaf, Note, Packet
from ..rules import Checksum
from ..schema import Extra, Field, Part, Protocol, Record
from .describe import OSI, option_text, pattern, value_text
from .lines import Line, cut, safe, width
from .sums import SHORT, arithmetic, prose
from .words import meaning, rule_words, short_title

HEX_ROW = 16  # bytes to a row where a field's bytes are shown
MOST_ROWS = 4


@dataclass(frozen=True)
class Spot:
    """What was asked for.

    layer   the layer that holds it, and `holder` the record: the layer itself, or an option in it
    leaf    its field; None where it is an option as a whole, or a value that is not on the wire
    part    named bits of that field;  extra  the value that is not on the wire
    """

    layer: Layer
    holder: Layer
    leaf: Leaf | None = None
    part: Part | None = None
    extra: Extra | None = None

    @property
    def span(self) -> tuple[int, int]:
        """(first bit, end bit), counted from the packet's first bit."""
        if self.leaf is None:
            return self.holder.start * 8, self.holder.end * 8
        first, end = self.leaf.place.first, self.leaf.place.end
        return self.part.span(first) if self.part else (first, end)


def explain(packet: Packet, at: tuple[int, int | None] | None = None, field: str | None = None,
            width: int = 80) -> list[Line]:  # fmt: skip
    """What stands at a place of a packet, in lines of at most `width` cells.

    at     (byte, bit): the byte from 0, the bit 0 (the most significant) to 7, or None for all the byte
    field  a full name, `tcp.checksum`, `ip.ttl#2` for the second, or an option's: `tcp.options.mss`

    ValueError says what is there, where the packet has no such byte or field.
    """
    if (at is None) == (field is None):
        raise ValueError("say which: a byte (and bit), or a field's name")
    packet = packet.fresh
    spots = [named(packet, field)] if field is not None else placed(packet, *(at or (0, None)))
    lines: list[Line] = []
    for index, spot in enumerate(spots):
        known = index > 0 and spots[index - 1].holder is spot.holder
        lines += [[], *section(spot, width, known)] if lines else section(spot, width, known)
    if spots[0].leaf and not is_sum(spots[0].leaf):
        lines += block(picture(packet, spots, at, width))
    lines += block(line for note in notes_on(spots) for line in note_lines(note, width))
    return lines


def block(lines: Iterator[Line]) -> list[Line]:
    """Lines with an empty one before them; nothing where there are none."""
    made = list(lines)
    return [[], *made] if made else []


# -- finding it -----------------------------------------------------------------------


def placed(packet: Packet, byte: int, bit: int | None) -> list[Spot]:
    """The fields that have this byte, or the one that has this bit, with the option and the part it belongs to."""
    size = len(packet.raw)
    if not 0 <= byte < size:
        raise ValueError(f"byte {byte} is not in this packet: it has {size} bytes"
                         + (f", 0 to {size - 1} (0x{size - 1:x})" if size else ""))  # fmt: skip
    if bit is not None and not 0 <= bit <= 7:
        raise ValueError(f"bit {bit} is not in a byte: 0 is the most significant, 7 the least")
    first, end = (byte * 8, byte * 8 + 8) if bit is None else (byte * 8 + bit, byte * 8 + bit + 1)
    found = [spot for layer in packet for spot in inside(layer, layer, first, end)]
    if bit is not None:
        return [with_part(spot, first) for spot in found]
    return found


def inside(layer: Layer, holder: Layer, first: int, end: int) -> Iterator[Spot]:
    """The fields of a record that share bits with `first` to `end`, of the innermost record that has them."""
    for leaf in holder.leaves():
        if leaf.place.first < end and first < leaf.place.end:
            deeper = [spot for item in leaf.items for spot in inside(layer, item, first, end)]
            yield from deeper or [Spot(layer, holder, leaf)]


def with_part(spot: Spot, bit: int) -> Spot:
    """The same, down to the named bits that have this bit."""
    assert spot.leaf
    for part in spot.leaf.field.parts:
        first, end = part.span(spot.leaf.place.first)
        if first <= bit < end:
            return Spot(spot.layer, spot.holder, spot.leaf, part)
    return spot


def named(packet: Packet, path: str) -> Spot:
    """The field of this full name.  ValueError, with the nearest names, if the packet has none."""
    name, _, which = path.partition("#")
    if which and not which.isdigit():
        raise ValueError(f"{path}: after # stands which one it is: {name}#2 is the second")
    found = [spot for layer in (*packet, packet.frame) for spot in under(layer, layer, name)]
    index = int(which or 1) - 1
    if 0 <= index < len(found):
        return found[index]
    if found:
        raise ValueError(f"{path}: this packet has {len(found)} of them")
    raise ValueError(missing(packet, name))


def under(layer: Layer, holder: Layer, name: str) -> Iterator[Spot]:
    """Every place of a name in a record and in those inside it."""
    record = holder.record
    if holder is not layer and name == record.prefix + record.name:
        yield Spot(layer, holder)
    aliases = record.aliases if isinstance(record, Protocol) else {}
    own = aliases.get(name, name.removeprefix(record.prefix) if name.startswith(record.prefix) else "")
    found = record.lookup.get(own)
    for leaf in holder.leaves():
        field = leaf.field
        if field is found or field.path == name:
            yield Spot(layer, holder, leaf)
        elif isinstance(found, Part) and found.owner is field:
            yield Spot(layer, holder, leaf, found)
        for item in leaf.items:
            yield from under(layer, item, name)
    if isinstance(found, Extra) and found.rule(holder) is not None:
        yield Spot(layer, holder, extra=found)


def missing(packet: Packet, name: str) -> str:
    """Why there is no such field here, and which names are near."""
    layers = {layer.name: layer for layer in packet}
    if name in layers:
        fields = ", ".join(f"{name}.{field.name}" for field in layers[name].record.fields)
        return f"{name} is a layer: name one of its fields ({fields})"
    known = {one.path for record in protocols.load().values() for one in every(record)}
    if name in known:
        return f"{name} is not in this packet: it has {', '.join(layers)}"
    holders = [holder for layer in (*packet, packet.frame) for holder in (layer, *layer.inner())]
    here = {one.path for holder in holders for one in every(holder.record)}
    near = get_close_matches(name, sorted(here), 3, 0.6) or get_close_matches(name, sorted(known), 3, 0.6)
    hint = f": did you mean {' or '.join(near)}?" if near else f"; this packet has {', '.join(layers)}"
    return f"there is no field {name}{hint}"


def every(record: Record) -> Iterator[Field | Part | Extra]:
    """Every field, part and derived value of a record and of its options."""
    yield from record.lookup.values()
    for field in record.fields:
        if isinstance(field.core, Options):
            for option in field.core.records.values():
                yield from option.lookup.values()


# -- telling it -----------------------------------------------------------------------


def section(spot: Spot, columns: int, known: bool = False) -> list[Line]:
    """Heading, place (unless `known`), meaning; a checksum's arithmetic."""
    lines = [*heading(spot, columns)]
    leaf = spot.leaf
    if leaf and is_sum(leaf):
        return [*lines, [], *arithmetic(spot.layer, leaf.place, columns)]
    lines += [] if known else prose(whereabouts(spot), "", columns)
    record = spot.holder.record
    if leaf is None and spot.extra is None:
        said, source = meaning(record, record.name if record.name in record.meaning else next(iter(record.meaning), ""))
        lines += block(prose(said, source, columns)) if said or source else []
        return lines + block(items(spot.holder, columns))
    name = spot.part.name if spot.part else leaf.field.name if leaf else spot.extra.name if spot.extra else ""
    said, source = meaning(record, name)
    if spot.part and not said:
        said, source = meaning(record, spot.part.owner.name)
    if leaf and leaf.field.rule and not spot.part:
        said = f"{said} Worked out when a packet is built: {rule_words(leaf.field.rule)}.".lstrip()
    if said or source:
        lines += block(prose(said, source, columns))
    if leaf and isinstance(leaf.field.core, Options):
        lines += block(line for item in leaf.items for line in listed(item, columns))
    return lines


def is_sum(leaf: Leaf) -> bool:
    """Whether it is a checksum that can be told as one (a cut layer has it, but no verdict)."""
    return isinstance(leaf.field.rule, Checksum) and leaf.field.name in leaf.layer.verdicts


def title(spot: Spot) -> str:
    """`TCP Checksum`, `TCP Timestamps, TSval`."""
    record = spot.layer.record
    name = record.short if isinstance(record, Protocol) else spot.layer.name
    if spot.part:
        label = f"{spot.part.owner.label}, {spot.part.label}"
    else:
        label = spot.leaf.field.label if spot.leaf else spot.extra.label if spot.extra else ""
    if spot.holder is not spot.layer:
        option = short_title(spot.holder.record.title)
        label = f"{option}, {label}" if label else option
    return label if label.casefold().startswith(name.casefold()) else f"{name} {label}"


def value(spot: Spot) -> str:
    """The value, and the verdict on a checksum."""
    if spot.extra:
        got = spot.extra.rule(spot.holder)
        return safe(", ".join(spot.extra.format.show(one) for one in (got if isinstance(got, tuple) else (got,))))
    if spot.leaf is None:
        return option_text(spot.holder).partition(": ")[2]
    leaf = spot.leaf
    if spot.part:
        number = spot.part.get(leaf.value)
        return part_text(spot.part, number)
    text = safe(leaf.field.show(leaf.value)) if isinstance(leaf.field.core, Options) else value_text(leaf)
    verdict = spot.layer.verdicts.get(leaf.field.name) if spot.holder is spot.layer else None
    if verdict is None:
        return text
    due = f": should be {leaf.field.format.show(verdict.due)}" if verdict.kind == "wrong" else ""
    return f"{text} [{SHORT[verdict.kind]}{due}]"


def part_text(part: Part, number: int) -> str:
    return ("Set" if number else "Not set") if part.owner.flags else part.say(number)


def heading(spot: Spot, columns: int) -> Iterator[Line]:
    """`TCP Checksum: 0x33f3 [correct]     bytes 50-51 (0x32-0x33), bits 400-415`."""
    shown = value(spot)
    text = f"{safe(title(spot))}: {shown}" if shown else safe(title(spot))
    place = "not on the wire" if spot.extra else place_text(*spot.span)
    if width(text) + 5 + width(place) <= columns:
        yield [(text, "title"), ("     " + place, "")]
    else:
        yield [(cut(text, columns), "title")]
        yield [(place, "")]


def place_text(first: int, end: int) -> str:
    """Bytes in decimal and in hex, and bits, all counted from the packet's first."""
    if end <= first:
        return f"no bytes, at byte {first // 8} (0x{first // 8:x})"
    low, high = first // 8, (end - 1) // 8
    where = f"byte {low} (0x{low:x})" if low == high else f"bytes {low}-{high} (0x{low:x}-0x{high:x})"
    return f"{where}, bit {first}" if end - first == 1 else f"{where}, bits {first}-{end - 1}"


def whereabouts(spot: Spot) -> str:
    """Which layer it is in, and which option of it."""
    layer, record = spot.layer, spot.layer.record
    osi = f"{OSI[record.osi]}, OSI {record.osi}: " if isinstance(record, Protocol) and record.fields else ""
    quoted = ", in a packet that is quoted" if layer.quoted else ""
    text = f"{osi}{safe(layer.title)}{quoted}"
    if spot.holder is layer or spot.leaf is None:
        return text
    return f"{text}; option {safe(spot.holder.record.title)}, {place_text(spot.holder.start * 8, spot.holder.end * 8)}"


def items(holder: Layer, columns: int) -> Iterator[Line]:
    """The fields of an option, each with its bytes."""
    for leaf in holder.leaves():
        text = f"{leaf.field.label}: {value_text(leaf)}"
        yield [(cut(f"{place_text(leaf.place.first, leaf.place.end)}  {text}", columns), "")]


def listed(item: Layer, columns: int) -> Iterator[Line]:
    yield [(cut(f"{place_text(item.start * 8, item.end * 8).split(',')[0]:<26}{safe(option_text(item))}", columns), "")]


# -- drawing it -----------------------------------------------------------------------


def picture(packet: Packet, spots: list[Spot], at: tuple[int, int | None] | None, columns: int) -> Iterator[Line]:
    """The bits among those that they share bytes with, or the bytes; and the single bit that was asked for."""
    leaf = spots[0].leaf
    assert leaf
    if leaf.field.run or leaf.field.parts:
        yield from bits(spots, columns)
    else:
        for spot in spots:
            assert spot.leaf
            yield from whole_bytes(packet.raw, *spot.leaf.place[1:], columns)
    byte, bit = at or (0, None)
    if bit is not None:
        one = packet.raw[byte] >> 7 - bit & 1
        weight = weight_of(leaf, byte * 8 + bit)
        yield [(cut(f"Bit {bit} of byte {byte} (0x{packet.raw[byte]:02x}) is {one}{weight}", columns), "")]


def weight_of(leaf: Leaf, bit: int) -> str:
    """What a bit counts for in a number."""
    if not isinstance(leaf.value, int) or leaf.field.flags:
        return "."
    power = leaf.place.end - 1 - bit
    return f"; it counts for {leaf.field.unit << power:,} here."


def bits(spots: list[Spot], columns: int) -> Iterator[Line]:
    """Every field and part that shares the bytes, as Wireshark draws them; `←` at what was asked for."""
    leaf = spots[0].leaf
    assert leaf
    run = leaf.field.run
    leaves = [one for one in leaf.layer.leaves() if run and one.field.run is run] or [leaf]
    start = leaves[0].place.first
    size = leaves[-1].place.end - start
    asked: list[Any] = [spot.part or spot.leaf.field for spot in spots if spot.leaf]
    rows: list[tuple[Field | Part, str, str]] = []
    for one in leaves:
        field, first = one.field, one.place.first - start
        drawn = pattern(size, first, field.bits, one.value // field.unit)
        rows.append((field, drawn, f"{field.label}: {value_text(one)}"))
        for part in field.parts:
            number = part.get(one.value)
            drawn = pattern(size, part.span(first)[0], part.bits, number)
            rows.append((part, drawn, f"  {part.label}: {part_text(part, number)}"))
    for row, drawn, text in rows:
        mark = " ←" if row in asked and len(rows) > 1 else ""
        yield [(cut(f"{drawn} = {text}", columns - 2) + mark, "strong" if mark else "")]


def whole_bytes(raw: bytes, first: int, end: int, columns: int) -> Iterator[Line]:
    """The bytes as they stand; those of a number of at most four also bit by bit."""
    data = raw[first // 8 : end // 8]
    if not data:
        return
    if len(data) <= 4:
        drawn = "  ".join(pattern(8, 0, 8, byte) for byte in data)
        yield [(f"{data.hex(' ')} = {drawn}", "")]
        return
    row = HEX_ROW if columns >= 74 else 8
    for at in range(0, min(len(data), row * MOST_ROWS), row):
        chunk = data[at : at + row]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in chunk)
        yield [(f"{first // 8 + at:04x}  ", "dim"), (f"{chunk.hex(' '):<{row * 3}}  {text}", "")]
    if len(data) > row * MOST_ROWS:
        yield [(f"      … {len(data) - row * MOST_ROWS} more bytes", "dim")]


# -- notes ----------------------------------------------------------------------------


def notes_on(spots: list[Spot]) -> list[Note]:
    """What is noted on these bits, but for what the arithmetic of a checksum says already."""
    found = []
    for note in spots[0].layer.notes:
        for spot in spots:
            first, end = spot.span
            shares = note.bits is not None and note.bits[0] < end and first < note.bits[1]
            path = spot.leaf.field.path if spot.leaf else None
            told = note.code.startswith("checksum.") and spot.leaf is not None and is_sum(spot.leaf)
            if spot.extra is None and (shares or note.field == path) and not told and note not in found:
                found.append(note)
    return found


def note_lines(note: Note, columns: int) -> Iterator[Line]:
    for line in prose(f"{note.severity}: {safe(note.text)}", note.rfc, columns):
        yield [(text, style or note.severity) for text, style in line]
