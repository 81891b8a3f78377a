"""A capture as lines of JSON, and back: packets, and all that stands around them in the file.

The first line is the file's.  Then, in the order of the file: `section` (the header of a pcap file is
one, too), `interface`, `block` (of pcapng, what is no packet) and `packet` lines.  `raw` has the bytes
as they stand in the file; of a packet's record `before` and `after` have what is around its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from struct import error as StructError
from typing import TYPE_CHECKING, Any

from .capture import Block, Frame, Interface, Item, Section, Written, write_items
from .packet import Packet
from .sources import Content, Source, item_of
from .views.json import fields_object, packet_from, packet_object
from .views.jsontext import Objects

if TYPE_CHECKING:
    from .capture.output import Target

__all__ = ["items_from", "lines_of", "write_lines"]

SAID = ("link", "snaplen", "ticks", "offset", "fcs_len", "name", "description")  # of an interface; what is given wins


def lines_of(source: Source) -> Iterator[str]:
    """The lines of a source, one after another."""
    yield dumps(file_object(source))
    write = Lines().line
    for one in source.items():
        yield write(one)


class Lines:
    """Writes what stands in a capture, a line for each: what `object_of` says, and `end`."""

    def __init__(self, end: str = "") -> None:
        self.end = end
        self.objects = Objects(self.tail)

    def line(self, one: Content) -> str:
        text = self.objects.text(one) if isinstance(one, Packet) else None
        return dumps(object_of(one)) + self.end if text is None else text

    def tail(self, packet: Packet) -> str:
        """The end of a packet's line."""
        made = record_object(packet)
        if not made:
            return "}" + self.end
        before, after = made["before"], made["after"]
        return f', "interface": {made["interface"]}, "before": "{before}", "after": "{after}"}}{self.end}'


def file_object(source: Source) -> dict[str, Any]:
    """What is said of the file as a whole."""
    packing = source.reader.compression
    made: dict[str, Any] = {"type": "file", "name": source.name, "format": source.format}
    return made | {"compression": packing} if packing else made


def dumps(made: Mapping[str, Any], indent: int | None = None) -> str:
    return json.dumps(made, ensure_ascii=False, indent=indent)


def object_of(one: Content) -> dict[str, Any]:
    """What stands in a capture, as JSON's types."""
    if isinstance(one, Packet):
        return packet_object(one) | record_object(one)
    made: dict[str, Any] = {"type": type(one).__name__.lower()}
    if isinstance(one, Section):
        made |= {"format": one.format, "order": one.order, "version": list(one.version)}
    elif isinstance(one, Interface):
        made |= {"number": one.number} | {name: getattr(one, name) for name in SAID if getattr(one, name) is not None}
    else:
        made |= {"kind": one.kind}
    made["raw"] = one.raw.hex()
    section = one if isinstance(one, Section) else one.section
    if one.raw and section and section.format == "pcapng":
        from .capture.pcapng import read_block

        layer = read_block(one)
        made |= {"title": layer.title, "fields": fields_object(layer)}
    return made


def record_object(packet: Packet) -> dict[str, Any]:
    """What the file says of a packet besides its bytes."""
    frame = packet.meta
    if not isinstance(frame, Frame) or not frame.interface.section:
        return {}
    start = record_start(frame)
    return {"interface": frame.interface.number, "before": frame.raw[:start].hex(),
            "after": frame.raw[start + len(frame.data) :].hex()}  # fmt: skip


def record_start(frame: Frame) -> int:
    """Where the packet begins in its record."""
    assert frame.interface.section
    if frame.interface.section.format != "pcapng":
        return len(frame.raw)
    from .capture.pcapng import data_start

    return data_start(frame)


# -- and back -------------------------------------------------------------------------


def write_lines(target: Target, lines: Iterable[str], format: str = "") -> Written:
    """Write the capture that lines describe.  ValueError says which line cannot be understood; see `wire.write`."""
    return write_items(target, items_from(lines), format)


def items_from(lines: Iterable[str]) -> Iterator[Item]:
    """What a capture holds, of its lines."""
    reader = Reader()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = reader.item(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, StructError) as error:
            text = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
            if isinstance(error, json.JSONDecodeError):
                text = f"no JSON ({error.msg} in column {error.colno}): lines are as `wire decode -T jsonl` writes them"
            raise ValueError(f"line {number}: {text}") from None
        if item is not None:
            yield item


class Reader:
    """What lines mean, one after another."""

    def __init__(self) -> None:
        self.section: Section | None = None
        self.interfaces: list[Interface] = []
        self.blocks: Any = None  # what reads the blocks of pcapng

    def item(self, made: Mapping[str, Any]) -> Item | None:
        kind = made.get("type", "packet")
        read = {"file": self.file, "section": self.open, "interface": self.interface, "block": self.block,
                "packet": self.packet}.get(kind)  # fmt: skip
        if read is None:
            raise ValueError(f"{kind!r} is no type of line")
        return read(made)

    @staticmethod
    def file(made: Mapping[str, Any]) -> None:
        """It only says where the rest is from."""

    def open(self, made: Mapping[str, Any]) -> Section:
        raw, self.interfaces = bytes.fromhex(made["raw"]), []
        if made["format"] == "pcapng":
            from .capture.pcapng import Blocks

            self.blocks = self.blocks or Blocks()
            self.section = self.blocks.open(raw)
        else:
            from .capture.pcap import read_header

            self.section = read_header(raw)[1].section
        assert self.section
        return self.section

    def interface(self, made: Mapping[str, Any]) -> Interface:
        raw = bytes.fromhex(made.get("raw", ""))
        if raw:
            found: Interface = self.blocks.item(raw)
        elif self.section:
            found = self.section.interfaces[made["number"]]
        else:
            found = Interface(made["link"])
        found = replace(found, **{name: made[name] for name in SAID if name in made})
        self.interfaces.append(found)
        return found

    def block(self, made: Mapping[str, Any]) -> Block:
        item = self.blocks.item(bytes.fromhex(made["raw"]))
        if not isinstance(item, Block):
            raise ValueError("`raw` is a packet, an interface or a section: these have lines of their own")
        return item

    def packet(self, made: Mapping[str, Any]) -> Frame:
        packet = packet_from(made)
        if "interface" in made:
            packet.interface = self.interfaces[made["interface"]]
        if "before" in made and self.section:
            raw = bytes.fromhex(made["before"] + made["raw"] + made["after"])
            packet.meta = self.record(raw, bytes.fromhex(made["raw"]), packet)
        item = item_of(packet)
        assert isinstance(item, Frame)
        return item

    def record(self, raw: bytes, data: bytes, packet: Packet) -> Frame:
        """The frame as its record says."""
        assert self.section
        if self.section.format == "pcapng":
            frame: Frame = self.blocks.item(raw)
            return frame
        return Frame(data, packet.time, packet.wire_len, packet.interface, 0, raw[: len(raw) - len(data)])
