"""The captures that are measured are what they say: sound packets, the same ones in each."""

from __future__ import annotations

from pathlib import Path

import wire
from tests.benchmarks.capture import write
from tests.benchmarks.variants import six, tagged, write_as, write_pcapng


def test_variants(tmp_path: Path) -> None:
    plain, made = tmp_path / "plain.pcap", tmp_path / "made"
    write(plain, 400)
    every = list(wire.open(plain))
    write_pcapng(plain, made)
    assert [(p.raw, p.time) for p in wire.open(made)] == [(p.raw, p.time) for p in every]
    for change, protocol in ((tagged, "vlan"), (six, "ipv6")):
        write_as(change, plain, made)
        for old, new in zip(every, wire.open(made), strict=True):
            assert protocol in new or "tcp" not in old
            assert [note.text for note in new.notes] == [note.text for note in old.notes]
            for name in ("tcp.checksum.status", "udp.checksum.status", "tcp.len", "udp.length"):
                assert new.get(name) == old.get(name)
