"""What is known of a packet as a whole, under Wireshark's names; none of it is on the wire."""

from __future__ import annotations

from decimal import Decimal

from ..packet import Layer, Packet
from ..schema import Derived, Protocol


def packet_of(layer: Layer) -> Packet:
    assert layer.packet
    return layer.packet


def time_epoch(layer: Layer) -> Decimal | None:
    """Seconds since 1970, exact to the nanosecond."""
    time = packet_of(layer).time
    return None if time is None else Decimal(time).scaleb(-9)


def protocols(layer: Layer) -> str:
    """Every layer's name, outermost first; between Ethernet and what it carries stands `ethertype`."""
    names: list[str] = []
    for one in packet_of(layer).layers:
        names.append(one.record.prefix[:-1])
        carriers = one.record.carriers if isinstance(one.record, Protocol) else ()
        names += {registry for row in carriers for name, registry in row.by.items()
                  if registry == row.spoken and name in one.values and one.sound}  # fmt: skip
    return ":".join(names)


frame = Protocol("frame", "Frame",
    "number"     / Derived(lambda layer: packet_of(layer).number)   * "Frame Number",
    "len"        / Derived(lambda layer: packet_of(layer).wire_len) * "Frame Length",
    "cap_len"    / Derived(lambda layer: packet_of(layer).cap_len)  * "Capture Length",
    "time_epoch" / Derived(time_epoch)                              * "Epoch Time",
    "protocols"  / Derived(protocols)                               * "Protocols in frame",
    over={"packet": None},
)  # fmt: skip
