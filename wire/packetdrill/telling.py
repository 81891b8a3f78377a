"""What came of a script as a story: a ladder of the peer that the script plays, and of our endpoint, its kernel."""

from __future__ import annotations

from ..story import Arrow, Lifeline, Moment, Sentence, Story
from .outcome import Exchanged, Made, Outcome
from .packets import packets_of

PEER, KERNEL = "peer", "kernel"


def story_of(outcome: Outcome) -> Story:
    """Segments in the script's words and numbers, calls beside the kernel, its states, packets; without the verdict."""
    events: list[Exchanged | Made] = [*outcome.exchanged, *outcome.calls]
    events.sort(key=lambda one: (one.time, one.line or 1 << 30))
    state = "CLOSED"
    moments = [Moment(0, "begin", "", states={KERNEL: state})]
    number = 0
    for one in events:
        if isinstance(one, Made):
            moments.append(Moment(one.time, "call", KERNEL, one.call))
            continue
        number += 1
        if one.before and one.before.value != state:  # a call or a timer since the segment before
            state = moments[-1].states[KERNEL] = one.before.value
        after = one.after.value if one.after else "CLOSED"
        changed = {KERNEL: after} if after != state else {}
        state = after
        moments += crossing(one, number, changed)
    duration = max(moment.time for moment in moments)
    lines = [Lifeline(PEER, "the script"), Lifeline(KERNEL, f"our endpoint, profile {outcome.profile}")]
    values = {"states": f"{KERNEL} {state}", "time": f"{duration / 10**9:.3f}"}
    return Story(outcome.name, outcome.name, None, lines, moments, packets_of(outcome), {KERNEL: state},
                 [Sentence("{states} after {time} s.", values)], duration)  # fmt: skip


def crossing(one: Exchanged, number: int, changed: dict[str, str]) -> list[Moment]:
    """A segment's two rows; on this road nothing takes time."""
    ends = (PEER, KERNEL) if one.direction == "<" else (KERNEL, PEER)
    why = Sentence(one.why.text, {}, one.why.rfc) if one.why else None
    arrow = Arrow(
        number, *ends, one.time, one.time, tuple(one.text.lstrip("<> ").split()), size=len(one.segment.data), why=why
    )
    ours = one.direction == ">"
    return [
        Moment(one.time, "sent", ends[0], arrow=arrow, states=changed if ours else {}),
        Moment(one.time, "arrived", ends[1], arrow=arrow, states={} if ours else changed),
    ]
