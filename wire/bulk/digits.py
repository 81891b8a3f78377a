"""Columns of numbers and addresses as text, by table: a row of bytes for each value, in which zeros are nothing.

Every function returns an array (values, width) of ASCII characters and of zeros, which are left out in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Text", "addresses", "decimal", "dotted", "hexadecimal", "padded", "paired", "seconds"]

Text: TypeAlias = NDArray[np.uint8]
GROUP = 10_000  # decimal digits are looked up four at a time
SECOND = 10**9  # nanoseconds
PAIRS, DOTS = "01:23:45:67:89:ab", "1.23.45.67"  # what addresses look like that can be written by table


def table(texts: Sequence[bytes], width: int) -> NDArray[Any]:
    """Texts of at most so many bytes, to be looked up."""
    return np.array(texts, f"S{width}").view(f"V{width}")


@cache
def groups(leading: bool) -> NDArray[Any]:
    """Four digits each: all of them, or without zeros in front."""
    return table([b"%04d" % number if leading else b"%d" % number for number in range(GROUP)], 4)


@cache
def words() -> NDArray[Any]:
    """Every number of 16 bits, in eight bytes."""
    return table([b"%d" % number for number in range(1 << 16)], 8)


@cache
def octets(form: str) -> NDArray[Any]:
    """Every byte in a form, in four bytes."""
    return table([form.encode() % number for number in range(256)], 4)


@cache
def hex_words() -> NDArray[Any]:
    return table([b"%04x" % number for number in range(1 << 16)], 4)


def looked_up(known: NDArray[Any], values: NDArray[Any]) -> Text:
    """What a table says of values, side by side."""
    width = known.itemsize * (values.shape[1] if values.ndim > 1 else 1)
    return known.take(values).view(np.uint8).reshape(len(values), width)


def decimal(values: NDArray[Any]) -> Text:
    """Unsigned numbers."""
    if values.dtype.itemsize == 1:
        return looked_up(octets("%d"), values)
    if values.dtype.itemsize == 2:
        return looked_up(words(), values)
    parts = []
    for _ in range(2 if values.dtype.itemsize == 4 else 4):
        above = values // np.array(GROUP, values.dtype)
        parts.append(values - above * np.array(GROUP, values.dtype))
        values = above
    parts.append(values)
    out = np.empty((len(values), 4 * len(parts)), np.uint8)
    begun = np.zeros(len(values), np.bool_)
    for place, part in enumerate(reversed(parts)):
        last = place == len(parts) - 1
        text = groups(False).view(np.uint32).take(part)
        if begun.any():
            text = np.where(begun, groups(True).view(np.uint32).take(part), text)
        begun |= part != 0
        if not last:
            text[~begun] = 0
        out[:, 4 * place : 4 * place + 4] = text[:, None].view(np.uint8)
    return out


def padded(values: NDArray[Any], digits: int) -> Text:
    """Numbers with zeros in front, in so many digits."""
    count = -(-digits // 4)
    out = np.empty((len(values), 4 * count), np.uint8)
    for place in range(count - 1, -1, -1):
        above = values // GROUP
        out[:, 4 * place : 4 * place + 4] = looked_up(groups(True), values - above * GROUP)
        values = above
    return out[:, 4 * count - digits :]


def hexadecimal(values: NDArray[Any], digits: int) -> Text:
    """Numbers as 0x and so many hex digits.  They must fit into these."""
    count = -(-digits // 4)
    out = np.empty((len(values), 2 + 4 * count), np.uint8)
    for place in range(count):
        shift = np.array(16 * (count - 1 - place), values.dtype)
        part = (values >> shift if shift else values).astype(np.uint16)
        out[:, 2 + 4 * place : 6 + 4 * place] = looked_up(hex_words(), part)
    out = out[:, 4 * count - digits :]
    out[:, 0], out[:, 1] = ord("0"), ord("x")
    return out


def paired(values: NDArray[np.uint8]) -> Text:
    """Bytes as pairs of hex digits with colons between."""
    return looked_up(octets("%02x:"), values)[:, :-2]


def dotted(values: NDArray[np.uint8]) -> Text:
    """Bytes as decimal numbers with dots between."""
    out = looked_up(octets("%d."), values)
    out[:, -4:] = looked_up(octets("%d"), values[:, -1])
    return out


def seconds(nanoseconds: NDArray[np.int64]) -> Text:
    """Times as seconds with nine decimals; none is before 1970."""
    whole = nanoseconds // SECOND
    rest = nanoseconds - whole * SECOND
    short = bool((whole < 1 << 32).all())
    text = decimal(whole.astype(np.uint32 if short else np.uint64))
    point = np.full((len(whole), 1), ord("."), np.uint8)
    return np.hstack([text, point, padded(rest.astype(np.uint32), 9)])


def remembered(values: NDArray[Any], show: Callable[[Any], bytes]) -> Text:
    """Any values of fixed size, each of them that there is written once."""
    if values.ndim == 2:
        found, places = np.unique(np.ascontiguousarray(values).view(f"V{values.shape[1]}")[:, 0], return_inverse=True)
        texts = [show(one.tobytes()) for one in found]
    else:
        found, places = np.unique(values, return_inverse=True)
        texts = [show(one) for one in found.tolist()]
    return looked_up(table(texts, max(map(len, texts), default=1) or 1), places)


def addresses(size: int, show: Callable[[Any], bytes]) -> Callable[[NDArray[np.uint8]], Text]:
    """What writes addresses of so many bytes as `show` does."""
    if size == 6 and show(bytes.fromhex(PAIRS.replace(":", ""))) == PAIRS.encode():
        return paired
    if size == 4 and show(bytes(map(int, DOTS.split(".")))) == DOTS.encode():
        return dotted
    return lambda values: remembered(values, show)
