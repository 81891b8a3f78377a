"""Fields asked for by name, and what is said of names that nothing has."""

from __future__ import annotations

from ..filter.names import Target, find, nearest
from ..filter.tree import Kind

__all__ = ["UnknownField", "column_name", "target_of"]

STATEFUL = ("tcp.stream", "tcp.window_size", "tcp.analysis", "udp.stream", "tcp.completeness")


def column_name(field: str) -> str:
    """`ip.src` as SQL and Python have it."""
    return field.replace(".", "_")


class UnknownField(LookupError):
    """A field that is not there; the message names the nearest ones."""


def target_of(name: str) -> Target:
    """What a field's name stands for.  UnknownField has the nearest names."""
    found = find(name)
    if found is not None and found.kind is Kind.LAYER:
        raise UnknownField(f"{name} is a protocol, not one of its fields")
    if found is not None:
        return found
    if name.startswith(STATEFUL):
        raise UnknownField(f"{name} is worked out over a whole conversation: that is not there yet")
    near = nearest(name)
    raise UnknownField(f"there is no field {name}" + (f": did you mean {' or '.join(near)}?" if near else ""))
