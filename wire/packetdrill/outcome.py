"""What came of a script: the verdict, and all that happened, for a report or a ladder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..machine import Segment, State, Why


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A segment that was injected ("<") or sent by our endpoint (">"), in the wire's numbers.

    time    nanoseconds since the script began
    line    of the script: where it was injected, or expected; 0: no line expected it
    text    in the script's words and numbers
    why     why our endpoint sent it
    before, after  our endpoint's state (None: no connection)
    """

    time: int
    direction: Literal["<", ">"]
    line: int
    segment: Segment
    text: str
    why: Why | None
    before: State | None
    after: State | None


@dataclass(frozen=True, slots=True)
class Made:
    """A call and what it returned; `returned` None: it still waits."""

    time: int
    line: int
    call: str
    returned: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was passed over, or taken for granted."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on a script.

    line      of the first difference, of what is not supported, or 0
    expected  what the script says
    actual    what our endpoint did
    reason    why, with the place in the RFC; or what is not supported
    addresses our endpoint's and the peer's
    """

    name: str
    profile: str
    status: Literal["passed", "failed", "not supported"]
    line: int = 0
    expected: str = ""
    actual: str = ""
    reason: str = ""
    notes: tuple[Note, ...] = ()
    exchanged: tuple[Exchanged, ...] = ()
    calls: tuple[Made, ...] = ()
    addresses: tuple[str, str] = ("", "")

    @property
    def passed(self) -> bool:
        """True if our endpoint did all that the script expects."""
        return self.status == "passed"

    def report(self) -> Iterator[str]:
        """The verdict for people, line by line."""
        where = f"{self.name}:{self.line}" if self.line else self.name
        yield f"{where}: {self.status} (profile {self.profile})" if where else f"{self.status} (profile {self.profile})"
        for title, text in (("expected", self.expected), ("got", self.actual), ("why", self.reason)):
            if text:
                yield f"  {title:<9}{text}"
        for note in self.notes:
            yield f"  note     {note}"
