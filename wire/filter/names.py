"""Which names a filter may use, and what each stands for: a walk over the schemas of all protocols."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from typing import TypeAlias

from .. import protocols, rules
from ..options import Options
from ..schema import Ends, Extra, Field, Format, Part, Protocol, Record, Repeat
from ..types import MAC, Address4, Address6, HexData
from .tree import NUMERIC, OCTETS, Kind

Row: TypeAlias = "Field | Part | Extra"
Inner: TypeAlias = "tuple[Record, bool, tuple[str, ...]]"

FORMATS: tuple[tuple[type[Format], Kind], ...] = (
    (Address4, Kind.IPV4), (Address6, Kind.IPV6), (MAC, Kind.ETHER), (HexData, Kind.BYTES),
)  # fmt: skip
ANNOTATIONS = {"str": Kind.TEXT, "bytes": Kind.BYTES, "Decimal": Kind.TIME, "bool": Kind.FLAG}

STATUSES = {rules.BAD: "Bad", rules.GOOD: "Good", rules.UNVERIFIED: "Unverified", rules.ABSENT: "Not present",
            rules.ILLEGAL: "Illegal"}  # fmt: skip
FLAGS = {1: "True", 0: "False"}
SET = {1: "Set", 0: "Not set"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a name's values are: in `record`, which is a protocol's own table or one inside it (an option).

    name     the row's, as `record.lookup` has it; "" is all of the record
    within   the protocol's fields that lead to the record: ("options",); none to its own table
    path     the row's full name, where `record` has several rows of that name, in several cases
    """

    protocol: Protocol
    record: Record
    name: str
    within: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a name stands for.

    bits   how wide its numbers are; -1 where that varies or they are not on the wire
    row    a row that has it: what it is called, and how people write its values
    """

    path: str
    kind: Kind
    sources: tuple[Source, ...] = field(repr=False)
    bits: int = field(default=-1, repr=False)
    row: Row | None = field(default=None, repr=False)

    def names(self) -> Mapping[int, str]:
        """The names that its numbers have, where they do not hang on another field."""
        if self.kind is Kind.FLAG:
            return FLAGS
        if isinstance(self.row, Extra):
            return STATUSES if self.row.name.endswith(".status") else {}
        return self.row.named.names() if self.row and self.row.named else {}

    def number(self, name: str) -> int | None:
        """The number that goes by a name, whatever the case of its letters."""
        wanted = name.casefold()
        for table in (self.names(), SET if self.kind is Kind.FLAG else {}):
            for number, known in table.items():
                if known.casefold() == wanted:
                    return number
        if self.row is not None and self.kind is Kind.NUMBER and not name.isdigit():
            try:
                found = self.row.format.read(name)  # a port by its service
            except ValueError:
                return None
            return found if isinstance(found, int) else None
        return None


def find(name: str) -> Target | None:
    """What a name stands for, if anything.

    The protocols of its family are looked at first, so that the tables of the others need not be laid out.
    """
    known, family = protocols.load().values(), name.partition(".")[0]
    near = [one for one in known if one.prefix.partition(".")[0] == family or name in one.aliases or one.name == name]
    return find_in(near, name) or (find_in(known, name) if name[0].isalpha() else None)


def find_in(known: Iterable[Protocol], name: str) -> Target | None:
    found: dict[str, Target] = {}
    for protocol in known:
        one = names_of(protocol).get(name)
        if one:
            merge(found, name, one)
    return found.get(name)


def nearest(name: str) -> list[str]:
    """Names that look like this one: of the same protocol, if there is that."""
    known = {one.path for protocol in protocols.load().values() for one in names_of(protocol).values()}
    family = {path for path in known if path.startswith(name.partition(".")[0] + ".")}
    lower = name.lower()
    if find(lower):
        return [lower]
    return get_close_matches(lower, sorted(family), 2, 0.6) or get_close_matches(lower, sorted(known), 2, 0.6)


@cache
def names_of(protocol: Protocol) -> dict[str, Target]:
    """All names of one protocol, those of its options too."""
    found: dict[str, Target] = {}
    layer = Target(protocol.name, Kind.LAYER, (Source(protocol, protocol, ""),))
    for name in {protocol.name, protocol.prefix.removesuffix(".")}:  # the second version of SLL is `sll` too
        found[name] = replace(layer, path=name)
    records = [(protocol, False, ()), *inside(protocol)]
    for record, _, within in records:
        for row in rows_of(record):
            merge(found, row.path, target(protocol, record, within, row))
    for record, _, _ in records:  # other names: flags as their trade has them, underscores for dots
        for name, row in record.lookup.items():
            found.setdefault(record.prefix + name, found[row.path])
    for record, is_option, within in records:
        for name in (record.name, *record.alias) if is_option else ():
            path = record.prefix + name
            found.setdefault(path, Target(path, Kind.BYTES, (Source(protocol, record, "", within),)))
    for alias, name in protocol.aliases.items():
        found[alias] = replace(found[protocol.prefix + name], path=alias)
    return found


def merge(found: dict[str, Target], name: str, one: Target) -> None:
    """A name whose values can stand in several places has them all.  Of two kinds, the first one is the name's."""
    before = found.get(name)
    if before is None:
        found[name] = one
        return
    sources = before.sources + tuple(source for source in one.sources if source not in before.sources)
    kind = Kind.NUMBER if {before.kind, one.kind} == {Kind.NUMBER, Kind.FLAG} else before.kind
    if {before.kind, one.kind} <= NUMERIC or {before.kind, one.kind} <= OCTETS:
        found[name] = replace(before, kind=kind, sources=sources, bits=max(before.bits, one.bits))


def rows_of(record: Record) -> Iterator[Row]:
    """Fields (all those of one name that several cases have), their parts, and derived values."""
    for row in record.fields:
        yield row
        yield from row.parts
    yield from record.extras


def target(protocol: Protocol, record: Record, within: tuple[str, ...], row: Row) -> Target:
    twin = (row.owner.name if isinstance(row, Part) else row.name) in record.twins
    source = Source(protocol, record, row.name, within, row.path if twin else "")
    ended = row.record.find(row.rule.names[0]) if isinstance(row, Extra) and isinstance(row.rule, Ends) else row
    return Target(row.path, kind_of(row), (source,), -1 if isinstance(ended, Extra) else ended.bits, ended)


def inside(record: Record, within: tuple[str, ...] = ()) -> list[Inner]:
    """The records that stand in a record's fields: whether they are options, and the fields that lead there."""
    found: list[Inner] = []
    for row in record.fields:
        way = (*within, row.name)
        if isinstance(row.core, Options):
            options = (*row.core.records.values(), row.core.unknown, row.core.malformed)
            found += [inner for one in options for inner in ((one, True, way), *inside(one, way))]
        elif isinstance(row.core, Repeat) and isinstance(row.core.item, Record):
            found += [(row.core.item, False, way), *inside(row.core.item, way)]
    return found


def kind_of(row: Row) -> Kind:
    """What a row's values are."""
    if isinstance(row, Field) and isinstance(row.core, Repeat) and row.core.element:
        return kind_of(row.core.element)
    for form, kind in FORMATS:
        if isinstance(row.format, form):
            return kind
    if isinstance(row, Extra):
        return kind_derived(row)
    if row.bits == 1:
        return Kind.FLAG
    return Kind.BYTES if isinstance(row, Field) and not isinstance(row.default, int) else Kind.NUMBER


def kind_derived(row: Extra) -> Kind:
    """What a value that is not on the wire is: what its rule says that it returns, else a number."""
    if isinstance(row.rule, Ends):
        return kind_of(row.record.find(row.rule.names[0]))
    said = str(getattr(row.rule, "__annotations__", {}).get("return", "")).removesuffix(" | None")
    return ANNOTATIONS.get(said, Kind.NUMBER)
