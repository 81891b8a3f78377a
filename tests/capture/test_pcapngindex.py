# ruff: noqa: E402
"""The vectorised index of pcapng finds what the ordinary reader finds: the same frames, the same words for damage."""

from __future__ import annotations

import gzip
import random
import struct
from typing import Literal

import pytest

np = pytest.importorskip("numpy")

from tests.capture.test_index import agree, capture, some
from wire.capture.batch import Batch
from wire.capture.index import batches

Order = Literal["<", ">"]
RESOLUTION = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  # nanoseconds
COMMENT = {"<": struct.pack("<HH4sHH", 1, 3, b"why", 0, 0), ">": struct.pack(">HH4sHH", 1, 3, b"why", 0, 0)}
FLAGS = struct.pack("<HHIHH", 2, 4, 1, 0, 0)


def block(kind: int, body: bytes, order: Order = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(f"{order}I", 12 + len(body))
    return struct.pack(f"{order}I", kind) + size + body + size


def section(order: Order = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(options: bytes = b"", order: Order = "<") -> bytes:
    return block(1, struct.pack(f"{order}HHI", 1, 0, 0) + options, order)


def packet(data: bytes, time: int = 0, which: int = 0, options: bytes = b"", order: Order = "<") -> bytes:
    head = struct.pack(f"{order}IIIII", which, time >> 32, time & 0xFFFFFFFF, len(data), len(data) + time % 3)
    return block(6, head + data + bytes(-len(data) % 4) + options, order)


def packets(count: int, order: Order = "<", seed: int = 1, most: int = 1500) -> list[bytes]:
    now = 1_700_000_000_000_000
    return [packet(data, now + number * 7, order=order) for number, data in enumerate(some(count, seed, most))]


def vectorised(origin: bytes, window: int = 1 << 20) -> int:
    """How many frames came from the arrays, not from the ordinary reader."""

    def count(batch: Batch) -> int:
        return len(batch) if batch.frames is None else 0

    return sum(map(count, batches(origin, window)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("window", [1 << 12, 1 << 16, 1 << 20])
def test_windows(window: int, order: Order) -> None:
    whole = section(order) + interface(b"", order) + b"".join(packets(900, order))
    assert len(agree(whole, window)) == 900
    assert vectorised(whole) == 900


def test_interfaces_with_units_of_their_own() -> None:
    rnd = random.Random(2)
    head = section() + interface() + interface(RESOLUTION)
    body = [packet(b"x" * rnd.randrange(60), rnd.randrange(1 << 50), rnd.randrange(2)) for _ in range(200)]
    assert len(agree(head + b"".join(body), 1 << 12)) == 200
    assert vectorised(head + b"".join(body)) == 200


def test_other_blocks_between() -> None:
    """Statistics, simple packets, options and an interface described late."""
    made = packets(300)
    made[50] = packet(b"with a comment", 5, 0, COMMENT["<"])
    made[51] = packet(b"with flags", 5, 0, FLAGS)
    made[90:90] = [block(5, struct.pack("<III", 0, 0, 0)), block(3, struct.pack("<I", 5) + b"plain")]
    made[120:120] = [interface(RESOLUTION), packet(b"of the new one", 10**18, 1), block(0xBAD, struct.pack("<I", 1))]
    whole = section() + interface() + b"".join(made)
    assert len(agree(whole, 1 << 14)) == 302
    assert vectorised(whole) > 290


def test_every_packet_with_options() -> None:
    made = [packet(data, 7, 0, COMMENT["<"]) + packet(data) for data in some(200)]
    assert len(agree(section() + interface() + b"".join(made), 1 << 16)) == 400


def test_several_sections() -> None:
    one = section() + interface() + b"".join(packets(40))
    other = section(">") + interface(b"", ">") + b"".join(packets(40, ">"))
    assert len(agree(one + other + one, 1 << 16)) == 120


@pytest.mark.parametrize("time", [1 << 60, (1 << 63) // 1000, (1 << 63) // 1000 + 1, (1 << 64) - 1])
def test_times_beyond_nanoseconds(time: int) -> None:
    agree(section() + interface() + packet(b"now", 5) + packet(b"late", time) + packet(b"now", 6), 1 << 12)


def test_captures_inside_payloads() -> None:
    inner = b"".join(packets(100, most=200))
    made = [packet(bytes(shift) + inner[: 4 * shift + 9000]) for shift in range(0, 40)]
    whole = section() + interface() + b"".join(made)
    agree(whole, 1 << 18)
    agree(whole, 1 << 22)


def test_cut_anywhere() -> None:
    whole = section() + interface() + b"".join(packets(6, most=40)) + packet(b"x", options=COMMENT["<"])
    for size in range(48, len(whole)):
        agree(whole[:size], 1 << 12)


@pytest.mark.parametrize("seed", range(30))
def test_damaged(seed: int) -> None:
    rnd = random.Random(seed)
    data = bytearray(section() + interface() + b"".join(packets(300, seed=seed, most=300)))
    for _ in range(3):
        data[rnd.randrange(48, len(data))] = rnd.randrange(256)
    agree(bytes(data), 1 << 15)


def test_no_length_leads_nowhere() -> None:
    made = packets(200)
    whole = section() + interface() + b"".join(made[:100]) + bytes(64) + b"".join(made[100:])
    assert len(agree(whole, 1 << 16)) == 100


def test_a_packet_of_no_interface() -> None:
    assert len(agree(section() + interface() + packet(b"a") + packet(b"b", 0, 3) + packet(b"c"), 1 << 12)) == 1


def test_compressed() -> None:
    whole = gzip.compress(section() + interface() + b"".join(packets(500)))
    assert len(agree(whole, 1 << 15)) == 500
    agree(whole[: len(whole) // 2], 1 << 15)


def test_pcap_is_left_to_the_other() -> None:
    assert vectorised(capture(some(50))) == 50
