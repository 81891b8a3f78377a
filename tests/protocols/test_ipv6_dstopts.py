"""Destination options in bytes, and the home address that the layers above count with."""

from __future__ import annotations

import wire

from .fields import fields, said

OVER = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=60)
HEADER = bytes.fromhex(
    "11"                                # next header 17: UDP
    "02"                                # length: 2 units of 8 beyond the first
    "c910"                              # home address, 16 bytes
    "20010db80000000000000000000000cc"  # 2001:db8::cc
    "01020000"                          # PadN, 2 bytes
)  # fmt: skip
DATAGRAM = bytes.fromhex(
    "c000"      # source port 49152
    "2710"      # destination port 10000
    "000a"      # length 10
    "5420"      # checksum, counted from the home address
    "6869"      # "hi"
)  # fmt: skip


def test_fields() -> None:
    p = (OVER / (HEADER + DATAGRAM)).decode()
    options = [("home_address", {"kind": 0xC9, "length": 16, "mipv6.home_address": "2001:db8::cc"}),
               ("padn", {"kind": 1, "length": 2, "padn": b"\0\0"})]  # fmt: skip
    assert fields(p.ipv6_dstopts) == {
        "nxt":     (17, 320, 328),
        "len":     (2, 328, 336),
        "options": (options, 336, 512),
    }  # fmt: skip
    assert p.ipv6_dstopts.len_oct == 24
    assert p.get("ipv6.opt.mipv6.home_address") == HEADER[4:20]
    assert p.get("udp.checksum.status") == 1 and p.notes == []


def test_build() -> None:
    dstopts = wire.ipv6_dstopts(options="home_address=2001:db8::cc")
    assert bytes(OVER / dstopts / wire.udp(srcport=49152, dstport=10000) / b"hi")[40:] == HEADER + DATAGRAM


def test_cut() -> None:
    whole = bytes(OVER / HEADER)
    p = wire.decode(whole[:50], "ipv6", len(whole))
    assert said(p.ipv6_dstopts) == [("note", "cut.capture")]
    assert p.ipv6_dstopts.notes[0].need == 22 and bytes(p) == whole[:50]
