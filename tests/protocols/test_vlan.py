"""802.1Q tags: priority, DEI, ID, then a type or a length; one or several."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

TAGGED = bytes.fromhex(
    "02 00 00 00 00 02"  #  eth.dst
    "02 00 00 00 00 01"  #  eth.src
    "81 00"  #              eth.type: 802.1Q
    "b0 64"  #              vlan.priority 101, vlan.dei 1, vlan.id 0000 0110 0100
    "08 00"  #              vlan.etype: IPv4
    "45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02"  # an IPv4 header
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"  # eth.padding: 22 bytes up to 60
)
WITH_LENGTH = bytes.fromhex(
    "01 80 c2 00 00 00"  #  eth.dst
    "02 00 00 00 00 01"  #  eth.src
    "81 00"  #              eth.type: 802.1Q
    "00 07"  #              vlan.priority 0, vlan.dei 0, vlan.id 7
    "00 04"  #              vlan.len
    "42 42 03 ff"  #        LLC: dsap, ssap, control, a byte
    "74 61 69 6c"  #        eth.trailer, behind the length
)


def test_tag() -> None:
    packet = wire.decode(TAGGED)
    vlan = packet.vlan
    assert (vlan.priority, vlan.dei, vlan.id, vlan.etype) == (5, 1, 100, 0x0800)
    assert [vlan.span(name) for name in ("priority", "dei", "id", "etype")] == [
        (112, 115),
        (115, 116),
        (116, 128),
        (128, 144),
    ]
    assert vlan.show("priority") == "Voice, < 10ms latency and jitter (5)" and vlan.show("etype") == "IPv4 (0x0800)"
    assert vlan.title == "802.1Q Virtual LAN, ID 100, priority 5" and vlan.info == "PRI: 5  DEI: 1  ID: 100"
    assert packet.frame.protocols == "eth:ethertype:vlan:ethertype:ip"
    assert packet.eth.padding == bytes(22), "padding is the frame's, not the tag's"
    assert not packet.notes
    check(packet, TAGGED)


def test_built() -> None:
    eth = wire.eth(dst="02:00:00:00:00:02", src="02:00:00:00:00:01", padding=bytes(22))
    assert bytes(eth / wire.vlan(priority=5, dei=1, id=100) / wire.ip(src="10.0.0.1", dst="10.0.0.2")) == TAGGED
    llc = wire.llc(dsap=0x42, ssap=0x42) / b"\xff"
    eth = wire.eth(dst="01:80:c2:00:00:00", src="02:00:00:00:00:01", trailer=b"tail")
    assert bytes(eth / wire.vlan(id=7) / llc) == WITH_LENGTH


def test_length() -> None:
    packet = wire.decode(WITH_LENGTH)
    assert packet.vlan.len == 4 and packet.vlan.span("len") == (128, 144) and packet.vlan.etype is None
    assert packet.frame.protocols == "eth:ethertype:vlan:llc:data"
    assert packet.payload == b"\xff" and packet.eth.trailer == b"tail"
    check(packet, WITH_LENGTH)


def test_several_tags() -> None:
    stack = wire.eth() / wire.vlan(id=1) / wire.vlan(id=2) / wire.vlan(id=3) / wire.ip()
    packet = wire.decode(bytes(stack))
    assert [layer.id for layer in packet.all("vlan")] == [1, 2, 3]
    assert [packet.get(f"vlan.id#{which}") for which in (1, 2, 3, 4)] == [1, 2, 3, None]
    assert packet.all("vlan")[2].span("id") == (14 * 8 + 2 * 32 + 4, 14 * 8 + 2 * 32 + 16)
    assert packet.frame.protocols == "eth:ethertype:vlan:ethertype:vlan:ethertype:vlan:ethertype:ip"


def test_the_other_ethertype() -> None:
    assert wire.decode(TAGGED[:12] + b"\x91\x00" + TAGGED[14:]).vlan.id == 100


@pytest.mark.parametrize(("number", "severity"), [(0, "chat"), (0xFFF, "note"), (1, None)])
def test_reserved_numbers(number: int, severity: str | None) -> None:
    notes = wire.decode(bytes(wire.eth() / wire.vlan(id=number) / wire.ip())).vlan.notes
    assert [(note.severity, note.field, note.bits) for note in notes] == (
        [(severity, "vlan.id", (116, 128))] if severity else []
    )


def test_a_length_beyond_the_frame() -> None:
    (note,) = wire.decode(WITH_LENGTH[:16] + b"\x00\x40" + WITH_LENGTH[18:]).vlan.notes
    assert (note.code, note.field, note.need, note.have) == ("length.beyond", "vlan.len", 64, 8)


@pytest.mark.parametrize(
    ("size", "field", "need", "have"), [(15, "priority", 2, 1), (16, "etype", 2, 0), (17, "etype", 2, 1)]
)
def test_cut(size: int, field: str, need: int, have: int) -> None:
    packet = wire.decode(TAGGED[:size])
    check(packet, TAGGED[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", f"vlan.{field}", need, have)
