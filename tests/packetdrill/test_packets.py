"""`wire craft FILE.pkt -o FILE.pcap`: what went over the wire in a script's run."""

from __future__ import annotations

from pathlib import Path

import pytest

import wire
from wire.packetdrill import run
from wire.packetdrill.packets import packets_of

from ..cli.test_cli import run as command

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.pkt")), ids=lambda path: path.stem)
def test_packets_are_the_segments(path: Path) -> None:
    outcome = run(path.read_text(encoding="utf-8"), path.name, path.parent.name)
    ours, peer = outcome.addresses
    packets = packets_of(outcome)
    assert len(packets) == len(outcome.exchanged) > 0
    for packet, one in zip(packets, outcome.exchanged, strict=True):
        network = packet.ipv6 if ":" in ours else packet.ip
        assert (network.src, network.dst) == ((peer, ours) if one.direction == "<" else (ours, peer))
        said = one.segment
        tcp = packet.tcp
        assert (tcp.srcport, tcp.dstport, tcp.seq, tcp.ack) == (said.source, said.target, said.seq, said.ack)
        assert (tcp.flags, tcp.window, packet.payload) == (said.flags, said.window, said.data)
        assert packet.time == one.time
        assert not [note.text for note in packet.notes if note.severity == "error"]


def test_a_congestion_mark_is_in_the_packet() -> None:
    path = SCRIPTS / "linux" / "ecn.pkt"
    outcome = run(path.read_text(encoding="utf-8"), path.name)
    marks = [packet.get("ip.dsfield.ecn") for packet in packets_of(outcome)]
    assert marks == [one.segment.ecn for one in outcome.exchanged] and any(marks)


@pytest.mark.parametrize("ending", [".pcap", ".pcapng", ".pcap.gz", ".hex"])
def test_the_file(ending: str, tmp_path: Path) -> None:
    script, file = SCRIPTS / "linux" / "close-remote-first.pkt", tmp_path / f"close{ending}"
    done = command("craft", str(script), "-o", str(file))
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.startswith("close-remote-first.pkt: passed (profile linux)\n"), "the verdict, and no ladder"
    packets = list(wire.open(str(file), first="ip" if ending == ".hex" else None))
    outcome = run(script.read_text(encoding="utf-8"), script.name)
    assert [packet.tcp.seq for packet in packets] == [one.segment.seq for one in outcome.exchanged]
    if ending != ".hex":
        assert [packet.time for packet in packets] == [one.time for one in outcome.exchanged]
    if ending == ".pcapng":
        assert packets[0].comment == "kernel SYN-RECEIVED, line 8"


def test_a_script_that_fails_is_written_as_far_as_it_went(tmp_path: Path) -> None:
    script, file = tmp_path / "bad.pkt", tmp_path / "bad.pcap"
    good = (SCRIPTS / "linux" / "close-remote-first.pkt").read_text(encoding="utf-8")
    script.write_text(good.replace("> F. 1:1(0) ack 2", "> F. 9:9(0) ack 2"), encoding="utf-8")
    done = command("craft", str(script), "-o", str(file))
    assert done.returncode == 1 and "expected" in done.stdout
    assert [str(packet.tcp.info).split("]")[0] for packet in wire.open(str(file))][-1] == "[FIN, ACK"


def test_what_is_no_script_leaves_no_file(tmp_path: Path) -> None:
    script, file = tmp_path / "odd.pkt", tmp_path / "odd.pcap"
    script.write_text("this is no script\n", encoding="utf-8")
    done = command("craft", str(script), "-o", str(file))
    assert done.returncode == 1 and "odd.pkt:1: not supported" in done.stdout and not file.exists()
