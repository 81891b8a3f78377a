"""Why a row cannot be read: the error with the place, the value found and the value expected."""

from collections.abc import Sequence
from typing import NamedTuple

from .display import Display, difference, frame_of
from .items import Items, Token
from .model import HexError
from .rows import Block, Row


class Part(NamedTuple):
    """A row that has been read: its bytes, what follows them on the line, and where they end there."""

    row: Row
    data: bytes
    rest: str
    end: int


def shown_offset(row: Row, radix: int, value: int | None = None) -> str:
    """An offset, or another value, as this row would write it."""
    value = int(row.digits, radix) if value is None else value
    if radix == 16:
        return f"0x{value:0{len(row.digits)}x}"
    return f"{value:0{len(row.digits)}o} (octal)" if radix == 8 else f"{value:0{len(row.digits)}d} (decimal)"


def step_error(block: Block, index: int, items: Items, radix: int, before: int, step: int | None) -> HexError:
    """Row `index` does not begin where the row before it (at `before`) ends."""
    row, previous = block.rows[index], block.rows[index - 1]
    value = int(row.digits, radix)
    if step is None:
        return row.line.error(f"the offset {shown_offset(row, radix)} cannot follow {shown_offset(previous, radix)}",
                              row.at)
    if index - 1 in block.stars:
        return row.line.error(f"the offset {shown_offset(row, radix)} cannot follow the rows left out (*) after "
                              f"{shown_offset(previous, radix)}", row.at)
    gap = value - before
    own = sum(len(token.text) == items.width
              for token in items.tokens(previous.line.text, previous.start, step)) * items.size
    if gap > 0 and own == gap and own < step:
        why = f"the row before it, line {previous.line.number}, holds {own} bytes where the others hold {step}"
    elif gap > step and gap % step == 0:
        count = gap // step - 1
        why = "a row is missing" if count == 1 else f"{count} rows are missing"
    elif gap <= 0 and gap % step == 0:
        why = "rows are repeated or out of order"
    else:
        why = "the offset is damaged, or bytes are missing before it"
    return row.line.error(f"offset {shown_offset(row, radix)} where {shown_offset(row, radix, before + step)} was "
                          f"expected: {why}", row.at)


def row_error(row: Row, items: Items, step: int) -> HexError:
    """A row that should hold `step` bytes and does not."""
    tokens = items.tokens(row.line.text, row.start, step)
    count = -(-step // items.size)
    for index, token in enumerate(tokens):
        width = items.last_width(step) if index == count - 1 else items.width
        if len(token.text) != width:
            if _stands_apart(token, index) and not _goes_on(tokens, index, items):
                return _short(row, items, index, step, token.start)
            return width_error(row, token, width)
    end = tokens[-1].end if tokens else row.start
    if len(tokens) == count:
        return _not_digits(row, end)
    word, at = _next_word(row, end)
    if word and at - end < 2 and len(word) <= 2 * items.width:
        return _not_digits(row, at)
    return _short(row, items, len(tokens), step, end)


def loose_error(row: Row, items: Items, tokens: Sequence[Token], data: bytes, step: int | None, frame: str | None,
                display: Display, exact: int | None) -> HexError:
    """A last or only row that cannot be split into bytes and a text column that agrees."""
    count = 0
    for index, token in enumerate(tokens):
        apart = _stands_apart(token, index)
        if len(token.text) != items.width:
            follows = tokens[index + 1:index + 2]
            if not apart and not (items.is_partial(len(token.text)) and (not follows or len(follows[0].gap) > 1)):
                return width_error(row, token, items.width)
            if not items.is_partial(len(token.text)):
                break
        elif apart and index % 8:
            break
        count = index + 1
    if not count:
        return _not_digits(row, _next_word(row, row.start)[1])
    end = tokens[count - 1].end
    data = data[:count * items.size]
    rest = row.line.text[end:]
    if exact is not None and not 0 <= len(data) - exact < items.size:
        return row.line.error(f"the row holds {len(data)} bytes; by the offset after it, it should hold {exact}",
                              row.start)
    if frame in (None, "none"):
        word, at = _next_word(row, end)
        if frame is None and frame_of(rest, len(data)) != "none" and at - end > 1:
            return column_error(Part(row, data, rest, end), frame_of(rest, len(data)), display, items)
        if step is not None and len(data) >= step and word:
            return row.line.error(f"the row holds more than the {step} bytes of the others", at)
        return _not_digits(row, at)
    if not rest.strip():
        return row.line.error("the text column of the other rows is missing here: the row is cut off", end)
    return column_error(Part(row, data, rest, end), frame or "plain", display, items)


def column_error(part: Part, frame: str, display: Display, items: Items) -> HexError:
    """A row whose text column contradicts its bytes."""
    line = part.row.line
    shown = part.rest.strip()
    if frame == "none":
        return line.error(f"the text {shown[:20]!r} follows the bytes, unlike in the other rows", part.end)
    if not shown:
        return line.error("the text column of the other rows is missing here: the row is cut off", part.end)
    found = difference(part.rest, part.data, frame, display)
    if found is None:
        return line.error(f"the text column {shown!r} does not belong to the {len(part.data)} bytes of the row",
                          part.end)
    place, shown = found
    tokens = items.tokens(line.text, part.row.start, len(part.data))
    token = tokens[min(place // items.size, len(tokens) - 1)]
    return line.error(contradiction(part.data, place, shown, display), token.start)


def contradiction(data: bytes, place: int, shown: str, display: Display) -> str:
    """In words: the text column shows something else for a byte than its tool prints."""
    value = data[place:place + 1]
    return (f"byte {place} of the row is 0x{value.hex()}, for which the text column should show {display.of(value)!r}; "
            f"it shows {shown!r} (0x{ord(shown):02x})")


def width_error(row: Row, token: Token, width: int) -> HexError:
    """An item that has lost or gained digits."""
    many = "digit" if len(token.text) == 1 else "digits"
    return row.line.error(f"'{token.text}' has {len(token.text)} {many} where {width} were expected", token.start)


def _short(row: Row, items: Items, count: int, step: int, at: int) -> HexError:
    return row.line.error(f"the row holds {count * items.size} bytes where {step} were expected", at)


def _not_digits(row: Row, at: int) -> HexError:
    word, start = _next_word(row, at)
    if not word:
        return row.line.error("the row ends without bytes: it is cut off", min(at, len(row.line.text)))
    return row.line.error(f"'{word[:20]}' is not a group of digits like the others", start)


def _next_word(row: Row, at: int) -> tuple[str, int]:
    text = row.line.text
    start = at
    while start < len(text) and text[start] in " \t│":
        start += 1
    return (text[start:].split(None, 1) or [""])[0], start


def _stands_apart(token: Token, index: int) -> bool:
    return index > 0 and (len(token.gap) > 1 or "\t" in token.gap)


def _goes_on(tokens: Sequence[Token], index: int, items: Items) -> bool:
    """Whether well-formed items follow a damaged one, so that it is not the text column."""
    return any(len(token.text) == items.width for token in tokens[index + 1:index + 3])
