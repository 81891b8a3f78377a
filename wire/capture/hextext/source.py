"""Splitting source code of any language into the few kinds of tokens that literals are made of."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .lines import Line
from .model import HexError
from .patterns import regex

_NUMBER = r"[-+]?(?:0[xX][0-9A-Fa-f]+(?:[uU]?[lL]{0,2}|u8|i8)|\d+(?:[uU]?[lL]{0,2}|u8|i8)|[0-9A-Fa-f]{2})(?![\w.])"
_TOKENS = regex(
    r"(?P<comment>/\*(?s:.*?)(?:\*/|\Z)|//[^\n]*|(?m:^)[ \t]*#[^\n]*)"
    r"""|(?P<string>(?:\b[bBrRuUfF]{1,2})?(?:"(?:[^"\\\n]|\\(?s:.))*+"|'(?:[^'\\\n]|\\(?s:.))*+'))"""
    # A literal that is not closed: without this, every escaped quote in it would be tried as the start of another.
    r"""|(?P<broken>(?:\b[bBrRuUfF]{1,2})?(?:"[^"\\\n]*+(?:\\(?s:.)[^"\\\n]*+)++|'[^'\\\n]*+(?:\\(?s:.)[^'\\\n]*+)++))"""
    rf"|(?P<numbers>(?<![\w.]){_NUMBER}(?:(?:[ \t]*,[ \t]*|[ \t]+){_NUMBER})*+)"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<other>\S)"
)
# "(byte) 0xc0", "(unsigned char)2": a cast says nothing here.
_CAST = regex(r"\(\s*(?:byte|sbyte|unsigned char|signed char|char|u?int8_t|uint8|u8)\s*\)(?=\s*[-+\d])")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of source: a "string", a "broken" one (not closed), "numbers" (a run of them), a "word" or one "other"
    character."""

    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)


class Source:
    """The text of some lines with its tokens; places in it lead back to the lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        joined = "\n".join(line.text for line in lines)
        self.text = _CAST.sub(lambda found: " " * len(found.group()), joined) if "(" in joined else joined
        self.tokens = [Token(found.lastgroup or "", found.group(), found.start())
                       for found in _TOKENS.finditer(self.text) if found.lastgroup != "comment"]
        self._starts: list[int] = []

    def line(self, at: int) -> tuple[Line, int]:
        """The line at a place in the text, and the place in that line."""
        if not self._starts:
            start = 0
            for line in self.lines:
                self._starts.append(start)
                start += len(line.text) + 1
        index = bisect_right(self._starts, at) - 1
        return self.lines[index], at - self._starts[index]

    def error(self, reason: str, at: int) -> HexError:
        line, column = self.line(at)
        return line.error(reason, column)
