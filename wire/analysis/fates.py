"""Which captured segments did not arrive, as far as later ones tell.

A capture at one end holds what that end sent, lost or not. A segment was lost if it came again while nothing of its
peer said that it had arrived; an ACK was lost if what it acknowledged came again all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..machine import segment as seg
from ..machine.sequence import later
from .expert import LATE, Finding, Kind
from .segments import Seen


def lost(stream: Sequence[Seen], findings: Sequence[Iterable[Finding]], round_trip: int | None) -> set[int]:
    """The indexes of those segments of a stream that were lost; `round_trip` in nanoseconds, where it was measured."""
    least = round_trip or LATE
    gone: set[int] = set()
    for index, one in enumerate(stream):
        kinds = {finding.kind for finding in findings[index]}
        if Kind.RETRANSMISSION in kinds:
            gone |= first_sight(stream[:index], one, least)
            gone |= unheard(stream[:index], one, least)
    return gone


def first_sight(before: Sequence[Seen], again: Seen, least: int) -> set[int]:
    """Earlier sendings of the same numbers that nobody acknowledged before they came again."""
    return {
        index
        for index, one in enumerate(before)
        if one.source == again.source
        and one.length
        and one.segment.seq == again.segment.seq
        and one.segment.has(seg.SYN) == again.segment.has(seg.SYN)
        and again.time - one.time >= least
        and not any(confirms(answer, one) for answer in before[index + 1 :])
    }


def confirms(answer: Seen, one: Seen) -> bool:
    """Whether a segment of the other end says that `one` arrived."""
    if answer.source != one.target or not answer.segment.has(seg.ACK):
        return False
    if not later(one.end, answer.segment.ack):
        return True
    blocks = answer.segment.option(seg.Sack)
    return bool(blocks) and any(
        not later(left, one.segment.seq) and not later(one.end, right) for left, right in (blocks.blocks if blocks else ())
    )


def unheard(before: Sequence[Seen], again: Seen, least: int) -> set[int]:
    """Pure ACKs of what nevertheless came again; the first sight of it must be in the capture."""
    sights = [one for one in before if one.source == again.source and one.length and one.segment.seq == again.segment.seq]
    if not sights:
        return set()
    return {
        index
        for index, one in enumerate(before)
        if one.source == again.target
        and not one.length
        and one.segment.has(seg.ACK)
        and not one.segment.has(seg.RST)
        and confirms(one, again)
        and again.time - one.time >= least
    }
