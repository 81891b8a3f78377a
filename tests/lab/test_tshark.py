"""tshark judges what we craft: nothing malformed, every checksum right, and its analysis names what we made."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wire.lab import Scenario, craft, every
from wire.sources import write

needed = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

ANALYSIS = (
    "retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "duplicate_ack", "lost_segment",
    "ack_lost_segment", "zero_window", "zero_window_probe", "zero_window_probe_ack", "window_update", "window_full",
    "keep_alive", "keep_alive_ack", "reused_ports",
)  # fmt: skip
SUMS = ("ip.checksum.status", "tcp.checksum.status", "udp.checksum.status", "icmp.checksum.status")
SETTINGS = [word for name in ("ip", "tcp", "udp") for word in ("-o", f"{name}.check_checksum:TRUE")]
DOCS = Path(__file__).parent.parent.parent / "docs" / "crafting.md"

# What we made on purpose, by scenario; what else tshark says stands in docs/crafting.md with its reason.
MADE = {
    "lost-syn": {"retransmission"},
    "lost-syn-ack": {"retransmission"},
    "lost-ack-silence": {"retransmission"},
    "lost-data": {"retransmission"},
    "lost-fin": {"retransmission"},
    "lost-last-ack": {"retransmission"},
    "fast-retransmit": {"retransmission", "fast_retransmission", "duplicate_ack", "lost_segment", "out_of_order"},
    "reordering": {"out_of_order", "duplicate_ack", "lost_segment"},
    "duplication": {"retransmission", "spurious_retransmission", "duplicate_ack"},
    "zero-window": {"zero_window", "zero_window_probe", "zero_window_probe_ack", "window_full", "window_update"},
    "keep-alive": {"keep_alive", "keep_alive_ack"},
    "keep-alive-dead": {"keep_alive"},
    "path-mtu": {"retransmission"},
}


def judged(path: Path, *fields: str) -> list[dict[str, str]]:
    """tshark's fields of every packet of a capture."""
    words = [word for field in fields for word in ("-e", field)]
    done = subprocess.run(["tshark", "-r", str(path), *SETTINGS, "-T", "fields", "-E", "separator=|", *words],
                          capture_output=True, text=True, check=True)  # fmt: skip
    return [dict(zip(fields, line.split("|"), strict=True)) for line in done.stdout.splitlines()]


def listed() -> dict[str, set[str]]:
    """The scenarios that docs/crafting.md lists, with what tshark says of them."""
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]*) \|", DOCS.read_text(encoding="utf-8"), re.M)
    return {name: set(re.findall(r"`([a-z_]+)`", said)) for name, said in rows}


@needed
@pytest.mark.parametrize("one", every(), ids=lambda one: one.name)
def test_nothing_is_malformed_and_only_what_we_made_is_named(one: Scenario, tmp_path: Path) -> None:
    found: set[str] = set()
    for tap in one.programs:
        story = craft(one.name, {"tap": tap})
        if not story.packets:
            continue
        path = tmp_path / f"{tap}.pcap"
        write(str(path), story.packets)
        fields = ("_ws.malformed", *SUMS, *(f"tcp.analysis.{name}" for name in ANALYSIS))
        rows = judged(path, *fields)
        assert len(rows) == len(story.packets)
        for row in rows:
            assert not row["_ws.malformed"], row
            for name in SUMS:  # 1 good; 2 not checked: what an ICMP error quotes
                assert not set(row[name].split(",")) - {"", "1", "2"}, row
            found |= {name for name in ANALYSIS if row[f"tcp.analysis.{name}"]}
    made = MADE.get(one.name, set())
    allowed = made | listed().get(one.name, set())
    assert found <= allowed, f"tshark also says {found - allowed}"
    assert not made or found & made, "tshark does not see what we made"


@needed
@pytest.mark.parametrize("name", ["session", "fin-on-data", "hello", "half-close"])
def test_a_whole_session_is_complete(name: str, tmp_path: Path) -> None:
    path = tmp_path / "session.pcap"
    write(str(path), craft(name).packets)
    assert [row["tcp.completeness"] for row in judged(path, "tcp.completeness")][-1] == "31"


@needed
def test_the_states_are_in_the_capture(tmp_path: Path) -> None:
    path = tmp_path / "close.pcapng"
    write(str(path), craft("four-segment-close").packets)
    comments = [row["frame.comment"] for row in judged(path, "frame.comment")]
    assert comments[3:] == [
        "client FIN-WAIT-1, server SYN-RECEIVED", "client FIN-WAIT-2, server CLOSE-WAIT",
        "client TIME-WAIT, server LAST-ACK", "client TIME-WAIT, server LAST-ACK",
    ]  # fmt: skip
