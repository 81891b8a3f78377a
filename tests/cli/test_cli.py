"""The command line as a user meets it: real processes, real output, exit statuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

import wire

from ..conftest import SYN

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "samples"
HELLO = str(SAMPLES / "tcp-hello-8080.pcap")
COMMAND = [sys.executable, "-c", "from wire.cli.main import run; run()"]


def run(*words: str, stdin: bytes | str = b"", columns: int | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "WIRE_DEBUG")}
    if columns:
        clean["COLUMNS"] = str(columns)
    done = subprocess.run([*COMMAND, *words], input=stdin.encode() if isinstance(stdin, str) else stdin, cwd=ROOT,
                          env={**clean, "PYTHONPATH": str(ROOT), **env}, capture_output=True, timeout=60)  # fmt: skip
    return subprocess.CompletedProcess(words, done.returncode, done.stdout.decode(), done.stderr.decode())


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def test_one_packet_is_a_screen() -> None:
    done = run("decode", str(SAMPLES / "syn.txt"))
    assert done.returncode == 0 and not done.stderr
    assert "one packet of 74 bytes in an xxd dump, read as Ethernet (--first NAME reads it otherwise)" in done.stdout
    assert "0032  33 f3                    Checksum: 0x33f3 [correct]" in done.stdout
    assert done.stdout.rstrip().endswith("2 checksums right.  No faults.")


def test_what_is_printed_pastes_back() -> None:
    for columns in (80, 100, 200):
        screen = run("decode", str(SAMPLES / "syn.txt"), columns=columns).stdout
        assert run("decode", "-", "-T", "hex", stdin=screen).stdout.strip() == SYN.hex()
    for form in ("hex", "c", "python"):
        text = run("decode", str(SAMPLES / "syn.txt"), "-T", form).stdout
        assert run("decode", "-", "-T", "hex", stdin=text).stdout.strip() == SYN.hex()


def test_several_packets_are_lines() -> None:
    done = run("decode", HELLO)
    lines = done.stdout.splitlines()
    assert len(lines) == 14 and lines[0].split() == ["#", "time", "source", "destination", "proto", "len", "info"]
    assert "Who has 10.0.0.2? Tell 10.0.0.1" in lines[1] and 'Len=22 TSval' in lines[6] and "hello 我是客户端!" in lines[6]
    absolute = run("decode", HELLO, "-S").stdout.splitlines()
    assert "Seq=0" in lines[3] and "Seq=0 " not in absolute[3]


@pytest.mark.parametrize("clock", ["r", "d", "dd", "e", "a", "ad", "u", "ud"])
def test_clocks(clock: str) -> None:
    lines = run("decode", HELLO, "-t", clock).stdout.splitlines()
    assert len(lines) == 14 and (clock != "ud" or re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", lines[1]))


def test_selecting() -> None:
    assert run("decode", HELLO, "--frames", "3,7-9", "-T", "hex").stdout.count("\n") == 4
    assert run("decode", HELLO, "-c", "2", "-T", "hex").stdout.count("\n") == 2
    assert run("decode", HELLO, "-c", "0").stdout == ""
    for text in ("0", "5-3", "x", "1,,2"):
        done = run("decode", HELLO, "--frames", text)
        assert done.returncode == 2 and "--frames" in done.stderr


def test_the_tree_opens_flags() -> None:
    done = run("decode", str(SAMPLES / "syn.txt"), "-V")
    assert ".... .... ..1. = Syn: Set" in done.stdout and "000. .... .... = Reserved: Not set" in done.stdout
    only = run("decode", str(SAMPLES / "syn.txt"), "-O", "tcp").stdout
    assert "Time to Live" not in only and "Window: 64240" in only
    assert "02 00 00 00 00 02 02 00" in run("decode", str(SAMPLES / "syn.txt"), "-V", "-x").stdout


def test_json_is_lossless(tmp_path: Path) -> None:
    for name in ("tcp-hello-8080.pcap", "udp-chat-8081.pcapng", "server-first-9999.pcap", "tcp-hello-8080.cut.pcap"):
        source = SAMPLES / name
        lines = run("decode", str(source), "-T", "jsonl").stdout
        packets = [one for one in map(json.loads, lines.splitlines()) if one["type"] == "packet"]
        assert [bytes.fromhex(one["raw"]) for one in packets] == [p.raw for p in wire.open(source)]
        again = tmp_path / name
        done = run("build", "-", "-o", str(again), stdin=lines)
        assert done.returncode == 0, done.stderr
        assert again.read_bytes() == source.read_bytes()
    whole = json.loads(run("decode", HELLO, "-T", "json").stdout)
    assert [one["number"] for one in whole if one["type"] == "packet"] == list(range(1, 14))


def test_in_json_the_value_wins() -> None:
    made: Any = json.loads(run("decode", str(SAMPLES / "syn.txt"), "-T", "jsonl").stdout.splitlines()[-1])
    made["layers"][1]["fields"]["ip.ttl"]["value"] = 5
    built = run("build", "-", stdin=json.dumps(made)).stdout.strip()
    assert built == SYN[:22].hex() + "05" + SYN[23:].hex()


def test_building_and_editing() -> None:
    built = run("build", "eth / ip src=10.0.0.1 dst=10.0.0.2 / tcp dstport=80 flags=SYN").stdout.strip()
    assert not wire.decode(bytes.fromhex(built)).notes
    done = run("edit", str(SAMPLES / "syn.txt"), "ip.ttl=5", "--fix")
    assert "ip.ttl: 64 → 5" in done.stdout and "ip.checksum" in done.stdout and "(fixed)" in done.stdout
    for words, reason in ((("build", "eth / ipp"), "did you mean ip"), (("edit", HELLO, "ip.tt=5"), "no such field"),
                          (("edit", str(SAMPLES / "syn.txt"), "ip.tt=5"), "did you mean ttl"),
                          (("edit", HELLO), "say what to edit"), (("build", "eth / ip ttl=300"), "8 bits hold 0 to 255")):  # fmt: skip
        done = run(*words)
        assert done.returncode == 2 and reason in done.stderr and "Traceback" not in done.stderr


def test_converting(tmp_path: Path) -> None:
    for ending in ("pcap", "pcapng", "pcap.gz", "hex", "txt", "bin"):
        made = tmp_path / f"x.{ending}"
        assert run("decode", str(SAMPLES / "syn.txt"), "-o", str(made)).returncode == 0
        if ending == "bin":
            assert made.read_bytes() == SYN
        else:
            assert run("decode", str(made), "-T", "hex").stdout.strip() == SYN.hex()
    done = run("decode", HELLO, "-o", str(tmp_path / "x.doc"))
    assert done.returncode == 2 and "ending" in done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(f"x.{e}" for e in ("pcap", "pcapng", "pcap.gz", "hex", "txt", "bin"))


def test_wrong_use_and_failed_work(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(Path(HELLO).read_bytes()[:-10])
    done = run("decode", str(cut))
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 13 and re.search(r"byte \d+", done.stderr)
    cases = [
        (("decode", "no-such-file.pcap"), 2, "no such file"), (("decode",), 2, ""), (("decode", HELLO, "-V", "-T", "json"), 2, "-T"),
        (("decode", HELLO, "--first", "tpc"), 2, "did you mean tcp"), (("decode", HELLO, "--no-such-option"), 2, "--no-such-option"),
        (("nosuch",), 2, "nosuch"), (("explain", HELLO), 2, "--at"), (("explain", HELLO, "--at", "x"), 2, "BYTE.BIT"),
        (("explain", HELLO, "--at", "9999"), 2, ""), (("protocols", "tpc"), 2, "did you mean tcp"),
        (("subnet", "10.0.0.1/40"), 2, ""), (("decode", str(tmp_path)), 1, ""),
        (("decode", "4500001"), 1, "digit"),
    ]  # fmt: skip
    for words, status, reason in cases:
        done = run(*words)
        assert done.returncode == status, (words, done)
        assert reason in done.stderr and "Traceback" not in done.stderr, (words, done.stderr)


def test_the_hex_itself() -> None:
    assert run("decode", SYN.hex(), "-T", "hex").stdout.strip() == SYN.hex()
    halves = (SYN[:40].hex(), SYN[40:].hex())
    assert run("decode", *halves, "-T", "hex").stdout.strip() == SYN.hex(), "adjacent hex arguments join"
    assert "Internet Protocol" in run("decode", SYN[14:].hex()).stdout, "the layering that fits best"


def test_standard_input_and_pipes() -> None:
    assert run("decode", "-", stdin=Path(HELLO).read_bytes()).stdout == run("decode", HELLO).stdout
    pipe = subprocess.run(f"{sys.executable} -c 'from wire.cli.main import run; run()' decode {HELLO} -T jsonl | head -1", shell=True,
                          cwd=ROOT, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert not pipe.stderr


def test_interrupt() -> None:
    process = subprocess.Popen([*COMMAND, "decode", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert process.stdin
    process.stdin.write(Path(HELLO).read_bytes()[:200])
    process.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and b"Traceback" not in errors


@pytest.mark.parametrize("columns", [60, 80, 100, 200])
@pytest.mark.parametrize("name", ["syn.txt", "hello.xxd.txt"])
def test_output_fits(columns: int, name: str) -> None:
    lines = run("decode", str(SAMPLES / name), columns=columns).stdout.splitlines()
    assert max(map(cells, lines[1:])) <= columns


def test_nothing_is_lost_without_colour() -> None:
    plain = run("decode", str(SAMPLES / "hello.xxd.txt"), "--color", "never").stdout
    colour = run("decode", str(SAMPLES / "hello.xxd.txt"), "--color", "always").stdout
    assert colour != plain
    assert [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colour).splitlines()] == plain.splitlines()


def test_ascii() -> None:
    text = run("decode", str(SAMPLES / "syn.txt"), "--ascii").stdout
    assert text.isascii()


HOSTILE = "\x1b[31mred\x1b]0;title\x07 \u202eevil\u202c [bold]markup[/bold] \r\n\x00\x9b31m".encode()


def test_hostile_bytes_reach_no_terminal_raw() -> None:
    frame = wire.eth() / wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp(dstport=10000) / HOSTILE
    text = wire.eth() / wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp(dstport=10000) / "[bold]x[/bold]\u202e\tevil"
    for data in (bytes(frame), bytes(text)):
        for words in ((), ("-V",), ("-T", "summary"), ("-T", "jsonl"), ("--color", "always"), ("-x",)):
            out = run("decode", data.hex(), *words).stdout
            out = re.sub(r"\x1b\[[0-9;]*m", "", out) if "always" in words else out
            assert not [char for char in out if char != "\n" and not char.isprintable()], words
    markup = bytes(wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp() / "[bold]x[/bold]")
    assert 'UTF-8 text "[bold]x[/bold]"' in run("decode", markup.hex(), "--color", "always").stdout


def test_help_and_version() -> None:
    assert run("--version").stdout == f"wire {wire.__version__}\n"
    for command in ("decode", "build", "edit", "explain", "protocols", "layers", "subnet"):
        done = run(command, "--help")
        assert done.returncode == 0 and f"wire {command}" in done.stdout.replace("python -c", "wire").replace("-c ", "wire ")


def test_the_other_commands() -> None:
    assert "Source Port" in run("protocols", "tcp").stdout and "Transmission Control Protocol" in run("protocols").stdout
    assert "transport" in run("layers").stdout.lower()
    assert "172.16.10.255" in run("subnet", "172.16.10.1/24", "172.16.10.2").stdout
    assert "sum so far" in run("explain", str(SAMPLES / "syn.txt"), "--field", "tcp.checksum").stdout
    assert "Syn" in run("explain", str(SAMPLES / "syn.txt"), "--at", "0x2f.6").stdout


def test_what_is_not_shown_still_counts() -> None:
    """Times and relative numbers are those of the whole capture, whichever packets are shown."""
    whole = run("decode", HELLO).stdout.splitlines()
    for words in (("--frames", "6-8"), ("-Y", "frame.number >= 6 && frame.number <= 8")):
        assert run("decode", HELLO, *words).stdout.splitlines()[1:] == whole[6:9]
