"""Lists of options for made frames: every kind that is registered, right lengths mostly, wrong ones sometimes."""

from __future__ import annotations

import random
import struct

# kind: the lengths of what follows kind and length (without TCP's 21, at which tshark 4.0 stops if it does not analyse)
TCP_KINDS = {
    2: (2,), 3: (1,), 4: (0,), 5: (8, 16, 24, 32), 6: (4,), 7: (4,), 8: (8,), 11: (4,), 12: (4,), 13: (4,), 14: (1,),
    15: (1, 6),
    18: (1,), 19: (16,), 20: (2,), 27: (6,), 28: (2,), 29: (2, 14), 34: (0, 4, 8, 16), 69: (3,), 76: (6,), 78: (6,),
    172: (0, 3, 6, 9), 174: (0, 3, 6, 9), 200: (0, 5),
}  # fmt: skip
IP_KINDS = {
    7: (3, 7, 11, 19), 11: (2,), 12: (2,), 68: (2, 6, 10, 18), 82: (10,), 130: (9, 1, 2), 131: (5, 9, 13), 133: (1, 3),
    134: (8,), 136: (2,), 137: (5, 9), 147: (2,), 148: (2,), 149: (6,), 151: (2,), 205: (9,), 30: (2,), 94: (1,),
}  # fmt: skip


def tlv(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body) + 2]) + body


def spoiled(rnd: random.Random, option: bytes) -> bytes:
    """An option with a wrong length, once in a while."""
    if rnd.random() < 0.04 and len(option) > 1:
        return option[:1] + bytes([rnd.choice((0, 1, len(option) - 1, len(option) + 1, 40))]) + option[2:]
    return option


def filled(rnd: random.Random, listed: bytes, most: int = 40) -> bytes:
    """The list cut to what fits, and filled up to words: with NOPs, or by an end and zeros, or junk."""
    listed = listed[:most]
    gap = -len(listed) % 4
    return listed + rnd.choice((b"\1" * gap, bytes(gap), bytes(gap), rnd.randbytes(gap)))


def tcp_options(rnd: random.Random) -> bytes:
    listed = b""
    for _ in range(rnd.choice((1, 1, 2, 3, 5))):
        kind = rnd.choice((1, 1, 30, 253, 254, *TCP_KINDS))
        if kind == 1:
            made = b"\1"
        elif kind == 30:
            made = multipath(rnd)
        elif kind in (253, 254):
            tried = (b"", b"\xf9\x89", b"\xf9\x89" + rnd.randbytes(8), b"\xac\xc0" + rnd.randbytes(6))
            made = tlv(kind, rnd.choice((*tried, b"\xe2\xd4\xc3\xd9", rnd.randbytes(5))))
        else:
            made = tlv(kind, timed(rnd, kind, rnd.choice(TCP_KINDS[kind])))
        if len(listed) + len(made) <= 40:
            listed += spoiled(rnd, made)
    return filled(rnd, listed)


def timed(rnd: random.Random, kind: int, size: int) -> bytes:
    if kind == 3:
        return bytes([rnd.choice((0, 7, 14, 15, 255))])
    return rnd.randbytes(size)


def multipath(rnd: random.Random) -> bytes:
    """Multipath TCP: every subtype, in each of its lengths (RFC 8684)."""
    subtype = rnd.choice((0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 12))
    low, lengths = {
        0: ((0, 1), (4, 12, 20, 22, 24)), 1: ((0, 1), (12, 16, 24)), 2: ((0,), (4, 8, 12, 18, 20, 22, 26, 28)),
        3: ((4, 6, 1), (8, 10, 16, 20, 22)), 4: ((0,), (4, 5)), 5: ((0, 1), (3, 4)), 6: ((0,), (12,)), 7: ((0,), (12,)),
    }.get(subtype, ((0,), (4, 6)))  # fmt: skip
    length = rnd.choice(lengths)
    body = bytearray(bytes([subtype << 4 | rnd.choice(low)]) + rnd.randbytes(length - 3))
    if subtype == 2 and len(body) > 1:  # the flags say how long the numbers are
        body[1] = {4: 0, 8: 1, 12: 3, 18: 4 | 1, 20: 4 | 1, 22: 4 | 3, 26: 4 | 8 | 1, 28: 4 | 8 | 2 | 1}[length]
    return tlv(30, bytes(body))


def ip_options(rnd: random.Random) -> bytes:
    listed = b""
    for _ in range(rnd.choice((1, 1, 2, 3))):
        kind = rnd.choice((1, 7, 68, 131, 137, *IP_KINDS))
        body = b"" if kind == 1 else rnd.randbytes(rnd.choice(IP_KINDS[kind]))
        if kind in (7, 131, 137):
            body = bytes([rnd.choice((4, 4, 8, len(body) + 3, len(body) + 2, 0, 6))]) + body[1:]
        elif kind == 68:
            body = stamps(rnd)
        elif kind == 130 and len(body) == 9 and rnd.random() < 0.6:
            body = rnd.choice((b"\0\0", b"\xd7\x88", b"\x5e\x26")) + body[2:]
        made = b"\1" if kind == 1 else tlv(kind, body)
        if len(listed) + len(made) <= 40:
            listed += spoiled(rnd, made)
    return filled(rnd, listed)


def stamps(rnd: random.Random) -> bytes:
    flag = rnd.choice((0, 1, 3, 5))
    body = rnd.randbytes((8 if flag else 4) * rnd.randrange(4))
    return bytes([rnd.choice((5, 9, 13, len(body) + 5)), rnd.choice((0, 0, 3)) << 4 | flag]) + body


def ipv6_options(rnd: random.Random, hop_by_hop: bool) -> bytes:
    """The options of a hop-by-hop or destination options header, filled up to units of 8."""
    listed = b""
    for _ in range(rnd.randrange(4)):
        kind = rnd.choice((0, 1, 4, 0x1E, 0x8B, *((5, 0xC2) if hop_by_hop else (0xC9,))))
        sizes = {1: rnd.randrange(6), 4: 1, 5: 2, 0xC2: 4, 0xC9: 16}
        listed += b"\0" if kind == 0 else tlv(kind, b"")[:1] + bytes([size := sizes.get(kind, rnd.randrange(5))]) + (
            bytes(size) if kind == 1 else rnd.randbytes(size))  # fmt: skip
    gap = -(len(listed) + 2) % 8
    return listed + (b"\0" if gap == 1 else bytes([1, gap - 2]) + bytes(gap - 2) if gap else b"")


def nd_options(rnd: random.Random, packet: bytes) -> bytes:
    """Neighbour discovery options, in units of 8 (RFC 4861 section 4.6)."""
    listed = b""
    bodies = {1: (6, 14), 2: (6, 14), 3: (30,), 5: (6,), 7: (6,), 8: (6,), 13: (14,), 14: (6, 14), 24: (6, 14, 22),
              25: (22, 38), 38: (14,), 200: (6,)}  # fmt: skip
    for _ in range(rnd.randrange(4)):
        kind = rnd.choice(tuple(bodies))
        body = rnd.randbytes(rnd.choice(bodies[kind]))
        if kind in (3, 24):
            body = bytes([rnd.choice((0, 64, 128))]) + body[1:]
        listed += struct.pack("BB", kind, (len(body) + 2) // 8) + body
    if packet:
        body = bytes(6) + packet
        body += bytes(-(len(body) + 2) % 8)
        listed += struct.pack("BB", 4, (len(body) + 2) // 8) + body
    return listed
