"""What the protocol tests look at: every field of a layer, its value and its bits."""

from __future__ import annotations

from typing import Any

from wire.packet import Layer

Fields = dict[str, Any]


def fields(layer: Layer) -> Fields:
    """{name: (value as its attribute reads, first bit, end bit)} of a layer's fields and their parts, in wire order.

    Bits are counted from the packet's first. An option is {its name: the same of it}.
    """
    found: Fields = {}
    for leaf in layer.leaves():
        name = leaf.field.name
        value = values(leaf.items) if leaf.items else getattr(layer, leaf.field.attribute)
        found[name] = (value, leaf.place.first, leaf.place.end)
        assert layer.span(name) == found[name][1:]
        for part in leaf.field.parts:
            found[part.name] = (getattr(layer, part.attribute), *layer.span(part.name))
    return found


def values(items: list[Layer]) -> list[tuple[str, dict[str, Any]]]:
    """(name, {field: value}) of each record in a list."""
    return [(item.name, {leaf.field.name: values(leaf.items) or getattr(item, leaf.field.attribute)
                         for leaf in item.leaves()}) for item in items]  # fmt: skip


def said(layer: Layer) -> list[tuple[str, str]]:
    """(severity, code) of each note on a layer."""
    return [(note.severity, note.code) for note in layer.notes]
