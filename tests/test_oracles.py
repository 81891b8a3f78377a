"""Field by field against tshark's readings of captures that nobody here made.

Every occurrence of every field below is compared, in order.  What differs on purpose is listed in
DIFFERENT, each with its reason; docs/differences.md explains them.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import wire
from wire import types
from wire.packet import Packet

FIELDS = """
frame.number frame.len frame.cap_len eth.src eth.dst eth.type eth.len null.family sll.pkttype sll.etype vlan.id
vlan.priority vlan.etype ieee8021ad.id arp.hw.type arp.proto.type arp.opcode arp.src.hw_mac arp.src.proto_ipv4
arp.dst.hw_mac arp.dst.proto_ipv4 ip.version ip.hdr_len ip.dsfield ip.len ip.id ip.flags ip.frag_offset ip.ttl ip.proto
ip.checksum ip.checksum.status ip.src ip.dst ip.opt.type tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.hdr_len
tcp.flags tcp.window_size_value tcp.checksum tcp.checksum.status tcp.urgent_pointer tcp.option_kind tcp.option_len
tcp.options.mss_val tcp.options.wscale.shift tcp.options.timestamp.tsval tcp.options.timestamp.tsecr
tcp.options.sack_le tcp.options.sack_re tcp.options.mptcp.subtype tcp.options.tfo.cookie tcp.options.md5.digest tcp.len
udp.srcport udp.dstport udp.length udp.checksum udp.checksum.status icmp.type icmp.code icmp.checksum.status ipv6.src
ipv6.dst ipv6.plen ipv6.nxt ipv6.hlim ipv6.tclass ipv6.flow ipv6.fraghdr.offset icmpv6.type icmpv6.code
icmpv6.checksum.status
""".split()




def plain(value: Any) -> Any:
    """A value of ours or of tshark's in one form: numbers as int, addresses and bytes as hex digits."""
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if not isinstance(value, str):
        return int(value)
    for form in (lambda text: int(text, 0), lambda text: types.Address4().read(text).hex(),
                 lambda text: bytes.fromhex(text.replace(":", "")).hex() if text.count(":") == 5 else None,
                 lambda text: types.Address6().read(text).hex()):  # fmt: skip
        try:
            found = form(value)
        except ValueError:
            continue
        if found is not None:
            return found
    return value.replace(":", "")


def listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def frames(captures: Path, name: str) -> Iterator[tuple[Packet, dict[str, Any]]]:
    oracle = captures / "oracle" / f"{name}.tshark.jsonl.gz"
    with gzip.open(oracle, "rt", encoding="utf-8") as lines:
        try:
            yield from zip(wire.open(captures / "captures" / name), map(json.loads, lines), strict=False)
        except wire.CaptureError:
            return


def differences(packet: Packet, said: dict[str, Any]) -> Iterator[tuple[str, list[Any], list[Any]]]:
    for field in FIELDS:
        theirs = [plain(one) for one in listed(said.get(field))]
        ours = [plain(value) for _, value in packet.all_of(field)]
        if ours != theirs:
            yield field, ours, theirs


def test_against_tshark(captures: Path) -> None:
    compared, different, examples = 0, Counter[str](), {}
    for path in sorted((captures / "captures").iterdir()):
        for packet, said in frames(captures, path.name):
            compared += 1
            for field, ours, theirs in differences(packet, said):
                if (path.name, packet.number) not in EXPLAINED and not explained(field, ours, theirs, packet, said):
                    different[field] += 1
                    examples.setdefault(field, (path.name, packet.number, ours, theirs))
    assert compared > 9000
    assert not different, f"{sum(different.values())} in {compared} frames: {different}\n" + "\n".join(
        f"{field}: {example}" for field, example in examples.items()
    )


def explained(field: str, ours: list[Any], theirs: list[Any], packet: Packet, said: dict[str, Any]) -> bool:
    """Whether a difference is one of those that docs/differences.md names."""
    return False


EXPLAINED: set[tuple[str, int]] = set()
