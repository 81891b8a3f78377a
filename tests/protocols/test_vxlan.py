"""VXLAN: eight bytes and an Ethernet frame, over UDP port 4789."""

from __future__ import annotations

import wire

from ..test_every_protocol import check

FRAME = bytes.fromhex(
    "02 00 00 00 00 02"  #  eth.dst
    "02 00 00 00 00 01"  #  eth.src
    "88 b5"  #              eth.type: local experiment
    "74 65 73 74"  #        data
)
HEADER = bytes.fromhex(
    "08 00"  #     flags: I, the network identifier is there
    "00 00"  #     gbp
    "00 00 2a"  #  vni: 42
    "00"  #        reserved8
)


def test_a_frame_inside() -> None:
    packet = wire.decode(HEADER + FRAME, "vxlan")
    assert packet.frame.protocols == "vxlan:eth:ethertype:data" and packet.vxlan.vni == 42
    assert packet.vxlan.flags_i == 1 and packet.vxlan.span("vni") == (32, 56) and not packet.notes
    check(packet, HEADER + FRAME)


def test_built_in_a_tunnel() -> None:
    outer = wire.ip(src="192.0.2.1", dst="198.51.100.2") / wire.udp(srcport=49152)
    packet = wire.decode(bytes(outer / wire.vxlan(vni=42) / FRAME), "ip")
    assert packet.frame.protocols == "ip:udp:vxlan:eth:ethertype:data" and packet.udp.dstport == 4789
    assert bytes(packet)[28:36] == HEADER and not packet.notes


def test_what_is_wrong() -> None:
    packet = wire.decode(bytes(2) + HEADER[2:7] + b"\1" + FRAME, "vxlan")
    assert [(note.severity, note.code) for note in packet.notes] == [("warn", "vxlan.flags"), ("note", "vxlan.reserved8")]
