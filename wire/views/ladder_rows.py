"""A story of many ends: no line for each of them, but a row for each moment, and the addresses below."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..story import Moment, Story
from .lines import Line, width, wrap


def rows_of(story: Story, columns: int, clock: Callable[[int], str], fate: Callable[[str], str]) -> Iterator[Line]:
    """The rows, `columns` cells wide; `clock` words a time in nanoseconds, `fate` what became of a packet."""
    room = max([4, *(width(clock(moment.time)) for moment in story.moments)])
    for moment in story.moments:
        number = moment.arrow.number if moment.arrow and moment.kind == "sent" else None
        said = words(moment, fate)
        head = f"{'' if number is None else number:>3} {clock(moment.time):>{room}}  "
        for index, text in enumerate(wrap(said, columns - width(head)) if said else []):
            yield [(head if not index else " " * width(head), "dim"), (text, "")]
    yield []
    for one in story.lifelines:
        yield from ([(text, "")] for text in wrap(f"{one.name}  {one.address}".rstrip(), columns))


def words(moment: Moment, word: Callable[[str], str]) -> str:
    """What a moment's row says; nothing for an arrival that changes nothing, unless it came later."""
    said = []
    arrow = moment.arrow
    if arrow and moment.kind == "sent":
        fate = "" if arrow.arrived_at is not None else f"✗ {word(arrow.fate)}"
        said += [f"{arrow.sender} → {arrow.receiver}", *arrow.label, *arrow.details, fate]
    elif arrow and arrow.arrived_at != arrow.sent_at:
        said += [f"{arrow.number} ▶ {arrow.receiver}", "" if arrow.fate == "arrived" else word(arrow.fate)]
    elif moment.text:
        said.append(f"{moment.who}: {moment.text}")
    said += [f"{who}: {state}" for who, state in moment.states.items()]
    return "  ".join(filter(None, said))
