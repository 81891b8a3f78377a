"""Capture files by name, pipe or bytes: content says what they are, and what is written comes into being whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO, TextIOBase
from typing import IO, TYPE_CHECKING, TypeAlias

from .magic import is_pcap, is_pcapng, looks_like
from .model import CaptureError, Frame, Interface, Item, Section
from .output import Output, Target, replacing
from .stream import Readable, Stream, open_stream

if TYPE_CHECKING:
    from .pcap import PcapReader, PcapWriter
    from .pcapng import PcapngReader
    from .pcapngwriter import PcapngWriter

__all__ = ["Capture", "Origin", "Written", "is_capture", "open_capture", "open_origin", "refused", "replacing",
           "write_items"]  # fmt: skip

Origin: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | Readable"

FORMATS = ("pcap", "pcapng")
HEAD = 4096  # bytes by which a file is told


# -- reading --------------------------------------------------------------------------


def open_origin(origin: Origin) -> tuple[Stream, IO[bytes] | None]:
    """A path, "-", bytes or an open binary file as a stream, and the file to be closed after it.  OSError."""
    if isinstance(origin, (bytes, bytearray, memoryview)):
        return open_stream(BytesIO(origin)), None
    if isinstance(origin, TextIOBase):
        raise TypeError(f"{origin} is open as text: open it with mode 'rb'")
    if origin == "-":
        return open_stream(sys.stdin.buffer, "-"), None
    if isinstance(origin, (str, os.PathLike)):
        file = open(origin, "rb", buffering=0)  # noqa: SIM115 (closed with the capture)
        try:
            return open_stream(file, os.fspath(origin)), file
        except BaseException:
            file.close()
            raise
    return open_stream(origin, str(getattr(origin, "name", ""))), None


def is_capture(stream: Stream) -> bool:
    """Whether what lies ahead is a capture, as its first bytes tell."""
    head = stream.peek(4)
    return is_pcap(head) or is_pcapng(head)


class Capture:
    """A capture that is open.  It can be gone through once: `items()`, or only the packets in it: `frames()`.

    format       "pcap", "modified pcap" or "pcapng"
    compression  "gzip", "zstd", or nothing
    remarks      what should be said of the file

    CaptureError if it is no capture, or if its header is cut or wrong.
    """

    def __init__(self, stream: Stream, file: IO[bytes] | None = None) -> None:
        self.stream, self.file, self.name, self.compression = stream, file, stream.name, stream.format
        try:
            if not is_capture(stream):
                raise refused(stream)
            self.reader = reader_of(stream)
        except BaseException:
            self.close()
            raise
        self.format, self.remarks = self.reader.format, self.reader.remarks

    @property
    def sections(self) -> list[Section]:
        """The sections seen so far; a pcap file is one."""
        return self.reader.sections

    @property
    def interfaces(self) -> list[Interface]:
        """The interfaces described so far."""
        return [interface for section in self.sections for interface in section.interfaces]

    @property
    def link(self) -> int | None:
        """The link type, as far as there is only one so far."""
        links = {interface.link for interface in self.interfaces}
        return links.pop() if len(links) == 1 else None

    def items(self) -> Iterator[Item]:
        """Sections, interfaces, frames and other blocks, in the order of the file.

        If the file is cut or damaged, CaptureError comes after everything that is whole.
        """
        try:
            yield from self.reader.items()
        finally:
            self.close()

    def frames(self) -> Iterator[Frame]:
        """The packets only."""
        try:
            yield from self.reader.frames()
        finally:
            self.close()

    __iter__ = frames

    def close(self) -> None:
        if self.file:
            self.file.close()

    __del__ = close

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def reader_of(stream: Stream) -> PcapReader | PcapngReader:
    """Who reads this capture; only what is needed is imported."""
    if is_pcap(stream.peek(4)):
        from .pcap import PcapReader

        return PcapReader(stream)
    from .pcapng import PcapngReader

    return PcapngReader(stream)


def refused(stream: Stream) -> CaptureError:
    """Why this is no capture."""
    head = stream.peek(HEAD)
    if stream.trouble:
        return stream.error("")
    if not head:
        return CaptureError("nothing is in it: a capture begins with a header", stream.name)
    name, todo = looks_like(head)
    found = f"it looks like {name}" if name else f"it begins with {head[:8].hex(' ')}"
    return CaptureError(f"this is no pcap or pcapng capture: {found}", stream.name, todo=todo)


def open_capture(origin: Origin) -> Capture:
    """A capture from a path, "-" (standard input), bytes or an open binary file; unpacked if it is compressed."""
    return Capture(*open_origin(origin))


# -- writing --------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """How many frames were written, and what of the source the format had no place for."""

    frames: int
    remarks: list[str] = field(default_factory=list)


def write_items(target: Target, items: Iterable[Item], format: str = "") -> Written:
    """Write frames, and the sections, interfaces and blocks around them, into a capture.

    target  a path whose ending says what to write (.pcap, .pcapng; .gz or .zst may follow), "-" or an open file
    format  "pcap" or "pcapng": where the name does not say it

    CaptureError if the format cannot hold the frames; a file of that name is left as it was then.
    """
    count = 0
    with Output(target, format, FORMATS) as output:
        writer = writer_of(output)
        for item in items:
            writer.put(item)
            count += isinstance(item, Frame)
        writer.finish()
    return Written(count, [f"{number} {what}" for what, number in writer.lost.items() if number])


def writer_of(output: Output) -> PcapWriter | PcapngWriter:
    if output.format == "pcap":
        from .pcap import PcapWriter

        return PcapWriter(output)
    from .pcapngwriter import PcapngWriter

    return PcapngWriter(output)
