"""Perl's regular expressions, which Wireshark's users write, as Python's `re` has them."""

from __future__ import annotations

import re
import warnings

# what both can say, and write differently
PIECES = re.compile(r"""
    \\Q (?P<quoted>.*?) (?:\\E|\Z)               # a piece without special characters
  | \\x\{ (?P<code>[0-9a-fA-F]{1,2}) \}
  | \\ (?P<escape>.)
  | \[: (?P<set>[a-z]+) :\]
  | \(\?< (?P<group>[A-Za-z_]\w*) >
""", re.VERBOSE | re.DOTALL)  # fmt: skip
OPTIONS = re.compile(r"(?<!\\)\(\?([imsx]*)(?:-([imsx]+))?\)")

ESCAPES = {"z": r"\Z", "Z": r"(?=\n?\Z)"}
SETS = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s",
    "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "print": r"\x20-\x7e", "graph": r"\x21-\x7e", "cntrl": r"\x00-\x1f\x7f",
    "xdigit": "0-9a-fA-F", "word": r"\w", "ascii": r"\x00-\x7f",
}  # fmt: skip


def python_pattern(text: str) -> bytes:
    """The same pattern for Python, on bytes.  ValueError says what is wrong with it, or not known here."""
    flags, pattern = {"i"}, text
    while front := OPTIONS.match(pattern):  # Perl's options hold from there on: from the front, for all of it
        flags = (flags | set(front[1])) - set(front[2] or "")
        pattern = pattern[front.end() :]
    if inner := OPTIONS.search(pattern):
        raise ValueError(f"{inner[0]} inside a pattern is written with what it is for: {inner[0][:-1]}:...)")
    pattern = PIECES.sub(translated, pattern)
    on = "".join(sorted(flags - {"i"}))
    scope = on if "i" in flags else f"{on}-i"
    found = (f"(?{scope}:{pattern})" if scope else pattern).encode("utf-8", "surrogateescape")
    compiled(found)
    return found


def compiled(pattern: bytes) -> re.Pattern[bytes]:
    """ValueError says what is wrong with the pattern."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of sets inside sets, which Perl does not have
            return re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the pattern cannot be read: {getattr(error, 'msg', error)}") from None


def translated(piece: re.Match[str]) -> str:
    if piece["quoted"] is not None:
        return re.escape(piece["quoted"])
    if piece["code"] is not None:
        return f"\\x{piece['code'].zfill(2)}"
    if piece["group"] is not None:
        return f"(?P<{piece['group']}>"
    if piece["set"] is not None:
        return SETS.get(piece["set"], piece[0])
    return ESCAPES.get(piece["escape"], piece[0])
