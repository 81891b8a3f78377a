"""From captures to record batches: index, filter, columns engine, and the reference engine for odd frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ..capture.index import batches
from ..engines.columns import read
from ..filter import compile_filter
from ..filter.columns import Chooser
from ..packet import Packet
from ..protocols import load
from ..tables import column_name
from ..views.fields import values_of
from .arrow import Form, Frames, array_of
from .named import target_of
from .wanted import Wanted

if TYPE_CHECKING:
    from ..capture.batch import Batch
    from ..capture.files import Origin

__all__ = ["Reader"]

ROWS = 1 << 15  # frames that are read together: their columns stay in the cache


class Reader:
    """Reads fields of captures; `table` says what the arguments mean.

    frames, odd   how many were read so far, and how many of them by the reference engine
    """

    def __init__(self, fields: Sequence[str], where: str | None = None, occurrence: str = "f", text: bool = True,
                 names: bool = False) -> None:  # fmt: skip
        load()
        targets = [target_of(name) for name in fields]
        self.wanted = Wanted(targets)
        self.forms = [Form(sink, occurrence, text, names) for sink in self.wanted.sinks]
        self.getters = [values_of(target) for target in targets]
        self.schema = pa.schema([(column_name(name), form.type) for name, form in zip(fields, self.forms, strict=True)])
        self.chooser = Chooser(compile_filter(where)) if where else None
        self.frames = self.odd = 0

    def chosen(self, source: Origin) -> Iterator[Batch]:
        """The packets that are meant, in the order of the capture."""
        for whole in batches(source):
            for first in range(0, len(whole), ROWS):
                part = whole.part(first, min(first + ROWS, len(whole)))
                self.frames += len(part)
                if self.chooser:
                    chosen = self.chooser.choose(part)
                    self.odd += self.chooser.odd
                    if not chosen.any():
                        continue
                    part = part if chosen.all() else part.take(np.flatnonzero(chosen))
                yield part

    def batches(self, source: Origin) -> Iterator[pa.RecordBatch]:
        """Record batches of the packets that are meant."""
        return map(self.record_batch, self.chosen(source))

    def record_batch(self, batch: Batch) -> pa.RecordBatch:
        """The columns of a batch."""
        self.wanted.clear()
        odd = read(batch, self.wanted)
        self.odd += int(odd.sum())
        packets: dict[int, Packet] = {}
        frames = Frames(batch.data, len(batch), odd)
        arrays = [
            array_of(form, frames, partial(self.values, batch, packets, get))
            for form, get in zip(self.forms, self.getters, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    @staticmethod
    def values(batch: Batch, packets: dict[int, Packet], get: Any, row: int) -> Any:
        """What the reference engine finds in an odd frame."""
        from ..sources import packet_of

        if row not in packets:
            packets[row] = packet_of(batch.frame(row))
        return get(packets[row])

    def table(self, source: Origin) -> pa.Table:
        return pa.Table.from_batches(self.batches(source), self.schema)

    def limited(self, source: Origin, most: int) -> Iterator[pa.RecordBatch]:
        """Record batches of at most so many rows."""
        for made in self.batches(source):
            for first in range(0, made.num_rows, most):
                yield made.slice(first, most)
