"""What is said of filters that mean nothing; and that nothing else is ever raised."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wire
from wire.filter import FilterError, compile_filter

from ..frames import damaged
from .packets import PACKETS

EXPRESSIONS = [
    line
    for line in (Path(__file__).parent / "expressions.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]

CASES = [
    # names
    ("ip.ttl == 1 or tcp.prot == 80", 16, "tcp.prot: no such field: did you mean tcp.port or tcp.srcport?"),
    ("tcp.flag.syn", 1, "did you mean tcp.flags.syn"),
    ("TCP", 1, "TCP: no such field or protocol: did you mean tcp?"),
    ("Tcp.Port == 80", 1, "did you mean tcp.port?"),
    ("zzz", 1, "zzz: no such field or protocol"),
    ("zzz#2", 1, "zzz: no such field or protocol"),
    ("tcp.port == tcp.prot", 13, "did you mean tcp.port"),
    ("ip.src == ip.dts", 11, "did you mean ip.dst"),
    ("ip.ttl-1 == 63", 1, "a minus has a space before it, ip.ttl - …"),
    ("foo(tcp) == 1", 1, "there is no function foo(): known are len, count"),
    # what does not belong
    ("", 1, "an empty filter"),
    ("  \n", 1, "an empty filter"),
    ("tcp and", 8, "ends too early"),
    ("(tcp", 5, "ends too early"),
    ("any tcp.port", 13, "ends too early"),
    ("tcp)", 4, ") does not belong here"),
    ("tcp ip", 5, "ip does not belong here"),
    ("and tcp", 1, "and does not belong here"),
    ("tcp AND ip", 5, "did you mean and?"),
    ("tcp | ip", 5, "did you mean ||?"),
    ("tcp.port = 80", 10, "did you mean ==?"),
    ("tcp.port<>80", 9, "<> does not belong here: did you mean !=?"),
    ("tcp.port == 80 # web", 16, "# does not belong here"),
    ("${ip.src} == 1", 1, "fields of a selected packet"),
    ("tcp.port in {}", 14, "} does not belong here"),
    ("tcp.port in {80 443}", 17, "443 does not belong here"),
    ('tcp contains "GET', 14, 'the closing " is missing'),
    ("tcp.port == 'P", 13, "the closing ' is missing"),
    # values
    ("tcp.port == 80x", 13, "80x is no number"),
    ("tcp.port == 089", 13, "a leading 0 makes it octal"),
    ("tcp.port == 65536", 13, "65536 is too big for tcp.port: it holds at most 65535"),
    ("tcp.port in {1, 70000}", 17, "70000 is too big"),
    ("tcp.port == 'ab'", 13, "'ab' is not one character"),
    ("tcp.port == ''", 13, "'' is not one character"),
    ("arp.opcode == requst", 15, "requst is no number, nor the name of one of arp.opcode: did you mean request"),
    ("ip.proto == zzzz", 13, "nor the name of one: ip.proto has"),
    ("tcp.len == foo", 12, "foo is no number, and numbers have no names here"),
    ('ip.ttl == "64"', 11, "write 64 without"),
    ("ip.src == 10", 11, "10 is no IPv4 address: four numbers with dots"),
    ("ip.src == 10.0.0.0/33", 11, "/33 is more bits than the address has: 32"),
    ("ipv6.src == 10.0.0.1", 13, "10.0.0.1 is no IPv6 address"),
    ("eth.src == 00:00:5e", 12, "six bytes, not 3"),
    ("eth.src[0] == 192", 15, "192 is no whole bytes"),
    ("eth.src[0] == xy", 15, "xy is no bytes"),
    ("frame.time_epoch > soon", 20, "soon is no number of seconds"),
    (r'tcp contains "\q"', 14, r"\q is no escape"),
    (r'tcp contains "\777"', 14, "more than a byte holds"),
    (r'tcp contains "\UFFFFFFFF"', 14, "is no character"),
    # what goes together
    ("5", 1, "a value by itself is no test"),
    ('"tcp"', 1, "a value by itself is no test"),
    ("count(tcp.port)", 1, "a value by itself is no test"),
    ("80 == 80", 1, "one side must be a field"),
    ("tcpp + 1 == 3", 1, "tcpp: no such field or protocol: did you mean tcp or"),
    ("ip.src == eth.src", 1, "an IPv4 address is compared with an Ethernet address"),
    ("tcp.port == ip.src", 1, "a number is compared with an IPv4 address"),
    ("tcp.port contains 80", 1, "contains looks into text, bytes and protocols, not into a number"),
    ('"a" contains "b"', 1, "on the left of contains stands a field"),
    ('tcp contains ""', 14, "nothing contains what is empty"),
    ("tcp contains tcp.port", 14, "a protocol cannot contain a number"),
    ('ip.src matches "1"', 1, "matches looks into text"),
    ("tcp matches GET", 13, "a pattern stands in double quotes"),
    ('tcp matches "("', 13, "the pattern cannot be read"),
    ('tcp matches "a(?-i)b"', 13, "is written with what it is for: (?-i:...)"),
    ("80 in {80}", 1, "on the left of in stands a field"),
    ("ip.src in {10.0.0.0/8 .. 11.0.0.1}", 12, "not from a network"),
    ("ip.src + 1 == ip.dst", 10, "1 is no IPv4 address"),
    ("ip.src & 10.0.0.0/8", 10, "a network is to be compared with"),
    ("tcp.port + ip.src == 3", 1, "a number + an IPv4 address means nothing"),
    ("frame.time_epoch * 2 > 1", 1, "* means nothing for them"),
    ("tcp.port == 1 / 0", 13, "a division by zero"),
    ("-ip.src == 1", 1, "an IPv4 address has no negative"),
    ("len() == 1", 1, "len() takes one value, not 0"),
    ("len(tcp, ip) == 1", 1, "len() takes one value, not 2"),
    ("len(tcp.len) == 1", 5, "what has bytes on the wire"),
    ("upper(ip.src) == 1", 7, "upper() cannot be taken of an IPv4 address"),
    ("max(1, 2) == 2", 5, "max() is taken of fields"),
    ("max(ip.src, eth.src) == 2", 5, "an IPv4 address is compared with an Ethernet address"),
    # places
    ("tcp.port[0] == 1", 1, "only bytes and text have slices, a number has none"),
    ("00:11[0] == 1", 1, "slices are taken of fields"),
    ("eth.src[] == 1", 8, "[] is no range"),
    ("eth.src[1-] == 1", 8, "[1-] is no range"),
    ("eth.src[a] == 1", 8, "a is no number"),
    ("eth.src[0:0] == 1", 8, "a length is at least 1"),
    ("eth.src[3-1] == 1", 8, "the last place lies before the first"),
    ("eth.src[-2:5] == 1", 8, "it reaches beyond the end"),
    ("ip.src#0", 7, "layers are counted from 1"),
    ("ip.src#x", 7, "# does not belong here"),
    ("ip.src[0]#2", 10, "#2 does not belong here"),
]


@pytest.mark.parametrize(("text", "column", "reason"), CASES)
def test_says_what_and_where(text: str, column: int, reason: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    error = caught.value
    assert reason in error.reason and error.column == column and error.text == text


def test_the_message_shows_the_place() -> None:
    with pytest.raises(ValueError) as caught:
        compile_filter("ip and tcp.prot == 80")
    assert str(caught.value).splitlines() == [
        "column 8: tcp.prot: no such field: did you mean tcp.port or tcp.srcport?",
        "  ip and tcp.prot == 80",
        "         ^~~~~~~~",
    ]


def test_long_filters_are_fine() -> None:
    some = " or ".join(f"ip.addr == 10.{high}.{low}.1" for high in range(20) for low in range(100))
    assert compile_filter(some).matches(PACKETS["syn"])
    assert compile_filter(f"{'(' * 5000}tcp{')' * 5000}").matches(PACKETS["syn"])
    assert compile_filter(f"tcp.port in {{{','.join(map(str, range(2000)))}}}").matches(PACKETS["syn"])


@pytest.mark.parametrize("text", [
    f"{'not ' * 5000}tcp", f"{'not (tcp or ' * 3000}ip{')' * 3000}", f"tcp.len {'+ 1 ' * 3000}== 3",
    f"{'abs(' * 3000}ip.ttl{')' * 3000} == 1", f"{'-' * 3000}ip.ttl == 1", f"eth.src{'[0:3]' * 3000} == 1",
])  # fmt: skip
def test_deep_filters_are_refused(text: str) -> None:
    with pytest.raises(FilterError, match="more than 50 levels inside each other"):
        compile_filter(text)


@pytest.mark.parametrize("text", [
    f"{'not ' * 48}tcp", f"{'not (udp or ' * 24}ip{')' * 24}", f"tcp.len {'+ 1 ' * 44}== 44",
    f"{'abs(' * 44}ip.ttl{')' * 44} == 64", f"{'-' * 44}ip.ttl == 64", f"eth.src{'[:]' * 44} == 02:00:00:00:00:01",
])  # fmt: skip
def test_as_deep_as_that_is_fine(text: str) -> None:
    assert compile_filter(text).matches(PACKETS["syn"])


WORDS = ["tcp", "tcp.port", "ip.src", "eth.src", "80", "10.0.0.1", "00:11", '"x"', "and", "or", "not", "in", "any",
         "all", "len", "==", "contains", "matches", 'r"(', "é", "..", "frame.protocols", "0x", "1e5", "xor",
         "frame.time_epoch", "tcp.flags.syn", "[0:2]", "#2"]  # fmt: skip
PIECES = st.sampled_from([*"()[]{}#!<>=&|~+-*/%.,:'\" \\\n", *WORDS])


@given(st.lists(PIECES, max_size=9).map(" ".join) | st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=20))
def test_any_text_is_a_filter_or_an_error_with_a_place(text: str) -> None:
    try:
        compile_filter(text).matches(PACKETS["get"])
    except FilterError as error:
        assert 1 <= error.column <= len(text) + 1 and error.reason


def test_no_filter_raises_on_a_packet() -> None:
    filters = [compile_filter(text) for text in EXPRESSIONS]
    rnd = random.Random(4)
    for data, first, wire_len in damaged(150):
        packet = wire.decode(data, first, wire_len)
        for one in rnd.sample(filters, 60):
            assert one.matches(packet) in (True, False)
