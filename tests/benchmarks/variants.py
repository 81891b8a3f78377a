"""The benchmark's capture in other clothes: every packet with a VLAN tag, over IPv6, or in a pcapng file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from struct import Struct

from .capture import FILE_HEADER, RECORD

__all__ = ["six", "tagged", "write_as", "write_pcapng"]

BLOCK = Struct("<IIIIIII")
TAG = b"\x81\x00\x00\x4d"
PREFIX = bytes.fromhex("20010db8d246000000000000")  # its words sum up to nothing: pseudo headers keep their sums
SIX = Struct("!IHBB")
ETHERNET, IPV4, IPV6 = 14, b"\x08\x00", b"\x86\xdd"


def records(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Seconds, microseconds and bytes of each packet of the benchmark's own capture."""
    with path.open("rb", 1 << 22) as file:
        file.seek(FILE_HEADER.size)
        while head := file.read(RECORD.size):
            seconds, micro, size, _ = RECORD.unpack(head)
            yield seconds, micro, file.read(size)


def tagged(frame: bytes) -> bytes:
    """With one VLAN tag."""
    return frame if frame[12:14] == TAG[:2] else frame[:12] + TAG + frame[12:]


def six(frame: bytes) -> bytes:
    """TCP and UDP over IPv6, every checksum right as before; anything else as it is."""
    if frame[12:14] == TAG[:2]:
        frame = frame[:12] + frame[16:]
    ip, inner = frame[ETHERNET : ETHERNET + 20], frame[ETHERNET + 20 :]
    if frame[12:14] != IPV4 or ip[9] not in (6, 17):
        return frame
    head = SIX.pack(6 << 28, len(inner), ip[9], ip[8])
    return frame[:12] + IPV6 + head + PREFIX + ip[12:16] + PREFIX + ip[16:20] + inner


def write_as(change: Callable[[bytes], bytes], source: Path, target: Path) -> None:
    """The same capture with each packet changed."""
    with source.open("rb") as file, target.open("wb", 1 << 22) as out:
        out.write(file.read(FILE_HEADER.size))
        for seconds, micro, old in records(source):
            frame = change(old)
            out.write(RECORD.pack(seconds, micro, len(frame), len(frame)) + frame)


def write_pcapng(source: Path, target: Path) -> None:
    """The same packets as enhanced packet blocks of one interface."""
    with target.open("wb", 1 << 22) as out:
        out.write(bytes.fromhex("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"))
        out.write(bytes.fromhex("0100000014000000010000000000040014000000"))
        for seconds, micro, frame in records(source):
            time, size = seconds * 1_000_000 + micro, 32 + len(frame) + -len(frame) % 4
            out.write(BLOCK.pack(6, size, 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame)))
            out.write(frame + bytes(-len(frame) % 4) + size.to_bytes(4, "little"))
