"""What a display filter says, as a tree of typed nodes.

`check` hands this tree out with every name resolved and every literal read; any back end (Python
for packets, NumPy for columns) is a walk over it.  Values come as lists, since a field can stand
in a packet more than once; a test says whether one pair of values has to hold, or every pair.

`Word`, `Text`, `Char` and `Bare` are what the parser leaves open: they are not in a checked tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .names import Target

Span: TypeAlias = tuple[int, int]  # first character, and the one after the last
Scalar: TypeAlias = "int | bytes | str | Decimal"


class Kind(Enum):
    """What values are, and what an error calls them."""

    NUMBER = "a number"
    FLAG = "a flag"
    TIME = "a time"
    TEXT = "text"
    BYTES = "bytes"
    ETHER = "an Ethernet address"
    IPV4 = "an IPv4 address"
    IPV6 = "an IPv6 address"
    LAYER = "a protocol"

    def __init__(self, text: str) -> None:
        self.text = text


ADDRESSES = frozenset({Kind.ETHER, Kind.IPV4, Kind.IPV6})
NUMERIC = frozenset({Kind.NUMBER, Kind.FLAG, Kind.TIME})
OCTETS = frozenset({Kind.BYTES, Kind.LAYER, *ADDRESSES})  # what a back end holds as bytes


@dataclass(frozen=True, slots=True)
class Range:
    """Places `first` to before `end`; negative ones count from the end, None is the end itself."""

    first: int
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`span` is where it stands in the filter's text."""

    span: Span = field(default=(0, 0), compare=False, repr=False)


# -- values ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word(Node):
    """Unquoted: a field, a number, an address or bytes."""

    text: str
    layers: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Text(Node):
    """In double quotes, escapes read; bytes that are no UTF-8 are surrogates."""

    text: str


@dataclass(frozen=True, slots=True)
class Char(Node):
    """In single quotes."""

    code: int


@dataclass(frozen=True, slots=True)
class FieldRef(Node):
    """Every value of a field, or of its occurrences in some layers only (`ip.src#2`; counted from 1).

    whole   of a protocol: its header and what it carries, not the header alone
    """

    target: Target
    layers: tuple[Range, ...] = ()
    whole: bool = False

    @property
    def kind(self) -> Kind:
        return self.target.kind


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Scalar
    kind: Kind


@dataclass(frozen=True, slots=True)
class Network(Node):
    """Addresses that begin with the same `bits` bits as `value`."""

    value: bytes
    bits: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """Bytes of `of`, put together; those of text are its UTF-8.  A value without all of them has none."""

    of: Value
    ranges: tuple[Range, ...]

    @property
    def kind(self) -> Kind:
        return Kind.BYTES


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`sign` is one of `+ - * / % &`; every value of one side with every value of the other.

    `/` and `%` round towards zero, and give nothing for a divisor of zero; `&` of bytes is as long as
    the shorter.
    """

    sign: str
    left: Value
    right: Value

    @property
    def kind(self) -> Kind:
        left, right = kind_of(self.left), kind_of(self.right)
        if self.sign == "&" and left in OCTETS:
            return Kind.BYTES if left is Kind.LAYER else left
        return Kind.TIME if Kind.TIME in (left, right) else Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Negative(Node):
    of: Value

    @property
    def kind(self) -> Kind:
        kind = kind_of(self.of)
        return kind if kind is Kind.TIME else Kind.NUMBER


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function` is one of those in `check.FUNCTIONS`."""

    function: str
    arguments: tuple[Value, ...]
    kind: Kind = Kind.NUMBER


Value: TypeAlias = "Word | Text | Char | FieldRef | Literal | Network | Slice | Arithmetic | Negative | Call"


def kind_of(value: Value) -> Kind:
    """The kind of a checked value."""
    if isinstance(value, (Word, Text, Char)):
        raise TypeError(f"{value} has not been checked")
    return value.kind


# -- tests ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bare(Node):
    """A value by itself, still to be told what is asked of it."""

    of: Value


@dataclass(frozen=True, slots=True)
class Present(Node):
    """There is a value."""

    of: Value


@dataclass(frozen=True, slots=True)
class NonZero(Node):
    """There is a value that is not zero."""

    of: Value


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`sign` is one of `== != < <= > >=`; of byte strings, a longer one is the greater.

    every   all pairs of values must hold, not just one; without values on both sides none does
    """

    sign: str
    left: Value
    right: Value
    every: bool = False


@dataclass(frozen=True, slots=True)
class Contains(Node):
    """The right side stands somewhere in the left one; nothing contains what is empty."""

    left: Value
    right: Value
    every: bool = False


@dataclass(frozen=True, slots=True)
class Matches(Node):
    """A regular expression is found in the value, whatever the case of letters.

    pattern   as a checked tree has it: a literal of bytes, written as Python's `re` does
    """

    of: Value
    pattern: Value
    every: bool = False


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """From `low` to `high`, both included, as an item of a set."""

    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Member(Node):
    of: Value
    items: tuple[Value | Interval, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Not(Node):
    of: Test


@dataclass(frozen=True, slots=True)
class And(Node):
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Xor(Node):
    """An odd number of them holds."""

    tests: tuple[Test, ...]


Test: TypeAlias = "Bare | Present | NonZero | Compare | Contains | Matches | Member | Not | And | Or | Xor"


def children(node: Node) -> Iterator[Node]:
    """The nodes right below one."""
    for name in node.__slots__:
        inside = getattr(node, name)
        for one in inside if isinstance(inside, tuple) else (inside,):
            if isinstance(one, Node):
                yield one
