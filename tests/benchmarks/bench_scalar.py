# ruff: noqa: B018
"""The scalar engine against dpkt and Scapy: `python -m tests.benchmarks.bench_scalar [--packets N] [--rounds R]`.

Every figure is a ratio of CPU times in one run: the contenders take turns, and the median of the
rounds counts.  Addresses are bytes on both sides, and so is what Scapy calls `load`.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import dpkt  # type: ignore[import-untyped]

import wire
from wire.engines import scalar

from .capture import frames

Work = Callable[[Sequence[bytes]], None]
decode = wire.decode


def every_field(sample: Sequence[bytes]) -> None:
    """Every field of Ethernet, IPv4 and TCP or UDP, options and payload included."""
    for data in sample:
        read(decode(data))


def read(p: Any) -> None:
    eth = p.eth
    eth.dst_raw, eth.src_raw, eth.type
    if "ip" not in p:
        return
    ip = p.ip
    ip.version, ip.hdr_len, ip.dsfield, ip.len, ip.id, ip.flags, ip.frag_offset, ip.ttl, ip.proto, ip.checksum
    ip.src_raw, ip.dst_raw, ip.options
    if "tcp" in p:
        tcp = p.tcp
        tcp.srcport, tcp.dstport, tcp.seq, tcp.ack, tcp.hdr_len, tcp.flags, tcp.window, tcp.checksum, tcp.urgent_pointer
        tcp.options, tcp.payload
    elif "udp" in p:
        udp = p.udp
        udp.srcport, udp.dstport, udp.length, udp.checksum, udp.payload


def every_field_and_notes(sample: Sequence[bytes]) -> None:
    """Every field, and the notes of each packet, for which all its checksums are verified."""
    for data in sample:
        p = decode(data)
        read(p)
        p.notes


def three_fields(sample: Sequence[bytes]) -> None:
    for data in sample:
        p = decode(data)
        if "tcp" in p:
            p.ip.src_raw, p.tcp.dstport, p.tcp.flags


def only_decode(sample: Sequence[bytes]) -> None:
    for data in sample:
        decode(data)


def dpkt_every_field(sample: Sequence[bytes]) -> None:
    for data in sample:
        dpkt_read(dpkt.ethernet.Ethernet(data))


def dpkt_read(eth: Any) -> None:
    eth.dst, eth.src, eth.type
    ip = eth.data
    if not isinstance(ip, dpkt.ip.IP):
        return
    ip.v, ip.hl, ip.tos, ip.len, ip.id, ip.rf, ip.df, ip.mf, ip.offset, ip.ttl, ip.p, ip.sum, ip.src, ip.dst, ip.opts
    inner = ip.data
    if isinstance(inner, dpkt.tcp.TCP):
        inner.sport, inner.dport, inner.seq, inner.ack, inner.off, inner.flags, inner.win, inner.sum, inner.urp
        dpkt.tcp.parse_opts(inner.opts), inner.data
    elif isinstance(inner, dpkt.udp.UDP):
        inner.sport, inner.dport, inner.ulen, inner.sum, inner.data


def dpkt_three_fields(sample: Sequence[bytes]) -> None:
    for data in sample:
        ip: Any = dpkt.ethernet.Ethernet(data).data
        if isinstance(ip, dpkt.ip.IP) and isinstance(ip.data, dpkt.tcp.TCP):
            ip.src, ip.data.dport, ip.data.flags


def scapy_every_field(sample: Sequence[bytes]) -> None:
    from scapy.layers.l2 import Ether

    for data in sample:
        layer: Any = Ether(data)
        while layer:
            for field in layer.fields_desc:
                getattr(layer, field.name)
            layer = layer.payload


SENT = {"srcport": 443, "dstport": 50000, "seq": 1, "ack": 2, "flags": 0x18, "window": 500}
MACS = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"
HOSTS = b"\x0a\0\0\1", b"\x0a\0\0\2"


def build(payloads: Sequence[bytes]) -> None:
    eth, ip, tcp = wire.eth, wire.ip, wire.tcp
    for payload in payloads:
        bytes(eth(dst=MACS[0], src=MACS[1]) / ip(src=HOSTS[0], dst=HOSTS[1], ttl=64, id=7) / tcp(**SENT) / payload)


def fill(payloads: Sequence[bytes]) -> None:
    """The same packets from a template: all but three fields and the payload is known beforehand."""
    eth, ip, tcp = wire.eth, wire.ip, wire.tcp
    stack = eth(dst=MACS[0], src=MACS[1]) / ip(src=HOSTS[0], dst=HOSTS[1], ttl=64) / tcp(**SENT)
    make = wire.template(stack, "ip.id", "tcp.seq", "tcp.ack")
    for payload in payloads:
        make(7, 1, 2, payload)


def dpkt_build(payloads: Sequence[bytes]) -> None:
    for payload in payloads:
        tcp = dpkt.tcp.TCP(sport=443, dport=50000, seq=1, ack=2, flags=0x18, win=500, data=payload)
        ip = dpkt.ip.IP(src=HOSTS[0], dst=HOSTS[1], ttl=64, id=7, p=6, data=tcp)
        ip.len = len(ip)
        bytes(dpkt.ethernet.Ethernet(dst=MACS[0], src=MACS[1], data=ip))


def scapy_build(payloads: Sequence[bytes]) -> None:
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether

    for payload in payloads:
        bytes(Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02") / IP(src="10.0.0.1", dst="10.0.0.2", ttl=64, id=7)
              / TCP(sport=443, dport=50000, seq=1, ack=2, flags=0x18, window=500) / payload)  # fmt: skip


def race(ours: Work, theirs: Work, sample: Sequence[bytes], rounds: int, share: int = 1) -> tuple[float, float]:
    """(our microseconds a packet, how many times theirs is ours); the slower side gets every `share`th packet."""
    few = sample[::share]
    ours(sample)
    theirs(few)
    own, ratios = [], []
    for _ in range(rounds):
        start = time.process_time()
        ours(sample)
        middle = time.process_time()
        theirs(few)
        end = time.process_time()
        own.append((middle - start) / len(sample) * 1e6)
        ratios.append((end - middle) / len(few) / ((middle - start) / len(sample)))
    return statistics.median(own), statistics.median(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the scalar engine against dpkt and Scapy.")
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    sample = frames(given.packets + 20_000)[20_000:]
    only_decode(sample)
    slow = sum(not isinstance(decode(data), scalar.QuickPacket) for data in sample)
    print(f"python {platform.python_version()}, dpkt {dpkt.__version__}; {len(sample)} packets, of which "
          f"{slow} through the reference engine")  # fmt: skip
    print(f"{'work':42}{'us/packet':>10}{'x dpkt':>8}{'x Scapy':>9}")
    rows: list[tuple[str, Work, Work, Work | None, Sequence[bytes]]] = [
        ("decode", only_decode, dpkt_every_field, None, sample),
        ("every field", every_field, dpkt_every_field, scapy_every_field, sample),
        ("every field, checksums verified, notes", every_field_and_notes, dpkt_every_field, scapy_every_field, sample),
        ("three fields", three_fields, dpkt_three_fields, None, sample),
        ("build from a template, 100 bytes", fill, dpkt_build, scapy_build, [bytes(100)] * given.packets),
        ("build from a template, 1,448 bytes", fill, dpkt_build, scapy_build, [bytes(1448)] * given.packets),
        ("build, 100 bytes", build, dpkt_build, scapy_build, [bytes(100)] * given.packets),
        ("build, 1,448 bytes", build, dpkt_build, scapy_build, [bytes(1448)] * given.packets),
    ]
    try:
        import scapy.all  # noqa: F401
    except ImportError:
        print("scapy is not installed: its column stays empty", file=sys.stderr)
        rows = [(title, ours, theirs, None, items) for title, ours, theirs, _, items in rows]
    for title, ours, theirs, third, items in rows:
        own, ratio = race(ours, theirs, items, given.rounds)
        more = f"{race(ours, third, items, 3, share=20)[1]:9.1f}" if third else ""
        print(f"{title:42}{own:10.2f}{ratio:8.2f}{more}")


if __name__ == "__main__":
    main()
