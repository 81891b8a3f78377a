"""Lines of chosen fields from the columns engine: the text of `views.fields`, a batch at a time.

Arrow writes and joins the text; what it has no notation for (hexadecimal numbers, addresses) is
written once for each value that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..engines.columns import read
from ..filter.tree import Kind
from ..packet import Packet
from ..views.fields import Layout, hex_digits, shower
from .arrow import Form, Frames, array_of
from .reader import Reader

if TYPE_CHECKING:
    from ..capture.files import Origin

__all__ = ["Lines"]


MANY = 1 << 14  # values of 16 bits for which a table of all texts is worth its while
KEPT = 1 << 16  # texts that are remembered from batch to batch


@cache
def table(digits: int) -> pa.Array:
    """Every number of so many hex digits as text."""
    return pa.array([f"0x{number:0{digits}x}" for number in range(1 << 4 * digits)], pa.string())


class Lines(Reader):
    """Reads captures into lines of text."""

    def __init__(self, fields: Sequence[str], layout: Layout, where: str | None = None) -> None:
        super().__init__(fields, where, layout.occurrence, text=False)
        self.layout = layout
        self.writers = [Writer(form, layout) for form in self.forms]

    def lines(self, source: Origin) -> Iterator[bytes]:
        """The lines of many packets at a time, each with its line feed."""
        for batch in self.chosen(source):
            self.wanted.clear()
            odd = read(batch, self.wanted)
            self.odd += int(odd.sum())
            packets: dict[int, Packet] = {}
            frames = Frames(batch.data, len(batch), odd)
            columns = [
                writer.texts(frames, partial(self.values, batch, packets, get))
                for writer, get in zip(self.writers, self.getters, strict=True)
            ]
            joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, self.layout.separator)
            yield bytes_of(pc.binary_join_element_wise(joined, "", "\n"))


class Writer:
    """Writes one field of a batch as text."""

    def __init__(self, form: Form, layout: Layout) -> None:
        self.form, self.layout, form.plain = form, layout, True
        self.digits, self.known = hex_digits(form.target), lru_cache(KEPT)(shower(form.target))

    def texts(self, frames: Frames, values_of: Callable[[int], Sequence[Any]]) -> pa.Array:
        """One text a frame, empty where it has no value."""
        made = array_of(self.form, frames, values_of)
        if pa.types.is_list(made.type):
            inner = self.text(made.flatten())
            made = pc.binary_join(pa.ListArray.from_arrays(made.offsets, inner), self.layout.aggregator)
            there = made if not self.layout.quote else pc.if_else(pc.equal(made, ""), None, made)
        else:
            there = self.text(made)
        if self.layout.quote:
            there = pc.binary_join_element_wise(self.layout.quote, there, self.layout.quote, "")
        return there.fill_null("") if there.null_count else there

    def text(self, values: pa.Array) -> pa.Array:
        """Single values as text."""
        if self.form.kind is Kind.TIME:
            return times(values)
        if pa.types.is_string(values.type):
            return values
        if pa.types.is_integer(values.type) and not self.digits:
            return values.cast(pa.string())
        if self.digits and self.digits <= 4 and len(values) >= MANY:
            return table(self.digits).take(values)
        found = values.dictionary_encode()
        return pa.array(map(self.known, found.dictionary.to_pylist()), pa.string()).take(found.indices)


def times(values: pa.Array) -> pa.Array:
    """Nanoseconds as seconds with nine decimals."""
    numbers = values.cast(pa.int64())
    seconds = pc.divide(numbers, 10**9)
    rest = pc.subtract(numbers, pc.multiply(seconds, 10**9))
    return pc.binary_join_element_wise(seconds.cast(pa.string()), pc.utf8_lpad(rest.cast(pa.string()), 9, "0"), ".")


def bytes_of(lines: pa.Array) -> bytes:
    """The text of an array without its bounds."""
    _, offsets, text = lines.buffers()
    if text is None:
        return b""
    bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(text)[int(bounds[0]) : int(bounds[-1])].tobytes()
