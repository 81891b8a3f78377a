"""The columns engine reads what the reference engine reads: every field of every frame, every occurrence."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("numpy")

import wire
from tests.frames import damaged, whole
from wire.capture import CaptureError
from wire.engines.bulk import Reader
from wire.filter.access import getter
from wire.filter.names import names_of
from wire.filter.tree import FieldRef, Kind
from wire.protocols import load
from wire.sources import open_source, packet_of

SAMPLES = Path("samples")


def every_field() -> list[str]:
    """The full name of every field that a protocol or an option can have."""
    targets = {one.path: one for protocol in load().values() for one in names_of(protocol).values()}
    return sorted(path for path, one in targets.items() if one.kind is not Kind.LAYER)


def references(origin: Any, reader: Reader) -> Iterator[list[list[Any]]]:
    """Every value of the reader's fields in each frame, as the reference engine reads it."""
    getters = [getter(FieldRef(sink.target)) for sink in reader.wanted.sinks]
    source = open_source(origin)
    try:
        for frame in source.records():
            if hasattr(frame, "wire_len"):
                packet = packet_of(frame)
                if packet.time is not None and packet.time >= 1 << 63:  # Arrow's nanoseconds cannot hold it
                    packet.time = None
                yield [[plain(value) for value in get(packet)] for get in getters]
    except CaptureError:
        return


def columns(origin: Any, reader: Reader) -> Iterator[list[list[Any]]]:
    """The same from the columns engine."""
    try:
        for batch in reader.batches(origin):
            made = [column.cast(pa.list_(pa.int64())) if "timestamp" in str(column.type) else column for column in batch.columns]
            lists = [column.to_pylist() for column in made]
            for row in range(batch.num_rows):
                yield [column[row] or [] for column in lists]
    except CaptureError:
        return


def plain(value: Any) -> Any:
    from decimal import Decimal

    return int(value.scaleb(9)) if isinstance(value, Decimal) else value  # a time


def differences(origin: Any, fields: list[str]) -> tuple[list[tuple[Any, ...]], Reader]:
    reader = Reader(fields, occurrence="a", text=False)
    found = []
    theirs, ours = list(references(origin, reader)), list(columns(origin, reader))
    if len(theirs) != len(ours):
        found.append(("frames", len(theirs), len(ours)))
    for number, (expected, got) in enumerate(zip(theirs, ours, strict=False), 1):
        if expected != got:
            found += [(number, name, e, g) for name, e, g in zip(fields, expected, got, strict=True) if e != g]
    return found, reader


def capture_of(frames: Iterable[tuple[bytes, int | None]], link: int = 1) -> bytes:
    made = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)
    for number, (data, wire_len) in enumerate(frames):
        made += struct.pack("<IIII", 1_700_000_000, number, len(data), max(len(data), wire_len or 0)) + data
    return made


LINKTYPES = {"eth": 1, "raw": 101, "ip": 228, "ipv6": 229, "sll": 113, "sll2": 276, "null": 0, "loop": 108}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    assert differences(path, every_field()) == differences_none(path)


def differences_none(path: Path) -> Any:
    return AnyReader()


class AnyReader:
    """Equal to "no differences", whatever the reader counted."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and other[0] == []

    def __repr__(self) -> str:
        return "no differences"
