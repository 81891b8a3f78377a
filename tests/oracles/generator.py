"""Frames of every kind, made from a seed and from nothing of wire's: sound ones, odd ones and damaged ones."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path

from .optionlists import ip_options, ipv6_options, nd_options, tcp_options

ETHERNET, RAW, NULL, LOOP, SLL, SLL2 = 1, 101, 0, 108, 113, 276
IPV4, ARP, RARP, IPV6, TAG, SERVICE_TAG = 0x0800, 0x0806, 0x8035, 0x86DD, 0x8100, 0x88A8
ICMP, IGMP, IPIP, TCP, UDP, SIX, ICMPV6, NOTHING = 1, 2, 4, 6, 17, 41, 58, 59
ROUTING, FRAGMENT, AH, DESTINATION = 43, 44, 51, 60


@dataclass(frozen=True)
class Made:
    """A frame: its link type, its bytes, and its length on the wire."""

    link: int
    data: bytes
    wire_len: int


def checksum(data: bytes) -> int:
    """RFC 1071, as its section 4.1 writes it."""
    total: int = sum(struct.unpack(f">{len(data + b'0') // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Maker:
    """Makes frames; `rnd` decides everything."""

    def __init__(self, seed: int) -> None:
        self.rnd = random.Random(seed)

    # small things

    def octets(self, most: int = 24) -> bytes:
        return self.rnd.randbytes(self.rnd.randrange(most + 1))

    def number(self, bits: int) -> int:
        return self.rnd.choice((0, 1, (1 << bits) - 1, self.rnd.getrandbits(bits), self.rnd.getrandbits(bits)))

    def seldom(self, chance: float = 0.1) -> bool:
        return self.rnd.random() < chance

    def mac(self) -> bytes:
        return bytes([self.rnd.choice((0x02, 0x00, 0x01, 0xFF, 0x52))]) + self.rnd.randbytes(5)

    def station(self) -> bytes:
        """An address that can send."""
        if self.seldom(0.02):
            return b"\x01\0\x5e\0\0\1"
        return bytes([self.rnd.choice((0x02, 0x00, 0x52))]) + self.rnd.randbytes(5)

    def address4(self) -> bytes:
        return bytes([self.rnd.choice((10, 192, 127, 224, 255, 0, 203))]) + self.rnd.randbytes(3)

    def address6(self) -> bytes:
        return bytes.fromhex(self.rnd.choice(("20010db8", "fe800000", "ff020000", "00000000"))) + self.rnd.randbytes(12)

    def port(self) -> int:
        return self.rnd.choice((1, 53, 80, 443, 8080, 40000, 65535))

    # transport

    def tcp(self, pseudo: bytes) -> bytes:
        options = tcp_options(self.rnd) if self.seldom(0.8) else b""
        words = 5 + len(options) // 4
        if self.seldom(0.05):
            words = self.rnd.randrange(16)
        flags = self.rnd.choice((0x002, 0x012, 0x010, 0x018, 0x011, 0x004, 0x014, self.number(12)))
        header = struct.pack(">HHII", self.port(), self.port(), self.number(32), self.number(32))
        urgent = self.rnd.choice((0, 0, 0, self.number(16)))
        header += struct.pack(">HHHH", words << 12 | flags, self.number(16), 0, urgent)
        return self.summed(header + options + self.octets(), 16, pseudo, TCP)

    def udp(self, pseudo: bytes) -> bytes:
        data = self.octets()
        length = self.rnd.choice((8 + len(data),) * 12 + (0, 7, 8, 9 + len(data), 65535))
        made = struct.pack(">HHHH", self.port(), self.port(), length, 0) + data
        return made if self.seldom() else self.summed(made, 6, pseudo, UDP)

    def summed(self, data: bytes, at: int, pseudo: bytes, proto: int) -> bytes:
        """The same with its checksum: right, wrong, or that of the pseudo header only."""
        if len(pseudo) == 32:
            pseudo += struct.pack(">II", len(data), proto)
        elif pseudo:
            pseudo += struct.pack(">BBH", 0, proto, len(data))
        right = checksum(pseudo + data) or (0xFFFF if proto == UDP else 0)
        found = self.rnd.choice((right,) * 9 + (self.rnd.getrandbits(16), ~checksum(pseudo) & 0xFFFF))
        return data[:at] + struct.pack(">H", found) + data[at + 2 :]

    # control messages

    def icmp(self, _pseudo: bytes) -> bytes:
        kind = self.rnd.choice((0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 30, 37, 42, self.number(8)))
        code = self.rnd.choice((0, 1, 2, 3, 4, self.number(8)))
        four = self.rnd.randbytes(4)
        if kind in (3, 11, 12) and self.seldom(0.7):
            four = bytes([self.number(8) if kind == 12 else 0, 0]) + self.rnd.randbytes(2)
        body = self.octets()
        if kind in (3, 4, 5, 11, 12):
            body = self.ip4(depth=1)[: self.rnd.choice((28, 28, 40, 200))]
            if kind in (3, 11, 12) and self.seldom(0.3):
                body, four = self.extended(body, four)
        elif kind in (0, 8) and self.seldom(0.2):  # a time, as ping sends it
            body = struct.pack(">II", self.rnd.randrange(10000), self.rnd.randrange(10**6)) + body
        elif kind == 9:
            count = self.rnd.randrange(4)
            four = bytes([count, self.rnd.choice((2, 2, 2, 3))]) + self.rnd.randbytes(2)
            body = self.rnd.randbytes(8 * count)
        elif kind in (13, 14):
            body = self.rnd.randbytes(12)
        elif kind in (17, 18):
            body = self.rnd.randbytes(4)
        return self.summed(struct.pack(">BBH", kind, code, 0) + four + body, 2, b"", ICMP)

    def extended(self, quoted: bytes, four: bytes) -> tuple[bytes, bytes]:
        """A quotation of 128 bytes and the objects behind it (RFC 4884)."""
        objects = b""
        for _ in range(self.rnd.randrange(3)):
            data = self.rnd.randbytes(4 * self.rnd.randrange(3))
            objects += struct.pack(">HBB", 4 + len(data), self.rnd.choice((1, 2, 3, 200)), self.rnd.randrange(3)) + data
        body = b"\x20\x00\x00\x00" + objects
        body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
        return quoted[:128].ljust(128, b"\0") + body, four[:1] + b"\x20" + four[2:]

    def igmp(self, _pseudo: bytes) -> bytes:
        kind = self.rnd.choice((0x11, 0x12, 0x16, 0x17, 0x22))
        body = self.address4()
        if kind == 0x22:
            count = self.rnd.randrange(3)
            body = struct.pack(">HH", 0, count)
            for _ in range(count):
                sources = self.rnd.randrange(3)
                body += struct.pack(">BBH", self.rnd.randrange(1, 7), 0, sources)
                body += self.address4() + self.rnd.randbytes(4 * sources)
        elif kind == 0x11 and self.seldom(0.5):
            sources = self.rnd.randrange(3)
            body += struct.pack(">BBH", self.number(8), self.number(8), sources) + self.rnd.randbytes(4 * sources)
        return self.summed(bytes([kind, self.number(8), 0, 0]) + body, 2, b"", IGMP)

    def icmpv6(self, pseudo: bytes) -> bytes:
        kind = self.rnd.choice((1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143))
        body = self.rnd.randbytes(4)
        if kind in (1, 2, 3, 4):
            body = (bytes(4) if kind in (1, 3) else body) + self.ip6(depth=1)[: self.rnd.choice((48, 60, 400))]
        elif kind in (128, 129):
            body += self.octets()
        elif kind in (130, 131, 132):
            body += self.address6()
            if kind == 130 and self.seldom(0.5):
                count = self.rnd.randrange(3)
                body += struct.pack(">BBH", self.number(4), self.number(8), count) + self.rnd.randbytes(16 * count)
        elif kind == 134:
            body += self.rnd.randbytes(8)
        elif kind in (135, 136):
            body += self.address6()
        elif kind == 137:
            body += self.address6() + self.address6()
        elif kind == 143:
            count = self.rnd.randrange(3)
            body = struct.pack(">HH", 0, count)
            for _ in range(count):
                more, sources = self.rnd.randrange(2), self.rnd.randrange(3)
                body += struct.pack(">BBH", self.rnd.randrange(1, 7), more, sources) + self.address6()
                body += self.rnd.randbytes(16 * sources + 4 * more)
        if 133 <= kind <= 137:
            body += nd_options(self.rnd, self.ip6(depth=1) if kind == 137 else b"")
        return self.summed(bytes([kind, self.rnd.choice((0, 0, 1, self.number(8))), 0, 0]) + body, 2, pseudo, ICMPV6)

    # network

    def ip4(self, depth: int = 0) -> bytes:
        source, target = self.address4(), self.address4()
        makers = {TCP: self.tcp, UDP: self.udp, ICMP: self.icmp, IGMP: self.igmp}
        proto = self.rnd.choice((TCP, TCP, TCP, UDP, UDP, ICMP, ICMP, IGMP, IPIP, SIX, AH, 253))
        if depth and proto in (ICMP, IPIP, SIX, AH):
            proto = UDP
        options = ip_options(self.rnd) if self.seldom(0.4) else b""
        if proto in makers:
            inner = makers[proto](source + target)
        elif proto in (IPIP, SIX):
            inner = (self.ip4 if proto == IPIP else self.ip6)(depth=1)
        else:
            inner = self.authenticated(b"", source + target) if proto == AH else self.octets()
        offset = self.rnd.choice((0,) * 12 + (0x2000, 0x2001, 185, 0x8000, self.number(16)))
        words, version = 5 + len(options) // 4, 4
        total = self.rnd.choice((words * 4 + len(inner),) * 20 + (0, 10, words * 4, words * 4 + len(inner) + 99))
        if self.seldom(0.03):
            words = self.rnd.randrange(16)
        if self.seldom(0.02):
            version = self.rnd.randrange(16)
        header = struct.pack(">BBHHHBBH", version << 4 | words, self.number(8), total, self.number(16), offset,
                             self.number(8), proto, 0) + source + target + options  # fmt: skip
        return self.summed(header, 10, b"", IPIP) + inner

    def authenticated(self, nothing: bytes, pseudo: bytes) -> bytes:
        """AH around UDP: RFC 4302."""
        words = self.rnd.choice((1, 2, 4, 6))
        return bytes([UDP, words, 0, 0]) + self.rnd.randbytes(8 + 4 * (words - 1)) + self.udp(pseudo)

    def ip6(self, depth: int = 0) -> bytes:
        source, target = self.address6(), self.address6()
        chain = [kind for kind in (0, DESTINATION, ROUTING, FRAGMENT, AH, DESTINATION) if self.seldom(0.2)]
        proto = self.rnd.choice((TCP, UDP, ICMPV6, ICMPV6, NOTHING, IPIP, SIX, 253))
        if depth and proto in (ICMPV6, IPIP, SIX):
            proto = UDP
        makers = {TCP: self.tcp, UDP: self.udp, ICMPV6: self.icmpv6}
        if proto in makers:
            inner = makers[proto](source + target)
        else:
            inner = (self.ip4 if proto == IPIP else self.ip6)(depth=1) if proto in (IPIP, SIX) else self.octets()
        following = proto
        for kind in reversed(chain):
            inner, following = self.extension(kind, following) + inner, kind
        length = self.rnd.choice((len(inner),) * 20 + (0, max(0, len(inner) - 3), len(inner) + 50))
        version = self.rnd.randrange(16) if self.seldom(0.02) else 6
        first = version << 28 | self.number(8) << 20 | self.number(20)
        return struct.pack(">IHBB", first, length, following, self.number(8)) + source + target + inner

    def extension(self, kind: int, following: int) -> bytes:
        if kind == FRAGMENT:
            place = self.rnd.choice((0, 0, 0, 1, 8, self.number(16)))
            return struct.pack(">BBHI", following, self.number(8) if self.seldom() else 0, place, self.number(32))
        if kind == AH:
            words = self.rnd.choice((1, 4, 2))
            return bytes([following, words, 0, 0]) + self.rnd.randbytes(8 + 4 * (words - 1))
        if kind == ROUTING:
            return self.route(following)
        body = ipv6_options(self.rnd, kind == 0)
        return bytes([following, (len(body) + 2) // 8 - 1]) + body

    def route(self, following: int) -> bytes:
        kind, hops = self.rnd.choice((0, 2, 3, 4, 4, 200)), self.rnd.randrange(4)
        left = self.rnd.randrange(hops + 1)
        if kind == 0:
            body = bytes(4) + self.rnd.randbytes(16 * hops)
        elif kind == 2:
            hops, left, body = 1, 1, bytes(4) + self.address6()
        elif kind == 3:
            body = bytes([0x88, 0, 0, 0]) + self.rnd.randbytes(8 * hops)
        elif kind == 4:
            hops = max(1, hops)
            body = bytes([hops - 1, 0]) + self.rnd.randbytes(2 + 16 * hops)
        else:
            body = self.rnd.randbytes(4 + 8 * hops)
        return bytes([following, (len(body) - 4) // 8, kind, left]) + body

    def arp(self) -> bytes:
        odd = ((6, IPV4), (1, 0x809B), (32, IPV4), (self.number(16), self.number(16)))
        hardware, protocol = self.rnd.choice(((1, IPV4),) * 6 + odd)
        sizes = self.rnd.choice(((6, 4),) * 8 + ((6, 0), (0, 4), (8, 4), (6, 16), (self.number(8), self.number(8))))
        opcode = self.rnd.choice((1, 2, 1, 2, 3, 4, 8, 9, 25, self.number(16)))
        one, two = self.rnd.randbytes(sizes[0]), self.rnd.randbytes(sizes[1])
        other = self.rnd.choice((two, bytes(sizes[1]), self.rnd.randbytes(sizes[1])))
        addresses = one + other + self.rnd.choice((one, bytes(sizes[0]))) + two
        return struct.pack(">HHBBH", hardware, protocol, *sizes, opcode) + addresses

    # links

    def network(self) -> tuple[int, bytes]:
        """An EtherType and what it names."""
        kind = self.rnd.choice((IPV4,) * 8 + (IPV6,) * 6 + (ARP, ARP, RARP, 0x9999))
        made = {IPV4: self.ip4, IPV6: self.ip6, ARP: self.arp, RARP: self.arp}.get(kind, self.octets)
        return kind, made()

    def tagged(self) -> bytes:
        """An EtherType and what follows it, perhaps behind tags."""
        kind, data = self.network()
        made = struct.pack(">H", kind) + data
        if self.seldom(0.1):
            llc = self.logical()
            made = struct.pack(">H", len(llc)) + llc
        stacked = ((SERVICE_TAG, TAG), (SERVICE_TAG,), (SERVICE_TAG, SERVICE_TAG, TAG), (0x9100, TAG))
        for tag in reversed(self.rnd.choice(((),) * 8 + ((TAG,), (TAG, TAG)) + stacked)):
            made = struct.pack(">HH", tag, self.number(16)) + made
        return made

    def logical(self) -> bytes:
        """An LLC header and what follows it."""
        kind, data = self.network()
        if self.seldom(0.5):
            owner = self.rnd.choice((b"\0\0\0", b"\0\0\0", b"\0\0\xf8", b"\0\0\x0c", b"\x00\x80\xc2"))
            return b"\xaa\xaa\x03" + owner + struct.pack(">H", kind) + data
        control = self.rnd.choice((b"\x03", b"\x7f", b"\xe3", b"\x01\x04", b"\x05\x05", self.rnd.randbytes(2)))
        points = self.rnd.choice((b"\x42\x42", b"\x06\x06", b"\xf0\xf1", b"\xfe\xfe", self.rnd.randbytes(2)))
        return points + control + data

    def frame(self) -> Made:
        link = self.rnd.choice((ETHERNET,) * 12 + (RAW, NULL, LOOP, SLL, SLL2))
        data = self.ethernet() if link == ETHERNET else self.other(link)
        if self.seldom(0.08):  # damaged
            at = self.rnd.randrange(len(data))
            data = data[:at] + self.rnd.randbytes(1) + data[at + 1 :]
        whole = len(data)
        if self.seldom(0.08):
            data = data[: self.rnd.randrange(len(data))]
            if self.seldom(0.5):
                whole = len(data)  # as if it had been so short on the wire
        return Made(link, data, whole)

    def ethernet(self) -> bytes:
        rest = self.tagged()
        if self.seldom(0.1):
            llc = self.logical()
            rest = struct.pack(">H", self.rnd.choice((len(llc),) * 8 + (0x05DC, 0x05FE, 3))) + llc
        made = self.mac() + self.station() + rest
        if self.seldom(0.8):
            made = made.ljust(60, b"\0")
        return made + (self.octets(8) if self.seldom() else b"")

    def other(self, link: int) -> bytes:
        kind, data = self.network()
        family = {IPV4: 2, IPV6: self.rnd.choice((24, 28, 30))}.get(kind, self.number(8))
        if link == RAW:
            return self.rnd.choice((self.ip4, self.ip6))()
        if link == NULL:
            return struct.pack(self.rnd.choice("<>") + "I", family) + data
        if link == LOOP:
            return struct.pack(">I", family) + data
        halen = self.rnd.choice((6, 6, 6, 0, 4, 8, 2))
        hatype, ptype = self.rnd.choice((1, 1, 1, 772, 65534, 512)), self.rnd.randrange(5)
        address = self.rnd.randbytes(8)
        protocol = kind if self.seldom(0.9) else self.rnd.choice((1, 4, 0x0C))
        if protocol == 4:
            data = self.logical()
        if link == SLL:
            return struct.pack(">HHH", ptype, hatype, halen) + address + struct.pack(">H", protocol) + data
        return struct.pack(">HHIHBB", protocol, 0, self.number(8), hatype, ptype, halen) + address + data


def frames(count: int, seed: int) -> list[Made]:
    maker = Maker(seed)
    return [maker.frame() for _ in range(count)]


def pcapng(made: list[Made]) -> bytes:
    """A capture of them: one section, an interface for each link type."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    links = sorted({one.link for one in made})
    blocks = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    blocks += [block(1, struct.pack("<HHI", link, 0, 0)) for link in links]
    for one in made:
        head = struct.pack("<IIIII", links.index(one.link), 0, 0, len(one.data), one.wire_len)
        blocks.append(block(6, head + one.data))
    return b"".join(blocks)


def write(path: Path, made: list[Made]) -> Path:
    path.write_bytes(pcapng(made))
    return path
