"""Real captures against what tshark says of them, and what we write against tshark, capinfos and dpkt as readers."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import subprocess
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import Any

import dpkt
import pytest

import wire
from wire.capture import CaptureError, Frame, Interface, open_capture, write_items
from wire.capture.pcapng import read_block
from wire.engines import reference
from wire.jsonlines import lines_of, write_lines

from .making import enhanced, frames, interface, option, pcap, record, rewritten, section, until_damage
from .test_pcapng import sample

# tshark multiplies this frame's fraction, 0x80000000 microseconds, in 32 bits, and gets 0
OVERFLOWN = {("tcpdump__timestamp_invalid_micro.pcap", 3)}


def manifest() -> list[dict[str, str]]:
    folder = os.environ.get("WIRE_CAPTURES")
    if not folder:
        return []
    with open(Path(folder, "MANIFEST.tsv"), encoding="utf-8") as rows:
        return list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = {row["file"]: row for row in manifest()}
each = pytest.mark.parametrize("name", ROWS or ["none"])


def nanoseconds(text: str | None) -> int | None:
    """What tshark prints for a time: the fraction has nine digits, and ten where it is over a second."""
    if text is None:
        return None
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 10**9 + int(fraction)


def oracle(captures: Path, name: str) -> dict[int, dict[str, Any]]:
    """tshark's frames by number; it also numbers custom blocks, which have no link type."""
    with gzip.open(captures / "oracle" / f"{name}.tshark.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return {int(row["frame.number"]): row for row in rows if "frame.encap_type" in row}


@each
def test_frames_are_those_of_tshark(captures: Path, name: str) -> None:
    path = captures / "captures" / name
    if ROWS[name]["format"] == "other":
        with pytest.raises(CaptureError, match="no pcap or pcapng"):
            open_capture(path)
        return
    try:
        found, error = until_damage(path.read_bytes())
    except CaptureError as refused:
        found, error = [], refused
    assert (error is not None) == (ROWS[name]["tshark_exit"] == "2")
    expected = oracle(captures, name)
    assert [frame.number for frame in found] == list(expected)
    for frame in found:
        said = expected[frame.number]
        assert md5(frame.data).hexdigest() == said["frame.md5_hash"]
        assert (len(frame.data), frame.wire_len) == (int(said["frame.cap_len"]), int(said["frame.len"]))
        if (name, frame.number) not in OVERFLOWN:
            assert frame.time == nanoseconds(said.get("frame.time_epoch"))
        if "frame.interface_id" in said:
            assert frame.interface.number == int(said["frame.interface_id"])


@each
def test_written_again_it_is_the_same_file(captures: Path, name: str) -> None:
    raw = (captures / "captures" / name).read_bytes()
    if ROWS[name]["tshark_exit"] == "2" or ROWS[name]["format"] == "other":
        return
    assert rewritten(raw) == raw
    if len(raw) > 20_000:  # decoding takes its time, and more of the same shows nothing new
        return
    source, format = wire.open(raw), "pcapng" if ROWS[name]["format"] == "pcapng" else "pcap"
    for written in (lambda out: wire.write(out, source.items(), format),
                    lambda out: write_lines(out, lines_of(source), format)):  # fmt: skip
        out = BytesIO()
        written(out)
        assert out.getvalue() == raw


@each
def test_blocks_are_rebuilt_from_their_fields(captures: Path, name: str) -> None:
    if ROWS[name]["format"] != "pcapng" or ROWS[name]["tshark_exit"] == "2":
        return
    for item in open_capture(captures / "captures" / name).items():
        assert reference.rebuild([read_block(item)]) == item.raw


# -- other programs as readers --------------------------------------------------------

tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
FIELDS = ("frame.number", "frame.len", "frame.cap_len", "frame.time_epoch", "frame.md5_hash", "frame.interface_name",
          "frame.comment", "frame.packet_flags_fcs_length", "eth.fcs")  # fmt: skip


def read_by_tshark(path: Path) -> list[dict[str, str]]:
    command = ["tshark", "-n", "-r", str(path), "-o", "frame.generate_md5_hash:TRUE", "-T", "fields"]
    done = subprocess.run([*command, *(word for field in FIELDS for word in ("-e", field))], capture_output=True,
                          text=True, check=True)  # fmt: skip
    return [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]


MADE = [
    Frame(bytes(60) + bytes([i]), 1_700_000_000_000_000_000 + i * 1_000_001, 100 + i, Interface(1)) for i in range(5)
]


@tshark
@pytest.mark.parametrize("name", ["x.pcap", "x.pcapng", "x.pcap.gz", "x.pcapng.zst"])
def test_tshark_reads_what_is_written(tmp_path: Path, name: str) -> None:
    write_items(tmp_path / name, MADE)
    found = read_by_tshark(tmp_path / name)
    assert [(one["frame.len"], one["frame.cap_len"], one["frame.md5_hash"]) for one in found] == [
        (str(f.wire_len), str(len(f.data)), md5(f.data).hexdigest()) for f in MADE
    ]
    assert [nanoseconds(one["frame.time_epoch"]) for one in found] == [f.time for f in MADE]


@tshark
def test_tshark_reads_comments_names_and_fcs(tmp_path: Path) -> None:
    named = Interface(1, name="eth0", fcs_len=4)
    frames_ = [Frame(bytes(64), 1, 64, named, comments=("said",)), Frame(bytes(64), 2, 64, named, flags=0)]
    write_items(tmp_path / "x.pcapng", frames_)
    one, _ = read_by_tshark(tmp_path / "x.pcapng")
    assert (one["frame.comment"], one["frame.interface_name"], one["eth.fcs"]) == ("said", "eth0", "0x00000000")
    write_items(tmp_path / "y.pcap", [Frame(bytes(64), 1, 64, Interface(1, fcs_len=4))])
    assert read_by_tshark(tmp_path / "y.pcap")[0]["eth.fcs"] == "0x00000000"


@tshark
@pytest.mark.parametrize("raw", [
    sample("<"), sample(">"),
    section() + interface(options=option(9, b"\x8a") + option(14, (1000).to_bytes(8, "little"))) + enhanced(b"x", 1536),
    section() + interface(options=option(9, b"\x03")) + enhanced(b"x", 1_700_000_000_123),
    pcap(record(b"abcd", 1, 2, 60), version=(2, 3)), pcap(record(b"abcd", 1, 2, 60), version=(2, 5)),
    pcap(record(b"abcd" + bytes(60), 1, 2), link=0x24000001),
])  # fmt: skip
def test_both_read_the_same(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x").write_bytes(raw)
    theirs = {int(one["frame.number"]): one for one in read_by_tshark(tmp_path / "x")}
    for frame in frames(raw):
        said = theirs[frame.number]
        assert (len(frame.data), frame.wire_len) == (int(said["frame.cap_len"]), int(said["frame.len"]))
        assert frame.time == nanoseconds(said["frame.time_epoch"] or None)
        assert md5(frame.data).hexdigest() == said["frame.md5_hash"]
        assert len(frame.data) < 60 or bool(frame.fcs_len) == bool(said["eth.fcs"])


@tshark
def test_edited_captures_are_sound(tmp_path: Path) -> None:
    """Every way of writing gives files in which tshark finds no fault."""
    raw = sample() + sample(">")
    mixed = [*frames(raw), *frames(pcap(record(b"m", 1, 2), link=113)), *frames(raw)[::-1]]
    write_items(tmp_path / "x.pcapng", mixed)
    assert [one["frame.md5_hash"] for one in read_by_tshark(tmp_path / "x.pcapng")] == [
        md5(frame.data).hexdigest() for frame in mixed]  # fmt: skip


@pytest.mark.skipif(shutil.which("capinfos") is None, reason="capinfos is not installed")
@pytest.mark.parametrize(("name", "kind"), [("x.pcap", "nsecpcap"), ("x.pcapng", "pcapng")])
def test_capinfos_reads_what_is_written(tmp_path: Path, name: str, kind: str) -> None:
    write_items(tmp_path / name, MADE)
    command = ["capinfos", "-TtEcu", "-r", "-m", str(tmp_path / name)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().split(",")[1:]
    assert said == [kind, "ether", "5", "0.004000004"]


@pytest.mark.parametrize("fine", [0, 1])
def test_dpkt_reads_what_is_written(fine: int) -> None:
    out = BytesIO()
    one = Interface(1, ticks=10**9 if fine else 10**6)
    write_items(out, [Frame(f.data, (f.time or 0) // 1000 * 1000 + fine, f.wire_len, one) for f in MADE], "pcap")
    out.seek(0)
    assert [data for _, data in dpkt.pcap.Reader(out)] == [frame.data for frame in MADE]
