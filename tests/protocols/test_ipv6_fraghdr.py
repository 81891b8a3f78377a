"""The fragment header in bytes: first, later and only fragments."""

from __future__ import annotations

import wire
from wire.packet import Packet

from .fields import fields, said

OVER = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=44)
HEADER = bytes.fromhex(
    "11"        # next header 17: UDP
    "00"        # reserved
    "0001"      # offset 0, reserved bits, more fragments follow
    "00001c46"  # identification
)
DATAGRAM = bytes.fromhex(
    "c000"              # source port 49152
    "2710"              # destination port 10000
    "0020"              # length 32, of which 16 bytes are here
    "1234"              # checksum
    "6869212121212121"  # "hi!!!!!!"
)


def with_offset(text: str, payload: bytes = DATAGRAM) -> Packet:
    return wire.decode(bytes(OVER / (HEADER[:2] + bytes.fromhex(text) + HEADER[4:] + payload)), "ipv6")


def test_first_fragment() -> None:
    p = with_offset("0001")
    assert fields(p.ipv6_fraghdr) == {
        "nxt":            (17, 320, 328),
        "reserved_octet": (0, 328, 336),
        "offset":         (0, 336, 349),
        "reserved_bits":  (0, 349, 351),
        "more":           (1, 351, 352),
        "ident":          (0x1C46, 352, 384),
    }  # fmt: skip
    assert p.udp["length"] == 32 and said(p.udp) == [("chat", "checksum.unchecked")]
    assert p.get("udp.checksum.status") == 2 and p.ipv6_fraghdr.notes == []


def test_later_fragment() -> None:
    """The offset counts units of 8 bytes, as tshark prints it."""
    p = with_offset("0018")
    assert p.get("ipv6.fraghdr.offset") == 3 and p.get("ipv6.fraghdr.more") == 0
    assert [layer.name for layer in p] == ["ipv6", "ipv6.fraghdr", "data"] and p.payload == DATAGRAM


def test_only_fragment() -> None:
    """An atomic fragment (RFC 6946) is whole: its checksum is verified."""
    udp = wire.udp(srcport=49152, dstport=10000) / b"hi"
    p = (OVER / wire.ipv6_fraghdr(ident=1) / udp).decode()
    assert p.get("udp.checksum.status") == 1 and p.notes == []


def test_build() -> None:
    assert bytes(OVER / wire.ipv6_fraghdr(nxt="UDP", more=1, ident=0x1C46) / DATAGRAM)[40:] == HEADER + DATAGRAM
    assert bytes(wire.ipv6_fraghdr(nxt=17, offset=3, ident=7)) == bytes.fromhex("1100 0018 00000007")


def test_fragments_that_fit_nowhere() -> None:
    assert said(with_offset("0009", DATAGRAM[:-1]).ipv6_fraghdr) == [("note", "ipv6.fraghdr.more")]
    assert said(with_offset("fff8").ipv6_fraghdr) == [("note", "ipv6.fraghdr.offset")]


def test_cut() -> None:
    p = wire.decode(bytes(OVER / HEADER)[:45], "ipv6", 48)
    assert said(p.ipv6_fraghdr) == [("note", "cut.capture")]
    assert p.ipv6_fraghdr.faults[0].field == "ipv6.fraghdr.ident"
