"""The scalar engine holds exactly what the reference engine holds: every field of every frame."""

from __future__ import annotations

import gc
import linecache
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from tests.benchmarks.capture import frames
from tests.frames import damaged, whole
from wire.engines import reference, scalar
from wire.engines.quickpacket import QuickPacket
from wire.options import Options
from wire.packet import Layer, Packet
from wire.schema import U8, U16, Bits, Bytes, Cases, Parts, Payload, Protocol, Record, Repeat, Rest, When, left, this


@pytest.fixture(autouse=True, scope="module")
def special_routes_soon() -> Iterator[None]:
    """A few packets are enough for a route of their options."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scalar, "OFTEN", 3)
        yield


def plain(value: Any) -> Any:
    """A value with the records inside it spelt out."""
    if isinstance(value, Layer):
        return value.name, value.start, value.end, {name: plain(inner) for name, inner in value.values.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def same(data: bytes, first: str = "eth", wire_len: int | None = None) -> Packet:
    """Both engines agree on a packet: layers, places, values, texts, parts, derived values; then when it is opened."""
    fast, slow = scalar.decode(data, first, wire_len), reference.decode(data, first, wire_len)
    assert [layer.name for layer in fast] == [layer.name for layer in slow]
    assert (fast.raw, fast.first, fast.number, fast.fcs_len) == (slow.raw, slow.first, slow.number, slow.fcs_len)
    assert fast.payload == slow.payload and len(fast) == len(slow) and fast.wire_len == slow.wire_len
    for mine, theirs in zip(fast, slow, strict=True):
        assert {name: plain(value) for name, value in mine.values.items()} \
            == {name: plain(value) for name, value in theirs.values.items()}  # fmt: skip
        for name in ("start", "end", "stop", "wire_stop", "quoted", "cut", "sound"):
            assert getattr(mine, name) == getattr(theirs, name), name
        assert (mine.raw, mine.header, mine.payload) == (theirs.raw, theirs.header, theirs.payload)
        status = {extra.name for extra in theirs.record.extras if extra.name.endswith(".status")}
        for name, found in theirs.record.lookup.items():
            if name in status or found.name in status or theirs.packet is None:
                continue
            assert plain(mine.get(name)) == plain(theirs.get(name)), name
            if name.isidentifier() and not hasattr(Layer, name):
                assert plain(getattr(mine, name)) == plain(getattr(theirs, name)), name
    assert fast.notes == slow.notes
    for mine, theirs in zip(fast, slow, strict=True):
        assert mine.notes == theirs.notes and mine.verdicts == theirs.verdicts
        assert (mine.head, mine.tail, mine.info, mine.title) \
            == (theirs.head, theirs.tail, theirs.info, theirs.title)  # fmt: skip
    assert bytes(fast) == data and fast == slow
    return fast


def test_a_realistic_capture() -> None:
    scalar.forget()
    sample = frames(1500, seed=3, flows=60)
    for frame in sample:
        same(frame)
    slow = [frame for frame in sample if not isinstance(scalar.decode(frame), QuickPacket)]
    assert len(slow) < 15, "nearly all of its frames take a route"


def test_every_kind_of_frame() -> None:
    for _ in range(3):  # the second time routes are made, the third they read
        for frame in whole():
            same(frame)
            same(frame[14:], "data")
            same(frame[14:], "ip")


def test_damaged_frames() -> None:
    for data, first, wire_len in damaged(1500, seed=11):
        same(data, first, wire_len)


FRAMES = frames(300, seed=5, flows=20)


@given(st.sampled_from(FRAMES), st.data())
@settings(max_examples=300, deadline=None)
def test_mutated_frames(frame: bytes, draw: st.DataObject) -> None:
    changed = bytearray(frame)
    for place in draw.draw(st.lists(st.integers(0, min(len(frame), 90) - 1), max_size=4)):
        changed[place] = draw.draw(st.sampled_from((0, 1, 2, 5, 6, 17, 0x45, 0x46, 0x50, 0xFF)))
    same(bytes(changed[: draw.draw(st.integers(0, len(frame)))] if draw.draw(st.booleans()) else changed))


def test_real_captures(captures: Path) -> None:
    dpkt = pytest.importorskip("dpkt")
    read = 0
    for file in sorted(captures.rglob("*.pcap")):
        with file.open("rb") as stream:
            try:
                reader = dpkt.pcap.Reader(stream)
                first = {1: "eth", 101: "raw", 113: "sll", 0: "null"}.get(reader.datalink(), "")
                for _, data in reader if first else ():
                    same(bytes(data), first)
                    read += 1
            except (ValueError, dpkt.NeedData):
                continue  # not a capture that dpkt reads
    assert read


# -- what users hold ------------------------------------------------------------------


def test_edits_are_seen_by_bytes_and_notes(syn: bytes) -> None:
    p = scalar.decode(syn)
    tcp, ip = p.tcp, p.ip
    tcp.window = 1024
    assert bytes(p) == syn[:48] + b"\x04\x00" + syn[50:] and p.tcp is tcp and tcp.window == 1024
    ip["ttl"] = 3
    assert ip.ttl == 3 and p["ip"] is ip and bytes(p)[22] == 3
    assert [note.code for note in p.notes] == ["checksum.wrong", "checksum.wrong"]
    assert p.raw == syn


def test_a_layer_outlives_its_packet(syn: bytes) -> None:
    tcp = scalar.decode(syn).tcp
    assert tcp.span("seq") == (304, 336) and tcp.notes == [] and tcp.seq == 0x12345678
    tcp.flags_fin = 1
    assert [note.code for note in tcp.notes] == ["tcp.flags", "checksum.wrong"] or tcp.flags == 3


def test_questions_about_one_layer_do_not_separate_it(syn: bytes) -> None:
    p = scalar.decode(syn)
    eth, ip, tcp = p
    assert tcp.span("window") and ip.ttl == 64
    ip.src = "10.0.0.9"
    assert tcp.notes[0].code == "checksum.wrong" and p.ip.src == "10.0.0.9"
    assert list(p) == [eth, ip, tcp] and all(a is b for a, b in zip(p, (eth, ip, tcp), strict=True))


def test_options_that_are_held_are_the_packets_own(syn: bytes) -> None:
    p = scalar.decode(syn)
    options = p.tcp.options
    assert options is p.tcp.options and options[0].mss_val == 1460
    options[0].mss_val = 536
    assert p.tcp.options is options and p.tcp.options_mss_val == 536
    assert bytes(p)[56:58] == (536).to_bytes(2, "big")


def test_metadata_stays(syn: bytes) -> None:
    p = scalar.decode(syn)
    assert p.number is None and p.comment is None and p.verified and not p.edited
    p.number, p.time = 7, 5_000_000_000
    p.tcp.window = 1
    assert (bytes(p)[48:50], p.number, p.time, p.get("frame.number")) == (b"\0\x01", 7, 5_000_000_000, 7)
    assert p.fresh.number == 7


def test_what_does_not_exist(syn: bytes) -> None:
    p = scalar.decode(syn)
    with pytest.raises(AttributeError, match="no udp layer in this packet: it has eth, ip, tcp"):
        _ = p.udp
    with pytest.raises(AttributeError):
        _ = p.tcp.sport
    with pytest.raises(KeyError, match="did you mean"):
        _ = p.tcp["srcpor"]
    with pytest.raises(KeyError, match="did you mean"):
        p.tcp.srcpor = 3
    with pytest.raises(ValueError, match="16 bits hold 0 to 65535"):
        p.tcp.window = 70000


def test_nothing_is_in_a_circle(syn: bytes) -> None:
    """A packet goes when nobody holds it, without the collector."""
    for _ in range(3):
        assert scalar.decode(syn).tcp.options[0].mss_val == 1460
    assert isinstance(scalar.decode(syn), QuickPacket)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(50):
            assert scalar.decode(syn).tcp.options
        assert len(gc.get_objects()) - before < 20
    finally:
        gc.enable()


def test_source_can_be_read(syn: bytes) -> None:
    text = scalar.source("tcp")
    assert compile(text, "tcp", "exec") and "tcp.srcport, tcp.dstport" in text and "tcp_hdr_len" in text
    assert scalar.source(wire.udp).count("def ") == 1
    assert any(name.startswith("<wire tcp") and "tcp.window" in "".join(entry[2])
               for name, entry in linecache.cache.items() if len(entry) > 2)  # fmt: skip


# -- a protocol that nobody knows -----------------------------------------------------

KINDS = {1: Record("pad", "Pad"), 2: Record("speed", "Speed", "speed" / U16 * "Speed"),
         3: Record("names", "Names", "names" / Rest * "Names")}  # fmt: skip


@pytest.fixture(scope="module")
def mine() -> Any:
    known = dict(Protocol.known)
    made = Protocol("mine", "My own",
        "size"   / U8                                                 * "Size of the options",
        "mode"   / Parts("hot" / Bits(1) * "Hot", "level" / Bits(7) * "Level") * "Mode",
        Cases(this.mode & 1, {1: ("odd" / U16 * "Odd",)}, default=("even" / Bytes(3) * "Even",)),
        "extra"  / When(this.size > 4, U8)                            * "Extra",
        "opts"   / Options(this.size, KINDS, prefix="mine.opts.", alone=(1,), end=None) * "Options",
        "many"   / Repeat(U8, size=this.mode >> 7)                    * "Many",
        Payload(size=left - 1),
        "last"   / Bytes(left)                                        * "Last",
    )  # fmt: skip
    yield made
    Protocol.known.clear()
    Protocol.known.update(known)
    scalar.forget()


@given(data=st.binary(max_size=24), size=st.integers(0, 8))
@settings(max_examples=200, deadline=None)
def test_a_protocol_of_somebody_else(mine: Protocol, data: bytes, size: int) -> None:
    for head in ([size], [4, 1, 0, 9, 2, 4, 1, 2], [6, 0, 1, 2, 3, 9, 1, 3, 5, 7, 7, 7, 1]):
        body = bytes(head) + data
        for _ in range(2):
            same(body, "mine")


def test_a_new_protocol_takes_its_number(syn: bytes) -> None:
    assert "greeting" not in scalar.decode(syn + b"hello", "eth")
    frame = bytes(wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp(dstport=54999) / b"\x07hello")
    assert [layer.name for layer in scalar.decode(frame, "ip")] == ["ip", "udp", "data"]
    made = Protocol("greeting", "Greeting", "count" / U8 * "Count", "text" / Rest * "Text", over={"udp.port": 54999})
    try:
        p = same(frame, "ip")
        assert p.greeting.count == 7 and p.greeting["text"] == b"hello"
        same(frame, "ip")
    finally:
        del Protocol.known["greeting"], Protocol.registries["udp.port"].numbers[54999]
        scalar.forget()
    assert made.name == "greeting"


def test_options_that_come_often_get_a_route_of_their_own() -> None:
    """Behind it all places are known; an option without fields is one object, which nobody can change."""
    scalar.forget()
    stack = wire.eth() / wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.tcp(flags="ACK", options="nop nop ts=1/2")
    for number in range(12):
        packet = same(bytes(stack / bytes([number])))
    one, two = (scalar.decode(bytes(stack / bytes([number]))).tcp.options for number in (100, 101))
    assert one[0] is two[0] and one[2] is not two[2] and one[2].timestamp_tsval == 1
    assert (one[1].start, one[1].end, one[1].raw, one[1].kind, one[1].notes) == (55, 56, b"\1", 1, [])
    with pytest.raises(AttributeError, match="put another option into its place"):
        one[0].kind = 3
    one[2].timestamp_tsval = 5
    assert packet.tcp.options[2].timestamp_tsval == 1
