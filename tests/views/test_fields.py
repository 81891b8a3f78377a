"""`-T fields`: the same text as tshark's, from packets and from columns."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wire.capture import CaptureError
from wire.sources import open_source
from wire.views.fields import Fields, Layout

SAMPLES = Path("samples")
FIELDS = [
    "frame.number", "frame.len", "frame.cap_len", "frame.time_epoch", "eth.src", "eth.dst", "eth.addr",
    "eth.type", "eth.len", "vlan.id", "vlan.priority", "vlan.etype", "arp.opcode", "arp.hw.type",
    "arp.proto.type", "arp.src.proto_ipv4", "ip.version", "ip.hdr_len", "ip.dsfield", "ip.dsfield.dscp",
    "ip.len", "ip.id", "ip.flags", "ip.flags.df", "ip.frag_offset", "ip.ttl", "ip.proto", "ip.checksum",
    "ip.checksum.status", "ip.src", "ip.dst", "ip.addr", "tcp.srcport", "tcp.dstport", "tcp.port", "tcp.seq",
    "tcp.ack", "tcp.seq_raw", "tcp.hdr_len", "tcp.flags", "tcp.flags.syn", "tcp.flags.ack",
    "tcp.window_size_value", "tcp.checksum", "tcp.checksum.status", "tcp.urgent_pointer", "tcp.options",
    "tcp.option_len", "tcp.options.mss_val", "tcp.options.wscale.shift", "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr", "tcp.options.sack_le", "tcp.options.sack_re", "udp.srcport", "udp.dstport",
    "udp.length", "udp.checksum", "udp.checksum.status", "icmp.type", "icmp.code", "ipv6.src", "ipv6.dst",
    "ipv6.plen", "ipv6.nxt", "ipv6.hlim", "ipv6.tclass", "ipv6.flow", "icmpv6.type", "icmpv6.code",
]  # fmt: skip
OPTIONS = "tcp.relative_sequence_numbers:FALSE ip.check_checksum:TRUE tcp.check_checksum:TRUE udp.check_checksum:TRUE " \
    "ip.defragment:FALSE ipv6.defragment:FALSE tcp.desegment_tcp_streams:FALSE"  # fmt: skip

LAYOUTS = [[], ["header=y", "separator=,", "quote=d"], ["occurrence=f", "quote=s"], ["occurrence=l", "separator=/s"],
           ["aggregator=;", "separator=|"], ["aggregator=/s"]]  # fmt: skip


@pytest.fixture
def tshark() -> str:
    return shutil.which("tshark") or pytest.skip("tshark is not installed")


def theirs(tshark: str, path: Path, fields: list[str], options: list[str]) -> list[str]:
    words = [tshark, "-n", "-r", str(path), "-T", "fields"]
    words += [word for option in OPTIONS.split() for word in ("-o", option)]
    words += [word for name in fields for word in ("-e", name)] + [
        word for option in options for word in ("-E", option)
    ]
    env = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    return subprocess.run(words, capture_output=True, env=env, timeout=120).stdout.decode().splitlines()


def ours(path: Path, fields: list[str], options: list[str]) -> list[str]:
    made = Fields(fields, Layout.of(options))
    return [made.header] * made.layout.header + [made.line(packet) for packet in open_source(path)]


@pytest.mark.parametrize("options", LAYOUTS, ids=" ".join)
@pytest.mark.parametrize(
    "name", ["tcp-hello-8080.pcap", "udp-chat-8081.pcapng", "udp-nobody-10000.pcap", "tcp-hello-8080.cut.pcap"]
)
def test_samples_as_tshark(tshark: str, name: str, options: list[str]) -> None:
    assert ours(SAMPLES / name, FIELDS, options) == theirs(tshark, SAMPLES / name, FIELDS, options)


def rows(path: Path, fields: list[str], options: list[str]) -> Iterator[str]:
    made = Fields(fields, Layout.of(options))
    try:
        for packet in open_source(path):
            yield made.line(packet)
    except CaptureError:
        return


@pytest.mark.parametrize("options", LAYOUTS[1:], ids=" ".join)
def test_columns_write_the_same(captures: Path, options: list[str]) -> None:
    pytest.importorskip("pyarrow")
    from wire.bulk.text import Lines

    for path in sorted((captures / "captures").iterdir())[:: 1 + len(LAYOUTS)]:
        fast = b""
        try:
            for part in Lines(FIELDS, Layout.of(options)).lines(path):
                fast += part
        except CaptureError:
            pass
        slow: list[str] = []
        try:
            slow += rows(path, FIELDS, options)
        except CaptureError:
            continue
        assert fast.decode() == "".join(f"{line}\n" for line in slow), path.name


@pytest.mark.parametrize("option", ["header=x", "separator=ab", "occurrence=b", "quote=x", "colour=y", "separator="])
def test_options_that_mean_nothing(option: str) -> None:
    with pytest.raises(ValueError, match="none of header=y"):
        Layout.of([option])


@pytest.mark.parametrize(("name", "said"), [("ip.scr", "did you mean"), ("tcp.stream", "whole conversation")])
def test_unknown_fields(name: str, said: str) -> None:
    with pytest.raises(LookupError, match=said):
        Fields([name], Layout())


def test_no_value_has_no_quotes() -> None:
    made: Any = Fields(["udp.srcport", "tcp.srcport"], Layout(quote='"', separator=","))
    assert {made.line(packet) for packet in open_source(SAMPLES / "tcp-hello-8080.pcap")} >= {",", ',"8080"'}
