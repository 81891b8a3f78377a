"""Reading pcapng files: blocks out of bytes, and sections, interfaces and frames out of blocks."""

from __future__ import annotations

from collections.abc import Iterator

from ..packet import Layer
from ..schema import engine
from .blocks import COUNTED, EPB, IDB, MAGIC, OPTIONS, PB, RECORDS, SHB, SPB, record_of
from .layout import Layout, layout
from .magic import ORDERS, is_pcapng
from .model import Block, CaptureError, Frame, Interface, Item, Order, Section
from .stream import Stream

__all__ = ["Blocks", "PcapngReader", "data_start", "option_values", "options_start", "read_block"]

HEADS: dict[Order, dict[int, Layout]] = {
    order: {kind: layout(RECORDS[order][kind]) for kind in (SHB, EPB, PB, SPB)} for order in ORDERS
}
SIMPLE = HEADS["big"][SPB].size
VERSIONS = {(1, 0), (1, 2)}
LEAST, LARGEST = 12, 1 << 28  # bytes of a block; no length is believed beyond the second
SECOND = 10**9  # nanoseconds

DAMAGED = "the file is damaged here; the packets before are whole"
CUT = "the file is cut short here; the packets before are whole"


def read_block(item: Section | Interface | Block | Frame) -> Layer:
    """A block of a pcapng file with every field and option: what views show of it."""
    section = item.interface.section if isinstance(item, Frame) else item if isinstance(item, Section) else item.section
    assert section
    kind = int.from_bytes(item.raw[:4], section.order)
    layer: Layer = engine().read(record_of(kind, section.order), item.raw)
    return layer


def option_values(layer: Layer) -> dict[str, list[Layer]]:
    """The options of a block by name."""
    found: dict[str, list[Layer]] = {}
    for option in layer.values.get("options", ()):
        found.setdefault(option.name, []).append(option)
    return found


class Blocks:
    """What blocks mean, one after another: each can only be understood after those before it.

    Errors are CaptureErrors whose offset counts from the block's first byte.
    """

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.number = 0  # of the last block that counts as a packet

    def item(self, raw: bytes) -> Item:
        """The next block, whole, as what it stands for."""
        if is_pcapng(raw):
            return self.open(raw)
        section = self.sections[-1]
        kind = int.from_bytes(raw[:4], section.order)
        if kind in (EPB, PB, SPB):
            self.number += 1
            return self.frame(raw, kind, section, self.number)
        if kind == IDB:
            section.interfaces.append(self.interface(raw, section, len(section.interfaces)))
            return section.interfaces[-1]
        self.number += kind in COUNTED
        return Block(kind, raw, section)

    def open(self, raw: bytes) -> Section:
        """A section header."""
        order: Order = "big" if int.from_bytes(raw[8:12], "big") == MAGIC else "little"
        values = HEADS[order][SHB].read(raw)
        version = values["major"], values["minor"]
        if version not in VERSIONS:
            raise CaptureError(f"pcapng version {version[0]}.{version[1]}: 1.0 is what there is", offset=12,
                               todo="the section is damaged, or newer than this program")  # fmt: skip
        section = Section("pcapng", order, version, raw)
        self.checked(section)
        self.sections.append(section)
        return section

    @staticmethod
    def checked(item: Section | Interface) -> Layer:
        """The block's fields.  CaptureError if they do not fit into it."""
        layer = read_block(item)
        for one in (layer, *layer.inner()):
            for fault in one.faults:
                if fault.code != "option.size":  # one option that is not what it should be does no harm to the others
                    raise damaged(f"{layer.record.title} Block: {fault.text}", one.start)
        return layer

    @classmethod
    def interface(cls, raw: bytes, section: Section, number: int) -> Interface:
        """An interface description."""
        layer = cls.checked(Interface(0, section=section, raw=raw))
        options = {name: found[-1] for name, found in option_values(layer).items() if not found[-1].faults}

        def value(name: str, field: str = "value") -> int:
            return int(options[name][field]) if name in options else 0

        def text(name: str) -> str | None:
            return options[name].show("text") if name in options else None

        ticks = 10**6
        if "tsresol" in options:
            ticks = (2 if value("tsresol", "value.binary") else 10) ** value("tsresol", "value.exponent")
        offset = value("tsoffset")
        return Interface(layer["link"], layer["snaplen"], ticks, offset - (offset >> 63 << 64), value("fcslen"),
                         text("name"), text("description"), number, section, raw)  # fmt: skip

    @staticmethod
    def frame(raw: bytes, kind: int, section: Section, number: int) -> Frame:
        """A packet of any of the three kinds."""
        head = HEADS[section.order][kind]
        room = len(raw) - head.size - 4
        if room < 0:
            raise damaged(f"a block of {len(raw)} bytes is too short for the header of a packet")
        fields = head.struct.unpack_from(raw)
        which = 0 if kind == SPB else fields[2]
        if which >= len(section.interfaces):
            raise damaged(f"a packet is of interface {which}, and {len(section.interfaces)} are described so far", 8)
        interface, wire = section.interfaces[which], fields[-1]
        if kind == SPB:
            time, size, at = None, min(wire, interface.snaplen or wire), 8
        else:
            high, low, size = fields[-4:-1]
            time, at = (high << 32 | low) * SECOND // interface.ticks + interface.offset * SECOND, 20
        if size > room:
            raise damaged(f"a packet says that {size} bytes were captured, its block has room for {room}", at)
        frame = Frame(raw[head.size : head.size + size], time, wire, interface, number, raw)
        if options_start(frame) < len(raw) - 4:
            read_options(frame, section.order)
        return frame


def data_start(frame: Frame) -> int:
    """Where a packet begins in its block."""
    assert frame.interface.section
    order = frame.interface.section.order
    return HEADS[order][int.from_bytes(frame.raw[:4], order)].size


def options_start(frame: Frame) -> int:
    """Where the options of a packet begin in its block; where the block ends if it is of the kind that has none."""
    start, size = data_start(frame), len(frame.data)
    return len(frame.raw) - 4 if start == SIMPLE else start + size + -size % 4


def read_options(frame: Frame, order: Order) -> None:
    """Comments and flags of a packet."""
    core, raw, start, comments = OPTIONS[order], frame.raw, options_start(frame), []
    for record, first, _, end in core.split(raw, start, len(raw) - 4):
        if end is None or end > len(raw) - 4:
            raise damaged("an option says that it is longer than its block", first)
        if record.name == "comment":
            comments.append(record.find("text").format.show(raw[first + core.head : end]))
        elif record.name == "flags":
            head = layout(record)
            if end - first != head.size:
                raise damaged(f"flags take {head.size - core.head} bytes, not {end - first - core.head}", first)
            frame.flags = head.read(raw, first)["value"]
    frame.comments = tuple(comments)


def damaged(what: str, offset: int = 0) -> CaptureError:
    return CaptureError(what, offset=offset, todo=DAMAGED)


class PcapngReader:
    """What a pcapng file holds.  CaptureError if its first section header is cut or wrong."""

    format = "pcapng"

    def __init__(self, stream: Stream) -> None:
        self.stream, self.blocks, self.remarks = stream, Blocks(), list[str]()
        self.ahead: list[Item] = []  # what comes before the packets is read at once, so that it can be asked for
        while not self.ahead or self.describes():
            item = self.next()
            assert item
            self.ahead.append(item)

    def describes(self) -> bool:
        """Whether an interface is described next."""
        kind = self.stream.peek(4)
        return len(kind) == 4 and int.from_bytes(kind, self.sections[-1].order) == IDB

    @property
    def sections(self) -> list[Section]:
        """The sections seen so far."""
        return self.blocks.sections

    def next(self) -> Item | None:
        """The next item; None at the end of the file."""
        stream = self.stream
        have = stream.fill(LEAST)
        if not have:
            stream.end()
            return None
        if have < LEAST:
            raise stream.error(f"a block needs {LEAST} bytes, {have} {'is' if have == 1 else 'are'} there",
                               todo=CUT)  # fmt: skip
        length = self.length(stream.buffer, stream.at)
        have = stream.fill(length)
        if have < length:
            raise stream.error(f"a block says that it has {length} bytes, {have} are there",
                               todo=CUT)  # fmt: skip
        raw = stream.buffer[stream.at : stream.at + length]
        if raw[-4:] != raw[4:8]:
            raise stream.error(f"a block says {length} bytes at its beginning and something else at its end",
                               todo=DAMAGED)  # fmt: skip
        try:
            item = self.blocks.item(raw)
        except CaptureError as error:
            raise stream.error(error.what, stream.offset + (error.offset or 0), error.todo) from None
        stream.at += length
        return item

    def length(self, buffer: bytes, at: int) -> int:
        """The length of the block at `at`.  CaptureError if no block can have it."""
        if is_pcapng(buffer[at : at + 4]):
            magic = buffer[at + 8 : at + 12]
            order = next((one for one in ORDERS if magic == MAGIC.to_bytes(4, one)), None)
            if order is None:
                raise self.stream.error(f"the byte-order magic of a section is {magic.hex(' ')}",
                                        self.stream.offset + 8, DAMAGED)  # fmt: skip
            least = HEADS[order][SHB].size + 4
        else:
            order, least = self.sections[-1].order, LEAST
        length = int.from_bytes(buffer[at + 4 : at + 8], order)
        if length < least or length % 4 or length > LARGEST:
            need = f"at least {least}" if length < least else f"at most {LARGEST}" if length > LARGEST else "in fours"
            raise self.stream.error(f"a block says that it has {length} bytes: blocks have {need}",
                                    todo=DAMAGED)  # fmt: skip
        return length

    def items(self) -> Iterator[Item]:
        """Sections, interfaces, frames and other blocks in the order of the file."""
        yield from self.ahead
        while (item := self.next()) is not None:
            yield item

    def frames(self) -> Iterator[Frame]:
        """The packets only."""
        return (item for item in self.items() if isinstance(item, Frame))
