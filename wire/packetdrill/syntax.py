"""What a packetdrill script says, as typed values: times, segments, ICMP messages, calls, shell text.

Times are integer nanoseconds. Every event keeps the line on which it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias


class ScriptError(ValueError):
    """The text is no packetdrill script; says the line and what was expected there."""

    def __init__(self, line: int, problem: str) -> None:
        """`line` counts from 1."""
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class NotSupported(Exception):
    """The script asks for something that this endpoint does not have; `line` 0: no line in particular."""

    def __init__(self, line: int, what: str) -> None:
        """`what` names it."""
        super().__init__(f"line {line}: {what}" if line else what)
        self.line = line
        self.what = what


@dataclass(frozen=True, slots=True)
class Time:
    """When an event takes place: `start` (to `end`, for a range) since the script began or the event before it.

    kind  "absolute", "relative" (to the event before) or "any" (`*`: whenever it happens)
    """

    kind: Literal["absolute", "relative", "any"]
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Ellipsis_:
    """`...`: anything."""


ANY = Ellipsis_()


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name: SOCK_STREAM."""

    name: str


@dataclass(frozen=True, slots=True)
class Flags:
    """Names and numbers joined by `|`."""

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of values inside a value: htons(8080)."""

    name: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """`[a, b]`."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Struct:
    """`{name=a, b}`: the fields with a name, and those without."""

    fields: tuple[tuple[str, Value], ...]
    items: tuple[Value, ...] = ()

    def get(self, *names: str) -> Value | None:
        """The value of the first field with one of `names`."""
        return next((value for name, value in self.fields if name in names), None)


Value: TypeAlias = int | str | Ellipsis_ | Symbol | Flags | Apply | Array | Struct


@dataclass(frozen=True, slots=True)
class TcpOption:
    """An option as written: its name in lower case, and its words (numbers, hexadecimal or names)."""

    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TcpPacket:
    """A segment as written. Sequence numbers are the script's.

    flags    letters, `.` for ACK; "" for none
    count    the number in the flags' place of E, W and A (Accurate ECN), None if there is none
    ack      None: not written; likewise `window`, `urgent`
    options  None: `<...>`, any
    ecn      "noecn", "ect0", "ect1", "ect01", "ce" or "" (not written)
    """

    inbound: bool
    flags: str
    seq: int
    length: int
    ack: int | None = None
    window: int | None = None
    urgent: int | None = None
    options: tuple[TcpOption, ...] | None = ()
    ecn: str = ""
    count: int | None = None
    text: str = ""

    def has(self, flag: str) -> bool:
        """True if the letter is among the flags."""
        return flag in self.flags


@dataclass(frozen=True, slots=True)
class IcmpPacket:
    """An ICMP error that reaches us: words for type and code, the MTU, and the number of the segment that it quotes."""

    kind: str
    code: str
    mtu: int | None
    seq: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A socket call: `result` None if none is written; `error` an errno name; `until` when a call that waits is to
    return."""

    name: str
    arguments: tuple[Value, ...]
    result: Value | None
    error: str
    until: Time | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """Text in backticks. Never run."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """`%{ ... }%`. Never run."""

    text: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that is part of packetdrill and not of this reader."""

    what: str


What: TypeAlias = TcpPacket | IcmpPacket | Call | Shell | Code | Unsupported


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the script."""

    line: int
    time: Time
    what: What


@dataclass(frozen=True, slots=True)
class Script:
    """Options (`--name=value`, with their lines), the text in backticks before the first event, and the events."""

    options: tuple[tuple[int, str, str], ...] = ()
    events: tuple[Event, ...] = ()
    init: tuple[tuple[int, str], ...] = field(default=())
