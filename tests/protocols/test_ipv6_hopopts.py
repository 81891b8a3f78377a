"""Hop-by-hop options in bytes: the header, its options, its place, and jumbograms."""

from __future__ import annotations

import pytest

import wire

from .fields import fields, said, values

OVER = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=0)
HEADER = bytes.fromhex(
    "3b"        # next header 59: none
    "00"        # length: 0 units of 8 beyond the first
    "05020000"  # router alert, 2 bytes: MLD
    "0100"      # PadN, no byte
)  # fmt: skip


def test_fields() -> None:
    p = (OVER / HEADER).decode()
    hopopts = p["ipv6.hopopts"]
    assert p.ipv6_hopopts is hopopts
    options = [("router_alert", {"kind": 5, "length": 2, "router_alert": 0}),
               ("padn", {"kind": 1, "length": 0, "padn": b""})]  # fmt: skip
    assert fields(hopopts) == {
        "nxt":     (59, 320, 328),
        "len":     (0, 328, 336),
        "options": (options, 336, 384),
    }  # fmt: skip
    assert hopopts.len_oct == 8
    assert p.get("ipv6.opt.router_alert") == 0 and hopopts["options"][0].show("router_alert") == "MLD (0)"
    assert (p.get("ipv6.opt.type"), p.get("ipv6.opt.type#2"), p.get("ipv6.opt.length")) == (5, 1, 2)
    assert p.notes == []


def test_build() -> None:
    """PadN or Pad1 fills the header up to eight bytes, and the length counts them."""
    assert bytes(wire.ipv6_hopopts(options="router_alert=MLD")) == HEADER
    assert bytes(OVER / wire.ipv6_hopopts(options="ra=0"))[40:] == HEADER
    assert bytes(wire.ipv6_hopopts()) == bytes.fromhex("3b00 0104 00000000")
    assert bytes(wire.ipv6_hopopts(options="tel=3 pad1 pad1")) == bytes.fromhex("3b00 040103 00 00 00")


@pytest.mark.parametrize(("data", "text", "expected"), [
    ("3b00 00 00 00 00 00 00", "pad1 pad1 pad1 pad1 pad1 pad1", [("pad1", {"kind": 0})] * 6),
    ("3b00 040105 0101 00", "tel=5 padn=00", [("tel", {"kind": 4, "length": 1, "tel": 5}),
     ("padn", {"kind": 1, "length": 1, "padn": b"\0"})]),
    ("3b00 c204 00010000", "jumbo=65536", [("jumbo", {"kind": 0xC2, "length": 4, "jumbo": 65536})]),
])  # fmt: skip
def test_option(data: str, text: str, expected: object) -> None:
    raw = bytes.fromhex(data)
    p = (OVER / raw).decode()
    assert values(p.ipv6_hopopts["options"]) == expected
    assert bytes(wire.ipv6_hopopts(options=text)) == raw


def test_unknown_option_keeps_its_bytes_and_has_its_name() -> None:
    p = (OVER / bytes.fromhex("3b00 3e04 01020304")).decode()
    option = p.ipv6_hopopts["options"][0]
    assert (option.name, option["data"]) == ("unknown", bytes([1, 2, 3, 4]))
    assert option.show("kind") == "Experimental (0x3E) (62)"
    assert p.notes == []


@pytest.mark.parametrize(("data", "code"), [
    ("3b00 05020000 0105", "option.beyond"),  # PadN says 5 bytes: none is left
    ("3b00 0501 00 010100", "option.size"),   # router alert has 2 bytes
    ("3b00 00000000 0001", "option.cut"),     # a type, and the options end
])  # fmt: skip
def test_option_faults(data: str, code: str) -> None:
    raw = bytes.fromhex(data)
    p = (OVER / raw).decode()
    assert ("error", code) in said(p.ipv6_hopopts)
    assert bytes(p)[40:] == raw


def test_its_place_is_behind_the_ipv6_header() -> None:
    p = (wire.ipv6(src="::1", dst="::1") / wire.ipv6_dstopts(nxt=0) / HEADER).decode()
    assert said(p.ipv6_hopopts) == [("warn", "ipv6.hopopts.place")]


def test_length_beyond_the_packet() -> None:
    p = (OVER / bytes.fromhex("3b01 05020000 0100")).decode()
    note = p.ipv6_hopopts.notes[0]
    assert (note.code, note.need, note.have, note.limited_by) == ("short", 14, 6, "ipv6.plen")


JUMBO = wire.ipv6_hopopts(options="jumbo=70008")


def test_jumbogram() -> None:
    p = (wire.ipv6(src="::1", dst="::1", plen=0) / JUMBO / bytes(70000)).decode()
    assert p.ipv6.notes == p.ipv6_hopopts.notes == []
    assert len(p.payload) == 70000


def test_jumbograms_that_do_not_fit_together() -> None:
    short = wire.ipv6(src="::1", dst="::1", plen=0, nxt=0)
    assert said((short / JUMBO / bytes(60000)).decode().ipv6_hopopts) == [("error", "length.beyond")]
    assert said((short / HEADER).decode().ipv6_hopopts) == [("error", "ipv6.jumbo.missing")]
    assert said((OVER / JUMBO).decode().ipv6_hopopts) == [("error", "ipv6.jumbo.prohibited")]
    small = (short / wire.ipv6_hopopts(options="jumbo=8")).decode().ipv6_hopopts
    assert [(note.severity, note.field) for note in small.notes] == [("error", "ipv6.opt.jumbo")]
