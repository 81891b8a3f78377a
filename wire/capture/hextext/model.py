"""What the importer gives back, and how it refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Clock = Literal["epoch", "day", "boot"]
Direction = Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Dump:
    """One packet found in a text.

    `time` is in nanoseconds, counted from what `clock` says: the Unix epoch, midnight ("day") or the start of the
    machine ("boot"). `checked` names the redundancies of the text that vouch for the bytes; empty means that nothing
    does. `wire_length` is the packet's length on the wire where the text declares it (`data` may be cut by a snap
    length). `linkless` says that the bytes begin at the network layer, as those of `tcpdump -x` do.
    """

    data: bytes
    format: str
    line: int
    time: int | None = None
    clock: Clock | None = None
    direction: Direction | None = None
    checked: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    linkless: bool = False
    wire_length: int | None = None


class Judgement(NamedTuple):
    """How well layers decode from some bytes: a higher `score` is better; `complaint` says what is wrong with them."""

    score: int
    complaint: str | None = None


Judge = Callable[[bytes], Judgement]


class HexError(ValueError):
    """The text is no dump, is damaged, or can be read in more than one way.

    `line` and `column` count from 1 in the text as given (colour escapes not counted); both are None where the whole
    text is meant.
    """

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        self.reason = reason
        self.line = line
        self.column = column
        place = "" if line is None else f"line {line}: " if column is None else f"line {line}, column {column}: "
        super().__init__(place + reason)
