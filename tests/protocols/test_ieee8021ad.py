"""802.1ad service tags, around 802.1Q tags or alone."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

DOUBLE = bytes.fromhex(
    "02 00 00 00 00 02"  # eth.dst
    "02 00 00 00 00 01"  # eth.src
    "88 a8"  #             eth.type: 802.1ad
    "70 1e"  #             ieee8021ad.priority 011, ieee8021ad.dei 1, ieee8021ad.id 0000 0001 1110
    "81 00"  #             ieee8021ad.etype: 802.1Q
    "00 64"  #             vlan.priority 0, vlan.dei 0, vlan.id 100
    "88 b5"  #             vlan.etype: local experimental
    "01 02 03"
)


def test_tags() -> None:
    packet = wire.decode(DOUBLE)
    tag = packet.ieee8021ad
    assert (tag.priority, tag.dei, tag.id, tag.etype) == (3, 1, 30, 0x8100)
    assert [tag.span(name) for name in ("priority", "dei", "id", "etype")] == [
        (112, 115),
        (115, 116),
        (116, 128),
        (128, 144),
    ]
    assert packet.get("ieee8021ah.etype") == 0x8100, "the name that Wireshark gives to it"
    assert packet.vlan.id == 100 and packet.vlan.etype == 0x88B5
    assert packet.frame.protocols == "eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:data"
    assert tag.title == "IEEE 802.1ad, ID 30, priority 3" and tag.info == "PRI: 3  DROP: 1 ID: 30"
    check(packet, DOUBLE)


def test_built() -> None:
    eth = wire.eth(dst="02:00:00:00:00:02", src="02:00:00:00:00:01")
    tags = wire.ieee8021ad(priority=3, dei=1, id=30) / wire.vlan(id=100, etype=0x88B5)
    assert bytes(eth / tags / b"\1\2\3") == DOUBLE


def test_each_tag_is_a_layer() -> None:
    packet = wire.decode(bytes(wire.eth() / wire.ieee8021ad(id=7) / wire.ieee8021ad(id=9) / wire.ip()))
    assert [layer.id for layer in packet.all("ieee8021ad")] == [7, 9]
    assert packet.frame.protocols == "eth:ethertype:ieee8021ad:ethertype:ieee8021ad:ethertype:ip"


def test_length() -> None:
    stack = wire.eth(trailer=b"tail") / wire.ieee8021ad(id=7) / wire.llc(dsap=0x42, ssap=0x42)
    packet = wire.decode(bytes(stack))
    assert packet.ieee8021ad.len == 3 and packet.ieee8021ad.span("len") == (128, 144) and packet.eth.trailer == b"tail"
    check(packet, bytes(stack))


def test_reserved_number() -> None:
    (note,) = wire.decode(bytes(wire.eth() / wire.ieee8021ad(id=0xFFF) / wire.ip())).ieee8021ad.notes
    assert (note.severity, note.field, note.bits) == ("note", "ieee8021ad.id", (116, 128))


@pytest.mark.parametrize(
    ("size", "field", "need", "have"), [(15, "priority", 2, 1), (16, "etype", 2, 0), (17, "etype", 2, 1)]
)
def test_cut(size: int, field: str, need: int, have: int) -> None:
    packet = wire.decode(DOUBLE[:size])
    check(packet, DOUBLE[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", f"ieee8021ad.{field}", need, have)
