"""What a new user gets wrong: one line that says what and where, and the right exit status."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import wire

from .test_cli import COMMAND, SAMPLES, run

CAPTURE = SAMPLES / "tcp-hello-8080.pcap"


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A capture that ends in the header of its first record."""
    path = tmp_path / "cut.pcap"
    path.write_bytes(CAPTURE.read_bytes()[:30])
    return path


@pytest.mark.parametrize(
    "words", [("edit", "ip.ttl=5"), ("explain", "--at", "3"), ("flow",)], ids=lambda words: words[0]
)
def test_a_capture_that_is_cut(words: tuple[str, ...], cut: Path) -> None:
    done = run(words[0], str(cut), *words[1:])
    assert done.returncode == 1 and "the file is cut short here" in done.stderr
    assert "should not have happened" not in done.stderr and "nothing to draw" not in done.stderr
    assert done.stderr.startswith("wire: ") and done.stderr.count("\n") == 1


def test_flow_draws_what_comes_before_the_damage(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(CAPTURE.read_bytes()[:300])
    done = run("flow", str(path))
    assert done.returncode == 1 and "SYN" in done.stdout and "cut short" in done.stderr


def test_a_packet_that_is_not_there_cannot_be_edited(tmp_path: Path) -> None:
    done = run("edit", str(CAPTURE), "ip.ttl=5", "--frames", "99")
    assert done.returncode == 1 and "there is no packet 99" in done.stderr and not done.stdout


@pytest.mark.parametrize(("words", "status", "text"), [
    (("build", '"hello"'), 2, "name a layer before them"),
    (("craft", "list", "handshake"), 2, "`wire craft list` has no keys"),
    (("craft", "handshake", "client.ip=10.0.0.2"), 2, "server.ip=10.0.0.2: client has it already"),
    (("craft", "handshake", "mac=02:00:00:00:00:09"), 2, "server.mac=02:00:00:00:00:09: client has it already"),
    (("craft", "handshake", "client.ip=10.0.0.255"), 2, "names all hosts of 10.0.0.0/24: no host may have it"),
    (("craft", "handshake", "client.ip=10.0.0.0"), 2, "names the network 10.0.0.0/24 itself: no host may have it"),
    (("craft", "handshake", "client.ip=224.0.0.1"), 2, "names a group: no host may have it"),
    (("craft", "handshake", "client.ip=0.0.0.0"), 2, "names no host: no host may have it"),
    (("craft", "handshake", "gateway=1.2.3.4", "server.ip=9.9.9.9"), 2, "client.gateway=1.2.3.4: must be in 10.0.0.0/24"),
    (("craft", "session", "data=hex:zz"), 2, "data=hex:zz: is no hex: two digits"),
    (("craft", "session", "data=@none"), 2, "data=@none: cannot be read: No such file or directory"),
    (("craft", "handshake", "-o", "x.foo"), 2, "write: .pcap, .pcapng, .hex, .svg or .mmd"),
    (("check", str(CAPTURE), "--against", "x.pkt", "client.isn=5"), 2, "a script has no keys, only --profile"),
    (("explain", str(CAPTURE), "--at", "3", "--field", "ip.ttl"), 2, "one of them"),
])  # fmt: skip
def test_one_line(words: tuple[str, ...], status: int, text: str) -> None:
    done = run(*words)
    assert done.returncode == status and text in done.stderr and not done.stdout
    assert done.stderr.startswith("wire: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "bytes_", "status", "text"), [
    ("x.pkt", b"\xff\xfe", 1, "this is no text"),
    ("x.pkt", b"// nothing\n", 1, "it has no events"),
    ("x.txt", b"+0 socket(...) = 3\n", 2, "a script's name ends in .pkt"),
])  # fmt: skip
def test_what_is_no_script(name: str, bytes_: bytes, status: int, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(bytes_)
    done = run("craft", str(path))
    assert done.returncode == status and text in done.stdout + done.stderr


def test_the_router_takes_an_address_that_no_end_has() -> None:
    done = run("craft", "session", "client.ip=10.0.0.254", "server.ip=10.0.1.2", "-T", "summary")
    assert done.returncode == 0
    assert "10.0.0.254:40000 → 10.0.1.2:8080" in done.stdout.splitlines()[1], "the SYN leaves the client"
    done = run("craft", "ttl", "client.ip=172.16.10.254", "-T", "summary")
    assert "172.16.10.253 → 172.16.10.254" in done.stdout, "who sends the ICMP error is the router"


def test_a_protocol_in_capitals_is_found() -> None:
    assert run("protocols", "TCP").stdout == run("protocols", "tcp").stdout != ""


def test_hex_longer_than_a_file_name_may_be() -> None:
    frame = bytes(wire.eth() / wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.udp() / bytes(300))
    done = run("decode", frame.hex())
    assert done.returncode == 0 and "Data, 300 bytes" in done.stdout


def test_a_value_that_is_no_number() -> None:
    done = run("edit", str(SAMPLES / "syn.txt"), "ip.ttl=abc")
    assert done.returncode == 2 and "ip.ttl: 'abc' is not a number" in done.stderr


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = run("craft", "handshake", "-o", str(tmp_path / "none" / "x.pcap"))
    assert done.returncode == 1 and str(tmp_path / "none" / "x.pcap") in done.stderr and ".part" not in done.stderr


def test_lines_that_are_no_packets() -> None:
    done = run("build", "-", stdin="hi\n")
    assert done.returncode == 1 and "line 1: no JSON" in done.stderr and "-T jsonl" in done.stderr
    done = run("build", "-", stdin="")
    assert done.returncode == 1 and "no packet in it" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_the_outputs_fault() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, "decode", str(CAPTURE)], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "output: No space left" in done.stderr


def test_a_closed_pipe_is_no_failure() -> None:
    decode = subprocess.Popen([*COMMAND, "decode", "-V", *[str(CAPTURE)] * 40], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)  # fmt: skip
    assert decode.stdout and decode.stderr
    decode.stdout.readline()
    decode.stdout.close()
    with decode.stderr:
        assert decode.stderr.read() == b"" and decode.wait() == 0
