"""What a checksum covers: rows of 16-bit words, each with the field that it belongs to.

A walk over the layer's fields, and over those of the pseudo header that a layer below lends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from ..engines.writer import lender
from ..options import Options, show_value
from ..packet import Layer, Leaf, Place
from ..protocols import unclaimed
from ..rules import Checksum, Seal
from ..schema import Field, Protocol, Repeat
from .lines import safe
from .words import short_title

ROW = 4  # bytes to a row: two words, as RFCs draw them
MOST = 8  # rows of one field before the rest is only counted


class Row(NamedTuple):
    """Some bytes that are added, and whose they are."""

    covers: str
    text: str
    data: bytes


class Spread(NamedTuple):
    """Bytes with a text, not yet in rows."""

    text: str
    data: bytes


def covered(layer: Layer, field: Field, seal: Seal) -> list[Row]:
    """Every row of what the field's rule covers, in the order in which it is added."""
    assert isinstance(field.rule, Checksum)
    name = layer.record.short if isinstance(layer.record, Protocol) else layer.name
    rows: list[Row] = []
    if field.rule.borrows and seal.pseudo:
        rows += [Row("pseudo header", *one) for one in in_words(pseudo_header(layer, seal.pseudo))]
    for label, group in groupby(header(layer, field, seal), lambda one: one[0]):
        rows += [Row(f"{name} {label}", *one) for one in in_words(spread for _, spread in group)]
    if field.rule.covers_payload:
        rows += [Row(carried(layer), *one) for one in payload(seal.payload)]
    whole = field.rule.covers(seal)
    if b"".join(row.data for row in rows) == whole:
        return rows
    return [Row("covered", *one) for one in payload(whole)]  # a rule with a reach of its own


def pseudo_header(layer: Layer, data: bytes) -> Iterator[Spread]:
    """The fields of the header that a layer below lends, with that layer's labels."""
    below = lender_of(layer)
    assert below and isinstance(layer.record, Protocol)
    values, at = below.pseudo.layout.parse(data), 0
    for con in below.pseudo.layout.subcons:
        size, value = con.sizeof(), values[con.name]
        known = below.lookup.get(con.name)
        if con.name == "length":
            text = f"{layer.record.short} length {value} bytes"
        elif con.name == "protocol":
            number = below.find(next(name for carrier in below.carriers for name in carrier.by))
            text = f"{number.label} {value}"
        else:
            text = f"{known.label} {known.format.show(value)}" if known else con.name
        yield Spread(text, data[at : at + size])
        at += size


def header(layer: Layer, field: Field, seal: Seal) -> Iterator[tuple[str, Spread]]:
    """(region, spread) of the layer's header: bit fields together, options in a region of their own."""
    for run, group in groupby(layer.head, lambda place: place.field.run):
        places = list(group)
        if run:
            texts = [brief(place.field, layer.values[place.field.name]) for place in places]
            yield "header", Spread(", ".join(texts), piece(layer, seal, places[0].first, places[-1].end))
            continue
        for one in places:
            data = piece(layer, seal, one.first, one.end)
            if one.field is field:
                yield "header", Spread(f"{field.label}, counted as 0", data)
            elif isinstance(one.field.core, Options):
                yield from ((one.field.label.lower(), spread) for spread in region(layer, one, data))
            else:
                yield "header", Spread(brief(one.field, layer.values[one.field.name]), data)


def piece(layer: Layer, seal: Seal, first: int, end: int) -> bytes:
    return seal.header[first // 8 - layer.start : end // 8 - layer.start]


def brief(field: Field, value: object) -> str:
    """Label and value as short as they can be told: `Flags SYN`, `Header Length 40`."""
    if field.flags and isinstance(value, int):
        return f"{field.label} {', '.join(field.set_names(value)) or 'none'}"
    if isinstance(value, list) or (isinstance(value, bytes) and not field.format.textual):
        return field.label
    return safe(f"{field.label} {field.format.show(value)}")


def region(layer: Layer, place: Place, data: bytes) -> Iterator[Spread]:
    """Options, four bytes at a time: those that begin there, and their values where they begin."""
    items = Leaf(layer, place, layer.values[place.field.name]).items
    start = place.first // 8
    for at in range(start, start + len(data), ROW):
        end = min(at + ROW, start + len(data))
        texts = [option(item, at, end) for item in items if item.start < end and item.end > at]
        yield Spread(" | ".join(filter(None, texts)), data[at - start : end - start])


def option(item: Layer, at: int, end: int) -> str:
    """What of an option begins between two bytes."""
    title = short_title(item.record.title)
    if at <= item.start and item.end <= end:
        values = [show_value(one.field, item.values[one.field.name]) for one in item.body if one.end > one.first]
        return safe(" ".join([title, *values]))
    begun = [title] if at <= item.start else []
    return safe(", ".join(begun + [text for text, first in values_in(item) if at * 8 <= first < end * 8]))


def values_in(item: Layer) -> Iterator[tuple[str, int]]:
    """(label and value, first bit) of each field in an option, and in the records inside it."""
    for leaf in item.leaves():
        if leaf.items:
            for inner in leaf.items:
                yield from values_in(inner)
        elif isinstance(leaf.field.core, Repeat) and leaf.field.core.element and isinstance(leaf.value, list):
            element = leaf.field.core.element
            for index, value in enumerate(leaf.value):
                yield f"{leaf.field.label} {element.show(value)}", leaf.place.first + index * element.bits
        elif leaf.field.name not in ("kind", "length"):
            yield brief(leaf.field, leaf.value), leaf.place.first


def in_words(spreads: Iterable[Spread]) -> Iterator[Spread]:
    """Spreads joined where they share a 16-bit word, and broken into rows where they are long."""
    texts: list[str] = []
    data = b""
    for spread in spreads:
        texts += [spread.text] if spread.text or not texts else []
        data += spread.data
        if data and len(data) % 2 == 0:
            yield from broken(", ".join(texts), data)
            texts, data = [], b""
    if data:
        yield from broken(", ".join(texts), data)


def broken(text: str, data: bytes) -> Iterator[Spread]:
    """One field in rows; a very long one is counted after its first rows."""
    shown = len(data) if len(data) <= (MOST + 1) * ROW else MOST * ROW
    for at in range(0, shown, ROW):
        yield Spread("" if at else text, data[at : min(at + ROW, shown)])
    if shown < len(data):
        more = -(-(len(data) - shown) // 2)
        yield Spread(f"… {more} more words", data[shown:])


def payload(data: bytes) -> Iterator[Spread]:
    """What is carried, its text beside it."""
    for spread in broken("", data):
        if spread.text:
            yield spread
            continue
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in spread.data)
        filled = " and a zero byte, not sent" if len(spread.data) % 2 else ""
        yield Spread(f'"{text}"{filled}', spread.data)
    if not data:
        yield Spread("none", b"")


def carried(layer: Layer) -> str:
    """What to call what a layer carries: its protocol's name, or `data`."""
    assert layer.packet
    inner = layer.packet.layers[place_of(layer) + 1 :][:1]
    record = inner[0].record if inner else unclaimed()
    return record.short if isinstance(record, Protocol) and record is not unclaimed() else "data"


def place_of(layer: Layer) -> int:
    """Which layer of its packet it is (equal layers can stand in one packet)."""
    assert layer.packet
    return next(index for index, one in enumerate(layer.packet.layers) if one is layer)


def lender_of(layer: Layer) -> Protocol | None:
    """Who lends a layer its pseudo header."""
    assert layer.packet
    below = lender(layer.packet.layers[: place_of(layer)])
    return below.record if below and isinstance(below.record, Protocol) else None
