"""One sentence for every step: why this segment, this number, this state, and where that is written.

A template is English and is the key of its translations (wire/lang). It is filled with the segment's own numbers:

    {who} {peer}   the ends ("the client"; {Who} at the beginning)     {seq} {ack}     as on the wire
    {next}         the number after the last one that it uses          {acked}         {ack} - 1
    {size}         bytes of data                                       {win}           the window in the header

Line breaks in a template stay; everything else is wrapped.
"""

from __future__ import annotations

from typing import Any

from ..machine import Segment, State
from ..machine import segment as seg
from ..machine.events import Why
from ..story import Sentence
from .legs import Leg

WRAP = 1 << 32

SENTENCES: dict[str, tuple[str, str]] = {
    "OPEN": (
        "{Who} asks to open and says where its own numbering starts: {seq}.\n"
        "A SYN uses up one number, so its next one is {next}.",
        "RFC 9293 3.4, 3.5",
    ),
    "OPEN_DATA": (
        "{Who} asks to open; its numbering starts at {seq}. It has a cookie from an earlier visit, so {size} "
        "bytes go with the SYN.",
        "RFC 7413 4.2",
    ),
    "OPEN_ANSWER": (
        "{Who} agrees: ack = {acked} + 1 = {ack}, the number it expects next. In the same segment it says "
        "where its own numbering starts: {seq}. The two could go apart; merged, three segments do the work of"
        " four.",
        "RFC 9293 3.4.1, 3.5",
    ),
    "OPEN_CROSSED": (
        "Both have sent a SYN. {Who} repeats its own with the same number {seq}, and acknowledges the other: "
        "ack = {acked} + 1 = {ack}.",
        "RFC 9293 3.5",
    ),
    "OPEN_DONE": (
        "{Who} acknowledges: ack = {acked} + 1 = {ack}. Only now does {peer} know that its own number "
        "arrived. With two segments it would believe alone:\n"
        "see wire craft why-not-two.",
        "RFC 9293 3.5",
    ),
    "OPEN_DONE_SHORT": (
        "{Who} acknowledges: ack = {acked} + 1 = {ack}.",
        "RFC 9293 3.5",
    ),
    "SYN_AGAIN": (
        "The SYN came again, so {who} takes it that its answer was lost, and sends it again: the same numbers.",
        "RFC 9293 3.10.7.4",
    ),
    "DATA": (
        "{Who} sends {size} bytes: the first has number {seq}, so the next one will be {next}.",
        "RFC 9293 3.4, 3.7",
    ),
    "DATA_FIN": (
        "{Who} sends its last {size} bytes, the first of them number {seq}, and its FIN with them, which uses"
        " one more number: the next is {next}.",
        "RFC 9293 3.6",
    ),
    "LIMITED_TRANSMIT": (
        "A duplicate ACK says that something has left the road, so {who} may send one more new segment.",
        "RFC 3042 2",
    ),
    "FIN": (
        "{Who} has nothing more to send: FIN, with the number {seq}. A FIN uses up one number, so it will be "
        "acknowledged with {next}.",
        "RFC 9293 3.6",
    ),
    "FIN_AGAIN": (
        "{Who} repeats its FIN, now with ack = {ack}.",
        "RFC 9293 3.6",
    ),
    "ACK_DATA": (
        "{Who} acknowledges: everything before {ack} is here, {ack} is what it expects next.",
        "RFC 9293 3.4",
    ),
    "ACK_DELAYED": (
        "{Who} waited for data of its own or a second segment to carry the ACK; none came, so ack = {ack} goes alone.",
        "RFC 9293 3.8.6.3",
    ),
    "ACK_OUT_OF_ORDER": (
        "Something before this is missing, so {who} repeats at once what it still expects: {ack}. This is a "
        "duplicate ACK.",
        "RFC 5681 4.2",
    ),
    "ACK_FILLED": (
        "The gap is filled: one ACK = {ack} covers all that had waited behind it.",
        "RFC 5681 4.2",
    ),
    "ACK_DUPLICATE": (
        "This was here before or lies outside the window: {who} drops it and says what it expects: {ack}.",
        "RFC 9293 3.10.7.4",
    ),
    "ACK_FIN": (
        "{Who} acknowledges the FIN: ack = {acked} + 1 = {ack}. {Peer} will send no more, but {who} still may.",
        "RFC 9293 3.6",
    ),
    "ACK_FIN_LAST": (
        "{Who} acknowledges the FIN: ack = {acked} + 1 = {ack}. This ACK may be lost, and old segments may still be "
        "about: {who} waits 2 MSL in TIME-WAIT.",
        "RFC 9293 3.6.1",
    ),
    "ACK_FIN_CLOSING": (
        "{Who} acknowledges the FIN: ack = {acked} + 1 = {ack}. Its own FIN is not acknowledged yet: both sides closed "
        "at the same time, and the FINs crossed.",
        "RFC 9293 3.6",
    ),
    "ACK_UNSENT": (
        "This acknowledges what was never sent: {who} says where both really stand: seq {seq}, ack {ack}.",
        "RFC 9293 3.10.7.4",
    ),
    "ACK_OLD": (
        "The acknowledgment is impossibly old: {who} challenges it.",
        "RFC 5961 5.2",
    ),
    "ACK_PAWS": (
        "The timestamp is older than the last one, an old duplicate: {who} drops it and says what it expects: {ack}.",
        "RFC 7323 5.3",
    ),
    "ACK_KEEPALIVE": (
        "{Who} answers the probe: still here, still expecting {ack}.",
        "RFC 9293 3.8.4",
    ),
    "CHALLENGE_RST": (
        "A reset in the window, but not at the expected number: {who} asks whether it is meant.",
        "RFC 5961 3.2",
    ),
    "CHALLENGE_SYN": (
        "A SYN in a running connection: {who} does not obey, but says what it expects: {ack}. If {peer} has "
        "restarted, it will answer with a reset.",
        "RFC 5961 4.2",
    ),
    "WINDOW_UPDATE": (
        "The application has read, so there is room again: {who} offers a window of {win}.",
        "RFC 9293 3.8.6",
    ),
    "PROBE_WINDOW": (
        "The window is closed. {Who} asks with a probe whether it still is: the ACK that opened it might have"
        " been lost.",
        "RFC 9293 3.8.6.1",
    ),
    "PROBE_KEEPALIVE": (
        "Nothing was heard for long. {Who} repeats an old number, {seq}, which must be answered if {peer} lives.",
        "RFC 9293 3.8.4",
    ),
    "PROBE_TAIL": (
        "No answer to the end of what was sent: {who} sends the last piece again before the timeout.",
        "RFC 8985 7",
    ),
    "SILLY_WINDOW_OVERRIDE": (
        "{Who} has waited long enough for a larger window and sends what fits: {size} bytes.",
        "RFC 9293 3.8.6.2.1",
    ),
    "TIMEOUT": (
        "No acknowledgment came in time, so {who} sends the oldest segment again, with the same number {seq},"
        " and will wait twice as long.",
        "RFC 6298 5.4, 5.5",
    ),
    "FAST_RETRANSMIT": (
        "Three duplicate ACKs ask for {seq}: {who} takes it as lost and sends it again without waiting for "
        "the timeout.",
        "RFC 5681 3.2",
    ),
    "PARTIAL_ACK": (
        "The repeat was acknowledged, but not everything: what begins at {seq} is missing, too.",
        "RFC 6582 3.2",
    ),
    "SACK_LOSS": (
        "SACK blocks tell that later bytes have arrived: what begins at {seq} is lost, and {who} sends it again.",
        "RFC 6675 4",
    ),
    "RESUME": (
        "After the timeout {who} sends again what was in flight, as its window grows.",
        "RFC 5681 3.1",
    ),
    "PATH_MTU": (
        "The road takes only smaller packets: {who} sends the same bytes from {seq} in smaller segments.",
        "RFC 1191 6.4",
    ),
    "FAST_OPEN_REFUSED": (
        "The data in the SYN were not acknowledged: {who} sends them again.",
        "RFC 7413 4.2.2",
    ),
    "RST_NO_CONNECTION": (
        "{Who} knows of no such connection: it resets it. The reset takes its number from what it answers.",
        "RFC 9293 3.10.7.1",
    ),
    "RST_LISTEN": (
        "{Who} only listens and has sent nothing that could be acknowledged: reset.",
        "RFC 9293 3.10.7.2",
    ),
    "RST_BAD_ACK": (
        "This acknowledges what {who} never sent, so it belongs to an old connection: reset, with the number "
        "{seq} that was acknowledged.",
        "RFC 9293 3.10.7.3",
    ),
    "RST_SYN": (
        "A SYN in the window of a running connection: {who} resets it.",
        "RFC 793 3.9",
    ),
    "RST_ABORT": (
        "The application aborts: {who} throws away what was not sent and tells {peer} so. A reset is not acknowledged.",
        "RFC 9293 3.10.5",
    ),
    "RST_UNREAD": (
        "The application has closed with data unread. {Peer} must know that they are lost, so {who} sends a "
        "reset and not a FIN.",
        "RFC 9293 3.6.1",
    ),
    "RST_NOBODY_READS": (
        "Data came for an application that has closed. Nobody will read them, so {who} sends a reset.",
        "RFC 9293 3.6.1",
    ),
    "RST_KEEPALIVE": (
        "No probe was answered: {who} gives up, and says so to whoever may still hear.",
        "RFC 9293 3.8.4",
    ),
    "TIME_WAIT_AGAIN": (
        "The FIN came again, so the last ACK was lost. {Who} is still in TIME-WAIT, answers once more, and "
        "waits 2 MSL from now on.",
        "RFC 9293 3.6.1, 3.10.7.4",
    ),
    "UDP": (
        "{Who} sends {size} bytes in one datagram: no connection, no number, no acknowledgment. It arrives "
        "whole, or not at all.",
        "RFC 768",
    ),
    "ARP_REQUEST": (
        "{Who} knows the IP address {about} but not the MAC address that a frame needs: it asks everybody on "
        "its network.",
        "RFC 826",
    ),
    "ARP_REPLY": (
        "{Who} has that address and answers to the asker alone: {about} is at {mac}.",
        "RFC 826",
    ),
    "ARP_ANNOUNCE": (
        "{Who} asks for its own address {about}. Nobody should answer; everybody learns that it is at {mac}.",
        "RFC 5227 2.3",
    ),
    "PORT_UNREACHABLE": (
        "Nobody has that port open, and UDP has no way to say so: {who} sends an ICMP error that quotes the datagram.",
        "RFC 792, RFC 1122 3.2.2.1",
    ),
    "FRAGMENTATION_NEEDED": (
        "The packet is larger than the next network takes and must not be cut: {who} drops it and says how "
        "large one may be: {mtu} bytes.",
        "RFC 1191 4",
    ),
    "TTL_EXCEEDED": (
        "The packet has passed as many routers as it may: {who} drops it and tells its sender.",
        "RFC 792",
    ),
    "FRAGMENT": (
        "The packet is larger than the next network takes: {who} cuts it. This piece begins at byte {offset};"
        " all pieces carry the identification {ident}.",
        "RFC 791 3.2",
    ),
    "PASSED_ON": (
        "{Who} passes the frame on.",
        "IEEE 802.1D 7.7",
    ),
}

COUNTS = {
    ("segment", True): "1 segment, {lost}.",
    ("segment", False): "{count} segments, {lost}.",
    ("packet", True): "1 packet, {lost}.",
    ("packet", False): "{count} packets, {lost}.",
}


def counted(unit: str, count: int, lost: int) -> Sentence:
    """`3 segments, none lost.`"""
    one = count == 1
    template = COUNTS[unit, one].replace("{lost}", "none lost" if not lost else "{lost} lost")
    return Sentence(template, {"count": count, "lost": lost})


def why(leg: Leg, lesson: str = "") -> Sentence | None:
    """The sentence for a packet; None for one that nobody meant, as a copy."""
    code = code_of(leg, lesson)
    if code is None:
        return None
    template, rfc = SENTENCES[code]
    values: dict[str, Any] = {"who": leg.sender, "peer": leg.receiver}
    if leg.crossing:
        values |= values_of(leg.crossing.segment) | {"peer": leg.crossing.receiver or leg.receiver}
    elif leg.datagram:
        values |= {"size": leg.facts.get("size", 0)}
    if leg.datagram:
        values |= {"offset": leg.datagram.offset, "ident": leg.datagram.ident}
    values |= {name: value for name, value in leg.facts.items() if name in ("about", "mac", "mtu")}
    return Sentence(template, values, rfc)


def values_of(segment: Segment) -> dict[str, Any]:
    """The numbers of a segment that sentences use."""
    return {
        "seq": segment.seq,
        "ack": segment.ack,
        "next": (segment.seq + len(segment)) % WRAP,
        "acked": (segment.ack - 1) % WRAP,
        "size": len(segment.data),
        "win": segment.window,
    }


def code_of(leg: Leg, lesson: str) -> str | None:
    """Under which name the sentence for a packet stands."""
    if leg.also:
        return "PASSED_ON"
    if leg.what == "fragment":
        return "FRAGMENT"
    if leg.what == "icmp":
        kind, code = leg.facts["kind"], leg.facts["code"]
        return "TTL_EXCEEDED" if kind == 11 else "FRAGMENTATION_NEEDED" if code == 4 else "PORT_UNREACHABLE"
    if leg.what != "tcp":
        return str(leg.facts.get("code", leg.what.upper()))
    crossing = leg.crossing
    if crossing is None or crossing.why is None:
        return None
    segment = crossing.segment
    if crossing.why is Why.OPEN and segment.data:
        return "OPEN_DATA"
    if crossing.why is Why.OPEN_DONE and lesson not in ("handshake", "why-not-four"):
        return "OPEN_DONE_SHORT"
    if crossing.why is Why.DATA and segment.has(seg.FIN):
        return "DATA_FIN"
    if crossing.why is Why.ACK_FIN:
        return {State.TIME_WAIT: "ACK_FIN_LAST", State.CLOSING: "ACK_FIN_CLOSING"}.get(state_of(leg), "ACK_FIN")
    return crossing.why.name


def state_of(leg: Leg) -> State:
    """The sender's state when the segment left."""
    return (leg.crossing.sender_state if leg.crossing else None) or State.CLOSED
