"""A display filter over columns: the checked tree as array operations on a batch of frames.

A test is an array with one answer a frame; a value is a list of pieces, (frames, one value of each), as
the columns engine hands them out: so fields that repeat mean what they mean for packets.  What has
no array form (text, regular expressions, two fields compared) and odd frames are asked packet by packet.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_, xor
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import Filter, tree
from .compile import MIRRORED, refs
from .tree import ADDRESSES, FieldRef, Kind, Literal, Network, Test, Value, kind_of

if TYPE_CHECKING:
    from ..capture.batch import Batch

__all__ = ["Chooser"]

Mask: TypeAlias = NDArray[np.bool_]
Pieces: TypeAlias = "list[tuple[NDArray[np.int64], Any]]"
SIGNS: dict[str, Callable[[Any, Any], Any]] = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


class PacketByPacket(Exception):
    """A test that has no array form."""


class Chooser:
    """Says which frames of a batch a filter means.

    vectorised  whether it has an array form
    odd         how many frames of the last batch were asked one by one
    """

    def __init__(self, chosen: Filter) -> None:
        from ..bulk.wanted import Wanted

        self.filter, self.odd = chosen, 0
        self.refs = list(dict.fromkeys(refs(chosen.tree)))
        self.wanted = Wanted(ref.target for ref in self.refs)
        self.pieces = {ref: sink.pieces for ref, sink in zip(self.refs, self.wanted.sinks, strict=True)}
        try:
            Answer(self.pieces, 0).test(chosen.tree)
            self.vectorised = True
        except PacketByPacket:
            self.vectorised = False

    def choose(self, batch: Batch) -> Mask:
        """One answer a frame."""
        from ..engines.columns import read

        odd = np.ones(len(batch), np.bool_)
        chosen = np.zeros(len(batch), np.bool_)
        if self.vectorised:
            self.wanted.clear()
            odd = read(batch, self.wanted)
            chosen = Answer(self.pieces, len(batch)).test(self.filter.tree)
        rows = np.flatnonzero(odd)
        self.odd = len(rows)
        if self.odd:
            from ..sources import packet_of

            matches = self.filter.matches
            chosen[rows] = [matches(packet_of(batch.frame(row))) for row in rows.tolist()]
        return chosen


class Answer:
    """Evaluates a tree for `count` frames, whose values are in `pieces`."""

    def __init__(self, pieces: dict[FieldRef, Pieces], count: int) -> None:
        self.pieces, self.count = pieces, count

    def test(self, test: Test) -> Mask:
        match test:
            case tree.Not():
                return ~self.test(test.of)
            case tree.And() | tree.Or() | tree.Xor():
                join = {tree.And: and_, tree.Or: or_, tree.Xor: xor}[type(test)]
                return reduce(join, map(self.test, test.tests))
            case tree.Present():
                return self.some(self.values(test.of, there=True), lambda values: np.True_, False)
            case tree.NonZero():
                return self.some(self.values(test.of), nonzero, False)
            case tree.Compare():
                return self.compare(test)
            case tree.Member():
                items = [self.item(item, kind_of(test.of)) for item in test.items]
                return self.some(
                    self.values(test.of), lambda values: reduce(or_, (item(values) for item in items)), test.every
                )
        raise PacketByPacket

    def some(self, pieces: Pieces, holds: Callable[[Any], Any], every: bool) -> Mask:
        """The frames in which the condition holds for a value; or for every one, and there is one."""
        found = np.zeros(self.count, np.bool_)
        failed = np.zeros(self.count, np.bool_)
        for rows, values in pieces:
            answer = holds(values)
            if answer is np.True_:
                found[rows] = True
            elif every:
                found[rows] = True
                failed[rows[~answer]] = True
            else:
                found[rows[answer]] = True
        return found & ~failed if every else found

    def compare(self, test: tree.Compare) -> Mask:
        left, right, sign = test.left, test.right, test.sign
        if isinstance(left, (Literal, Network)):
            left, right, sign = right, left, MIRRORED.get(sign, sign)
        if isinstance(right, Network):
            return self.some(self.values(left), within(right, sign), test.every)
        if not isinstance(right, Literal):
            raise PacketByPacket
        return self.some(self.values(left), against(right, kind_of(left), sign), test.every)

    def item(self, item: Any, kind: Kind) -> Callable[[Any], Any]:
        if isinstance(item, Network):
            return within(item, "==")
        if isinstance(item, Literal):
            return against(item, kind, "==")
        if isinstance(item, tree.Interval) and isinstance(item.low, Literal) and isinstance(item.high, Literal):
            low, high = against(item.low, kind, ">="), against(item.high, kind, "<=")
            return lambda values: low(values) & high(values)
        raise PacketByPacket

    def values(self, value: Value, there: bool = False) -> Pieces:
        """The pieces of a value; `there`: only whether there are some matters."""
        if isinstance(value, FieldRef):
            known = value.kind in (Kind.NUMBER, Kind.FLAG, Kind.TIME) or value.kind in ADDRESSES
            if value.layers or not (known or (there and value.kind is not Kind.TEXT)):
                raise PacketByPacket
            return self.pieces[value]
        if isinstance(value, tree.Arithmetic) and isinstance(value.right, Literal) and isinstance(value.left, FieldRef):
            number, sign = value.right.value, value.sign
            if value.left.kind is Kind.NUMBER and value.left.target.bits in range(33) and isinstance(number, int):
                if abs(number) < 1 << 30 and sign in OPERATIONS:
                    operation = OPERATIONS[sign]
                    return [
                        (rows, operation(values.astype(np.int64), number)) for rows, values in self.values(value.left)
                    ]
        if isinstance(value, tree.Slice) and kind_of(value.of) in ADDRESSES and len(value.ranges) == 1:
            first, end = value.ranges[0].first, value.ranges[0].end
            if first >= 0 and end is not None and end > 0:
                return [
                    (rows, values[:, first:end]) for rows, values in self.values(value.of) if values.shape[1] >= end
                ]
        raise PacketByPacket


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "&": lambda x, y: x & y,
}


def nonzero(values: Any) -> Any:
    return values.any(1) if values.ndim == 2 else values != 0


def against(literal: Literal, kind: Kind, sign: str) -> Callable[[Any], Any]:
    """The condition that holds values against a constant."""
    wanted, operation = literal.value, SIGNS[sign]
    if isinstance(wanted, bytes):
        octets = wanted
        return lambda values: ranked(values, octets, sign)
    if kind is Kind.TIME and isinstance(wanted, (int, Decimal)):
        nanoseconds = Decimal(wanted).scaleb(9)
        if nanoseconds != int(nanoseconds):
            raise PacketByPacket
        wanted = int(nanoseconds)
    if not isinstance(wanted, int) or not 0 <= wanted < 1 << 63:
        raise PacketByPacket
    number = wanted
    return lambda values: operation(values.astype(np.int64) if values.dtype.itemsize < 8 else values, number)


def ranked(values: Any, wanted: bytes, sign: str) -> Any:
    """Byte strings of one size against one: a longer one is the greater."""
    size = values.shape[1]
    if size != len(wanted):
        return np.full(len(values), SIGNS[sign](size, len(wanted)))
    other = np.frombuffer(wanted, np.uint8)
    differs = values != other
    if sign in ("==", "!="):
        return differs.any(1) if sign == "!=" else ~differs.any(1)
    first = differs.argmax(1)  # the first byte that differs decides
    rows = np.arange(len(values))
    return SIGNS[sign](values[rows, first], other[first])


def within(network: Network, sign: str) -> Callable[[Any], Any]:
    """The condition that compares the beginning of addresses with a network's."""
    whole, over = divmod(network.bits, 8)
    mask = np.array([255] * whole + ([256 - (256 >> over)] if over else []), np.uint8)
    wanted = bytes(byte & int(keep) for byte, keep in zip(network.value, mask, strict=False))
    size = len(network.value)

    def holds(values: Any) -> Any:
        if values.shape[1] != size:
            return np.full(len(values), SIGNS[sign](values.shape[1], size))
        if not len(mask):
            return np.full(len(values), sign in ("==", "<=", ">="))
        return ranked(values[:, : len(mask)] & mask, wanted, sign)

    return holds
