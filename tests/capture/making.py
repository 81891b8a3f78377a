"""Capture files put together by hand with `struct`: what the readers and writers are held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from struct import pack

from wire.capture import CaptureError, Frame, Item, open_capture, write_items

MICRO, NANO, MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34
ORDERS = ("<", ">")


def pcap(*records: bytes, order: str = "<", magic: int = MICRO, version: tuple[int, int] = (2, 4), link: int = 1,
         snaplen: int = 65535) -> bytes:  # fmt: skip
    return pack(order + "IHHiIII", magic, *version, 0, 0, snaplen, link) + b"".join(records)


def record(data: bytes, seconds: int = 1, fraction: int = 0, wire: int | None = None, order: str = "<") -> bytes:
    return pack(order + "IIII", seconds, fraction, len(data), len(data) if wire is None else wire) + data


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    length = pack(order + "I", len(body) + 12)
    return pack(order + "I", kind) + length + body + length


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return pack(order + "HH", code, len(value)) + padded(value)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def section(order: str = "<", options: bytes = b"", length: int = -1, minor: int = 0) -> bytes:
    return block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, minor, length) + options, order)


def interface(link: int = 1, order: str = "<", options: bytes = b"", snaplen: int = 0) -> bytes:
    return block(1, pack(order + "HHI", link, 0, snaplen) + options, order)


def enhanced(data: bytes, ticks: int = 0, number: int = 0, order: str = "<", options: bytes = b"",
             wire: int | None = None) -> bytes:  # fmt: skip
    size = len(data)
    head = pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, size, size if wire is None else wire)
    return block(6, head + padded(data) + options, order)


def simple(data: bytes, wire: int, order: str = "<") -> bytes:
    return block(3, pack(order + "I", wire) + padded(data), order)


def frames(data: bytes) -> list[Frame]:
    return list(open_capture(data).frames())


def until_damage(data: bytes) -> tuple[list[Frame], CaptureError | None]:
    """The frames before the damage, and the damage."""
    found: list[Frame] = []
    try:
        for frame in open_capture(data).frames():
            found.append(frame)
    except CaptureError as error:
        return found, error
    return found, None


def written(items: Sequence[Item] | Iterator[Item], format: str) -> bytes:
    out = BytesIO()
    write_items(out, items, format)
    return out.getvalue()


def rewritten(data: bytes) -> bytes:
    capture = open_capture(data)
    return written(capture.items(), "pcapng" if capture.format == "pcapng" else "pcap")
