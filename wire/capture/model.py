"""What a capture file holds: sections, interfaces, frames and other blocks, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["Block", "CaptureError", "Frame", "Interface", "Item", "Order", "Section"]

Order: TypeAlias = Literal["big", "little"]


class CaptureError(ValueError):
    """A capture that cannot be read on, or cannot be written: where, what, and what to do.

    name    the file
    offset  the byte at which the trouble begins, from 0 in the uncompressed file; None where it has no one place
    """

    def __init__(self, what: str, name: str = "", offset: int | None = None, todo: str = "") -> None:
        super().__init__(("" if offset is None else f"byte {offset}: ") + what + (f"; {todo}" if todo else ""))
        self.what, self.name, self.offset, self.todo = what, name, offset, todo
        if name:
            self.add_note(f"in {name}")


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A stretch of a capture with one byte order: a section of a pcapng file, or a whole pcap file.

    format      "pcapng", "pcap", or "modified pcap"
    raw         its header as it stands in the file; empty for one that is not from a file
    interfaces  those described so far
    """

    format: str
    order: Order
    version: tuple[int, int] = (1, 0)
    raw: bytes = b""
    interfaces: list[Interface] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Interface:
    """Where frames were captured; a pcap file has one.

    link        LINKTYPE number (tcpdump.org/linktypes.html)
    snaplen     most bytes kept of a packet; 0: all
    ticks       units of its clock in a second
    offset      seconds to be added to its times
    fcs_len     bytes of frame check sequence at the end of each packet
    number      its place in the section
    raw         its description as it stands in a pcapng file
    """

    link: int
    snaplen: int = 0
    ticks: int = 10**9
    offset: int = 0
    fcs_len: int = 0
    name: str | None = None
    description: str | None = None
    number: int = 0
    section: Section | None = None
    raw: bytes = b""

    def __str__(self) -> str:
        return self.name or str(self.number)


@dataclass(slots=True)
class Frame:
    """One packet as captured.

    time      nanoseconds since 1970; None where the file has none for it
    wire_len  its length on the wire
    number    its place in the file, from 1, as Wireshark counts
    raw       the record (pcap: its header) as it stands in the file; written again as it is while it says the same
    flags     pcapng's link-layer flags: direction, kind of reception, FCS length, errors
    """

    data: bytes
    time: int | None
    wire_len: int
    interface: Interface
    number: int = 0
    raw: bytes = b""
    comments: tuple[str, ...] = ()
    flags: int | None = None

    @property
    def link(self) -> int:
        return self.interface.link

    @property
    def comment(self) -> str | None:
        """All its comments, a line each."""
        return "\n".join(self.comments) or None

    @property
    def fcs_len(self) -> int:
        """Bytes of frame check sequence at its end: the packet's own word, else the interface's."""
        return (self.flags or 0) >> 5 & 15 or self.interface.fcs_len

    @property
    def direction(self) -> str:
        """ "in", "out", or nothing where that is not known."""
        return ("", "in", "out", "")[(self.flags or 0) & 3]


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a pcapng file that is no packet: names, statistics, secrets, custom and unknown ones."""

    kind: int
    raw: bytes
    section: Section


Item: TypeAlias = Section | Interface | Frame | Block
