"""Where the records of a pcap file are, found by arrays: guess, follow many chains at once, and prove.

Each record's place hangs on the length of the one before.  So a window of the file is entered in
many places at a time, where something looks like a record header; all those chains are followed in
step, one array operation for all.  A chain counts only if the one before it, which is certain, ends
exactly where it begins: a capture inside a payload fools nobody.  What no chain proves is walked
record by record.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

from .batch import SLACK, Batch, Columns, joined
from .files import Origin, is_capture, open_origin, reader_of, refused
from .pcap import LARGEST, SECOND, STANDARD_SNAPLEN, PcapReader
from .stream import Broken

__all__ = ["WINDOW", "batches", "chained"]

WINDOW = 16 << 20  # bytes of a file that are looked at together
CHAINS = 256  # that are followed at a time
LEAST = 1 << 13  # bytes of a window to one chain
REACH = 1 << 16  # how far a plausible record header is looked for
STEPS = 16  # links of all chains between two looks at which of them have ended
HEAD = 16  # bytes of a record header

Bytes = NDArray[np.uint8]


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
        plain = isinstance(reader, PcapReader) and not reader.flavour.lengths and reader.flavour.head.size == HEAD
        if plain and isinstance(reader, PcapReader):
            yield from PcapWindows(reader, file if not stream.format else None, window).batches()
        else:
            yield from joined(reader.frames())
    finally:
        if file:
            file.close()


class PcapWindows:
    """Reads a pcap file window by window into one buffer.

    file   the file itself, where its bytes are not compressed
    """

    def __init__(self, reader: PcapReader, file: IO[bytes] | None, window: int) -> None:
        self.reader, self.stream, self.file, self.window = reader, reader.stream, file, window
        self.order = "<" if reader.flavour.order == "little" else ">"
        self.most = max(STANDARD_SNAPLEN, min(reader.interface.snaplen, LARGEST))
        self.buffer = np.zeros(window + SLACK, np.uint8)
        self.held = 0  # bytes in the buffer
        self.base = self.stream.offset  # the place of its first byte in the file
        self.ended = False
        self.number = 1

    def batches(self) -> Iterator[Batch]:
        while True:
            self.fill()
            starts, end = chained(self.buffer, self.held, self.order)
            heads = self.heads(starts)
            captured = heads[:, 2].astype(np.int64)
            beyond = np.flatnonzero(captured > self.most)
            if len(beyond):  # the ordinary reader knows what to say of it
                end, starts = int(starts[beyond[0]]), starts[: beyond[0]]
            if len(starts):
                yield self.batch(starts, heads[: len(starts)], captured[: len(starts)])
                self.number += len(starts)
            if len(beyond) or (self.ended and end + HEAD > self.held) or (self.ended and not len(starts)):
                yield from self.rest(end)
                return
            if not len(starts):  # one record larger than the window
                self.grow()
                continue
            self.held -= end
            self.base += end
            self.buffer[: self.held] = self.buffer[end : end + self.held].copy()

    def heads(self, starts: Columns) -> NDArray[np.uint32]:
        """The record headers: seconds, fraction, captured length, length on the wire."""
        every = np.ndarray((len(self.buffer) - HEAD + 1,), f"V{HEAD}", self.buffer, 0, (1,))
        return every[starts].view(f"{self.order}u4").reshape(-1, 4)

    def batch(self, starts: Columns, heads: NDArray[np.uint32], captured: Columns) -> Batch:
        time = heads[:, 0].astype(np.int64) * SECOND
        time += heads[:, 1] * np.int64(SECOND // self.reader.flavour.ticks)
        return Batch(self.buffer, starts + HEAD, captured, heads[:, 3].astype(np.int64), time, self.number,
                     [self.reader.interface])  # fmt: skip

    def fill(self) -> None:
        """Read until the buffer is full or the file ends."""
        room = memoryview(self.buffer)[: len(self.buffer) - SLACK]  # type: ignore[arg-type]
        while self.held < len(room) and not self.ended:
            stream = self.stream
            if stream.at < len(stream.buffer):
                got = min(len(stream.buffer) - stream.at, len(room) - self.held)
                room[self.held : self.held + got] = stream.buffer[stream.at : stream.at + got]
                stream.at += got
            elif self.file is not None:
                got = self.file.readinto(room[self.held :])  # type: ignore[attr-defined]
                self.ended = not got
            else:
                self.ended = not self.more()
                got = 0
            self.held += got

    def more(self) -> bool:
        """Have the stream's next chunk ahead."""
        stream = self.stream
        try:
            chunk = next(stream.chunks, b"")
        except Broken as error:
            stream.trouble, chunk = str(error), b""
        stream.base, stream.buffer, stream.at = stream.base + len(stream.buffer), chunk, 0
        return bool(chunk)

    def grow(self) -> None:
        larger = np.zeros(2 * len(self.buffer), np.uint8)
        larger[: self.held] = self.buffer[: self.held]
        self.buffer = larger

    def rest(self, end: int) -> Iterator[Batch]:
        """What the ordinary reader makes of the bytes behind the last record, and of the rest of the file."""
        stream = self.stream
        ahead = stream.buffer[stream.at :]
        stream.buffer, stream.at, stream.base = self.buffer[end : self.held].tobytes() + ahead, 0, self.base + end
        before = self.number - 1
        for batch in joined(self.reader.frames()):
            for frame in batch.frames or ():
                frame.number += before
            batch.first += before
            assert batch.numbers is not None
            batch.numbers += before
            yield batch


# -- chains ---------------------------------------------------------------------------


def words(data: Bytes, order: str, place: int) -> NDArray[np.uint32]:
    """The 32-bit number `place` bytes behind every byte."""
    return np.ndarray((len(data) - place - 3,), f"{order}u4", data, place, (1,))


def chained(data: Bytes, size: int, order: str, chains: int = CHAINS) -> tuple[Columns, int]:
    """Where each whole record begins, from the first byte of `data` on, and where the last one ends.

    size  bytes that count; `SLACK` more can be read
    """
    lengths = words(data, order, 8)
    guesses = np.array([0, *guessed(data, size, order, min(chains, size // LEAST))], np.int64)
    limits = np.append(guesses[1:], size)
    at, live = guesses, np.arange(len(guesses))
    ends = np.empty_like(guesses)
    visited: list[tuple[Columns, Columns, NDArray[np.bool_]]] = []
    while len(at):
        table = np.empty((STEPS + 1, len(at)), np.int64)
        table[0] = at
        for step in range(STEPS):
            following = table[step + 1]
            np.add(table[step], lengths[table[step]], out=following)
            following += HEAD
            np.minimum(following, size, out=following)  # a chain that leaves the window waits at its end
        inside = table[:STEPS] < limits
        visited.append((live, table[:STEPS], inside))
        at = table[STEPS]
        over = np.flatnonzero(at >= limits)
        if len(over):
            ends[live[over]] = table[inside[:, over].sum(0), over]
            going = at < limits
            at, live, limits = at[going], live[going], limits[going]
    if (ends[:-1] == guesses[1:]).all():
        starts = np.concatenate([table[inside] for _, table, inside in visited])
        starts.sort()
    else:
        starts = proved(data, size, order, guesses, ends, visited)
    while len(starts) and whole_end(lengths, int(starts[-1]), size) > size:
        starts = starts[:-1]
    return starts, whole_end(lengths, int(starts[-1]), size) if len(starts) else 0


def whole_end(lengths: NDArray[np.uint32], at: int, size: int) -> int:
    """Where the record at `at` ends; more than `size` if that is not in the window."""
    return size + 1 if at + HEAD > size else at + HEAD + int(lengths[at])


def guessed(data: Bytes, size: int, order: str, chains: int) -> Iterator[int]:
    """Places, in order, that look like record headers: times like the first one's, lengths that lead to another."""
    if chains < 2:
        return
    pattern = data[2:4].tobytes() if order == "<" else data[:2].tobytes()  # the high half of the seconds
    behind = 2 if order == "<" else 0
    view, lengths, wires, fractions = data.data, *(words(data, order, place) for place in (8, 12, 4))
    last = 0
    for begin in range(size // chains, size - LEAST // 2, size // chains):
        near = (
            view[begin : min(begin + REACH, size)].tobytes() if begin < last else view[begin : begin + 4096].tobytes()
        )
        found = near.find(pattern, behind)
        while found >= 0:
            at = begin + found - behind
            captured = int(lengths[at]) if at + HEAD <= size else size
            after = at + HEAD + captured
            if captured <= int(wires[at]) and captured <= LARGEST and int(fractions[at]) < SECOND:
                if after + 4 > size or data[after + behind : after + behind + 2].tobytes() == pattern:
                    break
            found = near.find(pattern, found + 1)
        if found >= 0 and at > last:
            yield at
            last = at


def proved(data: Bytes, size: int, order: str, guesses: Columns, ends: Columns,
           visited: list[tuple[Columns, Columns, NDArray[np.bool_]]]) -> Columns:  # fmt: skip
    """The records that are certain: chains that begin where the one before ends, and what is walked between them."""
    lengths, at = words(data, order, 8), 0
    accepted = np.zeros(len(guesses), np.bool_)
    walked: list[int] = []
    for number, guess in enumerate(guesses.tolist()):
        while at < guess:
            walked.append(at)
            at = min(at + HEAD + int(lengths[at]), size)
        if at == guess:
            accepted[number] = True
            at = int(ends[number])
    while at < size:
        walked.append(at)
        at += HEAD + int(lengths[at])
    kept = [table[inside & accepted[live]] for live, table, inside in visited]
    starts = np.concatenate([*kept, np.array(walked, np.int64)])
    starts.sort()
    return starts
