"""What a file is, by its first bytes: a capture in one of our formats, or something else that can be named."""

from __future__ import annotations

from .model import Order

__all__ = ["MICRO", "MODIFIED", "NANO", "ORDERS", "SECTION", "is_pcap", "is_pcapng", "looks_like", "order_of"]

MICRO, NANO, MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34  # of pcap files
SECTION = b"\x0a\x0d\x0d\x0a"  # of pcapng files; it reads the same from both ends
ORDERS: tuple[Order, ...] = ("big", "little")

UNPACK, CONVERT = "unpack it first", "convert it first, for example with Wireshark's editcap -F pcapng"

SIGNATURES = (
    (b"snoop\0\0\0",             "a snoop capture (RFC 1761)", CONVERT),
    (b"GMBU",                    "a Microsoft Network Monitor 2 capture", CONVERT),
    (b"RTSS",                    "a Microsoft Network Monitor 1 capture", CONVERT),
    (b"TRSNIFF data",            "a Sniffer capture", CONVERT),
    (b"XCP\0",                   "a NetXRay capture", CONVERT),
    (b"LOGG",                    "a Vector BLF log", CONVERT),
    (b"\x1c\x00\x01\xac",        "an IXIA capture", CONVERT),
    (b"\xac\x01\x00\x1c",        "an IXIA capture", CONVERT),
    (b"\x1c\x00\x01\xab",        "an IXIA capture", CONVERT),
    (b"\xab\x01\x00\x1c",        "an IXIA capture", CONVERT),
    (b"BZh",                     "bzip2 data", UNPACK),
    (b"\xfd7zXZ\0",              "xz data", UNPACK),
    (b"\x04\x22\x4d\x18",        "lz4 data", UNPACK),
    (b"PK\x03\x04",              "a zip archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c",      "a 7-Zip archive", UNPACK),
    (b"\x7fELF",                 "a program", ""),
    (b"%PDF",                    "a PDF document", ""),
    (b"\x89PNG",                 "a picture", ""),
)  # fmt: skip
ERF_KINDS = 48  # types of ERF records (Endace, "ERF types reference guide")


def order_of(head: bytes) -> Order | None:
    """The byte order that the magic number of a pcap file shows; None if it is none."""
    return next((order for order in ORDERS if int.from_bytes(head[:4], order) in (MICRO, NANO, MODIFIED)), None)


def is_pcap(head: bytes) -> bool:
    return order_of(head) is not None


def is_pcapng(head: bytes) -> bool:
    return head[:4] == SECTION


def looks_like(head: bytes) -> tuple[str, str]:
    """(what it looks like, what to do about it) of bytes that begin like this; nothing if they look like nothing."""
    for signature, name, todo in SIGNATURES:
        if head.startswith(signature):
            return name, todo
    if head[257:262] == b"ustar":
        return "a tar archive", UNPACK
    return ("an ERF capture (Endace)", CONVERT) if is_erf(head) else ("", "")


def is_erf(head: bytes, records: int = 3) -> bool:
    """Whether the first records chain as ERF's do: time, type, flags, record length, loss, length on the wire."""
    at = 0
    for seen in range(records):
        if at >= len(head):
            return seen > 1 or at == len(head)
        record = head[at : at + 16]
        kind, length, wire = record[8:9], int.from_bytes(record[10:12], "big"), int.from_bytes(record[14:16], "big")
        if len(record) < 16 or not 1 <= kind[0] & 0x7F <= ERF_KINDS or length < 16 or not wire:
            return False
        at += length
    return True
