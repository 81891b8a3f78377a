"""Who belongs to which conversation, numbered as tshark's `tcp.stream` and `udp.stream`: by first sight, from 0.

A TCP conversation is not only two ends: the same addresses and ports are a new one when a SYN begins with another
number.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..machine import segment as seg
from ..packet import Layer, Packet
from .relative import ends_of
from .segments import End, Seen, seen

Pair = frozenset[End]


@dataclass(slots=True)
class Opened:
    """What is remembered of a TCP stream: each end's first number."""

    number: int
    first: dict[End, int]


@dataclass(frozen=True, slots=True)
class Member:
    """A transport layer of a packet and its stream.

    seen    the segment, for a TCP header that was captured
    reused  a new stream between ends that had one before
    """

    protocol: str
    stream: int
    layer: Layer
    source: End
    target: End
    seen: Seen | None = None
    reused: bool = False


class Streams:
    """Numbers the streams of a capture.  Feed it packets in order."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.tcp: dict[Pair, Opened] = {}
        self.udp: dict[Pair, int] = {}
        self.count = 0  # of TCP streams

    def of(self, packet: Packet) -> list[Member]:
        """The TCP and UDP layers of a packet, outermost first; those that an ICMP error quotes, too."""
        found = []
        for index, layer in enumerate(packet.layers):
            if layer.name in ("tcp", "udp") and "srcport" in layer.values and "dstport" in layer.values:
                below = ends_of(packet.layers[:index])
                if below:
                    found.append(self.member(packet, layer, *below))
        return found

    def member(self, packet: Packet, layer: Layer, source: bytes, target: bytes) -> Member:
        """One layer's stream."""
        here, there = (source, layer.values["srcport"]), (target, layer.values["dstport"])
        pair = frozenset((here, there))
        if layer.name == "udp":
            return Member("udp", self.udp.setdefault(pair, len(self.udp)), layer, here, there)
        one = seen(packet, layer, source, target)
        opened = self.tcp.get(pair)
        anew = opened is not None and one is not None and begins(opened, one)
        if opened is None or (anew and one and not one.segment.has(seg.ACK)):
            opened = self.tcp[pair] = Opened(self.count, {})
            self.count += 1
        elif anew and one:
            opened.first[here] = one.segment.seq  # a SYN,ACK with another number stays where it is
        if one and one.measured:
            note(opened, one)
        return Member("tcp", opened.number, layer, here, there, one, anew)


def begins(opened: Opened, one: Seen) -> bool:
    """Whether a SYN has another number than the one before it from the same end."""
    first = opened.first.get(one.source)
    return one.segment.has(seg.SYN) and first not in (None, one.segment.seq)


def note(opened: Opened, one: Seen) -> None:
    """Remember where each end began."""
    segment = one.segment
    opened.first.setdefault(one.source, segment.seq if segment.has(seg.SYN) else (segment.seq - 1) % (1 << 32))
    if segment.has(seg.ACK):
        opened.first.setdefault(one.target, (segment.ack - 1) % (1 << 32))
