"""Between a script's sequence numbers and the wire's, for the one connection that a script speaks of at a time.

A script counts from each side's first number: in a SYN it writes the number itself (ours is 0 there), in all else the
distance from it. The peer's first number is the one that the script's SYN has; ours is what our endpoint chose.
"""

from __future__ import annotations

from dataclasses import replace

from ..machine import segment as seg
from ..machine.segment import Option, Sack, Segment
from ..machine.sequence import fold
from .options import Cookie, to_machine
from .syntax import NotSupported, TcpPacket

LETTERS = {"S": seg.SYN, "F": seg.FIN, "R": seg.RST, "P": seg.PSH, ".": seg.ACK, "U": seg.URG, "E": seg.ECE}
LETTERS |= {"W": seg.CWR, "A": seg.AE}
MARKS = {"": seg.NOT_ECT, "noecn": seg.NOT_ECT, "ect0": seg.ECT_0, "ect1": seg.ECT_1, "ect01": seg.ECT_0, "ce": seg.CE}
ORDER = "SFRP.UEWA"


class Flow:
    """What both sides' numbers begin with, and whose clock said what."""

    def __init__(self) -> None:
        """Nothing was said: numbers are taken as they stand."""
        self.ours = 0
        self.theirs = 0
        self.source = 40000  # the peer's port
        self.target = 0  # ours
        self.base = 0  # what the script calls our first number, in a SYN
        self.clock: dict[int, int] = {}  # our timestamps: the script's -> those of the wire

    def another(self, port: int) -> Flow:
        """The flow of the next client, to the listener on `port`."""
        flow = Flow()
        flow.source, flow.target = self.source + 1, port
        return flow

    def begin(self, seq: int) -> None:
        """The peer's SYN opens a connection: its number is `seq`; ours is not known yet."""
        self.theirs, self.ours = seq, 0

    def inbound(self, packet: TcpPacket, line: int, cookie: Cookie) -> Segment:
        """The segment to inject."""
        if packet.count is not None:
            raise NotSupported(line, "Accurate ECN (a number among the flags)")
        syn = packet.has("S")
        ours = self.ours
        seq = packet.seq if syn else packet.seq + self.theirs
        ack = packet.ack + ours - (self.base if syn else 0) if packet.ack is not None else 0

        def sack(number: int) -> int:
            return fold(number + ours)

        options = to_machine(packet.options or (), line, sack, lambda echo: self.clock.get(echo, echo), cookie)
        return Segment(
            fold(seq),
            fold(ack),
            sum(LETTERS[letter] for letter in set(packet.flags)),
            packet.window if packet.window is not None else 0,
            packet.urgent or 0,
            tuple(options),
            bytes(packet.length),
            self.source,
            self.target,
            MARKS[packet.ecn],
        )

    def outbound(self, segment: Segment) -> Segment:
        """A segment that we sent, in the script's numbers."""
        syn = segment.has(seg.SYN)
        theirs = 0 if syn else self.theirs
        seq = fold(segment.seq - self.ours)
        ack = fold(segment.ack - theirs) if segment.has(seg.ACK) else 0
        return replace(segment, seq=seq, ack=ack, options=tuple(map(self._ours, segment.options)))

    def _ours(self, option: Option) -> Option:
        if isinstance(option, Sack):
            theirs = self.theirs
            return Sack(tuple((fold(left - theirs), fold(right - theirs)) for left, right in option.blocks))
        return option


def letters(flags: int) -> str:
    """Flags as a script writes them."""
    return "".join(letter for letter in ORDER if flags & LETTERS[letter]) or "-"


def flag_bits(packet: TcpPacket) -> int:
    """The flags of a packet in the script."""
    return sum(LETTERS[letter] for letter in set(packet.flags))
