"""Linux cooked capture, version 1: addresses of every length, EtherTypes and what is none."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

IP = bytes.fromhex("45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02")
COOKED = (
    bytes.fromhex(
        "00 04"  #              sll.pkttype: sent by us
        "00 01"  #              sll.hatype: Ethernet
        "00 06"  #              sll.halen
        "02 00 00 00 00 01"  #  sll.src.eth
        "ab cd"  #              sll.unused
        "08 00"  #              sll.etype: IPv4
    )
    + IP
)


def test_header() -> None:
    packet = wire.decode(COOKED, first="sll")
    sll = packet.sll
    assert (sll.pkttype, sll.hatype, sll.halen, sll.src_eth, sll.etype) == (4, 1, 6, "02:00:00:00:00:01", 0x0800)
    assert sll.unused == b"\xab\xcd"
    assert [sll.span(name) for name in ("pkttype", "hatype", "halen", "src.eth", "unused", "etype")] == [
        (0, 16),
        (16, 32),
        (32, 48),
        (48, 96),
        (96, 112),
        (112, 128),
    ]
    assert (sll.show("pkttype"), sll.show("hatype"), sll.show("etype")) == (
        "Sent by us (4)",
        "Ethernet (1)",
        "IPv4 (0x0800)",
    )
    assert packet.frame.protocols == "sll:ethertype:ip" and not packet.notes
    assert wire.Protocol.registries["linktype"].find(113) is wire.sll
    check(packet, COOKED)


def test_built() -> None:
    draft = wire.sll(pkttype="Sent by us", src_eth="02:00:00:00:00:01", unused=b"\xab\xcd")
    assert bytes(draft / wire.ip(src="10.0.0.1", dst="10.0.0.2")) == COOKED
    assert bytes(wire.sll() / wire.arp())[14:16] == b"\x08\x06"
    assert bytes(wire.sll(halen=0) / wire.ip())[:16] == bytes.fromhex("0000 0001 0000 0000000000000000 0800")


@pytest.mark.parametrize(
    ("length", "name", "value", "unused"),
    [
        (0, "", None, "020000000001abcd"),
        (4, "src.ipv4", "2.0.0.0", "0001abcd"),
        (3, "src.other", "020000", "000001abcd"),
        (8, "src.other", "020000000001abcd", ""),
        (20, "src.other", "020000000001abcd", ""),
    ],
)
def test_address_lengths(length: int, name: str, value: str | None, unused: str) -> None:
    data = COOKED[:4] + length.to_bytes(2, "big") + COOKED[6:]
    packet = wire.decode(data, first="sll")
    assert packet.sll.src_eth is None
    assert not name or packet.sll.show(name) == value
    assert (packet.sll.unused or b"").hex() == unused
    assert packet.frame.protocols == "sll:ethertype:ip"
    assert [note.severity for note in packet.notes] == (["chat"] if length > 8 else [])
    check(packet, data)


def test_protocols_that_are_no_ethertypes() -> None:
    stack = wire.sll() / wire.llc(dsap=0x42, ssap=0x42) / b"x"
    packet = wire.decode(bytes(stack), first="sll")
    assert (packet.sll.ltype, packet.sll.etype, packet.sll.span("ltype")) == (4, None, (112, 128))
    assert packet.sll.show("ltype") == "802.2 LLC (0x0004)" and packet.frame.protocols == "sll:llc:data"
    assert wire.decode(COOKED[:14] + b"\0\1" + IP, first="sll").frame.protocols == "sll:data"


def test_gre_names_its_own_protocols() -> None:
    data = bytes(wire.sll(hatype=778, halen=4, src_ipv4="10.0.0.1", gretype=0x0800) / wire.ip())
    packet = wire.decode(data, first="sll")
    assert (packet.sll.gretype, packet.sll.src_ipv4, packet.frame.protocols) == (0x0800, "10.0.0.1", "sll:ip")
    check(packet, data)


def test_trailer() -> None:
    packet = wire.decode(COOKED + b"left over", first="sll")
    assert packet.sll.trailer == b"left over" and packet.sll.span("trailer") == (36 * 8, 45 * 8)


@pytest.mark.parametrize(
    ("size", "field", "need", "have"),
    [(1, "pkttype", 2, 1), (4, "halen", 2, 0), (11, "src.eth", 6, 5), (13, "unused", 2, 1), (15, "etype", 2, 1)],
)
def test_cut(size: int, field: str, need: int, have: int) -> None:
    packet = wire.decode(COOKED[:size], first="sll")
    check(packet, COOKED[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", f"sll.{field}", need, have)
    assert packet.frame.protocols == "sll"
