"""Types that several protocols share: a construct, and how people write its values."""

from __future__ import annotations

from collections.abc import Iterable
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Any

from . import registries
from .schema import U8, U16, U24, U32, Bytes, Format, Rest, Shown, number_of

__all__ = [
    "Address4", "Address6", "Count", "Hex8", "Hex16", "Hex24", "Hex32", "HexData", "IPv4Address", "IPv6Address", "Id16",
    "MACAddress", "Raw", "TCPPort", "UDPPort", "of",
]  # fmt: skip


class Hex(Format):
    """A number in hexadecimal, with the zeros of its width."""

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def show(self, value: int) -> str:
        return f"0x{value:0{self.digits}x}"


class HexNumber(Hex):
    """The same for a number that is also read in decimal."""

    def about(self, value: int) -> str:
        return str(value)


class Count(Format):
    """A number of something."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def say(self, value: int) -> str:
        return f"{value} {self.unit}"


class PortNumber(Format):
    """A port: the service that the registry names, or the range that it is from (RFC 6335 section 6)."""

    def __init__(self, registry: str) -> None:
        self.registry = registry

    def about(self, value: int) -> str:
        own = "system" if value < 1024 else "user" if value < 49152 else "dynamic"
        return registries.name(self.registry, value) or own

    def read(self, text: str) -> int:
        if text.isdigit():
            return int(text)
        for number, name in registries.names(self.registry).items():
            if name == text.lower():
                return number
        return number_of(text)


class HexData(Format):
    """Bytes as hex digits; read back with or without separators."""

    def show(self, value: bytes) -> str:
        return bytes(value).hex()

    def read(self, text: str) -> bytes:
        return bytes.fromhex(text.removeprefix("0x").replace(":", " ").replace("-", " "))


class Address4(Format):
    """An IPv4 address in dotted decimal."""

    textual = True

    def show(self, value: bytes) -> str:
        return inet_ntop(AF_INET, value) if len(value) == 4 else bytes(value).hex(":")

    def read(self, text: str) -> bytes:
        try:
            return inet_pton(AF_INET, text)
        except OSError:
            raise ValueError(f"{text!r} is no IPv4 address: four numbers 0 to 255 with dots between") from None

    def about(self, value: bytes) -> str:
        return meaning(value, IPV4_BLOCKS)


class Address6(Format):
    """An IPv6 address as RFC 5952 writes it."""

    textual = True

    def show(self, value: bytes) -> str:
        return inet_ntop(AF_INET6, value) if len(value) == 16 else bytes(value).hex(":")

    def read(self, text: str) -> bytes:
        try:
            return inet_pton(AF_INET6, text)
        except OSError:
            raise ValueError(f"{text!r} is no IPv6 address: eight groups of hex digits with colons between") from None

    def about(self, value: bytes) -> str:
        return meaning(value, IPV6_BLOCKS)


class MAC(Format):
    """An Ethernet address: six bytes with colons."""

    textual = True

    def show(self, value: bytes) -> str:
        return bytes(value).hex(":")

    def read(self, text: str) -> bytes:
        try:
            value = bytes.fromhex(text.replace(":", "").replace("-", "").replace(".", ""))
        except ValueError:
            value = b""
        if len(value) != 6:
            raise ValueError(f"{text!r} is no MAC address: six bytes in hex, 02:00:00:00:00:01")
        return value

    def about(self, value: bytes) -> str:
        if value == b"\xff" * 6:
            return "broadcast"
        if len(value) != 6 or not any(value):
            return ""
        cast = "multicast" if value[0] & 1 else "unicast"
        if value[0] & 2:
            return f"{cast}, locally administered"
        return f"{cast}, vendor {value[:3].hex(':')}, serial {value[3:].hex(':')}"


IPV4_BLOCKS = (
    # block                bits  what it is for (IANA's special-purpose registry, RFC 6890)
    ((255, 255, 255, 255), 32, "broadcast"),
    ((0, 0, 0, 0),         32, "unspecified"),
    ((0, 0, 0, 0),          8, "this network"),
    ((10, 0, 0, 0),         8, "private"),
    ((100, 64, 0, 0),      10, "shared by carriers"),
    ((127, 0, 0, 0),        8, "loopback"),
    ((169, 254, 0, 0),     16, "link-local"),
    ((172, 16, 0, 0),      12, "private"),
    ((192, 0, 2, 0),       24, "documentation"),
    ((192, 168, 0, 0),     16, "private"),
    ((198, 18, 0, 0),      15, "benchmarking"),
    ((198, 51, 100, 0),    24, "documentation"),
    ((203, 0, 113, 0),     24, "documentation"),
    ((224, 0, 0, 0),        4, "multicast"),
    ((240, 0, 0, 0),        4, "reserved"),
)  # fmt: skip

IPV6_BLOCKS = (
    ((),                  128, "unspecified"),
    ((*[0] * 15, 1),      128, "loopback"),
    ((*[0] * 10, 255, 255), 96, "IPv4-mapped"),
    ((0x20, 1, 0x0D, 0xB8), 32, "documentation"),
    ((0x3F, 0xFF),         20, "documentation"),
    ((0xFC,),               7, "private"),
    ((0xFE, 0x80),         10, "link-local"),
    ((0xFF,),               8, "multicast"),
)  # fmt: skip


def meaning(value: bytes, blocks: Iterable[tuple[tuple[int, ...], int, str]]) -> str:
    """What the first block that holds the address is for."""
    number = int.from_bytes(value, "big")
    for start, bits, text in blocks:
        shift = len(value) * 8 - bits
        if shift >= 0 and number >> shift == int.from_bytes(bytes(start).ljust(len(value), b"\0"), "big") >> shift:
            return text
    return ""


def of(format_: Format, con: Any) -> Shown:
    return Shown(con, format_)


Hex8, Hex16, Hex24, Hex32 = (of(Hex(digits), con) for digits, con in ((2, U8), (4, U16), (6, U24), (8, U32)))
IPv4Address, IPv6Address = of(Address4(), Bytes(4)), of(Address6(), Bytes(16))
MACAddress = of(MAC(), Bytes(6))
Raw = of(HexData(), Rest)
Id16 = of(HexNumber(4), U16)
TCPPort, UDPPort = of(PortNumber("tcp.port"), U16), of(PortNumber("udp.port"), U16)
