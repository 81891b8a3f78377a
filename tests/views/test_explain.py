"""`wire explain`: any byte, bit or field of a packet, and checksums as arithmetic."""

from __future__ import annotations

import random
import re
from itertools import islice
from zlib import crc32

import pytest

import wire
from wire.packet import Packet
from wire.rules import Checksum, Seal, internet_checksum, ones_sum
from wire.schema import U16, U32, Auto, Protocol
from wire.views.explain import explain

from ..frames import damaged, whole
from .screens import WIDTHS, assert_fits, text_of

FRAME = bytes.fromhex(  # one SYN, 74 bytes
    "02000000000202000000000108004500003c1c4640004006323fc0000201c6336402"
    "c00000501234567800000000a002faf033f30000020405b40402080a000003e80000000001030307"
)  # fmt: skip

CHECKSUM = """\
TCP Checksum: 0x33f3 [correct]     bytes 50-51 (0x32-0x33), bits 400-415

All 16-bit words of what it covers are added; what overflows 16 bits is added
again at the right; then every bit is turned over. It is a sum, not a CRC: two
words that changed places would not be noticed. The pseudo header is borrowed
from IP and never sent.                                RFC 9293 3.1, RFC 1071

covers         field                             words        sum so far
pseudo header  Source Address 192.0.2.1          c000 0201          c201
               Destination Address 198.51.100.2  c633 6402         1ec36
               zero, Protocol 6                  0006              1ec3c
               TCP length 40 bytes               0028              1ec64
TCP header     Source Port 49152                 c000              2ac64
               Destination Port 80               0050              2acb4
               Sequence Number 305419896         1234 5678         31560
               Acknowledgment Number 0           0000 0000         31560
               Header Length 40, Flags SYN       a002              3b562
               Window 64240                      faf0              4b052
               Checksum, counted as 0            0000              4b052
               Urgent Pointer 0                  0000              4b052
TCP options    Maximum segment size 1460         0204 05b4         4b80a
               SACK permitted | Timestamps       0402 080a         4c416
               TSval 1000                        0000 03e8         4c7fe
               TSecr 0                           0000 0000         4c7fe
               NOP | Window scale 7              0103 0307         4cc08
data           none                                                4cc08

fold      4cc08  =  4 and cc08;   cc08 + 4 = cc0c
turn over cc0c   =  1100 1100 0000 1100
          33f3   =  0011 0011 1111 0011     the packet says 33f3: correct

The receiver adds all words, this one too:  4cc08 + 33f3 = 4fffb;
fffb + 4 = ffff. All ones: nothing was damaged that a sum can notice.
Were it ec65, the sum of the pseudo header alone, the network card was still to
fill it in (offload), and the packet would be sound."""

V4 = {"src": "10.0.0.1", "dst": "10.0.0.2"}
V6 = {"src": "2001:db8::1", "dst": "2001:db8::2"}


def said(packet: Packet, field: str, width: int = 80) -> str:
    return text_of(explain(packet, field=field, width=width))


def at(packet: Packet, byte: int, bit: int | None = None) -> str:
    return text_of(explain(packet, at=(byte, bit)))


def frame(*layers: object) -> Packet:
    stack = wire.Stack((wire.eth(),))  # type: ignore[operator]
    for layer in layers:
        stack = stack / layer
    return wire.decode(bytes(stack))


@pytest.fixture
def syn_packet() -> Packet:
    return wire.decode(FRAME)


# -- checksums ------------------------------------------------------------------------


def test_a_checksum_is_told_to_the_digit(syn_packet: Packet) -> None:
    assert said(syn_packet, "tcp.checksum") == CHECKSUM
    assert at(syn_packet, 50) == at(syn_packet, 51, 7) == CHECKSUM


def test_the_table_adds_up_to_the_verdict() -> None:
    """The last sum of the table, folded and turned over, is the checksum that is due: for every rule and payload."""
    stacks = {
        "udp": (wire.ip(**V4), wire.udp()),
        "tcp": (wire.ip(**V4), wire.tcp(options="mss=9")),
        "icmp": (wire.ip(**V4), wire.icmp(type=8)),
        "icmpv6": (wire.ipv6(**V6), wire.icmpv6(type=128)),
    }
    for name, stack in stacks.items():
        for size in (0, 1, 2, 7, 36, 37, 1400):
            packet = frame(*stack, random.Random(size).randbytes(size))
            text = said(packet, f"{name}.checksum")
            rows = text.split("sum so far\n")[1].split("\n\n")[0].splitlines()
            total = int(rows[-1].split()[-1], 16)
            while total >> 16:
                total = (total >> 16) + (total & 0xFFFF)
            due = packet[name].verdicts["checksum"].due
            assert total ^ 0xFFFF == due and "All ones: nothing was damaged" in text


def test_the_header_checksum_of_ip_covers_no_payload(syn_packet: Packet) -> None:
    text = said(syn_packet, "ip.checksum")
    assert text.startswith("IPv4 Header Checksum: 0x323f [correct]     bytes 24-25 (0x18-0x19), bits 192-207")
    assert "RFC 791 3.1, RFC 1071" in text and "pseudo header" not in text and "\ndata " not in text
    assert (
        "IPv4 header  Version 4, Header Length 20," in text
        and "Flags Don't fragment, Fragment Offset 0     4000" in text
    )
    assert "fold      2cdbe  =  2 and cdbe;   cdbe + 2 = cdc0" in text and "offload" not in text


def test_over_ipv6_the_long_addresses_take_several_rows() -> None:
    text = said(frame(wire.ipv6(**V6), wire.udp(srcport=5), b"abcde"), "udp.checksum")
    rows = text.split("sum so far\n")[1].splitlines()
    assert rows[0].split()[:4] == ["pseudo", "header", "Source", "Address"] and rows[3].split() == [
        "0000",
        "0001",
        "2dba",
    ]
    assert "zero, Next Header 17" in text and "UDP length 13 bytes" in text and "borrowed\nfrom IP " in text
    assert '"e" and a zero byte, not sent     6500' in text


def test_icmp_has_no_pseudo_header_and_icmpv6_has() -> None:
    old, new = frame(wire.ip(**V4), wire.icmp(type=8)), frame(wire.ipv6(**V6), wire.icmpv6(type=128))
    assert "pseudo" not in said(old, "icmp.checksum") and "ICMP header" in said(old, "icmp.checksum")
    assert "pseudo header" in said(new, "icmpv6.checksum") and "zero, Next Header 58" in said(new, "icmpv6.checksum")


def test_long_data_is_counted_after_its_first_rows() -> None:
    text = said(frame(wire.ip(**V4), wire.udp(), bytes(range(200))), "udp.checksum")
    assert "… 84 more words" in text and text.count('"..') <= 8


@pytest.mark.parametrize(("checksum", "heading", "ending"), [
    (0x1234, "[wrong: should be 0x33f3]", "de3c + 4 = de40. Not all ones: something is damaged"),
    (0xEC65, "[left to offload]", "ec65 is the sum of the pseudo header alone"),
])  # fmt: skip
def test_wrong_and_offloaded(checksum: int, heading: str, ending: str) -> None:
    text = said(wire.decode(FRAME[:50] + checksum.to_bytes(2, "big") + FRAME[52:]), "tcp.checksum")
    assert heading in text.split("\n\n")[0] and ending in text and "33f3   =  0011 0011 1111 0011" in text
    assert f"the packet says {checksum:04x}" in text


def test_absent_and_not_allowed() -> None:
    absent = said(frame(wire.ip(**V4), wire.udp(checksum=0), b"hi"), "udp.checksum")
    assert "[absent]" in absent and "left the checksum out: the receiver has nothing to" in absent
    illegal = said(frame(wire.ipv6(**V6), wire.udp(checksum=0), b"hi"), "udp.checksum")
    assert "[not allowed]" in illegal and "which IPv6 does not allow" in illegal and "RFC 8200 8.1" in illegal


def test_a_sum_of_zero_is_sent_as_ones() -> None:
    packet = frame(wire.ip(**V4), wire.udp(), b"\0\0")
    body = packet.raw[34:]
    data = internet_checksum(
        packet.raw[26:34] + b"\0\x11" + len(body).to_bytes(2, "big") + body[:6] + b"\0\0"
    ).to_bytes(2, "big")
    text = said(frame(wire.ip(**V4), wire.udp(), data), "udp.checksum")
    assert "the packet says ffff: correct" in text and "ffff   is sent in its place" in text


def test_a_large_sum_with_a_long_verdict_fits() -> None:
    packet = frame(wire.ip(**V4), wire.tcp(), b"\xff" * 1400)
    alone = ones_sum(packet.raw[26:34] + b"\0\6" + (1420).to_bytes(2, "big"))
    offloaded = wire.decode(packet.raw[:50] + alone.to_bytes(2, "big") + packet.raw[52:])
    assert_fits(explain(offloaded, field="tcp.checksum"), 80)
    assert f"\n          the packet says {alone:04x}: left to offload\n" in said(offloaded, "tcp.checksum")


def test_what_cannot_be_checked_says_why() -> None:
    cut = said(wire.decode(FRAME[:60], wire_len=74), "tcp.checksum")
    assert "It cannot be checked: the capture cut the packet." in cut and "sum so far" not in cut
    piece = frame(wire.ip(**V4, flags="mf"), wire.udp(), b"12345678")
    assert "It cannot be checked: the packet is in fragments." in said(piece, "udp.checksum")


def test_a_crc_is_told_in_words() -> None:
    data = FRAME + crc32(FRAME).to_bytes(4, "little")
    text = said(wire.decode(data, fcs_len=4), "eth.fcs")
    due = data[-4:].hex()
    assert f"Worked out over the bytes here it is 0x{due}; the packet says 0x{due}:" in text and text.endswith(
        "correct."
    )
    assert "divided" in text and "IEEE 802.3 3.2.9" in text and "sum so far" not in text
    wrong = said(wire.decode(FRAME + bytes(4), fcs_len=4), "eth.fcs")
    assert f"[wrong: should be 0x{due}]" in wrong and wrong.endswith("wrong.")


class FirstFour(Checksum):
    """Over the first four bytes."""

    def covers(self, seal: Seal) -> bytes:
        return seal.header[:4]


def test_a_rule_with_a_reach_of_its_own() -> None:
    """Where a rule covers less than its header, the table shows what it covers and adds that up."""
    try:
        toy = Protocol("toy", "Toy", "a" / U32 * "A", "sum" / Auto(U16, FirstFour()) * "Sum", "b" / U16 * "B")
        text = said(wire.decode(bytes.fromhex("123456780000ffff"), "toy"), "toy.sum")
        assert re.search(r"covered .*1234 5678 +68ac\n", text) and "[wrong: should be 38739]" in text
        assert bytes(wire.Stack((toy(a=0x12345678),)))[4:6] == (38739).to_bytes(2, "big")
    finally:
        del Protocol.known["toy"]


# -- fields, bits and bytes -----------------------------------------------------------


def test_flags_are_drawn_with_what_shares_their_bytes(syn_packet: Packet) -> None:
    text = said(syn_packet, "tcp.flags")
    assert text.startswith("TCP Flags: 0x002 (SYN)     bytes 46-47 (0x2e-0x2f), bits 372-383\ntransport, OSI 4: ")
    assert "1010 .... .... .... = Header Length: 40 bytes (10 words of 4)\n" in text
    assert ".... 0000 0000 0010 = Flags: 0x002 (SYN) ←\n" in text and ".... .... .... ..1. =   Syn: Set\n" in text


def test_a_bit_is_the_flag_that_it_is(syn_packet: Packet) -> None:
    for text in (at(syn_packet, 47, 6), said(syn_packet, "tcp.flags.syn"), said(syn_packet, "tcp.flags_syn")):
        assert text.startswith("TCP Flags, Syn: Set     byte 47 (0x2f), bit 382")
        assert ".... .... .... ..1. =   Syn: Set ←" in text and "Synchronize" in text and "RFC 9293 3.5" in text
    assert at(syn_packet, 47, 6).endswith("Bit 6 of byte 47 (0x02) is 1.")


def test_a_bit_of_a_number_has_a_weight(syn_packet: Packet) -> None:
    assert at(syn_packet, 48, 0).endswith("Bit 0 of byte 48 (0xfa) is 1; it counts for 32,768 here.")
    assert at(syn_packet, 46, 2).endswith("is 1; it counts for 8 here.")  # words of 4 bytes


def test_a_byte_can_be_of_two_fields(syn_packet: Packet) -> None:
    text = at(syn_packet, 46)
    assert "TCP Header Length: 40 bytes" in text and "TCP Flags: 0x002 (SYN)" in text
    assert text.count("transport, OSI 4") == 1 and text.count(" ←") == 2


def test_options_and_the_fields_inside_them(syn_packet: Packet) -> None:
    text = said(syn_packet, "tcp.options.timestamp.tsval")
    assert text.startswith("TCP Timestamps, TSval: 1000     bytes 62-65 (0x3e-0x41), bits 496-527")
    assert "option\nTimestamps, bytes 60-69 (0x3c-0x45)" in text and "RFC 7323 3.2" in text
    assert at(syn_packet, 63) == text
    whole_option = said(syn_packet, "tcp.options.mss")
    assert whole_option.startswith("TCP Maximum segment size: 1460 bytes     bytes 54-57")
    assert "bytes 56-57 (0x38-0x39), bits 448-463  MSS Value: 1460 bytes" in whole_option
    assert said(syn_packet, "tcp.option_kind#3").startswith("TCP Timestamps, Kind: ")
    assert "bytes 71-73 (0x47-0x49)   Window scale: 7 (multiply by 128)" in said(syn_packet, "tcp.options")


def test_bits_are_worth_their_words(syn_packet: Packet) -> None:
    assert "c0 00 02 01 = 1100 0000  0000 0000  0000 0010  0000 0001" in said(syn_packet, "ip.src")
    assert "0000  02 00 00 00 00 02" in said(syn_packet, "eth.dst")
    assert "not on the wire" in said(syn_packet, "tcp.len") and "192.0.2.1, 198.51.100.2" in said(syn_packet, "ip.addr")
    assert said(syn_packet, "tcp.seq_raw") == said(syn_packet, "tcp.seq")
    assert said(syn_packet, "frame.len") == "Frame Length: 74     not on the wire\nFrame"


def test_the_second_of_two_layers() -> None:
    packet = frame(wire.ip(**V4, ttl=9), wire.ip(**V4, ttl=7), b"")
    assert "Time to Live: 9" in said(packet, "ip.ttl") and "Time to Live: 7" in said(packet, "ip.ttl#2")
    with pytest.raises(ValueError, match="this packet has 2 of them"):
        said(packet, "ip.ttl#3")


def test_quoted_packets_say_so() -> None:
    inner = FRAME[14:42]
    text = said(frame(wire.ip(**V4), wire.icmp(type=11), inner), "tcp.seq")
    assert "in a packet that is quoted" in " ".join(text.split())


def test_notes_stand_below() -> None:
    packet = frame(wire.ip(**V4, ttl=0), wire.tcp(flags="S", ack=7), b"")
    assert "note: 0: it should have been dropped" in said(packet, "ip.ttl")
    assert "RFC 791 3.1" in said(packet, "ip.ttl").splitlines()[-1]
    assert "note: 7, but ACK is not set" in said(packet, "tcp.ack") and "ACK is not set" not in said(
        packet, "tcp.window"
    )


def test_an_edited_packet_is_explained_as_it_is_now(syn_packet: Packet) -> None:
    syn_packet.tcp.window = 1
    assert "[wrong: should be" in said(syn_packet, "tcp.checksum")


@pytest.mark.parametrize(("place", "words"), [
    ((74, None), "byte 74 is not in this packet: it has 74 bytes, 0 to 73 (0x49)"),
    ((-1, None), "byte -1 is not in this packet"),
    ((0, 8), "bit 8 is not in a byte: 0 is the most significant, 7 the least"),
])  # fmt: skip
def test_places_that_are_not_there(syn_packet: Packet, place: tuple[int, int | None], words: str) -> None:
    with pytest.raises(ValueError) as caught:
        explain(syn_packet, at=place)
    assert words in str(caught.value)


@pytest.mark.parametrize(("name", "words"), [
    ("tcp.chekcsum", "did you mean tcp.checksum"),
    ("tcp.sport", "tcp.srcport"),
    ("tcp", "tcp is a layer: name one of its fields"),
    ("udp.length", "udp.length is not in this packet: it has eth, ip, tcp"),
    ("tcp.options.tfo.cookie", "is not in this packet"),
    ("zzz", "there is no field zzz"),
    ("ip.ttl#x", "#2 is the second"),
])  # fmt: skip
def test_names_that_are_not_there(syn_packet: Packet, name: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        explain(syn_packet, field=name)
    assert words in str(caught.value)


def test_either_a_place_or_a_name(syn_packet: Packet) -> None:
    for given in ({}, {"at": (0, None), "field": "ip.ttl"}):
        with pytest.raises(ValueError, match="say which"):
            explain(syn_packet, **given)  # type: ignore[arg-type]


# -- every byte of everything ---------------------------------------------------------


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_byte_fits(columns: int) -> None:
    for data in [*whole(), bytes(frame(wire.ip(**V4), wire.udp(), "\x1b[31m\u202e\x9b\r\n你好".encode()))]:
        packet = wire.decode(data)
        for byte in range(len(data)):
            assert_fits(explain(packet, at=(byte, None), width=columns), columns)


def test_hostile_bytes() -> None:
    """Any bit of any damaged frame has an explanation that fits and steers no terminal."""
    rnd = random.Random(5)
    for data, first, wire_len in islice(damaged(400, seed=5), 400):
        packet = wire.decode(data, first, wire_len)
        for _ in range(3 if data else 0):
            place = rnd.randrange(len(data)), rnd.choice((None, rnd.randrange(8)))
            columns = rnd.choice(WIDTHS)
            assert_fits(explain(packet, at=place, width=columns), columns)
        for layer in packet:
            for leaf in layer.leaves():
                if leaf.field.record:
                    assert_fits(explain(packet, field=leaf.field.path), 80)
