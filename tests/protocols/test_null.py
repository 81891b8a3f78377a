"""BSD null: the family in either byte order."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

IP = bytes.fromhex("45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02")
LITTLE = bytes.fromhex("02 00 00 00") + IP  # null.family, low byte first: 2
BIG = bytes.fromhex("00 00 00 02") + IP  #    null.family, high byte first: 2


@pytest.mark.parametrize("data", [LITTLE, BIG])
def test_either_order(data: bytes) -> None:
    packet = wire.decode(data, first="null")
    assert packet.null.family == 2 and packet.null.span("family") == (0, 32)
    assert packet.null.show("family") == "IP (2)" and packet.null.title == "Null/Loopback, 2"
    assert packet.frame.protocols == "null:ip" and not packet.notes
    check(packet, data)


@pytest.mark.parametrize("data", [LITTLE, BIG])
def test_editing_keeps_the_order(data: bytes) -> None:
    packet = wire.decode(data, first="null")
    packet.null.family = 7
    assert bytes(packet) == data[:4].replace(b"\2", b"\7") + IP


def test_built() -> None:
    inner = wire.ip(src="10.0.0.1", dst="10.0.0.2")
    assert bytes(wire.null() / inner) == bytes(wire.null(family=2) / inner) == LITTLE
    assert wire.Protocol.registries["linktype"].find(0) is wire.null


@pytest.mark.parametrize("family", [24, 28, 30])
def test_ipv6_has_three_numbers(family: int) -> None:
    data = family.to_bytes(4, "little") + b"\x60" + bytes(39)
    assert wire.decode(data, first="null").frame.protocols.startswith("null:ipv6")


def test_an_ethertype_instead() -> None:
    assert wire.decode(bytes.fromhex("00 00 08 00") + IP, first="null").frame.protocols == "null:ip"


def test_no_family() -> None:
    packet = wire.decode(bytes.fromhex("ff 03 00 21") + IP, first="null")
    (note,) = packet.null.notes
    assert (note.severity, note.field, note.bits, note.have) == ("note", "null.family", (0, 32), 0x210003FF)
    assert packet.frame.protocols == "null:data"


@pytest.mark.parametrize("size", range(4))
def test_cut(size: int) -> None:
    packet = wire.decode(LITTLE[:size], first="null")
    check(packet, LITTLE[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", "null.family", 4, size)
