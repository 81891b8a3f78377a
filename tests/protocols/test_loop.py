"""OpenBSD loopback: BSD null's family in network byte order."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

LOOP = bytes.fromhex(
    "00 00 00 02"  # null.family: 2
    "45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02"
)


def test_header() -> None:
    packet = wire.decode(LOOP, first="loop")
    assert packet.loop.family == 2 and packet.loop.span("family") == (0, 32)
    assert packet.get("null.family") == 2 and packet.show("null.family") == "IP (2)"
    assert packet.frame.protocols == "null:ip" and not packet.notes
    assert wire.Protocol.registries["linktype"].find(108) is wire.loop
    check(packet, LOOP)


def test_built() -> None:
    assert bytes(wire.loop() / wire.ip(src="10.0.0.1", dst="10.0.0.2")) == LOOP


def test_the_other_order_is_no_family() -> None:
    packet = wire.decode(bytes.fromhex("02 00 00 00") + LOOP[4:], first="loop")
    (note,) = packet.loop.notes
    assert (note.severity, note.field, note.have) == ("note", "null.family", 0x02000000)
    assert packet.frame.protocols == "null:data"


@pytest.mark.parametrize("size", range(4))
def test_cut(size: int) -> None:
    packet = wire.decode(LOOP[:size], first="loop")
    check(packet, LOOP[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.need, note.have) == ("short", "null.family", 4, size)
