"""Raw IP: a layer without bytes, whose payload tells by itself what it is."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

V4 = bytes.fromhex("45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02")  # version 4, …
V6 = bytes.fromhex("60") + bytes(5) + bytes.fromhex("3b 40") + bytes(32)  #            version 6, …, no next header


@pytest.mark.parametrize(
    ("data", "stack"), [(V4, "raw:ip"), (V6, "raw:ipv6"), (b"\x95" * 20, "raw:data"), (b"\x45", "raw:ip")]
)
def test_version(data: bytes, stack: str) -> None:
    packet = wire.decode(data, first="raw")
    assert packet.frame.protocols == stack
    assert (packet.raw, packet.layers[0].start, packet.layers[0].end) == (data, 0, 0)
    check(packet, data)


def test_ip_begins_at_bit_0() -> None:
    assert wire.decode(V4, first="raw").ip.span("version") == (0, 4)


def test_built() -> None:
    assert bytes(wire.raw() / wire.ip(src="10.0.0.1", dst="10.0.0.2")) == V4


@pytest.mark.parametrize(("number", "name"), [(12, "raw"), (14, "raw"), (101, "raw"), (228, "ip"), (229, "ipv6")])
def test_link_types(number: int, name: str) -> None:
    found = wire.Protocol.registries["linktype"].find(number)
    assert found and found.name == name


def test_neither_version() -> None:
    (note,) = wire.decode(b"\x95" * 20, first="raw")["raw"].notes
    assert (note.severity, note.code, note.bits) == ("note", "raw.version", (0, 4)) and "9" in note.text


def test_nothing_at_all() -> None:
    packet = wire.decode(b"", first="raw")
    check(packet, b"")
    assert [(note.severity, note.code) for note in packet.notes] == [("warn", "raw.empty")]
    assert wire.decode(b"", first="raw", wire_len=20).notes[0].code == "cut.capture"
