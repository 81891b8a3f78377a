"""Which state each end of a connection is in, told from its segments alone.

What an end was seen to send shows what its application called for, what arrived shows what it received: both are events
of RFC 9293's table (`wire.machine.states`), which says what follows. Where the beginning was not captured, several
states are possible; every event and every proof narrows them down, and an end's state is known when one is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..machine import Event, State
from ..machine import segment as seg
from ..machine.sequence import later
from ..machine.states import TRANSITIONS
from .segments import End, Seen

UNKNOWN = "?"
MOST = 1000  # pieces beyond a gap that are remembered
SYNCHRONIZED = frozenset(state for state in State if state.synchronized)
SENDING = frozenset((State.ESTABLISHED, State.CLOSE_WAIT))  # new data may be sent (RFC 9293 3.10.2)
CLOSING = frozenset((State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK))  # our FIN is not acknowledged
HEARD_FIN = frozenset((State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT))


@dataclass(slots=True)
class Party:
    """One end: the states it may be in, and the numbers that tell events from each other (wire numbers).

    next      after the highest number it sent;  fin: after its FIN
    expected  the number that it waits for; what came beyond a gap is in `waiting` as (seq, end, with a FIN), and none
              of that has arrived in order while `settled` is the same number
    """

    states: frozenset[State]
    next: int | None = None
    syn: int | None = None  # after its SYN
    fin: int | None = None
    fin_acked: bool = False
    expected: int | None = None
    heard_fin: bool = False
    settled: int | None = None
    passive: bool = False
    waiting: tuple[tuple[int, int, bool], ...] = ()

    @property
    def shown(self) -> str:
        """The state by name; `?` while several are possible."""
        return next(iter(self.states)).value if len(self.states) == 1 else UNKNOWN

    def apply(self, event: Event) -> None:
        """Every state that has a row for the event moves on, the others stay."""
        self.states = frozenset(TRANSITIONS[at, event][1] if (at, event) in TRANSITIONS else at for at in self.states)

    def called(self, event: Event, already: Iterable[State]) -> None:
        """The end's application called: states without such a row are out, but for those where it had `already`."""
        moved = {TRANSITIONS[at, event][1] for at in self.states if (at, event) in TRANSITIONS}
        self.narrow(moved | (self.states & frozenset(already)))

    def narrow(self, to: Iterable[State]) -> bool:
        """Only these are possible; False, and no change, if that leaves none."""
        possible = frozenset(to)
        self.states = possible or self.states
        return bool(possible)


class Tracker:
    """Both ends of a stream.  Tell it of each segment: `sent`, and then `arrived` unless it was lost."""

    def __init__(self, stream: Sequence[Seen]) -> None:
        """`stream`: its segments; whether the first is a SYN and what answers it says where the ends begin."""
        self.parties: dict[End, Party] = {}
        for end in (stream[0].source, stream[0].target) if stream else ():
            self.parties[end] = Party(beginning(stream, end))

    @property
    def shown(self) -> dict[End, str]:
        """Each end's state by name, `?` where it is not known."""
        return {end: party.shown for end, party in self.parties.items()}

    # What a segment says of its sender

    def sent(self, one: Seen) -> None:
        """The sender called, or answers."""
        mine, peer, segment = self.parties[one.source], self.parties[one.target], one.segment
        if segment.has(seg.RST):
            self.resets(mine, segment)
            return
        if segment.has(seg.SYN):
            opens(mine, segment)
        elif segment.has(seg.ACK):
            if not mine.narrow(mine.states & (SYNCHRONIZED | {State.SYN_RECEIVED, State.CLOSED})):
                mine.states = frozenset((State.ESTABLISHED,))  # the SYN,ACK, or its ACK, was not captured
            elif State.CLOSED in mine.states and len(mine.states) > 1:
                mine.narrow(mine.states - {State.CLOSED})
            if one.size and segment.seq == mine.next:
                mine.narrow(mine.states & (SENDING | {State.SYN_RECEIVED}))
                peer.narrow(peer.states - HEARD_FIN)
        if segment.has(seg.FIN) and mine.fin is None:
            mine.called(Event.CLOSE, CLOSING)
            mine.fin = one.end
        if mine.next is None or later(one.end, mine.next):
            mine.next = one.end
        if segment.has(seg.ACK) and segment.ack == peer.fin and not mine.heard_fin:
            hears_fin(mine)  # it was not captured, or thought lost
        if segment.has(seg.ACK) and mine.expected is not None and later(segment.ack, mine.expected):
            mine.expected = segment.ack  # it has what was not captured
            mine.waiting = tuple(piece for piece in mine.waiting if later(piece[1], mine.expected))

    def resets(self, mine: Party, segment: seg.Segment) -> None:
        """A reset ends its sender, unless it answers a stray segment (then its number is not the sender's own)."""
        stray = not segment.has(seg.ACK) and mine.next not in (None, segment.seq)
        if not (stray and any(state.opening or state is State.LISTEN for state in mine.states)):
            mine.apply(Event.ABORT)
            mine.narrow(mine.states & {State.CLOSED})

    # What a segment tells its receiver

    def arrived(self, one: Seen) -> None:
        """The receiver takes it: reset, SYN, acknowledgment, FIN, in the RFC's order (3.10.7)."""
        mine, segment = self.parties[one.target], one.segment
        if segment.has(seg.RST):
            self.reset(mine, segment)
            return
        acks = segment.has(seg.ACK)
        if segment.has(seg.SYN):
            mine.passive |= mine.states == {State.LISTEN}
            if not acks:
                mine.apply(Event.RCV_SYN)
            elif mine.next in (None, segment.ack):
                mine.apply(Event.RCV_SYN_ACK)
        if acks and mine.syn is not None and not later(mine.syn, segment.ack):
            mine.apply(Event.RCV_ACK_OF_SYN)
        if acks and mine.fin is not None and segment.ack == mine.fin and not mine.fin_acked:
            mine.fin_acked = True
            mine.apply(Event.RCV_ACK_OF_FIN)
        self.receive(mine, one)

    def reset(self, mine: Party, segment: seg.Segment) -> None:
        """A reset counts at the expected number (3.5.3); in SYN-SENT, if it acknowledges the SYN."""
        if State.SYN_SENT in mine.states:
            if segment.has(seg.ACK) and mine.next in (None, segment.ack):
                mine.apply(Event.RCV_RST)
        elif mine.expected in (None, segment.seq):
            mine.apply(Event.RCV_RST_PASSIVE if mine.passive else Event.RCV_RST)
            if not mine.passive or mine.states != {State.LISTEN}:
                mine.apply(Event.RCV_RST)

    def receive(self, mine: Party, one: Seen) -> None:
        """Numbers in order move on what it expects; a FIN counts when all before it is there."""
        segment = one.segment
        if segment.has(seg.SYN) or mine.expected is None:
            mine.expected = segment.seq if mine.expected is None or segment.has(seg.SYN) else mine.expected
        if one.length:
            keep(mine, segment.seq, one.end, segment.has(seg.FIN))
        if mine.expected == mine.settled and mine.waiting and later(mine.waiting[-1][0], mine.expected):
            return  # beyond the gap, as all the others
        while ready := [piece for piece in mine.waiting if not later(piece[0], mine.expected)]:
            mine.waiting = tuple(piece for piece in mine.waiting if later(piece[0], mine.expected))
            for _, end, fin in ready:
                mine.expected = end if later(end, mine.expected) else mine.expected
                if fin and not mine.heard_fin:
                    hears_fin(mine)
        mine.settled = mine.expected


def opens(mine: Party, segment: seg.Segment) -> None:
    """A SYN was sent: an active open, or the answer to another SYN."""
    mine.syn = (segment.seq + 1) % (1 << 32)
    if not segment.has(seg.ACK):
        mine.called(Event.ACTIVE_OPEN, {State.SYN_SENT})
        if mine.states != {State.SYN_SENT}:
            mine.states = frozenset((State.SYN_SENT,))  # the same number again: another try
    elif not mine.states & {State.ESTABLISHED}:
        mine.passive |= State.LISTEN in mine.states
        mine.states = frozenset((State.SYN_RECEIVED,))


def keep(mine: Party, seq: int, end: int, fin: bool) -> None:
    """Numbers that arrived; those that follow the last ones directly become one piece with them."""
    *before, last = mine.waiting or ((seq, seq, False),)
    if last[1] == seq and not last[2]:
        mine.waiting = (*before, (last[0], end, fin))
    else:
        mine.waiting = (*mine.waiting, (seq, end, fin))[-MOST:]


def hears_fin(mine: Party) -> None:
    """The peer's FIN is here, in order."""
    mine.heard_fin = True
    mine.apply(Event.RCV_FIN)


def beginning(stream: Sequence[Seen], end: End) -> frozenset[State]:
    """Where an end may be before the first segment that was captured."""
    if not stream[0].segment.has(seg.SYN):
        return SYNCHRONIZED
    first = next((one.segment for one in stream if one.source == end), None)
    if first is None:
        return frozenset((State.CLOSED, State.LISTEN))
    if stream[0].segment.has(seg.ACK):  # the SYN before it was not captured
        answers = stream[0].source == end
        return frozenset((State.LISTEN, State.SYN_RECEIVED) if answers else (State.CLOSED, State.SYN_SENT))
    if first.has(seg.SYN) and first.has(seg.ACK):
        return frozenset((State.LISTEN,))
    if first.has(seg.SYN | seg.RST):
        return frozenset((State.CLOSED,))
    return frozenset((State.CLOSED, State.LISTEN))
