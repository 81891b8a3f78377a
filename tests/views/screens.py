"""What must hold of every screen: it fits its width in cells, and nothing in it steers the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from wire.views.lines import Line, plain

WIDTHS = (80, 100, 200)


def text_of(lines: Iterable[Line]) -> str:
    return "\n".join(plain(lines))


def cells(text: str) -> int:
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )


def assert_fits(lines: Iterable[Line], columns: int) -> None:
    for line in plain(lines):
        assert cells(line) <= columns, f"{cells(line)} cells, {columns} are there: {line}"
        assert line.isprintable(), f"not printable: {line!r}"
