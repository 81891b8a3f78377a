"""Lists of numbers, as programming languages write them: C, Go, Rust, Java (signed bytes), JavaScript, Python, and
plain lists such as those of Scapy's chexdump()."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .choose import choose
from .model import Dump, Judge
from .patterns import regex
from .source import Source, Token
from .values import ITEM, Numbers

_CLOSING = {"{": "}", "[": "]", "(": ")", "<": ">"}
_LENGTH = regex(r"(\w*?)_?(?:len|length|size)", re.IGNORECASE)
# What stands before a list tells its language; the first that is found counts.
_LANGUAGES = (
    (regex(r"\](?:byte|uint8)\s*\{"), "Go literal"),
    (regex(r"\bu8\b"), "Rust array"),
    (regex(r"\bUint8Array\b|\bBuffer\b|\b(?:let|var|const)\s+\w+\s*="), "JavaScript array"),
    (regex(r"\bbyte\s*\[\s*\]|\bbyteArrayOf\b"), "Java byte array"),
    (regex(r"\bbyte(?:array|s)\s*\("), "Python bytes of a list"),
    (regex(r"\w_(?:len|LEN)\b"), "xxd -i"),
)
_BRACKETS = {"{": "C array", "[": "list of numbers", "(": "Python tuple", "<": "list of numbers",
             "": "numbers and commas"}
# An Ethernet header: shorter lists beside a longer one are arguments and the like.
_LEAST = 14


@dataclass(slots=True)
class _List:
    """A list: its runs of numbers, the bracket before them, the text before that, and the length declared for it."""

    runs: list[Token]
    opening: str
    before: str
    declared: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        return sum(len(ITEM.findall(run.text)) for run in self.runs)


def read_arrays(source: Source, judge: Judge | None) -> list[Dump] | None:
    """The packets written as lists of numbers; None if there is no such list."""
    lists = _lists(source)
    long = [found for found in lists if found.count >= _LEAST]
    return [_dump(source, found, judge) for found in long or lists] or None


def _lists(source: Source) -> list[_List]:
    """All lists of numbers; a single number that is a length is kept for the list that it belongs to."""
    tokens = source.tokens
    found: list[_List] = []
    declared: tuple[int, int] | None = None
    stop, since = 0, 0
    for start, token in enumerate(tokens):
        if token.kind != "numbers" or start < stop:
            continue
        stop = start + 1
        while stop < len(tokens) and (tokens[stop].kind == "numbers" or tokens[stop].text == ","):
            stop += 1
        runs = [run for run in tokens[start:stop] if run.kind == "numbers"]
        opening = tokens[start - 1].text if start and tokens[start - 1].text in _CLOSING else ""
        if (size := _declared(tokens, start, stop)) is not None:
            declared = (size, token.at)
            name = _LENGTH.fullmatch(tokens[start - 2].text) if start > 1 and tokens[start - 1].text == "=" else None
            if name and found and re.search(rf"\b{re.escape(name[1])}\b", found[-1].before):
                found[-1].declared, declared = declared, None
                found[-1].before += f"{name[1]}_len"
            continue
        item = _List(runs, opening, "", declared)
        if not _is_data(item, tokens, start, stop):
            continue
        item.before = source.text[since:token.at]
        after = tokens[stop] if stop < len(tokens) else None
        if opening and (after is None or after.text != _CLOSING[opening]):
            reason = "the list is not closed: it is cut off" if after is None else f"{after.text!r} is not a number"
            raise source.error(reason, runs[-1].end if after is None else after.at)
        found.append(item)
        declared, since = None, runs[-1].end
    return found


def _is_data(item: _List, tokens: Sequence[Token], start: int, stop: int) -> bool:
    """Whether some numbers are a list, and not an argument, an index or a number in a sentence."""
    several = item.count > 1
    if item.opening:
        return several or item.opening == "{" or item.declared is not None or len(tokens) <= 5
    whole = start == 0 and stop == len(tokens)
    return whole and several and ("," in item.runs[0].text or item.runs[0].text[:2].lower() == "0x")


def _declared(tokens: Sequence[Token], start: int, stop: int) -> int | None:
    """A length: "x[74]", "[74]byte", "[u8; 74]", "Uint8Array(74) [", "x_len = 74"."""
    number = tokens[start].text.rstrip("uUlL")
    try:
        size = int(number, 0)
    except ValueError:
        return None
    before, name = (tokens[start - 1].text if start else ""), (tokens[start - 2] if start > 1 else None)
    after, next_but_one = (tokens[at].text if at < len(tokens) else "" for at in (stop, stop + 1))
    if before == "=" and name is not None and _LENGTH.fullmatch(name.text):
        return size
    if before in ("[", "(") and after == _CLOSING[before]:
        named = name is not None and name.kind == "word" and before == "["
        return size if named or next_but_one in ("=", "{", "[", "byte", "uint8") else None
    return size if before == ";" and after == "]" else None


def _dump(source: Source, item: _List, judge: Judge | None) -> Dump:
    """One list as a packet, checked against the length declared for it."""
    numbers = Numbers(source, item.runs)
    line, _ = source.line(item.runs[0].at)
    name = _name(item)
    data, remark = choose(numbers.readings(bool(item.opening), name == "xxd -i"), judge, line, usual=False)
    checked = []
    if item.declared is not None:
        length, at = item.declared
        if length != len(data):
            raise source.error(f"{length} bytes are declared here; the list in line {line.number} holds {len(data)}",
                               at)
        checked.append("declared length")
    if numbers.have_fixed_width:
        checked.append("item width")
    return Dump(data, name, line.number, checked=tuple(checked), remarks=(remark,) if remark else ())


def _name(item: _List) -> str:
    for pattern, name in _LANGUAGES:
        if pattern.search(item.before):
            return name
    if item.opening == "{" and any("-" in run.text for run in item.runs):
        return "Java byte array"
    return _BRACKETS[item.opening]
