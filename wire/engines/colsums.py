"""Checksums of whole columns of layers: what `rules` verifies one at a time, for the columns engine.

Sums of 16-bit words may be taken in any byte order (RFC 1071 section 2(B)), so the buffer is added up
as little-endian 64-bit words, each split into lanes that cannot overflow, and the sum is turned round
at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..rules import ABSENT, BAD, GOOD, ILLEGAL, UNVERIFIED, HeaderChecksum, MessageChecksum, SegmentChecksum
from ..schema import evaluate
from .gather import Columns, Group, Octets, Place, Spans, Unvectorised

if TYPE_CHECKING:
    from .columns import Walk

__all__ = ["ones_sums", "statuses"]

Sums = NDArray[np.uint64]
LANES = np.uint64(0x0000FFFF0000FFFF)
SIXTEEN = np.uint64(16)
BLOCK = 1 << 15  # 64-bit words that are added up at a time: they stay in the cache
FROM = np.array([(1 << 64) - (1 << 8 * k) for k in range(8)], np.uint64)  # the bytes from the k-th on
UPTO = np.array([(1 << 8 * k) - 1 for k in range(8)], np.uint64)  # the bytes before the k-th


def statuses(walk: Walk, group: Group, place: Place) -> NDArray[np.uint8]:
    """Wireshark's status of a checksum field, one a row (see `rules`)."""
    rule = place.field.rule
    if (
        type(rule) not in (HeaderChecksum, MessageChecksum, SegmentChecksum)
        or place.base is not None
        or place.offset % 2
    ):
        raise Unvectorised(f"{place.field.path}: a rule of its own")
    found = group.value(place.field.name).astype(np.uint64)
    stop = group.end if type(rule) is HeaderChecksum else stop_of(group)
    if type(rule) is HeaderChecksum and group.base is None and group.at % 4 == 0:
        total = header_sums(group.octets(0, group.at))
    else:
        total = ones_sums(group.data, group.start, stop)
    status = np.full(len(group), BAD, np.uint8)
    cut = group.stop < group.wire_stop
    if group.whole is not None:
        cut &= ~group.whole
    if type(rule) is HeaderChecksum:
        cut[:] = False
    if isinstance(rule, SegmentChecksum):
        lent = Lent(walk, group)
        cut |= ~lent.there
        total += lent.sums
    total = folded(total)
    nothing = total == found  # is everything else zero, or all ones?  These sums cannot tell
    if nothing.any():
        walk.odd[group.rows[nothing]] = True
    total += np.uint64(0xFFFF) - found  # without the field itself
    due = (total & np.uint64(0xFFFF)) + (total >> SIXTEEN) ^ np.uint64(0xFFFF)
    optional = isinstance(rule, SegmentChecksum) and rule.optional
    if optional:
        due[due == 0] = 0xFFFF
    status[due == found] = GOOD
    if isinstance(rule, SegmentChecksum):
        status[(due == 0xFFFF) & (found == 0)] = GOOD  # the other zero
    status[cut] = UNVERIFIED
    if optional:
        status[found == 0] = np.where(lent.needed, ILLEGAL, ABSENT)[found == 0]
    return status


def stop_of(group: Group) -> Columns:
    """Where what the layer carries ends, trailers of its own included."""
    if group.after or (group.carrier is not None and not group.carrier.keeps):
        raise Unvectorised("where it ends depends on what is inside")
    if not group.parents:
        return group.stop
    return group.end if group.carrier is None else group.inner


# -- pseudo headers -------------------------------------------------------------------


class Lent:
    """What the nearest layer below that lends a pseudo header adds to each row's sum.

    there    whether there is such a layer;  needed: whether it allows no segment without a checksum
    """

    def __init__(self, walk: Walk, group: Group) -> None:
        self.walk, self.group = walk, group
        self.sums = np.zeros(len(group), np.uint64)
        self.there, self.needed = np.zeros((2, len(group)), np.bool_)
        self.look(group, np.arange(len(group)), np.arange(len(group)))

    def look(self, above: Group, index: Columns, rows: Columns) -> None:
        """Look below some rows of a layer, which are these rows of the group."""
        for below, which, places in above.below(index):
            some = rows[places]
            if below.protocol.amends:
                self.amended(below, which, some)
            if below.protocol.pseudo is None:
                self.look(below, which, some)
            else:
                self.there[some], self.needed[some] = True, below.protocol.pseudo.needed
                self.sums[some] = self.borrowed(below, which, some)

    def borrowed(self, lender: Group, which: Columns, rows: Columns) -> Sums:
        from .proof import step_number  # with it come engines that often are not needed

        total = np.zeros(len(rows), np.uint64)
        behind = lender.protocol.pseudo.layout.sizeof()
        for part in lender.protocol.pseudo.layout.subcons:
            size = part.sizeof()
            behind -= size
            if part.name == "protocol":
                add(total, np.uint64(step_number(lender.protocol, self.group.protocol)), behind)
            elif part.name == "length":
                add(total, (self.group.wire_stop - self.group.start)[rows].astype(np.uint64), behind)
            elif part.name in lender.places:
                value = lender.value(part.name)
                if isinstance(value, Spans):
                    raise Unvectorised("a pseudo header of varying size")
                add(total, summed(value)[which], behind)
            elif any(evaluate(getattr(part.subcon, "value", 1), {}) or b""):
                raise Unvectorised("a pseudo header with more in it")
        return total

    def amended(self, below: Group, which: Columns, rows: Columns) -> None:
        """What a layer changes in a pseudo header follows from the records inside it: rows that have some are odd."""
        if not below.lists:
            self.walk.odd[self.group.rows[rows]] = True
        for place in below.lists.values():
            if not isinstance(place.size, int):
                self.walk.odd[self.group.rows[rows[(place.size > 0)[which]]]] = True


def add(total: Sums, value: Any, behind: int) -> None:
    """Add numbers that stand so many bytes before the end."""
    value = (value >> SIXTEEN) + (value & np.uint64(0xFFFF))
    total += value << np.uint64(8) if behind % 2 else value


def summed(value: NDArray[Any]) -> Sums:
    """The 16-bit words of a column: of numbers, or of (rows, size) bytes."""
    if value.ndim == 1:
        return value.astype(np.uint64)
    if value.shape[1] % 2:
        raise Unvectorised("an odd number of bytes")
    return np.ascontiguousarray(value).view(">u2").sum(1, dtype=np.uint64)  # type: ignore[no-any-return]


# -- sums -----------------------------------------------------------------------------


def folded(total: Sums) -> Sums:
    """Sums as ones' complement numbers of 16 bits."""
    for _ in range(3):
        total = (total & np.uint64(0xFFFF)) + (total >> SIXTEEN)
    return (total & np.uint64(0xFFFF)) + (total >> SIXTEEN)


def header_sums(octets: Octets) -> Sums:
    """The sum of the 16-bit words of (rows, size) bytes, for a few words."""
    words = octets.view("<u4")
    total = words[:, 0].astype(np.uint64)
    for place in range(1, words.shape[1]):
        total += words[:, place]
    return turned(folded(total))


def turned(total: Sums) -> Sums:
    """Folded sums in the other byte order."""
    return (total & np.uint64(0xFF)) << np.uint64(8) | total >> np.uint64(8)


def lanes(whole: Sums) -> Sums:
    """Four 16-bit words as two sums of two."""
    return (whole & LANES) + (whole >> SIXTEEN & LANES)


def ones_sums(data: Octets, start: Columns, stop: Columns) -> Sums:
    """The sum of the big-endian 16-bit words of `data[start:stop]`, for each pair; an odd byte counts as high."""
    if len(start) > 1 and (start[1:] < start[:-1]).any():
        order = np.argsort(start, kind="stable")
        total = np.empty(len(start), np.uint64)
        total[order] = ones_sums(data, start[order], stop[order])
        return total
    words = np.frombuffer(data.data, "<u8", len(data) // 8)
    total = np.zeros(len(start), np.uint64)
    first, last = start >> 3, stop >> 3
    done = 0
    while done < len(start):
        base = int(first[done])
        upto = max(int(np.searchsorted(last, base + BLOCK)), done + 1)
        part = slice(done, upto)
        total[part] = block(words, base, start[part], stop[part], first[part], last[part])
        done = upto
    total = (total & np.uint64(0xFFFFFFFF)) + (total >> np.uint64(32))
    total = folded(total)
    return np.where(start & 1, total, turned(total))


def block(words: Sums, base: int, start: Columns, stop: Columns, first: Columns, last: Columns) -> Sums:
    """The lanes of ranges that lie near each other: whole words between, and the bytes at both ends."""
    head, tail = words[first] & FROM[start & 7], words[last] & UPTO[stop & 7]
    same = first == last
    if same.any():
        head[same], tail[same] = words[first[same]] & FROM[start[same] & 7] & UPTO[stop[same] & 7], 0
    found = lanes(head) + lanes(tail)
    near = lanes(words[base : int(last.max()) + 1])
    bounds = np.empty(2 * len(start), np.int64)
    bounds[::2], bounds[1::2] = first + 1 - base, last - base
    some = bounds[1::2] > bounds[::2]
    np.minimum(bounds, len(near) - 1, out=bounds)
    middle = np.add.reduceat(near, bounds)[::2]
    found += np.where(some, middle, np.uint64(0))
    return found
