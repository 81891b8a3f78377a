"""Rows are what packets say of the same fields: the first value, the last, or all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")

import wire
from tests.bulk.test_text import capture, packets
from wire.bulk.named import target_of
from wire.capture import CaptureError
from wire.views.fields import values_of

SAMPLES = Path("samples")
FIELDS = ["frame.number", "frame.time_epoch", "frame.len", "frame.protocols", "eth.src", "eth.addr", "vlan.id", "arp.opcode",
          "ip.src", "ip.addr", "ip.ttl", "ip.flags.mf", "ip.checksum.status", "ipv6.dst", "icmp.type", "tcp.dstport", "tcp.port",
          "tcp.flags", "tcp.flags.syn", "tcp.seq", "tcp.options.sack_le", "tcp.len", "udp.length", "data.data"]  # fmt: skip
Row = tuple[Any, ...]


def by_rows(origin: Path | bytes, kept: Any) -> tuple[list[Row], str]:
    made: list[Row] = []
    try:
        made.extend(wire.rows(origin, FIELDS, occurrence=kept))
    except CaptureError as error:
        return made, str(error)
    return made, ""


def by_packets(origin: Path | bytes) -> tuple[dict[str, list[Row]], str]:
    """The rows of each kind; and that a packet's `get` is the first."""
    made: dict[str, list[Row]] = {"f": [], "l": [], "a": []}
    getters = [values_of(target_of(name)) for name in FIELDS]
    try:
        for packet in wire.open(origin):
            found = [plain(name, get(packet)) for name, get in zip(FIELDS, getters, strict=True)]
            made["f"].append(tuple(values[0] if values else None for values in found))
            made["l"].append(tuple(values[-1] if values else None for values in found))
            made["a"].append(tuple(values or None for values in found))
            for name, value in zip(FIELDS[:-1], made["f"][-1], strict=False):
                assert plain(name, [packet.get(name)]) == [value]
    except CaptureError as error:
        return made, str(error)
    return made, ""


def plain(name: str, values: Sequence[Any]) -> list[Any]:
    """A packet's values as rows have them; no bytes are no value."""
    return [int(one.scaleb(9)) if name == "frame.time_epoch" and one else one for one in values if one != b""]


def agree(origin: Path | bytes) -> None:
    expected, trouble = by_packets(origin)
    for kept, rows in expected.items():
        assert by_rows(origin, kept) == (rows, trouble)


def test_whole_damaged_and_nested_packets() -> None:
    agree(capture(packets()))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    agree(path)


def test_captures(captures: Path) -> None:
    for path in sorted((captures / "captures").iterdir()):
        agree(path)


def test_values_are_plain() -> None:
    for row in wire.rows(capture(packets()), FIELDS):
        assert {type(value) for value in row} <= {int, bytes, str, type(None)}


def test_only_what_a_filter_means() -> None:
    origin = capture(packets())
    meant = [(packet.number,) for packet in wire.open(origin) if "udp" in packet]
    assert list(wire.rows(origin, ["frame.number"], "udp")) == meant


def test_what_is_wrong_is_said_at_once() -> None:
    for fields, where, kept in (("ip.src", None, "f"), ([], None, "f"), (["ip.src"], None, "x")):
        with pytest.raises(ValueError, match=r"^(fields|occurrence) is "):
            wire.rows(b"", fields, where, kept)  # type: ignore[arg-type]
    with pytest.raises(LookupError, match=r"ip\.src"):
        wire.rows(b"", ["ip.scr"])


def test_needs_numpy_alone() -> None:
    code = ("import sys, wire\nassert len(list(wire.rows('samples/tcp-hello-8080.pcap', ['ip.src'], 'ip'))) == 11\n"
            "assert 'pyarrow' not in sys.modules")  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
