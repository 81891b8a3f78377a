"""How values are written in a filter: numbers, quoted texts, bytes and addresses."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from socket import AF_INET, AF_INET6, inet_pton

from .tree import Kind, Scalar

ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))", re.DOTALL)
BYTE_GROUPS = re.compile(
    r"[0-9a-f]{1,2}([:.-])[0-9a-f]{1,2}(\1[0-9a-f]{1,2})*|([0-9a-f]{4}\.)+[0-9a-f]{4}", re.IGNORECASE
)
SIZES = {Kind.ETHER: 6, Kind.IPV4: 4, Kind.IPV6: 16}


def number(text: str) -> int:
    """Decimal, 0x, 0b, or octal with a leading 0, as C has them.  ValueError where it is none."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    base = {"0x": 16, "0b": 2}.get(digits[:2].lower(), 8 if digits.startswith("0") and len(digits) > 1 else 10)
    plain = digits[2:] if base in (16, 2) else digits
    if not plain.isascii() or not plain.isalnum():
        raise ValueError(f"{text} is no number")
    try:
        return sign * int(plain, base)
    except ValueError:
        raise ValueError(f"{text} is no number" + (" (a leading 0 makes it octal)" if base == 8 else "")) from None


def seconds(text: str) -> Decimal:
    try:
        return Decimal(text) if text[:2].lower() not in ("0x", "0b") else Decimal(number(text))
    except InvalidOperation:
        raise ValueError(f"{text} is no number of seconds") from None


def unquoted(text: str) -> str:
    """The text between quotes with its escapes read.  `\\xNN` is a byte: those that are no UTF-8 become surrogates."""
    pieces, at = [], 0
    for escape in ESCAPE.finditer(text):
        pieces.append(text[at : escape.start()].encode("utf-8", "surrogateescape"))
        pieces.append(escaped(escape))
        at = escape.end()
    pieces.append(text[at:].encode("utf-8", "surrogateescape"))
    return b"".join(pieces).decode("utf-8", "surrogateescape")


def escaped(escape: re.Match[str]) -> bytes:
    """The bytes of one escape."""
    hexadecimal, short, long, octal, letter = escape.groups(default="")
    if short or long:
        point = int(short or long, 16)
        if point > 0x10FFFF:
            raise ValueError(f"{escape[0]} is no character: Unicode ends with \\U0010FFFF")
        return chr(point).encode("utf-8", "surrogatepass")
    if letter:
        if letter not in ESCAPES:
            raise ValueError(f'\\{letter} is no escape: a backslash is written \\\\, or the text as r"..."')
        return bytes([ESCAPES[letter]])
    code = int(hexadecimal, 16) if hexadecimal else int(octal, 8)
    if code > 255:
        raise ValueError(f"{escape[0]} is more than a byte holds")
    return bytes([code])


def char(text: str) -> int:
    """The code of what stands in single quotes."""
    whole = unquoted(text)
    if len(whole) != 1:
        raise ValueError(f"'{text}' is not one character: text stands in double quotes")
    code = whole.encode("utf-8", "surrogateescape")
    if len(code) != 1:
        raise ValueError(f"'{text}' is more than one byte")
    return code[0]


def octets(text: str) -> bytes:
    """Bytes in hex: `00:01:02`, `0-1-2`, `0.1.2`, `0001.0203`, `000102`, `0x0a`.  ValueError where they are none."""
    if BYTE_GROUPS.fullmatch(text):
        groups = re.split("[:.-]", text)
        width = 4 if all(len(group) == 4 for group in groups) else 2
        return b"".join(bytes.fromhex(group.zfill(width)) for group in groups)
    digits = text[2:] if text[:2].lower() == "0x" else text
    if not re.fullmatch("[0-9a-fA-F]+", digits):
        raise ValueError(f"{text} is no bytes: write them in hex, 0a:00:01, or as text in double quotes")
    if len(digits) == 1:
        digits = "0" + digits
    if len(digits) % 2:
        raise ValueError(f"{text} is no whole bytes: bytes are written in hex, two digits each")
    return bytes.fromhex(digits)


def address(text: str, kind: Kind) -> bytes:
    """An address.  ValueError says what one looks like."""
    if kind is Kind.ETHER:
        try:
            found = octets(text)
        except ValueError:
            found = b""
        if len(found) == SIZES[kind]:
            return found
        short = f", not {len(found)}" if found else ""
        raise ValueError(f"{text} is no Ethernet address: it has six bytes{short}, as in 02:00:00:00:00:01")
    try:
        return inet_pton(AF_INET if kind is Kind.IPV4 else AF_INET6, text)
    except (OSError, ValueError):
        form = "four numbers with dots, 10.0.0.1" if kind is Kind.IPV4 else "hex digits with colons, 2001:db8::1"
        raise ValueError(f"{text} is no IP{'v4' if kind is Kind.IPV4 else 'v6'} address: {form}") from None


def network(text: str, kind: Kind) -> tuple[bytes, int]:
    """An address and its bits, `10.0.0.0/8`."""
    base, _, count = text.partition("/")
    value, bits = address(base, kind), number(count)
    if bits > SIZES[kind] * 8:
        raise ValueError(f"/{count} is more bits than the address has: {SIZES[kind] * 8}")
    return value, bits


def read(text: str, kind: Kind) -> Scalar:
    """A value of a kind other than a network, from an unquoted word."""
    if kind is Kind.TIME:
        return seconds(text)
    if kind in (Kind.NUMBER, Kind.FLAG):
        return number(text)
    if kind in SIZES:
        return address(text, kind)
    return text if kind is Kind.TEXT else octets(text)
