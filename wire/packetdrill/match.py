"""Is what our endpoint sent what the script expects? If not, the first difference in words.

A script may expect one segment where several leave: Linux hands large ones to the network card, which cuts them.
Then all segments that carry these bytes are compared with it together.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..machine import segment as seg
from ..machine.segment import Segment, Timestamps
from . import options as tcp_options
from .flow import MARKS, flag_bits, letters
from .syntax import NotSupported, TcpPacket

MARK_NAMES = {seg.NOT_ECT: "noecn", seg.ECT_0: "ect0", seg.ECT_1: "ect1", seg.CE: "ce"}


def difference(packet: TcpPacket, run: Sequence[Segment], line: int, cookie: tcp_options.Cookie) -> str:
    """What differs first between the expected packet and the run of segments, in the script's numbers; "" if nothing.

    A PSH beyond those that we set is not missed: we set it at the end of what the application wrote, and a sender may
    set it more often (RFC 9293 3.9.1.2); Linux does on all that it leaves to the card to cut.
    """
    first, last = run[0], run[-1]
    if packet.count is not None:
        raise NotSupported(line, "Accurate ECN (a number among the flags)")
    wanted, got = flag_bits(packet), 0
    for one in run:
        got |= one.flags
    if len(run) > 1 or not got & seg.PSH:
        wanted, got = wanted & ~seg.PSH, got & ~seg.PSH
    if wanted != got:
        return f"flags are {letters(got)}, expected {letters(wanted)}"
    if first.seq != packet.seq:
        return f"seq is {first.seq}, expected {packet.seq}"
    length = sum(len(one.data) for one in run)
    if length != packet.length:
        return f"length is {length}, expected {packet.length}"
    for before, after in pairwise(run):
        if after.seq != before.seq + len(before.data):
            return f"after {before.seq + len(before.data)} comes {after.seq}: the bytes do not follow each other"
    for one in run:
        if packet.ack is not None and one.ack != packet.ack:
            return f"ack is {one.ack}, expected {packet.ack}"
    if packet.window is not None and last.window != packet.window:
        return f"win is {last.window}, expected {packet.window}"
    if packet.urgent is not None and first.urgent != packet.urgent:
        return f"urg is {first.urgent}, expected {packet.urgent}"
    if packet.ecn and packet.ecn != "ect01" and first.ecn != MARKS[packet.ecn]:
        return f"the IP header says {MARK_NAMES[first.ecn]}, expected {packet.ecn}"
    return _options(packet, first, line, cookie)


def _options(packet: TcpPacket, sent: Segment, line: int, cookie: tcp_options.Cookie) -> str:
    if packet.options is None:
        return ""
    wanted = tcp_options.to_machine(packet.options, line, lambda number: number, lambda echo: echo, cookie)
    if not packet.options and not sent.has(seg.SYN):
        # packetdrill wants them written; a clock that both agreed on says nothing new
        if all(isinstance(one, Timestamps | seg.NoOperation) for one in sent.options):
            return ""
    if tcp_options.same(wanted, sent.options):
        return ""
    return (
        f"options are <{tcp_options.words(sent.options, lambda number: number)}>, "
        f"expected <{tcp_options.words(tuple(wanted), lambda number: number)}>"
    )


def describe(segment: Segment) -> str:
    """A segment (in the script's numbers) as a script writes it: `F. 1:1(0) ack 1 win 502 <...>`."""
    end = segment.seq + len(segment.data)
    words = [letters(segment.flags), f"{segment.seq}:{end}({len(segment.data)})"]
    if segment.has(seg.ACK):
        words.append(f"ack {segment.ack}")
    words.append(f"win {segment.window}")
    if segment.has(seg.URG):
        words.append(f"urg {segment.urgent}")
    if segment.options:
        words.append(f"<{tcp_options.words(segment.options, lambda number: number)}>")
    return " ".join(words)
