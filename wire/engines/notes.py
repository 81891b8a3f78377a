"""What is to be said of a packet: checks, checksums and faults, worked out when notes are first read."""

from __future__ import annotations

from collections.abc import Iterator

from ..packet import Detailed, Layer, Note, Packet, fill
from ..rules import Seal, Verdict
from ..schema import Check, Field, Part, Protocol, context_of
from .writer import lend

CUTS = {
    "capture": "the capture cut the packet",
    "fragment": "the packet is in fragments",
    "quote": "only the beginning is quoted",
    "length": "the packet ends before its length says",
}


def verify(layer: Layer) -> dict[str, Verdict]:
    """Hold every Auto field of a layer against its rule: {field name: verdict}."""
    packet = layer.packet
    if packet is None or not packet.verified:
        return {}
    found = {}
    for field, first, end in (*layer.head, *layer.tail):
        if field.rule and field.rule.verdict:
            verdict = field.rule.verify(seal_of(packet, layer, field, first, end))
            if verdict:
                found[field.name] = verdict
    return found


def seal_of(packet: Packet, layer: Layer, field: Field, first: int, end: int) -> Seal:
    """What a rule may look at to verify a field."""
    raw, at = packet.raw, first // 8
    below = packet.layers[: packet.depth(layer)]
    zeroed = raw[layer.start : at] + bytes((end - first) // 8) + raw[end // 8 : layer.end]
    seal = Seal(zeroed, raw[layer.end : layer.stop], raw[layer.start : at], found=layer.values[field.name])
    seal.sound = layer.sound
    seal.cut = CUTS[layer.cut] if layer.cut else "its layer could not be read whole" if layer.faults else ""
    if field.rule and field.rule.borrows:
        seal.pseudo = lend(below, layer.record, layer.wire_stop - layer.start)
        lenders = [one.record.pseudo for one in below if isinstance(one.record, Protocol) and one.record.pseudo]
        seal.needed = bool(lenders and lenders[-1].needed)
    return seal


def explain(layer: Layer) -> list[Note]:
    """All notes on a layer, option by option."""
    return [*layer.faults, *checks(layer), *sums(layer), *option_notes(layer)]


def checks(layer: Layer) -> Iterator[Note]:
    """What the schema says should hold of the layer."""
    context = context_of({**layer.values, "_quoted": layer.quoted})
    if layer.sound:  # otherwise nobody knows where the payload begins
        context["_payload"] = layer.wire_stop - layer.end
    for check in layer.record.checks:
        if not isinstance(check, Check):
            yield from check(layer)
            continue
        try:
            held = check(context)
        except KeyError:  # a field that was cut off cannot be held against anything
            continue
        if not held:
            yield broken(layer, check)


def broken(layer: Layer, check: Check) -> Note:
    """A check that does not hold, with what it needed and what there is."""
    found = layer.record.find(check.field)
    value = layer.get(check.field)
    field = found.path
    code = check.code or f"{layer.name}.{check.field}"
    place = layer.span(check.field) if isinstance(found, (Field, Part)) else None
    have = value if isinstance(value, int) else None
    return Note(check.severity, code, fill(check.text, layer.get), layer.name, field, place, check.need(), have,
                "", check.rfc or layer.record.rfc)  # fmt: skip


def sums(layer: Layer) -> Iterator[Note]:
    """What the checksums say."""
    for name, verdict in layer.verdicts.items():
        field = layer.record.find(name)
        assert isinstance(field, Field) and field.rule
        due = "" if verdict.due is None else field.format.show(verdict.due)
        severity, text = {
            "right":     ("",      ""),
            "wrong":     ("error", f"wrong: should be {due}"),
            "offload":   ("chat",  f"left to offload: only the pseudo header is summed, should be {due}"),
            "absent":    ("chat",  "absent: the sender left it out"),
            "illegal":   ("error", "zero: over this network layer it may not be left out"),
            "unchecked": ("chat",  f"cannot be checked: {verdict.why}"),
        }[verdict.kind]  # fmt: skip
        if severity:
            yield Note(severity, f"checksum.{verdict.kind}", text, layer.name, field.path, layer.span(name),
                       verdict.due, layer.values[name], "", field.rule.rfc)  # fmt: skip


def option_notes(layer: Layer) -> Iterator[Note]:
    """What is wrong with the records inside: their lengths, their values, and those that stand twice."""
    seen: set[tuple[int, str]] = set()
    for place in (*layer.head, *layer.tail):
        value = layer.values[place.field.name]
        if not isinstance(value, list):
            continue
        for item in value:
            if not isinstance(item, Layer):
                continue
            yield from item.faults
            yield from checks(item)
            key = (id(place.field), item.name)
            if item.record.once and key in seen:
                yield Note("note", "option.twice", f"option {item.record.title} stands here a second time", layer.name,
                           place.field.path, (item.start * 8, item.end * 8), 1, 2, "", item.record.rfc)  # fmt: skip
            seen.add(key)


def frame(packet: Packet) -> Layer:
    """What is known of the packet as a whole, as a layer without bytes."""
    from .. import protocols

    layer = Detailed(protocols.whole())
    layer.packet, layer.stop, layer.wire_stop = packet, len(packet.raw), packet.wire_len
    return layer
