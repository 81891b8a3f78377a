"""Dumps whose rows begin with an offset: from the blocks of rows in a text to packets."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from .block import Content, Form, read_block, steps_agree
from .choose import Reading, choose
from .facts import Facts, declared_after, gather, names_source
from .kernel import Piece, join
from .layouts import LAYOUTS
from .lines import Line
from .model import Dump, HexError, Judge
from .rows import Block, are_plausible, collapsed, find_blocks, head, is_ruler
from .tcpdump import check_lengths, is_linkless
from .times import find_time

_PROBED = 12
_ALONE = re.compile(r"[ \t]*([0-9A-Fa-f]{6,9})[ \t]*")
# Only digits, or digits that stand apart from what follows; but not the number of a packet.
_WRAPPED = re.compile(r"[ \t]*(?:0x)?(?!(?:0|[1-9]\d{0,2})[ \t]*$)[0-9A-Fa-f]{2,}(?:[ \t]+[0-9A-Fa-f]{2,})*"
                      r"(?:[ \t]*$|[ \t]{2,}|(?<=[0-9A-Fa-f]{8})[ \t])")
_ITEMS = re.compile(r"(?<![0-9A-Za-z])(?:(?:[0-9A-Fa-f]{2} ){5}|(?:[0-9A-Fa-f]{4} ){4}|(?:[0-9A-Fa-f]{8} ){3}"
                    r"|[0-9A-Fa-f]{2,}: +[0-9A-Fa-f]{8,}(?![0-9A-Za-z]))")
_SOME_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_LETTERS = {16: "x", 8: "o", 10: "d"}
_FRAME = re.compile(r"(?:Frame|Packet)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Settled:
    """A block with the form that it turned out to have, its content, and a remark about that choice."""

    block: Block
    form: Form
    content: Content
    remark: str | None


def refuse_rows(lines: Sequence[Line]) -> None:
    """HexError if some line is a row after all, though nothing could read it."""
    for line in lines:
        row = head(line)
        begins = row is not None and not row.is_bare and row.is_zero and (row.mark or row.colon)
        items = _ITEMS.search(line.text)
        if begins or (items and not set("'\"") & set(line.text[:items.start()])):
            raise line.error("the line looks like a row of a dump, but its offset or its bytes cannot be read")


def read_rows(lines: Sequence[Line], judge: Judge | None) -> list[Dump] | None:
    """The packets written as rows with offsets; None if the text has no such rows."""
    blocks, after = find_blocks(lines)
    if not are_plausible(blocks):
        return None
    forms = [_forms(block) for block in blocks]
    if not any(forms) and not any(any(block.style) for block in blocks):
        return None
    settled: list[_Settled] = []
    for block, possible in zip(blocks, forms, strict=True):
        _check_strays(block, [*block.before, *block.inside])
        found = _settle(block, possible, judge)
        _check_source(settled[-1].block if settled else None, block)
        if settled:
            _check_restart(settled[-1], block)
            _check_follower(settled[-1], block.before)
        settled.append(found)
    _check_strays(blocks[-1], after)
    _check_follower(settled[-1], after)
    pieces = [Piece(found.block.label, _dump(found), found.block.before) for found in _whole_packets(settled)]
    if len(pieces) == 1 and (declared := declared_after(after)):
        pieces = [replace(pieces[0], dump=_check_declared(pieces[0].dump, *declared))]
    return _frames_only(join(pieces), [gather(piece.before) for piece in pieces])


def _forms(block: Block) -> list[Form]:
    """The ways in which a block may be written, the likeliest first."""
    width = block.item_width
    forms = [Form(layout, layout.items(width, order), radix) for layout in LAYOUTS if layout.fits(block, width)
             for radix in layout.radices for order in layout.orders[:1 if width == 2 else None]]
    return forms if len(forms) == 1 else [form for form in forms if steps_agree(block, form)] or forms


def _settle(block: Block, forms: Sequence[Form], judge: Judge | None) -> _Settled:
    """Read a block in the form that fits it, or that decodes best where several do."""
    first = block.rows[0]
    if not forms:
        raise first.line.error(f"the rows have offsets, but no known format has offsets of {block.offset_digits} "
                               f"and items of {block.item_width} digits", first.at)
    readings: list[Reading[tuple[Form, Content]]] = []
    problem: HexError | None = None
    for form in _not_contradicted(block, forms):
        try:
            contents = read_block(block, form)
        except HexError as error:
            problem = problem or error
            continue
        name = form.layout.described(form.items.order, form.radix)
        readings += [Reading(name, (content.data,), (form, content)) for content in contents]
    if problem is not None and not readings:
        raise problem
    usual = all(reading.value[0].layout.usual for reading in readings)
    (form, content), remark = choose(readings, judge, first.line, usual)
    return _Settled(block, form, content, remark)


def _not_contradicted(block: Block, forms: Sequence[Form]) -> Sequence[Form]:
    """The forms that the first rows of a long block allow, so that the others need not read all of it."""
    if len(forms) == 1 or len(block.rows) <= 2 * _PROBED:
        return forms
    probe = Block(block.rows[:_PROBED], block.before, {star for star in block.stars if star < _PROBED - 1})
    fitting = []
    for form in forms:
        with suppress(HexError):
            read_block(probe, form)
            fitting.append(form)
    return fitting or forms[:1]


def _whole_packets(settled: Sequence[_Settled]) -> list[_Settled]:
    """Without the bytes that tcpdump prints inside a summary (what it cannot dissect): the packet's own rows, which
    hold them too, follow with nothing or more of the summary between."""
    groups: list[list[_Settled]] = []
    for found in settled:
        if groups and _goes_on(groups[-1][-1].block, found.block):
            groups[-1].append(found)
        else:
            groups.append([found])
    kept: list[_Settled] = []
    for group in groups:
        whole = group[-1]
        if any(line.text.strip() for line in group[0].block.before) and all(
                part.content.data in whole.content.data for part in group):
            whole.block.before[:0] = [line for part in group[:-1] for line in part.block.before]
            group = [whole]
        kept += group
    return kept


def _goes_on(before: Block, block: Block) -> bool:
    """Whether both blocks may belong to one packet of tcpdump's: no new summary, unindented, stands between them."""
    return before.style == block.style == (True, True) and all(
        line.text[:1] in " \t" and line.text.strip() and not find_time(line.text) for line in block.before)


def _dump(found: _Settled) -> Dump:
    """A block as a packet, with what the lines before it say."""
    block, content, first = found.block, found.content, found.block.rows[0]
    facts = gather(block.before)
    remarks = [*content.remarks, *facts.remarks, *([found.remark] if found.remark else [])]
    if first.label and facts.time is None and (time := find_time(first.line.text)):
        facts.time, facts.clock = time.value, time.clock
        remarks += [time.remark] if time.remark else []
    dump = Dump(content.data, found.form.name, first.line.number, facts.time, facts.clock, facts.direction,
                content.checked, tuple(remarks), wire_length=facts.wire)
    if facts.captured is not None and facts.captured_at is not None:
        dump = _check_declared(dump, facts.captured, facts.captured_at)
    return _from_tcpdump(dump, facts, block) if first.mark else dump


def _from_tcpdump(dump: Dump, facts: Facts, block: Block) -> Dump:
    """Settle what the 0x-marked formats leave open: the link layer, and the lengths in the summary."""
    row = block.rows[0]
    linkless = is_linkless(dump.data, facts)
    checked, remarks = check_lengths(dump.data, linkless, facts, row)
    name = dump.format
    if name == "tcpdump -x":
        letter = "X" if "ascii" in dump.checked else "x"
        name = f"tcpdump -{letter}" if linkless else f"tcpdump -{letter * 2}"
        if linkless is None:
            remarks.append(f"nothing tells whether the link layer is left out (-{letter}) or there (-{letter * 2}): "
                           "read as there")
    return replace(dump, format=name, linkless=bool(linkless), checked=(*dump.checked, *checked),
                   remarks=(*dump.remarks, *remarks))


def _check_declared(dump: Dump, length: int, line: Line) -> Dump:
    if len(dump.data) != length:
        raise line.error(f"{length} bytes are declared here; the rows from line {dump.line} on hold {len(dump.data)}")
    return replace(dump, checked=(*dump.checked, "declared length"))


def _check_restart(previous: _Settled, block: Block) -> None:
    """Refuse a new packet right below another, without a line between, if one wrong digit or row could have made it."""
    row, before, expected = block.rows[0], previous.block, len(previous.content.data)
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
    if step > 0 and expected % step == 0 and len(f"{expected:x}".strip("0")) == 1:
        raise row.line.error(f"offset {row.written} where 0x{expected:0{len(row.digits)}x} was expected (if a new "
                             "packet begins here, put an empty line before it)", row.at)


def _check_strays(block: Block, others: Sequence[Line]) -> None:
    """Refuse lines that hold items like the rows but cannot be read as rows: nothing may be lost in silence."""
    stray = re.compile(rf"(?:(?<![0-9A-Za-z])[0-9A-Fa-f]{{{block.item_width}}}[ \t]+){{3}}")
    damaged = head(block.before[-1]) if block.before else None
    if damaged is not None and damaged.doubtful and damaged.is_like(block.rows[0]):
        raise damaged.line.error("the line looks like a row of the dump, but its bytes cannot be read", damaged.start)
    for line in others:
        if (found := stray.search(line.text)) and not is_ruler(line):
            raise line.error("the line looks like a row of the dump, but its offset cannot be read", found.start())
        alone = _ALONE.fullmatch(line.text)
        if alone and len(alone[1]) == block.offset_digits and block.style == (False, False) and alone[1].strip("0"):
            raise line.error("an offset stands alone where no rows end: rows are out of order or missing", 0)


def _check_follower(settled: _Settled, others: Sequence[Line]) -> None:
    """Refuse a line right below the last row that is the rest of a wrapped row, or a row with a damaged offset."""
    block = settled.block
    if not others or block.end is not None or not others[0].text.strip():
        return
    line = others[0]
    if _WRAPPED.match(line.text) and not find_time(line.text):
        raise line.error("the line looks like the rest of the row above it, or like a row that lost its offset", 0)
    if block.label:
        if collapsed(line.text).startswith(block.label) and _SOME_HEX.search(line.text):
            raise line.error("the line is labelled like the rows above it, but cannot be read as one", 0)
        return
    if find_time(line.text):
        return
    radix, rows = settled.form.radix, block.rows
    last = int(rows[-1].digits, radix)
    step = last - int(rows[-2].digits, radix) if len(rows) > 1 else len(settled.content.data)
    step = 16 if block.is_addressed else step
    following = f"{last + step:0{len(rows[-1].digits)}{_LETTERS[radix]}}"
    # One wrong character may stand anywhere in the offset.
    near = "|".join([following, *(f"{following[:at]}.{following[at:]}" for at in range(1, len(following)))])
    if re.search(near, line.text[:len(following) + 8], re.IGNORECASE):
        raise line.error("the line looks like the next row of the dump, but its offset is damaged", 0)


def _check_source(before: Block | None, block: Block) -> None:
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


def _frames_only(dumps: list[Dump], facts: Sequence[Facts]) -> list[Dump]:
    """Without tshark's further data sources (reassembled, decrypted … bytes), which are no frames."""
    if len(dumps) != len(facts):
        return dumps
    kept: list[Dump] = []
    for dump, fact in zip(dumps, facts, strict=True):
        if fact.source is None or _FRAME.match(fact.source):
            kept.append(dump)
        elif kept:
            remark = f"left out: {fact.source} ({len(dump.data)} bytes), which is not a frame"
            kept[-1] = replace(kept[-1], remarks=(*kept[-1].remarks, remark))
        else:
            kept.append(replace(dump, remarks=(*dump.remarks, f"these bytes are {fact.source}, not a frame")))
    return kept
