"""pcapng files: sections, interfaces, every kind of packet, options and clocks; and nothing lost when written again."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.capture import Block, CaptureError, Frame, Interface, Section, open_capture, write_items
from wire.capture.blocks import BLOCKS, EPB, RECORDS
from wire.capture.pcapng import option_values, read_block
from wire.engines import reference

from .making import (
    ORDERS,
    block,
    enhanced,
    frames,
    interface,
    option,
    pcap,
    record,
    rewritten,
    section,
    simple,
    until_damage,
    written,
)

END = option(0, b"")
NAMES = {"<": "little", ">": "big"}


def sample(order: str = "<", length: int = -1) -> bytes:
    """A section with two interfaces, all three kinds of packets, and blocks that are none."""
    hello = option(1, "héllo".encode(), order) + option(2, pack(order + "I", 0x82), order) + option(3, b"\2abcd", order)
    obsolete = pack(order + "HHIIII", 1, 3, 0, 77, 3, 9)
    body = b"".join((
        interface(1, order, option(2, b"eth0", order) + option(12, b"Linux", order) + END, snaplen=8),
        block(4, option(1, b"\x0a\0\0\1one\0", order) + END + option(1, b"names", order) + END, order),
        interface(113, order, option(9, b"\x09", order) + END),
        enhanced(b"abcde", 5_000_000, 0, order, hello + END, wire=60),
        block(2, obsolete + b"xyz\xff" + option(2, pack(order + "I", 1), order), order),
        simple(b"12345678", 100, order),
        block(0x0BAD, pack(order + "I", 32473) + b"custom..", order),
        block(77, b"unknown!", order),
        block(10, pack(order + "II", 0x544C534B, 5) + b"keys!\0\0\0", order),
        block(5, pack(order + "III", 0, 0, 0) + option(4, pack(order + "Q", 9), order) + END, order),
        enhanced(b"", 6_000_000, 1, order),
    ))  # fmt: skip
    return section(order, option(4, b"program", order) + END, len(body) if length == 0 else length) + body


# -- reading --------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_every_kind_of_packet(order: str) -> None:
    capture = open_capture(sample(order))
    assert (capture.link, [str(one) for one in capture.interfaces]) == (1, ["eth0"])  # known before any packet is read
    one, two, three, four = capture.frames()
    assert (one.data, one.time, one.wire_len, one.link) == (b"abcde", 5 * 10**9, 60, 1)
    assert (one.comments, one.flags, one.direction, one.fcs_len) == (("héllo",), 0x82, "out", 4)
    assert (two.data, two.time, two.wire_len, two.link, two.direction) == (b"xyz", 77, 9, 113, "in")
    assert (three.data, three.time, three.wire_len) == (b"12345678", None, 100)
    assert (four.data, four.time) == (b"", 6_000_000)
    assert [frame.number for frame in (one, two, three, four)] == [1, 2, 3, 5]  # Wireshark numbers custom blocks too
    assert capture.sections[0].order == NAMES[order] and capture.format == "pcapng" and capture.link is None
    assert [(one.name, one.snaplen, one.ticks) for one in capture.interfaces] == [("eth0", 8, 10**6), (None, 0, 10**9)]


def test_sections_begin_anew() -> None:
    raw = b"".join((section("<"), interface(1), enhanced(b"one"), section(">"), interface(113, ">"),
                    enhanced(b"two", order=">"), section("<", minor=2), interface(0), enhanced(b"three")))  # fmt: skip
    capture = open_capture(raw)
    found = list(capture.frames())
    assert [(frame.data, frame.link, frame.interface.number) for frame in found] == [
        (b"one", 1, 0), (b"two", 113, 0), (b"three", 0, 0)]  # fmt: skip
    assert [one.order for one in capture.sections] == ["little", "big", "little"]
    assert len({frame.interface.section for frame in found}) == 3


@pytest.mark.parametrize(("options", "ticks", "time"), [
    (b"", 1, 1000),
    (option(9, b"\x06"), 1, 1000),
    (option(9, b"\x00"), 3, 3 * 10**9),
    (option(9, b"\x09"), 7, 7),
    (option(9, b"\x0c"), 4999, 4),
    (option(9, b"\x8a"), 1024, 10**9),
    (option(9, b"\xa0"), 1 << 31, 5 * 10**8),
    (option(14, pack("<q", 1000)), 1, 1000 * 10**9 + 1000),
    (option(14, pack("<q", -1)), 1_500_000, 5 * 10**8),
    (b"", (1 << 32) * 10**6, (1 << 32) * 10**9),
])  # fmt: skip
def test_clocks(options: bytes, ticks: int, time: int) -> None:
    raw = section() + interface(options=options + END) + enhanced(b"x", ticks)
    assert frames(raw)[0].time == time
    assert rewritten(raw) == raw


def test_details_of_blocks_are_layers() -> None:
    items = list(open_capture(sample()).items())
    names = read_block(next(one for one in items if isinstance(one, Block) and one.kind == 4))
    assert [one.show("address") for one in names["records"][:1]] == ["10.0.0.1"]
    assert names["records"][1]["options"][0].show("text") == "names"
    statistics = read_block(next(one for one in items if isinstance(one, Block) and one.kind == 5))
    assert option_values(statistics)["ifrecv"][0]["value"] == 9
    assert option_values(read_block(next(one for one in items if isinstance(one, Section))))["userappl"][0].show(
        "text") == "program"  # fmt: skip
    secrets = read_block(next(one for one in items if isinstance(one, Block) and one.kind == 10))
    assert (secrets.show("secrets_type"), secrets["secrets"]) == ("TLS key log (0x544c534b)", b"keys!")


@pytest.mark.parametrize("order", ORDERS)
def test_blocks_are_schemas(order: str) -> None:
    """Every block, read by its table and rebuilt from its fields, is the same."""
    for item in open_capture(sample(order)).items():
        layer = read_block(item)
        assert not layer.faults and reference.rebuild([layer]) == item.raw


def test_an_option_of_a_wrong_size_harms_no_other() -> None:
    raw = section() + interface(options=option(9, b"\x09\x09") + option(2, b"eth0") + END) + enhanced(b"x", 1)
    [frame] = frames(raw)
    assert (frame.time, frame.interface.name) == (1000, "eth0") and rewritten(raw) == raw


# -- cut, damaged, hostile ------------------------------------------------------------


def test_cut_at_every_byte() -> None:
    raw = sample()
    starts = [0]
    while starts[-1] < len(raw):
        starts.append(starts[-1] + int.from_bytes(raw[starts[-1] + 4 : starts[-1] + 8], "little"))
    kinds = [int.from_bytes(raw[at : at + 4], "little") for at in starts[:-1]]
    for cut in range(4, len(raw)):
        found, error = until_damage(raw[:cut])
        whole = sum(end <= cut for end in starts[1:])
        assert len(found) == sum(kind in (2, 3, 6) for kind in kinds[:whole])
        assert error is None if cut in starts else error is not None and error.offset == starts[whole], f"cut at {cut}"


LENGTH = section() + interface()


@pytest.mark.parametrize(("bad", "offset", "what"), [
    (pack("<III", 6, 0xFFFFFFFC, 0), 0, "4294967292 bytes"),
    (pack("<III", 6, 1 << 27, 0), 0, "134217728 bytes, 12 are there"),
    (pack("<IIII", 6, 13, 0, 13), 0, "in fours"),
    (pack("<IIII", 77, 8, 0, 8), 0, "at least 12"),
    (pack("<IIII", 77, 16, 0, 20), 0, "something else at its end"),
    (block(6, bytes(12)), 0, "too short"),
    (enhanced(b"x", number=1), 8, "interface 1, and 1 are described"),
    (block(6, pack("<IIIII", 0, 0, 0, 5, 5) + b"four"), 20, "5 bytes were captured, its block has room for 4"),
    (simple(b"four", 5), 8, "5 bytes were captured, its block has room for 4"),
    (enhanced(b"four", options=pack("<HH", 1, 9) + b"toolong\0"), 32, "longer than its block"),
    (enhanced(b"four", options=pack("<H", 1) + b"xx"), 32, "longer than its block"),
    (enhanced(b"four", options=option(2, b"12")), 32, "flags take 4 bytes, not 2"),
    (section(minor=7), 12, "version 1.7"),
    (section(options=pack("<HH", 4, 999) + b"four"), 24, "option 4 says 1003 bytes"),
    (block(0x0A0D0D0A, pack("<IHHq", 0x11111111, 1, 0, -1)), 8, "byte-order magic"),
])  # fmt: skip
def test_damage(bad: bytes, offset: int, what: str) -> None:
    good = LENGTH + enhanced(b"good")
    found, error = until_damage(good + bad)
    assert [frame.data for frame in found] == [b"good"]
    assert error is not None and what in str(error) and error.offset == len(good) + offset


def test_a_claim_allocates_nothing() -> None:
    raw = LENGTH + pack("<II", 6, (1 << 28) - 4) + b"few bytes"
    tracemalloc.start()
    _, error = until_damage(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert error is not None and peak < 1 << 20


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_raises_nothing_else(data: st.DataObject) -> None:
    raw = bytearray(sample(data.draw(st.sampled_from(ORDERS))))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    until_damage(bytes(raw))


# -- writing --------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("length", [-1, 0])
def test_rewriting_changes_nothing(tmp_path: Path, order: str, length: int) -> None:
    raw = sample(order, length) + sample("<", length)
    write_items(tmp_path / "x.pcapng", open_capture(raw).items())
    assert (tmp_path / "x.pcapng").read_bytes() == raw


def test_packets_alone_bring_their_interfaces_along() -> None:
    raw = sample("<") + sample(">")
    again = list(open_capture(written(frames(raw), "pcapng")).items())
    assert [(f.data, f.time, f.comments) for f in again if isinstance(f, Frame)] == [
        (f.data, f.time, f.comments) for f in frames(raw)]  # fmt: skip
    kept = {Section: [], Interface: []}  # type: ignore[var-annotated]
    for item in open_capture(raw).items():
        if type(item) in kept:
            kept[type(item)].append(item.raw)
    assert [one.raw for one in again if isinstance(one, Section)] == kept[Section]
    assert [one.raw for one in again if isinstance(one, Interface)] == kept[Interface]


@pytest.mark.parametrize("order", ORDERS)
def test_a_changed_packet_keeps_what_is_still_true(order: str) -> None:
    items = list(open_capture(sample(order)).items())
    at = next(index for index, item in enumerate(items) if isinstance(item, Frame))
    items[at] = replace(items[at], data=b"changed", comments=("new", "comments"))  # type: ignore[type-var, call-arg]
    raw = written(items, "pcapng")
    changed, *others = frames(raw)
    assert (changed.data, changed.time, changed.comments, changed.flags) == (
        b"changed",
        5 * 10**9,
        ("new", "comments"),
        0x82,
    )
    assert "hash" not in option_values(read_block(changed))
    assert [one.raw for one in others] == [one.raw for one in frames(sample(order))[1:]]
    again = list(open_capture(raw).items())
    assert [one.raw for one in again[:at]] == [one.raw for one in items[:at]]


def test_a_changed_obsolete_packet_stays_one() -> None:
    _, packet, *_ = frames(sample())
    again = frames(written([replace(packet, data=b"longer than before")], "pcapng"))[0]
    layer = read_block(again)
    assert (layer.name, layer["drops"], again.flags, again.time) == ("pcapng.packet", 3, 1, 77)


def test_section_length_is_put_right(tmp_path: Path) -> None:
    raw = sample(length=0)
    kept = [item for item in open_capture(raw).items() if not isinstance(item, Block)]
    write_items(tmp_path / "x.pcapng", kept)
    again = (tmp_path / "x.pcapng").read_bytes()
    layer = read_block(open_capture(again).sections[0])
    assert layer["section_length"] == len(again) - len(open_capture(again).sections[0].raw) < len(raw)
    packed = written(kept, "pcapng")  # into a pipe it can only be left open
    assert read_block(open_capture(packed).sections[0])["section_length"] == (1 << 64) - 1


def test_frames_of_pcap_files_and_of_nowhere() -> None:
    micro, nano = (
        frames(pcap(record(b"m", 1, 2), link=113, snaplen=99)),
        frames(pcap(record(b"n", 1, 2), magic=0xA1B23C4D)),
    )
    made = Frame(b"made", 5, 9, Interface(0, name="by hand", fcs_len=4, offset=-3), comments=("c",), flags=2)
    again = frames(written([*micro, *nano, made], "pcapng"))
    assert [(f.data, f.time, f.wire_len, f.link, f.interface.ticks, f.interface.number) for f in again] == [
        (b"m", 1_000_002_000, 1, 113, 10**6, 0),
        (b"n", 1_000_000_002, 1, 1, 10**9, 1),
        (b"made", 5, 9, 0, 10**9, 2),
    ]
    last = again[-1]
    assert (last.interface.name, last.fcs_len, last.interface.offset, last.comments, last.flags) == (
        "by hand", 4, -3, ("c",), 2)  # fmt: skip
    assert again[0].interface.snaplen == 99
    assert len(open_capture(written([*micro, *nano, made], "pcapng")).sections) == 1


def test_a_finer_time_gets_a_finer_clock() -> None:
    [one, *_] = frames(sample())
    again = frames(written([one, replace(one, time=123_456_789), one], "pcapng"))
    assert [frame.time for frame in again] == [5 * 10**9, 123_456_789, 5 * 10**9]
    assert [frame.interface.name for frame in again] == ["eth0"] * 3
    assert [frame.interface.ticks for frame in again] == [10**6, 10**9, 10**6]
    assert option_values(read_block(again[1].interface))["os"][0].show("text") == "Linux"  # what else was said of it


def test_two_sources_in_turns() -> None:
    one, two = (
        frames(sample("<")),
        frames(section() + interface(0, options=option(2, b"other") + END) + enhanced(b"B") * 2),
    )
    mixed = [one[0], two[0], one[0], two[1]]
    capture = open_capture(written(mixed, "pcapng"))
    again = list(capture.frames())
    assert [(frame.data, frame.link, frame.interface.name) for frame in again] == [
        (frame.data, frame.link, frame.interface.name) for frame in mixed]  # fmt: skip
    assert len(capture.sections) == 2
    other = frames(sample(">"))
    orders = [frame.data for frame in frames(written([one[0], other[0], one[0], other[1]], "pcapng"))]
    assert orders == [one[0].data, other[0].data, one[0].data, other[1].data]


def test_no_time() -> None:
    made = [Frame(b"abcd", None, 9, Interface(1)), Frame(b"x", None, 1, Interface(1), comments=("c",))]
    raw = written(made, "pcapng")
    assert [frame.time for frame in frames(raw)] == [0, 0]
    assert [frame.time for frame in frames(written([replace(made[0], wire_len=4)], "pcapng"))] == [None]


def test_times_before_the_clock_are_refused() -> None:
    with pytest.raises(CaptureError, match="-1 s after 1970"):
        written([Frame(b"", -1, 0, Interface(1), 7)], "pcapng")
    with pytest.raises(CaptureError, match="with 1000000000000 units a second pcapng counts from 0 to 18446744"):
        written([Frame(b"", 1 << 62, 0, Interface(1, ticks=10**12))], "pcapng")
    with pytest.raises(CaptureError, match="3 units a second"):
        written([Frame(b"", 0, 0, Interface(1, ticks=3))], "pcapng")


def test_the_writer_writes_what_the_schema_builds() -> None:
    made = Frame(b"abcde", 0x1_0000_0002, 60, Interface(1), flags=1)
    raw = frames(written([made], "pcapng"))[0].raw
    core = RECORDS["little"][EPB].find("options").core  # type: ignore[union-attr]
    assert RECORDS["little"][EPB].build({
        "interface": 0, "ts_high": 1, "ts_low": 2, "cap_len": 5, "orig_len": 60, "data": b"abcde", "padding": bytes(3),
        "options": [core.by_name["flags"](value=1), core.by_name["end"]()]}) == raw  # fmt: skip


MADE = st.builds(Frame, st.binary(max_size=20), st.integers(0, 1 << 62), st.integers(0, 99),
                 st.builds(Interface, st.sampled_from([0, 1, 113]), st.just(0), st.sampled_from([10**9, 1 << 30]),
                           st.integers(-5, 0), st.sampled_from([0, 4]), st.none() | st.text(max_size=5)),
                 comments=st.lists(st.text(max_size=9), max_size=2).map(tuple),
                 flags=st.none() | st.integers(0, 0xFFFFFFFF))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(MADE, max_size=5))
def test_what_is_written_is_read(made: list[Frame]) -> None:
    def said(frame: Frame) -> tuple[object, ...]:
        one = frame.interface
        texts = tuple(text.rstrip("\0") for text in (one.name or "", *frame.comments))
        return (
            frame.data,
            frame.time,
            frame.wire_len,
            frame.link,
            one.ticks,
            one.offset,
            one.fcs_len,
            frame.flags,
            texts,
        )

    raw = written(made, "pcapng")
    again = frames(raw)
    assert [said(frame) for frame in again] == [said(frame) for frame in made]
    assert rewritten(raw) == raw


def test_tables_of_all_kinds() -> None:
    assert {RECORDS["big"][kind].name for kind in BLOCKS} == {RECORDS["little"][kind].name for kind in BLOCKS}
    assert written([], "pcapng") == block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, b"wire") + END)


def test_statistics_of_interfaces_that_moved_are_left_out() -> None:
    statistics = block(5, pack("<III", 1, 0, 0))
    items = list(open_capture(section() + interface() + enhanced(b"x", 1) + interface() + statistics).items())
    frame = next(one for one in items if isinstance(one, Frame))
    finer = replace(frame, time=1)  # its new interface takes number 1
    out = BytesIO()
    done = write_items(out, [finer if one is frame else one for one in items], "pcapng")
    assert done.remarks == ["1 blocks about a section or interface that has another place now, left out"]
    kinds = [type(one) for one in open_capture(out.getvalue()).items()]
    assert kinds == [Section, Interface, Interface, Frame, Interface]
