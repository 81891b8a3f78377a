"""NTP in bytes: the protocol that was added by one file of under 40 lines."""

from __future__ import annotations

import inspect
from importlib import import_module

import wire

from .fields import fields, said

OVER = wire.ip(src="192.0.2.1", dst="198.51.100.2") / wire.udp(srcport=123, dstport=123)
PACKET = bytes.fromhex(
    "24"                # leap indicator 0, version 4, mode 4: server
    "01"                # stratum
    "06"                # polling interval: 2^6 s
    "e9"                # precision: 2^-23 s
    "00000100"          # root delay
    "00000200"          # root dispersion
    "47505300"          # reference: GPS
    "e9e2000000000000"  # reference timestamp
    "e9e2000180000000"  # origin timestamp
    "e9e2000200000000"  # receive timestamp
    "e9e2000300000000"  # transmit timestamp
)  # fmt: skip


def test_fields() -> None:
    p = (OVER / PACKET).decode()
    assert [layer.name for layer in p] == ["ip", "udp", "ntp"]
    assert fields(p.ntp) == {
        "flags":          (0x24, 224, 232),
        "flags.li":       (0, 224, 226),
        "flags.vn":       (4, 226, 229),
        "flags.mode":     (4, 229, 232),
        "stratum":        (1, 232, 240),
        "ppoll":          (6, 240, 248),
        "precision":      (0xE9, 248, 256),
        "rootdelay":      (0x100, 256, 288),
        "rootdispersion": (0x200, 288, 320),
        "refid":          (b"GPS\0", 320, 352),
        "reftime":        (0xE9E20000_00000000, 352, 416),
        "org":            (0xE9E20001_80000000, 416, 480),
        "rec":            (0xE9E20002_00000000, 480, 544),
        "xmt":            (0xE9E20003_00000000, 544, 608),
    }  # fmt: skip
    assert p.ntp.info == "NTP version 4, server (4)" and p.notes == []
    org = wire.ntp.find("org")
    assert org.say(p.ntp.org) == "0xe9e2000180000000 (2024-05-05 12:54:25.500000 UTC)"


def test_build() -> None:
    ntp = wire.ntp(flags_mode="server", flags_vn=4, stratum=1, ppoll=6, precision=0xE9, rootdelay=0x100,
                   rootdispersion=0x200, refid=b"GPS\0", reftime=0xE9E20000_00000000, org=0xE9E20001_80000000,
                   rec=0xE9E20002_00000000, xmt=0xE9E20003_00000000)  # fmt: skip
    assert bytes(ntp) == PACKET
    assert bytes(wire.ntp()) == b"\x23" + bytes(47), "a client's request, version 4"


def test_what_follows() -> None:
    """A message authentication code by its size, otherwise extension fields."""
    digest = (OVER / (PACKET + b"\0\0\0\1" + bytes(range(16)))).decode().ntp
    assert (digest.keyid, digest.mac, digest.span("mac")) == (1, bytes(range(16)), (640, 768))
    crypto_nak = (OVER / (PACKET + bytes(4))).decode().ntp
    assert crypto_nak.keyid == 0 and "mac" not in crypto_nak
    extended = (OVER / (PACKET + bytes(28))).decode().ntp
    assert extended.ext == bytes(28) and "keyid" not in extended


def test_control_messages_keep_their_bytes() -> None:
    p = (OVER / bytes.fromhex("16 02 0001 0000 0000 0000 0000")).decode()
    assert p.ntp.show("flags.mode") == "control (6)" and p.ntp["data"] == bytes.fromhex("0200010000000000000000")


def test_cut() -> None:
    p = (OVER / PACKET[:46]).decode()
    note = p.ntp.notes[0]
    assert said(p.ntp) == [("error", "short")] and (note.field, note.need, note.have) == ("ntp.xmt", 8, 6)
    assert p.ntp.values["rest"] == PACKET[40:46]


def test_one_small_file() -> None:
    assert len(inspect.getsource(import_module("wire.protocols.ntp")).splitlines()) < 40
