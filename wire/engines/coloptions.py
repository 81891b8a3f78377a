"""Records inside a layer, for the columns engine: options, and what repeats.

Most regions of options look like one of a few (padding, padding, timestamps).  So the layout of one
row's region is worked out, and all rows of the same kinds and lengths are read by it at once; rows
that no layout fits are walked together, one option of each row at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from ..options import Options
from ..schema import Record, Repeat
from .gather import Columns, Group, Mask, Octets, Place, Spans, Unvectorised, gathered

if TYPE_CHECKING:
    from ..bulk.wanted import Sink
    from .columns import Walk

__all__ = ["inside", "region"]

LAYOUTS = 12  # that are tried for regions of one size
KNOWN = 32  # layouts that are remembered
WORD = 8  # bytes that are compared at a time


def inside(walk: Walk, group: Group, place: Place) -> None:
    """Hand out what is wanted of the records in a field."""
    core = place.field.core
    if isinstance(place.size, int):  # there are none
        return
    first = (group.start if place.base is None else place.base) + place.offset
    if isinstance(core, Options):
        if wanted_in(walk, group, core)[0]:
            options(walk, group, core, first, place.size)
    elif isinstance(core.item, Record) and core.item in walk.wanted.records:
        for rows, start, stop in slots(first, place.size, core.item.sizeof()):
            record(walk, group, core.item, rows, start, stop, bounded=False)


def slots(first: Columns, size: Columns, each: int) -> Iterator[tuple[Columns, Columns, Columns]]:
    """(which rows, where it begins, where it ends) of the first item of every row that has one, then of the second …"""
    for number in range(int(size.max(initial=0)) // each):
        rows = np.flatnonzero(size >= (number + 1) * each)
        yield rows, first[rows] + number * each, first[rows] + (number + 1) * each


def region(walk: Walk, group: Group, place: Place, sink: Sink) -> None:
    """A field of records as a value: its bytes; one of plain values: each of them."""
    if isinstance(place.size, int):
        return
    core, first = place.field.core, (group.start if place.base is None else place.base) + place.offset
    if isinstance(core, Options) or isinstance(core.item, Record):
        sink.add(group.rows, Spans(first, first + place.size))
        return
    assert core.element
    each = core.element.bits // 8
    for rows, start, _ in slots(first, place.size, each):
        one = Group(group.record, group.protocol, group.data, group.rows[rows], start, start + each, start + each)
        sink.add(one.rows, one.read(Place(core.element, 0, None, each)))


def record(walk: Walk, group: Group, one: Record, rows: Columns, start: Columns, stop: Columns,
           bounded: bool = True) -> None:  # fmt: skip
    """Read a record inside some rows of a group, and hand out its values."""
    made = Group(one, group.protocol, group.data, group.rows[rows], start, stop, stop, group, rows)
    made.bounded = bounded
    for whole in walk.read(made):
        walk.emit(whole)


class Found:
    """Options of one region in many rows: which rows have each, and from where to where it goes.

    Rows whose options are laid out in different ways come together again, so that each kind is read at once.
    """

    def __init__(self, walk: Walk, group: Group, core: Options) -> None:
        self.wanted, self.common = wanted_in(walk, group, core)
        self.pieces: dict[tuple[int, Record], list[tuple[Columns, Columns, Columns]]] = {}

    def add(self, place: int, one: Record, rows: Columns, start: Columns, stop: Columns) -> None:
        """An option that is its row's `place`th, of all of them or of its kind."""
        self.pieces.setdefault((place, one), []).append((rows, start, stop))

    def layout(self, pieces: list[tuple[Record, int, int]], rows: Columns, first: Columns) -> None:
        """Options that stand at the same places in all these rows."""
        seen: dict[Record | None, int] = {}
        for one, start, end in pieces:
            if one in self.wanted:
                kind = None if self.common else one
                seen[kind] = seen.get(kind, -1) + 1
                self.add(seen[kind], one, rows, first + start, first + end)

    def hand_out(self, walk: Walk, group: Group) -> None:
        """Read them: each row's first, then each row's second …"""
        for (_, one), pieces in sorted(self.pieces.items(), key=lambda item: item[0][0]):
            rows, start, stop = pieces[0] if len(pieces) == 1 else map(np.concatenate, zip(*pieces, strict=True))
            record(walk, group, one, rows, start, stop)


def options(walk: Walk, group: Group, core: Options, first: Columns, size: Columns) -> None:
    """Read options: by layouts, then step by step."""
    found = Found(walk, group, core)
    for amount in np.flatnonzero(np.bincount(size)).tolist():
        if not amount:
            continue
        left = np.flatnonzero(size == amount)
        octets = gathered(group.data, first[left], -(-amount // WORD) * WORD)
        for _ in range(LAYOUTS):
            layout = layout_of(core, octets[0, :amount].tobytes())
            if layout is None:
                break
            same = layout.fits(octets)
            rows = left[same]
            found.layout(layout.pieces, rows, first[rows])
            if len(rows) == len(left):
                left = left[:0]
                break
            others = np.flatnonzero(~same)
            left, octets = left[others], octets.take(others, 0)
        if len(left):
            stepped(walk, group, core, found, left, first[left], first[left] + amount)
    found.hand_out(walk, group)


def wanted_in(walk: Walk, group: Group, core: Options) -> tuple[frozenset[Record], bool]:
    """The kinds of options of which something is wanted, and whether the order of all of them matters.

    It does if a field takes values of several kinds; else the order of those of one kind does.
    """
    key = group.protocol.name, core
    known: dict[Any, tuple[frozenset[Record], bool]] = walk.wanted.kinds
    if key not in known:
        sinks = {
            one: [id(sink) for made in (one, *repeated(one)) for _, sink in walk.wanted.of(group.protocol, made)]
            for one in (*core.records.values(), core.unknown, core.malformed)
        }
        every = [sink for one in sinks.values() for sink in one]
        known[key] = frozenset(one for one in sinks if sinks[one]), len(set(every)) < len(every)
    return known[key]


def repeated(one: Record) -> list[Record]:
    """The records that repeat inside a record."""
    items = [field.core.item for field in one.fields if isinstance(field.core, Repeat)]
    return [item for item in items if isinstance(item, Record)]


class Layout:
    """The kinds and lengths of a region of options.

    masks, words   where they stand in it, and what they are, as 64-bit words
    pieces         its options: (record, first byte, end)
    """

    def __init__(self, core: Options, sample: bytes, pieces: list[tuple[Record, int, int]]) -> None:
        kind, head, amount = core.kind_con.sizeof(), core.head, len(sample)
        last = core.record_of(core.end) if core.end is not None else None
        matter = np.zeros(-(-amount // WORD) * WORD, np.uint8)
        for one, start, end in pieces:
            matter[start : start + (kind if one is last or end - start == kind else head)] = 0xFF
        masks = matter.view(np.uint64)
        self.places = np.flatnonzero(masks).tolist()
        self.masks = masks[self.places]
        self.words = np.frombuffer(sample.ljust(len(matter), b"\0"), np.uint64)[self.places] & self.masks
        self.mask = int.from_bytes(matter[:amount].tobytes())
        self.number = int.from_bytes(sample) & self.mask
        self.pieces = pieces

    def fits(self, octets: Octets) -> Mask:
        """The regions that are laid out like this one."""
        words = octets.view(np.uint64)
        same = np.ones(len(octets), np.bool_)
        for place, mask, word in zip(self.places, self.masks, self.words, strict=True):
            same &= words[:, place] & mask == word
        return same


@cache
def layouts(core: Options, amount: int) -> list[Layout]:
    """Those of regions of so many bytes that are known so far."""
    return []


def layout_of(core: Options, sample: bytes) -> Layout | None:
    """The layout of a region; none if its options are not whole."""
    known, number = layouts(core, len(sample)), int.from_bytes(sample)
    for layout in known:
        if number & layout.mask == layout.number:
            return layout
    pieces = []
    for one, start, _, claimed in core.split(sample, 0, len(sample)):
        if claimed is None or claimed > len(sample):
            return None
        pieces.append((one, start, claimed))
    made = Layout(core, sample, pieces)
    if len(known) < KNOWN:
        known.append(made)
    return made


def stepped(walk: Walk, group: Group, core: Options, found: Found, rows: Columns, at: Columns,
            stop: Columns) -> None:  # fmt: skip
    """Walk regions together, one option of each row at a time; rows with a wrong length are odd."""
    kind_size, head, data = core.kind_con.sizeof(), core.head, group.data
    length_size = head - kind_size
    alone = np.array(sorted(core.alone), np.int64)
    for step in count():
        if not len(rows):
            return
        kind = number(data, at, kind_size, core.order)
        ends = kind == core.end if core.end is not None else np.zeros(len(rows), np.bool_)
        single = np.isin(kind, alone) & ~ends
        length = number(data, at + kind_size, length_size, core.order) * core.unit
        claimed = np.where(single, at + kind_size, at + length + (0 if core.whole else head))
        claimed[ends] = stop[ends]
        padded = claimed + -(claimed - at) % core.step
        wrong = ~(ends | single) & ((at + head > stop) | (claimed < at + head) | (claimed > stop))
        if wrong.any():
            walk.odd[group.rows[rows[wrong]]] = True
        sound = ~wrong
        for value in np.unique(kind[sound]).tolist():
            one = core.record_of(value)
            if one in found.wanted:
                chosen = sound & (kind == value)
                found.add(step, one, rows[chosen], at[chosen], claimed[chosen])
        going = sound & ~ends & (padded < stop)
        rows, at, stop = rows[going], padded[going], stop[going]


def number(data: Octets, at: Columns, size: int, order: str) -> Columns:
    if size not in (1, 2, 4):
        raise Unvectorised("kinds and lengths of an odd width")
    sign = "<" if order == "little" else ">"
    every: Any = np.ndarray((len(data) - size + 1,), f"{sign}u{size}", data, 0, (1,))
    return every[at].astype(np.int64)  # type: ignore[no-any-return]
