"""From the pieces of a sink to an Arrow array.

Numbers keep their width, times are nanoseconds, addresses are text or bytes of fixed size; a name is
looked up once for each number that there is.  Nothing is left to Arrow's own functions, whose module alone takes
as much memory as a batch (but for names).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ..engines.gather import Mask, Octets
from ..filter.tree import ADDRESSES, Kind
from ..schema import Extra, Field, Part
from .digits import Text, addresses
from .forms import Form, Frames, flat, objects
from .wanted import Sink

__all__ = ["ArrowForm", "array_of"]

Bitmaps = dict[int, "pa.Buffer | None"]  # by the id of a mask


class ArrowForm(Form):
    """How the values of a field look in a table.

    text   addresses as text, not as bytes;  names: numbers that have names as these
    """

    def __init__(self, sink: Sink, kept: str, text: bool, names: bool) -> None:
        super().__init__(sink, kept)
        row = self.target.row
        self.names = self.target.names() if names and self.kind in (Kind.NUMBER, Kind.FLAG) else {}
        self.texts: Callable[[Any], Text] | None = None
        if self.size and isinstance(row, (Field, Part, Extra)) and text:
            show = row.format.show
            self.texts = addresses(self.size, lambda value: show(value).encode())

    @property
    def element(self) -> pa.DataType:
        """The type of one value."""
        if self.names:
            return pa.dictionary(pa.int32(), pa.string())
        if self.kind is Kind.TIME:
            return pa.timestamp("ns")
        if self.kind is Kind.TEXT or self.texts:
            return pa.string()
        if self.kind in ADDRESSES:
            return pa.binary(self.size)
        return pa.binary() if self.kind in (Kind.BYTES, Kind.LAYER) else pa.from_numpy_dtype(self.wide)

    @property
    def type(self) -> pa.DataType:
        return pa.list_(self.element) if self.kept == "a" else self.element


def bitmap_of(there: Mask) -> pa.Buffer | None:
    return None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))


def array_of(form: ArrowForm, frames: Frames, values_of: Callable[[int], Sequence[Any]], bitmaps: Bitmaps) -> pa.Array:
    """The column of a batch; of odd frames, with what `values_of` says that they have.

    bitmaps   of the masks of `frames`, kept for its other columns
    """
    data, count, odd = frames.data, frames.count, frames.odd
    rows = np.flatnonzero(odd)
    others = [(row, value) for row in rows.tolist() for value in values_of(row)
              if form.kind is not Kind.TIME or value.scaleb(9) < 1 << 63]  # fmt: skip
    if form.kept == "a":
        return listed(form, data, count, odd, others)
    if form.kept == "f":
        others.reverse()
    pieces = form.sink.pieces[:: -1 if form.kept == "f" else 1]
    values = flat(form, frames, pieces)
    there = frames.present(pieces)
    if others:
        values, there = values.copy(), there.copy()
        for row, value in others:
            there[row], values[row] = True, plain(form, value)
        return finished(form, values, there, bitmap_of(there))
    if id(there) not in bitmaps:
        bitmaps[id(there)] = bitmap_of(there)
    return finished(form, values, there, bitmaps[id(there)])


def plain(form: Form, value: Any) -> Any:
    """A value of the reference engine as the columns have it."""
    if form.size:
        return np.frombuffer(value[: form.size].ljust(form.size, b"\0"), np.uint8)
    return int(value.scaleb(9)) if form.kind is Kind.TIME else value


def listed(form: ArrowForm, data: Octets, count: int, odd: Mask, others: list[tuple[int, Any]]) -> pa.Array:
    """All values of each frame, in wire order."""
    pieces = [
        (rows[~odd[rows]], values if isinstance(values, str) else values[~odd[rows]])
        for rows, values in form.sink.pieces
    ]
    variable = form.variable
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


def finished(form: ArrowForm, values: Any, there: Mask, bitmap: pa.Buffer | None) -> pa.Array:
    """Values as Arrow has them."""
    count = len(there)
    if values.dtype == object:
        return pa.array(values, form.element, mask=~there)
    if form.texts:
        return strings(form.texts(values), there, bitmap)
    if form.names:
        found = pa.array(values).dictionary_encode()
        names = [form.names.get(number, str(number)) for number in found.dictionary.to_pylist()]
        indices = pa.array(found.indices.to_numpy(), pa.int32(), mask=~there)
        return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
    if not form.size and form.kind is not Kind.TIME:
        values = values.astype(form.wide, copy=False)
    return pa.Array.from_buffers(form.element, count, [bitmap, pa.py_buffer(np.ascontiguousarray(values))])


def strings(text: Text, there: Mask, bitmap: pa.Buffer | None) -> pa.Array:
    """Rows of characters, of which zeros are nothing."""
    kept = text != 0
    kept &= there[:, None]
    ends = np.zeros(len(text) + 1, np.int32)
    np.cumsum(kept.sum(1), out=ends[1:])
    return pa.Array.from_buffers(pa.string(), len(text), [bitmap, pa.py_buffer(ends), pa.py_buffer(text[kept])])
