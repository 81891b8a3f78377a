"""What must hold of every protocol, ours and those of others, whatever the bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from wire.engines import reference
from wire.options import Options
from wire.packet import Layer, Packet
from wire.protocols import load

from .frames import damaged

PROTOCOLS = [name for name in sorted(load()) if name not in ("frame", "data")]


def check(packet: Packet, data: bytes) -> None:
    """Byte-exact from the fields; leaf spans tile the packet; reading everything raises nothing."""
    assert bytes(packet) == data
    at = 0
    for first, end in sorted(place[1:] for layer in packet for place in (*layer.head, *layer.tail)):
        assert first in (at, end), f"bits {at} to {first} belong to no field, or to two"
        at = max(at, end)
    assert at == len(data) * 8
    for layer in packet:
        assert layer.title and layer.info is not None and layer.notes is not None and layer.verdicts is not None
        for leaf in layer.leaves():
            leaf.field.show(leaf.value)
            inside(leaf.items, leaf.place.first, leaf.place.end)
        for extra in layer.record.extras:
            extra.rule(layer)


def inside(items: list[Layer], first: int, end: int) -> None:
    """Options tile their region in the same way."""
    at = first
    for item in items:
        for place in item.head:
            assert place.first == at
            at = place.end
    assert not items or at == end


@pytest.mark.parametrize("name", PROTOCOLS)
@given(data=st.binary(max_size=90), more=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_any_bytes(name: str, data: bytes, more: int) -> None:
    check(reference.decode(data, name, len(data) + more), data)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_draft_with_nothing_given(name: str) -> None:
    """What a draft writes is read back without a fault in its own layer."""
    protocol = wire.Protocol.known[name]
    under = wire.ip(src="10.0.0.1", dst="10.0.0.2") if "ip.proto" in protocol.over else None  # type: ignore[operator]
    stack = under / protocol() if under else wire.Stack((protocol(),))
    data = bytes(stack)
    packet = reference.decode(data, "ip" if under else name)
    check(packet, data)
    assert not [note for note in packet[name].notes if note.severity == "error"]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_names(name: str) -> None:
    """Full names are unique, attributes reach the fields, options have names of their own."""
    protocol = wire.Protocol.known[name]
    parts = [part for field in protocol.fields for part in field.parts]
    assert all(protocol.find(one.attribute) is protocol.find(one.name) for one in (*protocol.fields, *parts))
    own = [part for part in parts if part.owner.name not in protocol.twins]  # rows of several cases may share a name
    assert len({part.path for part in own}) == len(own)
    for field in protocol.fields:
        if isinstance(field.core, Options):
            names = [record.name for record in field.core.records.values()]
            assert len(set(names)) == len(names)


def test_damaged_frames() -> None:
    """20,000 mutated, cut and random frames; WIRE_MUTANTS asks for another number."""
    for data, first, wire_len in damaged(int(os.environ.get("WIRE_MUTANTS", "20000"))):
        packet = reference.decode(data, first, wire_len)
        check(packet, data)


def test_every_captured_frame(captures: Path) -> None:
    """Byte-exact over every frame of the captures."""
    count = 0
    for path in sorted((captures / "captures").iterdir()):
        try:
            for packet in wire.open(path):
                check(packet, packet.raw)
                count += 1
        except wire.CaptureError:
            continue
    assert count > 9000
