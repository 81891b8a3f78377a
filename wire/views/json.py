"""Packets as JSON, with nothing lost: every field's value, text and bits, the notes, the bytes.

A packet is one object: `number`, `time` (nanoseconds since 1970), `wire_len`, `link`, `first`, `raw`
(hex), `layers`.  A layer has `name`, `bits`, `fields` and `notes`; a field, under its full name,
`value` (a number, or bytes as hex), `show` and `bits` ([first, end) from the packet's first bit); a
field made of records (options) has a list of them as its value, each with its own `fields`.

Reading back starts from `raw` and sets every field whose `value` differs: the value wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..engines import reference
from ..options import Options, show_value
from ..packet import Layer, Leaf, Note, Packet, fitting
from ..schema import Field


def packet_object(packet: Packet) -> dict[str, Any]:
    """A packet as JSON's types."""
    packet = packet.fresh
    made: dict[str, Any] = {"type": "packet"}
    for name in ("number", "time", "comment"):
        if getattr(packet, name) is not None:
            made[name] = getattr(packet, name)
    made |= {"wire_len": packet.wire_len, "cap_len": packet.cap_len, "first": packet.first}
    if packet.fcs_len:
        made["fcs_len"] = packet.fcs_len
    if packet.link is not None:
        made["link"] = packet.link
    made["raw"] = packet.raw.hex()
    made["protocols"] = packet.frame.get("protocols")
    made["layers"] = [layer_object(layer) for layer in packet]
    return made


def layer_object(layer: Layer) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": layer.name,
        "bits": [layer.start * 8, layer.stop * 8],
        "fields": fields_object(layer),
    }
    if layer.quoted:
        made["quoted"] = True
    derived = {extra.path: extra.rule(layer) for extra in layer.record.extras}
    made["derived"] = {path: plain(value) for path, value in derived.items() if value is not None}
    made["notes"] = [note_object(note) for note in layer.notes]
    return made


def fields_object(layer: Layer) -> dict[str, Any]:
    return {path_of(leaf): leaf_object(leaf) for leaf in layer.leaves()}


def path_of(leaf: Leaf) -> str:
    """The field's full name; leftover bytes are named after their layer."""
    return leaf.field.path if leaf.field.record else leaf.layer.record.prefix + leaf.field.name


def leaf_object(leaf: Leaf) -> dict[str, Any]:
    field, value = leaf.field, leaf.value
    shown = show_of(field, value, leaf.layer.values)
    made: dict[str, Any] = {"label": field.label, "value": plain(value), "show": shown,
                            "bits": [leaf.place.first, leaf.place.end]}  # fmt: skip
    if field.parts:
        made["parts"] = {part.path: {"label": part.label, "value": part.get(value), "show": part.show(part.get(value)),
                                     "bits": list(part.span(leaf.place.first))} for part in field.parts}  # fmt: skip
    return made


def show_of(field: Field, value: Any, beside: Mapping[str, Any] | None = None) -> str:
    """The text of a value; of records and values that are repeated `10:20/30:40`."""
    repeated = isinstance(value, list) and not isinstance(field.core, Options)
    return show_value(field, value) if repeated else field.show(value, beside)


def plain(value: Any) -> Any:
    """A value in JSON's types: bytes as hex."""
    if isinstance(value, Layer):
        return {"name": value.name, "bits": [value.start * 8, value.end * 8], "fields": fields_object(value)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value.hex() if isinstance(value, bytes) else value


def note_object(note: Note) -> dict[str, Any]:
    names = ("severity", "code", "field", "bits", "text", "need", "have", "limited_by", "rfc")
    return {name: getattr(note, name) for name in names if getattr(note, name) not in (None, "")}


def dumps(packet: Packet, indent: int | None = None) -> str:
    """A packet as JSON text."""
    return json.dumps(packet_object(packet), ensure_ascii=False, indent=indent)


# -- and back -------------------------------------------------------------------------


def packet_from(made: Mapping[str, Any]) -> Packet:
    """The packet that an object describes.  ValueError says what is missing or does not fit."""
    try:
        raw = bytes.fromhex(made["raw"])
        layers = made["layers"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"a packet needs `raw` (hex) and `layers`: {error}") from None
    first = made.get("first") or (layers[0]["name"] if layers else "data")
    packet = reference.decode(raw, first, made.get("wire_len"), made.get("fcs_len", 0))
    if [layer.name for layer in packet] != [layer.get("name") for layer in layers]:
        raise ValueError(f"`layers` are not those of `raw`, which has {', '.join(layer.name for layer in packet)}")
    changed = [set_fields(layer, given.get("fields", {})) for layer, given in zip(packet, layers, strict=True)]
    if any(changed):
        data = bytes(packet)
        packet = reference.decode(data, first, packet.wire_len + len(data) - len(raw), packet.fcs_len)
    for name in ("number", "time", "comment", "link"):
        setattr(packet, name, made.get(name))
    return packet


def set_fields(layer: Layer, given: Mapping[str, Any]) -> bool:
    """Set the fields whose value differs; whether any did."""
    changed = False
    for leaf in layer.leaves():
        one = given.get(path_of(leaf))
        if one is None or "value" not in one or one["value"] == plain(leaf.value):
            continue
        if leaf.items:
            items = zip(leaf.items, one["value"], strict=False)
            changed |= any([set_fields(item, other["fields"]) for item, other in items])
            continue
        layer.values[leaf.field.name] = from_plain(leaf, one["value"])
        changed = True
    return changed


def from_plain(leaf: Leaf, value: Any) -> Any:
    if isinstance(leaf.value, bytes):
        data = bytes.fromhex(value)
        return fitting(leaf.field, data) if leaf.field.record else data
    if isinstance(leaf.value, list):
        return [bytes.fromhex(one) if isinstance(one, str) else one for one in value]
    return fitting(leaf.field, value)
