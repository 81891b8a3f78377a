"""The pieces of a fragmented packet: which of them belong together (RFC 791 3.2, RFC 8200 4.5)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ..packet import Layer, Packet
from .relative import ends_of


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment.

    ends    source and destination;  protocol, ident: what its packet carries, and its identification
    offset, size  in bytes;  more: others follow it
    """

    ends: tuple[bytes, bytes]
    protocol: int
    ident: int
    offset: int
    more: bool
    size: int

    @property
    def whole(self) -> Hashable:
        """The same for all fragments of a packet."""
        return self.ends, self.protocol, self.ident


def piece_of(packet: Packet, layer: Layer) -> Piece | None:
    """What an IPv4 header or an IPv6 fragment header says; None if the packet is whole, or the header was cut."""
    four = layer.name == "ip"
    names = ("frag_offset", "flags_mf", "id", "proto") if four else ("offset", "more", "ident", "nxt")
    if layer.name not in ("ip", "ipv6.fraghdr") or layer.quoted or any(layer.get(name) is None for name in names):
        return None
    offset, more, ident, protocol = (layer.get(name) for name in names)
    ends = ends_of(packet.layers[: packet.depth(layer) + 1])
    if ends is None or not (offset or more):
        return None
    return Piece(ends, protocol, ident, offset * 8, bool(more), layer.wire_stop - layer.end)
