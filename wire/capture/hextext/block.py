"""Reading the rows of one packet strictly: offsets must follow each other, every row must be full but the last, every
item must have its digits, and the text column must agree. Nothing is skipped and nothing is mended."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from .display import Display, agrees, frame_of
from .explain import Part, column_error, loose_error, row_error, shown_offset, step_error
from .items import Items, Token
from .layouts import Layout
from .rows import Block, Row

# More than any packet has; only squeezed rows (`*`) could ask for more.
_MOST_BYTES = 1 << 24
_MOST_IN_ROW = 4096
_SAMPLE = 32


class Form(NamedTuple):
    """One way to read a block: a layout with everything settled that it leaves open."""

    layout: Layout
    items: Items
    radix: int

    @property
    def name(self) -> str:
        return self.layout.called(self.items.order)


class Content(NamedTuple):
    """The bytes of a block read in one form, what vouched for them, and what the user should know."""

    data: bytes
    checked: tuple[str, ...]
    remarks: tuple[str, ...]


class _Column(NamedTuple):
    """The text column: how it is framed (None: no full row has shown it) and the displays that it may follow."""

    frame: str | None
    displays: Sequence[Display]


def read_block(block: Block, form: Form) -> list[Content]:
    """The bytes of a block in the given form, or several readings where its last row can be split in several places.

    HexError names the first thing that contradicts the form.
    """
    offsets = _offsets(block, form)
    final = _final_offset(block, form, offsets)
    step = row_step(block, form.items, offsets)
    _check_offsets(block, form, offsets, step)
    parts = _full_rows(block, form, step)
    column = _text_column(form, [parts[index] for index in sorted(parts)], offsets)
    last = len(block.rows) - 1
    readings = [parts]
    for index in sorted({0, last} - parts.keys()):
        exact = final - offsets[last] if final is not None and index == last and last not in block.stars else None
        found = _loose_row(block.rows[index], form, step, column, exact, offsets[index])
        readings = [{**reading, index: part} for reading in readings for part in found]
    return [_assemble(block, form, offsets, final, reading) for reading in readings]


def steps_agree(block: Block, form: Form) -> bool:
    """Whether the offsets, in the form's radix, advance by what most of the first rows hold."""
    try:
        offsets = [int(row.digits, form.radix) for row in block.rows[:_SAMPLE]]
    except ValueError:
        return False
    step = row_step(block, form.items, offsets)
    if step is None:
        return True
    rows = block.rows[:-1][:_SAMPLE]
    pattern = form.items.row(step)
    full = 0
    for row in rows:
        match = pattern.match(row.line.text, row.start)
        more = form.items.tokens(row.line.text, match.end(), form.items.size) if match else []
        full += match is not None and not (more and len(more[0].text) == form.items.width)
    return full * 2 >= len(rows)


def _usual_count(block: Block, items: Items) -> int:
    """How many bytes the items of most rows hold, as far as a text column does not look like items too."""
    counts: Counter[int] = Counter()
    for row in block.rows[:_SAMPLE]:
        tokens = items.tokens(row.line.text, row.start, _MOST_IN_ROW)
        counts[sum(len(token.text) == items.width for token in tokens) * items.size] += 1
    return max(counts, key=lambda count: (counts[count], count))


def row_step(block: Block, items: Items, offsets: Sequence[int]) -> int | None:
    """The bytes of a full row, as the offsets tell; None where no two rows follow each other."""
    steps = Counter(b - a for index, (a, b) in enumerate(pairwise(offsets)) if index not in block.stars)
    if not steps:
        return None
    step, votes = steps.most_common(1)[0]
    if step > 0 and (votes > 1 or block.is_addressed):
        return step
    own = _usual_count(block, items)
    if own and (step <= 0 or own in steps or step % own == 0):
        return own
    return step if 0 < step <= _MOST_IN_ROW else None


def _offsets(block: Block, form: Form) -> list[int]:
    style, digits = block.style, block.offset_digits
    found = []
    for row in block.rows if block.end is None else [*block.rows, block.end]:
        if row.label != block.label and not row.mark:
            raise row.line.error(f"the label {row.label!r} stands before this row, unlike before the others", 0)
        if row.style != style:
            raise row.line.error(f"the offset {row.written} is not written like those of the other rows", row.at)
        if len(row.digits) != digits and (len(row.digits) < digits or row.digits[0] == "0"):
            raise row.line.error(f"the offset {row.written} has {len(row.digits)} digits where {digits} were expected",
                                 row.at)
        try:
            found.append(int(row.digits, form.radix))
        except ValueError:
            kind = {8: "octal", 10: "decimal"}[form.radix]
            raise row.line.error(f"the offset {row.written} is not {kind} like the others", row.at) from None
    return found[:len(block.rows)]


def _final_offset(block: Block, form: Form, offsets: Sequence[int]) -> int | None:
    """The length that the last line declares, if there is such a line."""
    if block.end is None:
        return None
    if form.layout.final is False:
        raise block.end.line.error(f"no bytes follow the offset {block.end.written}: the row is cut off", block.end.at)
    final = int(block.end.digits, form.radix)
    if final <= offsets[-1]:
        raise block.end.line.error(f"the last line says that the dump ends at {shown_offset(block.end, form.radix)}, "
                                   f"but the row before it begins at {shown_offset(block.rows[-1], form.radix)}",
                                   block.end.at)
    return final


def _check_offsets(block: Block, form: Form, offsets: Sequence[int], step: int | None) -> None:
    first = block.rows[0]
    if offsets[0] != 0 and not block.is_addressed:
        raise first.line.error(f"the first offset is {shown_offset(first, form.radix)}, not 0: the rows before it are "
                               "missing (where the dump was made from there on, remove the offsets)", first.at)
    for index, (before, after) in enumerate(pairwise(offsets)):
        if index in block.stars:
            wrong = after <= before or (step is not None and (after - before) % step)
        else:
            wrong = after - before != step
        if wrong:
            raise step_error(block, index + 1, form.items, form.radix, before, step)


def _full_rows(block: Block, form: Form, step: int | None) -> dict[int, Part]:
    """The rows that must hold `step` bytes: all but the last, and that too where it was repeated."""
    if step is None:
        return {}
    pattern = form.items.row(step)
    last = len(block.rows) - 1
    parts = {}
    for index, row in enumerate(block.rows):
        if index == last and index not in block.stars:
            break
        text = row.line.text
        match = pattern.match(text, row.start)
        if match is None:
            if index == 0 and block.is_addressed:
                continue
            raise row_error(row, form.items, step)
        try:
            data = form.items.bytes_of(match[1])
        except ValueError as error:
            raise row.line.error(str(error), match.start(1)) from None
        parts[index] = Part(row, data, text[match.end():], match.end())
    return parts


def _text_column(form: Form, parts: Sequence[Part], offsets: Sequence[int]) -> _Column:
    """What the full rows show after their bytes: all in one frame, all following one display."""
    displays = form.layout.displays
    votes = Counter(frame_of(part.rest, len(part.data)) for part in parts
                    if part.rest.strip() or displays[0].of(part.data).strip())
    if not votes:
        return _Column(None, displays)
    frame = votes.most_common(1)[0][0]
    worst: Part | None = None
    fitting = []
    for display in displays:
        wrong = next((part for part in parts if not agrees(part.rest, part.data, frame, display)), None)
        if wrong is None:
            fitting.append(display)
        elif worst is None or wrong.row.line.number > worst.row.line.number:
            worst, blamed = wrong, display
    if worst is not None and not fitting:
        raise column_error(worst, frame, blamed, form.items)
    return _Column(frame, fitting)


def _loose_row(row: Row, form: Form, step: int | None, column: _Column, exact: int | None, offset: int) -> list[Part]:
    """The ways to split a row whose length nothing fixes: a last row, or the only one."""
    items, pads = form.items, form.layout.pads
    text = row.line.text
    tokens = items.tokens(text, row.start, step or _MOST_IN_ROW)
    collapsed = "  " not in text[row.start:].strip() and "\t" not in text[row.start:].strip()
    whole = next((index for index, token in enumerate(tokens) if len(token.text) != items.width), len(tokens))
    try:
        data = items.bytes_of(text[tokens[0].start:tokens[whole - 1].end]) if whole else b""
        sizes = [index * items.size for index in range(1, whole + 1)]
        if whole < len(tokens) and not pads and _is_last(tokens[whole], items, collapsed):
            data += items.bytes_of(tokens[whole].text)
            sizes.append(len(data))
    except ValueError as error:
        raise row.line.error(str(error), row.start) from None
    found: list[tuple[bool, Part]] = []
    for index, size in enumerate(sizes):
        rest = text[tokens[index].end:]
        for length in range(size, size - items.size if pads else size - 1, -1):
            if exact not in (None, length) or data[length:size].strip(b"\0"):
                continue
            frame = column.frame or frame_of(rest, length)
            if frame == "none" and ((length < size and exact is None) or _has_gaps(tokens[:index + 1], items)):
                continue
            clear = rest[:2].isspace() or rest[:1] == "\t" or length == step or frame in ("bars", "angles")
            if frame == "plain" and rest.strip() and not (clear or collapsed or length == 16):
                continue
            if any(agrees(rest, data[:length], frame, display) for display in column.displays):
                found.append((clear and frame != "none", Part(row, data[:length], rest, tokens[index].end)))
    if not found:
        raise loose_error(row, items, tokens, data, step, column.frame, column.displays[0], exact)
    # Text that stands apart and agrees with the bytes is a text column, and not more bytes.
    best = [part for clear, part in found if clear] or [part for _, part in found]
    return list({part.data: part for part in best}.values())


def _is_last(token: Token, items: Items, collapsed: bool) -> bool:
    """Whether a group of too few digits may be the last item: little-endian ones are filled up with blanks before."""
    filled = len(token.gap) > items.width - len(token.text)
    return items.is_partial(len(token.text)) and (collapsed or filled == (items.order == "little"))


def _has_gaps(tokens: Sequence[Token], items: Items) -> bool:
    """Whether a group stands so far from the one before that it must be text; a short last one may be filled up."""
    usual = max(2, len(tokens[0].gap))
    return any(len(token.gap) - max(0, items.width - len(token.text)) > usual for token in tokens[1:])


def _assemble(block: Block, form: Form, offsets: Sequence[int], final: int | None, parts: dict[int, Part]) -> Content:
    """All rows together, with the squeezed ones put back."""
    pieces = []
    last = len(block.rows) - 1
    for index, row in enumerate(block.rows):
        data = parts[index].data
        if index in block.stars:
            until = offsets[index + 1] if index < last else final
            if until is None:
                raise row.line.error("rows were left out after this one (*), and no offset says how many", row.at)
            repeats, odd = divmod(until - offsets[index], len(data))
            if odd or until - offsets[0] > _MOST_BYTES:
                raise row.line.error(f"the rows left out after this one (*) would hold {until - offsets[index]} bytes, "
                                     f"which is no number of rows of {len(data)} bytes in a packet", row.at)
            data *= repeats
        pieces.append(data)
    whole = b"".join(pieces)
    if final is not None and block.end is not None and len(whole) != final - offsets[0]:
        raise block.end.line.error(f"the last line says that the dump has {final - offsets[0]} bytes; the rows hold "
                                   f"{len(whole)}", block.end.at)
    remarks = []
    if block.is_addressed:
        _check_alignment(parts, last)
        remarks.append("the offsets are addresses: a missing first row would not be noticed")
    if form.layout.final and final is None:
        padding = ", and its last byte may be padding" if form.layout.pads and not whole[-1] else ""
        remarks.append(f"the last line with the length is missing: the dump may go on{padding}")
    checked = ["offsets"] if last > 0 or final is not None else []
    if final is not None:
        checked.append("final offset")
    if any(part.rest.strip() for part in parts.values()):
        checked.append("ascii")
    checked.append("item width")
    return Content(whole, tuple(checked), tuple(remarks))


def _check_alignment(parts: dict[int, Part], last: int) -> None:
    """A first row that begins in its middle (Cisco IOS) must end where the next row, if it is full, ends."""
    if last < 2 or len(parts[0].data) == len(parts[1].data):
        return
    first, second = parts[0], parts[1]
    if first.end - first.row.start != second.end - second.row.start:
        raise first.row.line.error(f"the row holds {len(first.data)} bytes that stand neither at its beginning nor at "
                                   "its end: some are missing", first.row.start)
