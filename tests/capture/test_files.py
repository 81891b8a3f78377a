"""Files, pipes and compressed data: known by content, streamed, read as far as they go, written whole or not at all."""

from __future__ import annotations

import gzip
import os
import sys
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import zstandard

from wire.capture import CaptureError, Frame, Interface, open_capture, write_items
from wire.capture.files import replacing

from .making import enhanced, frames, interface, pcap, record, section, until_damage, written

PACKETS = [bytes([i]) * 50 for i in range(200)]
PLAIN = pcap(*(record(data, i, i) for i, data in enumerate(PACKETS)))
PCAPNG = section() + interface() + b"".join(map(enhanced, PACKETS))


def zstd(data: bytes) -> bytes:
    return bytes(zstandard.ZstdCompressor(write_checksum=True).compress(data))


PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, zstd]


# -- known by content -----------------------------------------------------------------


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("raw", [PLAIN, PCAPNG])
def test_compressed(tmp_path: Path, raw: bytes, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "misleading.txt"
    path.write_bytes(pack(raw))
    capture = open_capture(path)
    assert [frame.data for frame in capture.frames()] == PACKETS
    assert capture.compression in ("gzip", "zstd") and capture.name == str(path)


def test_several_members_and_padding() -> None:
    halves = PLAIN[:1000], PLAIN[1000:]
    assert len(frames(gzip.compress(halves[0]) + bytes(99) + gzip.compress(halves[1]) + bytes(512))) == 200
    skipped = b"\x5a\x2a\x4d\x18\x04\0\0\0skip"  # a skippable frame, RFC 8878 3.1.2
    assert len(frames(skipped + zstd(halves[0]) + skipped + zstd(halves[1]))) == 200


def test_paths_files_bytes_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(PLAIN)
    for origin in (path, str(path), PLAIN, bytearray(PLAIN), memoryview(PLAIN), BytesIO(PLAIN)):
        assert len(list(open_capture(origin).frames())) == 200
    with path.open("rb") as file:
        assert len(list(open_capture(file).frames())) == 200 and not file.closed

    class Input:
        buffer = BytesIO(gzip.compress(PLAIN))

    monkeypatch.setattr(sys, "stdin", Input)
    assert len(list(open_capture("-").frames())) == 200
    with path.open() as text, pytest.raises(TypeError, match="'rb'"):
        open_capture(text)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        open_capture(tmp_path / "missing.pcap")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_live_pipe_is_not_waited_for(pack: Callable[[bytes], bytes]) -> None:
    """What is there is given before more comes."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb", buffering=0) as end:
        end.write(pack(pcap(record(b"one"))))
        found = open_capture(file).frames()
        assert next(found).data == b"one"
        end.write(pack(record(b"two")))
        assert next(found).data == b"two"
        end.close()
        assert list(found) == []


@pytest.mark.parametrize(("raw", "what"), [
    (b"", "nothing is in it"),
    (bytes.fromhex("285c8f02000000000204001400000004 00000000") * 3, "an ERF capture"),
    (b"snoop\0\0\0\0\0\0\2", "a snoop capture"),
    (b"BZh91AY&SY", "bzip2 data; unpack it first"),
    (b"\x1c\0\1\xac" + bytes(20), "an IXIA capture"),
    (b"\xde\xad\xbe\xef" * 10, "it begins with de ad be ef de ad be ef"),
    (gzip.compress(b"PK\3\4"), "a zip archive"),
    (gzip.compress(PLAIN)[:9], "ends here, in the middle"),
])  # fmt: skip
def test_refused(raw: bytes, what: str) -> None:
    with pytest.raises(CaptureError, match=what):
        open_capture(raw)


def test_without_the_zstd_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(CaptureError, match="pip install zstandard"):
        open_capture(bytes.fromhex("28b52ffd") + bytes(9))
    with pytest.raises(CaptureError, match="pip install zstandard"):
        write_items(tmp_path / "x.pcap.zst", [])
    assert not list(tmp_path.iterdir())


# -- cut and damaged ------------------------------------------------------------------


@pytest.mark.parametrize("pack", PACKERS)
def test_cut_compressed_data(pack: Callable[[bytes], bytes]) -> None:
    """Every packet that can still be unpacked, then where that ends."""
    packed = pack(PLAIN)
    seen = []
    for cut in range(30, len(packed), 7):
        try:
            found, error = until_damage(packed[:cut])
        except CaptureError as broken:  # not even the header is there
            found, error = [], broken
        assert [frame.data for frame in found] == PACKETS[: len(found)]
        assert error is not None and "in the middle: the file is cut short" in str(error)
        assert error.offset == 24 + 66 * len(found) or (error.offset == 0 and not found)
        seen.append(len(found))
    assert seen == sorted(seen)


def test_damaged_gzip_gives_all_before_the_damage() -> None:
    packed = bytearray(gzip.compress(PLAIN, 1))
    at = len(packed) // 2
    packed[at : at + 40] = bytes(40)
    found, error = until_damage(bytes(packed))
    assert error is not None and [frame.data for frame in found] == PACKETS[: len(found)]
    assert found and error.offset == 24 + 66 * len(found)


@pytest.mark.parametrize("pack", PACKERS)
def test_a_wrong_checksum_comes_after_the_packets(pack: Callable[[bytes], bytes]) -> None:
    packed = bytearray(pack(PLAIN))
    packed[-1 if pack is zstd else -5] ^= 1
    found, error = until_damage(bytes(packed))
    assert error is not None and "data is damaged here" in str(error)
    assert len(found) == 200 or pack is zstd  # zstd gives nothing of a piece whose end is wrong


def test_what_follows_compressed_data() -> None:
    found, error = until_damage(gzip.compress(PLAIN) + b"trailing")
    assert len(found) == 200 and error is not None and error.offset == len(PLAIN)


def test_a_compressed_bomb_is_streamed() -> None:
    """A gigabyte of zeros in a megabyte: memory stays as it is."""
    big = bytes(1 << 18)
    packer = zstandard.ZstdCompressor().compressobj()
    packed = BytesIO(
        packer.compress(pcap()) + b"".join(packer.compress(record(big)) for _ in range(400)) + packer.flush()
    )
    tracemalloc.start()
    count = sum(1 for _ in open_capture(packed).frames())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400 and len(packed.getvalue()) < 1 << 17
    assert peak < 48 << 20


# -- writing --------------------------------------------------------------------------

MADE = [Frame(data, i * 10**9, len(data), Interface(1)) for i, data in enumerate(PACKETS)]


@pytest.mark.parametrize("name", ["x.pcap", "x.pcapng", "x.pcap.gz", "X.PCAPNG.GZ", "x.pcap.zst", "x.pcapng.zst"])
def test_the_ending_says_what_to_write(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert write_items(path, MADE).frames == 200
    capture = open_capture(path)
    assert [frame.data for frame in capture.frames()] == PACKETS
    assert capture.format == name.lower().split(".")[1]
    assert capture.compression == {"gz": "gzip", "zst": "zstd"}.get(name.lower().split(".")[-1], "")
    write_items(tmp_path / f"again.{name}", MADE)
    assert (tmp_path / f"again.{name}").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["x", "x.txt", "x.gz", "pcap", "-"])
def test_an_unknown_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CaptureError, match=r"\.pcap, \.pcapng"):
        write_items(tmp_path / name if name != "-" else "-", MADE)
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"old")
    path.chmod(0o640)

    def breaks() -> object:
        yield MADE[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_items(path, breaks())  # type: ignore[arg-type]
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1
    write_items(path, MADE)
    assert len(frames(path.read_bytes())) == 200 and path.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_may_be_written_onto_itself_and_through_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "x.pcap", tmp_path / "link.pcap"
    path.write_bytes(PLAIN)
    link.symlink_to(path)
    write_items(link, open_capture(link).items())
    assert path.read_bytes() == PLAIN and link.is_symlink()


def test_devices_pipes_and_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_items("/dev/null", MADE, "pcap")
    write_items("-", MADE[:1], "pcapng")
    assert [frame.data for frame in frames(capfdbinary.readouterr().out)] == PACKETS[:1]
    assert written(MADE, "pcap")[:4] == bytes.fromhex("4d3cb2a1")


def test_any_file_can_be_written_like_that(tmp_path: Path) -> None:
    with replacing(tmp_path / "dump.txt") as out:
        out.write(b"text")
        assert not (tmp_path / "dump.txt").exists()
    assert (tmp_path / "dump.txt").read_bytes() == b"text"
