"""A file, window by window, in one buffer that is used again."""

from __future__ import annotations

import mmap
from typing import IO

import numpy as np

from .batch import SLACK
from .chains import Bytes
from .stream import Broken, Stream

__all__ = ["Windows"]

PAGE = 1 << 21  # bytes of a large page: a buffer of these is quicker to look around in


def allocated(size: int) -> tuple[mmap.mmap, Bytes]:
    """A buffer of zeros, also as an array."""
    memory = mmap.mmap(-1, -(-size // PAGE) * PAGE)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory, np.frombuffer(memory, np.uint8, size)


class Windows:
    """What lies ahead in a stream, about `window` bytes at a time.

    file     the file itself, where its bytes are not compressed
    data     the buffer; `held` bytes of it count, and `SLACK` more can be read.  `memory` is the same for `find`
    base     the place of its first byte in the file
    ended    whether nothing comes after what it holds
    """

    def __init__(self, stream: Stream, file: IO[bytes] | None, window: int) -> None:
        self.stream, self.file = stream, file
        self.memory, self.data = allocated(window + SLACK)
        self.held, self.base, self.ended = 0, stream.offset, False

    def fill(self) -> None:
        """Read until the buffer is full or the file ends."""
        room = memoryview(self.memory)[: len(self.data) - SLACK]
        while self.held < len(room) and not self.ended:
            stream = self.stream
            if stream.at < len(stream.buffer):
                got = min(len(stream.buffer) - stream.at, len(room) - self.held)
                room[self.held : self.held + got] = memoryview(stream.buffer)[stream.at : stream.at + got]
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

    def drop(self, size: int) -> None:
        """Forget the first bytes; if there are none to forget, make room for more."""
        if size:
            self.held -= size
            self.base += size
            self.data[: self.held] = self.data[size : size + self.held].copy()
        else:
            old = self.data[: self.held]
            self.memory, self.data = allocated(2 * len(self.data))
            self.data[: self.held] = old

    def give_back(self, first: int) -> None:
        """Hand the bytes from `first` on back to the stream, for a reader that reads one record after another."""
        stream = self.stream
        ahead = stream.buffer[stream.at :]
        stream.buffer = self.data[first : self.held].tobytes() + ahead
        stream.at, stream.base = 0, self.base + first
