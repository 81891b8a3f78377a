"""What the ends say, as stacks of drafts: the codec works out lengths and checksums.

A `Datagram` is an IPv4 packet on its way; every hop makes a frame of it, with that hop's MAC addresses and TTL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..machine import segment as seg
from ..machine.segment import Option, Segment
from ..packet import Draft, Stack
from ..protocols import find

IP_HEADER = 20


@dataclass(frozen=True, slots=True)
class Datagram:
    """An IPv4 packet without options: `inner` is what follows the IP header."""

    source: str
    target: str
    ident: int
    ttl: int
    df: bool
    inner: Stack
    ecn: int = 0
    offset: int = 0  # in bytes
    more: bool = False
    proto: int | None = None  # what a fragment's bytes belong to

    def stack(self) -> Stack:
        """The packet from its IP header on."""
        values: dict[str, Any] = {"src": self.source, "dst": self.target, "id": self.ident, "ttl": self.ttl}
        values |= {"flags_df": int(self.df), "flags_mf": int(self.more), "dsfield_ecn": self.ecn}
        values |= {"frag_offset": self.offset // 8} | ({} if self.proto is None else {"proto": self.proto})
        return draft("ip", values) / self.inner

    def __len__(self) -> int:
        """Bytes of the whole packet."""
        return len(bytes(self.stack()))

    def hop(self) -> Datagram:
        """As a router passes it on: one hop less to live (RFC 1812 5.3.1)."""
        return replace(self, ttl=self.ttl - 1)

    def fragments(self, mtu: int) -> list[Datagram]:
        """In pieces of at most `mtu` bytes; all but the last carry a multiple of 8 (RFC 791 3.2)."""
        whole = bytes(self.stack())
        if len(whole) <= mtu:
            return [self]
        data, size = whole[IP_HEADER:], (mtu - IP_HEADER) // 8 * 8
        return [
            replace(
                self,
                inner=Stack((data[at : at + size],)),
                offset=self.offset + at,
                more=self.more or at + size < len(data),
                proto=whole[9],
            )
            for at in range(0, len(data), size)
        ]


def draft(name: str, values: dict[str, Any]) -> Draft:
    """A layer of the protocol of that name."""
    return find(name)().put(values)


def frame(source: str, target: str, inner: Draft | Stack) -> Stack:
    """An Ethernet frame; addresses are MAC addresses."""
    return draft("eth", {"src": source, "dst": target}) / inner


def tcp(segment: Segment) -> Stack:
    """A segment of the machine."""
    core = find("tcp").find("options").core  # type: ignore[union-attr]
    values = {
        "srcport": segment.source,
        "dstport": segment.target,
        "seq": segment.seq,
        "ack": segment.ack,
        "flags": segment.flags,
        "window": segment.window,
        "urgent_pointer": segment.urgent,
        "options": [core.by_name[name](**said) for name, said in map(option, segment.options)],
    }
    return Stack((draft("tcp", values),)) / segment.data


def option(one: Option) -> tuple[str, dict[str, Any]]:
    """An option's name in the codec, and its values."""
    match one:
        case seg.NoOperation():
            return "nop", {}
        case seg.MaximumSegmentSize(size):
            return "mss", {"mss_val": size}
        case seg.WindowScale(shift):
            return "wscale", {"wscale.shift": shift}
        case seg.SackPermitted():
            return "sack_perm", {}
        case seg.Sack(blocks):
            return "sack", {"blocks": [{"sack_le": left, "sack_re": right} for left, right in blocks]}
        case seg.Timestamps(value, echo):
            return "ts", {"timestamp.tsval": value, "timestamp.tsecr": echo}
        case seg.FastOpen(cookie):
            return "tfo", {"tfo.cookie": cookie}
        case seg.OtherOption(kind, data):
            return "unknown", {"kind": kind, "data": data}


def udp(source: int, target: int, data: bytes) -> Stack:
    """A user datagram; arguments are ports."""
    return draft("udp", {"srcport": source, "dstport": target}) / data


def arp(opcode: int, mac: str, ip: str, target_mac: str, target_ip: str) -> Draft:
    """An ARP packet: who sends it, and whom it asks or tells (RFC 826)."""
    said = {"src.hw_mac": mac, "src.proto_ipv4": ip, "dst.hw_mac": target_mac, "dst.proto_ipv4": target_ip}
    return draft("arp", {"opcode": opcode} | said)


def icmp_error(kind: int, code: int, about: Datagram, mtu: int = 0) -> Stack:
    """An ICMP error: it quotes the packet's IP header and the 8 bytes after it (RFC 792)."""
    values: dict[str, Any] = {"type": kind, "code": code} | ({"mtu": mtu} if mtu else {})
    return draft("icmp", values) / bytes(about.stack())[: IP_HEADER + 8]
