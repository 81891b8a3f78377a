"""A capture sorted into conversations: for each packet who speaks to whom, in which stream, and what is to be drawn."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any

from ..packet import Layer, Packet
from .fragments import Piece, piece_of
from .relative import ends_of
from .segments import End
from .streams import Member, Streams

ITSELF, EVERYBODY = "itself", "everybody"
Key = tuple[str, Any]  # ("tcp", 0), ("udp", 3), ("icmp" or "ip", the two addresses), ("arp", 0)


@dataclass(frozen=True, slots=True)
class Event:
    """A packet that can be drawn: what kind, from which address to which, and the layer that says most.

    source, target  addresses; with ports where a machine speaks to itself
    key             the conversation that it belongs to; an ICMP error belongs to the one that it quotes, a fragment
                    to that of the first fragment of its packet
    member          its own stream, for TCP and UDP
    piece           which fragment it is, for one of a packet in fragments
    """

    packet: Packet
    kind: str
    source: str
    target: str
    layer: Layer
    key: Key
    member: Member | None = None
    piece: Piece | None = None


@dataclass(slots=True)
class Reading:
    """A capture's events in order, and how many packets there is no arrow for."""

    events: list[Event]
    others: int = 0

    @property
    def keys(self) -> list[Key]:
        """The conversations in order of first sight."""
        return list(dict.fromkeys(event.key for event in self.events))

    @property
    def addresses(self) -> list[str]:
        """Everybody who is drawn, in order of first sight."""
        return list(dict.fromkeys(end for event in self.events for end in (event.source, event.target)))


def read(packets: Iterable[Packet]) -> Reading:
    """Sort packets into conversations.  What neither TCP, UDP, ICMP nor ARP carries is counted."""
    streams, reading = Streams(), Reading([])
    for number, packet in enumerate(packets, 1):
        if packet.number is None:
            packet.number = number
        event = event_of(packet, streams.of(packet))
        if event is None:
            reading.others += 1
        else:
            reading.events.append(event)
    join(reading.events)
    return reading


def join(events: list[Event]) -> None:
    """Give fragments the conversation of their packet: of the last first fragment before them, else of the next one."""
    for places in (range(len(events)), reversed(range(len(events)))):
        first: dict[Hashable, Key] = {}
        for place in places:
            event = events[place]
            if event.piece and event.kind != "fragment":
                first[event.piece.whole] = event.key
            elif event.piece and event.key[0] == "ip" and event.piece.whole in first:
                events[place] = replace(event, key=first[event.piece.whole])


def event_of(packet: Packet, members: list[Member]) -> Event | None:
    """What is to be drawn of a packet, by its innermost layer that is its own."""
    own = [layer for layer in packet.layers if not layer.quoted]
    piece: Piece | None = None
    for layer in own:
        piece = piece_of(packet, layer) or piece
    for layer in reversed(own):
        member = next((one for one in members if one.layer is layer), None)
        if member is not None and (layer.name == "udp" or member.seen is not None):
            source, target = ends_of_event(member.source, member.target)
            return Event(packet, layer.name, source, target, layer, (layer.name, member.stream), member, piece)
        if layer.name in ("icmp", "icmpv6"):
            ends = ends_of(packet.layers[: packet.depth(layer)])
            if ends:
                source, target = text(ends[0]), text(ends[1]) if ends[0] != ends[1] else ITSELF
                quoted = next((one for one in members if one.layer.quoted), None)
                key: Key = (quoted.protocol, quoted.stream) if quoted else ("icmp", frozenset((source, target)))
                return Event(packet, "icmp", source, target, layer, key, None, piece)
        if layer.name == "arp":
            asker, asked = layer.show("src.proto_ipv4"), layer.show("dst.proto_ipv4")
            if asker and asked:
                return Event(packet, "arp", asker, asked if asked != asker else EVERYBODY, layer, ("arp", 0))
        if piece and piece == piece_of(packet, layer):
            source, target = (text(end) for end in piece.ends)
            return Event(packet, "fragment", source, target, layer, ("ip", frozenset((source, target))), None, piece)
    return None


def ends_of_event(source: End, target: End) -> tuple[str, str]:
    """The names of two ends: their addresses, with ports where both are one machine."""
    if source[0] != target[0]:
        return text(source[0]), text(target[0])
    if source != target:
        return with_port(source), with_port(target)
    return with_port(source), ITSELF


def with_port(end: End) -> str:
    """`10.0.0.1:80`, `[fe80::1]:80`."""
    address = text(end[0])
    return f"[{address}]:{end[1]}" if ":" in address else f"{address}:{end[1]}"


def text(address: bytes) -> str:
    """An address as people write it."""
    return str(ip_address(address)) if len(address) in (4, 16) else address.hex(":")
