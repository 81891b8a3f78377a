"""A checksum as arithmetic: every word that it covers, the sum so far, and what the packet says of it.

What is no sum of 16-bit words (a CRC) is told in words.  No protocol is named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..engines.notes import seal_of
from ..packet import Layer, Place
from ..rules import Checksum, Seal, SegmentChecksum, Verdict, ones_sum
from ..schema import Protocol
from .covers import Row, covered, lender_of
from .expressions import gist
from .lines import Line, pad, width, wrap

PROSE = 100  # cells: longer lines are hard to read

SHORT = {"right": "correct", "wrong": "wrong", "offload": "left to offload", "absent": "absent",
         "illegal": "not allowed", "unchecked": "cannot be checked"}  # fmt: skip

METHODS = {
    "the Internet checksum (RFC 1071)":
        "All 16-bit words of what it covers are added; what overflows 16 bits is added again at the right; then every "
        "bit is turned over. It is a sum, not a CRC: two words that changed places would not be noticed.",
    "CRC-32":
        "All bytes before it are read as one long binary number and divided, without carrying, by a fixed number of 33 "
        "bits; the 32 bits that are left over are sent behind them. Unlike a sum, it notices bytes that changed places "
        "and every burst of up to 32 damaged bits.",
}  # fmt: skip


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
            yield from totals(total, seal, rule, verdict, columns)
            yield []
        yield from closing(total, seal, rule, verdict, lender_of(layer), columns)
    else:
        due = "nothing" if verdict.due is None else field.format.show(verdict.due)
        says = f"the packet says {field.format.show(seal.found)}: {SHORT[verdict.kind]}."
        yield from prose(f"Worked out over the bytes here it is {due}; {says}", "", columns)


def about(layer: Layer, rule: Checksum) -> str:
    """How the rule works, in words."""
    text = METHODS.get(rule.algorithm) or f"It is {rule.algorithm}: {gist(type(rule))}."
    if rule.borrows:
        text += f" The pseudo header is borrowed from {family(lender_of(layer))} and never sent."
    return text


def sources(rule: Checksum) -> str:
    return ", ".join(dict.fromkeys([rule.rfc, *re.findall(r"RFC \d+(?: [\d.]+)?", rule.algorithm)]))


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


def totals(total: int, seal: Seal, rule: Checksum, verdict: Verdict, columns: int) -> Iterator[Line]:
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
    turned = " " * 10 + f"{answer:04x}".ljust(size) + f"=  {nibbles(answer)}"
    if len(turned) + 5 + len(said) <= columns:
        yield [(turned + " " * 5, ""), (said, style)]
    else:
        yield [(turned, "")]
        yield [(" " * 10 + said, style)]
    if sent != answer:
        said = "is sent in its place: 0000 would say that there is no checksum"
        yield [(" " * 10 + f"{sent:04x}".ljust(size) + said, "")]


def nibbles(word: int) -> str:
    bits = f"{word:016b}"
    return " ".join(bits[at : at + 4] for at in range(0, 16, 4))


ZERO_RFC = "RFC 8200 8.1"
ENDINGS = {
    "right":
        "All ones: nothing was damaged that a sum can notice.",
    "wrong":
        "Not all ones: something is damaged, or the sender added wrongly. A receiver drops the packet without a word. "
        "For these bytes the checksum should be {due}.",
    "offload":
        "{found} is the sum of the pseudo header alone: when this was captured, the network card was still to add the "
        "rest (offload). The packet is sound; what goes out on the wire is {due}.",
    "absent":
        "Zero says that the sender left the checksum out: the receiver has nothing to check, and takes the packet as "
        "it is.",
    "illegal":
        "Zero says that the sender left the checksum out, which {below} does not allow: it has no checksum of its own "
        "that would notice a damaged address. A receiver drops the packet.",
}  # fmt: skip


def closing(total: int, seal: Seal, rule: Checksum, verdict: Verdict, below: Protocol | None,
            columns: int) -> Iterator[Line]:  # fmt: skip
    """What the receiver makes of it."""
    found, steps = seal.found or 0, ""
    if verdict.kind in ("right", "wrong"):
        yield from receiver(total, found)
        steps = added_again(total + found)
    words = {"due": "" if verdict.due is None else f"{verdict.due:04x}", "found": f"{found:04x}",
             "below": below.short if below else "its network layer"}  # fmt: skip
    source = ZERO_RFC if verdict.kind == "illegal" else ""
    yield from prose(steps + ENDINGS[verdict.kind].format_map(words), source, columns)
    if verdict.kind == "right" and isinstance(rule, SegmentChecksum) and rule.offloaded:
        alone = ones_sum(seal.pseudo or b"")
        text = (f"Were it {alone:04x}, the sum of the pseudo header alone, the network card was still to fill it in "
                "(offload), and the packet would be sound.")  # fmt: skip
        yield from prose(text, "", columns)


def receiver(total: int, found: int) -> Iterator[Line]:
    text = f"The receiver adds all words, this one too:  {total:x} + {found:04x} = {total + found:x}"
    yield [(text + (";" if (total + found) >> 16 else "."), "")]


def added_again(total: int) -> str:
    """The overflow of a sum added again: `fffb + 4 = ffff. `."""
    steps = [f"{low:04x} + {over:x} = {low + over:04x}" for over, low in folded(total)]
    return "; ".join(steps) + ". " if steps else ""


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
