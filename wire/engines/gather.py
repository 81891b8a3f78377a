"""Rows of a batch that are read alike, as columns: the columns engine's layer.

A `Group` is one record of the schema (a protocol's header, an option) in many frames at once, all
read by the same rows of its table.  Its fixed beginning is gathered from the buffer once, as a matrix
of bytes; fields are views of that.  `this` expressions are evaluated on columns of 64-bit integers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from construct import BytesInteger, FormatField
from numpy.typing import NDArray

from ..schema import Bytes, Field, Part, Payload, Protocol, Record, Rest, Run, evaluate, names_in

__all__ = ["Group", "Mask", "Octets", "Place", "Spans", "Unvectorised", "fixed_size", "merged"]

Octets: TypeAlias = NDArray[np.uint8]
Columns: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
AHEAD = 16  # bytes that are gathered beyond what is known to be needed


class Unvectorised(Exception):
    """Something that has no column form: the reference engine reads those rows."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Bytes of varying length: where each value begins and ends in the buffer."""

    start: Columns
    end: Columns

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, chosen: Any) -> Spans:
        return Spans(self.start[chosen], self.end[chosen])


@dataclass(slots=True)
class Place:
    """Where a field is: `offset` bytes behind the group's start, or behind `base`, a place in the buffer.

    size  bytes; a column where they vary
    """

    field: Field
    offset: int
    base: Columns | None
    size: int | Columns
    shift: int = 0  # of bit fields, from the run's last bit
    run: int = 0  # bytes of the run that a bit field is in


@cache
def fixed_size(field: Field) -> int | None:
    """Bytes that a field always takes; None if that varies."""
    if isinstance(field.core, Bytes):
        return field.core.length if isinstance(field.core.length, int) else None
    if isinstance(field.core, (FormatField, BytesInteger)):
        return int(field.core.sizeof())
    return None


class Names(dict[str, Any]):
    """What expressions may name, worked out when they do."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.group = group

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.group.named(name)
        return value


class Group:
    """A record in many frames, as far as it has been read.

    rows       the frames, as places in the batch: each once, in any order
    start, stop, wire_stop   its first byte, and where its window ends, captured and on the wire: places in the buffer
    parents    the layers that carry it: `whose` says which of them each row's is, and `index`, which of that one's rows
    at, base   where reading has come to: bytes behind the start, or behind `base`
    end        where the header ends, once it is read
    """

    def __init__(self, record: Record, protocol: Protocol, data: Octets, rows: Columns, start: Columns, stop: Columns,
                 wire_stop: Columns, parent: Group | None = None, index: Columns | None = None) -> None:  # fmt: skip
        """A group carried by at most one layer; `merged` joins several."""
        self.record, self.protocol, self.data, self.rows = record, protocol, data, rows
        self.start, self.stop, self.wire_stop, self.index = start, stop, wire_stop, index
        self.parents = [] if parent is None else [parent]
        self.whose: NDArray[np.uint8] | None = None  # all the first one's
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.at = 0
        self.base: Columns | None = None
        self.places: dict[str, Place] = {}
        self.lists: dict[str, Place] = {}  # records and values inside: Options and Repeat
        self.carrier: Payload | None = None
        self.after: tuple[Any, ...] = ()
        self.whole: Mask | None = None  # whose payload is all here, although the frame is cut
        self.matrix: Octets | None = None
        self.values: dict[str, Any] = {}
        self.inner: Columns = stop  # where what it carries ends
        self.path = ""
        self.bounded = False  # an option: it takes all of its window, whatever its fields take

    def __len__(self) -> int:
        return len(self.rows)

    # -- rows -------------------------------------------------------------------------

    def only(self, chosen: Any) -> Group:
        """The same, of some of the rows."""
        if chosen.dtype == np.bool_:
            chosen = np.flatnonzero(chosen)
        made = Group(self.record, self.protocol, self.data, self.rows[chosen], self.start[chosen], self.stop[chosen],
                     self.wire_stop[chosen])  # fmt: skip
        made.parents, made.depth = self.parents, self.depth
        made.index = None if self.index is None else self.index[chosen]
        made.whose = None if self.whose is None else self.whose[chosen]
        made.at, made.base = self.at, None if self.base is None else self.base[chosen]
        made.places = {name: cut(place, chosen) for name, place in self.places.items()}
        made.lists = {name: cut(place, chosen) for name, place in self.lists.items()}
        made.carrier, made.after, made.path, made.bounded = self.carrier, self.after, self.path, self.bounded
        made.matrix = None if self.matrix is None else self.matrix.take(chosen, 0)
        made.whole = None if self.whole is None else self.whole[chosen]
        return made

    def below(self, rows: Columns) -> Iterator[tuple[Group, Columns, Columns]]:
        """The layers that carry these rows: (the layer, which of its rows, which places in `rows`)."""
        for number, parent in enumerate(self.parents):
            assert self.index is not None
            places = np.arange(len(rows)) if self.whose is None else np.flatnonzero(self.whose[rows] == number)
            if len(places):
                yield parent, self.index[rows[places]], places

    # -- places -----------------------------------------------------------------------

    @property
    def here(self) -> Columns:
        """Where reading has come to, in the buffer."""
        return (self.start if self.base is None else self.base) + self.at

    end = here

    def move(self, size: Columns) -> None:
        """Go on behind something whose size varies."""
        self.base, self.at = self.here + size, 0

    def keep(self, field: Field, size: int | Columns) -> None:
        self.places[field.name] = Place(field, self.at, self.base, size)

    def keep_run(self, run: Run) -> None:
        shift = run.size * 8
        for field in run.fields:
            shift -= field.bits
            self.places[field.name] = Place(field, self.at, self.base, run.size, shift, run.size)

    # -- bytes ------------------------------------------------------------------------

    def octets(self, offset: int, size: int, base: Columns | None = None) -> Octets:
        """(rows, size) bytes from a place on."""
        if base is not None:
            return gathered(self.data, base + offset, size)
        if self.matrix is None or self.matrix.shape[1] < offset + size:
            self.matrix = gathered(self.data, self.start, max(offset + size, self.at) + AHEAD)
        return self.matrix[:, offset : offset + size]

    def number(self, offset: int, size: int, base: Columns | None = None, order: str = ">") -> NDArray[Any]:
        """An unsigned integer of so many bytes."""
        octets = self.octets(offset, size, base)
        if size in (1, 2, 4, 8):
            return octets.view(f"{order}u{size}")[:, 0].astype(f"u{size}")
        whole = np.zeros(len(octets), np.uint64 if size > 4 else np.uint32)
        for place in range(size) if order == ">" else range(size - 1, -1, -1):
            whole = whole << np.array(8, whole.dtype) | octets[:, place]
        return whole

    # -- values -----------------------------------------------------------------------

    def value(self, name: str) -> Any:
        """A field's column: numbers, (rows, size) bytes, or spans.  KeyError if these rows have none."""
        if name not in self.values:
            self.values[name] = self.read(self.places[name])
        return self.values[name]

    def read(self, place: Place) -> Any:
        field = place.field
        if place.run:
            return scaled(bits(self.run(place), place.shift, field.bits), field)
        if isinstance(field.core, Bytes) or field.core is Rest:
            if isinstance(place.size, int):
                return self.octets(place.offset, place.size, place.base)
            start = (self.start if place.base is None else place.base) + place.offset
            return Spans(start, start + place.size)
        order = "<" if getattr(field.core, "swapped", False) or getattr(field.core, "fmtstr", "")[:1] == "<" else ">"
        if getattr(field.core, "signed", False) or getattr(field.core, "fmtstr", ">B")[-1] not in "BHILQ":
            raise Unvectorised(f"{field.path}: no unsigned integer")
        assert isinstance(place.size, int)
        return scaled(self.number(place.offset, place.size, place.base, order), field)

    def run(self, place: Place) -> NDArray[Any]:
        key = f"_run{place.offset}"
        if place.base is not None:
            return self.number(place.offset, place.run, place.base)
        if key not in self.values:
            self.values[key] = self.number(place.offset, place.run)
        return self.values[key]  # type: ignore[no-any-return]

    def part(self, part: Part) -> NDArray[Any]:
        """Some bits of a field."""
        return bits(self.value(part.owner.name), part.shift, part.bits)

    # -- expressions ------------------------------------------------------------------

    def named(self, name: str) -> Any:
        """What an expression may name, here: 64-bit numbers."""
        if name == "_left":
            return self.wire_stop - self.here
        if name == "_at":
            return self.at if self.base is None else self.here - self.start
        if name == "_fcs":
            return 0
        if name in ("_ahead8", "_ahead16"):
            size = 1 if name == "_ahead8" else 2
            found = self.number(self.at, size, self.base).astype(np.int64)
            short = self.here + size > self.stop
            if short.any():
                found[short] = -1
            return found
        value = self.value(name)
        if not isinstance(value, np.ndarray) or value.ndim > 1:
            raise Unvectorised(f"{name} is no number")
        return value.astype(np.int64)

    def evaluate(self, expression: Any) -> Any:
        """What an expression comes to, here: a column, or one number for all rows.  Unvectorised, KeyError."""
        if not callable(expression):
            return expression
        found = ahead_table(expression)
        return evaluate(expression, Names(self)) if found is None else found[self.named("_ahead16")]


def merged(groups: list[Group]) -> Group:
    """Groups of one record, of which nothing is read yet, as one; its rows do not go up."""
    if len(groups) == 1:
        return groups[0]
    first = groups[0]
    columns = [(one.rows, one.start, one.stop, one.wire_stop) for one in groups]
    rows, start, stop, wire_stop = map(np.concatenate, zip(*columns, strict=True))
    made = Group(first.record, first.protocol, first.data, rows, start, stop, wire_stop)
    made.path, made.depth = first.path, max(one.depth for one in groups)
    if first.parents:
        made.parents = [one.parents[0] for one in groups]
        made.index = np.concatenate([one.index for one in groups if one.index is not None])
        made.whose = np.repeat(np.arange(len(groups), dtype=np.uint8), [len(one) for one in groups])
    return made


TABLES: dict[
    int, tuple[Any, NDArray[Any] | None]
] = {}  # by the expression's id; it is kept, so that the id stays its own


def ahead_table(expression: Any) -> NDArray[Any] | None:
    """The answers of an expression that only looks at the next two bytes, for all that they can be; -1 is the last."""
    known = TABLES.get(id(expression))
    if known is None:
        found = None
        if set(names_in(expression)) == {"_ahead16"}:
            found = np.asarray(evaluate(expression, {"_ahead16": np.append(np.arange(1 << 16), -1)}))
        known = TABLES[id(expression)] = expression, found
    return known[1]


def cut(place: Place, chosen: Any) -> Place:
    return Place(place.field, place.offset, None if place.base is None else place.base[chosen],
                 place.size if isinstance(place.size, int) else place.size[chosen], place.shift, place.run)  # fmt: skip


def gathered(data: Octets, start: Columns, size: int) -> Octets:
    """(rows, size) bytes of the buffer."""
    every = np.ndarray((len(data) - size + 1,), f"V{size}", data, 0, (1,))
    return every[start].view(np.uint8).reshape(-1, size)


def bits(whole: NDArray[Any], shift: int, width: int) -> NDArray[Any]:
    """Some bits of a column, as narrow as they fit."""
    narrow = np.uint8 if width <= 8 else np.uint16 if width <= 16 else np.uint32 if width <= 32 else np.uint64
    found = whole >> np.array(shift, whole.dtype) if shift else whole
    if shift + width < whole.dtype.itemsize * 8:
        found = found & np.array((1 << width) - 1, whole.dtype)
    return found.astype(narrow)


def scaled(value: NDArray[Any], field: Field) -> NDArray[Any]:
    if field.unit == 1:
        return value
    wide = np.uint8 if field.unit << field.bits <= 256 else np.uint32
    found: NDArray[Any] = value.astype(wide) * np.array(field.unit, wide)
    return found
