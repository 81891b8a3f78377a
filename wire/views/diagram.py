"""A record's header as RFCs draw it, from its schema: 32 bits to a row, a ruler above, conditions noted below.

Rows whose length varies stand open (`:`); what is there only on a condition stands in brackets.
Where the schema chooses between rows, those that are written when nothing else is said stand in the
picture, the others each in one of their own below it; so does a record that is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..options import Options
from ..schema import Choice, Field, Part, Payload, Record, Repeat, Run, When, evaluate, names_in
from .expressions import case, expression
from .facts import choice_text
from .grid import OPEN, Cell, drawn, ruler
from .lines import wrap
from .words import size_of

LABEL = 24  # characters at most, and a third of the width: a longer label has a line of its own in the notes


@dataclass
class Variant:
    """Rows that stand in place of others, or again and again: a picture of their own."""

    title: str
    record: Record
    rows: Sequence[Any]
    column: int = 0


@dataclass
class Sketch:
    """The cells of one picture, what is to be said of them, and the pictures that belong below it."""

    record: Record
    width: int
    cells: list[Cell] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    at: int = 0  # the bit of the row where the next cell begins

    def rows(self, rows: Sequence[Any]) -> Sketch:
        for row in rows:
            if isinstance(row, Run):
                for one in row.fields:
                    self.field(one)
            elif isinstance(row, Choice):
                self.choice(row)
            elif isinstance(row, Payload):
                self.payload(row)
            else:
                self.field(row)
        return self

    def put(self, bits: int, texts: Sequence[str], tall: int = 1) -> None:
        self.cells.append(Cell(bits, tuple(dict.fromkeys(texts)), tall))
        self.at = 0 if bits == OPEN else (self.at + bits) % self.width

    def bits(self, one: Field | Part, texts: Sequence[str]) -> None:
        """A cell of a known width; an abbreviation that is not the trade's own is spelled out below."""
        self.put(one.bits, texts)
        written = self.cells[-1].chosen(one.bits * 2 - 1)
        flags = one.owner.flags if isinstance(one, Part) else None
        if written.strip("[]") != one.label and not (flags and flags.short):
            self.notes.append((written, one.label))

    def field(self, one: Field) -> None:
        when: When | None = one.words.get(When)
        label = f"[{one.label}]" if when or isinstance(one.core, Options) else one.label
        if when:
            self.notes.append((label, f"there if {expression(when.condition, self.record)}"))
        if one.bits < 0:
            self.put(OPEN, [label])
            self.notes.append((label, size_of(one, self.record)))
        elif one.parts and not when:
            names = one.flags.short if one.flags and len(one.flags.short) == len(one.parts) else [""] * len(one.parts)
            for part, name in zip(one.parts, names, strict=True):
                self.bits(part, names_of(part, name))
        elif one.bits:
            self.bits(one, [*([label] if one.bits > 1 else []), *names_of(one, "")])
        if isinstance(one.core, Repeat) and isinstance(one.core.item, Record):
            self.variants.append(Variant(f"{label}, each:", one.core.item, one.core.item.rows))

    def payload(self, row: Payload) -> None:
        self.put(OPEN, ["Payload"], tall=3)
        if row.size is not None:
            self.notes.append(("Payload", expression(row.size, self.record, "bytes")))
        if row.by:
            fields = " or ".join(self.record.find(name).label for name in row.by)
            self.notes.append(("Payload", f"its protocol is named by {fields}"))
        for registry, number in row.also.items():
            self.notes.append(("Payload", f"its number in {registry}: {choice_text(registry, number, self.record)}"))

    def choice(self, row: Choice) -> None:
        """The rows that are written when nothing else is said stand in the picture, the others below it."""
        column, usual = self.at, row.rows(self.usually(row.key))
        held = labels(usual)
        if usual:
            self.rows(usual)
        else:
            names = [self.record.lookup[name].label for name in names_in(row.key) if name in self.record.lookup]
            self.put(OPEN, [f"depends on {listing(list(dict.fromkeys(names)), 'and') or 'what follows'}"])
        replaced = listing(held, "and") if len(held) < 5 else f"{held[0]} to {held[-1]}"
        instead = f", in place of {replaced}" if held else ""
        for numbers, rows in row.cases:
            said = self.case(row.key, numbers)
            if rows is not usual:
                self.variants.append(Variant(f"Where {said}{instead}:", self.record, rows, column))
            elif held:
                self.notes.append((held[0], f"where {said}"))
        if row.default and row.default is not usual:
            self.variants.append(Variant(f"Otherwise{instead}:", self.record, row.default, column))

    def usually(self, key: Any) -> Any:
        """What the key of a choice is while every field has its default; None where that is not known."""
        values = {one.name: one.default for one in self.record.fields}
        try:
            return evaluate(key, values | {"_at": 0, "_left": 0, "_ahead8": -1, "_ahead16": -1, "_fcs": 0})
        except (KeyError, TypeError):
            return None

    def case(self, key: Any, numbers: Sequence[Any]) -> str:
        """When a case holds: `Type is 8 (Echo request)`, or the condition itself."""
        said = [case(key, number, self.record) for number in numbers]
        if all(said):
            return listing(said, "or")
        names = names_in(key)
        one = self.record.lookup.get(names[0]) if len(names) == 1 and repr(key) == f"this['{names[0]}']" else None
        texts = [one.show(number) if isinstance(one, (Field, Part)) else number_text(number) for number in numbers]
        return f"{expression(key, self.record)} is {listing(texts, 'or')}"


def names_of(one: Field | Part, short: str) -> list[str]:
    """The texts for a cell, the fullest first: label, name of the trade, abbreviation, initials."""
    last = one.last if isinstance(one, Part) else one.name
    initials = "".join(word[0] for word in one.label.split("(")[0].split()).upper()
    abbreviated = [last.upper()] if len(last) <= 5 and "_" not in last and "." not in last else []
    texts = [one.label, short, *abbreviated, initials]
    return [text for text in (texts[1:] if one.bits == 1 else texts) if text]  # one bit has room for a letter a line


def labels(rows: Sequence[Any]) -> list[str]:
    """What rows hold, by label."""
    found: list[str] = []
    for row in rows:
        if isinstance(row, Run):
            found += [one.label for one in row.fields]
        elif isinstance(row, Field):
            found.append(row.label)
        elif isinstance(row, Choice):
            found += labels(row.default)
    return found


def listing(texts: Sequence[str], last: str) -> str:
    """`a, b or c`."""
    return f" {last} ".join([*([", ".join(texts[:-1])] if texts[1:] else []), *texts[-1:]])


def number_text(number: Any) -> str:
    """A number that two fields make up is read more easily in hex: type and code 0x0304."""
    return f"0x{number:04x}" if isinstance(number, int) and number > 255 else str(number)


def diagram(record: Record, width: int = 32) -> list[str]:
    """The picture of a record, `width` bits to a row: lines of at most 2 * width + 1 characters."""
    sketch = Sketch(record, width).rows(record.rows)
    if not sketch.cells:
        return [f"{record.title} has no fields of its own."]
    lines = [*ruler(width), *drawn(sketch.cells, width)]
    lines += noted(sketch)
    return lines + below(sketch)


def noted(sketch: Sketch) -> list[str]:
    """What is to be said of open, conditional and abbreviated cells."""
    lines: list[str] = []
    room = sketch.width * 2 + 1
    left = min(LABEL, room // 3, max((len(label) for label, _ in sketch.notes), default=0)) + 2
    before = ""
    for label, text in sketch.notes:
        if label != before and len(label) + 2 > left:
            lines += wrap(label, room)
            before = label
        for part in wrap(text, room - left):
            lines.append(f"{'' if label == before else label:<{left}}{part}")
            before = label
    return ["", *lines] if lines else []


def below(sketch: Sketch) -> list[str]:
    """The pictures of what stands in place of other rows."""
    lines: list[str] = []
    for variant in sketch.variants:
        inner = Sketch(variant.record, sketch.width, at=variant.column)
        if variant.column:
            inner.cells.append(Cell(variant.column, ("",), blank=True))
        inner.rows(variant.rows)
        lines += ["", *wrap(variant.title, sketch.width * 2 + 1)]
        lines += drawn(inner.cells, sketch.width) or ["(nothing)"]
        lines += noted(inner) + below(inner)
    return lines
