"""Pasted texts with names: the traps, what stands round a dump, and what is refused."""

import pytest

from wire.capture.hextext import Dump, HexError, Judgement, read_hex

from .dumpers import screen, tcpdump_text, wireshark_hex, xxd

SYN = bytes.fromhex(
    "0200 0000 0002 0200 0000 0001 0800"
    "4500 003c 1c46 4000 4006 323f c000 0201 c633 6402"
    "c000 0050 1234 5678 0000 0000 a002 faf0 33f3 0000 0204 05b4 0402 080a 0000 03e8 0000 0000 0103 0307"
)
SECOND = 1_000_000_000


def only(text: str) -> Dump:
    dumps = read_hex(text)
    assert len(dumps) == 1
    return dumps[0]


def refused(text: str) -> str:
    with pytest.raises(HexError) as caught:
        read_hex(text)
    return str(caught.value)


TCPDUMP = """\
09:20:47.149112 IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [S], seq 305419896, win 64240, length 0
\t0x0000:  4500 003c 1c46 4000 4006 323f c000 0201
\t0x0010:  c633 6402 c000 0050 1234 5678 0000 0000
\t0x0020:  a002 faf0 33f3 0000 0204 05b4 0402 080a
\t0x0030:  0000 03e8 0000 0000 0103 0307
"""


def test_the_20_of_a_time_is_no_byte() -> None:
    dump = only(TCPDUMP)
    assert dump == Dump(SYN[14:], "tcpdump -x", 2, (9 * 3600 + 20 * 60 + 47) * SECOND + 149_112_000, "day",
                        checked=("offsets", "item width", "summary length"), linkless=True)


def test_a_summary_that_contradicts_the_headers_is_refused() -> None:
    assert "5 bytes are carried; the headers in the rows say 0" in refused(TCPDUMP.replace("length 0", "length 5"))


def test_a_snapped_packet_is_no_error_but_said() -> None:
    text = TCPDUMP[:TCPDUMP.index("\t0x0030")]
    [remark] = only(text).remarks
    assert remark == "the IP packet has 60 bytes and 48 are here: cut by the capture, or rows are missing at the end"


def test_tcpdump_on_any_interface_says_the_direction() -> None:
    text = tcpdump_text(SYN[14:]).split("\n", 1)[1]
    for mark, direction in (("In", "in"), ("Out", "out"), ("M", "in"), ("P", None)):
        head = f"2024-11-26 14:45:35.227290 lo    {mark:<3} IP 127.0.0.1.37614 > 127.0.0.1.8000: Flags [S], length 0\n"
        dump = only(head + text)
        assert (dump.data, dump.direction, dump.clock) == (SYN[14:], direction, "epoch")
        assert dump.time == 1_732_632_335 * SECOND + 227_290_000


def test_what_tcpdump_prints_inside_a_summary_is_left_out() -> None:
    """CDP and PPP values that tcpdump does not dissect come as rows of their own before the packet's."""
    text = ("14:46:11.554753 PPPoE  [ses 0x17] LCP, Echo-Request (0x09), id 106, length 14\n"
            "\tencoded length 12 (=Option(s) length 8)\n\t  -----trailing data-----\n\t  0x0000:  0ee2 f609\n"
            "\t0x0000:  0002 1803 0007 0004 23a9 5d8e 8864 1100\n\t0x0010:  0017 000e c021 096a 000c a4cb ea34 0ee2\n"
            "\t0x0020:  f609\n")
    assert only(text).data.hex() == "000218030007000423a95d8e886411000017000ec021096a000ca4cbea340ee2f609"


def test_typing_into_the_terminal_of_an_access_point() -> None:
    text = ("22:35:17.1669188 IP host.lan.60354 > 239.255.255.250.3702: UDP, length 656\n"
            "0x0000: 0100 5e7f fffa 806d 971d a040 0800 4500\nundebug 0x0010: 02ac d4bb 0000 0111 cd11 c0a8 64d1 efff\n"
            "0x0020: fffa ebc2 0e76 0298 757b 3c3f\n")
    dump = only(text)
    assert len(dump.data) == 44
    assert dump.remarks[0].startswith("the IP packet has 684 bytes and 30 are here: cut by the capture")


def test_further_data_sources_of_tshark_are_left_out_and_named() -> None:
    text = ("Frame (18 bytes):\n0000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f   ................\n"
            "0010  10 11                                             ..\nReassembled TCP (4 bytes):\n"
            "0000  61 62 63 64                                       abcd\nDe-chunked entity body (2 bytes):\n"
            "0000  61 62                                             ab\n\n")
    dump = only(text)
    assert dump.data == bytes(range(18))
    assert dump.remarks == ("left out: Reassembled TCP (4 bytes), which is not a frame",
                            "left out: De-chunked entity body (2 bytes), which is not a frame")
    assert "declared length" in dump.checked
    assert "19 bytes are declared here" in refused(text.replace("(18", "(19"))


@pytest.mark.parametrize(("head", "time", "clock", "direction"), [
    ("22:45:44.700 UTC Nov 27 2021 : IPv4 LES CEF    : Gi0/1 None", 1_638_053_144_700_000_000, "epoch", None),
    ("   1: 20:40:01.108469       192.0.2.1.49152 > 198.51.100.2.80: S 1:1(0)", 74_401_108_469_000, "day", None),
    ("2025-09-30 00:04:12.778280 port1 in 192.0.2.1.1 -> 198.51.100.2.80: syn 1", 1_759_190_652_778_280_000, "epoch",
     "in"),
    ("2025-09-30 00:04:12.778280 wan1 out 192.0.2.1.1 -> 198.51.100.2.80: syn 1", 1_759_190_652_778_280_000, "epoch",
     "out"),
    ("2.429703 port1 -- 192.0.2.1 -> 198.51.100.2: icmp: echo request", None, None, None),
    ("1795166447.149112 IP 192.0.2.1 > 198.51.100.2: ICMP echo request", 1_795_166_447_149_112_000, "epoch", None),
    ("2026-11-20T10:20:47.149112+0100 host kernel: rx", 1_795_166_447_149_112_000, "epoch", None),
    ("Nov 20 09:20:47 host kernel: rx", 33_647 * SECOND, "day", None),
    ("    Arrival Time: Nov 26, 2024 14:45:35.227290000 UTC", 1_732_632_335_227_290_000, "epoch", None),
])
def test_times_and_directions(head: str, time: int | None, clock: str | None, direction: str | None) -> None:
    dump = only(f"{head}\n{wireshark_hex(SYN)}")
    assert (dump.data, dump.time, dump.clock, dump.direction) == (SYN, time, clock, direction)


@pytest.mark.parametrize(("stamp", "time", "clock"), [
    ("[   12.345670] ", 12_345_670_000, "boot"),
    ("[Fri Nov 20 09:20:47 2026] ", 1_795_166_447 * SECOND, "epoch"),
    ("Nov 20 09:20:47 host kernel: [   12.345670] ", 12_345_670_000, "boot"),
    ("kernel: ", None, None),
])
def test_kernel_logs(stamp: str, time: int | None, clock: str | None) -> None:
    rows = [f"{stamp}eth0 rx: {row}" for row in xxd(SYN).splitlines()]
    dump = only("\n".join([f"{stamp}eth0: link is up", *rows, f"{stamp}eth0: link is down"]))
    assert (dump.data, dump.time, dump.clock) == (SYN, time, clock)


SKB = """\
[  239.704150] skb len=74 headroom=16 headlen=54 tailroom=8
[  239.704150] mac=(2,14) mac_len=14 net=(16,20) trans=36
[  239.704150] skb headroom: 00000000: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
[  239.704150] skb linear:   00000000: 02 00 00 00 00 02 02 00 00 00 00 01 08 00 45 00
[  239.704151] skb linear:   00000010: 00 3c 1c 46 40 00 40 06 32 3f c0 00 02 01 c6 33
[  239.704152] skb linear:   00000020: 64 02 c0 00 00 50 12 34 56 78 00 00 00 00 a0 02
[  239.704153] skb linear:   00000030: fa f0 33 f3 00 00
[  239.704153] skb tailroom: 00000000: a5 a5 a5 a5 a5 a5 a5 a5
[  239.704153] skb frag:     00000000: 02 04 05 b4 04 02 08 0a 00 00 03 e8 00 00 00 00
[  239.704154] skb frag:     00000010: 01 03 03 07
"""


def test_skb_dump_is_put_together_from_its_parts() -> None:
    dump = only(SKB)
    assert (dump.data, dump.format, dump.wire_length) == (SYN, "kernel skb_dump", 74)
    assert dump.remarks == ("left out: headroom and tailroom, which are not of the packet",)
    assert dump.linkless  # by net=(16: the network header begins where the data begins
    assert not only(SKB.replace("net=(16", "net=(30")).linkless
    assert "skb len=74; the rows hold 54 bytes" in refused(SKB[:SKB.index("[  239.704153] skb frag")])


MOCKUP = """\
$ wire decode syn.txt
syn.txt: one packet of 74 bytes in an xxd dump, read as Ethernet (--first NAME reads it otherwise)

── Ethernet II, 02:00:00:00:00:01 → 02:00:00:00:00:02 ─────────────── data link, OSI 2 · 14 bytes ──
0000  02 00 00 00 00 02        Destination: 02:00:00:00:00:02 (unicast, locally administered)
0006  02 00 00 00 00 01        Source: 02:00:00:00:00:01 (unicast, locally administered)
000c  08 00                    Type: IPv4 (0x0800)
── Internet Protocol Version 4, 192.0.2.1 → 198.51.100.2 ────────────── network, OSI 3 · 20 bytes ──
000e  45                       0100 .... = Version: 4
                               .... 0101 = Header Length: 20 bytes (5 words of 4)
000f  00                       0000 00.. = Differentiated Services Codepoint: Default (0)
                               .... ..00 = Explicit Congestion Notification: Not-ECT (0)
0010  00 3c                    Total Length: 60
0012  1c 46                    Identification: 0x1c46 (7238)
0014  40 00                    010. .... .... .... = Flags: 0x2, Don't fragment
                               ...0 0000 0000 0000 = Fragment Offset: 0
0016  40                       Time to Live: 64
0017  06                       Protocol: TCP (6)
0018  32 3f                    Header Checksum: 0x323f [correct]
001a  c0 00 02 01              Source Address: 192.0.2.1 (documentation)
001e  c6 33 64 02              Destination Address: 198.51.100.2 (documentation)
── Transmission Control Protocol, 49152 → 80 [SYN] ────────────────── transport, OSI 4 · 40 bytes ──
0022  c0 00                    Source Port: 49152 (dynamic)
0024  00 50                    Destination Port: 80 (http)
0026  12 34 56 78              Sequence Number: 305419896
002a  00 00 00 00              Acknowledgment Number: 0 (ACK is not set)
002e  a0 02                    1010 .... .... .... = Header Length: 40 bytes (10 words of 4)
                               .... 0000 0000 0010 = Flags: 0x002 (SYN)
                               reserved  AE CWR ECE URG ACK PSH RST SYN FIN
                                    000   0   0   0   0   0   0   0   1   0
0030  fa f0                    Window: 64240
0032  33 f3                    Checksum: 0x33f3 [correct]
0034  00 00                    Urgent Pointer: 0 (URG is not set)
0036  02 04 05 b4              Option: Maximum segment size: 1460 bytes
003a  04 02                    Option: SACK permitted
003c  08 0a 00 00 03 e8 00 00  Option: Timestamps: TSval 1000, TSecr 0
0044  00 00
0046  01                       Option: No-Operation (NOP)
0047  03 03 07                 Option: Window scale: 7 (multiply by 128)
────────────────────────────────────────────────────────────────────────────────────────────────────
0000  02 00 00 00 00 02 02 00  00 00 00 01 08 00│45 00   ..............E.
0010  00 3c 1c 46 40 00 40 06  32 3f c0 00 02 01 c6 33   .<.F@.@.2?.....3
0020  64 02│c0 00 00 50 12 34  56 78 00 00 00 00 a0 02   d....P.4Vx......
0030  fa f0 33 f3 00 00 02 04  05 b4 04 02 08 0a 00 00   ..3.............
0040  03 e8 00 00 00 00 01 03  03 07                     ..........

74 bytes = 14 Ethernet + 20 IPv4 + 20 TCP + 20 TCP options + 0 data.  2 checksums right.  No faults.
"""


def test_a_screen_of_ours_gives_its_packet() -> None:
    dump = only(MOCKUP)
    assert (dump.data, dump.format, dump.line) == (SYN, "wire decode screen", 41)
    assert dump.checked == ("offsets", "ascii", "item width", "declared length", "field column")


def test_parts_of_a_screen_of_ours() -> None:
    lines = MOCKUP.splitlines()
    rule = next(index for index, line in enumerate(lines) if line.startswith("─────"))
    assert only("\n".join(lines[rule:])).data == SYN  # the dump alone
    assert only("\n".join(lines[3:rule])).data == SYN  # the tree alone
    assert only("\n".join(line for line in lines[3:rule] if line[:1] == "0")).data == SYN  # the rows of fields alone
    narrow = [line for line in lines[:rule] if line[:1] != "0"] + lines[rule:]  # below 80 columns: no left column
    assert only("\n".join(narrow)).data == SYN
    assert only(MOCKUP.replace("─", "-").replace("│", " ")).data == SYN
    assert [dump.data for dump in read_hex(screen(SYN) + screen(SYN[:40]))] == [SYN, SYN[:40]]


def test_a_screen_of_ours_that_contradicts_itself() -> None:
    assert refused(MOCKUP.replace("0010  00 3c                    T", "0010  00 3d                    T")) == (
        "line 13, column 7: beside the field stands 00 3d; the dump below has 00 3c at offset 0x0010")
    assert "74 bytes are declared" in refused("\n".join(MOCKUP.splitlines()[:38]))
    rows = [line for line in MOCKUP.splitlines()[3:40] if not line.startswith("000f")]
    assert "offset 0x0010 where 0x000f was expected" in refused("\n".join(rows))


def test_hexadecimal_digits_from_the_command_line() -> None:
    for text in (SYN.hex(), SYN.hex(" "), SYN.hex(":"), f"0x{SYN.hex()}", SYN.hex().upper(), SYN.hex(" ", -4),
                 "02:00:00:00:00:02 02:00:00:00:00:01 " + SYN[12:].hex(" "), f"`{SYN.hex()}`"[1:-1]):
        assert only(text).data == SYN


def test_bytes_without_redundancy_say_so_and_pass_on_the_complaint() -> None:
    [dump] = read_hex(SYN.hex(), lambda data: Judgement(3, "the checksum should be 0x33f3"))
    assert (dump.checked, dump.remarks) == ((), ("the checksum should be 0x33f3",))
    [dump] = read_hex(xxd(SYN), lambda data: Judgement(3, "the checksum should be 0x33f3"))
    assert dump.remarks == ()


@pytest.mark.parametrize(("text", "data"), [
    ("AgAAAAACAgAAAAABCABFAAA8HEZAAEAGMj/AAAIBxjNkAsAAAFASNFZ4AAAAAKAC+vAz8wAAAgQFtAQCCAoAAAPoAAAAAAEDAwc=", SYN),
    ("AgAAAAACAgAAAAABCABFAAA8HEZAAEAGMj_AAAIBxjNkAsAAAFASNFZ4AAAAAKAC-vAz8wAAAgQFtAQCCAoAAAPoAAAAAAEDAwc=", SYN),
    ("data:application/octet-stream;base64,AAECAwQFBgcICQoLDA0=", bytes(range(14))),
    ('base64.b64decode("AAECAwQFBgcICQoLDA0=")', bytes(range(14))),
    ('binascii.unhexlify("000102030405060708090a0b0c0d")', bytes(range(14))),
    ('hex.DecodeString("0001")', b"\0\1"),
    ("Buffer.from('0001ff', 'hex')", b"\0\1\xff"),
    ("frame = bytes.fromhex(\n    '0001 0203'\n    '0405')", bytes(range(6))),
    ("{0x02, 0, 0x45, 255}", b"\2\0\x45\xff"),
    ("byte[] b = { (byte) 0xc0, (byte) 0x02, 1 };", b"\xc0\2\1"),
    ("packet := [4]byte{0x02, 0x00, 0x00, 0x01}", b"\2\0\0\1"),
    ("let p: [u8; 3] = [0x02u8, 0x00u8, 0x01u8];", b"\2\0\1"),
    ("<<2,0,0,1,255>>", b"\2\0\0\1\xff"),
    ("02, 00, 3c, ff", b"\2\0\x3c\xff"),
    ("0x02 0x00 0x45", b"\2\0\x45"),
    ('char s[] = "\\x45\\x00" "\\x00\\x3c";', b"\x45\0\0\x3c"),
    ('"\\u0002\\u00ff"', b"\2\xff"),
    ("0200.0000.0002.0200.0000.0001.0800", SYN[:14]),
    ("02-00-00-00-00-02", SYN[:6]),
])
def test_literals_and_encodings(text: str, data: bytes) -> None:
    assert only(text).data == data


def test_wireshark_arrays_of_several_packets() -> None:
    text = ("/* Frame (10 bytes) */\nstatic const unsigned char pkt1[10] = {\n"
            "0x61, 0x2a, 0x2f, 0x62, 0x00, 0x01, 0x02, 0x03, /* a*/b.... */\n"
            "0x04, 0x05                                      /* .. */\n};\n\n/* Reassembled TCP (2 bytes) */\n"
            "static const unsigned char pkt1_1[2] = {\n0x61, 0x62  /* ab */\n};\n\n"
            "/* Frame (1 byte) */\nstatic const unsigned char pkt2[1] = {\n0xff  /* . */\n};\n\n")
    first, second = read_hex(text)
    assert (first.data, second.data) == (b"a*/b\0\1\2\3\4\5", b"\xff")
    assert first.remarks == ("left out: pkt1_1 (2 bytes), which is not a frame",)


def test_readings_that_the_text_leaves_open() -> None:
    with pytest.raises(HexError, match="could be decimal numbers or hexadecimal numbers"):
        read_hex("10, 20, 30")
    assert read_hex("10, 20, 30", lambda data: Judgement(data[0]))[0].data == b"\x10\x20\x30"
    assert read_hex("10, 20, 30", lambda data: Judgement(-data[0]))[0].data == bytes((10, 20, 30))
    with pytest.raises(HexError, match="could be decimal numbers or octal numbers"):
        read_hex("{010, 001, 002}")
    with pytest.raises(HexError, match="could be hex stream or base64"):
        read_hex("AbCdEf0123456789aBcDeF00")
    with pytest.raises(HexError, match=r"could be xxd -g4 \(big-endian\) or xxd -e \(little-endian\)"):
        read_hex("00000000: 00000102 03040506  ........\n")
    assert read_hex("00000000: 00000102     0506  ......\n")[0].data == bytes.fromhex("020100000605")


def test_words_of_digits_are_not_offsets() -> None:
    words = "4500 003c 1c46 4000\n4006 323f c000 0201\n"
    assert only(words).data.hex() == "4500003c1c4640004006323fc0000201"
    assert only("02000000 00020200 00000001\n").data.hex() == "020000000002020000000001"


def test_squeezed_rows_need_offsets() -> None:
    row = "00 " * 15 + "00\n"
    assert "dump again with -v" in refused(f"02{row[2:]}{row}*\n{row}")
    assert "no offset says how many" in refused(f"0000000 {row}*\n")
    assert only(f"0000000 {row}*\n0000100\n").data == bytes(64)


@pytest.mark.parametrize(("text", "reason"), [
    ("", "the text is empty"),
    ("```\n```\n", "the text is empty"),
    ("hello, world", "no packet was found: looked for rows with offsets"),
    ("0200 000", "'000' has 3 digits where 4 were expected"),
    ("02 00 0 00 00", "line 1, column 7: '0' has 1 digit where 2 were expected"),
    ("0200000000g2", "line 1, column 11: 'g' is not a hexadecimal digit"),
    ("AgAAAAACAgAAAAABCABFAAA8HEZAAEAGMj", "which are no groups of four"),
    ("AAECAwQFBgcICQoLDA1=", "a character is wrong or missing"),
    ("b'\\x02\\x00", "the string is not closed: it is cut off"),
    ("b'caf\u00e9'", "is not ASCII"),
    ("{0x02, 0x00, 0x100}", "0x100 does not fit into a byte"),
    ("{-129, 2}", "-129 does not fit into a signed byte"),
    ("{0x02, 0x00", "the list is not closed: it is cut off"),
    ("00000010: 0200 0000 0002 0200  ........\n", "the first offset is 0x00000010, not 0"),
    ("0000  02 00 00\n0010  02 00\n", "the row holds 3 bytes where 16 were expected"),
    ("0000  41 42 43   AB\n", "line 1, column 13: byte 2 of the row is 0x43, for which the text column should show 'C'"),
])
def test_what_is_refused(text: str, reason: str) -> None:
    assert reason in refused(text)


def test_powershell_7() -> None:
    text = ("   Label: Byte[] (System.Byte[]) <28873E25>\n\n"
            "          Offset Bytes                                           Ascii\n"
            "                 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n"
            "          ------ ----------------------------------------------- -----\n"
            "0000000000000000 63 61 66 C3 A9 0D 0A 00                         caf\u00c3\u00a9\ufffd\ufffd\n")
    dump = only(text)
    assert (dump.data, dump.format) == (b"caf\xc3\xa9\r\n\0", "PowerShell Format-Hex")


def test_rows_among_other_lines_of_a_log() -> None:
    lines = [line for row in xxd(SYN).splitlines() for line in (row, "worker 3: still alive")]
    assert only("\n".join(lines)).data == SYN
