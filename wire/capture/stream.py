"""Bytes in order, from files, pipes and compressed data; nothing is read before it is needed, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol
from zlib import decompressobj
from zlib import error as ZlibError

from .model import CaptureError

__all__ = ["Readable", "Stream", "open_stream"]

CHUNK = 1 << 18  # bytes asked of a file at a time
GZIP_FEED = 1 << 14  # compressed bytes unpacked at a time: at most 16 MB come of them (deflate packs 1032:1)
ZSTD_FEED = 1 << 9  # the same for zstd, which packs up to 32 kB into a byte


class Readable(Protocol):
    """An open binary file; it need not be seekable."""

    def read(self, size: int = -1, /) -> bytes: ...


class Stream:
    """What lies ahead is `buffer[at:]`, as far as it has been read; `base` is the place of the buffer's first byte.

    format   "gzip" or "zstd" if it was compressed
    trouble  why it ended before its time, if it did
    """

    def __init__(self, chunks: Iterator[bytes], name: str = "", format: str = "") -> None:
        self.chunks, self.name, self.format = chunks, name, format
        self.buffer, self.at, self.base, self.trouble = b"", 0, 0, ""

    @property
    def offset(self) -> int:
        """Bytes before `at`."""
        return self.base + self.at

    def fill(self, need: int) -> int:
        """Have `need` bytes ahead, if there are so many; returns how many there are."""
        have = len(self.buffer) - self.at
        if have >= need:
            return have
        pieces = [self.buffer[self.at :]]
        try:
            while have < need and (chunk := next(self.chunks, b"")):
                pieces.append(chunk)
                have += len(chunk)
        except Broken as error:
            self.trouble = str(error)
        self.base, self.at, self.buffer = self.base + self.at, 0, b"".join(pieces)
        return have

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        self.fill(size)
        return self.buffer[self.at : self.at + size]

    def rest(self) -> Iterator[bytes]:
        """All that lies ahead, in chunks."""
        while self.fill(1):
            chunk, self.base, self.buffer, self.at = self.buffer[self.at :], self.base + len(self.buffer), b"", 0
            yield chunk

    def error(self, what: str, offset: int | None = None, todo: str = "") -> CaptureError:
        """An error at a byte; where the data underneath broke off, that is the reason."""
        return CaptureError(self.trouble or what, self.name, self.offset if offset is None else offset, todo)

    def end(self) -> None:
        """Nothing lies ahead: CaptureError if that is not where the file ends."""
        if self.trouble:
            raise self.error("", todo="the packets before are whole")


class Broken(Exception):
    """Compressed data that is damaged or cut short."""


@dataclass(frozen=True)
class Codec:
    """How one kind of compressed data is unpacked."""

    name: str
    feed: int
    new: Callable[[], Any]
    errors: tuple[type[Exception], ...]
    padding: bytes = b""  # what may stand between and after its members


def gzip(name: str) -> Codec:
    return Codec("gzip", GZIP_FEED, lambda: decompressobj(31), (ZlibError,), b"\0")


def zstd(name: str) -> Codec:
    library = need_zstandard(name)
    return Codec("zstd", ZSTD_FEED, lambda: library.ZstdDecompressor().decompressobj(), (library.ZstdError,))


def need_zstandard(name: str) -> Any:
    """The zstd library, which only such files need.  CaptureError where it is not installed."""
    try:
        return import_module("zstandard")
    except ImportError:
        raise CaptureError("zstd compression needs the Python package zstandard, which is not installed", name,
                           todo="pip install zstandard, or use gzip") from None  # fmt: skip


def codec_of(head: bytes) -> Callable[[str], Codec] | None:
    """Who unpacks data that begins like this (RFC 1952 2.3.1; RFC 8878 3.1.1, 3.1.2)."""
    if head.startswith(b"\x1f\x8b"):
        return gzip
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return zstd
    return None


def unpacked(chunks: Iterator[bytes], codec: Codec) -> Iterator[bytes]:
    """What compressed data holds, member after member, about a `CHUNK` at a time.  Broken if it is damaged."""
    member: Any = None
    for chunk in chunks:
        ready: list[bytes] = []
        for start in range(0, len(chunk), codec.feed):
            piece = chunk[start : start + codec.feed]
            while piece := piece if member else piece.lstrip(codec.padding):
                member = member or codec.new()
                before = member.copy() if hasattr(member, "copy") else None
                try:
                    ready.append(member.decompress(piece))
                except codec.errors as error:
                    yield from filter(None, [b"".join([*ready, *salvaged(before, piece, codec)])])
                    raise Broken(f"the {codec.name} data is damaged here: {error}") from None
                piece = member.unused_data
                if member.eof:
                    member = None
            if sum(map(len, ready)) >= CHUNK:
                yield b"".join(ready)
                ready = []
        yield from filter(None, [b"".join(ready)])
    if member:
        raise Broken(f"the {codec.name} data ends here, in the middle: the file is cut short")


def salvaged(member: Any, piece: bytes, codec: Codec) -> Iterator[bytes]:
    """What still comes out of a damaged piece, byte by byte."""
    for index in range(len(piece) if member else 0):
        try:
            yield member.decompress(piece[index : index + 1])
        except codec.errors:
            return


def chunks_of(file: Readable) -> Iterator[bytes]:
    """What a file holds.  Where it can, it gives what a pipe has, rather than wait for more."""
    read = getattr(file, "read1", file.read)
    while chunk := read(CHUNK):
        yield bytes(chunk)


def open_stream(file: Readable, name: str = "") -> Stream:
    """A file as a stream, unpacked if its content is compressed."""
    stream = Stream(chunks_of(file), name)
    codec = codec_of(stream.peek(4))
    if codec is None:
        return stream
    chosen = codec(name)
    return Stream(unpacked(stream.rest(), chosen), name, chosen.name)
