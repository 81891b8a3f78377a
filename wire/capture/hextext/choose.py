"""Choosing among readings that the text itself leaves open: what decodes better is right, and a tie is said aloud."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from .lines import Line
from .model import Judge

T = TypeVar("T")


class Reading(NamedTuple, Generic[T]):
    """One way to read a text: its name, the packets it gives, and the reader's own result."""

    name: str
    packets: tuple[bytes, ...]
    value: T


def choose(readings: Sequence[Reading[T]], judge: Judge | None, line: Line, usual: bool) -> tuple[T, str | None]:
    """The reading that decodes best, with a remark where more than the text decided.

    `usual` says that the first reading is what the tool nearly always means, which settles a tie; without it a tie is
    a HexError that names the readings.
    """
    found: dict[tuple[bytes, ...], Reading[T]] = {}
    for reading in readings:
        found.setdefault(reading.packets, reading)
    distinct = list(found.values())
    if len(distinct) == 1:
        return distinct[0].value, None
    names = " or ".join(reading.name for reading in distinct)
    if judge is not None:
        scores = [min(judge(packet).score for packet in reading.packets) for reading in distinct]
        best = max(scores)
        if scores.count(best) == 1:
            chosen = distinct[scores.index(best)]
            if usual and chosen is distinct[0]:
                return chosen.value, None
            return chosen.value, f"could be {names}; read as {chosen.name}, which decodes better"
    if usual:
        return distinct[0].value, f"could be {names}; read as {distinct[0].name}, as is usual"
    raise line.error(f"the text is ambiguous: it could be {names}, and nothing in it decides")
