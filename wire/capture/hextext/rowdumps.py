"""Dumps whose rows begin with an offset: from the blocks of rows in a text to packets."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from .block import Content, Form, read_block, steps_agree
from .choose import Reading, choose
from .facts import Facts, declared_after, gather
from .kernel import Piece, join
from .layouts import LAYOUTS
from .lines import Line
from .model import Dump, HexError, Judge
from .patterns import regex
from .rows import Block, are_plausible, find_blocks
from .strays import check_follower, check_restart, check_source, check_strays
from .tcpdump import check_lengths, is_linkless
from .times import find_time

_PROBED = 12
_FRAME = regex(r"(?:Frame|Packet)\b", re.IGNORECASE)


class _Settled(NamedTuple):
    """A block with the form that it turned out to have, its content, and a remark about that choice."""

    block: Block
    form: Form
    content: Content
    remark: str | None


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
        check_strays(block, [*block.before, *block.inside])
        found = _settle(block, possible, judge)
        check_source(settled[-1].block if settled else None, block)
        if settled:
            before = settled[-1]
            check_restart(before.block, len(before.content.data), block)
            check_follower(before.block, len(before.content.data), before.form.radix, block.before)
        settled.append(found)
    check_strays(blocks[-1], after)
    check_follower(blocks[-1], len(settled[-1].content.data), settled[-1].form.radix, after)
    pieces = [Piece(found.block.label, _dump(found), found.block.before) for found in _whole_packets(settled)]
    if len(pieces) == 1 and (declared := declared_after(after)):
        pieces = [pieces[0]._replace(dump=_check_declared(pieces[0].dump, *declared))]
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
