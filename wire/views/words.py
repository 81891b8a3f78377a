"""A schema in words: what a field is for, what kind of value it has, and what works it out.

Pictures, reference pages and explanations say these things alike because they learn them here;
all of it is read from the tables, so that a protocol written tomorrow is described as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..options import Options
from ..rules import Checksum, Length, Rule
from ..schema import Bytes, Field, Format, Part, Record, Repeat
from .expressions import expression, gist

SOURCE = re.compile(r"(?:RFC|IEEE) [\dA-Z]")


def cited(text: str) -> tuple[str, str]:
    """A sentence and its source apart: `"the first byte; RFC 9293 3.4"` -> `("The first byte.", "RFC 9293 3.4")`."""
    said, _, source = text.rpartition("; ")
    if not SOURCE.match(source):
        said, source = text, ""
    said = said[:1].upper() + said[1:]
    return (said if said.endswith((".", "?", "!")) or not said else said + "."), source


def meaning(record: Record, name: str) -> tuple[str, str]:
    """What a field is for, and the source that says so; the record's RFC where only that is known."""
    text, source = cited(record.meaning.get(name, ""))
    return text, source or record.rfc


def short_title(title: str) -> str:
    """The abbreviation that a title gives in brackets, else the title: `No-Operation (NOP)` is NOP."""
    found = re.fullmatch(r".+ \(([A-Z]\w*)\)", title)
    return found[1] if found else title


def width_of(one: Field | Part) -> str:
    """How many bits: `16`, `0 to 320` would be a guess, so `varies` where the packet decides."""
    return str(one.bits) if one.bits >= 0 else "varies"


def kind_of(one: Field | Part, record: Record) -> str:
    """What sort of value it is."""
    return "; ".join(texts(one, record))


def texts(one: Field | Part, record: Record) -> Iterator[str]:
    core = one.core if isinstance(one, Field) else None
    if isinstance(core, Options):
        yield f"options, {size_of(one, record)}"
    elif isinstance(core, Repeat):
        item = core.item.title if isinstance(core.item, Record) else kind_of(core.element or one, record)
        yield f"{item}, repeated: {size_of(one, record)}"
    elif isinstance(one, Field) and one.flags:
        yield "flags"
    elif isinstance(one, Field) and one.parts:
        yield "parts"
    elif type(one.format) is not Format:
        base = type(one.format).__mro__[-3]  # right below Format: the others refine it
        yield re.sub(r"^an? ", "", gist(base).split(",")[0])
    elif isinstance(core, Bytes):
        yield "bytes"
    elif one.bits == 1:
        yield "flag"
    else:
        yield "number" if one.bits >= 0 else "bytes"
    if isinstance(one, Field) and one.bits < 0 and not isinstance(core, (Options, Repeat)):
        yield size_of(one, record)
    if isinstance(one, Field) and one.unit > 1:
        yield f"counted in units of {one.unit} bytes"
    if one.named:
        source = one.named.source
        yield f"names: registry {source}" if isinstance(source, str) else "names: " + ", ".join(
            f"{number} {name}" for number, name in source.items())  # fmt: skip


def size_of(one: Field | Part, record: Record) -> str:
    """How long a field is whose length varies."""
    core = one.core if isinstance(one, Field) else None
    if isinstance(core, Repeat) and core.count is not None:
        return expression(core.count, record, "times")
    size = core.size if isinstance(core, (Options, Repeat)) else core.length if isinstance(core, Bytes) else None
    if size is None or repr(size) == "this['_left']":
        return "all that is left"
    return expression(size, record, "bytes")


def rule_words(rule: Rule) -> str:
    """What works a value out: `how many bytes the header takes`, `the Internet checksum over the header alone`."""
    if isinstance(rule, Length):
        one = "the header takes" if rule.header else "the payload takes"
        what = "header and payload take" if rule.header and rule.payload else one
        unit = f"units of {rule.unit} bytes" if rule.unit > 1 else "bytes"
        return f"how many {unit} {what}" + (f", less {rule.minus} bytes" if rule.minus else "")
    if isinstance(rule, Checksum):
        said = gist(type(rule))
        return said[:1].upper() + said[1:] if rule.algorithm in said else f"{rule.algorithm} {said}"
    return gist(type(rule))


def default_words(field: Field) -> str:
    """What is written where nothing is given; "" where that is nothing or zero."""
    if field.rule:
        return rule_words(field.rule)
    value = field.default() if callable(field.default) else field.default
    return field.show(value) if isinstance(value, int) and value else ""
