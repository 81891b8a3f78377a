"""Ethernet II, IEEE 802.3, padding, trailers and the frame check sequence."""

from __future__ import annotations

from zlib import crc32

import pytest

import wire

from ..test_every_protocol import check

HEADER = bytes.fromhex(
    "02 00 00 00 00 02"  # eth.dst
    "00 0c 29 8e 87 a6"  # eth.src
    "88 b5"  #             eth.type: local experimental
)
PADDED = HEADER + b"hello" + bytes(41)  # filled up to the least of 60 bytes
WITH_LENGTH = bytes.fromhex(
    "01 80 c2 00 00 00"  # eth.dst: the bridges' group
    "00 0c 29 8e 87 a6"  # eth.src
    "00 05"  #             eth.len
    "42 42 03 ab cd"  #    LLC: dsap, ssap, control, two bytes
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"  # eth.padding: 41 bytes
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
)


def test_header() -> None:
    packet = wire.decode(HEADER + b"hello")
    eth = packet.eth
    assert (eth.dst, eth.src, eth.type) == ("02:00:00:00:00:02", "00:0c:29:8e:87:a6", 0x88B5)
    assert eth["dst"] == HEADER[:6] == eth.bytes("dst")
    assert packet.all_of("eth.addr") == [(eth, HEADER[:6]), (eth, HEADER[6:12])]
    assert [eth.span(name) for name in ("dst", "src", "type")] == [(0, 48), (48, 96), (96, 112)]
    assert (eth.show("src"), eth.show("type")) == ("00:0c:29:8e:87:a6", "Local Experimental Ethertype 1 (0x88b5)")
    assert eth.title == "Ethernet II, 00:0c:29:8e:87:a6 → 02:00:00:00:00:02"
    assert packet.frame.protocols == "eth:ethertype:data"
    assert "padding" not in eth and "trailer" not in eth and "fcs" not in eth
    assert packet.payload == b"hello" and not packet.notes
    check(packet, HEADER + b"hello")


def test_built() -> None:
    assert (
        bytes(wire.eth(dst="02:00:00:00:00:02", src="00-0c-29-8e-87-a6", type=0x88B5) / b"hello") == HEADER + b"hello"
    )
    llc = wire.llc(dsap=0x42, ssap=0x42) / b"\xab\xcd"
    sent = wire.eth(dst="01:80:c2:00:00:00", src="00:0c:29:8e:87:a6", padding=bytes(41)) / llc
    assert bytes(sent) == WITH_LENGTH
    assert bytes(wire.eth() / wire.ip())[12:14] == bytes.fromhex("0800")  # the type follows from what is inside


def test_padding_fills_up_to_60_bytes() -> None:
    """What an inner length leaves over is padding up to the least frame, a trailer beyond it."""
    udp = wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp(srcport=9, dstport=9)  # 28 bytes
    frame = bytes(wire.eth(type=0x0800) / bytes(udp)) + bytes(18) + b"tail"
    packet = wire.decode(frame)
    assert packet.eth.padding == bytes(18) and packet.eth.span("padding") == (42 * 8, 60 * 8)
    assert packet.eth.trailer == b"tail" and packet.eth.span("trailer") == (60 * 8, 64 * 8)
    assert packet.udp.stop == 42
    check(packet, frame)
    short = wire.decode(frame[:50])  # too short a frame to have been padded
    assert "padding" not in short.eth and short.eth.trailer == bytes(8)


def test_padding_that_is_not_zero_is_noted() -> None:
    frame = WITH_LENGTH[:-1] + b"\x5a"
    (note,) = wire.decode(frame).eth.notes
    assert (note.severity, note.code, note.field, note.bits) == ("note", "eth.padding", "eth.padding", (19 * 8, 60 * 8))
    assert not wire.decode(WITH_LENGTH).notes


def test_length() -> None:
    packet = wire.decode(WITH_LENGTH)
    assert packet.eth.len == 5 and packet.eth.span("len") == (96, 112)
    assert packet.eth.type is None and packet.eth.padding == bytes(41)
    assert packet.frame.protocols == "eth:llc:data"
    assert "IEEE 802.3" in packet.eth.title
    check(packet, WITH_LENGTH)


def test_a_length_beyond_the_frame() -> None:
    frame = WITH_LENGTH[:12] + b"\x00\x40" + WITH_LENGTH[14:40]
    (note,) = wire.decode(frame).eth.notes
    assert (note.code, note.field, note.bits) == ("length.beyond", "eth.len", (96, 112))
    assert (note.need, note.have, note.limited_by) == (64, 26, "frame")


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "type"), (1, "len"), (1500, "len"), (1501, "invalid_lentype"), (1535, "invalid_lentype"), (1536, "type")],
)
def test_length_or_type(number: int, name: str) -> None:
    """IEEE 802.3 3.2.6; a zero is read as a type, as tshark does."""
    eth = wire.decode(HEADER[:12] + number.to_bytes(2, "big") + bytes(46)).eth
    assert eth[name] == number
    warned = [note.severity for note in eth.notes if note.field == "eth.invalid_lentype"]
    assert warned == (["warn"] if name == "invalid_lentype" else [])


def test_frame_check_sequence() -> None:
    frame = PADDED + crc32(PADDED).to_bytes(4, "little")
    packet = wire.decode(frame, fcs_len=4)
    assert packet.eth.bytes("fcs") == frame[60:] and packet.eth.span("fcs") == (480, 512)
    assert packet.eth.get("fcs.status") == 1 and "trailer" not in packet.eth
    wrong = wire.decode(PADDED + b"\1\2\3\4", fcs_len=4)
    (note,) = wrong.eth.notes
    assert (note.code, note.need, note.have) == ("checksum.wrong", packet.eth.fcs, 0x01020304)
    check(wrong, PADDED + b"\1\2\3\4")


def test_a_frame_check_sequence_that_the_capture_does_not_announce() -> None:
    """The type says nothing of where the payload ends here, so the sequence is found only behind a length."""
    frame = WITH_LENGTH + crc32(WITH_LENGTH).to_bytes(4, "little")
    eth = wire.decode(frame).eth
    assert eth.trailer == frame[60:]
    assert [(note.severity, note.code, note.bits) for note in eth.notes] == [("chat", "eth.trailer", (480, 512))]


def test_no_room_for_the_frame_check_sequence() -> None:
    packet = wire.decode(HEADER + b"\1\2", fcs_len=4)
    (note,) = packet.eth.notes
    assert (note.code, note.field, note.need, note.have) == ("short", "eth.fcs", 4, 2)
    check(packet, HEADER + b"\1\2")


def test_a_group_cannot_send() -> None:
    (note,) = wire.decode(HEADER[:6] + b"\x03" + HEADER[7:] + b"hello").eth.notes
    assert (note.severity, note.field, note.bits) == ("warn", "eth.src", (48, 96))


@pytest.mark.parametrize("size", range(14))
def test_cut(size: int) -> None:
    packet = wire.decode(HEADER[:size])
    check(packet, HEADER[:size])
    (note,) = packet.notes
    field, whole = next((name, end) for name, end in (("dst", 6), ("src", 12), ("type", 14)) if size < end)
    assert (note.code, note.field, note.have) == ("short", f"eth.{field}", size - (whole - 6 if whole < 14 else 12))


def test_snapped_is_cut_and_not_malformed() -> None:
    (note,) = wire.decode(HEADER[:10], wire_len=60).notes
    assert (note.severity, note.code, note.limited_by) == ("note", "cut.capture", "capture")
