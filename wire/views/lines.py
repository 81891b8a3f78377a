"""Lines of styled text: what views yield, and how they are measured, cut, escaped and printed.

A line is a list of (text, style) pairs.  Styles are names: "title", "dim", "strong", "chat",
"note", "warn", "error", or "layer N"; colour adds to a line and never carries a meaning alone.
Widths are terminal cells: a Chinese character takes two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

Line = list[tuple[str, str]]

LAYER_COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_red")
STYLES = {"title": "bold", "dim": "dim", "strong": "bold", "chat": "cyan", "note": "bright_blue", "warn": "yellow",
          "error": "bold red"}  # fmt: skip

ASCII = str.maketrans({"─": "-", "│": "|", "→": ">", "←": "<", "…": "~", "╭": ".", "╮": ".", "╰": "`", "╯": "'",
                       "├": "+", "┤": "+", "┼": "+", "▶": ">", "◀": "<", "✗": "x", "·": ".",
                       "×": "x", "█": "#"})  # fmt: skip


def safe(text: str) -> str:
    """Text of strangers for a terminal: control characters, escape sequences and overrides shown escaped."""
    if text.isprintable():
        return text.replace("\\", "\\\\")
    return "".join(
        char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode() for char in text
    )


def quoted(text: str) -> str:
    """Text of strangers in quotes, escaped."""
    return '"' + safe(text).replace('"', '\\"') + '"'


def width(text: str) -> int:
    """Terminal cells."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, cells: int) -> str:
    """`text` in at most so many cells; what is cut off is marked with `…`."""
    if width(text) <= cells:
        return text
    kept, used = "", 0
    for char in text:
        used += width(char)
        if used >= cells:
            break
        kept += char
    return kept + "…" if cells > 0 else ""


def pad(text: str, cells: int) -> str:
    """`text` filled up with spaces at the right."""
    return text + " " * max(0, cells - width(text))


def wrap(text: str, cells: int) -> list[str]:
    """Text over several lines of at most so many cells, broken at spaces where it can be."""
    if width(text) <= cells or cells < 8:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        while width(word) > cells:  # one that alone is too long is broken anywhere
            room = cells - width(line) - (1 if line else 0)
            piece = cut(word, room + 1)[:-1] if room > 4 else ""
            if piece:
                line = f"{line} {piece}" if line else piece
                word = word[len(piece) :]
            lines.append(line)
            line = ""
        if line and width(line) + 1 + width(word) > cells:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def plain(lines: Iterable[Line], ascii_only: bool = False) -> Iterator[str]:
    """Lines without colour."""
    for line in lines:
        text = "".join(piece for piece, _ in line).rstrip()
        yield text.translate(ASCII) if ascii_only else text


def coloured(line: Line) -> Text:
    """A line for rich."""
    from rich.text import Text

    text = Text(no_wrap=True, end="")
    for piece, style in line:
        if style.startswith("layer"):
            style = LAYER_COLOURS[int(style[5:]) % len(LAYER_COLOURS)]
        text.append(piece, STYLES.get(style, style) or None)
    return text
