"""Records inside a layer, for the columns engine: options, and what repeats.

Most regions of options look like one of a few (padding, padding, timestamps).  So the layout of one
row's region is worked out, and all rows of the same kinds and lengths are read by it at once; rows
that no layout fits are walked together, one option of each row at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def inside(walk: Walk, group: Group, place: Place) -> None:
    """Hand out what is wanted of the records in a field."""
    core = place.field.core
    if isinstance(place.size, int):  # there are none
        return
    first = (group.start if place.base is None else place.base) + place.offset
    if isinstance(core, Options):
        if not walk.wanted.records.isdisjoint((*core.records.values(), core.unknown, core.malformed)) or nested(
            walk, core
        ):
            options(walk, group, core, first, place.size)
    elif isinstance(core.item, Record) and core.item in walk.wanted.records:
        for rows, start, stop in slots(first, place.size, core.item.sizeof()):
            record(walk, group, core.item, rows, start, stop, bounded=False)


def nested(walk: Walk, core: Options) -> bool:
    """Whether something wanted repeats inside an option."""
    return any(isinstance(field.core, Repeat) and field.core.item in walk.wanted.records
               for one in core.records.values() for field in one.fields)  # fmt: skip


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


def options(walk: Walk, group: Group, core: Options, first: Columns, size: Columns) -> None:
    """Read options: by layouts, then step by step."""
    for amount in np.flatnonzero(np.bincount(size)).tolist():
        if not amount:
            continue
        left = np.flatnonzero(size == amount)
        octets = gathered(group.data, first[left], amount)
        for _ in range(LAYOUTS):
            if not len(left):
                break
            same, pieces = alike(core, octets)
            if not pieces:
                break
            for one, start, end in pieces:
                if wants(walk, group, one):
                    rows = left[same]
                    record(walk, group, one, rows, first[rows] + start, first[rows] + end)
            left, octets = left[~same], octets[~same]
        if len(left):
            stepped(walk, group, core, left, first[left], first[left] + amount)


def wants(walk: Walk, group: Group, one: Record) -> bool:
    return bool(walk.wanted.of(group.protocol, one)) or any(
        isinstance(field.core, Repeat) and field.core.item in walk.wanted.records for field in one.fields
    )


def alike(core: Options, octets: Octets) -> tuple[Mask, list[tuple[Record, int, int]]]:
    """The rows whose kinds and lengths are those of the first row, and its options: (record, first byte, end).

    Nothing is alike, and no options, where the first row's are not whole: then only that row is meant.
    """
    sample = octets[0].tobytes()
    matter = np.zeros(len(sample), np.bool_)
    kind = core.kind_con.sizeof()
    pieces = []
    for one, start, end, claimed in core.split(sample, 0, len(sample)):
        if claimed is None or claimed > len(sample):
            return np.zeros(len(octets), np.bool_), []
        alone = one is core.record_of(core.end) if core.end is not None else False
        matter[start : start + (kind if alone or end - start == kind else core.head)] = True
        pieces.append((one, start, claimed))
    places = np.flatnonzero(matter)
    same = np.ones(len(octets), np.bool_)
    for place in places.tolist():
        same &= octets[:, place] == sample[place]
    return same, pieces


def stepped(walk: Walk, group: Group, core: Options, rows: Columns, at: Columns, stop: Columns) -> None:
    """Walk regions together, one option of each row at a time; rows with a wrong length are odd."""
    kind_size, head, data = core.kind_con.sizeof(), core.head, group.data
    length_size = head - kind_size
    alone = np.array(sorted(core.alone), np.int64)
    while len(rows):
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
            if wants(walk, group, one):
                chosen = sound & (kind == value)
                record(walk, group, one, rows[chosen], at[chosen], claimed[chosen])
        going = sound & ~ends & (padded < stop)
        rows, at, stop = rows[going], padded[going], stop[going]


def number(data: Octets, at: Columns, size: int, order: str) -> Columns:
    if size not in (1, 2, 4):
        raise Unvectorised("kinds and lengths of an odd width")
    sign = "<" if order == "little" else ">"
    every: Any = np.ndarray((len(data) - size + 1,), f"{sign}u{size}", data, 0, (1,))
    return every[at].astype(np.int64)  # type: ignore[no-any-return]
