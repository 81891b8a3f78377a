"""UDP in bytes: its header, its checksum right, wrong, absent, illegal or left to offload, and its length."""

from __future__ import annotations

import pytest

import wire
from wire.packet import Packet

from .fields import fields, said

DATAGRAM = bytes.fromhex(
    "c000"      # source port 49152
    "2710"      # destination port 10000
    "000a"      # length 10
    "c428"      # checksum
    "6869"      # "hi"
)  # fmt: skip
OVER_4 = wire.ip(src="192.0.2.1", dst="198.51.100.2", proto=17)
OVER_6 = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=17)


def over(network: wire.Draft, datagram: bytes) -> Packet:
    return (network / datagram).decode()


def changed(at: int, text: str) -> bytes:
    new = bytes.fromhex(text)
    return DATAGRAM[:at] + new + DATAGRAM[at + len(new):]  # fmt: skip


def test_fields() -> None:
    udp = over(OVER_4, DATAGRAM).udp
    assert fields(udp) == {
        "srcport":  (49152, 160, 176),
        "dstport":  (10000, 176, 192),
        "length":   (10, 192, 208),
        "checksum": (0xC428, 208, 224),
    }  # fmt: skip
    assert udp.port == (49152, 10000)
    assert udp.get("checksum.status") == 1 and udp.notes == []
    assert udp.payload == b"hi"


def test_build() -> None:
    assert bytes(OVER_4 / wire.udp(srcport=49152, dstport=10000) / b"hi")[20:] == DATAGRAM
    assert wire.udp(srcport="domain").values == {"srcport": 53}


def test_checksum_wrong() -> None:
    note = over(OVER_4, changed(6, "c429")).udp.notes[0]
    assert (note.severity, note.code, note.field, note.bits) == ("error", "checksum.wrong", "udp.checksum", (208, 224))
    assert (note.need, note.have, note.text) == (0xC428, 0xC429, "wrong: should be 0xc428")


def test_checksum_left_to_offload() -> None:
    """Only the pseudo header is summed: c000 0201 + c633 6402 + 0011 + 000a = 1ec51, whose carry makes ec52."""
    p = over(OVER_4, changed(6, "ec52"))
    assert said(p.udp) == [("chat", "checksum.offload")]
    assert p.get("udp.checksum.status") == 0


def test_checksum_absent_over_ipv4() -> None:
    p = over(OVER_4, changed(6, "0000"))
    assert said(p.udp) == [("chat", "checksum.absent")]
    assert p.get("udp.checksum.status") == 3


def test_checksum_of_zero_is_illegal_over_ipv6() -> None:
    p = over(OVER_6, changed(6, "0000"))
    assert said(p.udp) == [("error", "checksum.illegal")]
    assert p.get("udp.checksum.status") == 4


def test_checksum_that_comes_to_zero_is_sent_as_ones() -> None:
    """0xc428 and "hi" make 0x2c92: with that as the data nothing is left to add, and all ones say so (RFC 768)."""
    data = bytes(OVER_4 / wire.udp(srcport=49152, dstport=10000) / bytes.fromhex("2c92"))
    assert data[26:28] == b"\xff\xff"
    assert wire.decode(data, "ip").get("udp.checksum.status") == 1


def test_checksum_without_a_network_layer() -> None:
    udp = wire.decode(DATAGRAM, "udp").udp
    assert said(udp) == [("chat", "checksum.unchecked")] and udp.get("checksum.status") == 2


def test_length_too_short() -> None:
    """Shorter than the header: nothing behind it can be trusted."""
    p = over(OVER_4, changed(4, "0007"))
    note = p.udp.notes[0]
    assert (note.severity, note.code, note.bits, note.have) == ("error", "udp.length", (192, 208), 7)
    assert [layer.name for layer in p] == ["ip", "udp", "data"]


def test_length_beyond_the_packet() -> None:
    p = over(OVER_4, changed(4, "0064"))
    note = p.udp.notes[0]
    assert (note.code, note.field, note.bits) == ("length.beyond", "udp.length", (192, 208))
    assert (note.need, note.have, note.limited_by) == (92, 2, "ip.len")
    assert p.get("udp.checksum.status") == 2, "what the checksum covers is not all here"


def test_length_short_of_the_packet_leaves_a_trailer() -> None:
    p = over(OVER_4, DATAGRAM + b"\0\1")
    assert p.payload == b"hi" and p.ip.values["trailer"] == b"\0\1"
    assert p.get("udp.checksum.status") == 1 and p.notes == []


def test_length_of_zero() -> None:
    """Only a jumbogram has it, and a jumbogram is IPv6's and has more than 65535 bytes (RFC 2675 section 4)."""
    for network in (OVER_4, OVER_6):
        p = over(network, changed(4, "0000"))
        assert ("error", "udp.length") in said(p.udp)
        assert p.payload == b"hi"
    jumbo = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", plen=0) / wire.ipv6_hopopts(options="jumbo=70024")
    p = (jumbo / wire.udp(length=0) / bytes(70008)).decode()
    assert said(p.udp) == [] and p.get("udp.checksum.status") == 1


@pytest.mark.parametrize(("size", "field"), [(1, "udp.srcport"), (3, "udp.dstport"), (7, "udp.checksum")])
def test_cut_header(size: int, field: str) -> None:
    """Cut by the capture it is a note, cut by the packet an error; what was read stays."""
    whole = bytes(OVER_4 / DATAGRAM)
    short = bytes(OVER_4 / DATAGRAM[:size])
    for raw, wire_len, severity in ((whole[: 20 + size], len(whole), "note"), (short, None, "error")):
        p = wire.decode(raw, "ip", wire_len)
        assert [(note.severity, note.field) for note in p.udp.faults] == [(severity, field)]
        assert bytes(p) == raw
