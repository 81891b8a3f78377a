"""The kernel's skb_dump(): a packet in a linear part and fragments, among head room and tail room that are not it.

Linux net/core/skbuff.c prints "skb len=74 headroom=162 headlen=74 tailroom=0", "mac=(162,14) mac_len=0 net=(176,20)
trans=196" and then rows labelled "skb linear:", "skb frag:", "skb headroom:", "skb tailroom:".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .lines import Line
from .model import Dump, HexError
from .patterns import regex

_LENGTHS = regex(r"\bskb len=(\d+) headroom=(\d+) headlen=\d+ tailroom=\d+")
_NETWORK = regex(r"\bnet=\((-?\d+),")
_PART = regex(r"\bskb (linear|frag|headroom|tailroom)\b")
# Unless asked for all, skb_dump() stops at MAX_HEADER + 128 bytes; MAX_HEADER depends on the kernel's configuration.
_CUTS = (160, 208, 224, 256, 272, 304)


class Piece(NamedTuple):
    """One block of rows: the label before its offsets, its bytes as a Dump, and the lines before it."""

    label: str
    dump: Dump
    before: Sequence[Line]


@dataclass(slots=True)
class _Packet:
    header: Sequence[Line]
    parts: list[Dump] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)


def join(pieces: Sequence[Piece]) -> list[Dump]:
    """The packets of skb_dump() output, each put together from its parts; other dumps are passed on as they are."""
    dumps: list[Dump] = []
    packet = _Packet(())
    for piece in pieces:
        part = _PART.search(piece.label)
        if part is None and ("skb" in piece.label or packet.header):
            raise HexError(f"the rows are labelled {piece.label!r}, which is no part that skb_dump() prints",
                           piece.dump.line)
        begins = any(_LENGTHS.search(line.text) for line in piece.before)
        if part is None or begins or (part[1] == "linear" and packet.parts):
            dumps += _finished(packet)
            packet = _Packet(piece.before if begins else ())
        if part is None:
            dumps.append(piece.dump)
        elif part[1] in ("linear", "frag"):
            packet.parts.append(piece.dump)
        else:
            packet.left_out.add(part[1])
    return dumps + _finished(packet)


def _finished(packet: _Packet) -> list[Dump]:
    """The packet as a Dump (in a list; none without parts), checked against the lengths printed before it."""
    if not packet.parts:
        return []
    first = packet.parts[0]
    dump = replace(first, data=b"".join(part.data for part in packet.parts), format="kernel skb_dump")
    if packet.left_out:
        what = " and ".join(sorted(packet.left_out))
        dump = replace(dump, remarks=(*dump.remarks, f"left out: {what}, which are not of the packet"))
    for line in packet.header:
        if lengths := _LENGTHS.search(line.text):
            dump = _measured(dump, int(lengths[1]), line)
            networks = [found[1] for other in packet.header if (found := _NETWORK.search(other.text))]
            dump = replace(dump, linkless=networks == [lengths[2]])
    return [dump]


def _measured(dump: Dump, total: int, line: Line) -> Dump:
    size = len(dump.data)
    if size == total:
        return replace(dump, checked=(*dump.checked, "declared length"), wire_length=total)
    if size > total or size not in _CUTS:
        raise line.error(f"the packet is declared with skb len={total}; the rows hold {size} bytes")
    remark = f"the kernel printed the first {size} of {total} bytes"
    return replace(dump, remarks=(*dump.remarks, remark), wire_length=total)
