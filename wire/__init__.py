"""wire: decode, build and explain packets from one table per protocol.

>>> import wire
>>> p = wire.decode(bytes.fromhex("450000140000000040067ce70a0000010a000002"), first="ip")
>>> p.ip.src, p.ip.ttl
('10.0.0.1', 64)

Everything here is imported when it is first asked for, so that a use pays only for what it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .building import build
    from .capture import CaptureError
    from .editing import edit
    from .engines.scalar import decode
    from .engines.templates import template
    from .lab import craft
    from .packet import Draft, Layer, Note, Packet, Stack
    from .schema import Protocol
    from .sources import open_source as open
    from .sources import write
    from .tables import rows, table

__all__ = ["CaptureError", "Draft", "Layer", "Note", "Packet", "Protocol", "Stack", "build", "craft", "decode", "edit",
           "open", "rows", "table", "template", "write"]  # fmt: skip
__version__ = "0.1.0"

HOMES = {
    # name           module              its name there
    "CaptureError": ("capture",          "CaptureError"),
    "Draft":        ("packet",           "Draft"),
    "Layer":        ("packet",           "Layer"),
    "Note":         ("packet",           "Note"),
    "Packet":       ("packet",           "Packet"),
    "Protocol":     ("schema",           "Protocol"),
    "Stack":        ("packet",           "Stack"),
    "build":        ("building",         "build"),
    "craft":        ("lab",              "craft"),
    "decode":       ("engines.scalar",   "decode"),
    "edit":         ("editing",          "edit"),
    "open":         ("sources",          "open_source"),
    "rows":         ("tables",           "rows"),
    "table":        ("tables",           "table"),
    "template":     ("engines.templates", "template"),
    "write":        ("sources",          "write"),
}  # fmt: skip
ROOMS = {"analysis", "bulk", "capture", "cli", "engines", "filter", "lab", "machine", "options", "packetdrill",
         "protocols", "registries", "views"}  # fmt: skip

_asked: set[str] = set()  # the protocols that were asked for, and are attributes now


def __getattr__(name: str) -> Any:
    """The public names, and each protocol: `wire.tcp` is the Protocol of that name (`wire.ipv6_hopopts`: no dots)."""
    if name in HOMES:
        module, attribute = HOMES[name]
        return globals().setdefault(name, getattr(import_module(f"wire.{module}"), attribute))
    if name.islower() and not name.startswith("_") and name not in ROOMS:
        for known, protocol in import_module("wire.protocols").load().items():
            if known.replace(".", "_") == name:
                watch(type(protocol))
                _asked.add(name)
                return globals().setdefault(name, protocol)
    raise AttributeError(f"module 'wire' has no attribute {name!r}")


def watch(protocols: Any) -> None:
    """Have protocols looked up anew when one is made, which may take the name of another."""
    if _forget not in protocols.watchers:
        protocols.watchers.append(_forget)


def _forget() -> None:
    while _asked:
        globals().pop(_asked.pop(), None)
