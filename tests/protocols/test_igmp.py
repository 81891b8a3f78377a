"""IGMP in bytes: versions 1 to 3."""

from __future__ import annotations

import pytest

import wire

from .fields import Fields, fields, said

OVER = wire.ip(src="192.0.2.1", dst="224.0.0.22", proto=2)
MESSAGES: dict[str, tuple[str, Fields, Fields]] = {
    "report of version 2": (
        "16 00 08fd e0000102",                # type, reserved, checksum, group 224.0.1.2
        {"maddr": "224.0.1.2"},
        {"type": (0x16, 160, 168), "max_resp": (0, 168, 176), "checksum": (0x08FD, 176, 192),
         "maddr": ("224.0.1.2", 192, 224)}),
    "query of version 3": (
        "11 64 f919 e0000102"                 # type, response within 10 s, checksum, group
        "0a 7d 0001"                          # suppress, robustness 2; query interval; one source
        "0a000001",                           # source 10.0.0.1
        {"type": 0x11, "max_resp": 100, "maddr": "224.0.1.2", "s": 1, "qrv": 2, "qqic": 125, "num_src": 1,
         "saddr": ["10.0.0.1"]},
        {"type": (0x11, 160, 168), "max_resp": (100, 168, 176), "checksum": (0xF919, 176, 192),
         "maddr": ("224.0.1.2", 192, 224), "reserved4": (0, 224, 228), "s": (1, 228, 229), "qrv": (2, 229, 232),
         "qqic": (125, 232, 240), "num_src": (1, 240, 256), "saddr": ([bytes([10, 0, 0, 1])], 256, 288)}),
    "report of version 3": (
        "22 00 442b 0000 0001"                # type, reserved, checksum, reserved, one record
        "03 01 0001 e0000102"                 # change to include; one word of auxiliary data; one source; group
        "0a000001 0000abcd",                  # source, auxiliary data
        {"type": 0x22, "num_grp_recs": 1, "records": [
            {"record_type": 3, "aux_data_len": 1, "num_src": 1, "maddr": bytes([224, 0, 1, 2]),
             "saddr": [bytes([10, 0, 0, 1])], "aux_data": bytes.fromhex("0000abcd")}]},
        {"type": (0x22, 160, 168), "reserved": (bytes(1), 168, 176), "checksum": (0x442B, 176, 192),
         "reserved2": (bytes(2), 192, 208), "num_grp_recs": (1, 208, 224),
         "records": ([("group", {"record_type": 3, "aux_data_len": 1, "num_src": 1, "maddr": "224.0.1.2",
                                 "saddr": [bytes([10, 0, 0, 1])], "aux_data": bytes.fromhex("0000abcd")})], 224, 352)}),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    text, given, expected = MESSAGES[name]
    raw = bytes.fromhex(text)
    p = (OVER / raw).decode()
    assert fields(p.igmp) == expected
    assert p.get("igmp.checksum.status") == 1 and p.notes == []
    assert bytes(OVER / wire.igmp(**given))[20:] == raw


def test_names() -> None:
    p = (OVER / bytes.fromhex(MESSAGES["report of version 3"][0])).decode()
    assert p.show("igmp.type") == "Membership Report (0x22)"
    assert p.igmp["records"][0].show("record_type") == "Change To Include Mode (3)"


def test_cut() -> None:
    """More sources than there are."""
    raw = bytes.fromhex("11 64 0000 e0000102 0a 7d 0003 0a000001 0a00")
    p = (OVER / raw).decode()
    assert ("error", "short") in said(p.igmp)
    assert p.igmp["saddr"] == [bytes([10, 0, 0, 1])] and bytes(p)[20:] == raw
