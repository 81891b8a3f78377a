"""Sequence numbers counted from each side's first, as tshark shows them.

A side's numbers count from its SYN; where that was not captured, from the byte before the first
that was seen, so that the first one seen is 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from ..packet import Layer, Packet
from ..schema import Protocol

SYN, ACK, WRAP = 0x002, 0x010, 1 << 32

Side = tuple[bytes, int, bytes, int]


class Numbering:
    """Remembers where each side of each connection began.  Feed it packets in order."""

    def __init__(self) -> None:
        self.first: dict[Side, int] = {}

    def of(self, packet: Packet) -> dict[int, Layer]:
        """The TCP layers of a packet by `id`, as copies whose numbers are relative."""
        made = {}
        for index, layer in enumerate(packet.layers):
            if layer.name == "tcp" and not layer.quoted and "ack" in layer.values and "flags" in layer.values:
                below = ends_of(packet.layers[:index])
                if below:
                    made[id(layer)] = self.shift(layer, *below)
        return made

    def shift(self, tcp: Layer, source: bytes, destination: bytes) -> Layer:
        values, flags = tcp.values, tcp.values["flags"]
        here = (source, values["srcport"], destination, values["dstport"])
        there = (destination, values["dstport"], source, values["srcport"])
        if flags & SYN and not flags & ACK and self.first.get(here, values["seq"]) != values["seq"]:
            self.first.pop(here), self.first.pop(there, None)  # the ports are used again
        base = self.first.setdefault(here, values["seq"] if flags & SYN else values["seq"] - 1)
        if flags & ACK:
            self.first.setdefault(there, values["ack"] - 1)
        other = self.first.get(there, 0)
        shown = copy_of(tcp)
        shown.values["seq"] = (values["seq"] - base) % WRAP
        if flags & ACK:
            shown.values["ack"] = (values["ack"] - other) % WRAP
            shown.values["options"] = [sack(option, other) for option in values.get("options", ())]
        return shown


def copy_of(layer: Layer) -> Layer:
    made = copy(layer)
    made.values = dict(layer.values)
    return made


def sack(option: Layer, base: int) -> Layer:
    """A SACK option with relative edges; any other as it is."""
    if "blocks" not in option.values:
        return option
    made = copy_of(option)
    made.values["blocks"] = blocks = [copy_of(block) for block in option.values["blocks"]]
    for block in blocks:
        block.values = {
            name: (edge - base) % WRAP if isinstance(edge, int) else edge for name, edge in block.values.items()
        }
    return made


def ends_of(layers: list[Layer]) -> tuple[bytes, bytes] | None:
    """The addresses of the nearest network layer."""
    for layer in reversed(layers):
        if isinstance(layer.record, Protocol) and layer.record.pseudo and "dst" in layer.values:
            return layer.values["src"], layer.values["dst"]
    return None


class History:
    """What the packets before say of a packet, those too that are not shown: relative numbers, and times.

    start  the time of the first packet that has one
    """

    def __init__(self) -> None:
        self.numbering = Numbering()
        self.start: int | None = None
        self.before: int | None = None
        self.shown: dict[int, tuple[dict[int, Layer], int | None]] = {}

    @classmethod
    def over(cls, packets: Iterable[Packet]) -> History:
        """Of packets that are all there, and all shown."""
        made = cls()
        for packet in packets:
            made.see(packet, shown=True)
        return made

    def see(self, packet: Packet, shown: bool) -> None:
        """The next packet; `of` and `gap` are to be asked of it if it is shown."""
        if self.start is None:
            self.start = packet.time
        layers = self.numbering.of(packet)
        if shown:
            self.shown[id(packet)] = layers, self.before
        self.before = packet.time

    def gap(self, packet: Packet) -> int:
        """Nanoseconds since the packet before."""
        before = self.shown[id(packet)][1]
        return 0 if before is None or packet.time is None else packet.time - before

    def of(self, packet: Packet) -> dict[int, Layer]:
        """The layers that are shown with relative numbers, by `id`; asked once, at the end."""
        return self.shown.pop(id(packet))[0]
