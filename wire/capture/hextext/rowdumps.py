"""Dumps whose rows begin with an offset: from the blocks of rows in a text to packets."""

import re
from collections.abc import Sequence
from dataclasses import replace

from .block import Content, Form, read_block, row_step, usual_count
from .choose import Reading, choose
from .facts import Facts, declared_after, gather
from .kernel import Piece, join
from .layouts import LAYOUTS
from .lines import Line
from .model import Dump, HexError, Judge
from .rows import Block, are_plausible, find_blocks, is_ruler
from .tcpdump import check_lengths, is_linkless
from .times import find_time

_FRAME = re.compile(r"(?:Frame|Packet)\b", re.IGNORECASE)


def read_rows(lines: Sequence[Line], judge: Judge | None) -> list[Dump] | None:
    """The packets written as rows with offsets; None if the text has no such rows."""
    blocks, after = find_blocks(lines)
    if not are_plausible(blocks):
        return None
    forms = [_forms(block) for block in blocks]
    if not any(forms) and not any(any(block.style) for block in blocks):
        return None
    pieces: list[Piece] = []
    previous: Block | None = None
    for block, possible in zip(blocks, forms, strict=True):
        _check_strays(block, [*block.before, *block.inside])
        dump = _read(block, possible, judge)
        if previous is not None:
            _check_restart(previous, pieces[-1].dump, block)
        pieces.append(Piece(block.label, dump, block.before))
        previous = block
    _check_strays(blocks[-1], after)
    if len(pieces) == 1 and (declared := declared_after(after)):
        _check_declared(pieces[0].dump, *declared)
    return _frames_only(join(pieces), [gather(block.before) for block in blocks])


def _forms(block: Block) -> list[Form]:
    """The ways in which a block may be written, the likeliest first."""
    width = block.item_width()
    forms = [Form(layout, layout.items(width, order), radix) for layout in LAYOUTS if layout.fits(block, width)
             for radix in layout.radices for order in layout.orders[:1 if width == 2 else None]]
    return [form for form in forms if _steps_agree(block, form)] or forms


def _steps_agree(block: Block, form: Form) -> bool:
    """Whether offsets in this radix advance by what the rows hold in these items."""
    try:
        offsets = [int(row.digits, form.radix) for row in block.rows]
    except ValueError:
        return False
    step = row_step(block, form.items, offsets)
    return step is None or step == usual_count(block, form.items)


def _read(block: Block, forms: Sequence[Form], judge: Judge | None) -> Dump:
    """One block as a packet, in the form that fits it, or that decodes best where several do."""
    first = block.rows[0]
    if not forms:
        raise first.line.error(f"the rows have offsets, but no known format has items of {block.item_width()} digits",
                               first.start)
    readings: list[Reading[tuple[Form, Content]]] = []
    problem: HexError | None = None
    for form in forms:
        try:
            contents = read_block(block, form)
        except HexError as error:
            problem = problem or error
            continue
        described = form.layout.described(form.items.order)
        readings += [Reading(described, (content.data,), (form, content)) for content in contents]
    if problem is not None and not readings:
        raise problem
    (form, content), remark = choose(readings, judge, first.line, all(form.layout.usual for form, _ in
                                                                     (reading.value for reading in readings)))
    facts = gather(block.before)
    dump = Dump(content.data, form.name, first.line.number, facts.time, facts.clock, facts.direction, content.checked,
                (*content.remarks, *facts.remarks, *([remark] if remark else [])), wire_length=facts.wire)
    if first.label and facts.time is None and (time := find_time(first.line.text)):
        dump = replace(dump, time=time.value, clock=time.clock,
                       remarks=(*dump.remarks, *([time.remark] if time.remark else [])))
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


def _check_restart(previous: Block, dump: Dump, block: Block) -> None:
    """Refuse a single row at offset 0 right below a full row, if one wrong digit could have made that 0."""
    row, rows, expected = block.rows[0], previous.rows, len(dump.data)
    step = int(rows[1].digits, 16) - int(rows[0].digits, 16) if len(rows) > 1 else expected
    if block.before or previous.end is not None or len(block.rows) > 1 or previous.style != block.style or step <= 0:
        return
    if expected % step == 0 and len(f"{expected:x}".strip("0")) == 1:
        raise row.line.error(f"offset {row.written} where 0x{expected:0{len(row.digits)}x} was expected (if a new "
                             "packet begins here, put an empty line before it)", row.at)


def _check_strays(block: Block, others: Sequence[Line]) -> None:
    """Refuse lines that hold items like the rows but cannot be read as rows: nothing may be lost in silence."""
    width = block.item_width()
    stray = re.compile(rf"(?:(?<![0-9A-Za-z])[0-9A-Fa-f]{{{width}}}[ \t]+){{3}}")
    for line in others:
        if (found := stray.search(line.text)) and not is_ruler(line):
            raise line.error("the line looks like a row of the dump, but its offset cannot be read", found.start())


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
