"""One packet's layers, read from its frames: the lesson on encapsulation."""

from __future__ import annotations

from ..engines.reference import decode
from ..story import Layers, Link
from .lab import Lab


def layers(lab: Lab) -> Layers | None:
    """The first segment with data, as it stands on every network that it crosses; None if there is none."""
    leg = next((one for one in lab.legs if one.crossing and one.crossing.segment.data and one.came is not None), None)
    if leg is None or leg.crossing is None:
        return None
    packets = [decode(bytes(hop.stack), "eth") for hop in leg.hops]
    first = packets[0]
    headers = [("4 transport", "TCP", first.tcp.hdr_len), ("3 network", "IP", first.ip.hdr_len),
               ("2 data link", "MAC", first.eth.end - first.eth.start)]  # fmt: skip
    links = [
        Link(hop.sender, hop.receiver, packet.eth.src, packet.eth.dst, packet.ip.ttl, f"0x{packet.ip.checksum:04x}")
        for hop, packet in zip(leg.hops, packets, strict=True)
    ]
    checksum = f"TCP checksum 0x{first.tcp.checksum:04x}"
    return Layers(leg.crossing.segment.data, headers, links, (first.ip.src, first.ip.dst), checksum)
