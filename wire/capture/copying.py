"""Chosen packets of a capture into one of the same format: neighbouring records go out as one slice.

What is no plain record (see `index`) goes through the format's writer item by item, in its place between the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, batch_of
from .files import Capture, Written, writer_of
from .index import PcapWindows, windows_of
from .model import CaptureError, Frame, Item
from .output import Output
from .pcap import SECOND, PcapWriter
from .pcapngindex import PcapngWindows

__all__ = ["Choose", "Copier", "copier"]

ROWS = 1 << 15  # frames that are asked about at a time: their columns stay in the cache
STEP = 1 << 20  # bytes that are written at a time: systems take many more of them slowly
LATEST = (SECOND << 32) - 1  # nanoseconds that pcap can say
NONE = np.empty(0, np.int64)

Mask: TypeAlias = NDArray[np.bool_]
Choose: TypeAlias = Callable[[Batch], Mask]


def copier(capture: Capture, format: str, choose: Choose) -> Copier | None:
    """What copies a capture of which no packet was read yet; None if its records cannot stay as they are.

    format   of the other one: "pcap" or "pcapng"
    choose   says which frames of a batch are meant
    """
    windows = windows_of(capture.reader, capture.file) if format == capture.format else None
    return Copier(windows, choose) if windows else None


class Copier:
    """Copies the packets that are meant.

    frames   how many packets were read, and `count` of them copied
    trouble  why the capture could not be read to its end
    """

    def __init__(self, windows: PcapWindows | PcapngWindows, choose: Choose) -> None:
        self.windows, self.choose = windows, choose
        self.frames = self.count = 0
        self.trouble: CaptureError | None = None

    def copy(self, output: Output) -> Written:
        """Write to an output that is open.  CaptureError if the format cannot hold a packet."""
        writer = writer_of(output)
        for piece in self.pieces():
            if not isinstance(piece, Batch):
                for item in self.meant(piece):
                    writer.put(item)
                continue
            if isinstance(writer, PcapWriter) and writer.interface is None:
                writer.begin(piece.interfaces[0], piece.interfaces[0].fcs_len, fine=False)
            for first in range(0, len(piece), ROWS):
                part = piece.part(first, min(first + ROWS, len(piece)))
                chosen = self.asked(part)
                late = np.flatnonzero(chosen & (part.time > LATEST)) if isinstance(writer, PcapWriter) else NONE
                if len(late):
                    chosen[late[0] :] = False
                made = self.slices(part, chosen)
                for at in range(0, len(made), STEP):
                    output.write(made[at : at + STEP])
                if len(late):
                    writer.put(part.frame(int(late[0])))  # which says what is wrong with it
        writer.finish()
        return Written(self.count, [f"{number} {what}" for what, number in writer.lost.items() if number])

    def pieces(self) -> Iterator[Batch | list[Item]]:
        """What is in the capture; an error is kept until all before it is written."""
        try:
            yield from self.windows.pieces()
        except CaptureError as error:
            self.trouble = error

    def asked(self, batch: Batch) -> Mask:
        chosen = self.choose(batch)
        self.frames += len(batch)
        self.count += int(chosen.sum())
        return chosen

    def meant(self, items: list[Item]) -> Iterator[Item]:
        """The frames that are meant, and everything that is no frame."""
        frames = [item for item in items if isinstance(item, Frame)]
        answers = iter(self.asked(batch_of(frames)).tolist() if frames else ())
        return (item for item in items if not isinstance(item, Frame) or next(answers))

    def slices(self, batch: Batch, chosen: Mask) -> bytes:
        """The records of plain packets, as they stand in the file."""
        edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
        begin, end = self.windows.records(batch)
        data = batch.data.data
        runs = zip(begin[edges[::2]].tolist(), end[edges[1::2] - 1].tolist(), strict=True)
        return b"".join([data[first:stop] for first, stop in runs])
