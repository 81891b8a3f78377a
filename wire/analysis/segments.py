"""A TCP layer of a captured packet as the machine's `Segment`, with what a capture knows besides."""

from __future__ import annotations

from dataclasses import dataclass

from ..machine import segment as seg
from ..machine.segment import Option, Segment
from ..packet import Layer, Packet

End = tuple[bytes, int]  # address and port


@dataclass(frozen=True, slots=True)
class Seen:
    """A segment as it was captured.

    number    of its frame
    time      nanoseconds since 1970; 0 where the capture has no times
    size      bytes of data on the wire: `segment.data` has fewer where the capture was cut
    measured  whether that size is known: not of a fragment, nor of what an ICMP error quotes
    """

    number: int
    time: int
    source: End
    target: End
    segment: Segment
    size: int
    measured: bool = True

    @property
    def length(self) -> int:
        """Sequence numbers that it uses (SEG.LEN, RFC 9293 3.4)."""
        return self.size + self.segment.has(seg.SYN) + self.segment.has(seg.FIN)

    @property
    def end(self) -> int:
        """The number after the last one that it uses, on the wire."""
        return (self.segment.seq + self.length) % (1 << 32)


NEEDED = ("srcport", "dstport", "seq", "ack", "flags", "window")


def seen(packet: Packet, tcp: Layer, source: bytes, target: bytes) -> Seen | None:
    """A TCP layer of a packet between two addresses; None where its header was not captured so far."""
    values = tcp.values
    if any(name not in values for name in NEEDED):
        return None
    size = tcp.get("len")
    segment = Segment(
        values["seq"],
        values["ack"],
        values["flags"],
        values["window"],
        values.get("urgent_pointer", 0),
        tuple(filter(None, map(option, values.get("options", ())))),
        tcp.payload,
        values["srcport"],
        values["dstport"],
    )
    return Seen(
        packet.number or 0,
        packet.time or 0,
        (source, segment.source),
        (target, segment.target),
        segment,
        size or 0,
        size is not None and not tcp.quoted and tcp.cut not in ("fragment", "quote"),
    )


def option(one: Layer) -> Option | None:
    """An option in the machine's words; None for padding and for one that was not read whole."""
    values = one.values
    if not one.complete or one.faults:
        return None
    match one.name:
        case "mss":
            return seg.MaximumSegmentSize(values["mss_val"])
        case "wscale":
            return seg.WindowScale(values["wscale.shift"])
        case "sack_perm":
            return seg.SackPermitted()
        case "sack":
            blocks = [block.values for block in values["blocks"] if not block.faults]
            return seg.Sack(tuple((block["sack_le"], block["sack_re"]) for block in blocks))
        case "ts":
            return seg.Timestamps(values["timestamp.tsval"], values["timestamp.tsecr"])
        case "tfo":
            return seg.FastOpen(values["tfo.cookie"])
        case "nop" | "eol":
            return None
    kind = values.get("kind")
    return seg.OtherOption(kind) if isinstance(kind, int) else None
