"""Gives a parsed filter its meaning: finds what names stand for, and refuses what means nothing.

What a word is depends on what it stands beside, so the two sides of an operator are looked at together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from . import names, tree
from .errors import FilterError
from .reading import Fault, closed, is_open, read, typed, unknown
from .regex import python_pattern
from .tree import (
    ADDRESSES,
    NUMERIC,
    OCTETS,
    Arithmetic,
    Call,
    FieldRef,
    Interval,
    Kind,
    Literal,
    Negative,
    Network,
    Slice,
    Test,
    Text,
    Value,
    Word,
    kind_of,
)

STRINGS = frozenset({Kind.TEXT, *OCTETS})
SEARCHABLE = frozenset({Kind.TEXT, Kind.BYTES, Kind.ETHER, Kind.LAYER})
EVERY = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments, of which kinds, and what comes out; None: what goes in."""

    most: int | None
    takes: frozenset[Kind]
    gives: Kind | None


FUNCTIONS = {
    "len":    Function(1, STRINGS | {Kind.NUMBER}, Kind.NUMBER),
    "count":  Function(1, EVERY, Kind.NUMBER),
    "upper":  Function(1, frozenset({Kind.TEXT}), Kind.TEXT),
    "lower":  Function(1, frozenset({Kind.TEXT}), Kind.TEXT),
    "string": Function(1, NUMERIC | ADDRESSES, Kind.TEXT),
    "max":    Function(None, NUMERIC | STRINGS, None),
    "min":    Function(None, NUMERIC | STRINGS, None),
    "abs":    Function(1, NUMERIC, None),
}  # fmt: skip


def check(test: Test, text: str) -> Test:
    """The tree with everything in it resolved.  FilterError says what means nothing, and where."""
    try:
        return checked(test)
    except Fault as fault:
        raise FilterError(str(fault), text, fault.span) from None


def checked(test: Test) -> Test:
    match test:
        case tree.Bare():
            return alone(test)
        case tree.Compare():
            left, right = pair(test.left, test.right)
            comparable(left, right)
            return replace(test, left=left, right=right)
        case tree.Contains():
            return contains(test)
        case tree.Matches():
            return matches(test)
        case tree.Member():
            return member(test)
        case tree.Not():
            return replace(test, of=checked(test.of))
        case tree.And() | tree.Or() | tree.Xor():
            return replace(test, tests=tuple(checked(one) for one in test.tests))
    return test


# -- tests ----------------------------------------------------------------------------


def alone(test: tree.Bare) -> Test:
    """A value by itself: a field is to be there, a number is not to be zero."""
    value = closed(resolve(test.of), "a value by itself is no test: compare a field with it")
    if isinstance(value, (FieldRef, Slice)):
        return tree.Present(value, span=test.span)
    if isinstance(value, (Arithmetic, Negative)):
        return tree.NonZero(value, span=test.span)
    raise Fault("a value by itself is no test: compare it with something", test.span)


def contains(test: tree.Contains) -> Test:
    left, right = searchable(test.left, "contains"), resolve(test.right, whole=True)
    right = typed(right, left) if kind_of(left) is Kind.TEXT or not is_open(right) else read(right, Kind.BYTES)
    if isinstance(right, Literal) and not right.value:
        raise Fault("nothing contains what is empty", right.span)
    if (kind_of(left) is Kind.TEXT) != (kind_of(right) is Kind.TEXT) or kind_of(right) in NUMERIC:
        raise Fault(f"{kind_of(left).text} cannot contain {kind_of(right).text}", right.span)
    return replace(test, left=left, right=right)


def matches(test: tree.Matches) -> Test:
    value = searchable(test.of, "matches")
    if not isinstance(test.pattern, Text):
        reason = 'a pattern stands in double quotes: "...", or r"..." with backslashes as they are'
        raise Fault(reason, test.pattern.span)
    try:
        pattern = python_pattern(test.pattern.text)
    except ValueError as error:
        raise Fault(str(error), test.pattern.span) from None
    return replace(test, of=value, pattern=Literal(pattern, Kind.BYTES, span=test.pattern.span))


def searchable(value: Value, word: str) -> Value:
    """The value, if there is something to find in it."""
    value = closed(resolve(value, whole=True), f"on the left of {word} stands a field")
    if kind_of(value) not in SEARCHABLE:
        raise Fault(f"{word} looks into text, bytes and protocols, not into {kind_of(value).text}: "
                    "string(...) makes text of it", value.span)  # fmt: skip
    return value


def member(test: tree.Member) -> Test:
    of = closed(resolve(test.of), "on the left of in stands a field")
    items: list[Value | Interval] = []
    for item in test.items:
        ends = [item.low, item.high] if isinstance(item, Interval) else [item]
        ends = [pair(of, end)[1] for end in ends]
        for end in ends:
            comparable(of, end)
            if isinstance(item, Interval) and isinstance(end, Network):
                raise Fault("a range goes from one address to another, not from a network", end.span)
        items.append(Interval(*ends, span=item.span) if isinstance(item, Interval) else ends[0])
    return replace(test, of=of, items=tuple(items))


# -- values ---------------------------------------------------------------------------


def resolve(value: Value, whole: bool = False) -> Value:
    """The value with its names found.  What could be a literal stays open."""
    match value:
        case Word():
            return named(value, whole)
        case Slice():
            return sliced(value)
        case Arithmetic():
            return arithmetic(value)
        case Negative():
            of = resolve(value.of)
            if not is_open(of) and kind_of(of) not in NUMERIC:
                raise Fault(f"{kind_of(of).text} has no negative", value.span)
            return replace(value, of=of)
        case Call():
            return call(value)
    return value


def named(word: Word, whole: bool) -> Value:
    """The field of this name; a word that is none stays open."""
    found = names.find(word.text)
    if found:
        return FieldRef(found, word.layers, whole and found.kind is Kind.LAYER, span=word.span)
    if word.layers:
        raise unknown(word)
    return word


def sliced(value: Slice) -> Value:
    of = closed(resolve(value.of), "slices are taken of fields")
    if kind_of(of) not in STRINGS:
        raise Fault(f"only bytes and text have slices, {kind_of(of).text} has none: bits are picked with &", value.span)
    return replace(value, of=of)


def arithmetic(value: Arithmetic) -> Value:
    left, right = pair(value.left, value.right, inside=True)
    made = replace(value, left=left, right=right)
    if is_open(left) and is_open(right):
        return made
    kinds = [kind_of(side) for side in (left, right)]
    networks = [side for side in (left, right) if isinstance(side, Network)]
    if networks:
        raise Fault("a network is to be compared with: there is no arithmetic of it", networks[0].span)
    if value.sign == "&" and all(kind in OCTETS for kind in kinds):
        return made
    if any(kind not in NUMERIC for kind in kinds):
        raise Fault(f"{kinds[0].text} {value.sign} {kinds[1].text} means nothing", value.span)
    if Kind.TIME in kinds and value.sign not in "+-":
        raise Fault(f"times can be added and subtracted, {value.sign} means nothing for them", value.span)
    return made


def call(value: Call) -> Value:
    function = FUNCTIONS.get(value.function)
    first = value.span[0]
    if function is None:
        raise Fault(f"there is no function {value.function}(): known are {', '.join(FUNCTIONS)}",
                    (first, first + len(value.function)))  # fmt: skip
    count = len(value.arguments)
    if count == 0 or count > (function.most or count):
        raise Fault(f"{value.function}() takes {'one value' if function.most else 'one value or more'}, not {count}",
                    value.span)  # fmt: skip
    arguments = [resolve(one) for one in value.arguments]
    known = next((one for one in arguments if not is_open(one)), None)
    if known is None:
        known = closed(arguments[0], f"{value.function}() is taken of fields")
    arguments = [typed(one, known) for one in arguments]
    for one in arguments:
        if kind_of(one) not in function.takes or isinstance(one, Network):
            raise Fault(f"{value.function}() cannot be taken of {kind_of(one).text}", one.span)
        comparable(known, one)
    if value.function == "len" and kind_of(known) is Kind.NUMBER and not width(known):
        raise Fault("len() is taken of what has bytes on the wire", known.span)
    return replace(value, arguments=tuple(arguments), kind=function.gives or kind_of(known))


def width(value: Value) -> int:
    """The bits that a number has on the wire, 0 if it has none there."""
    return max(0, value.target.bits) if isinstance(value, FieldRef) else 0


def pair(left: Value, right: Value, inside: bool = False) -> tuple[Value, Value]:
    """Two values that stand beside each other; an open one is read as what the other is.

    inside   of arithmetic, both may be open: what stands beside the whole decides
    """
    left, right = resolve(left), resolve(right)
    if is_open(left) and is_open(right):
        if inside:
            return left, right
        closed(left, "one side must be a field")
    return typed(left, right, inside), typed(right, left, inside)


def comparable(left: Value, right: Value) -> None:
    """Fault where two values can never be equal for what they are."""
    one, other = kind_of(left), kind_of(right)
    plain = {Kind.BYTES, Kind.LAYER}
    if one is other or {one, other} <= NUMERIC or ({one, other} <= OCTETS and {one, other} & plain):
        return
    raise Fault(f"{one.text} is compared with {other.text}", (left.span[0], right.span[1]))
