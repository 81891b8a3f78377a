"""From the pieces of a sink to an Arrow array.

Numbers keep their width, times are nanoseconds, addresses are text or bytes of fixed size; a name is
looked up once for each number that there is, and text is written once for each address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..engines.gather import Mask, Octets, Spans
from ..filter.tree import ADDRESSES, Kind
from ..schema import Extra, Field, Part
from .wanted import Sink

__all__ = ["Form", "Frames", "array_of"]

SIZES = {Kind.ETHER: 6, Kind.IPV4: 4, Kind.IPV6: 16}
DERIVED_BITS = {"frame.number": 32, "frame.len": 32, "frame.cap_len": 32, "tcp.len": 32, "data.len": 32}


class Form:
    """How the values of a field look in a table.

    kept   "f" the first value of a frame, "l" the last, "a" all of them as a list
    text   addresses as text, not as bytes;  names: numbers that have names as these
    """

    plain = False  # whether a column may be without lists where no value repeats

    def __init__(self, sink: Sink, kept: str, text: bool, names: bool) -> None:
        self.sink, self.kept, self.target = sink, kept, sink.target
        self.kind, row = self.target.kind, self.target.row
        self.show: Callable[[Any], str] | None = None
        self.names = self.target.names() if names and self.kind in (Kind.NUMBER, Kind.FLAG) else {}
        self.size = SIZES.get(self.kind, 0)
        if self.size and isinstance(row, (Field, Part, Extra)) and text:
            self.show = row.format.show
        self.wide = np.dtype(f"u{width(self.target.path, self.target.bits, row)}")
        if isinstance(row, Field) and row.unit > 1:
            self.wide = np.min_scalar_type(row.unit * ((1 << row.bits) - 1))

    @property
    def element(self) -> pa.DataType:
        """The type of one value."""
        if self.names:
            return pa.dictionary(pa.int32(), pa.string())
        if self.kind is Kind.TIME:
            return pa.timestamp("ns")
        if self.kind is Kind.TEXT or self.show:
            return pa.string()
        if self.kind in ADDRESSES:
            return pa.binary(self.size)
        return pa.binary() if self.kind in (Kind.BYTES, Kind.LAYER) else pa.from_numpy_dtype(self.wide)

    @property
    def type(self) -> pa.DataType:
        return pa.list_(self.element) if self.kept == "a" else self.element


def width(path: str, bits: int, row: Any) -> int:
    """Bytes of the numbers of a field."""
    if bits < 0:
        bits = DERIVED_BITS.get(path, 8 if path.endswith(".status") else 64)
    return next((size for size in (1, 2, 4, 8) if bits <= size * 8), 8)


@dataclass
class Frames:
    """The frames of a batch whose values become columns.

    odd    those whose values in the sinks do not count
    there  which frames have a value, by the pieces' frames: columns of one layer share that
    """

    data: Octets
    count: int
    odd: Mask
    there: dict[tuple[int, ...], tuple[Mask, pa.Buffer | None]] = field(default_factory=dict)

    def present(self, pieces: Sequence[tuple[Any, Any]]) -> tuple[Mask, pa.Buffer | None]:
        """The frames that have a value in these pieces, odd ones left out; also as Arrow has that."""
        key = tuple(id(rows) for rows, _ in pieces)
        if key not in self.there:
            there = np.zeros(self.count, np.bool_)
            for rows, _ in pieces:
                there[rows] = True
            there &= ~self.odd
            self.there[key] = there, bitmap_of(there)
        return self.there[key]


def bitmap_of(there: Mask) -> pa.Buffer | None:
    return None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))


def array_of(form: Form, frames: Frames, values_of: Callable[[int], Sequence[Any]]) -> pa.Array:
    """The column of a batch; of odd frames, with what `values_of` says that they have."""
    data, count, odd = frames.data, frames.count, frames.odd
    rows = np.flatnonzero(odd)
    others = [(row, value) for row in rows.tolist() for value in values_of(row)
              if form.kind is not Kind.TIME or value.scaleb(9) < 1 << 63]  # fmt: skip
    if form.kept == "a" and (not form.plain or repeated(form.sink.pieces, count, others)):
        return listed(form, data, count, odd, others)
    if form.kept == "f":
        others.reverse()
    pieces = form.sink.pieces[:: -1 if form.kept == "f" else 1]
    values = flat(form, data, count, pieces)
    there, bitmap = frames.present(pieces)
    if others:
        values, there = values.copy(), there.copy()
        for row, value in others:
            there[row], values[row] = True, plain(form, value)
        bitmap = bitmap_of(there)
    return finished(form, values, there, bitmap)


def repeated(pieces: Sequence[tuple[Any, Any]], count: int, others: Sequence[tuple[int, Any]]) -> bool:
    """Whether a frame has several values."""
    seen = np.zeros(count if len(pieces) > 1 else 0, np.uint8)
    for rows, _ in pieces if len(pieces) > 1 else ():
        if seen[rows].any():
            return True
        seen[rows] = 1
    return len({row for row, _ in others}) < len(others)


def flat(form: Form, data: Octets, count: int, pieces: Sequence[tuple[Any, Any]]) -> Any:
    """One value a frame: the pieces are written over each other."""
    variable = form.kind in (Kind.TEXT, Kind.BYTES, Kind.LAYER)
    narrow = np.uint8 if form.size else np.int64 if form.kind is Kind.TIME else form.wide
    shape = (count, form.size) if form.size else count
    out: Any = np.empty(count, object) if variable else np.zeros(shape, narrow)
    for rows, values in pieces:
        if variable:
            out[rows] = objects(data, values, len(rows))
        elif len(pieces) == 1 and len(rows) == count and values.dtype == out.dtype:
            return values
        else:
            out[rows] = values
    return out


def plain(form: Form, value: Any) -> Any:
    """A value of the reference engine as the columns have it."""
    if form.size:
        return np.frombuffer(value[: form.size].ljust(form.size, b"\0"), np.uint8)
    return int(value.scaleb(9)) if form.kind is Kind.TIME else value


def objects(data: Octets, values: Any, count: int) -> NDArray[np.object_]:
    """Bytes or text as Python's."""
    out = np.empty(count, object)
    if isinstance(values, str):
        out[:] = values
    elif isinstance(values, Spans):
        for place, (start, end) in enumerate(zip(values.start.tolist(), values.end.tolist(), strict=True)):
            out[place] = data[start:end].tobytes()
    else:
        for place, one in enumerate(values):
            out[place] = one.tobytes()
    return out


def listed(form: Form, data: Octets, count: int, odd: Mask, others: list[tuple[int, Any]]) -> pa.Array:
    """All values of each frame, in wire order."""
    pieces = [
        (rows[~odd[rows]], values if isinstance(values, str) else values[~odd[rows]])
        for rows, values in form.sink.pieces
    ]
    variable = form.kind in (Kind.TEXT, Kind.BYTES, Kind.LAYER)
    columns: list[Any] = [objects(data, values, len(rows)) if variable else values for rows, values in pieces]
    where = [rows for rows, _ in pieces]
    if others:
        where.append(np.array([row for row, _ in others], np.int64))
        made = [plain(form, value) for _, value in others]
        extra = np.empty(len(made), object) if variable else None
        if extra is not None:
            extra[:] = made
        columns.append(np.array(made) if extra is None else extra)
    rows = np.concatenate([np.empty(0, np.int64), *where])
    order = np.argsort(rows, kind="stable")
    empty = np.empty((0, form.size), np.uint8) if form.size else np.empty(0, object if variable else np.uint64)
    values = np.concatenate(columns)[order] if columns else empty
    if not variable and not form.size:
        values = values.astype(np.int64 if form.kind is Kind.TIME else form.wide)
    sizes = np.bincount(rows, minlength=count)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    inner = finished(form, values, np.ones(len(values), np.bool_), None)
    return pa.ListArray.from_arrays(pa.array(offsets), inner, mask=pa.array(sizes == 0))


def finished(form: Form, values: Any, there: Mask, bitmap: pa.Buffer | None) -> pa.Array:
    """Values as Arrow has them."""
    count = len(there)
    if values.dtype == object:
        return pa.array(values, form.element, mask=~there)
    raw = pa.py_buffer(np.ascontiguousarray(values))
    if form.size:
        made = pa.Array.from_buffers(pa.binary(form.size), count, [bitmap, raw])
        return texts(made, form.show) if form.show else made
    if form.kind is Kind.TIME:
        return pa.Array.from_buffers(form.element, count, [bitmap, raw])
    made = pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), count, [bitmap, raw])
    if not form.names:
        return made.cast(form.element)
    found = made.dictionary_encode()
    names = [form.names.get(number, str(number)) for number in found.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(found.indices, pa.array(names, pa.string()))


def texts(made: pa.Array, show: Callable[[Any], str]) -> pa.Array:
    """Text, written once for each value that there is."""
    found = made.dictionary_encode()
    return pa.array(map(show, found.dictionary.to_pylist()), pa.string()).take(found.indices)
