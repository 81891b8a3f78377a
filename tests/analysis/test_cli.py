"""`wire flow` and `wire check` as a user meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

import wire
from wire.lab import drafts
from wire.packet import Packet
from wire.packetdrill import run as play

from ..cli.test_cli import run

SAMPLES = Path(__file__).parents[2] / "samples"

LOST = """\
 3 0.000058     SYN-SENT ├─ SYN  seq=0 ───────────────────────────────✗ lost         │ LISTEN
   1.010613              │ retransmission of 3 after 1.011 s                         │
 4 1.010613              ├─ SYN  seq=0 ─────────────────────────────────────╮        │
   1.010613              │  win=64240 mss=1460 sackOK ts=474712889,0        ╰───────▶│ SYN-RECEIVED
"""

SCRIPT = """\
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1460>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 32792
+0 accept(3, ..., ...) = 4
+0 close(4) = 0
+0 > F. 1:1(0) ack 1
+.1 < F. 1:1(0) ack 2 win 32792
+0 > . 2:2(0) ack 2
"""


def refused(status: int, *words: str) -> str:
    """What a command says that ends with that status."""
    done = run(*words)
    assert done.returncode == status, done.stderr
    return str(done.stdout + done.stderr)


def flow(name: str, *more: str) -> str:
    return str(run("flow", str(SAMPLES / name), *more, columns=100).stdout)


def test_a_ladder_from_a_capture() -> None:
    text = flow("tcp-lost-8080.client.pcap")
    assert text.startswith("tcp-lost-8080.client.pcap; numbers counted from each side's first\n")
    assert LOST in text
    assert text.endswith("20 packets, 5 lost. client TIME-WAIT, server CLOSED after 7.731 s.\n")
    assert "SYN  seq=869231660" in flow("tcp-lost-8080.client.pcap", "-S")
    assert flow("tcp-lost-8080.client.pcap", "--ascii").isascii()
    assert "ARP" not in flow("tcp-lost-8080.client.pcap", "--stream", "0")


def test_without_states() -> None:
    text = flow("udp-nobody-10000.pcap")
    assert "UDP  to port 10000" in text and "Port unreachable" in text and "ARP  Who has" in text
    assert "CLOSED" not in text and "?" not in text.replace("10.0.0.2?", "")
    chat = flow("udp-chat-8081.pcapng")
    assert all(address in chat for address in ("10.0.0.1:40000", "10.0.0.2:8081", "10.0.0.3:40000"))
    assert "13 packets" not in chat and "16 packets" in chat
    assert flow("udp-chat-8081.pcapng", "--stream", "1").count("UDP  to port") == flow(
        "udp-chat-8081.pcapng", "--stream", "udp:1"
    ).count("UDP  to port")


def test_one_machine() -> None:
    text = flow("tcp-hello-loopback.pcap")
    assert "127.0.0.1:40000" in text and "127.0.0.1:8080" in text and "TIME-WAIT" in text


def test_pictures(tmp_path: Path) -> None:
    for ending, beginning in ((".svg", "<svg"), (".mmd", "sequenceDiagram")):
        out = tmp_path / f"flow{ending}"
        run("flow", str(SAMPLES / "tcp-hello-8080.pcap"), "-o", str(out))
        assert out.read_text(encoding="utf-8").startswith(beginning)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stream", "4"), "has no TCP stream 4: it has 0 alone"),
        (("--stream", "x"), "write a number"),
        (("-o", "x.txt"), ".svg or .mmd"),
    ],
)
def test_what_is_wrong_with_the_command(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(2, "flow", str(SAMPLES / "tcp-hello-8080.pcap"), *arguments)


def test_check_says_yes_and_no(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.pcap", tmp_path / "bad.pcap"
    packets = wire.craft("handshake", {"client.isn": 223, "server.isn": 521}).packets
    wire.write(str(good), [bytes(one) for one in packets])
    wire.write(
        str(bad), [bytes(one) for one in (packets[0], wire.edit(packets[1], {"tcp.ack": 223}, fix=True), packets[2])]
    )
    keys = ("client.isn=223", "server.isn=521")
    assert run("check", str(good), "--against", "handshake", *keys).stdout == "good.pcap follows handshake: 3 packets\n"
    assert "ack is 223, expected 224: SYN consumes one" in refused(1, "check", str(bad), "--against", "handshake")
    assert "did you mean" in refused(2, "check", str(good), "--against", "handshak")


def packets_of(script: str) -> list[Packet]:
    """The segments of a packetdrill script as a capture of them."""
    made = []
    for index, one in enumerate(play(script).exchanged):
        ends = ("192.168.0.1", "192.0.2.1") if one.direction == ">" else ("192.0.2.1", "192.168.0.1")
        datagram = drafts.Datagram(*ends, index + 1, 64, True, drafts.tcp(one.segment))
        made.append(wire.decode(bytes(drafts.frame("02:00:00:00:00:01", "02:00:00:00:00:02", datagram.stack()))))
    return made


def test_the_words_of_flow_in_chinese() -> None:
    said = flow("tcp-lost-8080.client.pcap", "--lang", "zh")
    assert "；序号从各方的第一个算起" in said and "重传（第 3 帧）" in said and "✗ 丢失" in said
    assert "retransmission" not in said and "lost" not in said.partition("\n")[2]
    assert "no language 'xx'" in refused(2, "flow", str(SAMPLES / "tcp-lost-8080.client.pcap"), "--lang", "xx")


def test_a_list_of_many_conversations_fits(tmp_path: Path) -> None:
    """Long addresses go on a second line; a machine that speaks to itself has each port once."""
    packets = []
    for number in range(14):
        stack = wire.ipv6(src=f"2001:db8:1234:5678::{number:x}", dst="2001:db8:8765:4321:1:2:3:4") / wire.udp(
            dstport=53
        )
        packets.append(wire.decode(bytes(wire.eth() / stack / b"hi")))
    capture = tmp_path / "many.pcap"
    wire.write(str(capture), packets)
    for words in ((), ("--ascii",)):
        done = run("flow", str(capture), *words, columns=80)
        rows = done.stdout.splitlines()
        assert max(map(len, rows)) <= 80 and sum("UDP, 1 packet from frame" in row for row in rows) == 14
        assert "[2001:db8:1234:5678::d]:" in done.stdout and done.stdout.isascii() == bool(words)


def test_check_of_times(tmp_path: Path) -> None:
    capture = tmp_path / "lost.pcap"
    wire.write(str(capture), wire.craft("lost-syn").packets)
    words = ("check", str(capture), "--against", "lost-syn")
    assert "follows" in run(*words, "--timing", "0.001").stdout
    said = refused(1, *words, "rto=2", "--timing", "0.1")
    assert "comes 1.000000 s after the packet before it, expected 2.000000 s" in said and "(timing)" in said
    assert "is no time" in refused(2, *words, "--timing", "soon")


def test_check_against_a_packetdrill_script(tmp_path: Path) -> None:
    script, good, bad = tmp_path / "close.pkt", tmp_path / "good.pcap", tmp_path / "bad.pcap"
    script.write_text(SCRIPT, encoding="utf-8")
    packets = packets_of(SCRIPT)
    wire.write(str(good), [bytes(one) for one in packets])
    wire.write(str(bad), [bytes(one) for one in packets[:-1]])
    assert "follows" in run("check", str(good), "--against", str(script)).stdout
    said = refused(1, "check", str(bad), "--against", str(script))
    assert "the kernel's ACK is missing: the last FIN is not acknowledged" in said
    script.write_text("0 frobnicate(3) = 0\n", encoding="utf-8")
    assert "cannot judge" in refused(1, "check", str(good), "--against", str(script))
