"""Bytes as a hex dump, with a line where each layer ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .lines import Line


def dump(data: bytes, ends: Sequence[int] = (), styles: Sequence[str] = (), row: int = 16) -> Iterator[Line]:
    """Rows of `row` bytes: offset, hex, ASCII.

    ends    the offsets at which a layer ends: `│` stands there
    styles  a style for each byte
    """
    marks = set(ends)
    digits = max(4, len(f"{max(len(data) - 1, 0):x}"))
    for start in range(0, len(data), row):
        chunk = data[start : start + row]
        line: Line = [(f"{start:0{digits}x}  ", "dim")]
        for index in range(row):
            at = start + index
            if index:
                mark = "│" if at in marks and index < len(chunk) else " "
                line.append((mark + (" " if index == row // 2 and row > 8 else ""), ""))
            text = f"{chunk[index]:02x}" if index < len(chunk) else "  "
            line.append((text, styles[at] if index < len(chunk) and styles else ""))
        line.append(("   ", ""))
        for index, byte in enumerate(chunk):
            line.append((chr(byte) if 32 <= byte < 127 else ".", styles[start + index] if styles else ""))
        yield line
