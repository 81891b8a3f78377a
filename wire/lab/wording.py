"""How a crossing and an event read in a ladder: short words, numbers as on the wire or counted from each side's SYN."""

from __future__ import annotations

from ..machine import events
from ..machine import segment as seg
from ..machine.events import Happening, Why
from ..machine.segment import flag_names
from ..story import Phrase
from .drafts import IP_HEADER
from .legs import Leg

SECOND = 1_000_000_000
WRAP = 1 << 32

UNREACHABLE = {0: "network unreachable", 1: "host unreachable", 3: "port unreachable", 4: "fragmentation needed"}

TIMERS = {"RTO": "RTO {after} s ran out", "2 MSL": "2 MSL = {after} s are over",
          "persist": "persist timer {after} s ran out", "delayed ACK": "{after} s without company: ACK",
          "keep-alive": "keep-alive: {after} s of silence", "tail loss probe": "tail loss probe after {after} s",
          "user timeout": "user timeout {after} s", "FIN-WAIT-2": "FIN-WAIT-2 for {after} s: forgotten"}  # fmt: skip

AGAIN = {Why.FAST_RETRANSMIT: "3 duplicate ACKs: sent again", Why.SACK_LOSS: "SACK tells of a gap: sent again",
         Why.PARTIAL_ACK: "partial ACK: the next is missing too", Why.RESUME: "what was in flight, again",
         Why.PATH_MTU: "in smaller segments", Why.FAST_OPEN_REFUSED: "the data, again"}  # fmt: skip

DROPPED = {Why.DROP_ACCEPT_QUEUE: "accept queue full: dropped", Why.DROP_SYN_QUEUE: "SYN queue full: dropped"}


class Numbering:
    """Sequence numbers as on the wire, or counted from the first of each side."""

    def __init__(self, relative: bool) -> None:
        """Nothing seen yet."""
        self.relative = relative
        self.first: dict[tuple[str, int, str, int], int] = {}

    def of(self, leg: Leg) -> tuple[int, int]:
        """The sequence and acknowledgment number to show."""
        crossing = leg.crossing
        assert crossing
        segment = crossing.segment
        if not self.relative:
            return segment.seq, segment.ack
        here = (crossing.source, segment.source, crossing.target, segment.target)
        there = (*here[2:], *here[:2])
        if segment.has(seg.SYN):
            self.first[here] = segment.seq
        return (segment.seq - self.first.get(here, 0)) % WRAP, (segment.ack - self.first.get(there, 0)) % WRAP

    def blocks(self, leg: Leg, one: seg.Sack) -> list[str]:
        """The blocks of a SACK option; they are the peer's numbers."""
        crossing = leg.crossing
        assert crossing
        there = (crossing.target, crossing.segment.target, crossing.source, crossing.segment.source)
        base = self.first.get(there, 0) if self.relative else 0
        return [f"sack={(left - base) % WRAP}-{(right - base) % WRAP}" for left, right in one.blocks]


def label(leg: Leg, numbering: Numbering) -> tuple[str, ...]:
    """What an arrow is called."""
    facts = leg.facts
    if leg.what == "fragment" and leg.datagram:
        return "IP fragment", f"offset={leg.datagram.offset}", *([] if leg.datagram.more else ["last"])
    if leg.crossing:
        segment = leg.crossing.segment
        seq, ack = numbering.of(leg)
        return (flag_names(segment.flags), f"seq={seq}", *([f"ack={ack}"] if segment.has(seg.ACK) else []))
    if leg.what == "icmp":
        return "ICMP", icmp_text(facts)
    if leg.what == "udp":
        return "UDP", Phrase("to port {port}", port=facts["target_port"])
    text = facts.get("text", "")
    return leg.what.upper(), text if isinstance(text, str) else ""


def icmp_text(facts: dict[str, object]) -> str:
    """What an ICMP error says."""
    kind, code = facts["kind"], facts["code"]
    if kind == 11:
        return "TTL exceeded"
    assert isinstance(code, int)
    return UNREACHABLE.get(code, Phrase("unreachable, code {code}", code=code))


def details(leg: Leg, numbering: Numbering) -> tuple[str, ...]:
    """What else an arrow says."""
    if leg.what == "fragment" and leg.datagram:
        return f"id={leg.datagram.ident}", f"len={len(leg.datagram) - IP_HEADER}"
    if leg.crossing is None:
        words = [f"len={leg.facts['size']}"] if "size" in leg.facts else []
        return (*words, *([f"mtu={leg.facts['mtu']}"] if leg.facts.get("mtu") else []))
    segment = leg.crossing.segment
    words = [f"len={len(segment.data)}"] if segment.data else []
    words.append(f"win={segment.window}")
    words += [f"urg={segment.urgent}"] if segment.has(seg.URG) else []
    for one in segment.options:
        words += numbering.blocks(leg, one) if isinstance(one, seg.Sack) else option(one)
    if segment.ecn:
        words.append("CE" if leg.facts.get("marked") or segment.ecn == seg.CE else "ECT")
    return tuple(words)


def option(one: seg.Option) -> list[str]:
    """An option in a word."""
    match one:
        case seg.MaximumSegmentSize(size):
            return [f"mss={size}"]
        case seg.WindowScale(shift):
            return [f"wscale={shift}"]
        case seg.SackPermitted():
            return ["sackOK"]
        case seg.Timestamps(value, echo):
            return [f"ts={value},{echo}"]
        case seg.FastOpen(cookie):
            return [f"cookie={cookie.hex()}" if cookie else "cookie?"]
        case seg.OtherOption(kind, _):
            return [f"option={kind}"]
    return []


def seconds(time: int, digits: int = 3) -> str:
    """Nanoseconds as seconds."""
    return f"{time / SECOND:.{digits}f}"


def event(one: Happening) -> tuple[str, str] | None:
    """(kind, text) of the row for an event, None for those that need none."""
    match one:
        case events.TimerExpired(name, after):
            return "timer", Phrase(TIMERS[name], after=seconds(after))
        case events.TimerStarted("2 MSL", after):
            return "timer", Phrase("waits 2 MSL = {after} s", after=seconds(after))
        case events.Retransmitted(why=why) if why in AGAIN:
            return "timer", AGAIN[why]
        case events.OutOfOrder():
            return "event", "out of order: kept"
        case events.Duplicate():
            return "event", "was here already"
        case events.OutOfWindow():
            return "event", "outside the window"
        case events.ChallengeAck():
            return "event", "suspicious: challenged, not obeyed"
        case events.Dropped(why=why):
            return "event", DROPPED.get(why, "dropped")
        case events.TimedOut():
            return "event", "gives up: connection timed out"
        case events.CookieReceived():
            return "event", "keeps the cookie"
        case events.CongestionChanged(window, threshold):
            return "event", f"cwnd={window} ssthresh={min(threshold, 1 << 30)}"
    return None
