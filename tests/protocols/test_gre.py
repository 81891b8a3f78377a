"""GRE: a header as long as its flags say, and any EtherType inside."""

from __future__ import annotations

import wire

from ..test_every_protocol import check

INNER = "45 00 00 14 00 00 00 00 40 00 66 e8 0a 00 00 01 0a 00 00 02"  # an IPv4 header
PLAIN = bytes.fromhex("00 00" "08 00" + INNER)  # no flags, version 0; proto: IPv4
FULL = bytes.fromhex(
    "b0 00"  #        1011 0000 0 0000 000: checksum, key, sequence number; version 0
    "08 00"  #        proto: IPv4
    "47 f7"  #        checksum, over all of it
    "00 00"  #        offset
    "00 00 00 07"  #  key
    "00 00 00 01"  #  sequence_number
    + INNER
)
PPTP = bytes.fromhex(
    "30 81"  #        key, sequence number, acknowledgment; version 1
    "88 0b"  #        proto: PPP
    "00 04 00 19"  #  key.payload_length, key.call_id
    "00 00 00 02"  #  sequence_number
    "00 00 00 01"  #  ack_number
    "ff 03 00 21"  #  the payload
)


def test_plain() -> None:
    packet = wire.decode(PLAIN, "gre")
    assert packet.frame.protocols == "gre:ip" and packet.gre.proto == 0x0800 and not packet.notes
    assert packet.gre.key is None and packet.gre.span("proto") == (16, 32)
    check(packet, PLAIN)


def test_flags_make_the_header_longer() -> None:
    packet = wire.decode(FULL, "gre")
    gre = packet.gre
    assert (gre.flags_checksum, gre.flags_key, gre.flags_sequence_number, gre.flags_version) == (1, 1, 1, 0)
    assert (gre.key, gre.sequence_number, gre.end) == (7, 1, 16) and packet.get("gre.checksum.status") == 1
    assert gre.span("key") == (64, 96) and packet.ip.dst == "10.0.0.2" and not packet.notes
    check(packet, FULL)


def test_pptp() -> None:
    packet = wire.decode(PPTP, "gre")
    gre = packet.gre
    assert (gre["key.payload_length"], gre["key.call_id"], gre.sequence_number, gre.ack_number) == (4, 25, 2, 1)
    assert packet.payload.hex() == "ff030021"
    check(packet, PPTP)


def test_built_in_a_tunnel() -> None:
    outer = wire.ip(src="192.0.2.1", dst="198.51.100.2")
    made = bytes(outer / wire.gre(flags_key=1, key=7) / wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp() / b"hi")
    packet = wire.decode(made, "ip")
    assert packet.frame.protocols == "ip:gre:ip:udp:data" and packet.gre.key == 7 and packet["ip"].proto == 47
    assert packet.get("ip.dst#2") == bytes((10, 0, 0, 2))


def test_ethernet_inside() -> None:
    frame = wire.eth(dst="02:00:00:00:00:02", src="02:00:00:00:00:01") / wire.ip(src="10.0.0.1", dst="10.0.0.2")
    assert wire.decode(bytes(wire.gre() / frame), "gre").frame.protocols == "gre:eth:ethertype:ip"
    mikrotik = bytes.fromhex("20 01 64 00 00 22 00 19") + bytes(frame)
    assert wire.decode(mikrotik, "gre").frame.protocols == "gre:eth:ethertype:ip"


def test_what_is_wrong() -> None:
    assert [note.code for note in wire.decode(bytes.fromhex("40000800") + PLAIN[4:], "gre").notes] == ["gre.flags.routing"]
    assert [note.text for note in wire.decode(bytes.fromhex("00050800"), "gre").notes] == ["version 5 is not known"]
    wrong = wire.decode(FULL[:5] + b"\0" + FULL[6:], "gre")
    assert [note.code for note in wrong.notes] == ["checksum.wrong"]
