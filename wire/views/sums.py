"""A checksum as arithmetic: every word that it covers, the sum so far, and what the packet says of it.

The rows are a walk over the fields of the layer, and over those of the pseudo header that is lent
to it; no protocol is named.  What is no sum of 16-bit words (a CRC) is told in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from ..engines.notes import seal_of
from ..engines.writer import lender
from ..options import Options, show_value
from ..packet import Layer, Leaf, Place
from ..protocols import unclaimed
from ..rules import Checksum, Seal, SegmentChecksum, Verdict, ones_sum
from ..schema import Field, Protocol, Repeat
from .lines import Line, pad, safe, width, wrap
from .words import gist, short_title

ROW = 4  # bytes to a row: two words, as RFCs draw them
MOST = 8  # rows of one field before the rest is only counted
PROSE = 100  # cells: longer lines are hard to read


class Row(NamedTuple):
    """Some bytes that are added, and whose they are."""

    covers: str
    text: str
    data: bytes


class Spread(NamedTuple):
    """Bytes with a text, not yet in rows."""

    text: str
    data: bytes


# -- what is covered ------------------------------------------------------------------


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


# -- the arithmetic -------------------------------------------------------------------


def arithmetic(layer: Layer, place: Place, columns: int) -> Iterator[Line]:
    """The paragraphs and the table for one checksum, at most so many cells wide."""
    field, rule, verdict = place.field, place.field.rule, layer.verdicts[place.field.name]
    assert isinstance(rule, Checksum) and layer.packet
    seal = seal_of(layer.packet, layer, field, place.first, place.end)
    yield from prose(about(layer, rule), sources(rule), columns)
    yield []
    if verdict.kind == "unchecked":
        yield from prose(f"It cannot be checked: {verdict.why}.", "", columns)
    elif "16-bit words" in METHODS.get(rule.algorithm, ""):
        total = 0
        if not seal.cut and (seal.pseudo is not None or not rule.borrows):  # zero can be told without them
            rows = covered(layer, field, seal)
            total = sum_of(rows)
            yield from table(rows, columns)
            yield []
            yield from totals(total, seal, rule, verdict)
            yield []
        yield from closing(total, seal, rule, verdict, lender_of(layer), columns)
    else:
        due = "nothing" if verdict.due is None else field.format.show(verdict.due)
        says = f"the packet says {field.format.show(seal.found)}: {SHORT[verdict.kind]}."
        yield from prose(f"Worked out over the bytes here it is {due}; {says}", "", columns)


SHORT = {"right": "correct", "wrong": "wrong", "offload": "left to offload", "absent": "absent", "illegal": "not allowed"}

METHODS = {
    "the Internet checksum (RFC 1071)":
        "All 16-bit words of what it covers are added; what overflows 16 bits is added again at the right; then every "
        "bit is turned over. It is a sum, not a CRC: two words that changed places would not be noticed.",
    "CRC-32":
        "All bytes before it are read as one long binary number and divided, without carrying, by a fixed number of 33 "
        "bits; the 32 bits that are left over are sent behind them. Unlike a sum, it notices bytes that changed places, "
        "and every burst of up to 32 damaged bits.",
}  # fmt: skip


def about(layer: Layer, rule: Checksum) -> str:
    """How the rule works, in words."""
    text = METHODS.get(rule.algorithm) or f"It is {rule.algorithm}: {gist(type(rule))}."
    if rule.borrows:
        text += f" The pseudo header is borrowed from {family(lender_of(layer))} and never sent."
    return text


def sources(rule: Checksum) -> str:
    return ", ".join(dict.fromkeys([rule.rfc, *re.findall(r"RFC \d+(?: [\d.]+)?", rule.algorithm)]))


def lender_of(layer: Layer) -> Protocol | None:
    """Who lends a layer its pseudo header."""
    assert layer.packet
    below = lender(layer.packet.layers[: place_of(layer)])
    return below.record if below and isinstance(below.record, Protocol) else None


def family(below: Protocol | None) -> str:
    """What a lender is called in the registry that it shares with its kin: IP, whichever version."""
    if below is None:
        return "the network layer"
    return next(registry for carrier in below.carriers for registry in carrier.by.values()).split(".")[0].upper()


def table(rows: list[Row], columns: int) -> Iterator[Line]:
    """What is covered, word by word, with the sum so far."""
    left = max(width(row.covers) for row in rows) + 2
    words = max(9, *(len(hex_words(row.data)) for row in rows if not row.text.startswith("…"))) + 4
    room = columns - left - words - 10
    middle = min(max(32, *(width(row.text) for row in rows)) + 2, room)
    yield [(pad("covers", left) + pad("field", middle) + pad("words", words) + "sum so far", "dim")]
    before = ""
    for count, row in enumerate(rows, 1):
        first, *more = wrap(row.text, middle - 2)
        shown = "" if row.text.startswith("…") else hex_words(row.data)
        yield [(pad("" if row.covers == before else row.covers, left), "strong"),
               (pad(first, middle) + pad(shown, words), ""), (f"{sum_of(rows[:count]):>10x}", "")]  # fmt: skip
        yield from ([(" " * left + text, "")] for text in more)
        before = row.covers


def hex_words(data: bytes) -> str:
    filled = data + bytes(len(data) % 2)
    return " ".join(filled[at : at + 2].hex() for at in range(0, len(filled), 2))


def sum_of(rows: Iterable[Row]) -> int:
    """The plain sum of all 16-bit words, nothing folded; an odd byte at the end of the whole counts as the high one."""
    data = b"".join(row.data for row in rows)
    data += bytes(len(data) % 2)
    return sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))


def folded(total: int) -> Iterator[tuple[int, int]]:
    """(what overflows, what is left) of each step, until nothing overflows."""
    while total >> 16:
        yield total >> 16, total & 0xFFFF
        total = (total >> 16) + (total & 0xFFFF)


def totals(total: int, seal: Seal, rule: Checksum, verdict: Verdict) -> Iterator[Line]:
    """The overflow added again, and the bits turned over."""
    size = max(len(f"{total:x}"), 5) + 2
    label = "fold"
    for over, low in folded(total):
        step = f"{over:x} and {low:04x};   {low:04x} + {over:x} = {low + over:04x}"
        yield [(f"{label:<10}", "strong"), (f"{total:04x}".ljust(size) + f"=  {step}", "")]
        total, label = over + low, ""
    if label:
        yield [(f"{label:<10}", "strong"), (f"{total:04x}".ljust(size) + "=  nothing overflowed", "")]
    said = f"the packet says {seal.found:04x}: {SHORT[verdict.kind]}"
    yield [("turn over ", "strong"), (f"{total:04x}".ljust(size) + f"=  {nibbles(total)}", "")]
    answer = total ^ 0xFFFF
    sent = answer or 0xFFFF if isinstance(rule, SegmentChecksum) and rule.optional else answer
    style = "" if verdict.kind == "right" else "error" if verdict.kind in ("wrong", "illegal") else "chat"
    yield [(" " * 10 + f"{answer:04x}".ljust(size) + f"=  {nibbles(answer)}     ", ""), (said, style)]
    if sent != answer:
        yield [(" " * 10 + f"{sent:04x}".ljust(size) + "is sent in its place: 0000 would say that there is no checksum", "")]


def nibbles(word: int) -> str:
    bits = f"{word:016b}"
    return " ".join(bits[at : at + 4] for at in range(0, 16, 4))


def closing(total: int, seal: Seal, rule: Checksum, verdict: Verdict, below: Protocol | None, columns: int) -> Iterator[Line]:
    """What the receiver makes of it."""
    found = seal.found or 0
    answer = "" if verdict.due is None else f"{verdict.due:04x}"
    if verdict.kind in ("right", "wrong"):
        yield from receiver(total, found)
        end = "nothing was damaged that a sum can notice." if verdict.kind == "right" else "something is damaged."
        yield from prose(f"{last_step(total + found)}{end}", "", columns)
    if verdict.kind == "wrong":
        yield from prose(f"Bytes changed on the way, or the sender added wrongly: a receiver drops the packet without a "
                         f"word. For these bytes it should be {answer}.", "", columns)  # fmt: skip
    offloaded = isinstance(rule, SegmentChecksum) and rule.offloaded and seal.pseudo is not None
    if verdict.kind == "right" and offloaded:
        yield from prose(f"Were it {ones_sum(seal.pseudo or b''):04x}, the sum of the pseudo header alone, the network card was "
                         "still to fill it in (offload), and the packet would be sound.", "", columns)  # fmt: skip
    if verdict.kind == "offload":
        yield from prose(f"{found:04x} is the sum of the pseudo header alone: the network card was still to add the rest "
                         f"(offload) when this was captured. The packet is sound; what goes out on the wire is {answer}.",
                         "", columns)  # fmt: skip
    if verdict.kind == "absent":
        yield from prose("Zero says that the sender left the checksum out: the receiver has nothing to check, and takes the "
                         "packet as it is.", "", columns)  # fmt: skip
    if verdict.kind == "illegal":
        name = below.short if below else "the network layer"
        yield from prose(f"Zero says that the sender left the checksum out, which {name} does not allow: it has no checksum of "
                         "its own that would notice a damaged address. A receiver drops the packet.",
                         "RFC 8200 8.1", columns)  # fmt: skip


def receiver(total: int, found: int) -> Iterator[Line]:
    text = f"The receiver adds all words, this one too:  {total:x} + {found:04x} = {total + found:x}"
    yield [(text + (";" if (total + found) >> 16 else "."), "")]


def last_step(total: int) -> str:
    """The overflow added again, and whether all bits are ones."""
    steps = []
    for over, low in folded(total):
        steps.append(f"{low:04x} + {over:x} = {low + over:04x}")
        total = over + low
    shown = "; ".join(steps)
    return (f"{shown}. " if shown else "") + ("All ones: " if total == 0xFFFF else "Not all ones: ")


def prose(text: str, source: str, columns: int) -> Iterator[Line]:
    """A paragraph, its source at the right end of the last line."""
    columns = min(columns, PROSE)
    lines = wrap(text, columns)
    gap = columns - 3 - width(lines[-1]) - width(source)
    for line in lines[:-1]:
        yield [(line, "")]
    if not source:
        yield [(lines[-1], "")]
    elif gap >= 2:
        yield [(lines[-1] + " " * gap, ""), (source, "dim")]
    else:
        yield [(lines[-1], "")]
        yield [(" " * max(0, columns - 3 - width(source)), ""), (source, "dim")]
