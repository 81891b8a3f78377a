"""Captures as batches of frames: the plain ones through the vectorised index, all others frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Columns, joined
from .chains import Bytes, Findable, Link, chained, found_near, heads, numbers, rising
from .files import Origin, is_capture, open_origin, reader_of, refused
from .model import Item
from .pcap import LARGEST, SECOND, STANDARD_SNAPLEN, PcapReader
from .windows import Windows

if TYPE_CHECKING:
    from .pcapng import PcapngReader
    from .pcapngindex import PcapngWindows

__all__ = ["WINDOW", "PcapWindows", "batches", "guessed", "record", "windows_of"]

WINDOW = 8 << 20  # bytes of a file that are looked at together: they stay in the cache
HEAD = 16  # bytes of a record header


def batches(origin: Origin, window: int = WINDOW) -> Iterator[Batch]:
    """The frames of a capture, about `window` bytes at a time.

    CaptureError if it is no capture; if it is damaged or cut, after every frame before that.  A batch's
    buffer is used again for the next one.
    """
    stream, file = open_origin(origin)
    try:
        if not is_capture(stream):
            raise refused(stream)
        reader = reader_of(stream)
        windows = windows_of(reader, file, window)
        yield from joined(reader.frames()) if windows is None else windows.batches()
    finally:
        if file:
            file.close()


def windows_of(reader: PcapReader | PcapngReader, file: IO[bytes] | None,
               window: int = WINDOW) -> PcapWindows | PcapngWindows | None:  # fmt: skip
    """What lies ahead of a reader through the vectorised index; None if it cannot be read so.

    file   the one that is read
    """
    stream = reader.stream
    plain = file if not stream.format else None
    if not isinstance(reader, PcapReader):
        from .pcapngindex import PcapngWindows

        return PcapngWindows(reader, plain, window)
    if reader.flavour.lengths or reader.flavour.head.size != HEAD:
        return None
    return PcapWindows(reader, plain, window)


def record(order: str) -> Link:
    """How pcap's records lead on, in a byte order: "<" or ">"."""
    return Link(order, 8, HEAD, HEAD)


class PcapWindows(Windows):
    """Reads a pcap file window by window."""

    def __init__(self, reader: PcapReader, file: IO[bytes] | None, window: int) -> None:
        super().__init__(reader.stream, file, window)
        self.reader = reader
        self.link = record("<" if reader.flavour.order == "little" else ">")
        self.most = max(STANDARD_SNAPLEN, min(reader.interface.snaplen, LARGEST))
        self.number = 1

    def batches(self) -> Iterator[Batch]:
        while True:
            self.fill()
            guesses = guessed(self.memory, self.data, self.held, self.link.order)
            starts, end = chained(self.data, self.held, self.link, guesses)
            fields = heads(self.data, starts, HEAD, self.link.order)
            captured = fields[:, 2].astype(np.int64)
            beyond = np.flatnonzero(captured > self.most)
            if len(beyond):  # the ordinary reader knows what to say of it
                end, starts = int(starts[beyond[0]]), starts[: beyond[0]]
            if len(starts):
                yield self.batch(starts, fields[: len(starts)], captured[: len(starts)])
                self.number += len(starts)
            if len(beyond) or (self.ended and (end + HEAD > self.held or not len(starts))):
                self.give_back(end)
                yield from numbered(joined(self.reader.frames()), self.number - 1)
                return
            self.drop(end)

    def pieces(self) -> Iterator[Batch | list[Item]]:
        """Everything in the order of the file: runs of plain packets, and all other items."""
        yield [*self.reader.sections, self.reader.interface]
        for batch in self.batches():
            yield batch if batch.frames is None else [*batch.frames]

    @staticmethod
    def records(batch: Batch) -> tuple[Columns, Columns]:
        """Where the records of plain packets begin and end in the buffer."""
        return batch.start - HEAD, batch.start + batch.captured

    def batch(self, starts: Columns, fields: NDArray[np.uint32], captured: Columns) -> Batch:
        time = fields[:, 0].astype(np.int64) * SECOND
        time += fields[:, 1] * np.int64(SECOND // self.reader.flavour.ticks)
        return Batch(self.data, starts + HEAD, captured, fields[:, 3].astype(np.int64), time, self.number,
                     [self.reader.interface])  # fmt: skip


def numbered(batches: Iterator[Batch], before: int) -> Iterator[Batch]:
    """The same batches behind so many frames."""
    for batch in batches:
        for frame in batch.frames or ():
            frame.number += before
        batch.first += before
        assert batch.numbers is not None
        batch.numbers += before
        yield batch


def guessed(buffer: Findable, data: Bytes, size: int, order: str) -> Columns:
    """Places that look like record headers: times like the first one's, lengths that lead to another."""
    behind = 2 if order == "<" else 0
    pattern = data[behind : behind + 2].tobytes()  # the high half of the seconds
    found = found_near(buffer, pattern, size) - behind
    found = found[found + HEAD <= size]
    fields = heads(data, found, HEAD, order)
    captured = fields[:, 2]
    after = np.minimum(found + HEAD + captured, size)
    halves = numbers(data, "=", behind, 2)
    good = (captured <= fields[:, 3]) & (captured <= LARGEST) & (fields[:, 1] < SECOND)
    good &= (halves[after] == halves[0]) | (after + 4 > size)
    return rising(found[good])
