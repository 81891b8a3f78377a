"""Faults explained as measurements: which field, which bits, what it needs, what there is, who says so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import wire
from wire.packet import Note, Packet

from .conftest import SYN

TCP = 34  # where the TCP header begins
OPTIONS = 54


def patched(*changes: tuple[int, str], cut: int | None = None, fix: bool = True) -> bytes:
    """SYN with bytes (hex) put at offsets, checksums set right again, and cut to a length."""
    data = bytearray(SYN)
    for at, text in changes:
        new = bytes.fromhex(text)
        data[at : at + len(new)] = new
    if fix:
        for at, start, seal in ((24, 14, b""), (50, TCP, data[26:34] + b"\0\x06\0\x28")):
            data[at : at + 2] = b"\0\0"
            words = bytes(seal) + bytes(data[start : 34 if at == 24 else 74])
            data[at : at + 2] = (0xFFFF - (int.from_bytes(words, "big") % 0xFFFF)).to_bytes(2, "big")
    return bytes(data[:cut])


def options(text: str) -> bytes:
    return patched((OPTIONS, text))


@dataclass
class Case:
    name: str
    data: bytes
    code: str
    field: str
    bits: tuple[int, int]
    need: int | None = None
    have: int | None = None
    limit: str = ""
    severity: str = "error"


CASES = [
    # name                        bytes                                         code                  field                 bits        need  have  limited by
    Case("option length 0",       options("0200 05b4"),                         "option.length",      "tcp.options.mss",    (432, 592), 2,    0,    "tcp.options"),
    Case("option length 1",       options("0201 05b4"),                         "option.length",      "tcp.options.mss",    (432, 592), 2,    1,    "tcp.options"),
    Case("option overruns",       options("0228"),                              "option.beyond",      "tcp.options.mss",    (432, 592), 40,   20,   "tcp.options"),
    Case("length byte missing",   patched((73, "02"), (71, "0101")),            "option.cut",         "tcp.options.mss",    (584, 592), 2,    1,    "tcp.options"),
    Case("MSS of 3 bytes",        options("0203 05 01"),                        "option.size",        "tcp.options.mss",    (432, 456), 4,    3,    "tcp.option_len"),
    Case("timestamps of 9",       options("0809 000003e8 000000 01 01 01 01 01 01 01 01 01 01 01"), "option.size", "tcp.options.ts", (432, 504), 10, 9, "tcp.option_len"),
    Case("window scale 15",       patched((73, "0f")),                          "ip",                 "tcp.options.wscale.shift", (584, 592), 14, 15, "", "warn"),
    Case("SACK of 5 bytes",       options("0505 000001 01 01 01 01 01 01 01 01 01 01 01 01 01 01 01"), "option.size", "tcp.options.sack", (432, 472), 10, 5, "tcp.option_len"),
    Case("MSS twice",             options("020405b4 02040218 01010101 01010101 01010101"), "option.twice", "tcp.options",   (464, 496), 1,    2,    "", "note"),
    Case("bytes after the end",   options("00 010203 01010101 01010101 01010101 01010101"), "option.after_end", "tcp.options.padding", (440, 592), 0, None, "tcp.hdr_len", "note"),
    Case("data offset 4",         patched((46, "4002")),                        "tcp.hdr_len",        "tcp.hdr_len",        (368, 372), 20,   16),
    Case("data offset 15",        patched((46, "f002")),                        "short",              "tcp.options",        (432, 592), 40,   20,   "ip.len"),
    Case("IHL 4",                 patched((14, "44"), fix=False),               "ip.hdr_len",         "ip.hdr_len",         (116, 120), 20,   16),
    Case("total length 10",       patched((16, "000a")),                        "ip.len",             "ip.len",             (128, 144), None, 10),
    Case("total length 1000",     patched((16, "03e8")),                        "length.beyond",      "ip.len",             (128, 144), 980,  40,   "frame"),
    Case("SYN, FIN and RST",      patched((46, "a007")),                        "tcp.flags",          "tcp.flags",          (372, 384), None, 7,    "", "note"),
    Case("no flags",              patched((46, "a000")),                        "tcp.flags",          "tcp.flags",          (372, 384), None, 0,    "", "note"),
    Case("reserved bits",         patched((46, "ae02")),                        "tcp.flags",          "tcp.flags",          (372, 384), None, 0xE02, "", "note"),
    Case("urgent without URG",    patched((52, "0005")),                        "tcp.urgent_pointer", "tcp.urgent_pointer", (416, 432), None, 5,    "", "note"),
    Case("bad TCP checksum",      patched((50, "1234"), fix=False),             "checksum.wrong",     "tcp.checksum",       (400, 416), 0x33F3, 0x1234),
    Case("bad IP checksum",       patched((24, "1234"), fix=False),             "checksum.wrong",     "ip.checksum",        (192, 208), 0x323F, 0x1234),
    Case("20 bytes",              patched(cut=20, fix=False),                   "short",              "ip.flags",           (160, 160), 2,    0,    "frame"),
    Case("40 bytes",              patched(cut=40, fix=False),                   "short",              "tcp.seq",            (304, 320), 4,    2,    "frame"),
    Case("60 bytes",              patched(cut=60, fix=False),                   "short",              "tcp.options",        (432, 480), 20,   6,    "frame"),
    Case("SYN-only option",       patched((46, "a010")),                        "option.syn_only",    "tcp.options.mss",    (432, 464), None, None, "tcp.flags.syn", "note"),
    Case("version 5",             patched((14, "55")),                          "ip.version",         "ip.version",         (112, 116), 4,    5),
    Case("TTL 0",                 patched((22, "00")),                          "ip.ttl",             "ip.ttl",             (176, 184), 1,    0,    "", "note"),
]  # fmt: skip


def named(packet: Packet, case: Case) -> list[Note]:
    return [note for note in packet.notes if note.field == case.field and note.bits == case.bits]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case) -> None:
    packet = wire.decode(case.data)
    assert bytes(packet) == case.data
    found = named(packet, case)
    assert found, [(note.code, note.field, note.bits, note.need, note.have) for note in packet.notes]
    note = found[0]
    assert case.code == "ip" or note.code == case.code
    assert (note.need, note.have) == (case.need, case.have)
    assert note.severity == case.severity
    assert note.limited_by == case.limit
    assert note.rfc or note.code in ("option.length", "option.beyond", "option.cut")


def test_a_sound_packet_has_no_notes() -> None:
    assert wire.decode(SYN).notes == []


def test_cut_by_the_capture_is_not_malformed() -> None:
    for length in range(len(SYN)):
        packet = wire.decode(SYN[:length], wire_len=len(SYN))
        assert {note.severity for note in packet.notes} <= {"chat", "note"}, length
        assert any(note.code == "cut.capture" or note.code == "checksum.unchecked" for note in packet.notes)


def test_checksums_are_told_apart() -> None:
    def kind(data: bytes, name: str, **how: int) -> str:
        return str(wire.decode(data, **how).all_of(f"{name}.checksum")[0][0].verdicts["checksum"].kind)

    udp = wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp(srcport=1, dstport=2) / b"hi"
    right = b"\0" * 12 + b"\x08\0" + bytes(udp)
    assert kind(right, "udp") == "right"
    absent = right[:-4] + b"\0\0" + right[-2:]
    assert kind(absent, "udp") == "absent"
    offload = patched((50, "ec65"), fix=False)
    assert kind(offload, "tcp") == "offload"
    assert kind(SYN[:-1], "tcp", wire_len=74) == "unchecked"
    fragment = wire.eth() / wire.ip(flags="0x1", src="10.0.0.1", dst="10.0.0.2") / wire.udp(srcport=1, dstport=2) / b"hi"
    assert kind(bytes(fragment), "udp") == "unchecked"
    note = wire.decode(offload).notes[0]
    assert note.severity == "chat" and "only the pseudo header is summed" in note.text


def test_fragments() -> None:
    """A first fragment is decoded as far as it goes; a later one is payload."""
    first = wire.eth() / wire.ip(flags="0x1", src="10.0.0.1", dst="10.0.0.2") / wire.udp(srcport=1, dstport=2, length=2000) / b"xxxxxxxx"
    packet = wire.decode(bytes(first))
    assert packet.udp.length == 2000 and {note.severity for note in packet.notes} == {"chat"}
    later = wire.decode(bytes(wire.eth() / wire.ip(frag_offset=185, proto=17) / b"12345678"))
    assert [layer.name for layer in later] == ["eth", "ip", "data"]


def test_nesting_has_a_limit() -> None:
    data = b""
    for _ in range(3000):
        data = bytes.fromhex("4500") + min(len(data) + 20, 65535).to_bytes(2, "big") + bytes.fromhex("00000000400400000a0000010a000002") + data
    packet = wire.decode(data, first="ip")
    assert len(packet.layers) <= 256 and any(note.code == "deep" for note in packet.notes) and bytes(packet) == data


def test_both_zeros_of_a_checksum_are_right() -> None:
    """A receiver adds everything up: 0x0000 and 0xffff are the same number to it (RFC 1071)."""
    made = wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.tcp(dstport=80, flags="A")
    plain = bytes(made)
    word = int.from_bytes(plain[36:38], "big")
    seq = bytes(wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.tcp(dstport=80, flags="A", seq=word))
    assert seq[36:38] == b"\0\0", "its sum is all ones"
    for value in (b"\0\0", b"\xff\xff"):
        packet = wire.decode(seq[:36] + value + seq[38:], first="ip")
        assert packet.get("tcp.checksum.status") == 1 and not packet.notes


def test_a_length_left_to_offload_with_options() -> None:
    """A total length of zero says nothing of the header, however long that is."""
    stack = wire.ip(src="10.0.0.1", dst="10.0.0.2", len=0, options="ra=0") / wire.udp(srcport=1, dstport=2) / b"hi"
    packet = wire.decode(bytes(stack), first="ip")
    assert [layer.name for layer in packet] == ["ip", "udp", "data"]
    assert {note.severity for note in packet.notes} == {"chat"}


def test_a_quoted_packet_that_is_all_there() -> None:
    """Its checksum is judged: its own length says that nothing was left out."""
    quoted = wire.ip(src="10.0.0.2", dst="10.0.0.1") / wire.tcp(srcport=1, dstport=2) / b"all of it"
    outer = wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.icmp(type=3)
    assert wire.decode(bytes(outer / quoted), first="ip").tcp.get("checksum.status") == 1
    assert wire.decode(bytes(outer / bytes(quoted)[:-1]), first="ip").tcp.get("checksum.status") == 2


def test_a_cut_is_told_once() -> None:
    """Behind the cut nothing was captured: there is nothing to be said of padding and trailers."""
    packet = wire.decode(SYN[:46], wire_len=1000)
    assert [note.field for note in packet.notes if note.code == "cut.capture"] == ["tcp.hdr_len"]


@pytest.mark.parametrize(("pointer", "status"), [("4", 1), ("0", 0), ("6", 0), ("12", 0)])
def test_where_a_source_route_ends(pointer: str, status: int) -> None:
    """The pseudo header has the route's end, as long as the pointer points to an address of it (RFC 1122 3.2.1.8)."""
    ends = wire.ip(src="10.0.0.1", dst="10.0.0.9") / wire.udp(srcport=1, dstport=2) / b"hi"
    udp = bytes(ends)[20:]
    data = bytes(wire.ip(src="10.0.0.1", dst="10.0.0.2", proto=17, options=f"lsrr={pointer}/10.0.0.9") / udp)
    assert wire.decode(data, first="ip").udp.get("checksum.status") == status
