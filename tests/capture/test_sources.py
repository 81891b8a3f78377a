"""`wire.open` and `wire.write`: packets from any source, and packets back to captures with nothing lost."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest

import wire
from wire.capture import Frame
from wire.capture.hextext import HexError
from wire.jsonlines import items_from, lines_of
from wire.sources import open_text, write_lines

from ..conftest import SYN
from .making import enhanced, frames, interface, option, pcap, record, section, simple
from .test_pcapng import sample

END = option(0, b"")


def rewritten(packets: object, format: str) -> bytes:
    out = BytesIO()
    wire.write(out, packets, format)  # type: ignore[arg-type]
    return out.getvalue()


# -- open -----------------------------------------------------------------------------


def test_what_a_capture_says_of_a_packet(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    options = option(1, b"one") + option(1, b"two") + END
    path.write_bytes(
        section() + interface(options=option(2, b"eth0") + END) + enhanced(SYN[:40], 5, wire=74, options=options)
    )
    with wire.open(path) as source:
        [p] = source
    assert (p.number, p.time, p.cap_len, p.wire_len, p.link, p.comment) == (1, 5000, 40, 74, 1, "one\ntwo")
    assert p.interface.name == "eth0" and str(p.interface) == "eth0"
    assert p.frame.len == 74 and p.tcp.srcport == 49152
    assert not [note for note in p.notes if note.severity == "error"]  # cut by the capture is not malformed
    assert (source.format, source.link, source.name, source.total) == ("pcapng", 1, str(path), 1)


def test_a_frame_check_sequence_is_a_field() -> None:
    fcs = crc32(SYN).to_bytes(4, "little")
    [p] = wire.open(pcap(record(SYN + fcs), link=0x24000001))
    assert p.eth.bytes("fcs") == fcs and p["eth"].get("fcs.status") == 1
    [q] = wire.open(rewritten([p], "pcapng"))
    assert q.eth.bytes("fcs") == fcs
    [r] = wire.open(section() + interface() + enhanced(SYN + fcs, options=option(2, b"\x80\0\0\0") + END))
    assert r.eth.bytes("fcs") == fcs


@pytest.mark.parametrize(("link", "first", "layers"), [
    (1, None, ["eth", "ip", "tcp"]), (101, None, ["raw", "ip", "tcp"]),
    (147, None, ["data"]), (147, "ip", ["ip", "tcp"]),
])  # fmt: skip
def test_the_link_type_says_what_comes_first(link: int, first: str | None, layers: list[str]) -> None:
    data = SYN if link == 1 else SYN[14:]
    [p] = wire.open(pcap(record(data), link=link), first)
    assert [layer.name for layer in p] == layers and p.link == link


def test_damage_comes_after_the_packets() -> None:
    source = wire.open(pcap(record(SYN), record(SYN), record(SYN))[:-1])
    found = []
    with pytest.raises(wire.CaptureError) as error:
        for p in source:
            found.append(p.number)
    assert found == [1, 2] and error.value.offset == 24 + 2 * (16 + 74)


def test_again_and_again_but_a_pipe_only_once(tmp_path: Path) -> None:
    raw = pcap(record(SYN), record(SYN))
    (tmp_path / "x.pcap").write_bytes(raw)
    for origin in (tmp_path / "x.pcap", raw):
        source = wire.open(origin)
        assert len(list(source)) == len(list(source)) == source.total == 2
    once = wire.open(BytesIO(raw))
    assert len(list(once)) == 2
    with pytest.raises(wire.CaptureError, match="only once"):
        list(once)


@pytest.mark.parametrize("text", [SYN.hex(), SYN.hex(" "), " ".join(f"0x{byte:02x}" for byte in SYN)])
def test_hex_itself(text: str) -> None:
    [p] = wire.open(text)
    assert p.raw == SYN and (p.first, p.link, p.number, p.time) == ("eth", 1, 1, None)


def test_text_that_vouches_for_nothing_is_said_to() -> None:
    [remark] = wire.open(SYN.hex()).remarks
    assert remark.startswith("nothing in a hex stream tells whether a digit was changed or lost")


def test_dumps(tmp_path: Path) -> None:
    rows = [f"{at:04x}  {SYN[at : at + 16].hex(' ')}" for at in range(0, len(SYN), 16)]
    path = tmp_path / "dump.pcap"
    for text in (
        "\n".join(rows).encode(),
        "\r\n".join(rows).encode("utf-16"),
        b"\xef\xbb\xbf" + "\n".join(rows).encode(),
    ):
        path.write_bytes(text)
        source = wire.open(path)
        assert [p.raw for p in source] == [SYN]
        assert source.said(True).startswith("one packet of 74 bytes in ")
        assert "read as Ethernet" in source.said(True)
    [p] = open_text(
        "\n".join(rows[1:4]).replace("0010", "0000").replace("0020", "0010").replace("0030", "0020"), "data"
    )
    assert p.raw == SYN[16:64] and p.first == "data" and p.link is None
    with pytest.raises(HexError, match="line 3"):
        open_text("\n".join(rows[:2] + rows[3:]))


def test_dumps_without_a_link_layer() -> None:
    [p] = wire.open(SYN[14:].hex())
    assert "eth" not in p and "tcp" in p
    [q] = wire.open(rewritten([p], "pcap"))
    assert [layer.name for layer in q] == [layer.name for layer in p] and q.raw == p.raw


def test_neither_capture_nor_text() -> None:
    with pytest.raises(wire.CaptureError, match="begins with 00 01 02 03"):
        wire.open(bytes(range(64)))
    with pytest.raises(wire.CaptureError, match="nothing is in it"):
        wire.open(b"")


# -- write ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", "<>")
def test_a_source_goes_out_as_it_came_in(tmp_path: Path, order: str) -> None:
    raw = sample(order, 0)
    source = wire.open(raw)
    assert wire.write(tmp_path / "x.pcapng", source).frames == 4
    assert (tmp_path / "x.pcapng").read_bytes() == raw
    wire.write(tmp_path / "x.pcapng", source.items())  # decoded, and edited where one likes
    assert (tmp_path / "x.pcapng").read_bytes() == raw


def test_edited_packets() -> None:
    raw = (
        section()
        + interface()
        + enhanced(SYN, 7, options=option(1, b"c") + option(5, bytes(8)) + END)
        + simple(SYN, 74)
    )
    one, two = wire.open(raw)
    one.ip.ttl = 5
    two.comment = "seen"
    again = list(wire.open(rewritten([one, two], "pcapng")))
    assert again[0].ip.ttl == 5 and again[0].raw[:22] == SYN[:22] and again[0].raw[23:] == SYN[23:]
    assert (again[0].comment, again[0].time, again[1].comment, again[1].raw) == ("c", 7000, "seen", SYN)
    assert wire.edit(one, {"ip.ttl": 9}).meta is one.meta


def test_packets_made_by_hand() -> None:
    stack = wire.build("eth / ip dst=10.0.0.2 / tcp dstport=80 flags=SYN")
    raw = wire.ip(dst="10.0.0.2") / wire.udp(dstport=53) / b"hi"
    again = list(wire.open(rewritten([stack, wire.decode(SYN), raw], "pcapng")))
    assert [(p.raw, p.first) for p in again] == [(stack, "eth"), (SYN, "eth"), (bytes(raw), "ip")]
    assert frames(rewritten(wire.decode(SYN), "pcap"))[0].data == SYN
    with pytest.raises(wire.CaptureError, match=r"begins with tcp.*put a layer below it"):
        rewritten([wire.decode(SYN[34:], "tcp")], "pcap")
    with pytest.raises(TypeError, match="not of int"):
        rewritten([5], "pcap")


def test_a_dump_to_a_capture(tmp_path: Path) -> None:
    wire.write(tmp_path / "x.pcap", wire.open(SYN.hex()))
    assert [p.raw for p in wire.open(tmp_path / "x.pcap")] == [SYN]


# -- lines of JSON --------------------------------------------------------------------


@pytest.mark.parametrize("raw", [
    sample("<", 0) + sample(">"), pcap(record(SYN, 1, 2, 99, ">"), order=">", magic=0xA1B23C4D, link=0x24000001),
])  # fmt: skip
def test_lines_are_lossless(tmp_path: Path, raw: bytes) -> None:
    lines = list(lines_of(wire.open(raw)))
    kinds = [json.loads(line)["type"] for line in lines]
    assert kinds[:3] == ["file", "section", kinds[2]] and kinds.count("packet") == len(frames(raw))
    path = tmp_path / ("x.pcap" if raw[0] == 0xA1 else "x.pcapng")
    write_lines(path, lines)
    assert path.read_bytes() == raw


def test_in_lines_the_value_wins() -> None:
    raw = section() + interface(options=option(2, b"eth0") + END) + enhanced(SYN, 7, options=option(1, b"c") + END)
    lines = [json.loads(line) for line in lines_of(wire.open(raw))]
    lines[2]["name"] = "renamed"
    lines[3]["layers"][1]["fields"]["ip.ttl"]["value"] = 9
    lines[3] |= {"time": 8000, "comment": "other"}
    [p] = wire.open(rewritten(items_from(map(json.dumps, lines)), "pcapng"))
    assert (p.ip.ttl, p.time, p.comment, p.interface.name, p.interface.number) == (9, 8000, "other", "renamed", 0)


def test_lines_of_a_dump() -> None:
    lines = list(lines_of(wire.open(SYN.hex())))
    [item] = [item for item in items_from(lines) if isinstance(item, Frame)]
    assert item.data == SYN and item.link == 1


@pytest.mark.parametrize(("line", "what"), [
    ("{", "line 1: "), ("[]", "line 1: "), ('{"type": "other"}', "line 1: 'other' is no type"),
    ('{"type": "section"}', "line 1: `raw` is missing"), ('{"raw": "zz", "layers": []}', "line 1: a packet needs"),
    ('{"type": "interface"}', "line 1: `link` is missing"), ('{"type": "block", "raw": "00"}', "line 1: "),
])  # fmt: skip
def test_lines_that_make_no_sense(line: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        list(items_from([line]))
