"""Does a capture follow a script?  Finds the first difference and says what kind of mistake it is.

Script and capture are walked side by side. Where the next steps are not the same one, what follows tells whether a step
is missing, is too much, changed places, or is only wrong in itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..machine import segment as seg
from .compare import Comparison
from .mistakes import MISTAKES, Diagnosis
from .steps import Script, Step

AHEAD = 6  # steps that are looked at to see what a difference is


def check(script: Script, capture: Sequence[Step], tolerance: int | None = None) -> list[Diagnosis]:
    """The first difference between a script and a capture, each mistake in it; nothing if the capture follows.

    tolerance  nanoseconds by which the time since the step before may differ; None: times do not count
    """
    return Walk(script, capture, tolerance).go()


class Walk:
    """Both, side by side."""

    def __init__(self, script: Script, capture: Sequence[Step], tolerance: int | None = None) -> None:
        """At the beginning."""
        self.tolerance = tolerance
        self.script, self.want, self.got = script, script.steps, capture
        self.compare = Comparison(script)

    def go(self) -> list[Diagnosis]:
        """To the first difference."""
        if not self.got:
            return [self.told("capture.empty", 0, want=self.want[0].words if self.want else "nothing")]
        for place, (want, got) in enumerate(zip(self.want, self.got, strict=False)):
            found = [] if want.signature == got.signature else [self.shape(place)]
            found = found or [
                Diagnosis(MISTAKES[code], got.frame, place + 1, want.words, had, wanted)
                for code, had, wanted in self.compare.step(want, got)
            ]
            found = found or self.late(place)
            if found:
                return found
        return self.ending()

    def late(self, place: int) -> list[Diagnosis]:
        """Whether a step comes too early or too late after the one before."""
        if self.tolerance is None or not place:
            return []
        wanted, had = (steps[place].time - steps[place - 1].time for steps in (self.want, self.got))
        if abs(had - wanted) <= self.tolerance:
            return []
        return [self.told("timing", place, f"{had / 10**9:.6f} s", f"{wanted / 10**9:.6f} s")]

    def told(self, code: str, place: int, got: str = "", want: str = "") -> Diagnosis:
        """A mistake at a place of both."""
        step = self.want[place] if place < len(self.want) else None
        frame = self.got[place].frame if place < len(self.got) else 0
        return Diagnosis(MISTAKES[code], frame, place + 1, (step or self.got[place]).words, got, want)

    def ending(self) -> list[Diagnosis]:
        """One of them is over."""
        place = min(len(self.want), len(self.got))
        if len(self.got) > place:
            extra = self.got[place]
            code = self.extra(place) if self.repeats(extra, self.got[:place]) else "capture.long"
            code = "reset.unexpected" if extra.flags & seg.RST else code
            return [self.told(code, place, extra.words, "the end")]
        if len(self.want) > place:
            code = self.missing(place)
            return [self.told("capture.short" if code == "segment.missing" else code, place, "the end",
                              self.want[place].words)]  # fmt: skip
        return []

    # Another step than the script's

    def shape(self, place: int) -> Diagnosis:
        """What became of a step that is not there."""
        want, got = self.want[place], self.got[place]
        after, later = self.after(place)
        if want.kind != got.kind:
            return self.told("protocol", place, got.kind.upper(), want.kind.upper())
        same, missing, extra = self.agree(1, 1, place), self.agree(1, 0, place), self.agree(0, 1, place)
        crossed = after and later and after.signature == got.signature and later.signature == want.signature
        if crossed and 2 + self.agree(2, 2, place) > missing:
            return self.told("order", place, got.words, want.words)
        turned = got.sender != want.sender and got.flags == want.flags and bool(got.size) == bool(want.size)
        if missing > max(same, extra) or (missing and missing == same and got.sender != want.sender and not turned):
            return self.told(self.missing(place), place, got.words, want.words)
        if extra > same:
            return self.told(self.extra(place), place, got.words, want.words)
        if turned:
            return self.told("direction", place, got.words, want.words)
        if got.sender == want.sender:
            return self.told(*self.wrong(place, want, got))
        code = self.missing(place)
        return self.told(code if code != "segment.missing" else "segment.other", place, got.words, want.words)

    def after(self, place: int) -> tuple[Step | None, Step | None]:
        """The next step of each."""
        want = self.want[place + 1] if place + 1 < len(self.want) else None
        return want, self.got[place + 1] if place + 1 < len(self.got) else None

    def agree(self, passed: int, read: int, place: int) -> int:
        """How many steps agree in a row if so many of each are passed over; one more if both end together."""
        want, got = self.want[place + passed :], self.got[place + read :]
        count = 0
        for one, other in zip(want[:AHEAD], got[:AHEAD], strict=False):
            if one.signature != other.signature:
                return count
            count += 1
        return count + (len(want) == len(got) < AHEAD)

    def repeats(self, step: Step, before: Sequence[Step]) -> bool:
        """Whether a step sends numbers again."""
        return bool(step.seen and step.seen.length) and any(
            one.seen and step.seen and one.sender == step.sender and one.seen.length
            and one.seen.segment.seq == step.seen.segment.seq for one in before
        )  # fmt: skip

    def missing(self, place: int) -> str:
        """The code for a step of the script that is not there."""
        want, before = self.want[place], self.want[:place]
        got = self.got[place] if place < len(self.got) else None
        if want.kind != "tcp":
            return "segment.missing"
        if want.flags & seg.RST:
            return "reset.missing"
        if got and got.flags & seg.RST:
            return "reset.unexpected"
        if self.repeats(want, before):
            return "repeat.missing"
        if want.flags & seg.SYN:
            return "handshake.unanswered" if want.flags & seg.ACK else "syn.missing"
        if not want.size and before and before[-1].flags == seg.SYN | seg.ACK:
            return "handshake.third"
        after = self.want[place + 1] if place + 1 < len(self.want) else None
        merged = got and after and got.signature == after.signature and got.flags & seg.FIN
        if merged and after and not want.size and want.flags == seg.ACK and want.sender == after.sender:
            return "close.merged"
        return self.unclosed(want, before)

    def unclosed(self, want: Step, before: Sequence[Step]) -> str:
        """The same for what ends a connection, or repeats an ACK."""
        if want.flags & seg.FIN:
            return "close.fin"
        closed = {one.sender for one in before if one.flags & seg.FIN}
        if not want.size and len(closed) == 2:
            return "close.last-ack"
        twin = next((one for one in reversed(before) if one.sender == want.sender), None)
        if not want.size and twin and twin.seen and want.seen and not twin.seen.length:
            if twin.seen.segment.ack == want.seen.segment.ack:
                return "duplicate.missing"
        return "segment.missing"

    def extra(self, place: int) -> str:
        """The code for a step that the script does not have."""
        got, before = self.got[place], self.got[:place]
        want = self.want[place] if place < len(self.want) else None
        if got.flags & seg.RST:
            return "reset.unexpected"
        if want and want.flags & seg.FIN and got.flags == seg.ACK and got.sender == want.sender and not got.size:
            return "close.apart"
        if want and want.flags == seg.SYN | seg.ACK and got.flags == seg.ACK and got.sender == want.sender:
            return "handshake.apart"
        if self.repeats(got, before):
            return "repeat.extra"
        if got.size and any(one.flags & seg.FIN and one.sender == got.sender for one in before):
            return "data.after-fin"
        if got.flags & seg.FIN:
            return "close.early"
        return "segment.extra"

    def wrong(self, place: int, want: Step, got: Step) -> tuple[str, int, str, str]:
        """The code for a step of the right end with the wrong flags, or with data where there should be none."""
        changed = want.flags ^ got.flags
        if not changed:
            if want.kind == "arp" and want.event and got.event:
                return "arp.opcode", place, got.event.layer.show("opcode") or "", want.event.layer.show("opcode") or ""
            if want.kind == "icmp" and want.event and got.event:
                return "icmp.type", place, got.event.layer.info, want.event.layer.info
            closed = any(one.flags & seg.FIN and one.sender == got.sender for one in self.got[:place])
            if got.size:
                return "data.after-fin" if closed else "data.extra", place, f"{got.size} bytes", ""
            return "data.missing", place, "none", f"{want.size} bytes"
        if bool(want.size) != bool(got.size) and not changed & (seg.SYN | seg.RST):
            return "segment.other", place, got.words, want.words
        names = seg.flag_names(got.flags), seg.flag_names(want.flags)
        for bit, name in ((seg.RST, "rst"), (seg.SYN, "syn"), (seg.FIN, "fin"), (seg.ACK, "ack")):
            if changed & bit:
                code = f"flag.{name}" if got.flags & bit else f"flag.{name}-missing"
                if code == "flag.rst" and place + 1 == len(self.got):
                    return "reset.unexpected", place, got.words, want.words
                if code == "flag.syn-missing" and place == 0:
                    return "syn.missing", place, got.words, want.words
                if code == "flag.syn-missing" and self.apart(place):
                    return "handshake.apart", place, got.words, want.words
                return code, place, *names
        raise AssertionError("flags differ, and none of them does")

    def apart(self, place: int) -> bool:
        """Whether a SYN,ACK went as an ACK and then a SYN."""
        _, later = self.after(place)
        return bool(later and later.flags & seg.SYN and later.sender == self.got[place].sender)
