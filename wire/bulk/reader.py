"""From captures to record batches: what is chosen of them, as Arrow arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from .arrow import ArrowForm, array_of
from .chosen import Chosen
from .named import column_name

if TYPE_CHECKING:
    from ..capture.batch import Batch
    from ..capture.files import Origin

__all__ = ["Reader"]


class Reader(Chosen):
    """Reads fields of captures into tables; `table` says what the arguments mean."""

    def __init__(self, fields: Sequence[str], where: str | None = None, occurrence: str = "f", text: bool = True,
                 names: bool = False) -> None:  # fmt: skip
        super().__init__(fields, where)
        self.forms = [ArrowForm(sink, occurrence, text, names) for sink in self.wanted.sinks]
        self.schema = pa.schema([(column_name(name), form.type) for name, form in zip(fields, self.forms, strict=True)])

    def batches(self, source: Origin) -> Iterator[pa.RecordBatch]:
        """Record batches of the packets that are meant."""
        return map(self.record_batch, self.chosen(source))

    def record_batch(self, batch: Batch) -> pa.RecordBatch:
        """The columns of a batch."""
        frames, others = self.read(batch)
        bitmaps: dict[int, pa.Buffer | None] = {}
        arrays = [array_of(form, frames, values, bitmaps) for form, values in zip(self.forms, others, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def table(self, source: Origin) -> pa.Table:
        return pa.Table.from_batches(self.batches(source), self.schema)

    def limited(self, source: Origin, most: int) -> Iterator[pa.RecordBatch]:
        """Record batches of at most so many rows."""
        for made in self.batches(source):
            for first in range(0, made.num_rows, most):
                yield made.slice(first, most)
