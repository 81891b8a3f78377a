"""The work for a long capture grows with its length alone: steps are counted, not seconds."""

from __future__ import annotations

from typing import Any

import pytest

from wire.analysis import fates, tracking
from wire.analysis.expert import Expert
from wire.analysis.segments import Seen
from wire.machine import Segment
from wire.machine import segment as seg

HERE, THERE = (b"\x0a\x00\x00\x01", 40000), (b"\x0a\x00\x00\x02", 80)
MS = 1_000_000


def stream(kind: str, count: int) -> list[Seen]:
    """A transfer that never gets anywhere: the same bytes again and again, or every second piece missing."""
    found: list[Seen] = []

    def put(ours: bool, **values: Any) -> None:
        ends = (HERE, THERE) if ours else (THERE, HERE)
        one = Segment(source=ends[0][1], target=ends[1][1], window=60000, **values)
        found.append(Seen(len(found) + 1, len(found) * 200 * MS, *ends, one, len(one.data)))

    put(True, seq=0, flags=seg.SYN)
    put(False, seq=0, ack=1, flags=seg.SYN | seg.ACK)
    put(True, seq=1, ack=1, flags=seg.ACK)
    while len(found) < count:
        place = len(found)
        again = kind in ("storm", "answered")
        flags = seg.ACK | (seg.FIN if kind == "fins" else 0)
        put(True, seq=1 if again else 1 + 200 * place, ack=1, flags=flags, data=b"x" * 100)
        if kind in ("answered", "fins"):
            put(False, seq=1 if kind == "answered" else 1 + 9 * place, ack=1, flags=seg.ACK, data=b"y" * 9)
    return found[:count]


@pytest.mark.parametrize("kind", ["storm", "answered", "holes", "fins"])
def test_twice_as_long_is_twice_the_work(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the length on where everything that is remembered is full."""
    monkeypatch.setattr(fates, "MOST", 50)
    counts = {count: work(stream(kind, count), monkeypatch) for count in (600, 1200)}
    assert counts[1200] <= 2.2 * counts[600] + 100, counts


def work(segments: list[Seen], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often two segments, or two numbers, are compared."""
    count = 0

    def counted(real: Any) -> Any:
        def call(*words: Any) -> Any:
            nonlocal count
            count += 1
            return real(*words)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(fates, "confirms", counted(fates.confirms))
        patch.setattr(tracking, "later", counted(tracking.later))
        expert = Expert()
        findings = [expert.judge(one) for one in segments]
        fates.lost(segments, findings, expert.round_trip)
        fates.crossed(segments)
        tracker = tracking.Tracker(segments)
        for one in segments:
            tracker.sent(one)
            tracker.arrived(one)
    return count


def test_who_came_again_unconfirmed_was_lost() -> None:
    """Bytes that came again a round trip later were lost; what came again sooner may be the road's doing."""
    segments = stream("storm", 7)
    assert segments[2].time - segments[0].time == 2 * (segments[4].time - segments[3].time)
    expert = Expert()
    findings = [expert.judge(one) for one in segments]
    assert fates.lost(segments, findings, expert.round_trip) == {3, 4}
