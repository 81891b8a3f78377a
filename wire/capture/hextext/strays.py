"""Lines round the rows that may not be passed over in silence: wrapped or damaged rows, and rows that begin anew where
they should go on."""

import re
from collections.abc import Sequence

from .facts import names_source
from .lines import Line
from .patterns import regex
from .rows import Block, collapsed, head, is_ruler
from .times import find_time

_ALONE = regex(r"[ \t]*([0-9A-Fa-f]{6,9})[ \t]*")
# Only digits, or digits that stand apart from what follows; but not the number of a packet.
_WRAPPED = regex(
    r"[ \t]*(?:0x[0-9A-Fa-f]*[ \t]*$|(?!(?:0|[1-9]\d{0,2})[ \t]*$)[0-9A-Fa-f]{2,}(?:[ \t]+[0-9A-Fa-f]{2,})*"
    r"(?:[ \t]*$|[ \t]{2,}|(?<=[0-9A-Fa-f]{8})[ \t]))")
_ITEMS = regex(r"(?<![0-9A-Za-z])(?:(?:[0-9A-Fa-f]{2} ){5}|(?:[0-9A-Fa-f]{4} ){4}|(?:[0-9A-Fa-f]{8} ){3}"
               r"|[0-9A-Fa-f]{2,}: +[0-9A-Fa-f]{8,}(?![0-9A-Za-z]))")
_SOME_HEX = regex(r"[0-9A-Fa-f]{4}")
_LETTERS = {16: "x", 8: "o", 10: "d"}


def check_strays(block: Block, others: Sequence[Line]) -> None:
    """Refuse lines that hold items like the rows but cannot be read as rows."""
    damaged = head(block.before[-1]) if block.before else None
    if damaged is not None and damaged.doubtful and damaged.is_like(block.rows[0]):
        raise damaged.line.error("the line looks like a row of the dump, but its bytes cannot be read", damaged.start)
    stray = re.compile(rf"(?:(?<![0-9A-Za-z])[0-9A-Fa-f]{{{block.item_width}}}[ \t]+){{3}}")
    for line in others:
        if (found := stray.search(line.text)) and not is_ruler(line):
            raise line.error("the line looks like a row of the dump, but its offset cannot be read", found.start())
        alone = _ALONE.fullmatch(line.text)
        if alone and len(alone[1]) == block.offset_digits and block.style == (False, False) and alone[1].strip("0"):
            raise line.error("an offset stands alone where no rows end: rows are out of order or missing", 0)


def check_follower(block: Block, size: int, radix: int, others: Sequence[Line]) -> None:
    """Refuse a line right below the last row that is the rest of a wrapped row, or a row with a damaged offset.

    `size` is the number of bytes in the block, `radix` the base of its offsets, `others` the lines that follow it.
    """
    if not others or block.end is not None or not others[0].text.strip():
        return
    line = others[0]
    timed = find_time(line.text) is not None
    if _WRAPPED.match(line.text) and not timed:
        raise line.error("the line looks like the rest of the row above it, or like a row that lost its offset", 0)
    if block.label:
        if collapsed(line.text).startswith(block.label) and _SOME_HEX.search(line.text):
            raise line.error("the line is labelled like the rows above it, but cannot be read as one", 0)
        return
    last, width = int(block.rows[-1].digits, radix), len(block.rows[-1].digits)
    step = last - int(block.rows[-2].digits, radix) if len(block.rows) > 1 else size
    following = f"{last + (16 if block.is_addressed else step):0{width}{_LETTERS[radix]}}"
    # One wrong character may stand anywhere in the offset.
    near = "|".join([following, *(f"{following[:at]}.{following[at:]}" for at in range(1, len(following)))])
    for line in others[:1 if timed else 2]:
        if re.search(near, line.text[:width + 8], re.IGNORECASE) and not find_time(line.text):
            raise line.error("the line looks like the next row of the dump, but its offset is damaged", 0)


def check_source(before: Block | None, block: Block) -> None:
    """Refuse rows without a data source right below those that had one, and a data source without rows."""
    sources = [line for line in block.before if names_source(line)]
    if misplaced := next(filter(names_source, block.inside), None):
        raise misplaced.error("the rows of another data source should begin below this line: some are missing")
    if sources[:-1] or (sources and sources[-1] is not block.before[-1]):
        raise sources[0].error("no rows follow this line: they are missing")
    apart = any(not line.text.strip() for line in block.before)
    if before is not None and not sources and not apart and any(map(names_source, before.before)):
        raise block.rows[0].line.error("rows begin here without a line that names them, like the one above the other "
                                       "rows (\"Frame (74 bytes):\")", block.rows[0].at)


def check_restart(before: Block, size: int, block: Block) -> None:
    """Refuse a new packet right below another of `size` bytes, without a line between, if one wrong digit or a repeated
    row could have made it."""
    row = block.rows[0]
    if block.before or before.end is not None or (before.style, before.label) != (block.style, block.label):
        return
    if len(before.rows) == 1 and before.rows[0].line.text == row.line.text:
        raise row.line.error("the row stands here twice", row.at)
    if before.offset_digits != block.offset_digits:
        raise row.line.error(f"the offset {row.written} has {len(row.digits)} digits where {before.offset_digits} were "
                             "expected", row.at)
    if len(block.rows) > 1:
        return
    step = int(before.rows[1].digits, 16) - int(before.rows[0].digits, 16) if len(before.rows) > 1 else 16
    if step > 0 and size % step == 0 and len(f"{size:x}".strip("0")) == 1:
        raise row.line.error(f"offset {row.written} where 0x{size:0{len(row.digits)}x} was expected (if a new packet "
                             "begins here, put an empty line before it)", row.at)


def refuse_rows(lines: Sequence[Line]) -> None:
    """HexError if some line is a row after all, though nothing could read it."""
    for line in lines:
        row = head(line)
        begins = row is not None and not row.is_bare and row.is_zero and (row.mark or row.colon)
        items = _ITEMS.search(line.text)
        if begins or (items and not set("'\"") & set(line.text[:items.start()])):
            raise line.error("the line looks like a row of a dump, but its offset or its bytes cannot be read")
