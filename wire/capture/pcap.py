"""pcap files: one header, then records -- draft-ietf-opsawg-pcap; tcpdump's pcap-savefile(5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from struct import Struct
from typing import Any, Protocol

from ..schema import U8, U16, U32, Bits, Default, Named, Parts, Record
from ..types import Hex32
from .layout import Layout, layout
from .magic import MICRO, MODIFIED, NANO, order_of
from .model import CaptureError, Frame, Interface, Item, Order, Section
from .stream import Stream

__all__ = ["FILE_HEADER", "MODIFIED_HEADER", "RECORD_HEADER", "PcapReader", "PcapWriter", "read_header"]

MAGICS = {MICRO: "microseconds", NANO: "nanoseconds", MODIFIED: "modified, microseconds"}

FILE_HEADER = Record("pcap", "pcap file header",
    "magic"         / Default(Named(Hex32, MAGICS), MICRO)  * "Magic number",
    "version_major" / Default(U16, 2)                       * "Major version",
    "version_minor" / Default(U16, 4)                       * "Minor version",
    "thiszone"      / U32                                   * "Correction to local time (not used)",
    "sigfigs"       / U32                                   * "Accuracy of times (not used)",
    "snaplen"       / Default(U32, 262144)                  * "Snapshot length",
    "network"       / Parts(
        "fcs_len"     / Bits(4)                             * "FCS length in 16-bit words",
        "reserved1"   / Bits(1)                             * "Reserved",
        "fcs_present" / Bits(1)                             * "FCS length is given",
        "reserved"    / Bits(10)                            * "Reserved, zero",
        "linktype"    / Named(Bits(16), "linktype")         * "Link type")
                                                            * "Link type and FCS length",
    rfc="draft-ietf-opsawg-pcap 4",
)  # fmt: skip

RECORD_HEADER = Record("pcap.record", "pcap record header",
    "ts_sec"   / U32 * "Seconds since 1970",
    "ts_frac"  / U32 * "Fraction of the second",
    "incl_len" / U32 * "Captured length",
    "orig_len" / U32 * "Length on the wire",
    rfc="draft-ietf-opsawg-pcap 5",
)  # fmt: skip

MODIFIED_HEADER = Record("pcap.modified", "Record header of modified pcap",
    *RECORD_HEADER.source,
    "ifindex"  / U32 * "Interface index",
    "protocol" / U16 * "Ethernet type",
    "pkt_type" / U8  * "Packet type",
    "pad"      / U8  * "Padding",
)  # fmt: skip


def both(record: Record) -> dict[Order, Layout]:
    return {"big": layout(record), "little": layout(record.swapped())}


FILE, RECORD, MODIFIED_RECORD = both(FILE_HEADER), both(RECORD_HEADER), both(MODIFIED_HEADER)
NETWORK = {part.last: part for field in FILE_HEADER.fields for part in field.parts}

STANDARD_SNAPLEN = 262144  # the most that tcpdump and Wireshark keep of a packet
LARGEST = 1 << 27  # no header is believed beyond this: libpcap's limit, for D-Bus and USB
SECOND = 10**9  # nanoseconds


@dataclass(frozen=True)
class Flavour:
    """How the records of one file are written.

    ticks    units of its fraction in a second
    head     the record header
    lengths  "swapped": the two lengths change places, as before version 2.3; "unsure": in version 2.3 some writers
             did it, and the captured length is the smaller
    """

    order: Order
    ticks: int
    head: Layout
    lengths: str = ""

    @cached_property
    def scale(self) -> int:
        """Nanoseconds to one of its ticks."""
        return SECOND // self.ticks

    @cached_property
    def four(self) -> Callable[[bytes, int], tuple[int, int, int, int]]:
        """Reads the first four numbers of a record header: seconds, fraction, and two lengths."""
        reader: Any = Struct(("<" if self.order == "little" else ">") + "4I").unpack_from
        return reader  # type: ignore[no-any-return]

    def read(self, data: bytes, at: int = 0) -> tuple[int, int, int]:
        """(time in nanoseconds, captured length, length on the wire) of the record header at `at`."""
        seconds, fraction, captured, wire = self.four(data, at)
        if self.lengths and (captured > wire or self.lengths == "swapped"):
            captured, wire = wire, captured
        return seconds * SECOND + fraction * self.scale, captured, wire

    def write(self, time: int, captured: int, wire: int, old: bytes) -> bytes:
        """A record header; what modified pcap has besides is taken from the `old` one, where there is one."""
        if self.lengths == "swapped":
            captured, wire = wire, captured
        seconds, fraction = divmod(time, SECOND)
        values = self.head.read(old if len(old) == self.head.size else bytes(self.head.size))
        values |= {"ts_sec": seconds, "ts_frac": fraction * self.ticks // SECOND}
        return self.head.write(**values | {"incl_len": captured, "orig_len": wire})


def read_header(raw: bytes, name: str = "") -> tuple[Flavour, Interface, list[str]]:
    """What the header of the file `name` says, and what is to be remarked on it.  CaptureError if it makes no sense."""
    order = order_of(raw)
    assert order
    values = FILE[order].read(raw)
    major, minor = version = values["version_major"], values["version_minor"]
    network = {name: part.get(values["network"]) for name, part in NETWORK.items()}
    if major < 2:
        raise CaptureError(f"pcap version {major}.{minor}: before 2.0 the format was another one", name, 4,
                           "the header is damaged, or the file older than 1990")  # fmt: skip
    if network["reserved"]:
        raise CaptureError(f"reserved bits of the link type are set (0x{values['network']:08x})", name, 20,
                           "the header is damaged, or newer than this program")  # fmt: skip
    remarks = []
    if version > (2, 4) and version != (543, 0):
        remarks.append(f"pcap version {major}.{minor} is unknown: read as 2.4")
    modified = values["magic"] == MODIFIED
    ticks = SECOND if values["magic"] == NANO else 10**6
    lengths = "swapped" if version < (2, 3) or version == (543, 0) else "unsure" if version == (2, 3) else ""
    flavour = Flavour(order, ticks, (MODIFIED_RECORD if modified else RECORD)[order], lengths)
    section = Section("modified pcap" if modified else "pcap", order, version, raw)
    interface = Interface(network["linktype"], values["snaplen"], flavour.ticks, section=section,
                          fcs_len=network["fcs_len"] * 2 if network["fcs_present"] else 0)  # fmt: skip
    section.interfaces.append(interface)
    return flavour, interface, remarks


class PcapReader:
    """The frames of a pcap file.  CaptureError if the header is cut or wrong."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        size = FILE["big"].size
        raw = stream.peek(size)
        if len(raw) < size:
            raise stream.error(f"the header needs {size} bytes, {len(raw)} are there", todo="the file is cut short")
        self.flavour, self.interface, self.remarks = read_header(raw, stream.name)
        stream.at += size
        assert self.interface.section
        self.sections = [self.interface.section]
        self.format = self.sections[0].format

    def items(self) -> Iterator[Item]:
        """The file header as a section and its interface, then every frame."""
        yield self.sections[0]
        yield self.interface
        yield from self.frames()

    def frames(self) -> Iterator[Frame]:
        """Every whole frame; then CaptureError if the file is cut or damaged."""
        stream, interface = self.stream, self.interface
        flavour, head = self.flavour, self.flavour.head.size
        four, scale, unsure = flavour.four, flavour.scale, bool(flavour.lengths)
        most = max(STANDARD_SNAPLEN, min(interface.snaplen, LARGEST))
        buffer, at, size, number = stream.buffer, stream.at, len(stream.buffer), 0
        while True:
            if size - at < head:
                stream.at = at
                if stream.fill(head) < head:
                    break
                buffer, at, size = stream.buffer, 0, len(stream.buffer)
            seconds, fraction, captured, wire = four(buffer, at)
            if unsure:
                _, captured, wire = flavour.read(buffer, at)
            end = at + head + captured
            if end > size:
                stream.at = at
                if captured > most:
                    raise stream.error(f"a record says {captured} bytes were captured: no more than {most} can be",
                                       todo="the file is damaged here; the packets before are whole")  # fmt: skip
                if stream.fill(head + captured) < head + captured:
                    break
                buffer, at, size = stream.buffer, 0, len(stream.buffer)
                end = head + captured
            number += 1
            time = seconds * SECOND + fraction * scale
            yield Frame(buffer[at + head : end], time, wire, interface, number, buffer[at : at + head])
            at = end
        self.finish(head)

    def finish(self, head: int) -> None:
        """No record is whole any more: CaptureError if there is anything left."""
        stream = self.stream
        have = stream.fill(1)
        if not have:
            stream.end()
            return
        if have < head:
            what = f"a record header needs {head} bytes, {have} {'is' if have == 1 else 'are'} there"
        else:
            captured = self.flavour.read(stream.buffer, stream.at)[1]
            what = f"a record says {captured} bytes were captured, {have - head} are there"
        raise stream.error(what, todo="the file is cut short here; the packets before are whole")


class Output(Protocol):
    """Where a writer writes."""

    name: str
    kept: bool

    def write(self, data: bytes, /) -> object: ...

    def again(self) -> Stream | None:
        """What was written so far, to be read; writing starts anew.  None where it is not `kept`."""


class PcapWriter:
    """Writes frames of one link type.  What pcap has no place for is counted in `lost`."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.lost: Counter[str] = Counter()
        self.spare = Interface(1)  # what an empty file is about
        self.interface: Interface | None = None
        self.flavour = Flavour("little", 10**6, RECORD["little"])

    def put(self, item: Item) -> None:
        if isinstance(item, Frame):
            self.frame(item)
        elif isinstance(item, Interface):
            self.spare = item if self.spare.section is None else self.spare
        elif not isinstance(item, Section):
            self.lost["blocks that are no packets, left out"] += 1

    def finish(self) -> None:
        if self.interface is None:
            self.begin(self.spare, self.spare.fcs_len, fine=False)

    def frame(self, frame: Frame) -> None:
        time = frame.time or 0
        fine = time % 1000 != 0
        if self.interface is None:
            once = not self.output.kept  # then the choice must be right at once
            self.begin(frame.interface, frame.fcs_len, fine or (once and frame.interface.ticks > 10**6))
        elif (frame.link, frame.fcs_len) != (self.interface.link, self.interface.fcs_len):
            both = f"{self.kind(self.interface)} and {self.kind(frame)}"
            raise CaptureError(f"frames of link types {both}: pcap has room for one", self.output.name,
                               todo="write a .pcapng file")  # fmt: skip
        if not 0 <= time < SECOND << 32:
            raise CaptureError(f"frame {frame.number} was captured {time // SECOND} s after 1970: pcap counts from 0 "
                               f"to {(1 << 32) - 1}", self.output.name, todo="write a .pcapng file")  # fmt: skip
        if fine and self.flavour.ticks < SECOND:
            self.refine()
        self.lost["comments, left out"] += len(frame.comments)
        self.lost["packets with flags, left out"] += frame.flags is not None
        self.lost["missing times, written as 0"] += frame.time is None
        said = time, len(frame.data), frame.wire_len
        whole = len(frame.raw) == self.flavour.head.size and self.flavour.read(frame.raw) == said
        self.output.write(frame.raw if whole else self.flavour.write(*said, frame.raw))
        self.output.write(frame.data)

    @staticmethod
    def kind(one: Interface | Frame) -> str:
        name = NETWORK["linktype"].show(one.link)
        return f"{name} with {one.fcs_len} bytes of FCS" if one.fcs_len else name

    def begin(self, interface: Interface, fcs_len: int, fine: bool) -> None:
        """Write the file header: the one that the frames' file had, where it still holds."""
        section = interface.section
        if section and section.format != "pcapng":
            flavour, again, _ = read_header(section.raw)
            if replace(again, section=section) == interface:
                self.interface, self.flavour = interface, flavour
                self.output.write(section.raw)
                return
        if fcs_len % 2 or fcs_len > 30:
            raise CaptureError(f"{fcs_len} bytes of FCS: pcap counts them in pairs, 15 at most", self.output.name,
                               todo="write a .pcapng file")  # fmt: skip
        self.start("little", replace(interface, fcs_len=fcs_len), fine)

    def start(self, order: Order, interface: Interface, fine: bool) -> None:
        """Write a new file header."""
        self.interface = interface
        self.flavour = Flavour(order, SECOND if fine else 10**6, RECORD[order])
        network = NETWORK["linktype"].put(0, interface.link)
        if interface.fcs_len:
            network = NETWORK["fcs_len"].put(NETWORK["fcs_present"].put(network, 1), interface.fcs_len // 2)
        self.output.write(FILE[order].write(magic=NANO if fine else MICRO, version_major=2, version_minor=4, thiszone=0,
                                            sigfigs=0, snaplen=max(STANDARD_SNAPLEN, interface.snaplen),
                                            network=network))  # fmt: skip

    def refine(self) -> None:
        """From microseconds to nanoseconds: what has been written is written anew."""
        written = self.output.again()
        if written is None:
            raise CaptureError("a time that is finer than the microseconds of its file's beginning", self.output.name,
                               todo="write to a file, or as pcapng")  # fmt: skip
        assert self.interface
        lost = self.lost.copy()
        self.start(self.flavour.order, self.interface, fine=True)
        for frame in PcapReader(written).frames():
            self.frame(frame)
        self.lost = lost
