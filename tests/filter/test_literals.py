"""How values are written, and Perl's patterns in Python."""

from __future__ import annotations

import pytest

from wire.filter.literals import char, number, octets, unquoted
from wire.filter.operators import common_bits, cuts, quotient, remainder
from wire.filter.regex import compiled, python_pattern
from wire.filter.tree import Range


@pytest.mark.parametrize(("text", "value"), [
    ("0", 0), ("10", 10), ("-3", -3), ("0x1F", 31), ("0b101", 5), ("017", 15), ("00", 0), ("-0x10", -16),
])  # fmt: skip
def test_numbers(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "x", "0x", "1_000", "1e5", "08", "٣", "--1", "0b2"])
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        number(text)


@pytest.mark.parametrize(("text", "value"), [
    ("00:01:02", b"\0\1\2"), ("0-1-2", b"\0\1\2"), ("0.1.d", b"\0\1\r"), ("0001.0203", b"\0\1\2\3"), ("ab", b"\xab"),
    ("a", b"\n"), ("0x0a", b"\n"), ("0x0aFF", b"\n\xff"), ("000102", b"\0\1\2"),
])  # fmt: skip
def test_bytes(text: str, value: bytes) -> None:
    assert octets(text) == value


@pytest.mark.parametrize("text", ["", "123", "00:01-02", "00:", ":00", "xy", "0:123", "0001.02"])
def test_no_bytes(text: str) -> None:
    with pytest.raises(ValueError):
        octets(text)


@pytest.mark.parametrize(("text", "value"), [
    (r"\n\t\\\"\'", "\n\t\\\"'"), (r"\x48EAD", "HEAD"), (r"\110EAD", "HEAD"), (r"\u00e9", "é"),
    (r"\U0001F600", "\U0001f600"),
    ("é", "é"), (r"\xc3\xa9", "é"), (r"\a\b\f\r\v", "\a\b\f\r\v"), (r"\0", "\0"), (r"\x4", "\x04"),
])  # fmt: skip
def test_escapes(text: str, value: str) -> None:
    assert unquoted(text) == value


def test_bytes_that_are_no_text_survive() -> None:
    assert unquoted(r"\xff\xfe").encode("utf-8", "surrogateescape") == b"\xff\xfe"
    assert char(r"\xff") == 255 and char("P") == 80
    with pytest.raises(ValueError, match="more than one byte"):
        char("é")


@pytest.mark.parametrize(("pattern", "text", "found"), [
    ("get", b"GET", True), ("(?-i)get", b"GET", False), ("(?-i)(?i)get", b"GET", True), ("(?s)a.b", b"a\nb", True),
    ("a.b", b"a\nb", False), ("(?i-s)a.b", b"A\nB", False), (r"\x{47}ET", b"GET", True), (r"\QG.T\E", b"GET", False),
    (r"\Qa.c", b"a.c", True), ("[[:digit:]]+x", b"42x", True), ("[^[:digit:]]", b"42", False),
    ("(?<v>a)b", b"ab", True), ("(?<=a)b", b"ab", True), (r"b\z", b"b\n", False), (r"b\Z", b"b\n", True),
    (r"\xff", b"\xff", True), ("é", "É".encode(), False), (r"\(?-i\)", b"-i)", True),
    ("[]a]", b"]", True), ("a{2,3}+", b"aa", True),
])  # fmt: skip
def test_patterns(pattern: str, text: bytes, found: bool) -> None:
    assert bool(compiled(python_pattern(pattern)).search(text)) is found


@pytest.mark.parametrize("pattern", ["(", "[", "a**", r"\K", "x(?i)y", "(?<n>a)(?<n>b)", "a{99999999999}"])
def test_no_patterns(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        python_pattern(pattern)


@pytest.mark.parametrize(("left", "right", "whole", "rest"), [
    (7, 2, 3, 1), (-7, 2, -3, -1), (7, -2, -3, 1), (-7, -2, 3, -1), (10**20 + 1, 10, 10**19, 1), (5, 0, None, None),
])  # fmt: skip
def test_division(left: int, right: int, whole: int | None, rest: int | None) -> None:
    assert (quotient(left, right), remainder(left, right)) == (whole, rest)


def test_bits_and_pieces() -> None:
    assert common_bits(b"\xff\x0f", b"\x0f") == b"\x0f" and common_bits(6, 3) == 2
    assert cuts([b"abcd", b"a"], (Range(1, 3),)) == [b"bc"]
    assert cuts([b"abcd", b"ab"], (Range(-1, None), Range(0, 2))) == [b"dab", b"bab"]
    assert cuts([b"abcd", b"ab"], (Range(-3, -1),)) == [b"bc"]
    assert cuts([b"", b"ab"], (Range(0, None),)) == [b"ab"]
