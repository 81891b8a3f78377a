"""Linux cooked capture, version 2, under the names that Wireshark has for both versions."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

IP = bytes.fromhex("45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02")
COOKED = (
    bytes.fromhex(
        "08 00"  #              sll.etype: IPv4
        "00 00"  #              sll.reserved
        "00 00 00 03"  #        sll.ifindex
        "00 01"  #              sll.hatype: Ethernet
        "02"  #                 sll.pkttype: multicast
        "06"  #                 sll.halen
        "02 00 00 00 00 01"  #  sll.src.eth
        "ab cd"  #              sll.unused
    )
    + IP
)


def test_header() -> None:
    packet = wire.decode(COOKED, first="sll2")
    sll = packet.sll2
    assert (sll.etype, sll.reserved, sll.ifindex, sll.hatype, sll.pkttype, sll.halen) == (0x0800, 0, 3, 1, 2, 6)
    assert (sll.src_eth, sll.unused) == ("02:00:00:00:00:01", b"\xab\xcd")
    names = ("etype", "reserved", "ifindex", "hatype", "pkttype", "halen", "src.eth", "unused")
    assert [sll.span(name) for name in names] == [
        (0, 16),
        (16, 32),
        (32, 64),
        (64, 80),
        (80, 88),
        (88, 96),
        (96, 144),
        (144, 160),
    ]
    assert [packet.get(f"sll.{name}") for name in names] == [sll[name] for name in names]
    assert packet.show("sll.pkttype") == "Multicast (2)"
    assert packet.frame.protocols == "sll:ethertype:ip" and not packet.notes
    assert wire.Protocol.registries["linktype"].find(276) is wire.sll2
    check(packet, COOKED)


def test_built() -> None:
    draft = wire.sll2(ifindex=3, pkttype="Multicast", src_eth="02:00:00:00:00:01", unused=b"\xab\xcd")
    assert bytes(draft / wire.ip(src="10.0.0.1", dst="10.0.0.2")) == COOKED


def test_protocols_that_are_no_ethertypes() -> None:
    data = bytes(wire.sll2() / wire.llc(dsap=0x42, ssap=0x42) / b"x")
    packet = wire.decode(data, first="sll2")
    assert (packet.sll2.ltype, packet.sll2.etype, packet.frame.protocols) == (4, None, "sll:llc:data")
    check(packet, data)


@pytest.mark.parametrize(
    ("length", "name", "value", "unused"),
    [
        (0, "", None, "020000000001abcd"),
        (4, "src.ipv4", "2.0.0.0", "0001abcd"),
        (20, "src.other", "020000000001abcd", ""),
    ],
)
def test_address_lengths(length: int, name: str, value: str | None, unused: str) -> None:
    data = COOKED[:11] + bytes([length]) + COOKED[12:]
    packet = wire.decode(data, first="sll2")
    assert packet.sll2.src_eth is None
    assert not name or packet.sll2.show(name) == value
    assert (packet.sll2.unused or b"").hex() == unused
    check(packet, data)


def test_reserved_is_zero() -> None:
    (note,) = wire.decode(COOKED[:3] + b"\1" + COOKED[4:], first="sll2").notes
    assert (note.severity, note.field, note.bits, note.have) == ("note", "sll.reserved", (16, 32), 1)


@pytest.mark.parametrize(
    ("size", "field", "need", "have"),
    [(1, "etype", 2, 1), (7, "ifindex", 4, 3), (10, "pkttype", 1, 0), (17, "src.eth", 6, 5), (19, "unused", 2, 1)],
)
def test_cut(size: int, field: str, need: int, have: int) -> None:
    packet = wire.decode(COOKED[:size], first="sll2")
    check(packet, COOKED[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", f"sll.{field}", need, have)
    assert packet.frame.protocols == "sll"
