"""Finding the rows of a dump: which lines begin with an offset, and which rows belong to one packet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from .lines import Line
from .patterns import regex

_HEAD = regex(r"[ \t]*(0[xX])?([0-9A-Fa-f]{3,16})(:?)(?=[ \t]|$)")
# A log or a prompt may stand before the offset: "[   12.345670] rx: 00000000: 02 00", "undebug 0x0070: 444c".
_LABELLED = regex(r"(.{0,160}?[\s\]:>])(?:(0[xX])([0-9A-Fa-f]{4,6})|([0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})):[ \t]+"
                  r"(?=[0-9A-Fa-f]{2,32}(?:[ \t]|$))")
_TOKEN = regex(r"([ \t]+(?:│[ \t]*)?)([^ \t│|-]+)")
_HEX = regex(r"[0-9A-Fa-f]+")
_BYTE = regex(r"[0-9A-Fa-f]{2}")
_STAMP = regex(r"\[[^\]]*\]")
_NUMBER = regex(r"\d+")
_RULER = regex(r"[ \t]*(Offset\S*[ \t]+)?0?0 +0?1 +0?2 +0?3 +0?4 +0?5 +0?6 +0?7\b")

# Offsets that begin here or later are addresses in memory, as Cisco IOS and the kernel print them.
_ADDRESS = 0x10000


class Row(NamedTuple):
    """A line that begins with an offset. `start` is where its bytes may begin in the line's text; `doubtful` says that
    nothing like bytes stands there."""

    line: Line
    mark: bool
    digits: str
    colon: bool
    start: int
    label: str = ""
    doubtful: bool = False

    @property
    def style(self) -> tuple[bool, bool]:
        return self.mark, self.colon

    def is_like(self, other: "Row") -> bool:
        """Whether both offsets are written alike, so that a line without bytes is a damaged row, and not text."""
        return self.style == other.style and len(self.digits) == len(other.digits) and not self.is_bare

    @property
    def at(self) -> int:
        """Where the offset stands in the line's text."""
        return self.start - self.colon - len(self.digits) - 2 * self.mark

    @property
    def written(self) -> str:
        return self.line.text[self.at:self.start]

    @property
    def is_zero(self) -> bool:
        return not self.digits.strip("0")

    @property
    def is_bare(self) -> bool:
        return not self.line.text[self.start:].strip()


@dataclass
class Block:
    """The rows of one packet. `stars` are the rows after which equal rows were left out (`*`); `end` is a last line
    that holds nothing but an offset; `before` are the lines that stand between this packet and the one before."""

    rows: list[Row]
    before: list[Line]
    stars: set[int] = field(default_factory=set)
    end: Row | None = None
    inside: list[Line] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.rows[0].label

    @cached_property
    def style(self) -> tuple[bool, bool]:
        """How most of its offsets are written: with 0x before, with a colon behind."""
        return Counter(row.style for row in self.rows[:1000]).most_common(1)[0][0]

    @property
    def is_addressed(self) -> bool:
        """Whether the offsets are addresses, which need not begin at 0."""
        return self.style == (False, True) and int(self.rows[0].digits, 16) >= _ADDRESS

    @cached_property
    def offset_digits(self) -> int:
        """How many digits the offsets have, as most of them do."""
        lengths = Counter(len(row.digits) for row in self.rows[:1000])
        return max(lengths, key=lambda length: (lengths[length], -length))

    @cached_property
    def item_width(self) -> int:
        """How many digits an item has, as most of them do."""
        tokens = leading_tokens(self.rows[0], 1)
        if len(self.rows) == 1 and tokens and self.style == (False, True) and not self.label:
            # `xxd -e` puts the last item at the right of its place: 3 blanks and 2 digits are an item of 4.
            text = self.rows[0].line.text
            blanks = len(text) - self.rows[0].start - len(text[self.rows[0].start:].lstrip())
            if len(tokens[0]) < len(tokens[0]) + blanks - 1 in (4, 8, 16):
                return len(tokens[0]) + blanks - 1
        widths: Counter[int] = Counter()
        for row in self.rows[:-1][:1000] or self.rows:
            widths.update(map(len, leading_tokens(row, 2 if len(self.rows) > 1 else 4)))
        return max(widths, key=lambda width: (widths[width], width % 2 == 0, width), default=0)


def leading_tokens(row: Row, limit: int) -> list[str]:
    """The first words after a row's offset that are hexadecimal digits and do not stand apart, as text does."""
    found: list[str] = []
    position, widest = row.start, 0
    while len(found) < limit:
        token = _TOKEN.match(row.line.text, position)
        if token is None or _HEX.fullmatch(token[2]) is None or (found and len(token[1]) > widest):
            break
        widest = widest or max(2, len(token[1]))
        found.append(token[2])
        position = token.end()
    return found


def head(line: Line) -> Row | None:
    """The line as a row, if an offset and something like bytes (or nothing) follow in it."""
    found = _HEAD.match(line.text)
    if found is not None:
        row = Row(line, bool(found[1]), found[2], bool(found[3]), found.end())
        return row if row.is_bare or _has_bytes(row) else row._replace(doubtful=True)
    if ": " not in line.text and ":\t" not in line.text:
        return None
    found = _LABELLED.match(line.text)
    if found is None:
        return None
    label = collapsed(found[1])
    digits = found[3] or found[4]
    colon = line.text.index(":", max(found.end(3), found.end(4)))
    return Row(line, bool(found[2]), digits, True, colon + 1, label)


def collapsed(text: str) -> str:
    """What stands before an offset without what changes from line to line: times in brackets, and numbers."""
    return _NUMBER.sub("#", _STAMP.sub("", text)).strip()


def _has_bytes(row: Row) -> bool:
    """Whether the first word, or most of the first ones, can be items: one damaged item must not hide a row."""
    words = row.line.text[row.start:row.start + 120].replace("│", " ").split()[:4]
    # Only od and hexdump write items of other widths below offsets without 0x or a colon.
    item = _HEX if row.mark or row.colon or 6 <= len(row.digits) <= 9 else _BYTE
    good = sum(item.fullmatch(word) is not None for word in words)
    return item.fullmatch(words[0]) is not None or good * 2 > len(words)


def is_ruler(line: Line) -> bool:
    """The header "00 01 02 03 …" that Format-Hex and hex editors print above the bytes."""
    found = _RULER.match(line.text)
    return found is not None and (found[1] is not None or line.shift + len(line.text) - len(line.text.lstrip()) >= 8)


def find_blocks(lines: Sequence[Line]) -> tuple[list[Block], list[Line]]:
    """All packets written as rows, in order, and the lines after the last of them."""
    blocks: list[Block] = []
    block: Block | None = None
    gap: list[Line] = []
    for line in lines:
        row = head(line)
        if row is not None and row.doubtful and (block is None or gap or not row.is_like(block.rows[-1])):
            row = None
        if row is None or is_ruler(line):
            if block is not None and not gap and line.text.strip() == "*":
                block.stars.add(len(block.rows) - 1)
            else:
                gap.append(line)
            continue
        if row.is_bare:
            if block is not None and block.end is None and row.style == block.rows[0].style:
                block.end = row
            else:
                gap.append(line)
            continue
        if block is not None and row.style != block.rows[0].style and not row.is_zero and any(
                line.text.strip() for line in gap):
            gap.append(line)
            continue
        if block is None or block.end is not None or _begins(row, block, gap):
            block = Block([row], gap)
            blocks.append(block)
        else:
            block.inside.extend(other for other in gap if other.text.strip())
            block.rows.append(row)
        gap = []
    return blocks, gap


def _begins(row: Row, block: Block, gap: list[Line]) -> bool:
    """Whether a row is the first of a packet."""
    if row.is_zero:
        return True
    first = block.rows[0]
    if first.mark or not first.colon or int(first.digits, 16) < _ADDRESS:
        return False
    step = int(row.digits, 16) - int(block.rows[-1].digits, 16)
    return not 0 < step <= 32 and (bool(row.label) or any(line.text.strip() for line in gap))


def are_plausible(blocks: Sequence[Block]) -> bool:
    """Whether the lines that look like rows are rows, and not words of hexadecimal digits.

    "02000000 00020200" begins with eight digits as well; but an offset is marked (0x, a colon), is 0 at first, stands
    apart, or grows evenly.
    """
    for block in blocks:
        first = block.rows[0]
        apart = first.line.text[first.start:first.start + 2].isspace() and not int(first.digits, 16) % 8
        ended = block.end is not None and len(first.digits) in (6, 7)
        if first.mark or first.colon or first.is_zero or apart or ended:
            return True
        offsets = [int(row.digits, 16) for row in block.rows]
        steps = {later - earlier for earlier, later in pairwise(offsets)}
        if len(offsets) > 2 and len(steps) == 1 and 0 < min(steps) <= 256:
            return True
    return False
