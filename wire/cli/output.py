"""Output: lines to a terminal or a pipe, with colour or without; and what goes wrong."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from enum import StrEnum
from time import monotonic

from ..views.lines import ASCII, Line, coloured, plain

HELD = 1 << 16  # characters that are kept back, to be written together
LATEST = 0.2  # seconds


class Failure(Exception):
    """The work failed: exit status 1."""


class Misuse(Exception):
    """The command was wrong: exit status 2."""


class Colour(StrEnum):
    auto = "auto"
    always = "always"
    never = "never"


def columns(most: int = 10_000) -> int:
    """The terminal's width; 100 into a pipe or a file."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return min(100, most)
    return max(20, min(shutil.get_terminal_size((100, 24)).columns, most))


def wants_colour(colour: Colour) -> bool:
    if colour is Colour.auto:
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return colour is Colour.always


def emit(lines: Iterable[Line], colour: Colour = Colour.auto, ascii_only: bool = False) -> None:
    """Print lines."""
    if not wants_colour(colour):
        write = sys.stdout.write
        for text in plain(lines, ascii_only):
            write(text + "\n")
        return
    from rich.console import Console

    console = Console(force_terminal=True, width=10_000, highlight=False, markup=False, emoji=False)
    if ascii_only:
        lines = ([(text.translate(ASCII), style) for text, style in line] for line in lines)
    for line in lines:
        console.print(coloured(line), soft_wrap=True)


def put(texts: Iterable[str], ascii_only: bool = False) -> None:
    """Print texts that end their lines themselves, without colour: many at once, none much later than it is made."""
    held: list[str] = []
    size, due = 0, 0.0
    try:
        for text in texts:
            held.append(text)
            size += len(text)
            if size > HELD or monotonic() > due:
                write_all(held, ascii_only)
                size, due = 0, monotonic() + LATEST
    finally:
        write_all(held, ascii_only)


def write_all(held: list[str], ascii_only: bool) -> None:
    text = "".join(held)
    held.clear()
    sys.stdout.write(text.translate(ASCII) if ascii_only else text)
    sys.stdout.flush()


def note(text: str) -> None:
    """A word to the user, beside the output."""
    sys.stdout.flush()
    print(f"wire: {text}", file=sys.stderr)
