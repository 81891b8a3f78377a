"""Protocols for the terminal: all of them a line each, or one with its header, fields, options and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from .. import protocols
from ..schema import Protocol
from .describe import OSI
from .diagram import diagram
from .facts import Option, Place, Row, carried, carriers, checks, fields, is_real, number_text, options, others
from .lines import Line, cut, pad, wrap

PROSE = 100  # cells: longer lines are hard to read
STYLES = {"chat", "note", "warn", "error"}


def index(columns: int = 80) -> list[Line]:
    """All protocols, a line each: name, title, OSI layer, and the numbers by which they are carried."""
    known = sorted(protocols.load().values(), key=lambda one: (not is_real(one), one.osi, one.name))
    names = max(len(one.name) for one in known) + 2
    titles = min(max(len(one.title) for one in known), max(20, columns - names - 36)) + 2
    left = names + titles + 5
    lines: list[Line] = [[(pad("name", names) + pad("what it is", titles) + "OSI  carried by", "dim")]]
    for one in known:
        osi = str(one.osi) if is_real(one) else "-"
        by = "; ".join(map(numbers, carriers(one))) if is_real(one) else "nobody: it has no number"
        beside = zip_longest(wrap(one.title, titles - 2), wrap(by, columns - left), fillvalue="")
        for row, (title, said) in enumerate(beside):
            name, layer = (one.name, osi) if row == 0 else ("", "")
            text = pad(title, titles) + f"{layer:<5}"
            lines.append([(pad(name, names), "strong"), (text, ""), (cut(said, columns - left), "dim")])
    return lines


def numbers(place: Place, quote: str = "") -> str:
    """`ip.proto 6`, or `udp.port 53, 5353`."""
    said = ", ".join(number_text(place.registry, number) for number in place.who)
    return f"{quote}{place.registry}{quote} {said}"


def table(protocol: Protocol, columns: int = 80) -> list[Line]:
    """One protocol: where it sits, its header as RFCs draw it, its fields, its options, what is noted on it."""
    lines: list[Line] = [[(cut(f"{protocol.title} ({protocol.name})", columns), "title")]]
    layer = f"{OSI[protocol.osi]}, OSI {protocol.osi}" if is_real(protocol) else ""
    lines += folded("; ".join(filter(None, [layer, protocol.rfc])), columns)
    if is_real(protocol):
        for place in carriers(protocol):
            having = f" in {', '.join(place.having)}" if place.having else ", as the outermost layer"
            lines += folded(f"carried by {numbers(place)}{having}", columns)
    for place in carried(protocol):
        who = ", ".join(sorted(set(place.who.values()))) or "nobody here yet"
        lines += folded(f"carries, by {place.registry} ({' or '.join(place.having)}): {who}", columns)
    lines += [[], *([(cut(text, columns), "")] for text in diagram(protocol))]
    lines += titled("Fields", (line for row in fields(protocol) for line in field_lines(row, columns)))
    lines += titled("Options", option_lines(options(protocol), columns))
    lines += folded(others(protocol), columns)
    lines += titled("What is noted", noted(protocol, columns))
    return lines


def titled(title: str, lines: Iterator[Line]) -> list[Line]:
    """Lines under a title; nothing where there are none."""
    made = list(lines)
    return [[], [(title, "title")], *made] if made else []


def folded(text: str, columns: int, style: str = "") -> list[Line]:
    """Text over several lines, all but the first set in."""
    if not text:
        return []
    first, *_ = lines = wrap(text, min(columns, PROSE))
    rest = text[len(first) :].strip()
    return [[(first, style)], *([("  " + part, style)] for part in wrap(rest, min(columns, PROSE) - 2) if lines[1:])]


def field_lines(row: Row, columns: int) -> Iterator[Line]:
    """Name, width and kind of a field; its label and its meaning below."""
    left = 32 if columns < 100 else 40
    name = pad(cut("  " * row.depth + row.path, left - 1), left)
    kind, *more = wrap(row.kind + (f"; built as: {row.default}" if row.default else ""), min(columns, PROSE) - left - 8)
    yield [(name, "strong"), (f"{row.bits:>6}  ", ""), (kind, "dim")]
    yield from ([(" " * (left + 8) + text, "dim")] for text in more)
    said = f"{row.label}: {row.meaning} {row.rfc}".strip() if row.meaning else row.label
    yield from ([("    " + text, "")] for text in wrap(said, min(columns, PROSE) - 4))


def option_lines(found: Sequence[Option], columns: int) -> Iterator[Line]:
    """Kind, name and length of an option, then its title, its fields and its source."""
    if not found:
        return
    names = max(len(one.name) for one in found) + 2
    left = 6 + names + 8
    yield [(f"{'kind':>4}  " + pad("name", names) + f"{'bytes':>6}  option", "dim")]
    for one in found:
        has = ", ".join(f"{label} {bits}" for _, label, bits in one.fields)
        said = one.title + (f": {has}" if has else "") + (f"; {one.rfc}" if one.rfc else "")
        first, *more = wrap(said, min(columns, PROSE) - left)
        yield [(f"{one.kind:>4}  ", ""), (pad(one.name, names), "strong"), (f"{one.length:>6}  {first}", "")]
        yield from ([(" " * left + text, "")] for text in more)


def noted(protocol: Protocol, columns: int) -> Iterator[Line]:
    for rule in checks(protocol):
        source = f" ({rule.rfc})" if rule.rfc else ""
        severity = f"{rule.severity}: " if rule.severity else ""
        text = severity + rule.text.replace("`", "") + source
        yield from folded(text, columns, rule.severity if rule.severity in STYLES else "")
