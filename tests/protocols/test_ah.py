"""The authentication header in bytes, over IPv4 and IPv6."""

from __future__ import annotations

import wire

from .fields import fields, said

HEADER = bytes.fromhex(
    "11"                        # next header 17: UDP
    "04"                        # length: 4 words beyond the second, 24 bytes in all
    "0000"                      # reserved
    "00000100"                  # security parameters index
    "00000001"                  # sequence number
    "000102030405060708090a0b"  # integrity check value
)
UDP = wire.udp(srcport=1, dstport=2) / b"x"
OVER = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=51)


def test_fields() -> None:
    p = (OVER / HEADER).decode()
    assert fields(p.ah) == {
        "next_header": (17, 320, 328),
        "length":      (4, 328, 336),
        "reserved":    (bytes(2), 336, 352),
        "spi":         (0x100, 352, 384),
        "sequence":    (1, 384, 416),
        "icv":         (bytes(range(12)), 416, 512),
    }  # fmt: skip
    assert p.notes == []


def test_build() -> None:
    """It may stand below anything, and lends the pseudo header on."""
    ah = wire.ah(spi=0x100, sequence=1, icv=bytes(range(12)))
    for network in (OVER, wire.ip(src="192.0.2.1", dst="192.0.2.2")):
        data = bytes(network / ah / UDP)
        assert HEADER in data
        p = wire.decode(data, network.record.name)
        assert [layer.name for layer in p][1:] == ["ah", "udp", "data"]
        assert p.get("udp.checksum.status") == 1


def test_length_of_zero() -> None:
    """12 bytes stand in any header: nothing behind it can be trusted."""
    raw = HEADER[:1] + b"\0" + HEADER[2:]
    p = (OVER / raw).decode()
    assert said(p.ah) == [("error", "ah.length")]
    assert [layer.name for layer in p] == ["ipv6", "ah", "data"] and bytes(p)[40:] == raw


def test_cut() -> None:
    p = (OVER / HEADER[:18]).decode()
    note = p.ah.notes[0]
    assert (note.code, note.field, note.need, note.have) == ("short", "ah.icv", 12, 6)


def test_icv_is_a_whole_number_of_words() -> None:
    try:
        bytes(wire.ah(icv=bytes(10)))
    except ValueError as error:
        assert str(error) == "ah.length: 22 bytes are no whole number of units of 4: fill them up"
    else:
        raise AssertionError("a length that cannot be written was written")
