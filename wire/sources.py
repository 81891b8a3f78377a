"""Where packets come from and go to: captures and pasted dumps to packets, packets to captures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from .capture import Block, Capture, Frame, Interface, Item, Section, Written, write_items
from .capture.files import Origin, is_capture, open_origin
from .capture.model import CaptureError
from .engines.scalar import decode
from .packet import Draft, Packet, Stack
from .protocols import load, unclaimed
from .schema import Protocol

if TYPE_CHECKING:
    from .capture.output import Target
    from .dumps import Dumps

__all__ = ["Content", "Source", "item_of", "open_source", "open_text", "write", "write_lines"]

Content: TypeAlias = Section | Interface | Block | Packet
Writable: TypeAlias = Packet | Stack | Draft | bytes | Item

HEX = re.compile(r"\s*(?:0x)?[0-9a-fA-F]{2}(?:[\s:-]*(?:0x)?[0-9a-fA-F]{2})+\s*")


class Source:
    """The packets of a capture or of a dump, each with its number, time, interface, comment and link type.

    origin   a path, "-" (standard input), bytes, an open binary file, or hex digits
    first    the outermost protocol, where the link type or the bytes are not to decide
    reader   what is read: its `format`, `compression`, `sections`, `interfaces`, `link` and `remarks`
    total    packets given so far

    It can be gone through again and again; a pipe or an open file once.  CaptureError where it is no
    capture or its header is damaged, HexError where a dump is; damage further on is raised after every
    packet before it.
    """

    def __init__(self, origin: Origin, first: str | None = None) -> None:
        load()
        if isinstance(origin, str) and HEX.fullmatch(origin) and not os.path.exists(origin):
            origin = origin.encode()
        self.origin, self.first = origin, first
        self.lasts = isinstance(origin, (str, os.PathLike, bytes, bytearray, memoryview)) and origin != "-"
        self.used, self.total = False, 0
        self.reader: Capture | Dumps = self._open()

    def _open(self) -> Capture | Dumps:
        stream, file = open_origin(self.origin)
        if is_capture(stream):
            return Capture(stream, file)
        from .dumps import Dumps, text_of

        try:
            return Dumps(text_of(stream), stream.name, self.first)
        finally:
            if file:
                file.close()

    @property
    def name(self) -> str:
        return self.reader.name

    @property
    def format(self) -> str:
        """ "pcap", "modified pcap", "pcapng", or what kind of dump it is."""
        return self.reader.format

    @property
    def link(self) -> int | None:
        """The link type, where there is one and only one so far."""
        return self.reader.link

    @property
    def remarks(self) -> list[str]:
        """What should be said of it."""
        return self.reader.remarks

    def said(self, single: bool) -> str:
        """What a text was taken for, in words; nothing for a capture, which says itself what it is."""
        return "" if isinstance(self.reader, Capture) else self.reader.said(single)

    def records(self) -> Iterator[Item]:
        """Sections, interfaces, frames and other blocks in the order of the file, nothing decoded."""
        if self.used:
            if not self.lasts:
                raise CaptureError("it can be gone through only once, and has been", self.name,
                                   todo="open it again, or keep the packets in a list")  # fmt: skip
            self.reader = self._open()
        self.used, self.total = True, 0
        for item in self.reader.items():
            self.total += isinstance(item, Frame)
            yield item

    def items(self) -> Iterator[Content]:
        """The same with packets for frames: what can be edited and written again with all that is around it."""
        first = self.first if isinstance(self.reader, Capture) else self.reader.first
        for item in self.records():
            yield packet_of(item, first) if isinstance(item, Frame) else item

    def __iter__(self) -> Iterator[Packet]:
        first = self.first if isinstance(self.reader, Capture) else self.reader.first
        names: dict[int, str] = {}  # link types seen: the protocols that they stand for
        for item in self.records():
            if type(item) is not Frame:
                continue
            link = item.interface.link
            name = first or names.get(link)
            if name is None:
                name = names[link] = first_of(link)
            yield packet_of(item, name)

    def close(self) -> None:
        self.reader.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_source(origin: Origin, first: str | None = None) -> Source:
    """The packets of a capture or a dump: see `Source`.

    >>> import wire
    >>> [packet.tcp.dstport for packet in wire.open("samples/tcp-hello-8080.pcap") if "tcp" in packet][:2]
    [8080, 40000]
    """
    return Source(origin, first)


def open_text(text: str, first: str | None = None) -> Source:
    """The packets of a pasted dump."""
    return Source(text.encode(), first)


def first_of(link: int) -> str:
    """The protocol that a link type stands for."""
    return (Protocol.registries["linktype"].find(link) or unclaimed()).name


def packet_of(frame: Frame, first: str | None = None) -> Packet:
    """A frame decoded, by the protocol of its link type unless said."""
    if first is None:
        first = first_of(frame.link)
    flags = frame.flags
    packet = decode(frame.data, first, frame.wire_len, frame.fcs_len if flags else frame.interface.fcs_len)
    packet.meta = frame
    if type(packet) is Packet:  # others ask `meta`
        packet.number, packet.time, packet.interface = frame.number, frame.time, frame.interface
        packet.comment, packet.link = frame.comment, frame.link if frame.link >= 0 else None
    return packet


def write(target: Target, packets: Source | Writable | Iterable[Writable], format: str = "") -> Written:
    """Write a capture; what is written says what had to be left out.

    target   a path ending in .pcap or .pcapng (.gz or .zst may follow), "-" or an open binary file
    packets  packets, stacks to be built, or bytes that are Ethernet frames; a whole Source goes out as it
             came in, blocks that are no packets included
    format   "pcap" or "pcapng", where no name says it

    CaptureError if that format cannot hold them; then a file of that name stays as it was.
    """
    if isinstance(packets, Source) and isinstance(packets.reader, Capture):
        return write_items(target, packets.records(), format)
    if isinstance(packets, (Packet, Stack, Draft, bytes, Frame, Section, Interface, Block)):
        return write_items(target, [item_of(packets)], format)
    return write_items(target, map(item_of, packets), format)


def write_lines(target: Target, lines: Iterable[str], format: str = "") -> Written:
    """Write the capture that lines of JSON describe: as `wire decode -T jsonl` writes them."""
    from .jsonlines import write_lines

    return write_lines(target, lines, format)


def item_of(one: Writable | Content) -> Item:
    """What a capture holds of a packet, as its fields are now."""
    if isinstance(one, Draft):
        one = Stack((one,))
    if isinstance(one, (Stack, bytes)):
        one = decode(one) if isinstance(one, bytes) else one.decode()
    if not isinstance(one, Packet):
        if not isinstance(one, (Frame, Section, Interface, Block)):
            raise TypeError(f"a capture is made of packets, not of {type(one).__name__}")
        return one
    data = bytes(one) if one.edited else one.raw
    wire_len = one.wire_len + len(data) - len(one.raw)
    number = one.number or 0
    interface = one.interface if isinstance(one.interface, Interface) else Interface(link_of(one), fcs_len=one.fcs_len)
    if interface.link < 0 or one.link not in (None, interface.link):
        interface = replace(interface, link=link_of(one))
    comments: tuple[str, ...] = (one.comment,) if one.comment else ()
    if not isinstance(one.meta, Frame):
        return Frame(data, one.time, wire_len, interface, number, comments=comments)
    if one.comment == one.meta.comment:
        comments = one.meta.comments
    return replace(one.meta, data=data, time=one.time, wire_len=wire_len, interface=interface, number=number,
                   comments=comments)  # fmt: skip


def link_of(packet: Packet) -> int:
    """The link type under which a packet goes into a capture.  CaptureError if there is none."""
    from .dumps import link_of

    link = link_of(packet.first) if packet.link is None else packet.link
    if link < 0:
        raise CaptureError(f"a packet that begins with {packet.first}: no link type stands for that",
                           todo="put a layer below it: eth / ip / …")  # fmt: skip
    return link
