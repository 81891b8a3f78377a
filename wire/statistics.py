"""What a capture is about, in numbers: protocols, endpoints, conversations, ports, checksums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .packet import Layer, Packet
from .rules import BAD
from .schema import Ends, Extra, Protocol

__all__ = ["Statistics", "Tally"]


@dataclass(slots=True)
class Tally:
    """Packets, and their bytes on the wire."""

    packets: int = 0
    bytes: int = 0

    def add(self, size: int) -> None:
        self.packets += 1
        self.bytes += size


@dataclass
class Statistics:
    """Counts over the packets that `add` was given.

    first, last     times in nanoseconds since 1970; None without times
    hierarchy       by the way through the protocols: ("eth", "ip", "tcp")
    endpoints       by address;  conversations: by the two addresses, in the order of their text
    ports           by protocol and port: ("tcp", 443); of a packet from a port to the same one, once
    checksums       by field: how many are right, wrong …, by `rules`' numbers
    """

    total: Tally = field(default_factory=Tally)
    first: int | None = None
    last: int | None = None
    hierarchy: dict[tuple[str, ...], Tally] = field(default_factory=dict)
    endpoints: dict[str, Tally] = field(default_factory=dict)
    conversations: dict[tuple[str, str], Tally] = field(default_factory=dict)
    ports: dict[tuple[str, int], Tally] = field(default_factory=dict)
    checksums: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, packet: Packet) -> None:
        """Count a packet; of a tunnel, the outermost addresses and ports."""
        size = packet.wire_len
        self.total.add(size)
        if packet.time is not None:
            self.first = packet.time if self.first is None else min(self.first, packet.time)
            self.last = packet.time if self.last is None else max(self.last, packet.time)
        layers = [layer for layer in packet.layers if not layer.quoted]
        way = tuple(layer.name for layer in layers)
        for depth in range(1, len(way) + 1):
            self.hierarchy.setdefault(way[:depth], Tally()).add(size)
        seen: set[str] = set()
        for layer in layers:
            for kind, ends in ends_of(layer):
                if kind not in seen:
                    seen.add(kind)
                    self.between(layer, kind, ends, size)
            for name, verdict in layer.verdicts.items():
                self.checksums.setdefault(layer.record.find(name).path, Counter())[verdict.status] += 1

    def between(self, layer: Layer, kind: str, ends: tuple[str, ...], size: int) -> None:
        """Count the two ends of a layer: addresses of a network, or ports."""
        if kind == "address":
            texts = sorted(layer.show(name) or "" for name in ends)
            for text in set(texts):
                self.endpoints.setdefault(text, Tally()).add(size)
            self.conversations.setdefault((texts[0], texts[-1]), Tally()).add(size)
        else:
            for port in {layer[name] for name in ends}:
                self.ports.setdefault((layer.name, port), Tally()).add(size)

    @classmethod
    def of(cls, packets: Iterable[Packet]) -> Statistics:
        made = cls()
        for packet in packets:
            made.add(packet)
        return made

    @property
    def seconds(self) -> float:
        """From the first packet to the last."""
        return 0.0 if self.first is None or self.last is None else (self.last - self.first) / 1e9

    @property
    def wrong(self) -> dict[str, int]:
        """How many checksums of each field are wrong."""
        return {path: counts[BAD] for path, counts in self.checksums.items() if counts[BAD]}


def ends_of(layer: Layer) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The fields that name a layer's two ends: addresses of a network layer, ports of a transport."""
    record = layer.record
    if not isinstance(record, Protocol) or record.osi not in (3, 4):
        return
    for row in record.extras:
        if (
            isinstance(row, Extra)
            and isinstance(row.rule, Ends)
            and all(name in layer.values for name in row.rule.names)
        ):
            yield ("address" if record.osi == 3 else "port"), row.rule.names
