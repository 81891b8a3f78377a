"""Inputs of commands: which words are files, and which are the hex itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .output import Failure, Misuse

HEXISH = re.compile(r"(?:0x)?[0-9a-fA-F]{2}(?:[0-9a-fA-F:.-]|0x|,|\\x)*")


@dataclass(frozen=True)
class Source:
    """Where packets come from: a path, `-`, or text."""

    name: str
    text: str | None = None


def sources(words: Sequence[str]) -> Iterator[Source]:
    """A path that exists wins; neighbouring words of hex are one dump."""
    hexes: list[str] = []
    for word in words:
        known = word == "-" or os.path.exists(word)
        if not known and HEXISH.fullmatch(word):
            hexes.append(word)
            continue
        if hexes:
            yield Source("hex", joined(hexes))
            hexes = []
        if not known:
            if re.search(r"[\s\\,{\[(]", word):  # text of a dump, quoted on the command line
                yield Source("text", word)
                continue
            raise Misuse(f"{word}: no such file, and it is not hex either")
        yield Source("standard input" if word == "-" else word)
    if hexes:
        yield Source("hex", joined(hexes))


def joined(words: list[str]) -> str:
    """Words of hex as one dump: digits simply go on, other notations keep their spaces."""
    return ("" if all(word.isalnum() and not word.startswith("0x") for word in words) else " ").join(words)


def opened(source: Source, first: str | None = None) -> Any:
    """The packets of a source, with what was found out about it."""
    from ..protocols import find
    from ..sources import open_source, open_text

    if first is not None:
        try:
            find(first)
        except LookupError as error:
            raise Misuse(f"--first: {error.args[0]}") from None
    try:
        if source.text is not None:
            return open_text(source.text, first)
        return open_source("-" if source.name == "standard input" else source.name, first)
    except ValueError as error:  # CaptureError or HexError, whichever reader it took
        raise Failure(f"{source.name}: {error}") from None


class Wanted:
    """Numbers of frames: `3,7-9`."""

    def __init__(self, text: str) -> None:
        self.ranges = []
        for piece in text.split(","):
            match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d*)\s*)?", piece)
            if not match:
                raise Misuse(f"--frames: {piece!r} is no frame number: write 3,7-9")
            low = int(match.group(1))
            high = low if match.group(2) is None else int(match.group(2) or 1 << 62)
            if not 0 < low <= high:
                raise Misuse(f"--frames: {piece.strip()}: frames count from 1, and ranges go up")
            self.ranges.append((low, high))
        self.last = max(high for _, high in self.ranges)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.ranges)


def frames_wanted(text: str | None) -> Wanted | None:
    return None if text is None else Wanted(text)
