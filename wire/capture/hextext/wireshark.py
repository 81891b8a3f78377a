"""Wireshark's export as C arrays: eight bytes to a row, with the text column in a comment.

    /* Frame (74 bytes) */
    static const unsigned char pkt1[74] = {
    0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, /* ........ */
    …
    };

Newer versions write `// |........|` instead of the comment; bytes of another data source than the frame are `pkt1_1`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from .display import DOT, agrees, difference
from .explain import contradiction
from .lines import Line
from .model import Dump
from .patterns import regex

_OPENING = regex(r"[\w ]*\bchar pkt(\d+)(?:_(\d+))? ?\[(\d*)\] ?= ?\{")
_ROW = regex(r"[ \t]*((?:0x[0-9A-Fa-f]+, ?)*0x[0-9A-Fa-f]+)(,?) *(?:/\* (.*) \*/|// \|(.*)\|)\s*")
_WIDTH = 8


def read_exported(lines: Sequence[Line]) -> list[Dump] | None:
    """The frames of such an export; None if the text is none, or has no comments to read."""
    dumps: list[Dump] = []
    index = 0
    while index < len(lines):
        opening = _OPENING.match(lines[index].text)
        index += 1
        if opening is None:
            continue
        start = index
        while index < len(lines) and not lines[index].text.strip().startswith("}"):
            index += 1
        rows = [line for line in lines[start:index] if line.text.strip()]
        if not any(_ROW.fullmatch(line.text) for line in rows):
            return None
        if index == len(lines):
            raise lines[-1].error("the array is not closed: it is cut off")
        dump = _array(rows, lines[start - 1], opening[3])
        if opening[2] is None:
            dumps.append(dump)
        elif dumps:
            remark = f"left out: pkt{opening[1]}_{opening[2]} ({len(dump.data)} bytes), which is not a frame"
            dumps[-1] = replace(dumps[-1], remarks=(*dumps[-1].remarks, remark))
    return dumps or None


def _array(rows: Sequence[Line], opening: Line, length: str) -> Dump:
    pieces = []
    for index, line in enumerate(rows):
        found = _ROW.fullmatch(line.text)
        if found is None:
            raise line.error("the line is not a row of bytes with their text in a comment, like the others", 0)
        last = index == len(rows) - 1
        pieces.append(_row(line, found, last))
        if last == bool(found[2]):
            raise line.error("bytes are missing after this row" if last else "the row does not end in a comma",
                             found.end(1))
    data = b"".join(pieces)
    if length and int(length) != len(data):
        raise opening.error(f"{length} bytes are declared here; the rows hold {len(data)}")
    return Dump(data, "Wireshark C array", rows[0].number,
                checked=("ascii", "item width", "row width", *(["declared length"] if length else [])))


def _row(line: Line, found: re.Match[str], last: bool) -> bytes:
    at = found.start(1)
    for item in found[1].split(","):
        digits = item.strip()[2:]
        if len(digits) != 2:
            raise line.error(f"'0x{digits}' has {len(digits)} digits where 2 were expected",
                             at + len(item) - len(item.lstrip()))
        at += len(item) + 1
    data = bytes.fromhex(found[1].replace("0x", "").replace(",", " "))
    if len(data) != _WIDTH and not (last and len(data) < _WIDTH):
        raise line.error(f"the row holds {len(data)} bytes where {_WIDTH} were expected", found.start(1))
    shown = found[3] if found[3] is not None else found[4]
    if not agrees(shown, data, "plain", DOT):
        wrong = difference(shown, data, "plain", DOT)
        if wrong is None:
            raise line.error(f"the comment {shown!r} does not belong to the {len(data)} bytes of the row", found.end(1))
        raise line.error(contradiction(data, *wrong, DOT), found.start(1) + 6 * wrong[0])
    return data
