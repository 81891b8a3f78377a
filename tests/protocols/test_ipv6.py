"""IPv6 in bytes: its header, its payload length and the pseudo header that it lends."""

from __future__ import annotations

import pytest

import wire

from .fields import fields, said

HEADER = bytes.fromhex(
    "6 b9 abcde"                        # version 6, traffic class (DSCP 46, ECN 1), flow label
    "000a"                              # payload length 10
    "11"                                # next header 17: UDP
    "40"                                # hop limit 64
    "20010db8000000000000000000000001"  # source 2001:db8::1
    "20010db8000000000000000000000002"  # destination 2001:db8::2
    .replace(" ", "")
)  # fmt: skip
DATAGRAM = bytes.fromhex(
    "c000"      # source port 49152
    "2710"      # destination port 10000
    "000a"      # length 10
    "54eb"      # checksum
    "6869"      # "hi"
)  # fmt: skip
ENDS = {"src": "2001:db8::1", "dst": "2001:db8::2"}


def changed(at: int, text: str, payload: bytes = DATAGRAM) -> bytes:
    new = bytes.fromhex(text)
    return HEADER[:at] + new + HEADER[at + len(new):] + payload  # fmt: skip


def test_fields() -> None:
    p = wire.decode(HEADER + DATAGRAM, "ipv6")
    assert fields(p.ipv6) == {
        "version":     (6, 0, 4),
        "tclass":      (0xB9, 4, 12),
        "tclass.dscp": (46, 4, 10),
        "tclass.ecn":  (1, 10, 12),
        "flow":        (0xABCDE, 12, 32),
        "plen":        (10, 32, 48),
        "nxt":         (17, 48, 56),
        "hlim":        (64, 56, 64),
        "src":         ("2001:db8::1", 64, 192),
        "dst":         ("2001:db8::2", 192, 320),
    }  # fmt: skip
    assert p.ipv6.addr == (HEADER[8:24], HEADER[24:40])
    assert p.get("ip.version") == 6, "as in Wireshark, which fills it for both"
    assert (p.show("ipv6.flow"), p.show("ipv6.tclass"), p.show("ipv6.nxt")) == ("0xabcde", "0xb9", "UDP (17)")
    assert p.get("udp.checksum.status") == 1 and p.notes == []


def test_build() -> None:
    ipv6 = wire.ipv6(**ENDS, tclass_dscp=46, tclass_ecn=1, flow=0xABCDE)
    assert bytes(ipv6 / wire.udp(srcport=49152, dstport=10000) / b"hi") == HEADER + DATAGRAM


@pytest.mark.parametrize(("first", "data"), [
    ("eth", bytes(12) + b"\x86\xdd" + HEADER + DATAGRAM),
    ("ip", bytes(wire.ip(src="192.0.2.1", dst="192.0.2.2") / wire.ipv6(**ENDS))),
    ("null", bytes([30, 0, 0, 0]) + HEADER + DATAGRAM),
    ("raw", HEADER + DATAGRAM),
])  # fmt: skip
def test_carried_by(first: str, data: bytes) -> None:
    assert wire.decode(data, first).ipv6.src == "2001:db8::1"


def test_payload_length_beyond_the_packet() -> None:
    p = wire.decode(changed(4, "0064"), "ipv6")
    note = p.ipv6.notes[0]
    assert (note.severity, note.code, note.field, note.bits) == ("error", "length.beyond", "ipv6.plen", (32, 48))
    assert (note.need, note.have, note.rfc) == (100, 10, "RFC 8200 3")
    assert p.get("udp.checksum.status") == 1


def test_payload_length_short_of_the_packet() -> None:
    p = wire.decode(HEADER + DATAGRAM + bytes(4), "ipv6")
    assert p.ipv6.values["trailer"] == bytes(4) and p.notes == []


def test_payload_length_of_zero() -> None:
    """TCP's is left to offload, nothing may say so behind "no next header", and nothing follows anything else."""
    p = wire.decode(changed(4, "0000 06", bytes.fromhex("1f90c000 00000001 00000000 5002ffff 00000000")), "ipv6")
    assert p.tcp.srcport == 8080 and said(p.ipv6) == [("chat", "ipv6.plen")]
    p = wire.decode(changed(4, "0000 3b", b""), "ipv6")
    assert p.ipv6.notes == [] and p.show("ipv6.nxt") == "No Next Header for IPv6 (59)"
    p = wire.decode(changed(4, "0000"), "ipv6")
    assert [layer.name for layer in p] == ["ipv6"] and said(p.ipv6) == [("error", "ipv6.plen")]


def test_no_next_header_keeps_its_payload() -> None:
    p = wire.decode(changed(4, "0003 3b", b"abc"), "ipv6")
    assert [layer.name for layer in p] == ["ipv6", "data"] and p.payload == b"abc"


def test_version_and_hop_limit() -> None:
    p = wire.decode(changed(0, "50"), "ipv6")
    assert said(p.ipv6) == [("error", "ipv6.version")] and "udp" not in p
    p = wire.decode(changed(7, "00"), "ipv6")
    assert said(p.ipv6) == [("note", "ipv6.hlim")] and "udp" in p


def test_cut_header() -> None:
    for wire_len, expected in ((50, ("note", "cut.capture")), (None, ("error", "short"))):
        p = wire.decode(HEADER[:30], "ipv6", wire_len)
        assert said(p.ipv6) == [expected]
        assert p.ipv6.src == "2001:db8::1" and p.ipv6.values["rest"] == HEADER[24:30]
        assert bytes(p) == HEADER[:30]
