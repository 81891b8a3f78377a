"""Which captured segments did not arrive, and which arrived later than it looks, as far as others tell.

A capture at one end holds what that end sent, lost or not. A segment was lost if it came again while nothing of its
peer said that it had arrived; an ACK was lost if what it acknowledged came again all the same. A SYN or FIN that the
peer does not acknowledge when it next sends something new had not arrived by then: the two crossed on the road.

Both look at no more than `MOST` segments of the peer for each segment, so that their work grows with the capture alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..machine import segment as seg
from ..machine.sequence import later
from .expert import LATE, Finding, Kind
from .segments import End, Seen

MOST = 1000  # segments of the peer that are looked at: those of one window


@dataclass(slots=True)
class Sights:
    """Where the same numbers were sent: the first place, and those places that may still turn out to be lost."""

    first: int
    open: list[int] = field(default_factory=list)
    silent: tuple[int, int] = (0, 0)  # nothing of the peer before this place confirms these numbers up to this one


def lost(stream: Sequence[Seen], findings: Sequence[Iterable[Finding]], round_trip: int | None) -> set[int]:
    """The indexes of those segments of a stream that were lost; `round_trip` in nanoseconds, where it was measured.

    What came again sooner than after a round trip is no answer to a loss: the road or the capture doubled it.
    """
    least = round_trip or LATE
    sights: dict[tuple[End, int, bool], Sights] = {}
    spoke: dict[End, list[int]] = {}  # the places of each end's segments so far
    gone: set[int] = set()
    for index, one in enumerate(stream):
        spoke.setdefault(one.source, []).append(index)
        if not one.length:
            continue
        answer = one.segment.has(seg.SYN) and one.segment.has(seg.ACK)  # no repeat of a SYN that it crossed
        mine = sights.setdefault((one.source, one.segment.seq, answer), Sights(index))
        if mine.first < index and any(finding.kind is Kind.RETRANSMISSION for finding in findings[index]):
            old = one.time - least
            answers = confirming(stream, spoke.get(one.target, []), one, mine)
            gone |= {place for place in answers if not stream[place].length and stream[place].time <= old}
            after = bisect_left(mine.open, answers[0]) if answers else 0
            aged = after
            while aged < len(mine.open) and stream[mine.open[aged]].time <= old:
                aged += 1
            gone.update(mine.open[after:aged])
            del mine.open[:aged]
        mine.open.append(index)
    return gone


def confirming(stream: Sequence[Seen], places: list[int], one: Seen, mine: Sights) -> list[int]:
    """Which of the peer's latest segments, `places`, say that the numbers of `one` arrived; the last one first."""
    since, end = mine.silent
    least = since if end == one.end else 0
    begin = max(bisect_left(places, max(mine.first, least)), len(places) - MOST)
    found = [place for place in reversed(places[begin:]) if confirms(stream[place], one)]
    if not found and places:
        mine.silent = places[-1] + 1, one.end
    return found


def confirms(answer: Seen, one: Seen) -> bool:
    """Whether a segment of the other end says that the numbers of `one` arrived."""
    if answer.source != one.target or not answer.segment.has(seg.ACK) or answer.segment.has(seg.RST):
        return False
    if not later(one.end, answer.segment.ack):
        return True
    said = answer.segment.option(seg.Sack)
    blocks = said.blocks if said else ()
    return any(not later(left, one.segment.seq) and not later(one.end, right) for left, right in blocks)


def crossed(stream: Sequence[Seen]) -> dict[int, int]:
    """SYNs and FINs that crossed another segment, and the last one that they crossed: index by index.

    Every segment says what its sender has received (RFC 9293 3.4), so that one which uses numbers and does not
    acknowledge a FIN was sent before the FIN arrived.
    """
    found = {}
    spoke: dict[End, list[int]] = {}
    for index, one in enumerate(stream):
        spoke.setdefault(one.source, []).append(index)
    for index, one in enumerate(stream):
        if not one.segment.has(seg.SYN | seg.FIN):
            continue
        places = spoke.get(one.target, [])
        begin = bisect_left(places, index + 1)
        for place in places[begin : begin + MOST]:
            other = stream[place]
            if confirms(other, one) or other.segment.has(seg.RST):
                break
            if other.length and other.segment.has(seg.SYN) == one.segment.has(seg.SYN):
                found[index] = place
    return found
