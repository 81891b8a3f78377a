"""Frames for property tests: whole ones of every kind, cut ones, damaged ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

import wire
from wire.guess import candidates
from wire.packet import Stack

from .conftest import SYN

TEXTS = [
    'eth / ip src=10.0.0.1 dst=10.0.0.2 / tcp dstport=80 flags=SA options="mss=1460 sack_perm ts=1/2 nop wscale=7" / "hello"',
    'eth / ip src=10.0.0.1 dst=10.0.0.2 options="rr=4/10.0.0.9" / udp dstport=10000 / "你好"',
    'eth / ip src=10.0.0.1 dst=10.0.0.2 flags.mf=1 / udp srcport=5 / "a first fragment of something longer"',
    'eth / ip frag_offset=100 / 0x0102030405',
    'eth / ip src=10.0.0.1 dst=10.0.0.2 / tcp flags=A options="sack 1:2 3:4 5:6"',
    'eth / ip src=10.0.0.1 dst=10.0.0.2 / tcp flags=A options="md5=00112233445566778899aabbccddeeff"',
]  # fmt: skip


def whole() -> list[bytes]:
    """Sound frames, all read as Ethernet."""
    from wire.building import build

    made = [SYN, *(build(text) for text in TEXTS)]
    inner = SYN[14:]
    for name, protocol in wire.Protocol.known.items():
        for number in protocol.over.get("ethertype", ()):
            if number is not None:
                made.append(SYN[:12] + number.to_bytes(2, "big") + inner)
        for number in protocol.over.get("ip.proto", ()):
            if number is not None and name != "ip":
                made.append(bytes(Stack((wire.eth(), wire.ip(proto=number), inner))))  # type: ignore[operator]
    return made


def damaged(count: int, seed: int = 0) -> Iterator[tuple[bytes, str, int | None]]:
    """(bytes, first protocol, length on the wire) of so many cut, mutated and random packets."""
    rnd = random.Random(seed)
    sound, firsts = whole(), candidates()
    for index in range(count):
        data = bytearray(rnd.choice(sound) if index % 10 else rnd.randbytes(rnd.randrange(120)))
        for _ in range(rnd.choice((0, 1, 1, 2, 3, 8))):
            if data:
                data[rnd.randrange(len(data))] = rnd.choice((0, 1, 2, 0x45, 0xFF, rnd.randrange(256)))
        if rnd.random() < 0.3:
            del data[rnd.randrange(len(data) + 1) :]
        if rnd.random() < 0.1:
            data += rnd.randbytes(rnd.randrange(30))
        first = "eth" if rnd.random() < 0.8 else rnd.choice(firsts)
        wire_len = len(data) + rnd.randrange(1, 2000) if rnd.random() < 0.2 else None
        yield bytes(data), first, wire_len
