"""From a checked tree to one Python function on packets.

Every node becomes a Python expression.  That of a value is a list, or a single constant; that of a
test is true or false.  Getters, patterns and what else has no Python notation are the function's
globals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

from ..packet import Packet
from . import operators, tree
from .access import Access
from .regex import compiled
from .tree import (
    ADDRESSES,
    OCTETS,
    Arithmetic,
    Call,
    FieldRef,
    Interval,
    Kind,
    Literal,
    Negative,
    Network,
    Node,
    Slice,
    Test,
    Value,
    kind_of,
)

Predicate: TypeAlias = Callable[[Packet], bool]
Template: TypeAlias = Callable[[str, str], str]  # the texts of one value of each side -> that of a condition

MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
HELPERS = ("calculated", "counted", "cuts", "highest", "lowest", "masked", "ranked")


def compile_tree(test: Test, access: Access) -> tuple[Predicate, str]:
    """The function that says whether a packet is meant, and its source."""
    writer = Writer(access, Counter(refs(test)))
    condition = writer.test(test)
    lines = ["def matches(packet):", *(f"    {line}" for line in writer.first), f"    return bool({condition})", ""]
    source = "\n".join(lines)
    exec(compile(source, "<display filter>", "exec"), writer.globals)
    return cast(Predicate, writer.globals["matches"]), source


def refs(node: Node) -> Iterator[FieldRef]:
    """The fields that a filter looks at, as often as it does."""
    if isinstance(node, FieldRef):
        yield node
    for inner in tree.children(node):
        yield from refs(inner)


class Writer:
    """Writes expressions, and keeps what they name.

    first   the lines before the last one: a field that is looked at more than once is read once
    """

    def __init__(self, access: Access, uses: Counter[FieldRef]) -> None:
        self.access, self.uses = access, uses
        self.globals: dict[str, Any] = {name: getattr(operators, name) for name in HELPERS}
        self.first: list[str] = []
        self.read: dict[FieldRef, str] = {}

    def keep(self, value: object, name: str) -> str:
        """A global's name."""
        name = f"{name}_{len(self.globals) - len(HELPERS)}"
        self.globals[name] = value
        return name

    def constant(self, value: object) -> str:
        return repr(value) if type(value) in (int, bytes) else self.keep(value, "constant")

    # tests

    def test(self, test: Test) -> str:
        match test:
            case tree.Not():
                return f"(not {self.test(test.of)})"
            case tree.And():
                return f"({' and '.join(map(self.test, test.tests))})"
            case tree.Or():
                return f"({' or '.join(map(self.test, test.tests))})"
            case tree.Xor():
                return f"({' ^ '.join(f'bool({self.test(one)})' for one in test.tests)})"
            case tree.Present():
                return self.present(test.of)
            case tree.NonZero():
                values = self.values(test.of)
                return f"any(map(any, {values}))" if kind_of(test.of) in OCTETS else f"any({values})"
            case tree.Compare():
                return self.compare(test)
            case tree.Contains():
                return self.each(test.every, lambda one, other: f"{other} in {one}", test.left, test.right)
            case tree.Matches():
                return self.matches(test)
            case tree.Member():
                return self.member(test)
        raise TypeError(f"{test} has not been checked")

    def present(self, value: Value) -> str:
        if isinstance(value, FieldRef) and self.uses[value] == 1:
            return f"{self.keep(self.access(value, True), 'there')}(packet)"
        return self.values(value)

    def compare(self, test: tree.Compare) -> str:
        left, right, sign = test.left, test.right, test.sign
        if isinstance(left, (Literal, Network)):  # `80 == tcp.port`
            left, right, sign = right, left, MIRRORED.get(sign, sign)
        if isinstance(right, Network):
            within = self.within(right, sign)
            return self.each(test.every, lambda one, _: within(one), left)
        if isinstance(right, Literal) and (sign, test.every) == ("==", False):
            return f"{self.constant(right.value)} in {self.values(left)}"
        if isinstance(right, Literal) and (sign, test.every) == ("!=", True):
            return f"((xs := {self.values(left)}) and {self.constant(right.value)} not in xs)"
        if kind_of(left) in OCTETS and sign in MIRRORED:
            return self.each(test.every, lambda one, other: f"ranked({one}) {sign} ranked({other})", left, right)
        return self.each(test.every, lambda one, other: f"{one} {sign} {other}", left, right)

    def within(self, network: Network, sign: str = "==") -> Callable[[str], str]:
        """The condition that compares an address with a network: as many bits of it as the network has."""
        bound = operators.masked(network.value, network.bits)
        return lambda one: f"masked({one}, {network.bits}) {sign} {bound}"

    def matches(self, test: tree.Matches) -> str:
        assert isinstance(test.pattern, Literal) and isinstance(test.pattern.value, bytes)
        search = self.keep(compiled(test.pattern.value).search, "search")
        encode = ".encode()" if kind_of(test.of) is Kind.TEXT else ""
        return self.each(test.every, lambda one, _: f"{search}({one}{encode})", test.of)

    def member(self, test: tree.Member) -> str:
        plain = frozenset(item.value for item in test.items if isinstance(item, Literal))
        known = self.keep(plain, "known") if plain else ""
        others = [self.item(item, kind_of(test.of)) for item in test.items if not isinstance(item, Literal)]
        if not others and not test.every:
            return f"(not {known}.isdisjoint({self.values(test.of)}))"
        if plain:
            others.insert(0, lambda one: f"{one} in {known}")
        return self.each(test.every, lambda one, _: f"({' or '.join(item(one) for item in others)})", test.of)

    def item(self, item: Value | Interval, kind: Kind) -> Callable[[str], str]:
        """The condition that a value is the item of a set, or between its ends."""
        if isinstance(item, Network):
            return self.within(item)
        if not isinstance(item, Interval):
            values = self.values(item)
            return lambda one: f"{one} in {values}"
        rank = "ranked" if kind in OCTETS else ""
        low, high = (self.constant(end.value) if isinstance(end, Literal) else "" for end in (item.low, item.high))
        if low and high:
            return lambda one: f"{rank}({low}) <= {rank}({one}) <= {rank}({high})"
        lows, highs = self.values(item.low), self.values(item.high)
        return lambda one: (f"any({rank}(low) <= {rank}({one}) <= {rank}(high) "
                            f"for low in {lows} for high in {highs})")  # fmt: skip

    def each(self, every: bool, condition: Template, left: Value, right: Value | None = None) -> str:
        """That the condition holds for one pair of values; or for every pair, and there is one."""
        texts, loops = [], []
        for name, side in (("x", left), ("y", right)):
            if isinstance(side, Literal):
                texts.append(self.constant(side.value))
                continue
            texts.append(name)
            if side is not None:
                loops.append((name, self.values(side)))
        holds = condition(texts[0], texts[1])
        if not every:
            return f"any({holds} {' '.join(f'for {name} in {values}' for name, values in loops)})"
        there = " and ".join(f"({name}s := {values})" for name, values in loops)
        return f"({there} and all({holds} {' '.join(f'for {name} in {name}s' for name, _ in loops)}))"

    # values

    def values(self, value: Value) -> str:
        """The expression of a list; none assigns, as they stand inside comprehensions."""
        match value:
            case FieldRef():
                return self.field(value)
            case Literal():
                return f"({self.constant(value.value)},)"
            case Slice():
                return f"cuts({self.octets(value.of)}, {self.keep(value.ranges, 'ranges')})"
            case Negative():
                return f"[-x for x in {self.values(value.of)}]"
            case Arithmetic():
                return self.arithmetic(value)
            case Call():
                return self.call(value)
        raise TypeError(f"{value} has not been checked")

    def field(self, ref: FieldRef) -> str:
        name = self.read.get(ref)
        if name is None:
            name = f"{self.keep(self.access(ref, False), 'get')}(packet)"
            if self.uses[ref] > 1:
                got, name = name, f"values_{len(self.first)}"
                self.first.append(f"{name} = {got}")
            self.read[ref] = name
        return name

    def octets(self, value: Value) -> str:
        """A list of bytes; text is its UTF-8."""
        return f"[x.encode() for x in {self.values(value)}]" if kind_of(value) is Kind.TEXT else self.values(value)

    def arithmetic(self, value: Arithmetic) -> str:
        left, right, sign = value.left, value.right, value.sign
        if sign in "/%" or kind_of(left) in OCTETS:
            operation = self.keep(operators.ARITHMETIC[sign], "operation")
            return f"calculated({operation}, {self.values(left)}, {self.values(right)})"
        if isinstance(right, Literal):
            return f"[x {sign} {self.constant(right.value)} for x in {self.values(left)}]"
        return f"[x {sign} y for x in {self.values(left)} for y in {self.values(right)}]"

    def call(self, value: Call) -> str:
        argument = value.arguments[0]
        match value.function:
            case "len":
                if kind_of(argument) is Kind.NUMBER:
                    assert isinstance(argument, FieldRef)
                    return f"[{-(-argument.target.bits // 8)} for _ in {self.values(argument)}]"
                return f"[len(x) for x in {self.octets(argument)}]"
            case "count":
                return f"counted({self.values(argument)})"
            case "max" | "min":
                together = ", ".join(f"*{self.values(one)}" for one in value.arguments)
                return f"{'highest' if value.function == 'max' else 'lowest'}([{together}])"
            case "string":
                row = argument.target.row if isinstance(argument, FieldRef) else None
                show = self.keep(row.format.show if row and kind_of(argument) in ADDRESSES else str, "show")
                return f"[{show}(x) for x in {self.values(argument)}]"
            case "abs":
                return f"[abs(x) for x in {self.values(argument)}]"
        return f"[x.{value.function}() for x in {self.values(argument)}]"
