"""Five packets that the tests of the language choose from."""

from __future__ import annotations

import wire
from wire.filter import compile_filter
from wire.packet import Packet

TEXTS = {
    "syn": 'eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / ip src=10.0.0.1 dst=10.0.0.2 ttl=64 id=5 / '
           'tcp srcport=49152 dstport=80 seq=4000000000 flags=S options="mss=1460 sack_perm ts=7/0 nop wscale=7"',
    "get": 'eth src=02:00:00:00:00:01 dst=02:00:00:00:00:02 / ip src=10.0.0.1 dst=10.0.0.2 ttl=63 flags.df=1 / '
           'tcp srcport=49152 dstport=80 seq=4000000001 ack=9 flags=PA window=502 options="nop nop ts=8/3" / '
           '"GET /a HTTP/1.1"',
    "udp": 'eth src=00:00:5e:00:53:09 dst=ff:ff:ff:ff:ff:ff / ip src=192.168.1.9 dst=192.168.1.255 ttl=1 / '
           'udp srcport=68 dstport=67 / 0x0001feff',
    "tunnel": 'eth / ip src=172.16.0.1 dst=172.16.0.2 ttl=9 / ip src=10.9.9.9 dst=172.16.0.1 ttl=3 / '
              'tcp srcport=443 dstport=443 flags=FA',
    "six": 'eth / ipv6 src=2001:db8::1 dst=fe80::2 hlim=255 / udp srcport=5353 dstport=5353 / "hello"',
}  # fmt: skip


def read() -> dict[str, Packet]:
    packets = {}
    for number, (name, text) in enumerate(TEXTS.items(), 1):
        packet = wire.decode(wire.build(text))
        packet.number, packet.time = number, 1_700_000_000_000_000_000 + number * 500_000_000
        packets[name] = packet
    return packets


PACKETS = read()


def chosen(text: str) -> str:
    """The names of the packets that a filter selects."""
    matches = compile_filter(text).matches
    return " ".join(name for name, packet in PACKETS.items() if matches(packet))
