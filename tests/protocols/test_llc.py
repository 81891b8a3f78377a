"""LLC: unnumbered, supervisory and information frames, and SNAP."""

from __future__ import annotations

import pytest

import wire

from ..test_every_protocol import check

SNAP = bytes.fromhex(
    "aa"  #        llc.dsap: SNAP, individual
    "aa"  #        llc.ssap: SNAP, command
    "03"  #        llc.control: unnumbered information
    "00 00 00"  #  llc.oui: encapsulated Ethernet
    "08 00"  #     llc.type: IPv4
    "45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02"
)
DISCOVERY = bytes.fromhex(
    "aa aa 03"  #  SNAP
    "00 00 0c"  #  llc.oui: Cisco
    "20 00"  #     llc.pid
    "02 b4"
)
UNNUMBERED = bytes.fromhex(
    "f0"  #  llc.dsap: NetBIOS 1111000., individual 0
    "f1"  #  llc.ssap: NetBIOS 1111000., response 1
    "7f"  #  llc.control: modifier 011, final 1, modifier 11, unnumbered 11
)
SUPERVISORY = bytes.fromhex(
    "f0 f1"  # NetBIOS, a response
    "05 2b"  #  llc.control, low byte first: reserved 0000, RNR 01, supervisory 01; N(R) 0010101, final 1
)
INFORMATION = bytes.fromhex(
    "f0 f0"  # NetBIOS, a command
    "06 0a"  #  llc.control, low byte first: N(S) 0000011, information 0; N(R) 0000101, poll 0
    "aa bb"
)


def test_snap() -> None:
    packet = wire.decode(SNAP, first="llc")
    llc = packet.llc
    assert (llc.dsap, llc.ssap, llc.control, llc.oui, llc.type) == (0xAA, 0xAA, 3, 0, 0x0800)
    assert [llc.span(name) for name in ("dsap", "ssap", "control", "oui", "type")] == [
        (0, 8),
        (8, 16),
        (16, 24),
        (24, 48),
        (48, 64),
    ]
    assert (llc.dsap_sap, llc.dsap_ig, llc.ssap_sap, llc.ssap_cr) == (0x55, 0, 0x55, 0)
    assert [llc.span(name) for name in ("dsap.sap", "dsap.ig", "ssap.sap", "ssap.cr")] == [
        (0, 7),
        (7, 8),
        (8, 15),
        (15, 16),
    ]
    assert llc.show("dsap") == "SNAP (0xaa)" and llc.show("ssap") == "SNAP (0xaa)"
    assert packet.frame.protocols == "llc:ip" and packet.ip.src == "10.0.0.1"
    assert llc.info == "U, func=UI; SNAP, OUI 00:00:00, PID 0x0800"
    check(packet, SNAP)


def test_another_organisation() -> None:
    packet = wire.decode(DISCOVERY, first="llc")
    assert (packet.llc.oui, packet.llc.pid, packet.llc.type) == (0x00000C, 0x2000, None)
    assert packet.llc.show("oui") == "Cisco Systems (00:00:0c)" and packet.llc.span("pid") == (48, 64)
    assert packet.llc.info == "U, func=UI; SNAP, OUI 00:00:0c, PID 0x2000"
    assert packet.payload == b"\x02\xb4"
    check(packet, DISCOVERY)


def test_unnumbered() -> None:
    llc = wire.decode(UNNUMBERED, first="llc").llc
    assert (llc.control, llc.control_ftype, llc.control_pf) == (0x7F, 3, 1)
    assert (llc.control_modifier_high, llc.control_modifier_low) == (0b011, 0b11)
    assert [llc.span(f"control.{name}") for name in ("modifier_high", "pf", "modifier_low", "ftype")] == [
        (16, 19),
        (19, 20),
        (20, 22),
        (22, 24),
    ]
    assert (llc.get("control.u_modifier_resp"), llc.get("control.u_modifier_cmd")) == (0x1B, None)
    assert (llc.get("control.f"), llc.get("control.p"), llc.get("control.n_r")) == (1, None, None)
    assert llc.show("control") == "SABME (0x007f)"
    assert llc.info == "U F, func=SABME; DSAP NetBIOS Individual, SSAP NetBIOS Response"


def test_supervisory() -> None:
    packet = wire.decode(SUPERVISORY, first="llc")
    llc = packet.llc
    assert (llc.control, llc.control_n_r, llc.control_s_ftype, llc.control_ftype, llc.control_reserved) == (
        0x2B05,
        21,
        1,
        1,
        0,
    )
    assert [llc.span(f"control.{name}") for name in ("reserved", "s_ftype", "ftype", "n_r", "pf")] == [
        (16, 20),
        (20, 22),
        (22, 24),
        (24, 31),
        (31, 32),
    ]
    assert llc.span("control") == (16, 32)
    assert (llc.get("control.f"), llc.get("control.n_s"), llc.get("control.u_modifier_resp")) == (1, None, None)
    assert llc.info == "S F, func=RNR, N(R)=21; DSAP NetBIOS Individual, SSAP NetBIOS Response"
    check(packet, SUPERVISORY)


def test_information() -> None:
    packet = wire.decode(INFORMATION, first="llc")
    llc = packet.llc
    assert (llc.control, llc.control_n_s, llc.control_n_r, llc.control_ftype) == (0x0A06, 3, 5, 0)
    assert [llc.span(f"control.{name}") for name in ("n_s", "ftype", "n_r", "pf")] == [
        (16, 23),
        (23, 24),
        (24, 31),
        (31, 32),
    ]
    assert llc.info == "I, N(R)=5, N(S)=3; DSAP NetBIOS Individual, SSAP NetBIOS Command"
    assert packet.payload == b"\xaa\xbb"
    check(packet, INFORMATION)


def test_editing_the_wider_control_field() -> None:
    packet = wire.decode(INFORMATION, first="llc")
    packet.llc.control_n_r = 6
    assert bytes(packet) == bytes.fromhex("f0f0060caabb")
    packet.llc.control = 0x0E06
    assert bytes(packet) == bytes.fromhex("f0f0060eaabb") and packet.llc.show("control") == "0x0e06"


@pytest.mark.parametrize(
    ("draft", "data"),
    [
        (wire.llc() / wire.ip(src="10.0.0.1", dst="10.0.0.2"), SNAP),
        (wire.llc(oui="00:00:0c", pid=0x2000) / b"\x02\xb4", DISCOVERY),
        (wire.llc(dsap="NetBIOS", ssap=0xF1, control="SABME") / b"", UNNUMBERED[:2] + b"\x6f"),
        (wire.llc(dsap=0xF0, ssap=0xF1, control=0x7F) / b"", UNNUMBERED),
        (wire.llc(dsap=0xF0, ssap=0xF1, control=0x2B05) / b"", SUPERVISORY),
        (wire.llc(dsap=0xF0, ssap=0xF0, control=0x0A06) / b"\xaa\xbb", INFORMATION),
    ],
)
def test_built(draft: wire.Stack, data: bytes) -> None:
    assert bytes(draft) == data


def test_ip_without_snap() -> None:
    stack = wire.llc(dsap=6, ssap=6) / wire.ip(src="10.0.0.1", dst="10.0.0.2")
    assert bytes(stack) == b"\x06\x06\x03" + SNAP[8:]
    assert stack.decode().frame.protocols == "llc:ip"


def test_bridged_ethernet_names_ethertypes_too() -> None:
    assert wire.decode(SNAP[:3] + b"\x00\x00\xf8" + SNAP[6:], first="llc").frame.protocols == "llc:ip"


@pytest.mark.parametrize(
    ("data", "size", "field", "have"),
    [
        (SNAP, 0, "dsap", 0),
        (SNAP, 1, "ssap", 0),
        (SNAP, 2, "control", 0),
        (SNAP, 4, "oui", 1),
        (SNAP, 7, "type", 1),
        (DISCOVERY, 7, "pid", 1),
        (SUPERVISORY, 3, "control", 1),
        (INFORMATION, 3, "control", 1),
    ],
)
def test_cut(data: bytes, size: int, field: str, have: int) -> None:
    packet = wire.decode(data[:size], first="llc")
    check(packet, data[:size])
    (note,) = packet.notes
    assert (note.code, note.field, note.have) == ("short", f"llc.{field}", have)
