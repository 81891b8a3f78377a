"""pcap files: every flavour read, cut and damaged ones refused in the right place, and what is written is read back."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.capture import CaptureError, Frame, Interface, open_capture, write_items
from wire.capture.layout import layout
from wire.capture.pcap import FILE_HEADER, MODIFIED_HEADER, RECORD_HEADER

from .making import MICRO, MODIFIED, NANO, ORDERS, frames, pcap, record, rewritten, until_damage, written

PACKETS = [b"first", b"", b"the third packet"]


def sample(order: str = "<", **header: int) -> bytes:
    return pcap(*(record(data, 100 + i, i, order=order) for i, data in enumerate(PACKETS)), order=order, **header)


# -- the headers as schemas -----------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_headers_are_schemas(order: str) -> None:
    turned = FILE_HEADER if order == ">" else FILE_HEADER.swapped()
    raw = pcap(order=order, link=0x24000071, snaplen=96)
    values = turned.parse(raw)
    assert (values.magic, values.version_major, values.version_minor, values.snaplen) == (MICRO, 2, 4, 96)
    assert turned.build(values) == raw
    head = RECORD_HEADER if order == ">" else RECORD_HEADER.swapped()
    assert head.parse(record(b"", 7, 8, 9, order)) == {"ts_sec": 7, "ts_frac": 8, "incl_len": 0, "orig_len": 9}


def test_layouts_come_from_the_schemas() -> None:
    assert layout(FILE_HEADER).struct.format == ">LHHLLLL"
    assert layout(FILE_HEADER.swapped()).struct.format == "<LHHLLLL"
    assert layout(MODIFIED_HEADER.swapped()).struct.format == "<LLLLLHBB"
    assert layout(MODIFIED_HEADER).size == MODIFIED_HEADER.sizeof() == 24


# -- reading --------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("magic", "unit"), [(MICRO, 1000), (NANO, 1)])
def test_orders_and_resolutions(order: str, magic: int, unit: int) -> None:
    capture = open_capture(sample(order, magic=magic, link=113, snaplen=96))
    found = list(capture.frames())
    assert [frame.data for frame in found] == PACKETS
    assert [frame.time for frame in found] == [(100 + i) * 10**9 + i * unit for i in range(3)]
    assert [frame.number for frame in found] == [1, 2, 3]
    assert (capture.format, capture.link, capture.interfaces[0].snaplen) == ("pcap", 113, 96)
    assert capture.sections[0].order == {"<": "little", ">": "big"}[order]


def test_modified_has_longer_records() -> None:
    head = pack("<IIIIIHBB", 5, 6, 4, 60, 2, 0x0800, 4, 0)
    [frame] = frames(pcap(head + b"abcd", magic=MODIFIED))
    assert (frame.data, frame.time, frame.wire_len) == (b"abcd", 5_000_006_000, 60)


def test_fcs_length_in_the_link_type() -> None:
    [frame] = frames(pcap(record(b"abcdefgh"), link=0x24000001))
    assert (frame.link, frame.fcs_len) == (1, 4)
    [frame] = frames(pcap(record(b"abcdefgh"), link=0x20000001))  # without the bit that says it is there
    assert (frame.link, frame.fcs_len) == (1, 0)


def test_a_fraction_over_a_second_is_kept() -> None:
    raw = pcap(record(b"x", 10, 1_000_001))
    assert frames(raw)[0].time == 11_000_001_000
    assert rewritten(raw) == raw


@pytest.mark.parametrize(("version", "first", "second"), [((2, 2), 60, 4), ((2, 3), 4, 60), ((543, 0), 60, 4)])
def test_old_versions_swap_the_lengths(version: tuple[int, int], first: int, second: int) -> None:
    raw = pcap(pack("<IIII", 1, 0, 60, 4) + b"abcd", version=version)
    [frame] = frames(raw)
    assert (frame.data, frame.wire_len) == (b"abcd", 60)
    assert rewritten(raw) == raw
    longer = replace(frame, data=b"abcde")
    assert written([longer], "pcap")[24:40] == pack("<IIII", 1, 0, *((60, 5) if version != (2, 3) else (5, 60)))


def test_later_versions_are_read_with_a_remark() -> None:
    capture = open_capture(pcap(record(b"x"), version=(2, 5)))
    assert len(list(capture.frames())) == 1
    assert capture.remarks == ["pcap version 2.5 is unknown: read as 2.4"]


@pytest.mark.parametrize(("raw", "offset", "what"), [
    (pcap(version=(1, 4)), 4, "version 1.4"),
    (pcap(link=0x00300000), 20, "0x00300000"),
    (pcap()[:23], 0, "needs 24 bytes, 23 are there"),
])  # fmt: skip
def test_refused_headers(raw: bytes, offset: int, what: str) -> None:
    with pytest.raises(CaptureError, match=what) as error:
        open_capture(raw)
    assert error.value.offset == offset


# -- cut, damaged, hostile ------------------------------------------------------------


def test_cut_at_every_byte() -> None:
    raw = sample()
    starts = [24]
    for data in PACKETS:
        starts.append(starts[-1] + 16 + len(data))
    for cut in range(24, len(raw)):
        found, error = until_damage(raw[:cut])
        whole = sum(end <= cut for end in starts[1:])
        assert [frame.data for frame in found] == PACKETS[:whole]
        if cut in starts:
            assert error is None
        else:
            assert error is not None and error.offset == starts[whole], f"cut at {cut}"


def test_an_empty_capture_is_no_error() -> None:
    assert frames(pcap()) == []


@pytest.mark.parametrize("claim", [0xFFFFFFFF, 0x7FFFFFF, 262145])
def test_a_claim_allocates_nothing(claim: int) -> None:
    raw = pcap(record(b"ok"), pack("<IIII", 1, 0, claim, claim) + b"few bytes", snaplen=0xFFFFFFFF)
    tracemalloc.start()
    found, error = until_damage(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [frame.data for frame in found] == [b"ok"]
    assert error is not None and error.offset == 42 and str(claim) in str(error)
    assert peak < 1 << 20


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damage_raises_nothing_else(data: st.DataObject) -> None:
    raw = bytearray(sample(data.draw(st.sampled_from(ORDERS))))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    until_damage(bytes(raw))


# -- writing --------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("magic", [MICRO, NANO])
@pytest.mark.parametrize("link", [1, 113, 0x24000001])
def test_rewriting_changes_nothing(order: str, magic: int, link: int) -> None:
    raw = sample(order, magic=magic, link=link, snaplen=77)
    assert rewritten(raw) == raw


def test_rewriting_modified_changes_nothing() -> None:
    raw = pcap(pack("<IIIIIHBB", 5, 6, 4, 60, 2, 0x0800, 4, 9) + b"abcd", magic=MODIFIED)
    assert rewritten(raw) == raw
    [frame] = frames(raw)
    changed = written([replace(frame, data=b"ABC", time=7 * 10**9)], "pcap")
    assert changed[24:] == pack("<IIIIIHBB", 7, 0, 3, 60, 2, 0x0800, 4, 9) + b"ABC"


MADE = st.builds(Frame, st.binary(max_size=40), st.integers(0, (1 << 32) * 10**9 - 1), st.integers(0, 99),
                 st.just(Interface(1)))  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(MADE, max_size=6), st.sampled_from([1, 1000]))
def test_what_is_written_is_read(made: list[Frame], unit: int) -> None:
    made = [replace(frame, time=(frame.time or 0) // unit * unit) for frame in made]
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.pcap")
        write_items(path, made)
        raw = path.read_bytes()
    assert raw[:4] == pack("<I", NANO if any((frame.time or 0) % 1000 for frame in made) else MICRO)
    assert [(f.data, f.time, f.wire_len) for f in frames(raw)] == [(f.data, f.time, f.wire_len) for f in made]


def test_into_a_pipe_the_choice_is_made_at_once() -> None:
    fine, coarse = Frame(b"", 1, 0, Interface(1)), Frame(b"", 0, 0, Interface(1, ticks=10**6))
    assert [frame.time for frame in frames(written([replace(fine, time=0), fine], "pcap"))] == [0, 1]
    with pytest.raises(CaptureError, match="finer than the microseconds"):
        written([coarse, fine], "pcap")


@pytest.mark.parametrize("ending", ["pcap", "pcap.gz"])
def test_from_micro_to_nanoseconds(tmp_path: Path, ending: str) -> None:
    """Times that turn out finer than the file began: what is out is written anew."""
    made = [Frame(bytes([i]) * i, 10**9 * i + (i > 2), 50 + i, Interface(1)) for i in range(5)]
    done = write_items(tmp_path / f"x.{ending}", made)
    again = list(open_capture(tmp_path / f"x.{ending}").frames())
    assert [(f.data, f.time, f.wire_len) for f in again] == [(f.data, f.time, f.wire_len) for f in made]
    assert again[0].interface.ticks == 10**9 and done.frames == 5
    assert [path.name for path in tmp_path.iterdir()] == [f"x.{ending}"]


@pytest.mark.parametrize(("second", "what"), [
    (Frame(b"", 0, 0, Interface(113)), "link types ETHERNET .1. and LINUX_SLL .113."),
    (Frame(b"", 0, 0, Interface(1, fcs_len=4)), "4 bytes of FCS"),
    (Frame(b"", (1 << 32) * 10**9, 0, Interface(1)), "counts from 0 to 4294967295"),
    (Frame(b"", -1, 0, Interface(1)), "counts from 0 to 4294967295"),
])  # fmt: skip
def test_what_pcap_cannot_hold(tmp_path: Path, second: Frame, what: str) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(b"as it was")
    with pytest.raises(CaptureError, match=f"{what}.*; write a .pcapng file"):
        write_items(path, [Frame(b"", 0, 0, Interface(1)), second])
    assert path.read_bytes() == b"as it was" and len(list(tmp_path.iterdir())) == 1


def test_fcs_length_is_written() -> None:
    raw = written([Frame(b"abcd", 0, 4, Interface(1, fcs_len=4))], "pcap")
    assert raw[20:24] == pack("<I", 0x24000001) and frames(raw)[0].fcs_len == 4


def test_what_pcap_has_no_place_for_is_said() -> None:
    from io import BytesIO

    frame = Frame(b"", None, 0, Interface(1), comments=("a", "b"), flags=1)
    assert write_items(BytesIO(), [frame, replace(frame, time=0)], "pcap").remarks == [
        "4 comments, left out", "2 packets with flags, left out", "1 missing times, written as 0"]  # fmt: skip


def test_no_frames_make_an_empty_file() -> None:
    assert written([], "pcap") == pcap(snaplen=262144)
    assert written([Interface(113)], "pcap")[20:] == pack("<I", 113)
