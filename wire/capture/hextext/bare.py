"""Hexadecimal digits without offsets: streams, bytes or words between blanks, colons, dashes or dots, \\x escapes, rows
of `od -An`, `hexdump -e` and `xxd -p`, Scapy's linehexdump(); one packet wrapped over lines, or one in each line."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from .base64text import decode
from .choose import Reading, choose
from .display import DOT, agrees, difference, frame_of
from .explain import contradiction
from .items import Items, Order
from .lines import Line
from .model import Dump, Judge
from .patterns import regex
from .rows import is_ruler

_HEX_DIGITS = dict.fromkeys(map(ord, "0123456789abcdefABCDEF"))
_BREAKS = str.maketrans(":.-\t", "    ")
_SEPARATORS = frozenset(" \t:.-")
_KINDS = {":": "colon-separated hex", "-": "dash-separated hex", ".": "dotted hex"}
_COLUMN = regex(r"((?:[0-9A-Fa-f]{2} )+[0-9A-Fa-f]{2}|[0-9A-Fa-f]{2})(?:  |\t)[ \t]*(\S.*)$")
_BYTE = regex(r"[0-9A-Fa-f]{2}")
_UNEVEN = regex(r"[:.-][:. \t-]|[ \t][:.-]")
_TIME = regex(r"[0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d*)?)?")
_OFFSET = regex(r"00(?:[0-9a-f]{2}){1,3}")
_ESCAPES = regex(r"(?:\\x[0-9A-Fa-f]*[ \t]*)+\\?")
_NUMBER = regex(r"0[xX][0-9A-Fa-f]+")
_ENCODED = regex(r"[A-Za-z0-9+/_=-]{16,}")
# Digits among such lines are part of a program, and not a dump.
_CODE = regex(r"[{}\[\]\"';]|,[ \t]*$")
_PROMPT = regex(r"[ \t]*[$#%>] ")
_OCTAL_WORD = regex(r"[01][0-7]{5}")

# An IPv4 header: a line that holds less is no packet of its own.
_LEAST_PACKET = 20
# An Ethernet header: fewer bytes among other lines are words, or the rest of a dump.
_LEAST_HEADER = 14
_WIDEST_LINE = 38


@dataclass(slots=True)
class _Bare:
    """A line of nothing but digits, and perhaps a text column: how it is written, and its words."""

    line: Line
    kind: str
    words: Sequence[str]
    text: str | None = None

    @property
    def width(self) -> int:
        return Counter(map(len, self.words[:64])).most_common(1)[0][0]

    @property
    def is_od(self) -> bool:
        """Whether one blank stands before the digits, as `od -An` prints them."""
        return self.line.shift == 1 or self.line.text[:2].strip(" ") == self.line.text[1:2] != ""

    @property
    def size(self) -> int:
        """Bytes on the line."""
        return sum(map(len, self.words)) // 2


def read_bare(lines: Sequence[Line], judge: Judge | None) -> list[Dump] | None:
    """The packets of a text of bare hexadecimal digits; None if it is something else."""
    found = [_parse(line) for line in lines]
    if not any(found):
        return None
    for before, bare in pairwise(found):
        # One byte alone looks like a stream; below rows of bytes it is the last row.
        if before is not None and bare is not None and bare.size == 1 and before.width == 2:
            bare.kind = before.kind
    dumps = []
    for kind, run in groupby(zip(lines, found, strict=True), lambda pair: pair[1].kind if pair[1] else ""):
        members = list(run)
        if kind:
            dumps += _group([bare for _, bare in members if bare is not None], judge)
            continue
        others = [line for line, _ in members if line.text.strip()]
        if any(_CODE.search(line.text) for line in others if not _PROMPT.match(line.text)):
            return None
        if any(_ENCODED.fullmatch(line.text.strip()) and not _is_damaged(line.text.strip()) for line in others):
            return None
        for line in others:
            _refuse_rest(line)
    few = all(len(dump.data) < _LEAST_HEADER for dump in dumps)
    if few and any(line.text.strip() for line, bare in zip(lines, found, strict=True) if bare is None):
        return None
    return dumps


def _parse(line: Line) -> _Bare | None:
    """A line as bare digits; HexError if it nearly is."""
    text = line.text.strip()
    if not text or _TIME.fullmatch(text) or (is_ruler(line) and text == text.upper()):
        return None
    if text.startswith("\\x"):
        return _escapes(line, text)
    if _NUMBER.fullmatch(text):
        text = text[2:]
    others = set(text.translate(_HEX_DIGITS))
    digits = others <= _SEPARATORS
    even = digits and _UNEVEN.search(text) is None
    column = _COLUMN.match(text)
    if column is not None and (bare := _with_text(line, column, even)):
        return bare
    if digits and text.endswith(":"):
        raise line.error("nothing follows the colon: the dump is cut off", len(line.text.rstrip()) - 1)
    if not even:
        _refuse_lost_digit(line)
        return None
    words = text.translate(_BREAKS).split()
    if not words or not _even(line, words):
        return None
    if len(words) == 1:
        return _Bare(line, "hex stream", words)
    return _Bare(line, _KINDS.get("".join(others - {" ", "\t"}), "hex bytes"), words)


def _with_text(line: Line, found: re.Match[str], digits: bool) -> _Bare | None:
    """A line of bytes with a text column that agrees; HexError if it does not agree, unless all of it is `digits`."""
    data = bytes.fromhex(found[1])
    frame = frame_of(found[2], len(data))
    if agrees(found[2], data, frame, DOT):
        return _Bare(line, "hex bytes with text", found[1].split(), found[2])
    if digits or (len(found[2]) != len(data) and len(data) < 8):
        return None
    at = len(line.text) - len(line.text.lstrip())
    wrong = difference(found[2], data, frame, DOT)
    if wrong is None:
        raise line.error(f"the text {found[2]!r} does not belong to the {len(data)} bytes of the line", at)
    raise line.error(contradiction(data, *wrong, DOT), at + 3 * wrong[0])


def _escapes(line: Line, text: str) -> _Bare | None:
    if _ESCAPES.fullmatch(text) is None:
        return None
    words = [word.strip() for word in text.rstrip("\\").split("\\x")[1:]]
    for index, word in enumerate(words):
        if len(word) != 2:
            raise line.error(f"'\\x{word}' has {len(word)} digits where 2 were expected",
                             [match.start() for match in re.finditer(r"\\x", line.text)][index])
    return _Bare(line, "\\x escapes", words)


def _refuse_lost_digit(line: Line) -> None:
    """HexError for a line with a text column most of whose first words are bytes, but not all."""
    words = line.text.split("  ", 1)[0].split(" ") if line.text[:1] != " " else line.text.split()[:16]
    wrong = [word for word in words if not _BYTE.fullmatch(word)]
    if len(words) - len(wrong) >= 4 and 0 < len(wrong) * 4 <= len(words):
        raise line.error(f"'{wrong[0][:20]}' is not two digits like the others", line.text.index(wrong[0]))


def _even(line: Line, words: Sequence[str]) -> bool:
    """Whether all words have the digits of whole bytes. HexError if nearly all have; False if these are words."""
    width, votes = Counter(map(len, words[:4096])).most_common(1)[0]
    last = len(words) - 1
    wrong = [index for index, word in enumerate(words) if len(word) != width and not (
        index == last and len(word) < width and len(word) % 2 == 0)]
    if width % 2 == 0 and not wrong:
        return True
    if len(words) == 1:
        if width < 8:
            return False
        raise line.error(f"the line has {width} digits, an odd number: one is missing or too many")
    if width % 2 or votes * 2 < len(words):
        return False
    word = words[wrong[0]]
    at = [match.start() for match in re.finditer("[0-9A-Fa-f]+", line.text)][wrong[0]]
    raise line.error(f"'{word}' has {len(word)} digit{'s' * (len(word) > 1)} where {width} were expected", at)


def _is_damaged(text: str) -> bool:
    """Whether a text is digits but for one or two characters."""
    others = text.translate(_HEX_DIGITS)
    strange = [char for char in others if char not in _SEPARATORS]
    digits = len(text) - len(others)
    return digits >= 8 and 0 < len(strange) <= max(2, digits // 16)


def refuse_damage(line: Line) -> None:
    """HexError for a line of digits with a few wrong characters."""
    if _is_damaged(line.text.strip()):
        wrong = next(index for index, char in enumerate(line.text)
                     if ord(char) not in _HEX_DIGITS and char not in _SEPARATORS)
        raise line.error(f"{line.text[wrong]!r} is not a hexadecimal digit", wrong)


def _refuse_rest(line: Line) -> None:
    """HexError for a line among bare digits that holds digits too, or says that rows were left out."""
    text = line.text.strip()
    if not set(text.translate(_HEX_DIGITS)) - _SEPARATORS and not _TIME.match(text):
        raise line.error("the line does not hold whole bytes: digits are missing or too many", 0)
    if text == "*":
        raise line.error("rows were left out (*), and without offsets nothing says how many: dump again with -v")
    refuse_damage(line)


def _group(lines: list[_Bare], judge: Judge | None) -> list[Dump]:
    """Consecutive lines written alike: one packet wrapped over them, or one packet in each."""
    sizes = [bare.size for bare in lines]
    common, votes = Counter(sizes).most_common(1)[0]
    wrapped = all(size == sizes[0] for size in sizes[:-1]) and sizes[-1] <= sizes[0]
    # Rows are at most 32 bytes wide and lines of a paste at most 80 characters; packets of one length are longer.
    apart = min(sizes) >= _LEAST_PACKET and (votes == 1 or common > _WIDEST_LINE)
    if not wrapped and not apart:
        wrong = next(bare for bare in lines if bare.size != common)
        raise wrong.line.error(f"the line holds {wrong.size} bytes where the others hold {common}")
    one, many = [_dump(lines, judge)], None
    if len(lines) > 1 and apart:
        many = [_dump([bare], judge) for bare in lines]
    if many is None or not wrapped:
        return many or one
    if lines[0].text is not None:
        return many
    readings = [Reading("one packet in each line", tuple(dump.data for dump in many), many),
                Reading("one packet over several lines", (one[0].data,), one)]
    sound = judge is not None and not any(judge(dump.data).complaint for dump in many)
    chosen, remark = choose(readings, judge, lines[0].line, usual=sound)
    return [replace(dump, remarks=(*dump.remarks, *([remark] if remark else []))) for dump in chosen]


def _dump(lines: Sequence[_Bare], judge: Judge | None) -> Dump:
    """One packet from its lines."""
    first, kind, width = lines[0], lines[0].kind, lines[0].width
    if len(lines) == len(first.words) == 1 and _OFFSET.fullmatch(first.words[0]):
        raise first.line.error("this looks like an offset without bytes: the dump is cut off")
    text = " ".join(" ".join(bare.words) for bare in lines)
    orders: tuple[Order, ...] = ("big",)
    base = 16
    if kind == "hex stream":
        text, width = text.replace(" ", ""), 2
    elif kind == "hex bytes" and width in (4, 8, 16):
        orders = ("little", "big") if first.is_od else ("big", "little")
        kind = f"{width}-digit hex words"
    elif first.is_od and width == 6 and all(_OCTAL_WORD.fullmatch(word) for bare in lines for word in bare.words):
        orders, base, kind = ("little",), 8, "od -An"
    readings = []
    for order in orders:
        data = Items(base, width, order).bytes_of(text)
        readings.append(Reading(f"{kind} ({order}-endian)" if len(orders) > 1 else kind, (data,), data))
    # Digits with letters of both cases may be base64, and so may many "AAAA", which are zeros there.
    one_case = text == text.lower() or text == text.upper()
    encoded = not one_case or text.count("A") * 2 > len(text)
    if kind == "hex stream" and encoded and len(text) >= 20 and not len(text) % 4:
        data = decode(text, first.line)
        readings.append(Reading("base64", (data,), data))
    data, remark = choose(readings, judge, first.line, usual=len(orders) > 1 or one_case)
    if len(readings) > len(orders) and data == readings[-1].value:
        kind = "base64"
    checked = [] if kind in ("hex stream", "base64") else ["item width"]
    if first.text is not None:
        checked.insert(0, "ascii")
    if len(lines) > 1:
        checked.append("row width")
    name = "od -An -tx1" if first.is_od and kind == "hex bytes" else kind
    if kind == "hex stream" and len(lines) > 1:
        name = "xxd -p"
    return Dump(data, name, first.line.number, checked=tuple(checked), remarks=(remark,) if remark else ())
