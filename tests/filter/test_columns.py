# ruff: noqa: E402
"""A filter over columns means the packets that it means packet by packet."""

from __future__ import annotations

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from wire.capture import CaptureError
from wire.capture.index import batches
from wire.filter import compile_filter
from wire.filter.columns import Chooser
from wire.sources import open_source

EXPRESSIONS = [line.strip() for line in (Path(__file__).parent / "expressions.txt").read_text().splitlines()
               if line.strip() and not line.startswith("#")]  # fmt: skip
SAMPLES = sorted(Path("samples").glob("*.pcap*"))


def answers(path: Path, choosers: list[Chooser]) -> tuple[list[list[bool]], list[list[bool]]]:
    ours: list[list[bool]] = [[] for _ in choosers]
    theirs: list[list[bool]] = [[] for _ in choosers]
    try:
        for batch in batches(path):
            for chosen, chooser in zip(ours, choosers, strict=True):
                chosen += chooser.choose(batch).tolist()
    except CaptureError:
        pass
    try:
        for packet in open_source(path):
            for chosen, chooser in zip(theirs, choosers, strict=True):
                chosen.append(chooser.filter.matches(packet))
    except CaptureError:
        pass
    return ours, theirs


def vectorised() -> list[Chooser]:
    choosers = [Chooser(compile_filter(text)) for text in EXPRESSIONS]
    return [chooser for chooser in choosers if chooser.vectorised]


def test_most_filters_have_an_array_form() -> None:
    assert len(vectorised()) > len(EXPRESSIONS) / 2


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    choosers = vectorised()
    for chooser, ours, theirs in zip(choosers, *answers(path, choosers), strict=True):
        assert ours == theirs, chooser.filter.text


def test_captures(captures: Path) -> None:
    choosers = vectorised()[::5]
    for path in sorted((captures / "captures").iterdir())[::6]:
        try:
            open_source(path)
        except CaptureError:
            continue
        for chooser, ours, theirs in zip(choosers, *answers(path, choosers), strict=True):
            assert ours == theirs, (path.name, chooser.filter.text)


@pytest.mark.parametrize(
    "text", ["tcp.srcport == tcp.dstport", 'frame.protocols contains "udp"', 'data.data matches "hello"']
)
def test_filters_without_an_array_form_are_asked_packet_by_packet(text: str) -> None:
    chooser = Chooser(compile_filter(text))
    assert not chooser.vectorised
    ours, theirs = answers(SAMPLES[0], [chooser])
    assert ours == theirs and chooser.odd == len(ours[0])
