# ruff: noqa: E402
"""Tables: text of addresses, names of numbers, and what an export leaves behind."""

from __future__ import annotations

import doctest
import os
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")

import wire.tables
from tests.bulk.test_text import capture, packets
from wire import exporting
from wire.bulk import thrifty
from wire.bulk.named import target_of
from wire.exporting import Work, export
from wire.views.fields import values_of

ADDRESSES = ["eth.src", "eth.addr", "ip.src", "ip.addr", "ipv6.dst", "arp.src.hw_mac", "arp.dst.proto_ipv4"]
HELLO = "samples/tcp-hello-8080.pcap"


@pytest.mark.parametrize("kept", ["f", "l", "a"])
def test_addresses_as_text(kept: Any) -> None:
    origin = capture(packets())
    made = wire.table(origin, ADDRESSES, occurrence=kept)
    made.validate(full=True)
    every = list(wire.open(origin))
    for name, column in zip(ADDRESSES, made.columns, strict=True):
        target = target_of(name)
        assert target.row is not None
        get, show = values_of(target), target.row.format.show
        found = [[show(value) for value in get(packet)] for packet in every]
        chosen: Any = {"f": 0, "l": -1, "a": slice(None)}[kept]
        assert column.to_pylist() == [texts[chosen] if texts else None for texts in found]


def test_no_packets() -> None:
    made = wire.table(capture([]), ADDRESSES)
    assert made.num_rows == 0 and made.schema.field("ip_src").type == pa.string()


def test_names_of_numbers() -> None:
    made = wire.table(HELLO, ["arp.opcode", "frame.number"], names=True)
    assert made.column("arp_opcode").to_pylist() == ["request", "reply"] + [None] * 11
    made.validate(full=True)


def test_examples() -> None:
    assert doctest.testmod(wire.tables).failed == 0


@pytest.mark.parametrize("ending", exporting.FORMATS)
def test_an_export_takes_memory_from_the_system(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    writer = exporting.WRITERS[ending]

    def watched(*words: Any) -> Any:
        used.append(pa.default_memory_pool().backend_name)
        return writer(*words)

    monkeypatch.setitem(exporting.WRITERS, ending, watched)
    before = pa.default_memory_pool().backend_name
    assert export(Work(HELLO, str(tmp_path / f"made{ending}"))).rows == 13
    assert (used, pa.default_memory_pool().backend_name) == (["system"], before)


def test_threads_are_the_users_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")
    thrifty()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    thrifty()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
