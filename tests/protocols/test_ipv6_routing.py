"""Routing headers in bytes: source routes, Mobile IPv6, RPL, segment routing; the destination that sums count with."""

from __future__ import annotations

import pytest

import wire

from .fields import Fields, fields, said

OVER = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=43)
HEADERS: dict[str, tuple[str, Fields, Fields]] = {
    # name: (bytes, the same for building, fields as (value, first bit, end bit))
    "source route": (
        "3b"                                  # next header 59: none
        "04"                                  # length: 4 units of 8 beyond the first
        "00"                                  # type 0
        "02"                                  # segments left
        "00000000"                            # reserved
        "20010db80000000000000000000000cc"    # addresses
        "20010db80000000000000000000000dd",
        {"type": 0, "segleft": 2, "src.addr": ["2001:db8::cc", "2001:db8::dd"]},
        {"nxt": (59, 320, 328), "len": (4, 328, 336), "type": (0, 336, 344), "segleft": (2, 344, 352),
         "src.reserved": (bytes(4), 352, 384),
         "src.addr": ([bytes.fromhex(f"20010db8{end:024x}") for end in (0xCC, 0xDD)], 384, 640)},
    ),
    "mobile": (
        "3b" "02" "02" "01"                   # next header, length, type 2, one segment left
        "00000000"                            # reserved
        "20010db80000000000000000000000dd",   # home address
        {"type": 2, "segleft": 1, "mipv6.home_address": "2001:db8::dd"},
        {"nxt": (59, 320, 328), "len": (2, 328, 336), "type": (2, 336, 344), "segleft": (1, 344, 352),
         "mipv6.reserved": (bytes(4), 352, 384), "mipv6.home_address": ("2001:db8::dd", 384, 512)},
    ),
    "RPL": (
        "3b" "01" "03" "02"                   # next header, length, type 3, two segments left
        "f e 5 00000"                         # 15 bytes shared inside, 14 at the end, padding 5, reserved
        "cc" "00dd" "0000000000",             # two addresses: 1 byte, 2 bytes; padding
        {"type": 3, "segleft": 2, "rpl.cmprI": 15, "rpl.cmprE": 14, "rpl.pad": 5, "rpl.addresses": "cc00dd0000000000"},
        {"nxt": (59, 320, 328), "len": (1, 328, 336), "type": (3, 336, 344), "segleft": (2, 344, 352),
         "rpl.cmprI": (15, 352, 356), "rpl.cmprE": (14, 356, 360), "rpl.pad": (5, 360, 364),
         "rpl.reserved": (0, 364, 384), "rpl.addresses": (bytes.fromhex("cc00dd0000000000"), 384, 448)},
    ),
    "segments": (
        "3b" "05" "04" "01"                   # next header, length, type 4, one segment left
        "01" "00" "0007"                      # last entry, flags, tag
        "20010db80000000000000000000000dd"    # segment list, the last first
        "20010db8000000000000000000000002"
        "0406" "000000000000",                # a TLV: padding
        {"type": 4, "segleft": 1, "srh.last_entry": 1, "srh.tag": 7, "srh.addr": ["2001:db8::dd", "2001:db8::2"],
         "unknown_data": "0406000000000000"},
        {"nxt": (59, 320, 328), "len": (5, 328, 336), "type": (4, 336, 344), "segleft": (1, 344, 352),
         "srh.last_entry": (1, 352, 360), "srh.flags": (0, 360, 368), "srh.tag": (7, 368, 384),
         "srh.addr": ([bytes.fromhex(f"20010db8{end:024x}") for end in (0xDD, 2)], 384, 640),
         "unknown_data": (bytes.fromhex("0406000000000000"), 640, 704)},
    ),
    "unknown": (
        "3b" "00" "09" "01" "01020304",       # next header, length, type 9, one segment left, its data
        {"type": 9, "segleft": 1, "unknown_data": "01020304"},
        {"nxt": (59, 320, 328), "len": (0, 328, 336), "type": (9, 336, 344), "segleft": (1, 344, 352),
         "unknown_data": (bytes([1, 2, 3, 4]), 352, 384)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADERS)
def test_fields(name: str) -> None:
    text, _, expected = HEADERS[name]
    raw = bytes.fromhex(text.replace(" ", ""))
    p = (OVER / raw).decode()
    assert fields(p.ipv6_routing) == expected
    assert p.ipv6_routing.len_oct == len(raw) and bytes(p)[40:] == raw
    notes = [("note", "ipv6.routing.type")] if name == "source route" else []  # deprecated
    assert said(p.ipv6_routing) == notes


@pytest.mark.parametrize("name", HEADERS)
def test_build(name: str) -> None:
    text, given, _ = HEADERS[name]
    assert bytes(wire.ipv6_routing(**given)) == bytes.fromhex(text.replace(" ", ""))


@pytest.mark.parametrize(("name", "final"), [("source route", "2001:db8::dd"), ("mobile", "2001:db8::dd"),
                                             ("RPL", "2001:db8::dd"), ("segments", "2001:db8::dd")])  # fmt: skip
def test_checksums_above_count_with_the_final_destination(name: str, final: str) -> None:
    """While segments are left; then the header's destination is the final one (RFC 8200 section 8.1)."""
    given = HEADERS[name][1]
    udp = wire.udp(srcport=1, dstport=2) / b"x"
    through = bytes(OVER / wire.ipv6_routing(**given) / udp)
    assert through[-9:] == bytes(wire.ipv6(src="2001:db8::1", dst=final) / udp)[-9:]
    arrived = bytes(OVER / wire.ipv6_routing(**{**given, "segleft": 0}) / udp)
    assert arrived[-9:] == bytes(wire.ipv6(src="2001:db8::1", dst="2001:db8::2") / udp)[-9:] != through[-9:]
    for raw in (through, arrived):
        assert wire.decode(raw, "ipv6").get("udp.checksum.status") == 1


@pytest.mark.parametrize(("data", "expected"), [
    ("3b02 0002 00000000" + "00" * 16, ("error", "ipv6.routing.segleft")),  # two left, one address is there
    ("3b02 0400 05000000" + "00" * 16, ("error", "ipv6.routing.srh.last_entry")),  # six entries, room for one
    ("3b00 0300 00000001", ("note", "ipv6.routing.rpl.reserved")),
    ("3b04 0002 00000000" + "00" * 16, ("error", "short")),                 # 40 bytes, 24 are there
])  # fmt: skip
def test_faults(data: str, expected: tuple[str, str]) -> None:
    raw = bytes.fromhex(data)
    p = (OVER / raw).decode()
    assert expected in said(p.ipv6_routing) and bytes(p)[40:] == raw
