"""wire: decode, build and explain packets from one table per protocol.

>>> import wire
>>> p = wire.decode(bytes.fromhex("450000140000000040067ce70a0000010a000002"), first="ip")
>>> p.ip.src, p.ip.ttl
('10.0.0.1', 64)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .building import build
from .editing import edit
from .engines.reference import decode
from .packet import Draft, Layer, Note, Packet, Stack
from .schema import Protocol

if TYPE_CHECKING:
    from .capture import CaptureError
    from .sources import open_source as open
    from .sources import write

__all__ = ["CaptureError", "Draft", "Layer", "Note", "Packet", "Protocol", "Stack", "build", "decode", "edit", "open",
           "write"]  # fmt: skip
LAZY = {"CaptureError": ("wire.capture", "CaptureError"), "open": ("wire.sources", "open_source"),
        "write": ("wire.sources", "write")}  # fmt: skip
SUBMODULES = {"analysis", "capture", "cli", "engines", "machine", "options", "protocols", "registries", "views"}
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`wire.tcp` is the Protocol of that name; dots are underscores (`wire.ipv6_hopopts`)."""
    if name in LAZY:  # what most uses do without is imported when it is asked for
        module, attribute = LAZY[name]
        return getattr(import_module(module), attribute)
    if name.islower() and not name.startswith("_") and name not in SUBMODULES:
        for known, protocol in import_module("wire.protocols").load().items():
            if known.replace(".", "_") == name:
                return protocol
    raise AttributeError(f"module 'wire' has no attribute {name!r}")
