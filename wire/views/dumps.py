"""Packets as text that other programs read, and that `wire decode` reads back."""

from __future__ import annotations

from collections.abc import Callable

from ..packet import Packet
from .hexdump import dump
from .lines import plain


def as_hex(packet: Packet) -> str:
    return packet.raw.hex()


def as_c(packet: Packet) -> str:
    """A C array, twelve bytes to a line as `xxd -i` has them."""
    raw = packet.raw
    rows = [", ".join(f"0x{byte:02x}" for byte in raw[at : at + 12]) for at in range(0, len(raw), 12)]
    body = ",\n  ".join(rows)
    return f"unsigned char packet_{packet.number or 1}[{len(raw)}] = {{\n  {body}\n}};"


def as_python(packet: Packet) -> str:
    return f"bytes.fromhex('{packet.raw.hex()}')"


def text_dump(data: bytes) -> str:
    """Offset, hex and ASCII, as tshark -x prints them."""
    return "\n".join(plain(dump(data))) + "\n"


FORMS: dict[str, Callable[[Packet], str]] = {"hex": as_hex, "c": as_c, "python": as_python}
