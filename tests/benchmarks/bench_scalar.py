# ruff: noqa: B018
"""The scalar engine against dpkt and Scapy: `python -m tests.benchmarks.bench_scalar [--packets N] [--rounds R]`.

Every figure is a ratio of CPU times in one run: the contenders take turns, and the median of the
rounds counts.  Addresses are bytes on both sides, and so is what Scapy calls `load`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dpkt  # type: ignore[import-untyped]

import wire

from .capture import frames, write
from .results import Result

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


def stream_three(path: Path) -> None:
    for p in wire.open(path):
        if "tcp" in p:
            p.ip.src_raw, p.tcp.dstport, p.tcp.flags


def stream_twelve(path: Path) -> None:
    for p in wire.open(path):
        if "tcp" in p:
            eth, ip, tcp = p.eth, p.ip, p.tcp
            eth.src_raw, eth.dst_raw, ip.src_raw, ip.dst_raw, ip.ttl
            tcp.srcport, tcp.dstport, tcp.seq, tcp.ack, tcp.flags, tcp.window, tcp.checksum


THREE = ["ip.src", "tcp.dstport", "tcp.flags"]
TWELVE = ["eth.src", "eth.dst", "ip.src", "ip.dst", "ip.ttl", "tcp.srcport", "tcp.dstport", "tcp.seq_raw",
          "tcp.ack_raw", "tcp.flags", "tcp.window_size_value", "tcp.checksum"]  # fmt: skip


def rows_of(fields: Sequence[str], path: Path) -> None:
    for _ in wire.rows(path, fields):
        pass


def dpkt_stream_three(path: Path) -> None:
    with path.open("rb") as file:
        dpkt_three_fields([data for _, data in dpkt.pcap.Reader(file)])


def dpkt_stream_twelve(path: Path) -> None:
    with path.open("rb") as file:
        for _, data in dpkt.pcap.Reader(file):
            eth = dpkt.ethernet.Ethernet(data)
            ip: Any = eth.data
            if isinstance(ip, dpkt.ip.IP) and isinstance(ip.data, dpkt.tcp.TCP):
                tcp = ip.data
                eth.src, eth.dst, ip.src, ip.dst, ip.ttl
                tcp.sport, tcp.dport, tcp.seq, tcp.ack, tcp.flags, tcp.win, tcp.sum


def race(work: str, against: str, ours: tuple[Callable[[], object], int], theirs: tuple[Callable[[], object], int],
         rounds: int, asked: float | None = None) -> Result:  # fmt: skip
    """Two contenders, each with the number of packets that it handles, in turns: the medians of their rates."""
    taken: tuple[list[float], list[float]] = ([], [])
    for index in range(rounds + 1):
        for times, (run, count) in zip(taken, (ours, theirs), strict=True):
            start = time.process_time()
            run()
            if index:  # the first round warms up
                times.append(count / (time.process_time() - start))
    return Result(work, against, statistics.median(taken[0]), statistics.median(taken[1]), asked)


def results(packets: int, rounds: int) -> list[Result]:
    """Decoding, reading and building, against dpkt and Scapy."""
    import scapy
    import scapy.all

    sample = frames(packets + 20_000)[20_000:]
    for _ in range(3):  # routes are made for what comes often
        every_field_and_notes(sample)
    few = sample[:: max(1, len(sample) // 1000)]
    dpkt_name, scapy_name = f"dpkt {dpkt.__version__}", f"Scapy {scapy.VERSION}"
    found = []
    reads: list[tuple[str, Work, Work, float | None, float | None]] = [
        ("decode, every field read, options included", every_field, dpkt_every_field, 4.5, 75),
        ("the same, checksums verified and notes read", every_field_and_notes, dpkt_every_field, 2, None),
        ("decode, three fields read", three_fields, dpkt_three_fields, None, None),
    ]
    for work, ours, theirs, asked, asked_scapy in reads:
        mine = partial(ours, sample), len(sample)
        found.append(race(work, dpkt_name, mine, (partial(theirs, sample), len(sample)), rounds, asked))
        if theirs is dpkt_every_field:
            found.append(race(work, scapy_name, mine, (partial(scapy_every_field, few), len(few)), 3, asked_scapy))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.pcap"
        write(path, packets)
        files: list[tuple[str, Callable[[Path], None], Callable[[Path], None], float]] = [
            ("a stream from a file, three fields", stream_three, dpkt_stream_three, 8),
            ("a stream from a file, twelve fields", stream_twelve, dpkt_stream_twelve, 5),
        ]
        for work, fields, their_stream in (("wire.rows from a file, three fields", THREE, dpkt_stream_three),
                                           ("wire.rows from a file, twelve fields", TWELVE, dpkt_stream_twelve)):  # fmt: skip
            found.append(race(work, dpkt_name, (partial(rows_of, fields, path), packets),
                              (partial(their_stream, path), packets), rounds))  # fmt: skip
        for work, stream, their_stream, asked in files:
            found.append(race(work, dpkt_name, (partial(stream, path), packets), (partial(their_stream, path), packets),
                              rounds, asked))  # fmt: skip
    for size, over_dpkt, over_scapy in ((100, 10, 250), (1448, 5, 110)):
        payloads, some = [bytes(size)] * packets, [bytes(size)] * 500
        theirs_of = {dpkt_name: (partial(dpkt_build, payloads), packets), scapy_name: (partial(scapy_build, some), 500)}
        for against, asked in ((dpkt_name, over_dpkt), (scapy_name, over_scapy)):
            found.append(race(f"stack and build, {size:,} bytes", against, (partial(build, payloads), packets),
                              theirs_of[against], rounds, asked))  # fmt: skip
            found.append(race(f"from a template, {size:,} bytes", against, (partial(fill, payloads), packets),
                              theirs_of[against], rounds))  # fmt: skip
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the scalar engine against dpkt and Scapy.")
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    for one in results(given.packets, given.rounds):
        print(one)


if __name__ == "__main__":
    main()
