"""What an arrow of a captured conversation says, and the row that tells of what was lost or repeated."""

from __future__ import annotations

from ..lab.wording import option
from ..machine import segment as seg
from ..machine.segment import flag_names
from ..story import Phrase
from .expert import REPEATS, Finding, Kind
from .reading import Event
from .segments import End, Seen

WRAP = 1 << 32

SAID = {
    Kind.RETRANSMISSION: "retransmission{of}{after}",
    Kind.FAST_RETRANSMISSION: "fast retransmission{of}",
    Kind.SPURIOUS_RETRANSMISSION: "spurious retransmission{of}: it was acknowledged",
    Kind.OUT_OF_ORDER: "out of order: it comes late",
    Kind.DUPLICATE_ACK: "duplicate ACK #{count}{of}",
    Kind.LOST_SEGMENT: "previous segment not captured ({count} bytes)",
    Kind.ACK_LOST_SEGMENT: "acknowledges what was not captured ({count} bytes)",
    Kind.KEEP_ALIVE: "keep-alive",
    Kind.KEEP_ALIVE_ACK: "keep-alive ACK",
    Kind.ZERO_WINDOW: "zero window",
    Kind.ZERO_WINDOW_PROBE: "zero window probe",
    Kind.ZERO_WINDOW_PROBE_ACK: "zero window probe ACK",
    Kind.WINDOW_FULL: "window full",
    Kind.WINDOW_UPDATE: "window update",
    Kind.REUSED_PORTS: "ports used again",
}


def said(findings: list[Finding]) -> list[str]:
    """A row for each finding; the special kinds of repeat stand for the plain one."""
    kinds = {finding.kind for finding in findings}
    special = bool(kinds & (REPEATS - {Kind.RETRANSMISSION}))
    return [
        Phrase(
            SAID[one.kind],
            of=Phrase(" of {frame}", frame=one.frame) if one.frame else "",
            after=Phrase(" after {time} s", time=f"{one.after / 10**9:.3f}") if one.after > 0 else "",
            count=one.count,
        )
        for one in findings
        if not (special and one.kind is Kind.RETRANSMISSION)
    ]


class Numbers:
    """Sequence numbers as on the wire, or counted from each end's first as tshark does."""

    def __init__(self, absolute: bool) -> None:
        """Nothing seen yet."""
        self.absolute = absolute
        self.first: dict[End, int] = {}

    def see(self, one: Seen) -> None:
        """An end's numbers count from its SYN; where that was not captured, from one before the first."""
        segment = one.segment
        if segment.has(seg.SYN):
            self.first[one.source] = segment.seq
        self.first.setdefault(one.source, segment.seq - 1)
        if segment.has(seg.ACK):
            self.first.setdefault(one.target, segment.ack - 1)

    def of(self, end: End, number: int) -> int:
        """A number of that end, to be shown."""
        return number if self.absolute else (number - self.first.get(end, 0)) % WRAP


def segment_words(one: Seen, numbers: Numbers) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The label and the details of a segment's arrow, as `wire craft` words them."""
    segment = one.segment
    numbers.see(one)
    label = [flag_names(segment.flags), f"seq={numbers.of(one.source, segment.seq)}"]
    if segment.has(seg.ACK):
        label.append(f"ack={numbers.of(one.target, segment.ack)}")
    words = [f"len={one.size}"] if one.size else []
    words.append(f"win={segment.window}")
    words += [f"urg={segment.urgent}"] if segment.has(seg.URG) else []
    for each in segment.options:
        if isinstance(each, seg.Sack):
            edges = [[numbers.of(one.target, edge) for edge in block] for block in each.blocks]
            words += [f"sack={left}-{right}" for left, right in edges]
        else:
            words += option(each)
    return tuple(label), tuple(words)


def other_words(event: Event) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same for what is no segment."""
    layer = event.layer
    if event.kind == "udp" and event.member:
        size = layer.values.get("length", 8) - 8
        return ("UDP", Phrase("to port {port}", port=event.member.target[1])), (f"len={size}", *begun(event))
    if event.kind == "fragment" and event.piece:
        last = [] if event.piece.more else ["last"]
        details = f"id={event.piece.ident}", f"len={event.piece.size}"
        return ("IP fragment", f"offset={event.piece.offset}", *last), details
    if event.kind == "arp":
        return ("ARP", layer.info), ()
    return ("ICMP" if layer.name == "icmp" else "ICMPv6", layer.info), begun(event)


def begun(event: Event) -> tuple[str, ...]:
    """What the first fragment of a packet says besides: under which identification the others follow."""
    return ("first fragment", f"id={event.piece.ident}") if event.piece else ()
