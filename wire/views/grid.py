"""Draws cells of bits as RFCs do: rows of `+-+-+`, two characters to a bit, fields over several rows left open.

It knows nothing of protocols: diagram.py makes the cells from a schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

OPEN = -1
UPRIGHT = 4  # letters that may stand below each other in a cell of one bit


@dataclass(frozen=True, eq=False)
class Cell:
    """A field in the picture: its bits (OPEN where that varies), and its texts, the best that fits is written.

    tall  lines that an open cell takes;  blank  only holds the place of what is drawn elsewhere
    """

    bits: int
    texts: tuple[str, ...]
    tall: int = 1
    blank: bool = False

    def chosen(self, room: int) -> str:
        """The first text that fits: its words into `room` characters, or its letters below each other into one."""
        for text in self.texts:
            if (room == 1 and len(text) <= UPRIGHT) or max(map(len, text.split()), default=0) <= room:
                return text
        return self.texts[-1]


class Piece(NamedTuple):
    """The bits of one row that belong to a cell."""

    cell: Cell
    first: int
    end: int


def laid(cells: Sequence[Cell], width: int) -> list[list[Piece]]:
    """Cells in rows of `width` bits; an open one takes what is left of its row, and a row of its own."""
    rows: list[list[Piece]] = [[]]

    def room() -> int:
        used = rows[-1][-1].end if rows[-1] else 0
        if used == width:
            rows.append([])
            used = 0
        return used

    for cell in cells:
        if cell.bits == OPEN:
            for _ in range(2 if room() else 1):
                used = room()
                rows[-1].append(Piece(cell, used, width))
            continue
        bits = cell.bits
        while bits:
            used = room()
            end = min(width, used + bits)
            bits -= end - used
            rows[-1].append(Piece(cell, used, end))
    return rows if rows[-1] else rows[:-1]


def ruler(width: int) -> list[str]:
    """The tens and the ones of the bits, as RFCs count them from 0."""
    tens = "".join(f" {bit // 10}" if bit % 10 == 0 else "  " for bit in range(width))
    return [tens.rstrip(), "".join(f" {bit % 10}" for bit in range(width))]


def drawn(cells: Sequence[Cell], width: int) -> list[str]:
    """The picture, without a ruler."""
    rows = laid(cells, width)
    if not rows:
        return []
    heights = [max(height(piece, rows) for piece in row) for row in rows]
    canvas = [border(None, rows[0], width)]
    places: dict[int, list[tuple[int, Piece]]] = {}  # by cell: the lines that its text may stand on
    for index, row in enumerate(rows):
        top = len(canvas)
        begun = {id(piece.cell) for piece in rows[index - 1]} if index else set()
        canvas += sides(row, heights[index], width, begun)
        below = rows[index + 1] if index + 1 < len(rows) else None
        canvas.append(border(row, below, width))
        for piece in row:
            lines = len(lines_of(piece)) if piece.cell.bits != OPEN else 1
            above = max(0, heights[index] - lines) // 2
            if piece.cell.bits == 1:
                above = 0  # letters below each other begin at the top
            places.setdefault(id(piece.cell), []).append((top + above, piece))
            if below and any(other.cell is piece.cell and other[1:] == piece[1:] for other in below):
                places[id(piece.cell)].append((len(canvas) - 1, piece))
    for at in places.values():
        write(canvas, at)
    return ["".join(line).rstrip() for line in canvas]


def height(piece: Piece, rows: Sequence[Sequence[Piece]]) -> int:
    """Lines that a row needs for this piece's text."""
    if piece.cell.bits == OPEN:  # begun in the row before, it has one line there
        return max(1, piece.cell.tall - len(pieces(piece.cell, rows)) + 1) if piece.first == 0 else 1
    return len(lines_of(piece)) if len(pieces(piece.cell, rows)) == 1 else 1


def pieces(cell: Cell, rows: Sequence[Sequence[Piece]]) -> list[Piece]:
    return [piece for row in rows for piece in row if piece.cell is cell]


def lines_of(piece: Piece) -> list[str]:
    """The text of a piece, over several lines."""
    room = (piece.end - piece.first) * 2 - 1
    text = piece.cell.chosen(room)
    if room == 1:
        return list(text) if len(text) <= UPRIGHT else [text[0]]
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word[:room])
    return lines or [""]


def border(above: Sequence[Piece] | None, below: Sequence[Piece] | None, width: int) -> list[str]:
    """The line between two rows, left open where a cell goes on through it."""
    up, down = owners(above, width), owners(below, width)
    line = [" "] * (width * 2 + 1)
    closed = [(up[bit] or down[bit]) is not None and up[bit] is not down[bit] for bit in range(width)]
    for bit in range(width):
        if closed[bit]:
            line[bit * 2], line[bit * 2 + 1], line[bit * 2 + 2] = "+-+"
    for bit in range(width + 1):
        left = up[bit - 1] if bit else None
        right = up[bit] if bit < width else None
        if line[bit * 2] == " " and left is not right:  # the side of a cell that goes on
            both = [cell for cell in (left, right) if cell]
            line[bit * 2] = ":" if len(both) == 1 and both[0].bits == OPEN else "+"
    return line


def owners(row: Sequence[Piece] | None, width: int) -> list[Cell | None]:
    """Which cell each bit of a row belongs to."""
    cells: list[Cell | None] = [None] * width
    for piece in row or ():
        cells[piece.first : piece.end] = [piece.cell] * (piece.end - piece.first)
    return [None if cell and cell.blank else cell for cell in cells]


def sides(row: Sequence[Piece], tall: int, width: int, begun: set[int]) -> list[list[str]]:
    """The lines of a row with nothing but the sides of its cells; an open cell has `:` where it goes on.

    begun  the cells that are in the row above too, by `id`
    """
    lines = [[" "] * (width * 2 + 1) for _ in range(tall)]
    for piece in row:
        if piece.cell.blank:
            continue
        for index, line in enumerate(lines):
            opens = piece.cell.bits == OPEN
            starts = opens and piece.first == 0 and (index > 0 or piece.cell.tall == 1 or id(piece.cell) in begun)
            ends = opens and (index < tall - 1 or piece.cell.tall == 1 or piece.first > 0)
            line[piece.first * 2] = ":" if starts else "|"
            line[piece.end * 2] = ":" if ends else "|"
    return lines


def write(canvas: list[list[str]], places: list[tuple[int, Piece]]) -> None:
    """Puts a cell's text on the middle one of the widest lines that it has."""
    widest = max(piece.end - piece.first for _, piece in places)
    wide = [(line, piece) for line, piece in places if piece.end - piece.first == widest]
    line, piece = wide[len(wide) // 2] if len(wide) % 2 else wide[(len(wide) - 1) // 2]
    if piece.cell.blank:
        return
    room = (piece.end - piece.first) * 2 - 1
    for index, text in enumerate(lines_of(piece)):
        start = piece.first * 2 + 1 + (room - len(text)) // 2
        canvas[line + index][start : start + len(text)] = list(text)
