"""What every construct of the display filter selects, of the five packets in packets.py."""

from __future__ import annotations

import pytest

from wire.filter import compile_filter

from .packets import PACKETS, chosen, read

EVERYTHING = " ".join(PACKETS)

CASES = [
    # there or not
    ("tcp", "syn get tunnel"),
    ("not tcp", "udp six"),
    ("frame", EVERYTHING),
    ("tcp.flags.syn", "syn get tunnel"),
    ("tcp.options.mss", "syn"),
    ("tcp.options", "syn get"),
    # words and signs
    ("tcp.flags.syn == 1", "syn"),
    ("tcp.flags.syn eq 1", "syn"),
    ("tcp.flags.syn != 1", "get tunnel"),
    ("tcp.flags.syn ne 1", "get tunnel"),
    ("tcp.flags.psh == 1", "get"),
    ("ip.ttl > 9", "syn get"),
    ("ip.ttl gt 9", "syn get"),
    ("ip.ttl >= 9", "syn get tunnel"),
    ("ip.ttl ge 9", "syn get tunnel"),
    ("ip.ttl < 3", "udp"),
    ("ip.ttl lt 3", "udp"),
    ("ip.ttl <= 3", "udp tunnel"),
    ("ip.ttl le 3", "udp tunnel"),
    ("9 < ip.ttl", "syn get"),
    ("64 == ip.ttl", "syn"),
    ("1 < ip.ttl < 63", "tunnel"),
    ("tcp.srcport < tcp.dstport", ""),
    ("tcp.srcport == tcp.dstport == 443", "tunnel"),
    # several values of one field: any pair, or every pair
    ("tcp.port == 80", "syn get"),
    ("tcp.port != 80", "tunnel"),
    ("tcp.port === 443", "tunnel"),
    ("tcp.port all_eq 80", ""),
    ("tcp.port !== 80", "syn get tunnel"),
    ("tcp.port any_ne 443", "syn get"),
    ("tcp.port ~= 443", "syn get"),
    ("tcp.port any_eq 80", "syn get"),
    ("tcp.port all_ne 80", "tunnel"),
    ("any ip.addr != 10.0.0.1", "syn get udp tunnel"),
    ("all ip.ttl < 10", "udp tunnel"),
    ("all tcp.port > 100", "tunnel"),
    ("ip.src != ip.dst", "syn get udp"),
    ("ip.src == ip.dst", "tunnel"),
    # logic, from the tightest binding: not, and, xor, or
    ("tcp and ip.ttl == 64 or udp", "syn udp six"),
    ("udp or tcp and ip.ttl == 64", "syn udp six"),
    ("tcp && !(ip.ttl == 64) || ipv6", "get tunnel six"),
    ("not tcp and ip", "udp"),
    ("not not tcp", "syn get tunnel"),
    ("tcp xor ip", "udp"),
    ("tcp ^^ udp", EVERYTHING),
    ("tcp xor ip xor ipv6", "udp six"),
    ("tcp or udp xor ip and ipv6", "syn get udp tunnel six"),
    ("not ip.ttl == 64", "get udp tunnel six"),
    ("((tcp))and(not((ip#2)))", "syn get"),
    # numbers
    ("tcp.dstport == 0x50", "syn get"),
    ("tcp.dstport == 0120", "syn get"),
    ("tcp.dstport == 0b1010000", "syn get"),
    ("tcp.dstport == 'P'", "syn get"),
    (r"tcp.dstport == '\x50'", "syn get"),
    (r"tcp.dstport == '\120'", "syn get"),
    ("tcp.dstport == +80", "syn get"),
    ("tcp.seq == 4000000000", "syn"),
    ("tcp.seq_raw > 4000000000", "get"),
    ("tcp.window_size_value == 502", "get"),
    ("tcp.ack == 9", "get"),
    ("frame.time_epoch > 1700000001.5", "tunnel six"),
    ("frame.time_epoch == 1700000000.5", "syn"),
    ("frame.number in {1, 4..5}", "syn tunnel six"),
    # flags are 0 or not
    ("tcp.flags.syn == True", "syn"),
    ("tcp.flags.syn == true", "syn"),
    ("tcp.flags.syn == FALSE", "get tunnel"),
    ('tcp.flags.syn == "Not set"', "get tunnel"),
    ("tcp.flags.syn == 7", "syn"),
    ("tcp.flags.syn in {7}", "syn"),
    ("tcp.flags.syn == tcp.flags.fin", "get"),
    ("tcp.flags & 2", "syn"),
    ("tcp.flags & 0x11 == 0x11", "tunnel"),
    ("tcp.flags bitwise_and 8", "get"),
    # names of numbers
    ("ip.proto == TCP", "syn get tunnel"),
    ('ip.proto == "udp"', "udp"),
    ("ip.proto == tcp", "syn get tunnel"),
    ("ip.proto in {UDP, 4}", "udp tunnel"),
    ("tcp.port == https", "tunnel"),
    ("eth.type == IPv6", "six"),
    ("tcp.checksum.status == Good", "syn get tunnel"),
    ('udp.checksum.status == "good"', "udp six"),
    # addresses
    ("ip.addr == 10.0.0.0/8", "syn get tunnel"),
    ("ip.addr != 10.0.0.0/8", "udp"),
    ("ip.src == 192.168.0.0/23", "udp"),
    ("ip.src == 0.0.0.0/0", "syn get udp tunnel"),
    ("ip.src == 10.0.0.1/32", "syn get"),
    ("ip.src == 10.0.0.0/31", "syn get"),
    ("ip.src > 172.16.0.0", "udp tunnel"),
    ("ip.src >= 172.16.0.0/16", "udp tunnel"),
    ("172.16.0.0/16 < ip.src", "udp"),
    ("ip.src in {10.0.0.0/24, 192.168.1.9}", "syn get udp"),
    ("ip.src in {10.0.0.0 .. 10.0.0.255}", "syn get"),
    ("ip.src == \"10.0.0.1\"", "syn get"),
    ("ip.src & 0.0.0.255 == 0.0.0.9", "udp tunnel"),
    ("ipv6.src == 2001:db8::1", "six"),
    ("ipv6.addr == 2001:db8::/32", "six"),
    ("ipv6.dst == fe80::/10", "six"),
    ("ipv6.src == ::/0", "six"),
    ("eth.src == 02:00:00:00:00:01", "syn get"),
    ("eth.src == 02-00-00-00-00-01", "syn get"),
    ("eth.src == 0200.0000.0001", "syn get"),
    ("eth.addr == ff:ff:ff:ff:ff:ff", "udp"),
    # sets
    ("tcp.port in {80, 8000..8080}", "syn get"),
    ("tcp.port in {440 .. 450}", "tunnel"),
    ("tcp.port not in {80}", "udp tunnel six"),
    ("tcp.port !in {80}", "udp tunnel six"),
    ("not tcp.port in {80}", "udp tunnel six"),
    ("all tcp.port in {443, 80}", "tunnel"),
    ("any tcp.port in {49152}", "syn get"),
    ("tcp.port in {90..70}", ""),
    ("ip.src in {ip.dst}", "tunnel"),
    ("tcp.srcport in {tcp.dstport .. 50000}", "syn get tunnel"),
    ("ip.src in {10.0.0.0/8, 1.1.1.1..1.1.1.2, ip.dst, 192.168.1.9}", "syn get udp tunnel"),
    ("ip.ttl + 1 in {65}", "syn"),
    # slices
    ("eth.src[0:3] == 00:00:5e", "udp"),
    ("eth.src[3-4] == 00:53", "udp"),
    ("eth.src[5] == 09", "udp"),
    ("eth.src[:3] == 00:00:5e", "udp"),
    ("eth.src[3:] == 00:53:09", "udp"),
    ("eth.src[-1] == 09", "udp"),
    ("eth.src[-3:2] == 00:53", "udp"),
    ("eth.src[-2:] == 53:09", "udp"),
    ("eth.src[-3--2] == 00:53", "udp"),
    ("eth.src[2,4-5] == 5e:53:09", "udp"),
    ("eth.src[0:3][2] == 5e", "udp"),
    ("eth.src[:] == 00:00:5e:00:53:09", "udp"),
    ("eth.src[5:2]", ""),
    ("eth.src[0:3] == eth.dst[0:3] and ip.ttl > 60", "syn get"),
    ("eth.dst[0] & 1", "udp"),
    ("eth.src[0] & 0x02 == 2 and tcp.port == 80", "syn get"),
    ("ip.src[0] == 0a", "syn get tunnel"),
    (r'ip.src[0:2] == "\n\x00"', "syn get"),
    ("tcp[13] & 2", "syn"),
    ("tcp[13] == 0x12 or tcp[13] == 11", "tunnel"),
    ("tcp[20:4] == 02:04:05:b4", "syn"),
    ("tcp[32:]", "syn"),
    ("ip[8] == 40", "syn"),
    ("udp[2:2] == 0043", "udp"),
    ("frame[0:6] == eth.dst", EVERYTHING),
    ("frame[14] == 60", "six"),
    ('frame.protocols[4:5] == "ether"', EVERYTHING),
    ("eth.src[0:3] > 00:00", EVERYTHING),
    ("eth.src[0:2] < 00:00:00", EVERYTHING),
    # looking inside
    ('tcp contains "GET"', "get"),
    ('tcp contains "get"', ""),
    ("tcp contains 47:45:54", "get"),
    ("frame contains 'G'", "get"),
    ("udp contains 01:fe", "udp"),
    (r'udp contains "\x01\xfe"', "udp"),
    ("ip contains 01:fe", "udp"),
    ("eth.src contains 5e:00", "udp"),
    ('frame.protocols contains "ipv6"', "six"),
    ("frame.protocols contains ipv6", "six"),
    ("frame contains eth.src[0:3]", EVERYTHING),
    ('tcp matches "get /a"', "get"),
    ('tcp matches "(?-i)get"', ""),
    (r'tcp ~ r"HTTP/1\.\d$"', "get"),
    (r'udp matches r"\x01\xfe"', "udp"),
    ('frame.protocols matches "TCP$"', "syn tunnel"),
    ('any eth.addr matches "^[^a]{3}"', EVERYTHING),
    ('all eth.addr[0:3] matches r"\\xff"', ""),
    # arithmetic
    ("ip.ttl + 1 == 65", "syn"),
    ("ip.ttl -1 == 63", "syn"),
    ("ip.ttl - 1 == 63", "syn"),
    ("ip.ttl*2 == 128", "syn"),
    ("ip.ttl / 2 == 31", "get"),
    ("-ip.ttl / 2 == -31", "get"),
    ("ip.ttl % 10 == 4", "syn"),
    ("-ip.ttl % 10 == -4", "syn"),
    ("ip.ttl % 9", "syn udp tunnel"),
    ("ip.ttl / 0 == 0 or ip.ttl % 0 == 0", ""),
    ("{ip.ttl + 1} * 2 == 130", "syn"),
    ("ip.ttl + 1 * 2 == 66", "syn"),
    ("tcp.flags & 1 + 1", "syn"),
    ("tcp.dstport == 40 + 40", "syn get"),
    ("tcp.dstport == 2 * {30 + 10}", "syn get"),
    ("ip.len == ip.hdr_len + tcp.hdr_len + tcp.len", "syn get tunnel"),
    ("tcp.srcport - tcp.dstport > 0", "syn get"),
    ("frame.time_epoch - 1700000000 < 1", "syn"),
    ("-ip.ttl < -63", "syn"),
    ("tcp.flags.syn + tcp.flags.fin == 1", "syn tunnel"),
    # functions
    ("len(eth.src) == 6", EVERYTHING),
    ("len(tcp) == 20", "tunnel"),
    ("len(ip) == 20 and tcp", "syn get tunnel"),
    ("len(tcp.options) == 12", "get"),
    ("len(tcp.port) == 2", "syn get tunnel"),
    ("len(frame.protocols) > 23", "get udp six"),
    ("count(ip.addr) == 4", "tunnel"),
    ("count(tcp.option_kind) == 3", "get"),
    ("count(arp) == 0", ""),
    ('upper(frame.protocols) contains "IPV6"', "six"),
    ('lower(frame.protocols) == "eth:ethertype:ip:tcp"', "syn"),
    ('string(ip.src) == "10.0.0.1"', "syn get"),
    ('string(tcp.port) matches "^4+3$"', "tunnel"),
    ('string(eth.src) contains "5e:00"', "udp"),
    ('string(ip.ttl + 1) == "65"', "syn"),
    ("max(tcp.port) == 443", "tunnel"),
    ("min(tcp.srcport, tcp.dstport) == 80", "syn get"),
    ("min(tcp.srcport, udp.srcport) < 100", "udp"),
    ("max(tcp.port, 500) == 500", "udp tunnel six"),
    ("max(ip.src, ip.dst) == 192.168.1.255", "udp"),
    ("abs(ip.ttl - 65) == 2", "get"),
    # layers, counted from 1
    ("ip#2", "tunnel"),
    ("ip.ttl#1 == 9", "tunnel"),
    ("ip.ttl#2 == 3", "tunnel"),
    ("ip.ttl#[1-2] == 3", "tunnel"),
    ("ip.ttl#[-1] == 9", ""),
    ("ip.ttl#[-1] == 64", "syn"),
    ("ip.ttl#[2:]", "tunnel"),
    ("ip.ttl#[1,3] == 3", ""),
    ("ip.src#2[0] == 0a", "tunnel"),
    ("ip.src#1 == ip.dst#2", "tunnel"),
    ("len(ip#2) == 20", "tunnel"),
    ("frame.len#1 > 78", "get"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), CASES)
def test_selects(text: str, names: str) -> None:
    assert chosen(text) == names


def test_a_filter_says_what_it_is() -> None:
    found = compile_filter(" tcp.flags.psh == 1 and ip.src#2 == ip.dst or tcp ")
    assert str(found) == " tcp.flags.psh == 1 and ip.src#2 == ip.dst or tcp "
    assert found.fields == ("tcp.flags.push", "ip.src", "ip.dst", "tcp")
    assert found == compile_filter(str(found)) and "def matches(packet):" in found.source


def test_a_field_is_read_once() -> None:
    assert compile_filter("tcp.port == 80 or tcp.port == 443").source.count("get_") == 1


def test_another_way_to_read_fields() -> None:
    """Engines may bring their own access to fields."""
    asked = []

    def access(ref, there):  # type: ignore[no-untyped-def]
        asked.append((ref.target.path, there))
        return lambda packet: [80]

    found = compile_filter("tcp and tcp.port == 80", access)
    assert found.matches(PACKETS["six"]) and asked == [("tcp", True), ("tcp.port", False)]


def test_edited_packets() -> None:
    edited = read()["syn"]
    edited.ip.ttl = 5
    assert compile_filter("ip.ttl == 5").matches(edited) and not compile_filter("ip.ttl == 64").matches(edited)
