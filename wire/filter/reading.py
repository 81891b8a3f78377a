"""Reads what a filter leaves open, a word or a quoted text, as what it stands beside.

`10` is a number beside `ip.ttl`, a byte beside `eth.src[0]`, and `"TCP"` a number beside `ip.proto`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TypeAlias, cast

from . import literals, names
from .operators import ARITHMETIC
from .tree import (
    NUMERIC,
    OCTETS,
    Arithmetic,
    Char,
    FieldRef,
    Kind,
    Literal,
    Negative,
    Network,
    Scalar,
    Span,
    Text,
    Value,
    Word,
    kind_of,
)

Open: TypeAlias = "Word | Text | Char"


class Fault(ValueError):
    """What is wrong, and where."""

    def __init__(self, reason: str, span: Span) -> None:
        super().__init__(reason)
        self.span = span


def is_open(value: Value) -> bool:
    """Whether no field is in it, so that its neighbour says what it is."""
    return all(isinstance(leaf, (Word, Text, Char)) for leaf in leaves(value))


def closed(value: Value, reason: str) -> Value:
    """The value, if a field is in it.  Where there is none, a word was meant to be one."""
    if not is_open(value):
        return value
    word = next((leaf for leaf in leaves(value) if isinstance(leaf, Word)), None)
    raise unknown(word) if word and not literal_like(word.text) else Fault(reason, value.span)


def literal_like(text: str) -> bool:
    """Whether a word looks like a number or bytes rather than like a name."""
    return text[0].isdigit() or ":" in text


def leaves(value: Value) -> Iterator[Value]:
    if isinstance(value, Arithmetic):
        yield from leaves(value.left)
        yield from leaves(value.right)
    elif isinstance(value, Negative):
        yield from leaves(value.of)
    else:
        yield value


def typed(value: Value, like: Value, inside: bool = False) -> Value:
    """A value as what stands beside it; a protocol's name can be that of a number too (`ip.proto == tcp`)."""
    kind = kind_of(like) if not is_open(like) else None
    target = like.target if isinstance(like, FieldRef) else None
    if kind is None:
        return value
    if is_open(value):
        return read(value, kind, target, inside)
    if isinstance(value, FieldRef) and value.kind is Kind.LAYER and not value.layers and kind not in OCTETS:
        return read(Word(value.target.path, span=value.span), kind, target, inside)
    return value


def read(value: Value, kind: Kind, target: names.Target | None = None, inside: bool = False) -> Value:
    """An open value as a literal of a kind."""
    span = value.span
    if isinstance(value, Negative):
        negative = read(value.of, kind, target, inside=True)
        return Literal(-number_of(negative), kind, span=span)
    if isinstance(value, Arithmetic):
        left, right = (read(side, kind, target, inside=True) for side in (value.left, value.right))
        return Literal(constant(value.sign, number_of(left), number_of(right), span), kind, span=span)
    assert isinstance(value, (Word, Text, Char))
    try:
        if isinstance(value, Word) and "/" in value.text and kind in (Kind.IPV4, Kind.IPV6):
            return Network(*literals.network(value.text, kind), kind, span=span)
        found = scalar(value, kind, target)
    except ValueError as error:
        raise Fault(f"{error}{meant(value)}", span) from None
    if isinstance(found, int) and not inside:
        found = fitting(found, kind, target, span)
    return Literal(found, Kind.BYTES if kind is Kind.LAYER else kind, span=span)


def meant(value: Open) -> str:
    """`; did you mean ip.dst?`, of a word that looks like a field's name."""
    if not isinstance(value, Word) or not value.text[0].isalpha() or "." not in value.text:
        return ""
    near = names.nearest(value.text)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def scalar(value: Open, kind: Kind, target: names.Target | None) -> Scalar:
    """ValueError says why it is no value of that kind."""
    if isinstance(value, Char):
        if kind in (Kind.BYTES, Kind.LAYER):
            return bytes([value.code])
        if kind is Kind.TEXT:
            return chr(value.code)
        if kind in NUMERIC:
            return value.code
        raise ValueError(f"a character is not {kind.text}")
    if isinstance(value, Text) and kind in (Kind.BYTES, Kind.LAYER):
        return value.text.encode("utf-8", "surrogateescape")
    if kind in (Kind.NUMBER, Kind.FLAG):
        return numbered(value, target)
    return value.text if kind is Kind.TEXT else literals.read(value.text, kind)


def numbered(value: Word | Text, target: names.Target | None) -> int:
    """A number, by itself or by its name."""
    try:
        if isinstance(value, Word):
            return literals.number(value.text)
    except ValueError:
        if value.text[:1].isdigit():
            raise
    found = target.number(value.text) if target else None
    truth = {"true": 1, "false": 0}.get(value.text.lower()) if isinstance(value, Word) else None
    if found is None and truth is None:
        raise ValueError(strange(value.text, target))
    return cast(int, truth if found is None else found)


def strange(text: str, target: names.Target | None) -> str:
    """What to say of a word where a number belongs."""
    if text.isdigit():
        return f"quotes are for the names of numbers: write {text} without"
    known = list(target.names().values()) if target else []
    if not known or target is None:
        return f"{text} is no number, and numbers have no names here"
    near = get_close_matches(text, known, 2) or get_close_matches(text.upper(), known, 2)
    if near:
        return f"{text} is no number, nor the name of one of {target.path}: did you mean {' or '.join(near)}?"
    more = ", …" if len(known) > 5 else ""
    return f"{text} is no number, nor the name of one: {target.path} has {', '.join(known[:5])}{more}"


def fitting(number: int, kind: Kind, target: names.Target | None, span: Span) -> int:
    """The number if the field can hold it at all: whole bytes, as Wireshark counts.  Flags are 0 or not."""
    if kind is Kind.FLAG:
        return int(number != 0)
    if target and target.bits > 0 and kind is Kind.NUMBER:
        unit = getattr(target.row, "unit", 1)
        most = ((1 << -(-target.bits // 8) * 8) - 1) * unit
        if number > most:
            raise Fault(f"{number} is too big for {target.path}: it holds at most {most}", span)
    return number


def number_of(value: Value) -> int:
    if isinstance(value, Literal) and isinstance(value.value, int):
        return value.value
    raise Fault("arithmetic is for numbers", value.span)


def constant(sign: str, left: int, right: int, span: Span) -> int:
    """Arithmetic of two numbers in the filter itself."""
    found = ARITHMETIC[sign](left, right)
    if found is None:
        raise Fault("a division by zero", span)
    return cast(int, found)


def unknown(word: Word) -> Fault:
    """There is no such field."""
    name = word.text
    stem = name.partition("-")[0]
    if stem != name and names.find(stem):
        return Fault(f"{name}: no such field: a minus has a space before it, {stem} - …", word.span)
    near = names.nearest(name)
    hint = f": did you mean {' or '.join(near)}?" if near else ""
    kind = "field" if "." in name else "field or protocol"
    return Fault(f"{name}: no such {kind}{hint}", word.span)
