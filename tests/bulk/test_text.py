"""Lines by columns are the lines that are written packet by packet."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numpy")

import wire
from tests.benchmarks.capture import frames
from tests.frames import damaged
from wire.bulk.text import Lines
from wire.sources import open_source
from wire.views.fields import Fields, Layout

FIXED = ["frame.number", "frame.time_epoch", "eth.src", "eth.type", "vlan.id", "ip.src", "ip.ttl", "ip.checksum",
         "ipv6.dst", "tcp.flags", "tcp.flags.syn", "tcp.seq", "tcp.port", "tcp.options.sack_le", "udp.length"]  # fmt: skip
VARIABLE = [*FIXED, "frame.protocols", "data.data"]
LAYOUTS = [[], ["occurrence=f"], ["occurrence=l", "quote=d", "separator=,"], ["aggregator=;", "separator=é", "quote=s"]]


def capture(packets: list[bytes]) -> bytes:
    made = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    made += [struct.pack("<IIII", 1_700_000_000 + number, number, len(data), len(data)) + data
             for number, data in enumerate(packets)]  # fmt: skip
    return b"".join(made)


def packets() -> list[bytes]:
    inner = bytes(wire.ip(src="198.51.100.7", dst="10.0.0.9") / wire.udp(srcport=5, dstport=6) / b"inside")
    tunnel = bytes(wire.eth() / wire.ip(src="192.0.2.1", dst="192.0.2.2", proto=4)) + inner
    six = bytes(wire.eth() / wire.ipv6(src="2001:db8::1", dst="2001:db8::2:0") / wire.tcp(srcport=1, dstport=2))
    plain = frames(300)
    return [*plain, tunnel, six, *(data for data, _, _ in damaged(60)), tunnel]


@pytest.mark.parametrize("options", LAYOUTS, ids=" ".join)
@pytest.mark.parametrize("fields", [FIXED, VARIABLE], ids=["fixed", "variable"])
def test_as_packet_by_packet(fields: list[str], options: list[str]) -> None:
    origin, layout = capture(packets()), Layout.of(options)
    slow = Fields(fields, layout)
    expected = "".join(slow.line(packet) + "\n" for packet in open_source(origin))
    assert b"".join(Lines(fields, layout).lines(origin)).decode() == expected


def test_only_what_a_filter_means() -> None:
    origin = capture(packets())
    slow = Fields(["frame.number"], Layout())
    meant = [slow.line(packet) for packet in open_source(origin) if "udp" in packet]
    made = b"".join(Lines(["frame.number"], Layout(), "udp").lines(origin)).decode()
    assert made.split() == meant


def test_needs_numpy_alone(tmp_path: Path) -> None:
    path = tmp_path / "some.pcap"
    path.write_bytes(capture(frames(5)))
    code = ("import sys\nfrom wire.bulk.text import Lines\nfrom wire.views.fields import Layout\n"
            f"made = b''.join(Lines(['ip.src'], Layout(), 'ip').lines({str(path)!r}))\n"
            "assert made.count(b'\\n') and 'pyarrow' not in sys.modules")  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
