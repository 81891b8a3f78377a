"""The segments of a script's run as packets, for captures: raw IP, as packetdrill's own tunnel carries it."""

from __future__ import annotations

from ..engines.reference import decode
from ..lab.drafts import draft, tcp
from ..packet import Packet, Stack
from .outcome import Exchanged, Outcome

RAW_IP = 101  # the link type of packets that begin with their IP header


def packets_of(outcome: Outcome) -> list[Packet]:
    """What was injected and what our endpoint sent, as it happened, in the wire's numbers.

    Addresses and ports are the run's; the comment says what a segment did to our endpoint's state, and which line of
    the script it belongs to. ICMP errors are no segments and are not among them.
    """
    return [packet(outcome, one, number) for number, one in enumerate(outcome.exchanged, 1)]


def packet(outcome: Outcome, one: Exchanged, number: int) -> Packet:
    """One segment, from its IP header on."""
    ours, peer = outcome.addresses
    source, target = (peer, ours) if one.direction == "<" else (ours, peer)
    made = decode(bytes(stack(one, source, target)), "raw")
    made.number, made.time, made.link, made.comment = number, one.time, RAW_IP, comment(one)
    return made


def stack(one: Exchanged, source: str, target: str) -> Stack:
    """An IPv4 or IPv6 packet around the segment, with the ECN bits that it was sent with."""
    ends = {"src": source, "dst": target}
    if ":" in source:
        return draft("ipv6", ends | {"tclass.ecn": one.segment.ecn}) / tcp(one.segment)
    return draft("ip", ends | {"flags_df": 1, "dsfield_ecn": one.segment.ecn}) / tcp(one.segment)


def comment(one: Exchanged) -> str:
    """`kernel SYN-RECEIVED, line 12`; a segment that no line expected has no line."""
    state = one.after.value if one.after else "CLOSED"
    return f"kernel {state}, line {one.line}" if one.line else f"kernel {state}, no line of the script"
