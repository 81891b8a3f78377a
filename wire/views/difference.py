"""What an edit changed: the fields, and the bytes one under the other."""

from __future__ import annotations

from collections.abc import Iterator

from ..packet import Leaf, Packet
from .describe import value_text
from .lines import Line, safe


def difference(old: Packet, new: Packet, columns: int = 80) -> Iterator[Line]:
    """The changed fields, then each row of bytes that differs: before (-), after (+)."""
    number = old.number or 1
    before, after = dict(leaves(old)), dict(leaves(new))
    changed = [path for path in after if path in before and before[path].value != after[path].value]
    yield [
        (
            f"packet {number}: {len(old.raw)} bytes"
            + ("" if len(old.raw) == len(new.raw) else f", now {len(new.raw)}"),
            "title",
        )
    ]
    if old.raw == new.raw:
        yield [("  nothing changed", "dim")]
        return
    for path in changed:
        mark = "  (fixed)" if path.split("#")[0] in new.fixed else ""
        yield [(f"  {path}: {value_text(before[path])} → {value_text(after[path])}{mark}", "")]
    row = 16 if columns >= 60 else 8
    for start in range(0, max(len(old.raw), len(new.raw)), row):
        was, now = old.raw[start : start + row], new.raw[start : start + row]
        if was != now:
            yield [(f"- {start:04x}  ", "dim"), *bytes_line(was, now, "error")]
            yield [(f"+ {start:04x}  ", "dim"), *bytes_line(now, was, "strong")]
            marks = ["^^" if was[at : at + 1] != now[at : at + 1] else "  " for at in range(max(len(was), len(now)))]
            yield [("        " + " ".join(marks), "dim")]
    for note in new.notes:
        if note.severity in ("warn", "error"):
            yield [(f"  [{note.severity}: {note.field or note.layer}: {safe(note.text)}]", note.severity)]


def bytes_line(row: bytes, other: bytes, style: str) -> Line:
    return [(f"{byte:02x} ", style if other[at : at + 1] != row[at : at + 1] else "") for at, byte in enumerate(row)]


def leaves(packet: Packet) -> Iterator[tuple[str, Leaf]]:
    """Every field by its full name; the second of a name is `#2`."""
    seen: dict[str, int] = {}
    for layer in packet:
        for one in (layer, *layer.inner()):
            for leaf in one.leaves():
                if leaf.items:
                    continue
                path = leaf.field.path if leaf.field.record else layer.record.prefix + leaf.field.name
                seen[path] = seen.get(path, 0) + 1
                yield path if seen[path] == 1 else f"{path}#{seen[path]}", leaf
