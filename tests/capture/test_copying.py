# ruff: noqa: E402
"""Chosen packets copied record by record are the file that is written packet by packet, and damage has the same words."""

from __future__ import annotations

import gzip
import random
import struct
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

import wire.capture.index as index
from tests.benchmarks.capture import frames
from tests.bulk.test_text import capture
from tests.capture.test_pcapngindex import COMMENT, FLAGS, RESOLUTION, block, interface, packet, section
from wire.capture import CaptureError, write_items
from wire.filtering import Filtered, chosen, write_chosen
from wire.sources import open_source

SAMPLES = Path("samples")
FILTERS = ["tcp", "tcp.flags.syn == 1", "not ip", "frame.len > 100", "frame.number >= 1", "frame.number == 0"]


def both(origin: Path | bytes, where: str, folder: Path, form: str = "") -> tuple[Filtered, bytes]:
    """Filtered into a file, and the same packet by packet: they have to agree."""
    source = open_source(origin)
    form = form or source.format
    quick, slow = folder / "quick", folder / "slow"
    for path in (quick, slow):
        path.unlink(missing_ok=True)
    trouble: list[CaptureError] = []
    said = refused = done = None
    try:
        written = write_items(slow, chosen(source.records(), where, None, trouble), form)
        said = written, source.total, list(map(str, trouble))
    except CaptureError as error:
        refused = str(error)
    try:
        done = write_chosen(quick, open_source(origin), where, format=form)
    except CaptureError as error:
        assert (str(error), quick.exists(), slow.exists()) == (refused, False, False)
        return Filtered(written=None, packets=0, trouble=error), b""  # type: ignore[arg-type]
    assert (done.written, done.packets, [str(done.trouble)] if done.trouble else []) == said
    assert quick.read_bytes() == slow.read_bytes()
    return done, quick.read_bytes()


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Small windows; how many bytes each slice had."""
    from wire.capture import copying

    sizes: list[int] = []
    slices = copying.Copier.slices

    def counted(self: copying.Copier, *rest: object) -> bytes:
        made = slices(self, *rest)  # type: ignore[arg-type]
        sizes.append(len(made))
        return made

    monkeypatch.setattr(copying.Copier, "slices", counted)
    monkeypatch.setattr(copying, "ROWS", 64)
    monkeypatch.setattr(index.windows_of, "__defaults__", (1 << 15,))
    return sizes


def pcapng(seed: int = 0) -> bytes:
    """Plain packets, and everything that can stand between them."""
    made = [packet(data, 1_700_000_000_000_000 + 7 * number) for number, data in enumerate(frames(300, seed + 1))]
    made[50], made[51] = packet(frames(1)[0], 5, 0, COMMENT["<"]), packet(frames(1)[0], 5, 0, FLAGS)
    made[90:90] = [block(5, struct.pack("<III", 0, 0, 0)), block(3, struct.pack("<I", 60) + frames(1)[0][:60])]
    made[120:120] = [interface(RESOLUTION), packet(frames(1)[0], 10**18, 1), block(0xBAD, struct.pack("<I", 1))]
    return section() + interface() + b"".join(made)


@pytest.mark.parametrize("where", FILTERS)
def test_pcap(where: str, tmp_path: Path, copies: list[int]) -> None:
    origin = capture(frames(900))
    done, made = both(origin, where, tmp_path)
    assert sum(copies) == len(made) - 24 and len(copies) >= 900 // 64
    assert done.packets == 900


@pytest.mark.parametrize("where", FILTERS)
def test_pcapng(where: str, tmp_path: Path, copies: list[int]) -> None:
    both(pcapng(), where, tmp_path)
    assert len(copies) > 4


def test_several_sections(tmp_path: Path, copies: list[int]) -> None:
    sized = bytearray(pcapng(1))
    sized[16:24] = struct.pack("<q", len(sized) - 28)  # a section that says how long it is
    other = section(">") + interface(b"", ">") + packet(frames(1)[0], 5, order=">")
    for origin in (bytes(sized), bytes(sized) + other + bytes(sized)):
        both(origin, "tcp", tmp_path)
    assert sum(copies)


@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
@pytest.mark.parametrize("order", "<>")
def test_orders_and_units(order: str, magic: int, tmp_path: Path, copies: list[int]) -> None:
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 7, 8, 65535, 1)
    body = [struct.pack(f"{order}IIII", 1_700_000_000, 999_999 + number, len(data), len(data) + 4) + data
            for number, data in enumerate(frames(200))]  # fmt: skip
    done, made = both(head + b"".join(body), "tcp", tmp_path)
    assert sum(copies) == len(made) - 24 and done.written.frames == 165


def test_times_that_pcap_cannot_say(tmp_path: Path) -> None:
    made = bytearray(capture([b"one", b"two", b"three"]))
    made[24 + 19 : 24 + 27] = bytes([255]) * 8
    done, _ = both(bytes(made), "frame.len > 0", tmp_path)
    assert done.trouble and "frame 2 was captured" in str(done.trouble)
    assert not both(bytes(made), "frame.len == 5", tmp_path)[0].trouble


def test_cut_anywhere(tmp_path: Path) -> None:
    plain = capture(frames(6))
    for whole, first in ((plain, 24), (pcapng()[:1500], 48)):
        for size in range(first, len(whole), 13):
            both(whole[:size], "ip", tmp_path)


@pytest.mark.parametrize("seed", range(16))
def test_damaged(seed: int, tmp_path: Path, copies: list[int]) -> None:
    rnd = random.Random(seed)
    data = bytearray(capture(frames(300)) if seed % 2 else pcapng(seed))
    for _ in range(3):
        data[rnd.randrange(48, len(data))] = rnd.randrange(256)
    both(bytes(data), "tcp or arp", tmp_path)


def test_compressed(tmp_path: Path) -> None:
    whole = gzip.compress(capture(frames(300)))
    both(whole, "tcp", tmp_path)
    assert both(whole[:-4000], "tcp", tmp_path)[0].trouble


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressing(ending: str, tmp_path: Path) -> None:
    if ending == "zst":
        pytest.importorskip("zstandard")
    origin = capture(frames(300))
    write_chosen(tmp_path / f"quick.pcap.{ending}", open_source(origin), "tcp")
    write_items(tmp_path / f"slow.pcap.{ending}", chosen(open_source(origin).records(), "tcp", None, []))
    quick, slow = (open_source(tmp_path / f"{name}.pcap.{ending}").records() for name in ("quick", "slow"))
    assert [item.raw for item in quick] == [item.raw for item in slow]


def test_other_formats_and_filters_go_packet_by_packet(tmp_path: Path, copies: list[int]) -> None:
    origin = capture(frames(100))
    both(origin, "tcp", tmp_path, "pcapng")
    both(pcapng(), "frame.number < 40", tmp_path, "pcap")
    both(origin, 'frame.protocols contains "tcp"', tmp_path)
    both(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 2, 0, 0, 65535, 1) + origin[24:], "tcp", tmp_path)
    assert not copies


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_samples(path: Path, tmp_path: Path) -> None:
    for where in FILTERS:
        both(path, where, tmp_path)


def test_captures(captures: Path, tmp_path: Path) -> None:
    for path in sorted((captures / "captures").iterdir()):
        try:
            open_source(path)
        except CaptureError:  # its header says already that nothing can be read
            continue
        for where in ("tcp", "frame.number & 1 == 1 or udp", "ip"):
            both(path, where, tmp_path)
