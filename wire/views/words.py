"""A schema in words: what kind of value a field has, what works it out, and what its conditions say.

Pictures, reference pages and explanations say these things alike because they learn them here;
all of it is read from the tables, so that a protocol written tomorrow is described as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from ..options import Options
from ..rules import Checksum, Length, Rule
from ..schema import Bytes, Field, Format, Part, Record, Repeat

CONTEXT = {
    "_left": "the bytes left",
    "_at": "the bytes so far",
    "_ahead8": "the next byte",
    "_ahead16": "the next two bytes",
    "_fcs": "the link's FCS bytes",
    "_payload": "the bytes of payload",
    "_quoted": "quoted",
}
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


def gist(made: Any) -> str:
    """The first sentence of a docstring, as the end of a sentence, without what it has in brackets."""
    text = " ".join((made.__doc__ or "").split("\n\n")[0].split())
    text = re.sub(r" [(][^)]*[)]", "", re.split(r"[.:;](?:\s|$)", text)[0])
    return text[:1].lower() + text[1:]


# -- expressions ----------------------------------------------------------------------


class Labels(ast.NodeTransformer):
    """Puts the fields' labels where an expression names fields."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        assert isinstance(node.slice, ast.Constant)
        name = str(node.slice.value)
        found = self.record.lookup.get(name)
        return ast.Name(found.label if found else CONTEXT.get(name, name))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """`this` expressions have no `and` and `or`: between comparisons `&` and `|` are meant so."""
        self.generic_visit(node)
        truths = (ast.Compare, ast.BoolOp)
        if not (isinstance(node.op, (ast.BitAnd, ast.BitOr)) and isinstance(node.left, truths) and isinstance(node.right, truths)):
            return node
        if ast.unparse(node.left) in THERE:
            return node.right
        return ast.BoolOp(ast.And() if isinstance(node.op, ast.BitAnd) else ast.Or(), [node.left, node.right])


THERE = {f"{CONTEXT[name]} >= 0" for name in ("_ahead8", "_ahead16")}  # which a comparison with them implies


def expression(said: Any, record: Record, unit: str = "") -> str:
    """A `this` expression with the fields' labels: `Total Length - Header Length`; `unit` goes behind a number."""
    if not readable(said):
        return gist(said) or "worked out from the fields before"
    tree = labelled(said, record)
    if not isinstance(tree, ast.IfExp):
        return counted(tree, unit)
    other = "" if is_zero(tree.orelse) else f", else {counted(tree.orelse, unit)}"
    return f"{counted(tree.body, unit)} if {source(tree.test)}{other}"


def case(key: Any, number: Any, record: Record) -> str:
    """When an expression comes to a number, where it says so itself: the condition of that branch; "" if it does not."""
    tree = labelled(key, record) if readable(key) else None
    if number is True and tree:
        return source(tree)
    while isinstance(tree, ast.IfExp):
        if isinstance(tree.body, ast.Constant) and tree.body.value == number:
            return source(tree.test)
        tree = tree.orelse
    return ""


def readable(said: Any) -> bool:
    """Whether it is a constant or a `this` expression, whose `repr` is source; other functions say it in their docstring."""
    return not callable(said) or hasattr(said, "__rsub__")


def labelled(said: Any, record: Record) -> ast.expr:
    tree: ast.expr = Labels(record).visit(ast.parse(repr(said), mode="eval").body)
    return tree


def source(tree: ast.expr) -> str:
    return ast.unparse(tree).replace(" == ", " = ")


def is_zero(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Constant) and tree.value == 0


def counted(tree: ast.expr, unit: str) -> str:
    """With its unit, where the text does not say it."""
    text = source(tree)
    return text if not unit or "bytes" in text else f"{text} {unit}"


# -- kinds of values ------------------------------------------------------------------


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
        item = core.item.title if isinstance(core.item, Record) else kind_of(core.element, record) if core.element else ""
        yield f"{item}, again and again"
        yield f"{expression(core.count, record)} times" if core.count is not None else f"in {size_of(one, record)}"
    elif isinstance(one, Field) and one.flags:
        yield "flags"
    elif isinstance(one, Field) and one.parts:
        yield "parts"
    elif type(one.format) is not Format:
        yield gist(type(one.format).__mro__[-3]).split(",")[0]  # the class right below Format: the others refine it
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
    size = core.size if isinstance(core, (Options, Repeat)) else core.length if isinstance(core, Bytes) else None
    if size is None or repr(size) == "this['_left']":
        return "all that is left"
    return expression(size, record, "bytes")


# -- rules ----------------------------------------------------------------------------


def rule_words(rule: Rule) -> str:
    """What works a value out: `how many bytes the header takes`, `the Internet checksum … over the header alone`."""
    if isinstance(rule, Length):
        what = "header and payload take" if rule.header and rule.payload else "the header takes" if rule.header else "the payload takes"
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

