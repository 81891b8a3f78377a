"""Packets out of pasted text: what the bytes are comes from the text, what they begin with from how they decode."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from .capture.files import refused
from .capture.hextext import Dump, Judgement, read_hex
from .capture.model import CaptureError, Frame, Interface, Item, Section
from .capture.stream import Stream
from .engines.reference import decode
from .guess import candidates, first_of, score
from .protocols import find

__all__ = ["NO_LINK", "Dumps", "link_of", "text_of"]

NO_LINK = -1  # the bytes begin with something that no link type stands for
BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")  # no text has these
HEAD = 512  # bytes by which text is told
LARGEST = 1 << 28  # bytes of text
SAMPLE = 8  # dumps by which the layering of all is chosen
TOOLS = {"xxd", "od", "hexdump", "tcpdump", "tshark", "base64"}
CLOCKS = {"day": "midnight", "boot": "the start of the machine"}
DIRECTIONS = {"in": 1, "out": 2}


def text_of(stream: Stream) -> str:
    """What lies ahead, as text.  CaptureError if it is none."""
    head = stream.peek(HEAD)
    wide = head.startswith((BOM_UTF16_BE, BOM_UTF16_LE))
    if not head or (BINARY.search(head) and not wide):
        raise refused(stream)
    data = b"".join(limited(stream))
    stream.end()
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # a text column in an old encoding; the digits are the same in all


def limited(stream: Stream) -> Iterator[bytes]:
    """What lies ahead.  CaptureError if that is too much: a text is read as a whole, however well it was packed."""
    size = 0
    for chunk in stream.rest():
        size += len(chunk)
        if size > LARGEST:
            raise CaptureError(f"more than {LARGEST >> 20} MB of text", stream.name, todo="split it")
        yield chunk


def judge(data: bytes) -> Judgement:
    _, points, complaint = first_of(data)
    return Judgement(points, complaint)


def layering(dumps: list[Dump]) -> str:
    """The protocol with which these bytes begin, as the first of them decode best."""
    sample = [dump.data for dump in dumps[:SAMPLE]]
    return max(candidates(), key=lambda name: sum(score(decode(data, name)) for data in sample))


def link_of(name: str) -> int:
    """The link type of captures that begin with this protocol."""
    return next((number for number in find(name).over.get("linktype", ()) if number is not None), NO_LINK)


class Dumps:
    """The packets of a text, read as a capture is.  HexError if there are none, or not whole."""

    compression = ""

    def __init__(self, text: str, name: str = "", first: str | None = None) -> None:
        self.name = name
        self.dumps = read_hex(text, judge)
        self.first = first or layering(self.dumps)
        self.interface = Interface(link_of(self.first), 0, 10**9)
        self.format = " and ".join(dict.fromkeys(dump.format for dump in self.dumps))
        self.remarks = list(dict.fromkeys(remark for dump in self.dumps for remark in remarks(dump, self.first)))
        self.sections: list[Section] = []
        self.interfaces = [self.interface]
        self.link = self.interface.link if self.interface.link != NO_LINK else None

    def said(self, single: bool) -> str:
        """What was found, in words."""
        size = len(self.dumps[0].data)
        count = f"one packet of {size} byte{'s' * (size != 1)}" if single else f"{len(self.dumps)} packets"
        taken = f"{count} in {with_article(self.format)}, read as {find(self.first).short}"
        return f"{taken} (--first NAME reads it otherwise)"

    def items(self) -> Iterator[Item]:
        yield self.interface
        yield from self.frames()

    def frames(self) -> Iterator[Frame]:
        for number, dump in enumerate(self.dumps, 1):
            frame = Frame(dump.data, dump.time, max(len(dump.data), dump.wire_length or 0), self.interface, number)
            frame.flags = DIRECTIONS.get(dump.direction or "")
            yield frame

    def close(self) -> None:
        """Nothing is open."""


def with_article(name: str) -> str:
    """`xxd` as "an xxd dump"."""
    noun = f"{name} dump" if name.split()[0] in TOOLS else name
    return f"an {noun}" if noun[0] in "aeiouxAEIO" else f"a {noun}"


def remarks(dump: Dump, first: str) -> Iterator[str]:
    yield from (f"line {dump.line}: {remark}" for remark in dump.remarks)
    if dump.clock in CLOCKS:
        yield f"times count from {CLOCKS[dump.clock]}"
    if not dump.checked:
        kinds = [verdict.kind for layer in decode(dump.data, first) for verdict in layer.verdicts.values()]
        sums = kinds.count("right") if "wrong" not in kinds else 0
        but = f"; {sums} checksum{'s' * (sums != 1)} inside {'are' if sums > 1 else 'is'} right" if sums else ""
        yield f"nothing in {with_article(dump.format)} tells whether a digit was changed or lost{but}"
