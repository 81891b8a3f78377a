"""`this` expressions in words: conditions, sizes and counts with the labels of the fields that they look at.

The `repr` of such an expression is Python source, so it is read as Python and written anew.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from ..schema import Extra, Field, Part, Record

CONTEXT = {
    "_left": "the bytes left",
    "_at": "the bytes so far",
    "_ahead8": "the next byte",
    "_ahead16": "the next two bytes",
    "_fcs": "the link's FCS bytes",
    "_payload": "the bytes of payload",
    "_payload_end": "the bytes up to the payload's end",
    "_quoted": "quoted",
}
THERE = {f"{CONTEXT[name]} >= 0" for name in ("_ahead8", "_ahead16")}  # which any comparison with them implies
LONG = 4  # words: a longer label cannot be read inside an expression


def gist(made: Any) -> str:
    """The first sentence of a docstring, as the end of a sentence, without what it has in brackets."""
    text = " ".join((made.__doc__ or "").split("\n\n")[0].split())
    text = re.sub(r" [(][^)]*[)]", "", re.split(r"[.:;](?:\s|$)", text)[0])
    return text[:1].lower() + text[1:]


class Labels(ast.NodeTransformer):
    """Puts the fields' labels where an expression names fields."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def of(self, node: ast.AST) -> Field | Part | Extra | None:
        """The field that a node names, if it names one."""
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return self.record.lookup.get(str(node.slice.value))
        return None

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        assert isinstance(node.slice, ast.Constant)
        name, found = str(node.slice.value), self.of(node)
        known = found.label if found and len(found.label.split()) <= LONG else name
        return ast.Name(CONTEXT.get(name, known))

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """A number that is compared with a field is written as the field's values are: `IPv4 (0x0800)`."""
        found = self.of(node.left)
        other = node.comparators[0]
        if isinstance(found, (Field, Part)) and isinstance(other, ast.Constant):
            node.comparators = [ast.Name(found.show(other.value))]
        self.generic_visit(node)
        if truth(node.left) and is_zero(node.comparators[0]):  # how `this` expressions say `not`
            return ast.UnaryOp(ast.Not(), node.left)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Masks name flags; between comparisons `&` and `|` are meant as `and` and `or`."""
        found, mask = self.of(node.left), node.right
        if isinstance(found, Field) and found.flags and isinstance(mask, ast.Constant) and isinstance(mask.value, int):
            node.right = ast.Name(" | ".join(found.set_names(mask.value)) or hex(mask.value))
        self.generic_visit(node)
        if not (isinstance(node.op, (ast.BitAnd, ast.BitOr)) and truth(node.left) and truth(node.right)):
            return node
        if ast.unparse(node.left) in THERE:
            return node.right
        both = ast.And() if isinstance(node.op, ast.BitAnd) else ast.Or()
        left = [node.left]
        if isinstance(node.left, ast.BoolOp) and isinstance(node.left.op, type(both)):
            left = node.left.values
        return ast.BoolOp(both, [*left, node.right])


def truth(node: ast.AST) -> bool:
    """Whether it is true or false, and no number."""
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return negated or isinstance(node, (ast.Compare, ast.BoolOp))


def is_zero(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def expression(said: Any, record: Record, unit: str = "") -> str:
    """An expression with the fields' labels: `Total Length - Header Length`; `unit` goes behind a number."""
    if not readable(said):
        return gist(said) or "worked out from the fields before"
    tree, chosen = labelled(said, record), []
    while isinstance(tree, ast.IfExp):
        chosen.append(f"{counted(tree.body, unit)} if {source(tree.test)}")
        tree = tree.orelse
    other = counted(tree, unit)
    if not chosen:
        return other
    return ", ".join([*chosen, *([] if is_zero(tree) else [f"else {other}"])])


def case(key: Any, number: Any, record: Record) -> str:
    """The condition under which an expression comes to a number, where it says so itself; else ""."""
    tree = labelled(key, record) if readable(key) else None
    if number is True and tree:
        return source(tree)
    while isinstance(tree, ast.IfExp):
        if isinstance(tree.body, ast.Constant) and tree.body.value == number:
            return source(tree.test)
        tree = tree.orelse
    return ""


def readable(said: Any) -> bool:
    """Whether it is a constant or a `this` expression; other functions say in their docstring what they do."""
    return not callable(said) or hasattr(said, "__rsub__")


def labelled(said: Any, record: Record) -> ast.expr:
    tree: ast.expr = Labels(record).visit(ast.parse(repr(said), mode="eval").body)
    return tree


def source(tree: ast.expr) -> str:
    return ast.unparse(tree).replace(" == ", " = ")


def counted(tree: ast.expr, unit: str) -> str:
    """With its unit, where the text does not say it."""
    text = source(tree)
    return text if not unit or "the bytes" in text else f"{text} {unit}"
