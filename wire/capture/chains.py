"""Where the records of a capture are, found by arrays: guess, follow many chains at once, and prove.

Each record's place hangs on the length of the one before.  So a window of the file is entered in
many places at a time, where something looks like a record; all those chains are followed in
step, one array operation for all.  A chain counts only if the one before it, which is certain, ends
exactly where it begins: a capture inside a payload fools nobody.  What no chain proves is walked
record by record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .batch import Columns

__all__ = ["Bytes", "Findable", "Link", "chained", "found_near", "heads", "numbers", "rising"]

CHAINS = 256  # that are followed at a time
LEAST = 1 << 13  # bytes of a window to one chain
REACH = 1 << 12  # how far a plausible record is looked for
NOWHERE = -1
STEPS = 16  # links of all chains between two looks at which of them have ended

Bytes = NDArray[np.uint8]
Visits = list[tuple[Columns, Columns, NDArray[np.bool_]]]  # chains, places by step and chain, which places count


class Findable(Protocol):
    """A buffer that bytes can be looked for in."""

    def find(self, octets: bytes, start: int, stop: int, /) -> int: ...


@dataclass(frozen=True)
class Link:
    """How one record leads to the next: by the 32-bit length `place` bytes behind its first, and `more` bytes.

    order   "<" or ">"
    head    the fewest bytes of a record
    """

    order: str
    place: int
    more: int
    head: int


def numbers(data: Bytes, order: str, place: int, size: int = 4) -> NDArray[Any]:
    """The number of so many bytes that stands `place` bytes behind every byte."""
    return np.ndarray((len(data) - place - size + 1,), f"{order}u{size}", data, place, (1,))


def heads(data: Bytes, starts: Columns, size: int, order: str) -> NDArray[np.uint32]:
    """The first 32-bit numbers of records, in `size` bytes of each: (records, size / 4)."""
    every = np.ndarray((len(data) - size + 1,), f"V{size}", data, 0, (1,))
    return every[starts].view(f"{order}u4").reshape(-1, size // 4)


def found_near(buffer: Findable, pattern: bytes, size: int) -> Columns:
    """Where a pattern stands first behind each of many places of a window."""
    chains = min(CHAINS, size // LEAST)
    places = range(size // chains, size - LEAST // 2, size // chains) if chains > 1 else ()
    find = buffer.find
    found = np.array([find(pattern, begin, begin + REACH) for begin in places], np.int64)
    return found[found >= 0]


def rising(places: Columns) -> Columns:
    """The beginning of the window, and the places that lie behind all before them."""
    places = np.append(0, places)
    higher = places[1:] > np.maximum.accumulate(places)[:-1]
    return places.compress(np.append(True, higher))


def chained(data: Bytes, size: int, link: Link, guesses: Columns) -> tuple[Columns, int]:
    """Where each whole record begins, from the first byte of `data` on, and where the last one ends.

    size     bytes that count; `SLACK` more can be read
    guesses  where chains may begin: going up, the first one is certain
    A record whose length leads nowhere is the last.
    """
    lengths = numbers(data, link.order, link.place)
    limits = np.append(guesses[1:], size)
    at, chains, until = guesses, np.arange(len(guesses)), limits
    ends, counts = np.zeros_like(guesses), np.zeros_like(guesses)
    visits: Visits = []
    while len(at):
        table = np.empty((STEPS + 1, len(at)), np.int64)
        table[0] = at
        for step in range(STEPS):
            following = table[step + 1]
            np.add(table[step], lengths[table[step]], out=following)
            if link.more:
                following += link.more
            np.minimum(following, size, out=following)  # a chain that leaves the window waits at its end
        inside = table[:STEPS] < until
        visits.append((chains, table, inside))
        at = table[STEPS]
        stuck = at == table[STEPS - 1]  # a length of zero leads nowhere
        going = (at < until) & ~stuck
        if going.all():
            counts[chains] += STEPS
            continue
        visited = inside.sum(0)
        counts[chains] += visited
        over = np.flatnonzero(~going)
        ends[chains[over]] = np.where(stuck & (at < until), NOWHERE, table[visited, np.arange(len(at))])[over]
        at, chains, until = at[going], chains[going], until[going]
    if (ends == limits).all():
        starts = in_order(visits, counts)
    else:
        starts = proved(lengths, size, link, guesses, ends, visits)
    while len(starts) and whole_end(lengths, int(starts[-1]), size, link) > size:
        starts = starts[:-1]
    return starts, whole_end(lengths, int(starts[-1]), size, link) if len(starts) else 0


def whole_end(lengths: NDArray[np.uint32], at: int, size: int, link: Link) -> int:
    """Where the record at `at` ends; more than `size` if that is not in the window."""
    return size + 1 if at + link.head > size else at + link.more + int(lengths[at])


def in_order(visits: Visits, counts: Columns) -> Columns:
    """The places of all chains, one chain after the other."""
    first = np.cumsum(counts) - counts
    starts = np.empty(int(counts.sum()), np.int64)
    steps = np.arange(STEPS)[:, None]
    for turn, (chains, table, inside) in enumerate(visits):
        where = first[chains] + (turn * STEPS + steps)
        starts[where[inside]] = table[:STEPS][inside]
    return starts


def proved(lengths: NDArray[np.uint32], size: int, link: Link, guesses: Columns, ends: Columns,
           visits: Visits) -> Columns:  # fmt: skip
    """The records that are certain: chains that begin where the one before ends, and what is walked between them."""
    at, accepted = 0, np.zeros(len(guesses), np.bool_)
    walked: list[int] = []

    def walk(until: int) -> int:
        here = at
        while here < until:
            walked.append(here)
            step = link.more + int(lengths[here])
            if step < link.head:
                return size
            here = min(here + step, size)
        return here

    for number, guess in enumerate(guesses.tolist()):
        at = walk(guess)
        if at == guess and ends[number] != NOWHERE:
            accepted[number] = True
            at = int(ends[number])
    walk(size)
    kept = [table[:STEPS][inside & accepted[chains]] for chains, table, inside in visits]
    starts = np.concatenate([*kept, np.array(walked, np.int64)])
    starts.sort()
    return starts
