"""`wire craft` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import wire
from wire.lab import every

from ..lab.test_mockups import EXPLAINED, HEX, LADDER, LAYERS, SUMMARY
from .test_cli import run

NUMBERS = ("client.isn=223", "server.isn=521")


def test_the_ladder_and_the_reasons() -> None:
    assert run("craft", "handshake", *NUMBERS, columns=80).stdout == LADDER
    explained = run("craft", "handshake", *NUMBERS, "--explain", columns=80).stdout
    assert explained == f"{LADDER}\n{EXPLAINED}"
    assert "客户端请求" in run("craft", "handshake", "--explain", "--lang", "zh", columns=80).stdout


def test_other_forms() -> None:
    assert run("craft", "handshake", *NUMBERS, "-T", "hex").stdout.split() == HEX
    assert run("craft", "hello", "-T", "summary").stdout == SUMMARY
    assert "Seq=223" in run("craft", "hello", "-T", "summary", "-S").stdout
    assert run("craft", "encapsulation").stdout == LAYERS
    assert run("craft", "encapsulation", "-T", "ladder", columns=80).stdout.startswith("The headers grow")
    assert run("craft", "handshake", "-T", "tree").stdout.count("Transmission Control Protocol") == 3
    assert len(json.loads(run("craft", "handshake", "-T", "json").stdout)) == 3
    assert run("craft", "handshake", "--ascii", columns=80).stdout.isascii()
    assert "seq=1 ack=1" in run("craft", "handshake", "-R").stdout
    assert run("craft", "handshake", "--step", columns=80).stdout.count("RFC 9293") == 3


def test_the_list_and_the_keys() -> None:
    lines = run("craft", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [one.name for one in every()] and len(lines) >= 50
    assert run("craft").stdout.splitlines() == lines
    assert run("craft", "list", "--lang", "zh").stdout.splitlines()[0].split() == ["handshake", "三次握手"]
    text = run("craft", "handshake", "--help").stdout
    for key in (
        "isn=N",
        "ip=A.B.C.D",
        "mac=",
        "ttl=",
        "mss=",
        "win=",
        "wscale=",
        "msl=TIME",
        "rto=",
        "delay=",
        "loss=",
        "tap=",
    ):
        assert f"  {key}" in text, key
    assert "[client 40000, server 8080]" in text and "[1460]" in text
    assert "--explain" in run("craft", "--help").stdout


@pytest.mark.parametrize(("words", "text"), [
    (("handshak",), "unknown scenario 'handshak': did you mean 'handshake'?"),
    (("handshake", "clinet.isn=1"), "did you mean 'client.isn'?"),
    (("handshake", "client.isn=many"), "client.isn=many: is no number"),
    (("handshake", "223"), "is no key=value"),
    (("handshake", "--lang", "xx"), "there are en, zh"),
    (("handshake", "-o", "x.doc"), "the ending says what to write"),
    (("handshak", "--help"), "did you mean 'handshake'?"),
])  # fmt: skip
def test_mistakes_are_one_line_and_status_2(words: tuple[str, ...], text: str) -> None:
    done = run("craft", *words)
    assert done.returncode == 2 and text in done.stderr and done.stderr.count("\n") == 1


def test_files(tmp_path: Path) -> None:
    for ending in ("pcap", "pcapng", "hex", "svg", "mmd"):
        paths = [tmp_path / f"{which}.{ending}" for which in ("one", "two")]
        for path in paths:
            done = run("craft", "handshake", *NUMBERS, "-o", str(path))
            assert done.returncode == 0 and not done.stderr, done.stderr
        assert paths[0].read_bytes() == paths[1].read_bytes(), "the same command gives the same bytes"
    for ending in ("pcap", "pcapng"):
        packets = list(wire.open(str(tmp_path / f"one.{ending}")))
        assert [packet.raw.hex() for packet in packets] == HEX
    assert [packet.comment for packet in packets] == [
        "client SYN-SENT, server LISTEN", "client ESTABLISHED, server SYN-RECEIVED",
        "client ESTABLISHED, server SYN-RECEIVED",
    ]  # fmt: skip
    assert (tmp_path / "one.svg").read_text().startswith("<svg") and "sequenceDiagram" in (
        tmp_path / "one.mmd"
    ).read_text()
    served = list(wire.open(str(tmp_path / "one.pcapng")))
    assert [packet.time for packet in served] == [0, 20_000_000, 20_000_000]


def test_the_state_diagram(tmp_path: Path) -> None:
    assert run("craft", "--diagram").stdout.startswith("stateDiagram-v2")
    path = tmp_path / "states.svg"
    assert run("craft", "--diagram", "-o", str(path)).returncode == 0
    assert "TIME-WAIT" in path.read_text()


def test_from_python() -> None:
    story = wire.craft("handshake", {"client.isn": 223}, seed=0)
    assert [packet.tcp.flags_syn for packet in story.packets] == [1, 1, 0]
    assert story.ends == {"client": "ESTABLISHED", "server": "ESTABLISHED"}
    assert story.states[0] == (0, "client", "CLOSED") and story.calls[0] == (0, "server", "listen()")
    assert wire.craft("lost-syn").events[0] == (1_000_000_000, "client", "RTO 1.000 s ran out: sent again")
