"""Others read what wire builds: tshark finds nothing wrong with it, and Scapy works out the same bytes."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import wire
from wire import protocols
from wire.building import build
from wire.packet import Packet

from .oracles.readings import ours_only, pairs, rows, tshark

MACS = "eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02"
FOUR = "ip src=10.0.0.1 dst=10.0.0.2"
SIX = "ipv6 src=2001:db8::1 dst=2001:db8::2"
TCP = 'tcp srcport=40000 dstport=8080 flags=SYN options="mss=1460 sack_perm ts=1/2 nop wscale=7"'
UDP = "udp srcport=40000 dstport=8081"

STACKS = [
    f'{MACS} / {FOUR} / {TCP} / "hello"',
    f'{MACS} / {FOUR} / tcp srcport=1 dstport=8080 flags=A options="nop nop sack 1:2 3:4" / "x"',
    f'{MACS} / {FOUR} / tcp srcport=1 dstport=8080 flags=A options="md5=00112233445566778899aabbccddeeff nop nop"',
    f'{MACS} / {FOUR} / {UDP} / "odd"',
    f'{MACS} / {FOUR} options="rr=4/10.0.0.9/10.0.0.8" / {UDP} / "even"',
    f"{MACS} / {FOUR} flags=df ttl=1 dsfield.dscp=46 / icmp ident=7 seq=1 / 0x0001020304",
    f'{MACS} / {FOUR} / icmp type=3 code=3 / {FOUR} / {UDP} / "quoted"',
    f'{MACS[:-17]}01:00:5e:00:00:05 / ip src=10.0.0.1 dst=224.0.0.5 ttl=1 options="ra=0" / igmp maddr=224.0.0.5',
    f'{MACS} / {FOUR} / {FOUR} / {UDP} / "inside"',
    f"{MACS} / {FOUR} / ah spi=0x1 sequence=1 icv=000102030405060708090a0b / {UDP}",
    f"{MACS} / {FOUR} / udp srcport=40000 dstport=123 / ntp",
    f'{MACS} / {FOUR} / gre flags.key=1 key=7 flags.checksum=1 / {FOUR} / {UDP} / "x"',
    f'{MACS} / {FOUR} / udp srcport=49152 / vxlan vni=42 / {MACS} / {FOUR} / {UDP} / "x"',
    f"{MACS} / arp src.hw_mac=02:00:00:00:00:01 src.proto_ipv4=10.0.0.1 dst.proto_ipv4=10.0.0.2",
    f'{MACS} / vlan id=5 priority=3 / {FOUR} / {UDP} / "x"',
    f'{MACS} / ieee8021ad id=7 / vlan id=5 / {SIX} / {TCP} / "x"',
    f'{MACS} / llc / {FOUR} / {UDP} / "x"',
    f'{MACS} / {SIX} / {TCP} / "hello"',
    f'{MACS} / {SIX} / {UDP} / "hello"',
    f"{MACS} / {SIX} hlim=255 / icmpv6 echo.identifier=7 echo.sequence_number=1 / 0x0001",
    f'{MACS} / {SIX} hlim=255 / icmpv6 type=135 nd.ns.target_address=2001:db8::2 options="slla=02:00:00:00:00:01"',
    f'{MACS} / {SIX} / ipv6.hopopts options="router_alert=0" / ipv6.dstopts / {UDP} / "x"',
    f'{MACS} / {SIX} / ipv6.fraghdr ident=0x5 / {UDP} / "one piece"',
    f'{MACS} / {SIX} / ipv6.routing type=2 segleft=1 mipv6.home_address=2001:db8::9 len=2 / {UDP} / "x"',
    f'raw / {FOUR} / {TCP} / "x"',
    f'null / {SIX} / {UDP} / "x"',
    f'loop / {FOUR} / {UDP} / "x"',
    f'sll pkttype=4 src.eth=02:00:00:00:00:01 / {FOUR} / {UDP} / "x"',
    f'sll2 pkttype=4 src.eth=02:00:00:00:00:01 ifindex=2 / {SIX} / {TCP} / "x"',
]  # fmt: skip
OURS = {module.name.replace("ipv6_", "ipv6.") for module in iter_modules(protocols.__path__)}
NOWHERE = {"frame", "data"}  # they have no bytes of their own to build
SERIOUS = {"8388608", "6291456"}


def built(text: str) -> Packet:
    return wire.decode(build(text), first=text.split()[0])


def test_every_protocol_is_built() -> None:
    made = {layer.name for text in STACKS for layer in built(text)}
    assert OURS - made - NOWHERE == set(), "stacks for these are missing"


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_tshark_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "built.pcapng"
    wire.write(path, [built(text) for text in STACKS])
    statuses = [name for name in rows() if name.endswith("checksum.status")]
    fields = ["frame.number", "frame.protocols", "_ws.malformed", "_ws.expert.severity", *statuses]
    seen = 0
    for packet, said in pairs(path, tshark(path, fields, profile=ours_only(tmp_path))):
        text = STACKS[packet.number - 1] if packet.number else ""
        assert "_ws.malformed" not in said, text
        assert SERIOUS.isdisjoint(said.get("_ws.expert.severity", ())), text
        assert {status for name in statuses for status in said.get(name, ())} <= {"1"}, (text, said)
        names = [layer.record.prefix[:-1] for layer in packet if layer.name not in ("data", "igmp")]
        assert [name for name in said["frame.protocols"][0].split(":") if name in names] == names, text
        assert bytes(packet) == packet.raw
        seen += 1
    assert seen == len(STACKS)


WORKED_OUT = ("chksum", "cksum", "len", "plen", "ihl", "dataofs", "payloadlen")  # Scapy's names


def links() -> dict[str, Any]:
    """What Scapy calls the protocols that a stack begins with; it warns of things that are no concern of ours."""
    pytest.importorskip("scapy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.contrib import igmp
        from scapy.layers import inet, inet6, ipsec, l2

    assert igmp and ipsec
    return {"eth": l2.Ether, "raw": inet.IP, "null": l2.Loopback, "sll": l2.CookedLinux, "sll2": l2.CookedLinuxV2,
            "six": inet6.IPv6}  # fmt: skip


@pytest.mark.parametrize("text", [text for text in STACKS if not text.startswith("loop")])
def test_scapy_works_out_the_same(text: str) -> None:
    """Read by Scapy, all that it can work out forgotten, and built again: the same bytes."""
    data = build(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        packet = links()[text.split()[0]](data)
        layer = packet
        while layer:
            layer.raw_packet_cache = None
            for name in WORKED_OUT:
                if name in layer.fields and layer.name not in ("802.3", "AH"):
                    del layer.fields[name]
            layer = layer.payload
        again = bytes(packet)
    assert again == data, (data.hex(), again.hex())
