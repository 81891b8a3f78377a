"""The index of a pcapng file: its plain packets by arrays, and every other block by the ordinary reader."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import IO

import numpy as np
from numpy.typing import NDArray

from .batch import MOST_TIME, Batch, Columns, batch_of, bundled
from .blocks import EPB, SHB
from .chains import Bytes, Findable, Link, chained, found_near, heads, numbers, rising
from .model import CaptureError, Frame, Item
from .pcapng import LARGEST, SECOND, PcapngReader
from .windows import Windows

__all__ = ["PcapngWindows"]

LEAST = 12  # bytes of a block
HEAD = 28  # bytes of a packet's block before the packet
PIECES = 64  # runs of plain packets in a window; if there are more, it is read block by block

Mask = NDArray[np.bool_]


class PcapngWindows(Windows):
    """Reads a pcapng file window by window.

    A packet is plain if its block is sound, has no options, and if its time is a whole number of nanoseconds.
    """

    def __init__(self, reader: PcapngReader, file: IO[bytes] | None, window: int) -> None:
        super().__init__(reader.stream, file, window)
        self.reader, self.known = reader, reader.blocks

    def batches(self) -> Iterator[Batch]:
        for piece in self.pieces():
            if isinstance(piece, Batch):
                yield piece
            elif frames := [item for item in piece if isinstance(item, Frame)]:
                yield batch_of(frames)

    def pieces(self) -> Iterator[Batch | list[Item]]:
        """Everything in the order of the file: runs of plain packets, and all other items."""
        ahead, self.reader.ahead = self.reader.ahead, []
        yield ahead
        while True:
            self.fill()
            link = Link("<" if self.known.sections[-1].order == "little" else ">", 4, 0, LEAST)
            starts, end = chained(self.data, self.held, link, guessed(self.memory, self.data, self.held, link.order))
            sizes = numbers(self.data, link.order, link.place)[starts].astype(np.int64)
            wrong = np.flatnonzero(~self.sound(starts, sizes, link.order))
            if len(wrong):  # the ordinary reader knows what to say of it
                end, starts, sizes = int(starts[wrong[0]]), starts[: wrong[0]], sizes[: wrong[0]]
            for first, stop, plain in runs(self.plain(starts, sizes, link.order)):
                part = slice(first, stop)
                made, done = (self.batch if plain else self.one_by_one)(starts[part], sizes[part], link.order)
                if made:
                    yield made
                if done < stop - first:
                    end, self.ended = int(starts[first + done]), True
                    starts = starts[:0]
                    break
            if len(wrong) or (self.ended and (end + LEAST > self.held or not len(starts))):
                self.give_back(end)
                yield from bundled(self.reader.items())
                return
            self.drop(end)

    @staticmethod
    def records(batch: Batch) -> tuple[Columns, Columns]:
        """Where the blocks of plain packets begin and end in the buffer."""
        return batch.start - HEAD, batch.start + batch.captured + -batch.captured % 4 + 4

    def sound(self, starts: Columns, sizes: Columns, order: str) -> Mask:
        """Blocks whose two lengths agree, and are lengths that blocks can have; no sections."""
        again = numbers(self.data, order, 0)[np.maximum(starts + sizes - 4, 0)]
        kinds = numbers(self.data, order, 0)[starts]
        found: Mask = (sizes >= LEAST) & (sizes % 4 == 0) & (sizes <= LARGEST) & (again == sizes) & (kinds != SHB)
        return found

    def plain(self, starts: Columns, sizes: Columns, order: str) -> Mask:
        """Blocks that are packets without options."""
        fields = heads(self.data, starts, HEAD, order)
        captured = fields[:, 5].astype(np.int64)
        found: Mask = (fields[:, 0] == EPB) & (HEAD + captured + -captured % 4 + 4 == sizes)
        return found

    def batch(self, starts: Columns, sizes: Columns, order: str) -> tuple[Batch | None, int]:
        """Plain packets, and how many they are: none if the ordinary reader has to say something of them."""
        fields = heads(self.data, starts, HEAD, order)
        interfaces, which = self.known.sections[-1].interfaces, fields[:, 2]
        if int(which.max()) >= len(interfaces):
            return None, 0
        used = [interfaces[number] for number in np.flatnonzero(np.bincount(which)).tolist()]
        if any(one.offset or SECOND % one.ticks for one in used):
            return None, 0
        units = np.array([SECOND // one.ticks if one in used else 1 for one in interfaces], np.uint64)[which]
        time = fields[:, 3].astype(np.uint64) << np.uint64(32) | fields[:, 4]
        if (time > np.uint64(MOST_TIME) // units).any():
            return None, 0
        made = Batch(self.data, starts + HEAD, fields[:, 5].astype(np.int64), fields[:, 6].astype(np.int64),
                     (time * units).astype(np.int64), self.known.number + 1, list(interfaces),
                     which.astype(np.int32) if len(interfaces) > 1 else None)  # fmt: skip
        self.known.number += len(starts)
        return made, len(starts)

    def one_by_one(self, starts: Columns, sizes: Columns, _: str) -> tuple[list[Item], int]:
        """Any blocks: what they are, and how many of them were read before one that cannot be."""
        items: list[Item] = []
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
            number = self.known.number
            try:
                items.append(self.known.item(self.data[start : start + size].tobytes()))
            except CaptureError:
                self.known.number = number
                break
        return items, len(items)


def runs(plain: Mask) -> Iterator[tuple[int, int, bool]]:
    """Runs of plain and of other blocks: (first, stop, whether they are plain); one of others if they are too many."""
    if not len(plain):
        return
    bounds = [0, *(np.flatnonzero(plain[1:] != plain[:-1]) + 1).tolist(), len(plain)]
    if len(bounds) > PIECES:
        yield 0, len(plain), False
        return
    for first, stop in pairwise(bounds):
        yield first, stop, bool(plain[first])


def guessed(buffer: Findable, data: Bytes, size: int, order: str) -> Columns:
    """Places that look like packets: in fours, of a kind and length, with the same length behind."""
    found = found_near(buffer, EPB.to_bytes(4, "little" if order == "<" else "big"), size)
    found = found[(found % 4 == 0) & (found + HEAD <= size)]
    fields = heads(data, found, HEAD, order)
    sizes = fields[:, 1].astype(np.int64)
    again = numbers(data, order, 0)[np.clip(found + sizes - 4, 0, size)]
    good = (sizes % 4 == 0) & (sizes > HEAD) & (sizes <= LARGEST) & (fields[:, 5] <= sizes)
    good &= (again == sizes) | (found + sizes > size)
    return rising(found[good])
