"""Base64 (RFC 4648), standard or URL-safe, in one line or wrapped."""

import base64
from collections.abc import Sequence

from .lines import Line
from .model import Dump
from .patterns import regex

_WORD = regex(r"[A-Za-z0-9+/_-]+={0,2}")
_URI = regex(r"data:[^,]{0,80};base64,")
_ASIDE = regex(r"(?:[$#%] |-----)")
_HEX = regex(r"[0-9A-Fa-f]")
# The shortest Ethernet header fills twenty characters; shorter words are words.
_LEAST = 20


def read_base64(lines: Sequence[Line]) -> list[Dump] | None:
    """The packets of a text that is base64 and nothing else; None if it is not."""
    groups: list[list[Line]] = [[]]
    for line in lines:
        text = line.text.strip()
        if not text or _ASIDE.match(text):
            groups.append([])
            continue
        uri = _URI.match(text)
        word = text[uri.end():] if uri else text
        if _WORD.fullmatch(word) is None:
            return None
        groups[-1].append(Line(line.number, word, line.shift + line.text.index(word)))
        if word.endswith("="):
            groups.append([])
    groups = [group for group in groups if group]
    if not groups or not looks_like_base64("".join(line.text for group in groups for line in group)):
        return None
    return [dump for group in groups for dump in _group(group)]


def looks_like_base64(word: str) -> bool:
    """Whether a word is rather base64 than damaged hexadecimal digits or an ordinary word."""
    return word.endswith("=") or (len(word) >= _LEAST and len(_HEX.sub("", word)) >= 3)


def _group(lines: list[Line]) -> list[Dump]:
    """One packet wrapped over lines; or one in each line where the lines do not have the same length."""
    width = len(lines[0].text)
    odd = [line for line in lines[:-1] if len(line.text) != width] + [
        line for line in lines[-1:] if len(line.text) > width]
    if odd and all(len(line.text) % 4 == 0 for line in lines):
        return [Dump(decode(line.text, line), "base64", line.number, checked=("groups of four",)) for line in lines]
    if odd:
        raise odd[0].error(f"the line holds {len(odd[0].text)} characters where {width} were expected", 0)
    data = decode("".join(line.text for line in lines), lines[-1])
    return [Dump(data, "base64", lines[0].number, checked=("groups of four",))]


def decode(word: str, line: Line) -> bytes:
    """The bytes of one base64 text; HexError where its groups, padding or alphabet are not whole."""
    if len(word) % 4:
        raise line.error(f"the base64 text has {len(word)} characters, which are no groups of four: some are missing, "
                         "or the padding '=' at its end")
    safe = word.replace("-", "+").replace("_", "/")
    if safe != word and ("+" in word or "/" in word):
        raise line.error("the base64 text mixes the standard alphabet (+ /) with the URL-safe one (- _)")
    data = base64.b64decode(safe, validate=True)
    if base64.b64encode(data).decode("ascii") != safe:
        raise line.error("the last base64 group has bits that no byte uses: a character is wrong or missing")
    return data
