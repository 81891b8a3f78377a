"""Many frames at once, as columns over one buffer: what the columns engine reads.

`index.batches` is the one way in: pcap and the plain packets of pcapng go through a vectorised index,
everything else (modified pcap, blocks with options) through the ordinary readers, a batch at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .model import CaptureError, Frame, Interface, Item

__all__ = ["SLACK", "Batch", "Columns", "bundled", "joined"]

SLACK = 512  # bytes that may be read behind the last frame of a buffer: headers are gathered whole
MOST_TIME = (1 << 63) - 1  # nanoseconds: in the year 2262
ROWS, BYTES = 1 << 15, 16 << 20  # of a batch

Columns = NDArray[np.int64]
Kind = TypeVar("Kind", bound=Item)


@dataclass(slots=True)
class Batch:
    """Frames in the order of the capture; every array has one element a frame.

    data        the buffer; `SLACK` bytes behind the last frame can be read, and mean nothing
    start       first byte of each frame in it
    captured, wire   bytes captured, and on the wire
    time        nanoseconds since 1970; `timeless` says where the capture has none, or one beyond 2262
    first       the number of the first frame, from 1; `numbers` where they are not in a row
    interfaces  where they were captured, and `which` of them each was (None: all the first)
    frames      those that a reader made, where one did
    """

    data: NDArray[np.uint8]
    start: Columns
    captured: Columns
    wire: Columns
    time: Columns
    first: int
    interfaces: list[Interface]
    which: NDArray[np.int32] | None = None
    timeless: NDArray[np.bool_] | None = None
    numbers: Columns | None = None
    frames: list[Frame] | None = None

    def __len__(self) -> int:
        return len(self.start)

    def number(self) -> Columns:
        """The frames' numbers."""
        return np.arange(self.first, self.first + len(self)) if self.numbers is None else self.numbers

    def interface(self, row: int) -> Interface:
        return self.interfaces[0 if self.which is None else int(self.which[row])]

    def frame(self, row: int) -> Frame:
        """One of the frames, as readers hand it out."""
        if self.frames is not None:
            return self.frames[row]
        start, size = int(self.start[row]), int(self.captured[row])
        number = self.first + row if self.numbers is None else int(self.numbers[row])
        return Frame(self.data[start : start + size].tobytes(), int(self.time[row]), int(self.wire[row]),
                     self.interface(row), number)  # fmt: skip

    def take(self, rows: Columns) -> Batch:
        """Some of the frames."""
        frames = None if self.frames is None else [self.frames[row] for row in rows]
        return Batch(self.data, self.start[rows], self.captured[rows], self.wire[rows], self.time[rows], self.first,
                     self.interfaces, None if self.which is None else self.which[rows],
                     None if self.timeless is None else self.timeless[rows], self.number()[rows], frames)  # fmt: skip

    def part(self, first: int, stop: int) -> Batch:
        """The frames from `first` to before `stop`, without a copy."""
        cut = slice(first, stop)
        return Batch(self.data, self.start[cut], self.captured[cut], self.wire[cut], self.time[cut], self.first + first,
                     self.interfaces, None if self.which is None else self.which[cut],
                     None if self.timeless is None else self.timeless[cut],
                     None if self.numbers is None else self.numbers[cut],
                     None if self.frames is None else self.frames[cut])  # fmt: skip


def joined(frames: Iterator[Frame]) -> Iterator[Batch]:
    """Frames of any reader as batches.  An error of the reader comes after every frame before it."""
    return map(batch_of, bundled(frames))


def bundled(items: Iterator[Kind], rows: int = ROWS, size: int = BYTES) -> Iterator[list[Kind]]:
    """Items of any reader, many at a time.  An error of the reader comes after every item before it."""
    trouble: CaptureError | None = None
    kept: list[Kind] = []
    held = 0
    while trouble is None:
        try:
            item = next(items, None)
        except CaptureError as error:
            trouble, item = error, None
        if item is not None:
            kept.append(item)
            held += len(item.data if isinstance(item, Frame) else item.raw)
        if kept and (item is None or len(kept) == rows or held >= size):
            yield kept
            kept, held = [], 0
        if item is None:
            break
    if trouble:
        raise trouble


def batch_of(frames: list[Frame]) -> Batch:
    data = np.frombuffer(b"".join([*(frame.data for frame in frames), bytes(SLACK)]), np.uint8)
    captured = np.array([len(frame.data) for frame in frames], np.int64)
    interfaces = list({id(frame.interface): frame.interface for frame in frames}.values())
    place = {id(interface): number for number, interface in enumerate(interfaces)}
    which = np.array([place[id(frame.interface)] for frame in frames], np.int32) if len(interfaces) > 1 else None
    times = [-1 if frame.time is None or frame.time > MOST_TIME else frame.time for frame in frames]
    timeless = np.array([time < 0 for time in times])
    wire = np.array([frame.wire_len for frame in frames], np.int64)
    return Batch(data, np.cumsum(captured) - captured, captured, wire, np.array(times, np.int64), frames[0].number,
                 interfaces, which,
                 timeless if timeless.any() else None, np.array([frame.number for frame in frames], np.int64),
                 frames)  # fmt: skip
