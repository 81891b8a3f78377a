"""ARP for IPv4 over Ethernet, RARP, addresses of other sizes, and what requests are for."""

from __future__ import annotations

import pytest

import wire
from wire.packet import Layer

from ..test_every_protocol import check

REQUEST = bytes.fromhex(
    "00 01"  #              arp.hw.type: Ethernet
    "08 00"  #              arp.proto.type: IPv4
    "06 04"  #              arp.hw.size, arp.proto.size
    "00 01"  #              arp.opcode: request
    "02 00 00 00 00 01"  #  arp.src.hw_mac
    "0a 00 00 01"  #        arp.src.proto_ipv4
    "00 00 00 00 00 00"  #  arp.dst.hw_mac
    "0a 00 00 02"  #        arp.dst.proto_ipv4
)
INFINIBAND = bytes.fromhex(
    "00 20"  #              arp.hw.type: InfiniBand
    "86 dd"  #              arp.proto.type: IPv6
    "03 02"  #              arp.hw.size, arp.proto.size: 3 and 2
    "00 02"  #              arp.opcode: reply
    "01 02 03"  #           arp.src.hw
    "04 05"  #              arp.src.proto
    "06 07 08"  #           arp.dst.hw
    "09 0a"  #              arp.dst.proto
)


def test_request() -> None:
    packet = wire.decode(REQUEST, first="arp")
    arp = packet.arp
    assert (arp.hw_type, arp.proto_type, arp.hw_size, arp.proto_size, arp.opcode) == (1, 0x0800, 6, 4, 1)
    assert (arp.src_hw_mac, arp.src_proto_ipv4) == ("02:00:00:00:00:01", "10.0.0.1")
    assert (arp.dst_hw_mac, arp.dst_proto_ipv4) == ("00:00:00:00:00:00", "10.0.0.2")
    names = (
        "hw.type",
        "proto.type",
        "hw.size",
        "proto.size",
        "opcode",
        "src.hw_mac",
        "src.proto_ipv4",
        "dst.hw_mac",
        "dst.proto_ipv4",
    )
    assert [arp.span(name) for name in names] == [
        (0, 16),
        (16, 32),
        (32, 40),
        (40, 48),
        (48, 64),
        (64, 112),
        (112, 144),
        (144, 192),
        (192, 224),
    ]
    assert [packet.get(f"arp.{name}") for name in names] == [arp[name] for name in names]
    assert (arp.show("hw.type"), arp.show("proto.type"), arp.show("opcode")) == (
        "Ethernet (1)",
        "IPv4 (0x0800)",
        "request (1)",
    )
    assert arp.title == "Address Resolution Protocol, request (1)"
    assert not packet.notes
    check(packet, REQUEST)


def test_other_sizes() -> None:
    packet = wire.decode(INFINIBAND, first="arp")
    arp = packet.arp
    assert (arp.src_hw, arp.src_proto) == (b"\1\2\3", b"\4\5")
    assert (arp.dst_hw, arp.dst_proto) == (b"\6\7\x08", b"\x09\x0a")
    assert [arp.span(name) for name in ("src.hw", "src.proto", "dst.hw", "dst.proto")] == [
        (64, 88),
        (88, 104),
        (104, 128),
        (128, 144),
    ]
    assert arp.src_hw_mac is None and arp.info == "0405 is at 010203"
    check(packet, INFINIBAND)


def test_built() -> None:
    given = {"src_hw_mac": "02:00:00:00:00:01", "src_proto_ipv4": "10.0.0.1", "dst_proto_ipv4": "10.0.0.2"}
    assert bytes(wire.arp(**given)) == REQUEST
    assert bytes(wire.eth(dst="ff:ff:ff:ff:ff:ff") / wire.arp(**given))[12:] == b"\x08\x06" + REQUEST
    odd = {"hw_type": 32, "proto_type": 0x86DD, "hw_size": 3, "proto_size": 2, "opcode": "reply"}
    addresses = {"src_hw": "01 02 03", "src_proto": "04 05", "dst_hw": "06 07 08", "dst_proto": "09 0a"}
    assert bytes(wire.arp(**odd, **addresses)) == INFINIBAND
    assert bytes(wire.arp(**odd)) == INFINIBAND[:8] + bytes(10), "addresses left out have the sizes that were given"


def changed(**values: object) -> Layer:
    packet = wire.decode(REQUEST, first="arp")
    for name, value in values.items():
        setattr(packet.arp, name, value)
    return packet.fresh.arp


@pytest.mark.parametrize(
    ("values", "info", "code"),
    [
        ({}, "Who has 10.0.0.2? Tell 10.0.0.1", None),
        ({"opcode": 2}, "10.0.0.1 is at 02:00:00:00:00:01", None),
        ({"src_proto_ipv4": "0.0.0.0"}, "Who has 10.0.0.2? (ARP Probe)", "arp.probe"),
        ({"dst_proto_ipv4": "10.0.0.1"}, "ARP Announcement for 10.0.0.1", "arp.announcement"),
        (
            {"dst_proto_ipv4": "10.0.0.1", "dst_hw_mac": "ff:ff:ff:ff:ff:ff"},
            "Gratuitous ARP for 10.0.0.1 (Request)",
            "arp.gratuitous",
        ),
        ({"dst_proto_ipv4": "10.0.0.1", "opcode": 2}, "Gratuitous ARP for 10.0.0.1 (Reply)", "arp.gratuitous"),
        ({"opcode": 3}, "Who is 00:00:00:00:00:00? Tell 02:00:00:00:00:01", None),
        ({"opcode": 4, "dst_hw_mac": "02:00:00:00:00:02"}, "02:00:00:00:00:02 is at 10.0.0.2", None),
        ({"opcode": 8}, "Who is 00:00:00:00:00:00? Tell 02:00:00:00:00:01", None),
        ({"opcode": 9}, "02:00:00:00:00:01 is at 10.0.0.1", None),
        ({"opcode": 12}, "mars multi", None),
        ({"opcode": 0x7501}, "Unknown ARP opcode 0x7501", None),
    ],
)
def test_what_it_is_for(values: dict[str, object], info: str, code: str | None) -> None:
    """The texts are tshark's; probes and announcements are RFC 5227's."""
    arp = changed(**values)
    assert arp.info == info
    assert [(note.severity, note.code, note.bits) for note in arp.notes] == ([("chat", code, (48, 64))] if code else [])
    flags = ("arp.isprobe", "arp.isannouncement", "arp.isgratuitous")
    assert [name for name in flags if arp.get(name.removeprefix("arp."))] == {
        "arp.probe": [flags[0]],
        "arp.announcement": [*flags[1:]],
        "arp.gratuitous": [flags[2]],
        None: [],
    }[code]


def test_reverse() -> None:
    packet = wire.decode(bytes(wire.eth(type=0x8035) / wire.arp(opcode="reverse request")))
    assert packet.frame.protocols == "eth:ethertype:arp" and packet.arp.show("opcode") == "reverse request (3)"


def test_who_speaks_for_another() -> None:
    arp = wire.arp(src_hw_mac="02:00:00:00:00:01")
    (note,) = wire.decode(bytes(wire.eth(src="02:00:00:00:00:99") / arp)).arp.notes[1:]
    assert (note.severity, note.field, note.bits) == ("note", "arp.src.hw_mac", (22 * 8, 28 * 8))
    assert "02:00:00:00:00:99" in note.text
    assert len(wire.decode(bytes(wire.eth(src="02:00:00:00:00:01") / arp)).arp.notes) == 1


def test_sizes_that_the_types_do_not_have() -> None:
    notes = wire.decode(REQUEST[:4] + b"\x05\x06" + REQUEST[6:] + bytes(8), first="arp").arp.notes
    assert [(note.severity, note.field, note.bits) for note in notes] == [
        ("note", "arp.hw.size", (32, 40)),
        ("note", "arp.proto.size", (40, 48)),
    ]


def test_padding_is_the_frames() -> None:
    packet = wire.decode(bytes(wire.eth(padding=bytes(18)) / wire.arp()))
    assert packet.arp.stop == 42 and packet.eth.padding == bytes(18)


@pytest.mark.parametrize(
    ("size", "field", "need", "have"),
    [
        (1, "hw.type", 2, 1),
        (5, "proto.size", 1, 0),
        (7, "opcode", 2, 1),
        (13, "src.hw_mac", 6, 5),
        (17, "src.proto_ipv4", 4, 3),
        (18, "dst.hw_mac", 6, 0),
        (27, "dst.proto_ipv4", 4, 3),
    ],
)
def test_cut(size: int, field: str, need: int, have: int) -> None:
    packet = wire.decode(REQUEST[:size], first="arp")
    check(packet, REQUEST[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", f"arp.{field}", need, have)


def test_a_size_beyond_the_packet() -> None:
    data = REQUEST[:4] + b"\xff" + REQUEST[5:]
    packet = wire.decode(data, first="arp")
    check(packet, data)
    assert [(note.code, note.field, note.need, note.have) for note in packet.notes if note.severity == "error"] == [
        ("short", "arp.src.hw", 255, 20)
    ]
