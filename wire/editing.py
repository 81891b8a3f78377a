"""Editing a packet: exactly the bits that were asked for, and with `fix` what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .engines import reference
from .packet import Layer, Packet, copy_meta
from .schema import Extra


def edit(packet: Packet, changes: Mapping[str, Any], fix: bool = False) -> Packet:
    """A copy of `packet` with fields set: `{"ip.ttl": 5, "tcp.flags.syn": 1, "ip.ttl#2": 9}`.

    fix  also set the lengths and checksums whose right answer the edit changed, never inside quoted
         packets; `result.fixed` names them.  What was wrong before and is not touched stays wrong.

    KeyError: no such field (with the nearest names), or not in this packet.  ValueError: the value
    does not fit.
    """
    draft = reference.decode(bytes(packet), packet.first, packet.wire_len, packet.fcs_len)
    before = reference.dues(draft.layers) if fix else {}
    given = {put(draft, name, value) for name, value in changes.items()}
    fixed: list[str] = []
    for _ in range(len(before)):  # a length that is set changes the checksums over it
        settled = True
        for (depth, name), due in reference.dues(draft.layers).items():
            layer = draft.layers[depth]
            if due is None or (depth, name) in given or due == before.get((depth, name)) or layer.values[name] == due:
                continue
            layer.values[name] = due
            path = layer.record.prefix + name
            if path not in fixed:
                fixed.append(path)
            settled = False
        if settled:
            break
    data = bytes(draft)
    grown = len(data) - len(packet.raw)
    made = copy_meta(packet, reference.decode(data, packet.first, packet.wire_len + grown, packet.fcs_len))
    made.fixed = fixed
    return made


def put(packet: Packet, path: str, value: Any) -> tuple[int, str]:
    """Set one field; the place of its layer among the layers, and its name."""
    name, _, which = path.partition("#")
    wanted, seen = int(which or 1), 0
    for depth, layer in enumerate(packet.layers):
        for one in (layer, *layer.inner()):
            field = field_name(one, name)
            if field is None:
                continue
            seen += 1
            if seen == wanted:
                one[field] = value
                packet.touched()
                return depth, field
    raise KeyError(missing(packet, name, seen))


def field_name(layer: Layer, path: str) -> str | None:
    """The name inside the layer of the field with this full name, if the layer has it."""
    aliases = getattr(layer.record, "aliases", {})
    for name, found in layer.record.lookup.items():
        if found.path == path or aliases.get(path) == name:
            if isinstance(found, Extra):
                raise ValueError(f"{path} is not on the wire: it is worked out from other fields")
            return name if name in layer else None
    return None


def missing(packet: Packet, path: str, seen: int) -> str:
    """Why a field cannot be set: unknown, or not here."""
    if seen:
        return f"{path} stands in this packet {seen} time{'s' * (seen != 1)}"
    layers = [layer for layer in packet if path.startswith(layer.record.prefix)]
    for layer in layers[:1]:
        try:
            layer.record.find(path.removeprefix(layer.record.prefix))
        except KeyError as error:
            return str(error.args[0])
        return f"{path} is not in this packet"
    return f"{path}: this packet has {', '.join(layer.name for layer in packet)}, and no such field"
