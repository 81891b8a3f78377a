# ruff: noqa: E402
"""Text by table is the text that Python writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from wire.bulk import digits

EDGES = [0, 1, 9, 10, 99, 100, 255, 256, 9_999, 10_000, 10_001, 65_535, 65_536, 99_999_999, 100_000_000, 999_999_999,
         1_000_000_000, (1 << 32) - 1, 1 << 32, 10**16 - 1, 10**16, 10**16 + 10**8, 10**19, (1 << 64) - 1]  # fmt: skip


def texts(made: Any) -> list[str]:
    return [row.tobytes().replace(b"\0", b"").decode() for row in made]


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_decimal(size: int) -> None:
    values = [value for value in EDGES if value < 1 << 8 * size]
    assert texts(digits.decimal(np.array(values, f"u{size}"))) == [str(value) for value in values]


@pytest.mark.parametrize(("size", "count"), [(1, 2), (1, 4), (1, 8), (2, 4), (2, 3), (4, 8), (4, 6), (8, 16)])
def test_hexadecimal(size: int, count: int) -> None:
    most = min(1 << 8 * size, 16**count)
    values = [value for value in EDGES if value < most]
    made = digits.hexadecimal(np.array(values, f"u{size}"), count)
    assert texts(made) == [f"0x{value:0{count}x}" for value in values]


@pytest.mark.parametrize("count", [4, 9, 12])
def test_padded(count: int) -> None:
    values = [value for value in EDGES if value < 10**count and value < 1 << 63]
    assert texts(digits.padded(np.array(values, np.int64), count)) == [f"{value:0{count}}" for value in values]


def test_seconds() -> None:
    values = [0, 1, 999_999_999, 1_000_000_000, 1_700_000_000_123_456_789, (1 << 63) - 1]
    expected = [f"{value // 10**9}.{value % 10**9:09}" for value in values]
    assert texts(digits.seconds(np.array(values, np.int64))) == expected


def test_addresses() -> None:
    mac, host = bytes((0, 1, 0x0A, 0x80, 0xFE, 0xFF)), bytes((0, 9, 10, 255))
    assert texts(digits.paired(np.frombuffer(mac * 2, np.uint8).reshape(2, 6))) == ["00:01:0a:80:fe:ff"] * 2
    assert texts(digits.dotted(np.frombuffer(host * 2, np.uint8).reshape(2, 4))) == ["0.9.10.255"] * 2


@pytest.mark.parametrize(
    ("values", "show"),
    [
        (np.array([5, 3, 5, 300], np.uint16), lambda value: b"<%d>" % value),
        (np.array([[1, 2], [0, 0], [1, 2]], np.uint8), lambda value: value.hex().encode()),
        (np.empty(0, np.uint32), lambda value: b"?"),
    ],
)
def test_remembered(values: Any, show: Callable[[Any], bytes]) -> None:
    seen = [one.tobytes() if values.ndim == 2 else int(one) for one in values]
    assert texts(digits.remembered(values, show)) == [show(one).decode() for one in seen]
