"""What a protocol's table says of it, gathered for reference pages and listings: places, fields, options, checks."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from .. import protocols
from ..options import Options
from ..packet import Draft, Stack, fitting
from ..schema import Choice, Field, Part, Protocol, Record, Repeat, When
from .expressions import expression, gist
from .words import cited, default_words, kind_of, short_title, width_of


class Row(NamedTuple):
    """One field, part or derived value: its full name, and what there is to say of it."""

    path: str
    label: str
    bits: str
    kind: str
    default: str
    meaning: str
    rfc: str
    depth: int = 0  # 1 for the parts of a field


class Place(NamedTuple):
    """A registry of numbers, whose headers have one of them, and which protocol each stands for (None: any other)."""

    registry: str
    having: tuple[str, ...]
    who: Mapping[int | None, str]


class Rule(NamedTuple):
    """Something that is checked, how grave it is, and who asks for it."""

    text: str
    severity: str
    rfc: str


class Option(NamedTuple):
    """One kind of a kind-length-value region; `fields` are (full name, label, bits)."""

    kind: int
    name: str
    title: str
    length: str
    fields: tuple[tuple[str, str, str], ...]
    rfc: str


# -- where it sits --------------------------------------------------------------------


def carriers(protocol: Protocol) -> list[Place]:
    """By which number of which registry it is carried, and which protocols have such a number."""
    found = []
    for registry, numbers in protocol.over.items():
        who = tuple(one.name for one in protocols.load().values() if registry in registries_of(one))
        found.append(Place(registry, who, dict.fromkeys(numbers, protocol.name)))
    return found


def carried(protocol: Protocol) -> list[Place]:
    """Who may follow it, and the fields (or the expression) that say so."""
    found: dict[str, Place] = {}
    for carrier in protocol.carriers:
        said = [(registry, protocol.find(name).path) for name, registry in carrier.by.items()]
        said += [(registry, choice_text(registry, number, protocol)) for registry, number in carrier.also.items()]
        for registry, text in said:
            known = Protocol.registries[registry].numbers if registry in Protocol.registries else {}
            old = found[registry].having if registry in found else ()
            who = {number: one.name for number, one in known.items()}
            found[registry] = Place(registry, tuple(dict.fromkeys((*old, text))), who)
    return list(found.values())


def number_text(registry: str, number: int | None) -> str:
    """A number of a registry, as the headers that have it write it: 0x0800 in `ethertype`, 6 in `ip.proto`."""
    if number is None:
        return "any other"
    for one in protocols.load().values():
        for carrier in one.carriers:
            for name, other in carrier.by.items():
                if other == registry:
                    return one.find(name).format.show(number)
    return str(number)


def choice_text(registry: str, number: Any, record: Record) -> str:
    """The expression that comes to a number of a registry: `0x0800 if DSAP = TCP/IP (0x06), else none`."""
    text = expression(number, record).replace("-1", "none")
    return re.sub(r"\b\d{3,}\b", lambda found: number_text(registry, int(found[0])), text)


def registries_of(protocol: Protocol) -> set[str]:
    """The registries that the numbers in its header are of."""
    return {registry for carrier in protocol.carriers for registry in (*carrier.by.values(), *carrier.also)}


def is_real(protocol: Protocol) -> bool:
    """Whether it stands on the wire by a number, or where some header names it; what nobody claims does neither."""
    used = {registry for one in protocols.load().values() for registry in registries_of(one)}
    return any(registry in used or numbers != (None,) for registry, numbers in protocol.over.items())


# -- what it has ----------------------------------------------------------------------


def fields(record: Record) -> Iterator[Row]:
    """Every field, with its parts behind it, then the values that are not on the wire."""
    for one in record.fields:
        yield row_of(one, record)
        for part in one.parts:
            yield row_of(part, record)
        if isinstance(one.core, Repeat) and isinstance(one.core.item, Record):
            yield from (row_of(inner, one.core.item)._replace(depth=1) for inner in one.core.item.fields)
    for extra in record.extras:
        text, rfc = cited(record.meaning.get(extra.name, ""))
        if not text and extra.name.endswith(".status"):
            text = "What verifying it found: 1 right, 0 wrong, 2 not checkable, 3 absent, 4 not allowed."
        yield Row(extra.path, extra.label, "", "not on the wire", "", text, rfc)


def row_of(one: Field | Part, record: Record) -> Row:
    text, rfc = cited(record.meaning.get(one.name, ""))
    if isinstance(one, Field):
        return Row(one.path, one.label, width_of(one), kind_of(one, record), default_words(one), text, rfc)
    flags, names = one.owner.flags, [part.last for part in one.owner.parts]
    short = flags.short[names.index(one.last)] if flags and len(flags.short) == len(names) else ""
    label = f"{one.label} ({short})" if short and short.casefold() != one.label.casefold() else one.label
    return Row(one.path, label, width_of(one), kind_of(one, record), "", text, rfc, 1)


def options(record: Record) -> list[Option]:
    """Every kind of option that it reads, by number."""
    found = []
    for one in record.fields:
        if not isinstance(one.core, Options):
            continue
        for number, option in sorted(one.core.records.items()):
            body = [inner for inner in option.fields if inner.name not in ("kind", "length")]
            said = tuple((inner.path, inner.label, width_of(inner)) for inner in body)
            length = length_of(option, one.core)
            found.append(Option(number, option.name, option.title, length, said, option.rfc or record.rfc))
    return found


def others(record: Record) -> str:
    """What becomes of kinds that have no table; "" where there are no options."""
    regions = [one.core for one in record.fields if isinstance(one.core, Options)]
    if not regions:
        return ""
    kinds = regions[0].kinds
    named = f"named by registry {kinds} and " if isinstance(kinds, str) and kinds else ""
    return f"Any other kind is {named}kept byte for byte."


def length_of(option: Record, region: Options) -> str:
    """How many bytes the option takes, kind and length included."""
    bits = [one.bits for one in option.fields]
    sometimes = any(When in one.words for one in option.fields) or any(isinstance(row, Choice) for row in option.rows)
    if sometimes or any(width < 0 for width in bits):
        return "varies"
    return str(-(-sum(bits) // 8 // region.step) * region.step)


def checks(record: Record) -> Iterator[Rule]:
    """What is held against it: the table's checks, its options' and its checksums'."""
    for one in record.fields:
        if one.rule and one.rule.verdict:
            text = f"`{one.path}` is wrong (a chat where it is left to offload, absent, or cannot be checked)"
            yield Rule(text, "error", one.rule.rfc)
    yield from checks_of(record)
    for one in record.fields:
        if isinstance(one.core, Options):
            for option in one.core.records.values():
                for rule in checks_of(option):
                    yield rule._replace(text=f"option {short_title(option.title)}: {rule.text}")


def checks_of(record: Record) -> Iterator[Rule]:
    for check in record.checks:
        if callable(check) and not hasattr(check, "severity"):
            text = gist(check)
            found = re.search(r"RFC \d+(?: (?:section )?[\d.]*\d)?", check.__doc__ or "")
            if text:
                yield Rule(text, "", found[0].replace("section ", "") if found else record.rfc)
            continue
        path = record.find(check.field).path if check.field in record.lookup else record.name
        yield Rule(f"`{path}`: {re.sub(r'{[^}]*}', '…', check.text)}", check.severity, check.rfc or record.rfc)


# -- an example -----------------------------------------------------------------------

ETHERNET = 1  # the link type that bytes are taken for unless something else is said
EXAMPLES = ("02:00:00:00:00:0{}", "192.0.2.{}", "2001:db8::{}")  # addresses that are kept for documentation


def example(protocol: Protocol) -> Stack:
    """A stack that ends with the protocol, addresses filled in, all else as it is worked out."""
    return Stack(tuple(Draft(one, {}).put(addresses(one)) for one in path_to(protocol)))


def path_to(protocol: Protocol) -> list[Protocol]:
    """The layers around a protocol, outermost first: the shortest way from the most common kind of link."""
    ways: dict[str, list[Protocol]] = {protocol.name: [protocol]}
    queue = deque([protocol])
    while queue:
        inner = queue.popleft()
        for outer in sorted(protocols.load().values(), key=lambda one: -likeness(one.name, inner.name)):
            if outer.name not in ways and holds(outer, inner):
                ways[outer.name] = [outer, *ways[inner.name]]
                queue.append(outer)
    links = [way for way in ways.values() if way[0].over.get("linktype")]
    return min(links, key=lambda way: (ETHERNET not in way[0].over["linktype"], len(way)), default=[protocol])


def holds(outer: Protocol, inner: Protocol) -> bool:
    """Whether one can carry the other, by a number or as what any other number means."""
    anything = any(None in inner.over.get(registry, ()) for registry in registries_of(outer))
    return anything or bool(outer.carries(inner))


def likeness(one: str, other: str) -> float:
    """How much two names have in common: kin of one family are carried by each other (ipv6, icmpv6)."""
    return SequenceMatcher(None, one, other).ratio()


def addresses(protocol: Protocol) -> dict[str, str]:
    """A text for each address of the header that would otherwise be zeros: the second end is the destination."""
    found = {}
    for one in protocol.rows:
        if not isinstance(one, Field) or not one.format.textual or any(one.default):
            continue
        for text in EXAMPLES:
            text = text.format(2 if one.name.startswith("dst") else 1)
            try:
                fitting(one, text)
            except ValueError:
                continue
            found[one.name] = text
            break
    return found
