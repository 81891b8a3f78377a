"""Writing: layers back to bytes, and drafts to layers with everything worked out.

A decoded layer is written as it stands: field after field, wrong lengths and checksums included.
A draft is first planned (which rows are there, what their values are), then filled from the
innermost layer outwards: lengths, then the checksums that cover them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from construct import ConstructError

from ..options import PADDING, Options
from ..packet import Detailed, Draft, Layer, Place, fitting
from ..rules import Seal
from ..schema import (
    Bytes,
    Choice,
    Field,
    Payload,
    Protocol,
    Record,
    Repeat,
    Run,
    When,
    context_of,
    evaluate,
    payloads_in,
)

# -- layers to bytes ------------------------------------------------------------------


def field_bytes(field: Field, value: Any) -> bytes:
    """A byte-wide field as it stands on the wire."""
    if isinstance(value, list):
        element: Any = getattr(field.core, "element", None)
        return b"".join(rebuild([one]) if isinstance(one, Layer) else field_bytes(element, one) for one in value)
    return value if isinstance(value, bytes) else bytes(field.con.build(value))


def places_bytes(places: Iterable[Place], values: Mapping[str, Any]) -> bytes:
    """Fields one after another; a run of bit fields in one go."""
    out = []
    for run, group in groupby(places, lambda place: place.field.run):
        if run is None:
            out += [field_bytes(field, values[field.name]) for field, _, _ in group]
        else:
            out.append(bytes(run.con.build({field.name: values[field.name] for field, _, _ in group})))
    return b"".join(out)


def rebuild(layers: Sequence[Layer]) -> bytes:
    """The bytes of layers that sit inside each other, outermost first."""
    heads = [places_bytes(layer.head, layer.values) for layer in layers]
    tails = [places_bytes(layer.tail, layer.values) for layer in reversed(layers)]
    return b"".join((*heads, *tails))


# -- drafts to layers -----------------------------------------------------------------


class Planner:
    """Lays a draft out: the fields that will be there, with given, implied and default values."""

    def __init__(self, draft: Draft, inner: Record | None) -> None:
        self.given, self.inner = dict(draft.values), inner
        self.layer = Detailed(draft.record)
        self.open: list[Field] = []  # Auto fields still to be worked out
        implied = draft.record.carries(inner) if inner and isinstance(draft.record, Protocol) else {}
        self.implied: dict[str, Any] = implied
        self.context = context_of({"_at": 0, "_left": 0, "_ahead8": -1, "_ahead16": -1, "_fcs": 0, "_payload_end": 0})
        self.places, self.asked = self.layer.head, False  # whether any row of the case at hand was given
        self.rows(draft.record.rows)
        for name in self.given:
            if name not in self.layer.values:
                raise ValueError(f"{draft.record.prefix}{name}: has no place here: with these values "
                                 f"{draft.record.name} has {', '.join(self.layer.values)}")  # fmt: skip

    def rows(self, rows: Sequence[Any]) -> None:
        for row in rows:
            if isinstance(row, Run):
                for field in row.fields:
                    self.put(field)
            elif isinstance(row, Payload):
                self.places = self.layer.tail
            else:
                self.context["_at"] = len(places_bytes(self.layer.head, self.layer.values))
                if isinstance(row, Choice):
                    branch, asked = self.choose(row), self.asked
                    self.asked = any(name in self.given for name in names_of(branch))
                    self.rows(branch)
                    self.asked = asked
                elif self.wanted(row):
                    self.put(row)

    def wanted(self, field: Field) -> bool:
        if self.places is self.layer.tail and not self.asked:  # padding, trailers and the like: only as given
            return field.name in self.given
        when: When | None = field.words.get(When)
        return when is None or field.name in self.given or bool(evaluate(when.condition, self.context))

    def choose(self, choice: Choice) -> Sequence[Any]:
        """The branch that holds what was given, or can carry what is inside; the key's own if it is one of them."""
        said = choice.rows(evaluate(choice.key, self.context))
        branches = [said, *(branch for branch in choice.branches if branch is not said)]
        holding = [branch for branch in branches if any(name in self.given for name in names_of(branch))]
        if holding:
            return next((branch for branch in holding if self.found_again(choice, branch)), holding[0])
        over = getattr(self.inner, "over", {})
        for branch in branches:
            if any(name in over for carrier in payloads_in(branch) for name in (*carrier.by.values(), *carrier.also)):
                return branch
        for branch in branches:
            if any(name in self.implied for name in names_of(branch)):
                return branch
        return said

    def found_again(self, choice: Choice, branch: Sequence[Any]) -> bool:
        """Whether a reader who looks ahead at what was given comes to this branch."""
        first = branch[0] if branch else None
        if not isinstance(first, Field) or isinstance(self.given.get(first.name), (list, type(None))):
            return False
        try:
            ahead = field_bytes(first, self.given[first.name])[:2]
        except ConstructError:  # this branch has no room for it
            return False
        two = int.from_bytes(ahead, "big") if len(ahead) == 2 else -1
        context = context_of({**self.context, "_ahead8": ahead[0] if ahead else -1, "_ahead16": two})
        return choice.rows(evaluate(choice.key, context)) is branch

    def put(self, field: Field) -> None:
        name = field.name
        value: Any = self.given.get(name, self.implied.get(name))
        if value is None and field.rule:
            self.open.append(field)
            value = 0
        elif value is None:
            value = field.default
            if value == b"" and isinstance(field.core, Bytes):  # as many as the fields before it say
                value = bytes(max(0, field.size(self.context)))
        if isinstance(field.core, Options):
            value = planned_options(field.core, value)
        elif isinstance(field.core, Repeat):
            value = [self.element(field.core, one) for one in value]
        self.layer.values[name] = self.context[name] = value
        self.places.append(Place(field, 0, 0))

    @staticmethod
    def element(core: Repeat, one: Any) -> Any:
        if core.element is None:
            one = drafted(core.item, one) if isinstance(one, Mapping) else one
            return filled(one) if isinstance(one, Draft) else one
        return fitting(core.element, one)


def drafted(record: Record, values: Mapping[str, Any]) -> Draft:
    """A record from a mapping, as construct's containers are."""
    return Draft(record, {}).put({name: value for name, value in values.items() if name in record.lookup})


def names_of(rows: Sequence[Any]) -> Iterable[str]:
    for row in rows:
        if isinstance(row, Choice):
            for branch in row.branches:
                yield from names_of(branch)
        elif isinstance(row, Run):
            yield from (field.name for field in row.fields)
        elif isinstance(row, Field):
            yield row.name


def planned_options(core: Options, value: Any) -> list[Layer]:
    """Options filled in, and the region filled up to its alignment."""
    drafts = [drafted(core.record_of(one["kind"]), one) if isinstance(one, Mapping) else one for one in value]
    items = [padded(filled(one), core.step) if isinstance(one, Draft) else one for one in drafts]
    size = len(rebuild_each(items))
    pad = -(core.before + size) % core.align
    items += [filled(one) for one in core.padding(pad)]
    if core.limit and size + pad > core.limit:
        raise ValueError(f"{core.prefix[:-1]}: {size + pad} bytes of options, {core.limit} at most: {core.limit_why}")
    return items


def padded(item: Layer, step: int) -> Layer:
    """An option filled up to a multiple of `step`."""
    gap = -len(rebuild([item])) % step
    if gap:
        item.values[PADDING.name] = bytes(gap)
        item.head.append(Place(PADDING, 0, 0))
    return item


def rebuild_each(items: Sequence[Layer]) -> bytes:
    return b"".join(rebuild([item]) for item in items)


def filled(draft: Draft, payload: bytes = b"", pseudo: bytes | None = None) -> Layer:
    """One record by itself, with its Autos worked out."""
    plan = Planner(draft, None)
    fill(plan.layer, plan.open, payload, pseudo)
    return plan.layer


def encode(stack: Sequence[Any]) -> bytes:
    """The bytes of a stack of drafts; what was left out is worked out."""
    *drafts, payload = stack if stack and isinstance(stack[-1], bytes) else [*stack, b""]
    plans = [Planner(draft, inner) for draft, inner in
             zip(drafts, [*(one.record for one in drafts[1:]), None], strict=True)]  # fmt: skip
    layers = [plan.layer for plan in plans]
    for depth in range(len(plans) - 1, -1, -1):
        plan = plans[depth]
        size = len(places_bytes(plan.layer.head, plan.layer.values)) + len(payload) + len(ending(plan.layer))
        fill(plan.layer, plan.open, payload, lend(layers[:depth], plan.layer.record, size))
        payload = rebuild_around(plan.layer, payload)
    return bytes(payload)


def rebuild_around(layer: Layer, payload: bytes) -> bytes:
    return places_bytes(layer.head, layer.values) + payload + places_bytes(layer.tail, layer.values)


def ending(layer: Layer) -> bytes:
    """What follows the payload and is the layer's own: not what its length leaves over."""
    rows = [place for place in layer.tail if place.field.record or place.field.name == "rest"]
    return places_bytes(rows, layer.values)


def fill(layer: Layer, fields: Sequence[Field], payload: bytes, pseudo: bytes | None) -> None:
    """Work out Auto fields: those that count first, those that cover last.  ValueError names the field."""
    for field in sorted(fields, key=lambda field: bool(field.rule and field.rule.late)):
        layer.values[field.name] = due_value(layer, field, payload, pseudo)


def due_value(layer: Layer, field: Field, payload: bytes, pseudo: bytes | None) -> int:
    assert field.rule
    kept = layer.values[field.name]
    layer.values[field.name] = 0
    covered = payload + ending(layer) if field.rule.verdict else payload
    seal = Seal(places_bytes(layer.head, layer.values), covered, pseudo=pseudo)
    seal.before = seal.header + payload + places_bytes([p for p in layer.tail if p.field is not field], layer.values)
    layer.values[field.name] = kept
    try:
        return int(fitting(field, field.rule.due(seal)))
    except ValueError as error:
        text = str(error).removeprefix(f"{field.path}: ")
        raise ValueError(f"{field.path}: {text}") from None


def lend(below: Sequence[Layer], record: Record, length: int) -> bytes | None:
    """The pseudo header lent by the nearest layer below that has one, as extension headers amend it."""
    pseudo = lender(below)
    over = getattr(record, "over", {})
    if pseudo is None:
        return None
    index = next(at for at, one in enumerate(below) if one is pseudo)
    assert isinstance(pseudo.record, Protocol)
    registries = {registry for carrier in pseudo.record.carriers for registry in carrier.by.values()}
    number = next((number for registry in registries for number in over.get(registry, ())), 0)
    values = dict(pseudo.values)
    for layer in below[index:]:
        if isinstance(layer.record, Protocol) and layer.record.amends:
            values |= layer.record.amends(layer, values)
    return bytes(pseudo.record.pseudo.build(values, number or 0, length))


def lender(below: Sequence[Layer]) -> Layer | None:
    """The nearest layer below that lends a pseudo header."""
    return next((one for one in reversed(below) if isinstance(one.record, Protocol) and one.record.pseudo), None)


# -- one record, for construct's build ------------------------------------------------


def write(record: Record, values: Any, context: Any) -> bytes:
    """A record from a mapping of values; Autos need `payload=` and `pseudo=` in construct's context."""
    payload, pseudo = context.get("payload"), context.get("pseudo")
    draft = Draft(record, {}).put({name: value for name, value in dict(values).items() if not name.startswith("_")})
    plan = Planner(draft, None)
    for field in plan.open:
        rule = field.rule
        if payload is None and rule and rule.covers_payload:
            raise ValueError(f"{field.path} is worked out from the payload: give it, or build(..., payload=b'...')")
        if pseudo is None and rule and rule.borrows:
            raise ValueError(f"{field.path} covers a pseudo header: give it, or build(..., pseudo=b'...')")
    fill(plan.layer, plan.open, payload or b"", pseudo)
    return places_bytes(plan.layer.head, plan.layer.values)


# -- what is due, for edits -----------------------------------------------------------


def dues(layers: Sequence[Layer]) -> dict[tuple[int, str], int | None]:
    """What every Auto field outside quotes would have to be, as the layers stand: {(layer, field): value}."""
    found: dict[tuple[int, str], int | None] = {}
    payload = b""
    for depth in range(len(layers) - 1, -1, -1):
        layer = layers[depth]
        for place in (*layer.head, *layer.tail):
            if place.field.rule and not layer.quoted:
                size = len(places_bytes(layer.head, layer.values)) + len(payload) + len(ending(layer))
                try:
                    due = due_value(layer, place.field, payload, lend(layers[:depth], layer.record, size))
                except ValueError:
                    due = None
                found[depth, place.field.name] = due
        payload = rebuild_around(layer, payload)
    return found
