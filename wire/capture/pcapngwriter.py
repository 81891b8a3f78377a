"""Writing pcapng files: what was read goes out as it came in, and frames from elsewhere get blocks of their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from struct import error as StructError
from typing import Any, Protocol

from ..schema import Record
from .blocks import EPB, IDB, ISB, OPTIONS, PB, RECORDS, SHB, SPB
from .model import CaptureError, Frame, Interface, Item, Order, Section
from .pcapng import HEADS, SECOND, Blocks, option_values, options_start, read_block

__all__ = ["PcapngWriter"]

UNSAID = (1 << 64) - 1  # a section length that says nothing
FIELDS = {"name", "description", "tsresol", "tsoffset", "fcslen"}  # options that an Interface has as fields
REGION = {order: Record("options", "Options", "options" / core * "Options") for order, core in OPTIONS.items()}


class Output(Protocol):
    """Where a writer writes: `size` bytes are out."""

    name: str
    size: int
    seekable: bool

    def write(self, data: bytes, /) -> object: ...

    def patch(self, offset: int, data: bytes, /) -> None: ...


class PcapngWriter:
    """Writes items in the order in which they come.  What had to be left out is counted in `lost`.

    A frame brings along the section and the interfaces that it needs; frames of pcap files, and those
    made by hand, go into the section that is open.
    """

    def __init__(self, output: Output) -> None:
        self.output = output
        self.lost: Counter[str] = Counter()
        self.section: Section | None = None
        self.head, self.start = b"", 0  # the section's header, and where it stands
        self.seen: set[Section] = set()
        self.numbers: dict[Interface, int] = {}  # of the interfaces described in the section
        self.told = 0  # how many of them are the section's own, and in its order
        self.moved = False  # some of its own have other numbers than they had

    def put(self, item: Item) -> None:
        if isinstance(item, Frame):
            self.frame(item)
        elif isinstance(item, Interface):
            self.number(item)
        elif isinstance(item, Section):
            if item.format == "pcapng" and item not in self.seen:
                self.open(item)
        else:
            if item.section not in self.seen:
                self.open(item.section)
            if item.section is self.section and not (self.moved and item.kind == ISB):
                self.output.write(item.raw)
            else:
                self.lost["blocks about a section or interface that has another place now, left out"] += 1

    def finish(self) -> None:
        if self.section is None:
            self.open(Section("pcapng", "little"))
        self.close()

    # sections

    def open(self, section: Section) -> None:
        """Begin a section."""
        self.close()
        order = section.order
        core = RECORDS[order][SHB].find("options").core  # type: ignore[union-attr]
        program = [core.by_name["userappl"](text="wire"), core.by_name["end"]()]
        self.head = section.raw or RECORDS[order][SHB].build({"options": program})
        if not self.output.seekable:  # then its length cannot be put right at its end
            self.head = with_length(self.head, order, UNSAID)
        self.section, self.start = section, self.output.size
        self.numbers, self.told, self.moved = {}, 0, False
        self.seen.add(section)
        self.output.write(self.head)

    def close(self) -> None:
        """End the section: if it says how long it is, that must be true."""
        if self.section:
            said = HEADS[self.section.order][SHB].read(self.head)["section_length"]
            size = self.output.size - self.start - len(self.head)
            if said not in (UNSAID, size):
                self.output.patch(self.start, with_length(self.head, self.section.order, size))

    # interfaces

    def number(self, interface: Interface) -> int:
        """The interface's number in the section that is open, where it is described if it was not yet."""
        if interface in self.numbers:
            return self.numbers[interface]
        home = interface.section if interface.section and interface.section.format == "pcapng" else None
        if home and home is not self.section and (home not in self.seen or home.order != self.order):
            self.open(home)
        if self.section is None:
            self.open(Section("pcapng", "little"))
        if home and home is self.section:
            for other in home.interfaces[self.told : interface.number]:  # so that numbers stay
                self.describe(other)
            self.told = max(self.told, interface.number)
        self.describe(interface)
        return self.numbers[interface]

    @property
    def order(self) -> Order:
        assert self.section
        return self.section.order

    def describe(self, interface: Interface) -> None:
        if interface not in self.numbers:
            self.output.write(description(interface, self.order))
            number = self.numbers[interface] = len(self.numbers)
            self.moved |= interface.section is self.section and number != interface.number

    # frames

    def frame(self, frame: Frame) -> None:
        number = self.number(frame.interface)
        was = frame_of(frame)
        if was == frame and frame.interface.section is self.section and number == frame.interface.number:
            self.output.write(frame.raw)
            return
        stamp = read_stamp(was) if was and clock(was) == clock(frame) else None
        stamp = stamp_of(frame) if stamp is None else stamp
        if stamp is None:  # its interface's clock is too coarse
            self.frame(replace(frame, interface=replace(frame.interface, ticks=SECOND)))
            return
        self.output.write(self.block(frame, number, was, stamp))

    def block(self, frame: Frame, number: int, was: Frame | None, stamp: int) -> bytes:
        """A block for a frame; of what it `was`, options that are still true are kept."""
        order, size = self.order, len(frame.data)
        extra = self.options(frame, was)
        kind = PB if was and kind_of(was) == PB and number < 1 << 16 else EPB
        if frame.time is None:
            whole = size == min(frame.wire_len, frame.interface.snaplen or frame.wire_len)
            kind = SPB if number == 0 and whole and not extra else kind
            self.lost["missing times, written as 0"] += kind != SPB
        head = HEADS[order][kind]
        values: dict[str, Any] = {"drops": 0xFFFF} | (head.read(frame.raw) if was and kind_of(was) == kind else {})
        length = head.size + size + -size % 4 + len(extra) + 4
        values |= {"type": kind, "length": length, "interface": number, "cap_len": size, "orig_len": frame.wire_len,
                   "ts_high": stamp >> 32, "ts_low": stamp & 0xFFFFFFFF}  # fmt: skip
        first = head.write(**values)
        return b"".join((first, frame.data, bytes(-size % 4), extra, first[4:8]))

    def options(self, frame: Frame, was: Frame | None) -> bytes:
        """The options of a frame's block: those it had, with comments and flags as they are now."""
        core, kept, drop = OPTIONS[self.order], [], {"end"}
        if was is None or was.comments != frame.comments:
            drop.add("comment")
        if was is None or was.flags != frame.flags:
            drop.add("flags")
        if was and was.data != frame.data:
            drop.add("hash")
        if was:
            for record, first, end, _ in core.split(was.raw, options_start(was), len(was.raw) - 4):
                if record.name not in drop:
                    kept.append(was.raw[first:end])
                self.lost["hashes of packets that were changed, left out"] += record.name == "hash" and "hash" in drop
        made = [core.by_name["comment"](text=text) for text in frame.comments if "comment" in drop]
        if "flags" in drop and frame.flags is not None:
            made.append(core.by_name["flags"](value=frame.flags))
        if not kept and not made:
            return b""
        return b"".join([*kept, REGION[self.order].build({"options": [*made, core.by_name["end"]()]})])


def with_length(head: bytes, order: Order, size: int) -> bytes:
    """A section header that says this length, unless it says none."""
    fixed = HEADS[order][SHB]
    values = fixed.read(head)
    if values["section_length"] != UNSAID:
        values["section_length"] = size
    return fixed.write(**values) + head[fixed.size :]


def description(interface: Interface, order: Order) -> bytes:
    """An interface description: as it was read, if it still says the same."""
    record = RECORDS[order][IDB]
    core = record.find("options").core  # type: ignore[union-attr]
    kept: list[Any] = []
    if interface.raw and interface.section:
        if Blocks.interface(interface.raw, interface.section, interface.number) == interface:
            return interface.raw
        kept = [one for name, found in option_values(read_block(interface)).items() for one in found
                if name not in FIELDS and name != "end"]  # fmt: skip
    given = {"name": interface.name, "description": interface.description}
    made = [core.by_name[name](text=text) for name, text in given.items() if text is not None]
    made.append(core.by_name["tsresol"](value=resolution(interface.ticks)))
    if interface.offset:
        made.append(core.by_name["tsoffset"](value=interface.offset % (1 << 64)))
    if interface.fcs_len:
        made.append(core.by_name["fcslen"](value=interface.fcs_len))
    return bytes(record.build({"link": interface.link, "snaplen": interface.snaplen,
                               "options": [*made, *kept, core.by_name["end"]()]}))  # fmt: skip


def resolution(ticks: int) -> int:
    """The if_tsresol of a clock: a power of ten, or, with the first bit set, of two."""
    for base, mark in ((10, 0), (2, 0x80)):
        for exponent in range(128):
            if base**exponent == ticks:
                return mark | exponent
    raise CaptureError(f"a clock with {ticks} units a second: pcapng has powers of 10 and of 2")


def kind_of(frame: Frame) -> int:
    assert frame.interface.section
    return int.from_bytes(frame.raw[:4], frame.interface.section.order)


def frame_of(frame: Frame) -> Frame | None:
    """The frame as its block says, if it is from a pcapng file."""
    section = frame.interface.section
    if not frame.raw or not section or section.format != "pcapng" or kind_of(frame) not in (EPB, PB, SPB):
        return None
    try:
        return Blocks.frame(frame.raw, kind_of(frame), section, frame.number)
    except (CaptureError, StructError):  # a block of some other file
        return None


def clock(frame: Frame) -> tuple[int | None, int, int]:
    return frame.time, frame.interface.ticks, frame.interface.offset


def read_stamp(frame: Frame) -> int | None:
    """The units of its clock that a frame's block has."""
    assert frame.interface.section
    values = HEADS[frame.interface.section.order][kind_of(frame)].read(frame.raw)
    return values["ts_high"] << 32 | values["ts_low"] if "ts_high" in values else None


def stamp_of(frame: Frame) -> int | None:
    """A frame's time in units of its interface's clock; None if that is too coarse."""
    if frame.time is None:
        return 0
    since, ticks = frame.time - frame.interface.offset * SECOND, frame.interface.ticks
    stamp = -(-since * ticks // SECOND)
    if not 0 <= stamp < 1 << 64:
        first, late = frame.interface.offset, frame.time // SECOND
        raise CaptureError(f"frame {frame.number} was captured {late} s after 1970: with {ticks} units a second pcapng "
                           f"counts from {first} to {first + (1 << 64) // ticks}")  # fmt: skip
    return stamp if stamp * SECOND // ticks == since else None
