"""Fields of the packets of a capture that are meant: index, filter and columns engine, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..capture.index import WINDOW, batches
from ..engines.columns import read
from ..protocols import load
from ..views.fields import values_of
from .forms import Frames
from .named import target_of
from .wanted import Wanted

if TYPE_CHECKING:
    from ..capture.batch import Batch
    from ..capture.files import Origin
    from ..filter.columns import Chooser
    from ..packet import Packet

__all__ = ["Chosen", "ValuesOf"]

ROWS = 1 << 15  # frames that are read together: their columns stay in the cache

ValuesOf = Callable[[int], Sequence[Any]]  # the values of a field in an odd frame


def chooser(where: str) -> Chooser:
    """What says which frames a display filter means."""
    from ..filter import compile_filter
    from ..filter.columns import Chooser

    return Chooser(compile_filter(where))


class Chosen:
    """Reads fields of captures into sinks; LookupError and FilterError where these are not understood.

    where         a display filter
    window        bytes of a capture that are looked at together
    frames, odd   how many were read so far, and how many of them by the reference engine
    """

    window = WINDOW

    def __init__(self, fields: Sequence[str], where: str | None = None) -> None:
        load()
        targets = [target_of(name) for name in fields]
        self.wanted = Wanted(targets)
        self.getters = [values_of(target) for target in targets]
        self.chooser = chooser(where) if where else None
        self.frames = self.odd = 0

    def chosen(self, source: Origin) -> Iterator[Batch]:
        """The packets that are meant, in the order of the capture."""
        for whole in batches(source, self.window):
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

    def read(self, batch: Batch) -> tuple[Frames, list[ValuesOf]]:
        """Fill the sinks; for each field, what the reference engine finds in odd frames."""
        self.wanted.clear()
        odd = read(batch, self.wanted)
        self.odd += int(odd.sum())
        packets: dict[int, Packet] = {}
        return Frames(batch.data, len(batch), odd), [partial(self.values, batch, packets, get) for get in self.getters]

    @staticmethod
    def values(batch: Batch, packets: dict[int, Packet], get: Any, row: int) -> Any:
        """What the reference engine finds in an odd frame."""
        from ..sources import packet_of

        if row not in packets:
            packets[row] = packet_of(batch.frame(row))
        return get(packets[row])
