"""The importer against the real tools: what they print for a frame is read as that frame. Tools that are missing are
skipped with their names."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from wire.capture.hextext import Judgement, read_hex

from .test_hextext_formats import frames, judge_of, only

COMMANDS = [
    "xxd", "xxd -g1", "xxd -g4", "xxd -g8", "xxd -g0", "xxd -c8", "xxd -c 5", "xxd -c 7 -g 3", "xxd -g0 -c 70",
    "xxd -e", "xxd -e -g2", "xxd -e -g8", "xxd -e -c 12", "xxd -u", "xxd -b", "xxd -b -c 4 -g 2", "xxd -d", "xxd -a",
    "xxd -p", "xxd -p -c 16", "xxd -i",
    "hexdump", "hexdump -v", "hexdump -C", "hexdump -x", "hexdump -b", "hexdump -o", "hexdump -d",
    "od", "od -x", "od -b", "od -tx1", "od -tx1z", "od -tx2", "od -tx2z", "od -tx4", "od -tx4z", "od -tx8", "od -to4",
    "od -Ax", "od -Ax -tx1", "od -Ax -tx1z", "od -Ad -tx1", "od -Ad -tx1 -w8", "od -v -An -tx1",
]  # fmt: skip
RULES = settings(max_examples=5, deadline=None,
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])

SYN = bytes.fromhex(
    "0200 0000 0002 0200 0000 0001 0800"
    "4500 003c 1c46 4000 4006 323f c000 0201 c633 6402"
    "c000 0050 1234 5678 0000 0000 a002 faf0 33f3 0000 0204 05b4 0402 080a 0000 03e8 0000 0000 0103 0307"
)
# A UDP datagram with five bytes of payload, and an ARP request with padding.
UDP = bytes.fromhex(
    "0200 0000 0002 0200 0000 0001 0800"
    "4500 0021 0001 4000 4011 8ff9 c000 0201 c633 6402" "0035 c000 000d 0000 4531 2030 32"
)
ARP = bytes.fromhex(
    "ffff ffff ffff 0200 0000 0001 0806 0001 0800 0604 0001 0200 0000 0001 c000 0201 0000 0000 0000 c000 0202"
) + bytes(18)
TIME = 1_795_166_447_149_112


def needs(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")


def run(*command: str) -> str:
    printed = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "TZ": "UTC"}).stdout
    return printed.decode("utf-8", "replace")


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A pcap file (microseconds, Ethernet) with three packets a second apart."""
    records = []
    for index, frame in enumerate((SYN, UDP, ARP)):
        seconds, fraction = divmod(TIME + index * 1_000_000, 1_000_000)
        size = len(frame).to_bytes(4, "little")
        records.append(seconds.to_bytes(4, "little") + fraction.to_bytes(4, "little") + size * 2 + frame)
    head = bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000")
    path = tmp_path / "three.pcap"
    path.write_bytes(head + b"".join(records))
    return path


@pytest.mark.parametrize("command", COMMANDS)
@given(frame=frames())
@RULES
def test_dumpers_of_files(command: str, frame: bytes, tmp_path: Path) -> None:
    needs(command.split()[0])
    path = tmp_path / "frame.bin"
    path.write_bytes(frame)
    assert only(read_hex(run(*command.split(), str(path)), judge_of(frame))).data == frame


@given(frame=frames())
@RULES
def test_hexdump_with_the_usual_format(frame: bytes, tmp_path: Path) -> None:
    needs("hexdump")
    path = tmp_path / "frame.bin"
    path.write_bytes(frame)
    assert only(read_hex(run("hexdump", "-ve", '16/1 "%02x " "\\n"', str(path)), judge_of(frame))).data == frame


@pytest.mark.parametrize("options", ["-x", "-X", "-n -x", "-q -x", "-v -x", "-e -X", "-e -v -x", "-# -x"])
def test_tcpdump_without_the_link_layer(options: str, capture: Path) -> None:
    needs("tcpdump")
    dumps = read_hex(run("tcpdump", "-r", str(capture), *options.split()))
    assert [dump.data for dump in dumps] == [SYN[14:], UDP[14:], ARP[14:]]
    assert [dump.linkless for dump in dumps] == [True] * 3
    assert {dump.format for dump in dumps} == {"tcpdump -X" if "-X" in options else "tcpdump -x"}
    assert [(dump.time, dump.clock) for dump in dumps] == [(33_647_149_112_000 + n * 10**9, "day") for n in range(3)]


@pytest.mark.parametrize("options", ["-xx", "-XX", "-e -xx", "-n -v -XX", "--nano -xx"])
def test_tcpdump_with_the_link_layer(options: str, capture: Path) -> None:
    needs("tcpdump")
    dumps = read_hex(run("tcpdump", "-r", str(capture), *options.split()))
    assert [dump.data for dump in dumps] == [SYN, UDP, ARP]
    assert [dump.linkless for dump in dumps] == [False] * 3
    assert dumps[0].time == 33_647_149_112_000
    if "-e" in options:
        assert all("declared length" in dump.checked and dump.wire_length == len(dump.data) for dump in dumps)


@pytest.mark.parametrize(("option", "time", "clock"), [
    ("-t", None, None), ("-tt", TIME * 1000, "epoch"), ("-ttt", None, None), ("-tttt", TIME * 1000, "epoch"),
    ("-ttttt", None, None)])
def test_times_of_tcpdump(option: str, time: int | None, clock: str | None, capture: Path) -> None:
    needs("tcpdump")
    dumps = read_hex(run("tcpdump", "-n", "-r", str(capture), option, "-x"))
    assert [dump.data for dump in dumps] == [SYN[14:], UDP[14:], ARP[14:]]
    assert (dumps[0].time, dumps[0].clock) == (time, clock)
    assert any("another packet" in remark for remark in dumps[1].remarks) == (option in ("-ttt", "-ttttt"))


@pytest.mark.parametrize("options", ["-x", "-P -x", "-V -x", "-x --hexdump delimit", "-x --hexdump noascii"])
def test_tshark(options: str, capture: Path) -> None:
    needs("tshark")
    dumps = read_hex(run("tshark", "-r", str(capture), *options.split()))
    assert [dump.data for dump in dumps] == [SYN, UDP, ARP]
    if "-V" in options:
        assert (dumps[0].time, dumps[0].clock, dumps[0].wire_length) == (TIME * 1000, "epoch", len(SYN))
        assert all("declared length" in dump.checked for dump in dumps)


def test_scapy() -> None:
    utils = pytest.importorskip("scapy.utils")
    assert only(read_hex(utils.hexdump(SYN, dump=True))).data == SYN
    assert only(read_hex(utils.linehexdump(SYN, dump=True))).data == SYN
    assert only(read_hex(utils.linehexdump(SYN, onlyhex=1, dump=True))).data == SYN
    assert only(read_hex(utils.chexdump(SYN, dump=True))).data == SYN
    assert only(read_hex(str(utils.hexstr(SYN)))).data == SYN


def test_words_without_a_text_column_are_little_endian_unless_they_decode_better_otherwise(tmp_path: Path) -> None:
    needs("hexdump")
    path = tmp_path / "frame.bin"
    path.write_bytes(SYN)
    text = run("hexdump", str(path))
    dump = only(read_hex(text))
    assert dump.data == SYN
    assert any("little-endian" in remark for remark in dump.remarks)
    swapped = bytes(byte for pair in zip(SYN[1::2], SYN[::2], strict=True) for byte in pair)
    assert only(read_hex(text, lambda data: Judgement(int(data == SYN)))).remarks == ()
    assert only(read_hex(text, lambda data: Judgement(int(data == swapped)))).data == swapped
