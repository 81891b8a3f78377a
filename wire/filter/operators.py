"""What the operators of a filter do to values; a back end for packets calls these."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .tree import Range


def quotient(left: int, right: int) -> int | None:
    """Rounded towards zero; nothing for a divisor of zero."""
    if right == 0:
        return None
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def remainder(left: int, right: int) -> int | None:
    """With the sign of the dividend; nothing for a divisor of zero."""
    if right == 0:
        return None
    found = abs(left) % abs(right)
    return -found if left < 0 else found


def common_bits(left: Any, right: Any) -> Any:
    """Of two numbers, or of byte strings as far as the shorter goes."""
    if isinstance(left, bytes):
        return bytes(one & other for one, other in zip(left, right, strict=False))
    return left & right


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
    "%": remainder,
    "&": common_bits,
}


def calculated(operation: Callable[[Any, Any], Any], left: Iterable[Any], right: Sequence[Any]) -> list[Any]:
    """What comes out of every pair of values, if anything does."""
    found = [operation(one, other) for one in left for other in right]
    return [value for value in found if value is not None]


def counted(values: Sequence[Any]) -> list[int]:
    """How many there are; nothing where there is none, as for every function."""
    return [len(values)] if values else []


def highest(values: Sequence[Any]) -> list[Any]:
    return [max(values, key=ranked)] if values else []


def lowest(values: Sequence[Any]) -> list[Any]:
    return [min(values, key=ranked)] if values else []


def ranked(value: Any) -> Any:
    """What puts values in order: of byte strings, a longer one is the greater."""
    return (len(value), value) if isinstance(value, bytes) else value


def cuts(values: Iterable[bytes], ranges: Sequence[Range]) -> list[bytes]:
    """The bytes of the ranges, one after the other, of each value that has them all."""
    if len(ranges) == 1 and ranges[0].first >= 0 and (ranges[0].end or 0) > 0:
        first, end = ranges[0].first, ranges[0].end or 0
        return [value[first:end] for value in values if len(value) >= end]
    found = []
    for value in values:
        places = [placed(one, len(value)) for one in ranges]
        if all(0 <= first < end <= len(value) for first, end in places):
            found.append(b"".join(value[first:end] for first, end in places))
    return found


def placed(one: Range, size: int) -> tuple[int, int]:
    """A range in a value of that size: negative places count from its end."""
    first = one.first + size if one.first < 0 else one.first
    return first, size if one.end is None else one.end + size if one.end < 0 else one.end


def chosen(count: int, layers: Sequence[Range]) -> list[int]:
    """Which of so many layers are meant, counted from 0; in the ranges they are counted from 1."""
    found: list[int] = []
    for one in layers:
        first, end = placed(one, count + 1)
        found += range(max(1, first), min(end, count + 1))
    return sorted({number - 1 for number in found})


def masked(value: bytes, bits: int) -> tuple[int, int]:
    """(length, number) of an address, of which only the first bits count."""
    return len(value), int.from_bytes(value, "big") >> max(0, len(value) * 8 - bits)
