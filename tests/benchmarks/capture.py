"""A realistic capture to measure with: `python -m tests.benchmarks.capture OUT N [--seed S] [--flows F]`.

85% TCP with options (handshakes, data, acknowledgments, SACK blocks), UDP, ARP, ICMP and some VLAN
tags; 5,000 flows; every checksum right.  The same seed gives the same file.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from random import Random
from struct import Struct

FILE_HEADER = Struct("<IHHiIII")
RECORD = Struct("<IIII")
IP, TCP, UDP = Struct("!BBHHHBBH4s4s"), Struct("!HHIIBBHHH"), Struct("!HHHH")
PSEUDO = Struct("!4s4sBBH")
ARP = Struct("!HHBBH6s4s6s4s")
POOL = 1 << 20  # random bytes that payloads are cut from
SYN, ACK, PSH, FIN = 2, 16, 8, 1
NOPS = b"\x01\x01"

Host = tuple[bytes, bytes]  # MAC and IPv4 address


def checksum(data: bytes) -> int:
    """The Internet checksum of RFC 1071."""
    total = int.from_bytes(data + b"\0" * (len(data) % 2), "big")
    return 0xFFFF - (total % 0xFFFF or (0xFFFF if total else 0))


@dataclass
class Flow:
    """One connection: who, and how far it is."""

    client: Host
    server: Host
    ports: tuple[int, int]
    numbers: list[int]  # next sequence number of client and server
    stamps: list[int] | None  # where the timestamps of client and server began
    downloads: bool
    vlan: int
    ttl: int
    sent: int = 0


class Traffic:
    """Frames one after another, each with its time in microseconds."""

    def __init__(self, seed: int = 7, flows: int = 5000, life: int = 150) -> None:
        self.random = Random(seed)
        self.life, self.now = life, 1_700_000_000_000_000
        self.pool = self.random.randbytes(POOL)
        self.hosts = [self.host(2, 0, 10) for _ in range(300)]
        self.servers = [self.host(2, 1, 11 + self.random.randrange(200)) for _ in range(500)]
        self.flows = [self.flow() for _ in range(flows)]

    def host(self, first: int, second: int, network: int) -> Host:
        return bytes((first, second)) + self.random.randbytes(4), bytes((network,)) + self.random.randbytes(3)

    def flow(self) -> Flow:
        pick, number = self.random.choice, self.random.randrange
        ports = number(32768, 61000), pick((443,) * 6 + (80, 8080, 5001, 9000))
        stamps = [number(1 << 31), number(1 << 31)] if number(100) < 92 else None
        vlan = number(1, 4000) if number(100) == 0 else 0
        return Flow(pick(self.hosts), pick(self.servers), ports, [number(1 << 32), number(1 << 32)], stamps,
                    number(4) < 3, vlan, pick((64, 64, 128, 57, 51, 113)))  # fmt: skip

    def some(self, size: int) -> bytes:
        start = self.random.randrange(POOL - size)
        return self.pool[start : start + size]

    def frame(self) -> tuple[int, bytes]:
        """The next frame: microseconds since 1970, and its bytes."""
        self.now += 1 + int(self.random.expovariate(1 / 12))
        kind = self.random.random()
        made = self.tcp() if kind < 0.85 else self.udp() if kind < 0.97 else self.arp() if kind < 0.99 else self.icmp()
        return self.now, made

    def tcp(self) -> bytes:
        number = self.random.randrange
        index = number(len(self.flows))
        flow = self.flows[index]
        step, flow.sent = flow.sent, flow.sent + 1
        side = (0, 1, 0)[step] if step < 3 else number(2)
        flags, payload, options = ACK, b"", b""
        clock = self.now // 1000
        if step < 2:
            flags = (SYN, SYN | ACK)[step]
            stamps = self.stamps(flow, side, clock, step == 0)
            options = b"\x02\x04\x05\xb4\x04\x02" + stamps + b"\x01\x03\x03" + bytes([7 + step]) if stamps \
                else b"\x02\x04\x05\xb4" + NOPS + b"\x04\x02"  # fmt: skip
        else:
            if flow.stamps:
                options = NOPS + self.stamps(flow, side, clock, False)
            if step > 2:
                payload = self.segment(flow, bulk=(side == 1) == flow.downloads)
                flags |= PSH if payload and len(payload) < 1448 else 0
            if step > 2 and number(self.life) == 0:
                flags |= FIN
                self.flows[index] = self.flow()
            if step > 2 and not payload and number(25) == 0:
                options += self.sack(flow.numbers[1 - side], number(1, 4))
        acknowledged = flow.numbers[1 - side] if flags & ACK else 0
        ports = flow.ports if side == 0 else flow.ports[::-1]
        window = number(200, 65536)
        head = TCP.pack(*ports, flow.numbers[side], acknowledged, 20 + len(options) << 2, flags, window, 0, 0)
        flow.numbers[side] = (flow.numbers[side] + len(payload) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        source, target = (flow.client, flow.server) if side == 0 else (flow.server, flow.client)
        return self.ip(6, source, target, sealed(6, source, target, head + options + payload, 16), flow.vlan,
                       64 if side == 0 else flow.ttl)  # fmt: skip

    @staticmethod
    def stamps(flow: Flow, side: int, clock: int, first: bool) -> bytes:
        if flow.stamps is None:
            return b""
        mine, other = (start + clock & 0xFFFFFFFF for start in (flow.stamps[side], flow.stamps[1 - side] - 20))
        return b"\x08\x0a" + mine.to_bytes(4, "big") + (0 if first else other).to_bytes(4, "big")

    @staticmethod
    def sack(base: int, blocks: int) -> bytes:
        edges = [(base + 1448 * step & 0xFFFFFFFF).to_bytes(4, "big") for step in range(1, 2 * blocks + 1)]
        return NOPS + bytes((5, 2 + 8 * blocks)) + b"".join(edges)

    def segment(self, flow: Flow, bulk: bool) -> bytes:
        chance = self.random.random()
        if bulk and chance < 0.72:
            size = 1448 if flow.stamps else 1460
        elif chance < (0.9 if bulk else 0.12):
            size = self.random.randrange(6, 600)
        else:
            return b""
        data = self.some(size)
        return b"\x17\x03\x03" + (size - 5).to_bytes(2, "big") + data[5:] if flow.ports[1] == 443 else data

    def udp(self) -> bytes:
        pick, number = self.random.choice, self.random.randrange
        source, target = pick(self.hosts), pick(self.servers)
        if number(2):
            source, target = target, source
        data = self.some(number(40, 501))
        head = UDP.pack(number(33000, 60000), pick((6000, 7000, 12345, 20001, 27015)), 8 + len(data), 0)
        return self.ip(17, source, target, sealed(17, source, target, head + data, 6), 77 if number(100) == 0 else 0)

    def icmp(self) -> bytes:
        pick, number = self.random.choice, self.random.randrange
        rest = number(1 << 32).to_bytes(4, "big") + self.some(56)
        kind = bytes((pick((0, 8)), 0))
        return self.ip(1, pick(self.hosts), pick(self.servers), kind + checksum(kind + rest).to_bytes(2, "big") + rest)

    def arp(self) -> bytes:
        pick, asks = self.random.choice, self.random.random() < 0.5
        (mac, address), (other, target) = pick(self.hosts), pick(self.hosts)
        body = ARP.pack(1, 0x0800, 6, 4, 1 if asks else 2, mac, address, bytes(6) if asks else other, target)
        return (b"\xff" * 6 if asks else other) + mac + b"\x08\x06" + body + bytes(18)

    def ip(self, protocol: int, source: Host, target: Host, inner: bytes, vlan: int = 0, ttl: int = 64) -> bytes:
        number = self.random.randrange(1 << 16)
        head = IP.pack(0x45, 0, 20 + len(inner), number, 0x4000, ttl, protocol, 0, source[1], target[1])
        head = head[:10] + checksum(head).to_bytes(2, "big") + head[12:]
        tag = b"\x81\x00" + vlan.to_bytes(2, "big") if vlan else b""
        return target[0] + source[0] + tag + b"\x08\x00" + head + inner


def sealed(protocol: int, source: Host, target: Host, segment: bytes, at: int) -> bytes:
    """A segment with its checksum put in at byte `at`; UDP's zero is sent as all ones (RFC 768)."""
    found = checksum(PSEUDO.pack(source[1], target[1], 0, protocol, len(segment)) + segment)
    if protocol == 17:
        found = found or 0xFFFF
    return segment[:at] + found.to_bytes(2, "big") + segment[at + 2 :]


def frames(count: int, seed: int = 7, flows: int = 5000) -> list[bytes]:
    traffic = Traffic(seed, flows)
    return [traffic.frame()[1] for _ in range(count)]


def write(path: Path, count: int, seed: int = 7, flows: int = 5000) -> None:
    """A pcap file of `count` packets: little-endian, microseconds, Ethernet."""
    traffic = Traffic(seed, flows)
    with path.open("wb", 1 << 22) as out:
        out.write(FILE_HEADER.pack(0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for _ in range(count):
            now, frame = traffic.frame()
            out.write(RECORD.pack(*divmod(now, 1_000_000), len(frame), len(frame)) + frame)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a realistic capture.")
    parser.add_argument("out", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--flows", type=int, default=5000)
    given = parser.parse_args()
    write(given.out, given.count, given.seed, given.flows)


if __name__ == "__main__":
    main()
