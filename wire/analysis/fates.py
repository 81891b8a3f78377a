"""Which captured segments did not arrive, and which arrived later than it looks, as far as others tell.

A capture at one end holds what that end sent, lost or not. A segment was lost if it came again while nothing of its
peer said that it had arrived; an ACK was lost if what it acknowledged came again all the same. A SYN or FIN that the
peer does not acknowledge when it next sends something new had not arrived by then: the two crossed on the road.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..machine import segment as seg
from ..machine.sequence import later
from .expert import LATE, Finding, Kind
from .segments import End, Seen


def lost(stream: Sequence[Seen], findings: Sequence[Iterable[Finding]], round_trip: int | None) -> set[int]:
    """The indexes of those segments of a stream that were lost; `round_trip` in nanoseconds, where it was measured.

    What came again sooner than after a round trip is no answer to a loss: the road or the capture doubled it.
    """
    least = round_trip or LATE
    sights: dict[tuple[End, int, bool], list[int]] = {}  # where these numbers were sent
    gone: set[int] = set()
    for index, one in enumerate(stream):
        if not one.length:
            continue
        answer = one.segment.has(seg.SYN) and one.segment.has(seg.ACK)  # no repeat of a SYN that it crossed
        before = sights.setdefault((one.source, one.segment.seq, answer), [])
        if before and any(finding.kind is Kind.RETRANSMISSION for finding in findings[index]):
            soon = [place for place in range(before[0], index) if one.time - stream[place].time >= least]
            answers = [place for place in range(before[0], index) if confirms(stream[place], one)]
            gone |= {place for place in soon if place in before and not (answers and answers[-1] > place)}
            gone |= {place for place in soon if place in answers and not stream[place].length}
        before.append(index)
    return gone


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
    for index, one in enumerate(stream):
        if not one.segment.has(seg.SYN | seg.FIN):
            continue
        for place in range(index + 1, len(stream)):
            other = stream[place]
            if other.source != one.target:
                continue
            if confirms(other, one) or other.segment.has(seg.RST):
                break
            if other.length and other.segment.has(seg.SYN) == one.segment.has(seg.SYN):
                found[index] = place
    return found
