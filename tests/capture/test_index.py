# ruff: noqa: E402
"""The vectorised index finds what the ordinary reader finds: the same frames, and the same words for damage."""

from __future__ import annotations

import gzip
import random
import struct
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from wire.capture import CaptureError, Frame, open_capture
from wire.capture.batch import SLACK
from wire.capture.chains import chained
from wire.capture.index import batches, guessed, record

SAMPLES = Path("samples")
HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


def capture(frames: list[bytes], seed: int = 0) -> bytes:
    rnd = random.Random(seed)
    made, now = [HEADER], 1_700_000_000_000_000
    for data in frames:
        now += rnd.randrange(1000)
        made.append(struct.pack("<IIII", now // 10**6, now % 10**6, len(data), len(data) + rnd.randrange(3)) + data)
    return b"".join(made)


def some(count: int, seed: int = 1, most: int = 1500) -> list[bytes]:
    rnd = random.Random(seed)
    return [rnd.randbytes(rnd.randrange(1, most)) for _ in range(count)]


Row = tuple[int, Any, int, bytes]


def indexed(origin: Any, window: int) -> tuple[list[Row], str]:
    rows: list[Row] = []
    try:
        for batch in batches(origin, window):
            for row in range(len(batch)):
                frame = batch.frame(row)
                rows.append((frame.number, frame.time, frame.wire_len, frame.data))
    except CaptureError as error:
        return rows, str(error)
    return rows, ""


def plainly(origin: Any) -> tuple[list[Row], str]:
    rows: list[Row] = []
    try:
        for frame in open_capture(origin):
            assert isinstance(frame, Frame)
            rows.append((frame.number, frame.time, frame.wire_len, frame.data))
    except CaptureError as error:
        return rows, str(error)
    return rows, ""


def agree(origin: Any, window: int) -> list[Row]:
    found, expected = indexed(origin, window), plainly(origin)
    assert found[1] == expected[1]
    assert found[0] == expected[0]
    return found[0]


@pytest.mark.parametrize("window", [1 << 12, 1 << 16, 1 << 20])
def test_windows(window: int) -> None:
    assert len(agree(capture(some(900)), window)) == 900


def test_many_chains() -> None:
    data = np.frombuffer(capture(some(3000))[len(HEADER) :] + bytes(SLACK), np.uint8)
    size = len(data) - SLACK
    guesses = guessed(data.tobytes(), data, size, "<")
    assert len(guesses) > 100
    few, end = chained(data, size, record("<"), guesses[:1])
    many, same = chained(data, size, record("<"), guesses)
    assert len(few) == 3000 and end == same == len(data) - SLACK
    assert (few == many).all()


@pytest.mark.parametrize("shift", range(0, 40, 7))
def test_captures_inside_payloads(shift: int) -> None:
    """Records of the same time inside payloads look like records, and chain."""
    inner = capture(some(200, most=300))
    frames = [bytes(shift) + inner + inner[:40], *some(20), inner[24:] + bytes(3)] * 8
    agree(capture(frames), 1 << 18)
    agree(capture(frames), 1 << 22)


def test_one_packet() -> None:
    assert len(agree(capture(some(1)), 1 << 16)) == 1


def test_none() -> None:
    assert agree(HEADER, 1 << 16) == []


def test_largest_packets() -> None:
    rnd = random.Random(3)
    assert len(agree(capture([rnd.randbytes(65535) for _ in range(12)]), 1 << 17)) == 12


def test_a_packet_larger_than_the_window() -> None:
    assert len(agree(capture([b"a", bytes(200_000), b"b"]), 1 << 12)) == 3


def test_cut_anywhere() -> None:
    whole = capture(some(12, most=60))
    for size in range(len(HEADER), len(whole)):
        agree(whole[:size], 1 << 12)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_lengths(seed: int) -> None:
    rnd = random.Random(seed)
    data = bytearray(capture(some(300, seed)))
    for _ in range(3):
        data[rnd.randrange(24, len(data))] = rnd.randrange(256)
    agree(bytes(data), 1 << 15)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    agree(path, 1 << 20)


def test_compressed() -> None:
    whole = gzip.compress(capture(some(500)))
    assert len(agree(whole, 1 << 15)) == 500
    agree(whole[: len(whole) // 2], 1 << 15)


def test_captures(captures: Path) -> None:
    for path in sorted((captures / "captures").iterdir()):
        agree(path, 1 << 16)
