"""wire: decode, build and explain packets from one table per protocol.

>>> import wire
>>> p = wire.decode(bytes.fromhex("450000140000000040067ce70a0000010a000002"), first="ip")
>>> p.ip.src, p.ip.ttl
('10.0.0.1', 64)
"""

from importlib import import_module

from .building import build
from .editing import edit
from .engines.reference import decode
from .packet import Draft, Layer, Note, Packet, Stack
from .schema import Protocol

__all__ = ["Draft", "Layer", "Note", "Packet", "Protocol", "Stack", "build", "decode", "edit"]
SUBMODULES = {"analysis", "capture", "cli", "engines", "machine", "options", "protocols", "registries", "views"}
__version__ = "0.1.0"


def __getattr__(name: str) -> Protocol:
    """`wire.tcp` is the Protocol of that name; dots are underscores (`wire.ipv6_hopopts`)."""
    if name.islower() and not name.startswith("_") and name not in SUBMODULES:
        for known, protocol in import_module("wire.protocols").load().items():
            if known.replace(".", "_") == name:
                return protocol  # type: ignore[no-any-return]
    raise AttributeError(f"module 'wire' has no attribute {name!r}")
