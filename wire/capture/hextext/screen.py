"""What `wire decode` itself prints: a tree of fields with their bytes at the left, and a hex dump below.

Of a whole screen the dump counts, and the bytes beside the fields must agree with it. A tree without a dump is read
from the fields, whose offsets must follow each other.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from .display import DOT
from .facts import declared_after
from .lines import Line
from .model import Dump, HexError, Judge
from .patterns import regex
from .rowdumps import read_rows

_LAYER = regex(r"\s*(?:──|--) ?[^\s─-].*(?:──|--)\s*")
_RULE = regex(r"\s*(?:─{20,}|-{20,})\s*")
_FIELD = regex(r"([0-9a-f]{3,9})  ([0-9A-Za-z]+(?: [0-9A-Za-z]+)*)(?=  |$)")
_PAIR = regex(r"[0-9a-f]{2}")
_NAME = regex(r"(?:[01.]+ [01. ]*= )?[A-Z][A-Za-z0-9 ()/-]*: ")


class _Field(NamedTuple):
    """A row of the tree: an offset and the bytes beside a field's name."""

    line: Line
    digits: str
    at: int
    data: bytes

    @property
    def offset(self) -> int:
        return int(self.digits, 16)


def read_screens(lines: Sequence[Line], judge: Judge | None) -> list[Dump] | None:
    """The packets of `wire decode` screens; None if the text is none."""
    if not any(_LAYER.fullmatch(line.text) for line in lines):
        return [_from_fields(_fields(lines), lines)] if _is_tree(lines) else None
    dumps: list[Dump] = []
    for tree, rest in _screens(lines):
        fields = _fields(tree)
        found = read_rows(rest, judge)
        if found is None:
            if fields:
                dumps.append(_from_fields(fields, [*tree, *rest]))
            continue
        if len(found) > 1:
            raise HexError("more than one dump stands below one tree of fields", found[1].line)
        dumps.append(_compared(found[0], fields, tree))
    return dumps or None


def _screens(lines: Sequence[Line]) -> list[tuple[list[Line], list[Line]]]:
    """The text cut into screens: the lines of the tree (with what stands above), and those from the rule below on."""
    screens: list[tuple[list[Line], list[Line]]] = [([], [])]
    below = False
    for line in lines:
        if _RULE.fullmatch(line.text):
            below = True
        elif below and _LAYER.fullmatch(line.text):
            screens.append(([], []))
            below = False
        screens[-1][below].append(line)
    return screens


def _is_tree(lines: Sequence[Line]) -> bool:
    """Whether most rows go on with a field's name ("Destination: …") where a dump would show its text column."""
    rows = [(line.text, found) for line in lines if (found := _FIELD.match(line.text))]
    named = sum(_is_named(text[found.end():].strip(), found[2]) for text, found in rows)
    return len(rows) > 1 and named * 2 >= len(rows)


def _is_named(text: str, items: str) -> bool:
    """Whether the text beside some bytes is a field's name: it begins like one, is longer than a text column could be,
    and is not what the bytes show."""
    if _NAME.match(text) is None or len(text) <= len(items) // 3 + 3:
        return False
    try:
        return not text.startswith(DOT.of(bytes.fromhex(items))[:3])
    except ValueError:
        return True


def _fields(lines: Sequence[Line]) -> list[_Field]:
    found = []
    for line in lines:
        match = _FIELD.match(line.text)
        if match is None:
            continue
        at = match.start(2)
        for pair in match[2].split(" "):
            if _PAIR.fullmatch(pair) is None:
                raise line.error(f"'{pair}' is not two hexadecimal digits", at)
            at += len(pair) + 1
        found.append(_Field(line, match[1], match.start(2), bytes.fromhex(match[2])))
    for field in found:
        if len(field.digits) != len(found[0].digits):
            raise field.line.error(f"the offset {field.digits} has {len(field.digits)} digits where "
                                   f"{len(found[0].digits)} were expected", 0)
    return found


def _from_fields(fields: Sequence[_Field], lines: Sequence[Line]) -> Dump:
    """The packet of a tree whose dump was not pasted."""
    expected = 0
    for field in fields:
        if field.offset != expected:
            why = "a row is missing" if field.offset > expected else "rows are repeated or out of order"
            raise field.line.error(f"offset 0x{field.digits} where 0x{expected:0{len(field.digits)}x} was expected: "
                                   f"{why}, or the row before lacks a byte", 0)
        expected += len(field.data)
    dump = Dump(b"".join(field.data for field in fields), "wire decode tree", fields[0].line.number,
                checked=("offsets", "item width"))
    dump = _measured(dump, lines)
    if "declared length" not in dump.checked:
        dump = replace(dump, remarks=(*dump.remarks, "nothing says where the packet ends: the tree may go on"))
    return dump


def _compared(dump: Dump, fields: Sequence[_Field], tree: Sequence[Line]) -> Dump:
    """The dump below a tree, after comparing it with the bytes beside the fields."""
    for field in fields:
        below = dump.data[field.offset:field.offset + len(field.data)]
        if below != field.data:
            raise field.line.error(f"beside the field stands {field.data.hex(' ')}; the dump below has "
                                   f"{below.hex(' ') or 'nothing'} at offset 0x{field.digits}", field.at)
    checked = (*dump.checked, "field column") if fields else dump.checked
    return _measured(replace(dump, format="wire decode screen", checked=checked), tree)


def _measured(dump: Dump, lines: Sequence[Line]) -> Dump:
    """Check the length that the screen's first or last line declares."""
    declared = declared_after(lines)
    if declared is None:
        return dump
    length, line = declared
    if length != len(dump.data):
        raise line.error(f"{length} bytes are declared here, and {len(dump.data)} were found")
    return dump if "declared length" in dump.checked else replace(dump, checked=(*dump.checked, "declared length"))
