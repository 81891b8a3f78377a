"""From the pieces of a sink to one value a frame, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engines.gather import Mask, Octets, Spans
from ..filter.tree import Kind
from ..schema import Field
from .wanted import Sink

__all__ = ["Form", "Frames", "counts", "flat", "objects"]

SIZES = {Kind.ETHER: 6, Kind.IPV4: 4, Kind.IPV6: 16}
VARIABLE = (Kind.TEXT, Kind.BYTES, Kind.LAYER)  # kinds of values that differ in size
DERIVED_BITS = {"frame.number": 32, "frame.len": 32, "frame.cap_len": 32, "tcp.len": 32, "data.len": 32}


class Form:
    """What the values of a field are.

    kept   "f" the first value of a frame, "l" the last, "a" all of them
    size   bytes of an address;  wide: the type of a number;  variable: whether values differ in size
    """

    def __init__(self, sink: Sink, kept: str) -> None:
        self.sink, self.kept, self.target = sink, kept, sink.target
        self.kind, row = self.target.kind, self.target.row
        self.size, self.variable = SIZES.get(self.kind, 0), self.kind in VARIABLE
        self.wide = np.dtype(f"u{width(self.target.path, self.target.bits, row)}")
        if isinstance(row, Field) and row.unit > 1:
            self.wide = np.min_scalar_type(row.unit * ((1 << row.bits) - 1))


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
    there: dict[tuple[int, ...], Mask] = field(default_factory=dict)
    complete: dict[int, bool] = field(default_factory=dict)  # by the id of a piece's frames

    def present(self, pieces: Sequence[tuple[Any, Any]]) -> Mask:
        """The frames that have a value in these pieces, odd ones left out.  It is shared: not to be written to."""
        key = tuple(id(rows) for rows, _ in pieces)
        if key not in self.there:
            there = np.zeros(self.count, np.bool_)
            for rows, _ in pieces:
                there[rows] = True
            there &= ~self.odd
            self.there[key] = there
        return self.there[key]

    def whole(self, rows: Any) -> bool:
        """Whether these are all frames in their order."""
        if id(rows) not in self.complete:
            self.complete[id(rows)] = len(rows) == self.count and bool((rows[1:] > rows[:-1]).all())
        return self.complete[id(rows)]


def counts(pieces: Sequence[tuple[Any, Any]], count: int) -> NDArray[np.uint16]:
    """How many values each frame has."""
    found = np.zeros(count, np.uint16)
    for rows, _ in pieces:
        found[rows] += 1
    return found


def flat(form: Form, frames: Frames, pieces: Sequence[tuple[Any, Any]]) -> Any:
    """One value a frame: the pieces are written over each other."""
    data, count = frames.data, frames.count
    narrow = np.uint8 if form.size else np.int64 if form.kind is Kind.TIME else form.wide
    shape = (count, form.size) if form.size else count
    out: Any = np.empty(count, object) if form.variable else np.zeros(shape, narrow)
    for rows, values in pieces:
        if form.variable:
            out[rows] = objects(data, values, len(rows))
        elif len(pieces) == 1 and values.dtype == out.dtype and frames.whole(rows):
            return values
        else:
            out[rows] = values
    return out


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
