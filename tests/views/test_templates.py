"""Text by templates says exactly what the views say, of whatever packet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from wire.capture import CaptureError
from wire.engines import reference, scalar
from wire.jsonlines import Lines, dumps, lines_of, object_of
from wire.packet import Packet, copy_meta
from wire.sources import open_source
from wire.views import templates
from wire.views.lines import plain
from wire.views.tree import tree
from wire.views.treetext import Trees

from ..benchmarks.capture import frames
from ..frames import damaged

TREES, LINES = Trees(), Lines()  # for all tests: the more they have seen, the more they write by templates
MIXED = frames(3000)


@pytest.fixture(scope="module", autouse=True)
def learned() -> Iterator[None]:
    """Routes and templates for what is usual."""
    for data in MIXED:
        packet = wire.decode(data)
        TREES.text(packet)
        LINES.line(packet)
    yield


def again(packet: Packet) -> Packet:
    """The packet as the reference engine reads it."""
    other = reference.decode(packet.raw, packet.first, packet.wire_len, packet.fcs_len)
    return copy_meta(packet, other)


def by_views(packet: Packet) -> tuple[str, str]:
    """The tree and the line of JSON, by the views alone."""
    return "\n".join(plain(tree(again(packet)))), dumps(object_of(again(packet)))


def by_templates(packet: Packet) -> tuple[bool, tuple[str, str]]:
    """The same by templates, and whether there were any for it."""
    written = TREES.writers.text(packet) is not None and LINES.objects.text(packet) is not None
    return written, (TREES.text(packet), LINES.line(packet))


def same(packets: Iterable[Packet]) -> int:
    """Hold every packet's text against the views'; how many were written by templates."""
    fast = 0
    for packet in packets:
        written, texts = by_templates(packet)
        assert texts == by_views(packet)
        fast += written
    return fast


def test_usual_traffic_is_written_by_templates() -> None:
    sample = frames(3600)[3000:]
    assert same(map(wire.decode, sample)) > 0.98 * len(sample)


def test_samples() -> None:
    for path in sorted(Path("samples").glob("*.pcap*")):
        same(packets_of(path))


def packets_of(path: Path) -> Iterator[Packet]:
    try:
        yield from open_source(path)
    except CaptureError:  # it is damaged, on purpose: what is before that counts
        return


def test_captures(captures: Path) -> None:
    total = fast = 0
    for path in sorted((captures / "captures").glob("*.*cap*")):
        packets = [*packets_of(path)][:200]
        fast += same(packets)
        total += len(packets)
    assert fast > total / 8  # of many files, each of few packets


def test_damaged_frames() -> None:
    same(scalar.decode(data, first, wire_len) for data, first, wire_len in damaged(1500, seed=5))


@settings(deadline=None)
@given(st.integers(0, len(MIXED) - 1), st.lists(st.tuples(st.integers(0, 127), st.integers(0, 255)), max_size=3))
def test_changed_bytes(index: int, changes: list[tuple[int, int]]) -> None:
    data = bytearray(MIXED[index])
    for at, value in changes:
        data[at % len(data)] = value
    same([wire.decode(bytes(data))])


OPTION = st.sampled_from([
    "mss=1460", "sack_perm", "wscale=7", "ts=1/2", "nop nop ts=4294967295/7", "sack 5:9", "nop nop sack 5:9 11:12",
    "md5=00112233445566778899aabbccddeeff", "uto=1/5", "tfo=0011", "nop",
])  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, 63), st.integers(1, 255), st.sampled_from(["A", "PA", "S", "SA", "FA", "R", "UA"]), st.integers(0, 65535),
       st.integers(0, 65535), st.lists(OPTION, max_size=2), st.one_of(st.binary(max_size=40), st.text(max_size=20)))  # fmt: skip
def test_built_packets(
    dscp: int, ttl: int, flags: str, port: int, id: int, options: list[str], data: bytes | str
) -> None:
    ip = wire.ip(src="10.0.0.1", dst="192.0.2.7", id=id, ttl=ttl, **{"dsfield.dscp": dscp})
    stack = wire.eth() / ip / wire.tcp(srcport=port, flags=flags, options=" ".join(options)) / data
    same([wire.decode(bytes(stack)) for _ in range(templates.FEW + 1)])


def test_what_the_capture_says(tmp_path: Path) -> None:
    packets = [wire.decode(data) for data in MIXED[:400]]
    packets[300].comment = 'a "comment" \\ 你好\n'
    wire.write(tmp_path / "x.pcapng", packets)
    assert same(open_source(tmp_path / "x.pcapng")) > 200
    lines = [json.loads(line) for line in lines_of(open_source(tmp_path / "x.pcapng"))]
    assert [line["comment"] for line in lines if line.get("comment")] == [packets[300].comment]


def test_edits_and_notes_are_left_to_the_views() -> None:
    data = next(one for one in MIXED if TREES.writers.text(wire.decode(one)))
    edited = wire.decode(data)
    edited.layers[0]["src"] = b"\2\0\0\0\0\x63"
    assert TREES.writers.text(edited) is None
    assert json.loads(LINES.line(edited))["layers"][0]["fields"]["eth.src"]["show"] == "02:00:00:00:00:63"
    wrong = wire.decode(data[:-1] + bytes([data[-1] ^ 1]) if wire.decode(data).layers[-1].name == "data" else data[:20])
    assert TREES.writers.text(wrong) is None and "[" in TREES.text(wrong)
    opened = wire.decode(data)
    opened.layers[0].span("src")
    same([opened])


def test_only_some_protocols() -> None:
    made = Trees({"ip"})
    for data in MIXED[:300]:
        packet = wire.decode(data)
        assert made.text(packet) == "\n".join(plain(tree(again(packet), {"ip"})))
    assert any(write is not templates.leave for write in made.writers.known.values())


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates.Texts, "room", 100)
    monkeypatch.setattr(templates, "MOST_TEXT", 100)
    texts = templates.Texts(str)
    for number in range(1000):
        assert texts[number] == str(number)
    assert len(texts) < 60


def test_kinds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MOST_KINDS", 2)
    made = Trees()
    for data in MIXED[:600]:
        packet = wire.decode(data)
        assert made.text(packet) == by_views(packet)[0]
        assert len(made.writers.known) <= 2


def test_repeated_records_are_said_in_json() -> None:
    packet = wire.decode(bytes(wire.eth() / wire.ip(src="10.0.0.1", dst="10.0.0.2")
                               / wire.tcp(flags="A", options="nop nop sack 5:9 11:12")))  # fmt: skip
    options = object_of(packet)["layers"][2]["fields"]["tcp.options"]["value"]
    assert options[-1]["fields"]["tcp.options.blocks"]["show"] == "5:9/11:12"
