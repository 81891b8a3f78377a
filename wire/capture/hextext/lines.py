"""From pasted text to plain lines: byte-order mark, line ends, colours, mail quoting, Markdown fences and indentation
are taken off, and every line remembers where it stood."""

from typing import NamedTuple

from .model import HexError
from .patterns import regex

# ECMA-48 control sequences, operating system commands (window titles, links) and two-character escapes.
_ANSI = regex(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_QUOTE = regex(r"(?:[ \t]*>)+[ \t]?")
_FENCE = regex(r"[ \t]*(?:```|~~~)")
_BLANK = regex(r"[ \t]*")
# No-break and other fixed-width spaces come from web pages; zero-width ones are nothing to read.
_SPACES = {ord(" "): " ", 0xA0: " ", 0x2007: " ", 0x202F: " ", 0xFEFF: None, 0x200B: None}


class Line(NamedTuple):
    """One line: its number from 1, its text, and how many columns were taken off at its left."""

    number: int
    text: str
    shift: int

    def error(self, reason: str, index: int | None = None) -> HexError:
        """An error at `text[index]`, or about the whole line."""
        return HexError(reason, self.number, None if index is None else self.shift + index + 1)


def read_lines(text: str) -> list[Line]:
    """The lines of a paste, without what mail, Markdown, terminals and web pages put around them."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if not text.isascii():
        text = text.translate(_SPACES)
    # "\r\r\n" comes from a file with Windows line ends that was written as text once more.
    for end in ("\r\r\n", "\r\n", "\r"):
        text = text.replace(end, "\n")
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        quote = _QUOTE.match(line)
        shift = quote.end() if quote else 0
        if _FENCE.match(line, shift):
            line, shift = "", 0
        lines.append(Line(number, line[shift:], shift))
    return _dedented(lines)


def _dedented(lines: list[Line]) -> list[Line]:
    """The same lines without the indentation that all of them share."""
    common: str | None = None
    for line in lines:
        blank = _indent(line.text)
        if len(blank) == len(line.text):
            continue
        if common is None:
            common = blank
        elif not blank.startswith(common):
            common = _shared(common, blank)
        if not common:
            return lines
    cut = len(common or "")
    return [Line(line.number, line.text[cut:], line.shift + cut) for line in lines]


def _indent(text: str) -> str:
    blank = _BLANK.match(text)
    return blank.group() if blank else ""


def _shared(one: str, other: str) -> str:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return one[:length]
