# ruff: noqa: E402
"""The columns engine reads what the reference engine reads: every field of every frame, every occurrence."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
np = pytest.importorskip("numpy")

import wire
from tests.benchmarks.capture import frames as traffic
from tests.frames import damaged, whole
from wire.bulk.reader import Reader
from wire.capture import CaptureError, Frame
from wire.engines.colsums import ones_sums
from wire.filter.names import names_of
from wire.filter.tree import Kind
from wire.protocols import load
from wire.rules import ones_sum
from wire.sources import open_source, packet_of

SAMPLES = Path("samples")
LINKTYPES = {"eth": 1, "raw": 101, "ip": 228, "ipv6": 229, "sll": 113, "sll2": 276, "null": 0, "loop": 108}
MOST = 1 << 63  # nanoseconds that Arrow's times hold


def every_field() -> list[str]:
    """The full name of every field that a protocol or an option can have."""
    targets = {one.path: one for protocol in load().values() for one in names_of(protocol).values()}
    return sorted(path for path, one in targets.items() if one.kind is not Kind.LAYER)


def by_columns() -> list[str]:
    """Those of them that every sound frame has in a column: none that needs the reference engine for all frames."""
    return [name for name in every_field() if not Reader([name]).wanted.tails and not name.startswith(ROW_BY_ROW)]


ROW_BY_ROW = ("data.text", "arp.is", "llc.control.")


def references(origin: Any, reader: Reader) -> Iterator[list[list[Any]]]:
    """Every value of the reader's fields in each frame, as the reference engine reads it."""
    for frame in open_source(origin).records():
        if isinstance(frame, Frame):
            packet = packet_of(frame)
            if packet.time is not None and packet.time >= MOST:
                packet.time = None
            yield [[plain(value) for value in get(packet)] for get in reader.getters]


def columns(origin: Any, reader: Reader) -> Iterator[list[list[Any]]]:
    """The same from the columns engine."""
    for batch in reader.batches(origin):
        times = pa.list_(pa.timestamp("ns"))
        lists = [(one.cast(pa.list_(pa.int64())) if one.type == times else one).to_pylist() for one in batch.columns]
        yield from ([column[row] or [] for column in lists] for row in range(batch.num_rows))


def plain(value: Any) -> Any:
    return int(value.scaleb(9)) if isinstance(value, Decimal) else value  # a time


def until_damage(rows: Iterator[Any]) -> tuple[list[Any], str]:
    """What comes before the capture is damaged, and how that is put."""
    found = []
    try:
        for row in rows:
            found.append(row)
    except CaptureError as error:
        return found, str(error)
    return found, ""


def compare(origin: Any, fields: list[str]) -> Reader:
    reader = Reader(fields, occurrence="a", text=False)
    expected, said = until_damage(references(origin, reader))
    got, also = until_damage(columns(origin, reader))
    assert (len(got), also) == (len(expected), said)
    for number, (theirs, ours) in enumerate(zip(expected, got, strict=True), 1):
        different = {name: pair for name, *pair in zip(fields, theirs, ours, strict=True) if pair[0] != pair[1]}
        assert not different, f"frame {number}: {different}"
    return reader


def capture_of(
    frames: Iterable[tuple[bytes, int | None]], link: int = 1, order: str = "<", fine: bool = False
) -> bytes:
    made = struct.pack(f"{order}IHHiIII", 0xA1B23C4D if fine else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)
    for number, (data, wire_len) in enumerate(frames):
        size = max(len(data), wire_len or 0)
        made += struct.pack(f"{order}IIII", 1_700_000_000, number, len(data), size) + data
    return made


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    compare(path, every_field())


def test_captures(captures: Path) -> None:
    fields = by_columns()
    frames = odd = 0
    for path in sorted((captures / "captures").iterdir()):
        try:
            open_source(path)
        except CaptureError:
            with pytest.raises(CaptureError):
                Reader(["frame.number"]).table(path)
            continue
        reader = compare(path, fields)
        frames, odd = frames + reader.frames, odd + reader.odd
    assert frames > 9000
    assert odd < frames / 10  # the others were really read by columns


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("fine", [False, True])
def test_byte_orders_and_resolutions(order: str, fine: bool) -> None:
    frames = [(data, None) for data in whole()]
    table = wire.table(capture_of(frames, order=order, fine=fine), ["frame.time_epoch", "frame.len"])
    step = 1 if fine else 1000
    times = table.column("frame_time_epoch").cast(pa.int64()).to_pylist()
    assert times == [1_700_000_000 * 10**9 + number * step for number in range(len(frames))]
    assert table.column("frame_len").to_pylist() == [len(data) for data, _ in frames]


@pytest.mark.parametrize("seed", range(4))
def test_damaged_frames(seed: int) -> None:
    """Mutated, cut and random frames of every kind of link."""
    by_link: dict[int, list[tuple[bytes, int | None]]] = {}
    for data, first, wire_len in damaged(600, seed):
        by_link.setdefault(LINKTYPES.get(first, 1), []).append((data, wire_len))
    fields = by_columns()
    for link, frames in by_link.items():
        compare(capture_of(frames, link), fields)


def test_checksums_of_any_range() -> None:
    rnd = random.Random(5)
    data = np.frombuffer(rnd.randbytes(4000) + bytes(64), np.uint8)
    pairs = sorted((first, first + rnd.randrange(120)) for first in (rnd.randrange(3800) for _ in range(500)))
    start, stop = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
    assert ones_sums(data, start, stop).tolist() == [ones_sum(data[a:b].tobytes()) for a, b in pairs]


def test_types() -> None:
    fields = ["ip.src", "ip.ttl", "tcp.seq", "tcp.flags.syn", "frame.time_epoch", "ip.proto", "tcp.options.sack_le"]
    schema = wire.table(SAMPLES / "tcp-hello-8080.pcap", fields, addresses="bytes", names=True).schema
    assert [str(one.type) for one in schema] == [
        "fixed_size_binary[4]", "uint8", "uint32", "dictionary<values=string, indices=int32, ordered=0>", "timestamp[ns]",
        "dictionary<values=string, indices=int32, ordered=0>", "uint32",
    ]  # fmt: skip
    assert schema.names[0] == "ip_src"


def test_batches_are_bounded() -> None:
    parts = list(wire.table(SAMPLES / "tcp-hello-8080.pcap", ["frame.number"], batch=4))
    assert [part.num_rows for part in parts] == [4, 4, 4, 1]
    assert [number for part in parts for number in part.column(0).to_pylist()] == list(range(1, 14))


@pytest.mark.parametrize(("kept", "expected"), [("f", "192.0.2.1"), ("l", "198.51.100.99")])
def test_occurrences(kept: Any, expected: str) -> None:
    inner = bytes(wire.build("ip src=198.51.100.99 dst=10.0.0.2 / udp / 'x'"))
    frame = bytes(wire.eth() / wire.ip(src="192.0.2.1", dst="10.0.0.9", proto=4) / inner)
    assert wire.table(capture_of([(frame, None)]), ["ip.src"], occurrence=kept).column(0).to_pylist() == [expected]


def test_where() -> None:
    path = SAMPLES / "tcp-hello-8080.pcap"
    numbers = wire.table(path, ["frame.number"], where="tcp.flags.syn == 1 and ip.src == 10.0.0.0/24").column(0)
    assert numbers.to_pylist() == [
        packet.number for packet in wire.open(path) if "tcp" in packet and packet.tcp.flags_syn
    ]


@pytest.mark.parametrize(
    ("field", "said"), [("ip.srcc", "did you mean ip.src"), ("tcp.stream", "conversation"), ("tcp", "is a protocol")]
)
def test_unknown_fields(field: str, said: str) -> None:
    with pytest.raises(LookupError, match=said):
        wire.table(SAMPLES / "tcp-hello-8080.pcap", [field])


def test_columns_do_not_share_memory() -> None:
    """`ip.addr` is made from the columns of `ip.src` and `ip.dst`, and leaves them as they are."""
    path = SAMPLES / "tcp-hello-8080.any.pcap"
    table = wire.table(path, ["ip.addr", "ip.dst", "ip.src"], where="ip")
    expected = [packet.ip for packet in wire.open(path) if "ip" in packet]
    assert table.column("ip_dst").to_pylist() == [ip.dst for ip in expected]
    assert table.column("ip_addr").to_pylist() == table.column("ip_src").to_pylist() == [ip.src for ip in expected]


def test_traffic() -> None:
    """Options laid out in many ways, VLAN tags beside none, and every checksum."""
    frames = [(data, None) for data in traffic(2500, flows=200)]
    fields = [name for name in by_columns() if name.startswith(("ip.", "tcp.", "udp.", "vlan.", "eth."))]
    reader = compare(capture_of(frames), fields)
    assert reader.odd < reader.frames / 5


def test_one_field_at_a_time() -> None:
    """What is asked for decides what is read: it must not change what is found."""
    frames = [(data, None) for data in whole()]
    for field in ("data.data", "tcp.options.sack_le", "ip.ttl", "frame.number", "udp.checksum.status"):
        compare(capture_of(frames), [field])
