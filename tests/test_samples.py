"""The samples are what samples/README.md says: read here with `struct` alone, so that they can judge the decoder.

Needs no root: the captures, states and dumps are checked as they lie there.
"""

import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "samples"
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
HELLO, REPLY = "hello 我是客户端!".encode(), "你好 我是服务器!".encode()

ETHERNET, LINUX_SLL2 = 1, 276  # link types
ALL = sorted(path.name for path in SAMPLES.glob("*.pcap*"))
SPECIAL = ("tcp-hello-8080.any.pcap", "tcp-hello-8080.cut.pcap", "tcp-hello-loopback.pcap")
PLAIN = [name for name in ALL if name not in SPECIAL]  # whole Ethernet frames with every checksum filled in


# -- reading, without wire ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frame:
    """What the file holds of one frame; time in units of the file (micro- or nanoseconds within the second)."""

    fraction: int
    wire_len: int
    data: bytes
    comment: str = ""


def read(name: str) -> tuple[str, int, list[Frame]]:
    """A sample's format ("us", "ns" or "pcapng"), link type and frames. All of them are little-endian."""
    data = (SAMPLES / name).read_bytes()
    magic, at = int.from_bytes(data[:4], "little"), 24
    if magic == 0x0A0D0D0A:
        return read_pcapng(data)
    form = {0xA1B2C3D4: "us", 0xA1B23C4D: "ns"}[magic]
    frames = []
    while at < len(data):
        fraction, cap_len, wire_len = struct.unpack_from("<4xIII", data, at)
        frames.append(Frame(fraction, wire_len, data[at + 16 : at + 16 + cap_len]))
        at += 16 + cap_len
    assert at == len(data), "the last record is cut"
    return form, struct.unpack_from("<I", data, 20)[0], frames


def read_pcapng(data: bytes) -> tuple[str, int, list[Frame]]:
    """The enhanced packet blocks of a little-endian file with one interface, with their comments."""
    link_type, frames, at = -1, [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        block = data[at + 8 : at + length - 4]
        assert struct.unpack_from("<I", data, at + length - 4)[0] == length
        if kind == 1:
            link_type = struct.unpack_from("<H", block)[0]
        elif kind == 6:
            low, cap_len, wire_len = struct.unpack_from("<8xIII", block)
            options = block[20 + cap_len + -cap_len % 4 :]
            code, size = struct.unpack_from("<HH", options) if options else (0, 0)
            comment = options[4 : 4 + size].decode() if code == 1 else ""
            frames.append(Frame(low, wire_len, block[20 : 20 + cap_len], comment))
        at += length
    return "pcapng", link_type, frames


@dataclass(frozen=True)
class Packet:
    """A frame as far as these tests look: ARP (operation in `flags`), TCP (flag letters), UDP or ICMP (type/code)."""

    kind: str
    src: str
    dst: str
    flags: str = ""
    seq: int = 0
    ack: int = 0
    data: bytes = b""
    sums: tuple[int, ...] = ()  # of every checksum's range: 0xffff where it is right


def ones_sum(data: bytes) -> int:
    """RFC 1071: the 16-bit words added, what overflows added again at the right."""
    total = sum(int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def packet(frame: bytes) -> Packet:
    """Take an Ethernet frame apart."""
    network = frame[14:]
    if frame[12:14] == b"\x08\x06":
        operation = struct.unpack_from(">H", network, 6)[0]
        return Packet("ARP", socket.inet_ntoa(network[14:18]), socket.inet_ntoa(network[24:28]), str(operation))
    assert frame[12:14] == b"\x08\x00"
    header = 4 * (network[0] & 15)
    body = network[header : struct.unpack_from(">H", network, 2)[0]]
    src, dst, ip_sum = socket.inet_ntoa(network[12:16]), socket.inet_ntoa(network[16:20]), ones_sum(network[:header])
    if network[9] == 1:
        return Packet("ICMP", src, dst, f"{body[0]}/{body[1]}", data=body[8:], sums=(ip_sum, ones_sum(body)))
    sums = (ip_sum, ones_sum(network[12:20] + struct.pack(">HH", network[9], len(body)) + body))
    if network[9] == 17:
        return Packet("UDP", src, dst, data=body[8:], sums=sums)
    seq, ack, start, bits = struct.unpack_from(">IIBB", body, 4)
    flags = "".join(letter for bit, letter in enumerate("FSRPAU") if bits >> bit & 1)
    return Packet("TCP", src, dst, flags, seq, ack, body[4 * (start >> 4) :], sums)


def packets(name: str, kind: str = "") -> list[Packet]:
    """The packets of a sample, all or those of one kind."""
    found = [packet(frame.data) for frame in read(name)[2]]
    return [one for one in found if kind in ("", one.kind)]


# -- the captures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAIN)
def test_capture_begins_with_arp_and_has_right_checksums(name: str) -> None:
    _, link_type, frames = read(name)
    assert link_type == ETHERNET
    request, reply = (packet(frame.data) for frame in frames[:2])
    assert (request.kind, request.flags, request.src, request.dst) == ("ARP", "1", CLIENT, SERVER)
    assert (reply.kind, reply.flags, reply.src, reply.dst) == ("ARP", "2", SERVER, CLIENT)
    assert frames[0].data[:12] == bytes.fromhex("ff ff ff ff ff ff 02 00 00 00 00 01")
    assert frames[1].data[:12] == bytes.fromhex("02 00 00 00 00 01 02 00 00 00 00 02")
    for number, frame in enumerate(frames, 1):
        assert len(frame.data) == frame.wire_len
        assert set(packet(frame.data).sums) <= {0xFFFF}, f"frame {number}"


def assert_connection(tcp: list[Packet], closes_first: str, from_client: bytes, from_server: bytes) -> None:
    """Handshake, data and four-segment close, the sequence numbers following each other."""
    syn, syn_ack, ack = tcp[:3]
    assert [(one.src, one.flags) for one in tcp[:3]] == [(CLIENT, "S"), (SERVER, "SA"), (CLIENT, "A")]
    assert (syn_ack.ack, ack.seq, ack.ack) == (syn.seq + 1, syn.seq + 1, syn_ack.seq + 1)
    assert b"".join(one.data for one in tcp if one.src == CLIENT) == from_client
    assert b"".join(one.data for one in tcp if one.src == SERVER) == from_server
    first, bare, second, last = tcp[-4:]
    closes_last = SERVER if closes_first == CLIENT else CLIENT
    assert [(one.src, one.flags) for one in tcp[-4:]] == [
        (closes_first, "FA"), (closes_last, "A"), (closes_last, "FA"), (closes_first, "A")
    ]  # fmt: skip
    assert bare.ack == second.ack == first.seq + 1
    assert last.ack == second.seq + 1


def test_hello_is_a_whole_connection_closed_by_the_client() -> None:
    tcp = packets("tcp-hello-8080.pcap", "TCP")
    assert_connection(tcp, CLIENT, HELLO, REPLY)
    assert next(one.data for one in tcp if one.data) == HELLO  # in one segment
    assert len(HELLO) == 22


def test_hello_is_the_same_from_any_cut_and_loopback() -> None:
    _, link_type, cooked = read("tcp-hello-8080.any.pcap")
    assert link_type == LINUX_SLL2
    whole, cut = read("tcp-hello-8080.pcap")[2], read("tcp-hello-8080.cut.pcap")[2]
    assert [frame.data[20:] for frame in cooked] == [frame.data[14:] for frame in whole]
    assert [frame.data for frame in cut] == [frame.data[:64] for frame in whole]
    assert [frame.wire_len for frame in cut] == [frame.wire_len for frame in whole]
    loopback = packets("tcp-hello-loopback.pcap")
    assert {one.kind for one in loopback} == {"TCP"}  # no ARP
    assert b"".join(one.data for one in loopback) == HELLO + REPLY


def test_loopback_leaves_checksums_to_the_card() -> None:
    frames = [frame.data for frame in read("tcp-hello-loopback.pcap")[2]]
    with_data = [data for data in frames if packet(data).data]
    for data in [*frames[:3], *with_data]:
        pseudo = data[26:34] + struct.pack(">HH", 6, len(data) - 34)
        assert struct.unpack_from(">H", data, 34 + 16)[0] == ones_sum(pseudo)  # the pseudo header alone
        assert packet(data).sums[0] == 0xFFFF  # IPv4's own is always filled in
    assert packet(frames[-1]).sums == (0xFFFF, 0xFFFF)  # TIME-WAIT answers without a socket, and sums for itself


def test_refused_connection_is_a_reset() -> None:
    syn, reset = packets("tcp-refused-8080.pcap", "TCP")
    assert (syn.flags, reset.flags, reset.src, reset.ack) == ("S", "RA", SERVER, syn.seq + 1)


def test_server_closes_first_in_nanoseconds() -> None:
    form, _, frames = read("server-first-9999.pcap")
    assert form == "ns"
    assert any(frame.fraction % 1000 for frame in frames)
    assert_connection(packets("server-first-9999.pcap", "TCP"), SERVER, b"", "再见 我先关闭!".encode())


def test_lost_segments_are_sent_again() -> None:
    sent, arrived = packets("tcp-lost-8080.client.pcap", "TCP"), packets("tcp-lost-8080.server.pcap", "TCP")

    def count(tcp: list[Packet], src: str, flags: str) -> int:
        return sum((one.src, one.flags) == (src, flags) for one in tcp)

    assert count(sent, CLIENT, "S") > count(arrived, CLIENT, "S") == 1
    assert count(sent, CLIENT, "PA") > count(arrived, CLIENT, "PA") == 1
    assert count(sent, CLIENT, "FA") > count(arrived, CLIENT, "FA") == 1
    assert count(arrived, SERVER, "SA") > 1  # the handshake's ACK was lost, so it was sent again
    assert count(arrived, SERVER, "FA") > count(sent, SERVER, "FA") > 1  # FIN lost, then its ACK
    assert [one.data for one in arrived if one.data] == [HELLO, REPLY]


def test_both_close_before_either_has_the_others_fin() -> None:
    tcp = packets("tcp-both-close-8080.server.pcap", "TCP")
    fin = {src: next(one for one in tcp if one.src == src and "F" in one.flags) for src in (CLIENT, SERVER)}
    assert fin[CLIENT].ack == fin[SERVER].seq  # neither acknowledges the other's: RFC 9293 figure 13
    assert fin[SERVER].ack == fin[CLIENT].seq
    assert tcp[-1].ack == fin[SERVER].seq + 1


def test_udp_goes_one_way() -> None:
    udp = packets("udp-one-way-10000.pcap", "UDP")
    assert [one.data.decode() for one in udp] == ["hello 我是发送方!", "第二个", "3"]
    assert {one.src for one in udp} == {CLIENT}


def test_udp_to_nobody_is_answered_by_icmp_that_quotes_it() -> None:
    udp, icmp = read("udp-nobody-10000.pcap")[2][2:]
    answer = packet(icmp.data)
    assert (answer.kind, answer.src, answer.flags) == ("ICMP", SERVER, "3/3")
    assert answer.data == udp.data[14:]


def test_chat_is_relayed_to_the_others_and_has_comments() -> None:
    form, _, frames = read("udp-chat-8081.pcapng")
    assert form == "pcapng"
    assert "flood" in frames[0].comment and frames[2].comment.startswith("小明")
    udp = packets("udp-chat-8081.pcapng", "UDP")
    friend = "10.0.0.3"
    said = {(one.src, one.dst, one.data.decode()) for one in udp}
    assert {(CLIENT, SERVER, "你好, 小红!"), (SERVER, friend, "小明: 你好, 小红!")} <= said
    assert {(friend, SERVER, "你好, 小明!"), (SERVER, CLIENT, "小红: 你好, 小明!")} <= said
    assert (SERVER, CLIENT, "小明: 你好, 小红!") not in said  # not back to the one who said it
    assert {one.src for one in udp if not one.data} == {CLIENT, friend}  # an empty datagram each, to leave


# -- the states --------------------------------------------------------------------------------------------------

STATES = {  # at the client and at the server, stage by stage
    "tcp-hello-8080": (
        "- / LISTEN", "ESTAB / ESTAB LISTEN", "ESTAB / ESTAB LISTEN", "FIN-WAIT-2 / CLOSE-WAIT LISTEN", "TIME-WAIT / -",
    ),
    "tcp-hello-loopback": ("ESTAB ESTAB LISTEN", "CLOSE-WAIT FIN-WAIT-2 LISTEN", "TIME-WAIT"),
    "tcp-refused-8080": ("- / -",),
    "tcp-lost-8080": (
        "SYN-SENT / LISTEN", "ESTAB / LISTEN SYN-RECV", "ESTAB / ESTAB LISTEN", "ESTAB / ESTAB LISTEN",
        "ESTAB / ESTAB LISTEN", "FIN-WAIT-1 / ESTAB LISTEN", "FIN-WAIT-2 / CLOSE-WAIT LISTEN",
        "FIN-WAIT-2 / LAST-ACK", "TIME-WAIT / LAST-ACK", "TIME-WAIT / -",
    ),
    "tcp-both-close-8080": ("FIN-WAIT-1 / FIN-WAIT-1", "FIN-WAIT-1 / CLOSING", "TIME-WAIT / TIME-WAIT"),
    "server-first-9999": ("ESTAB / ESTAB LISTEN", "CLOSE-WAIT / FIN-WAIT-2", "- / TIME-WAIT", "- / LISTEN TIME-WAIT"),
    "udp-one-way-10000": ("- / UNCONN",),
    "udp-nobody-10000": ("- / -",),
    "udp-chat-8081": ("ESTAB / UNCONN / ESTAB",),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_states_stage_by_stage(name: str) -> None:
    text = (SAMPLES / f"{name}.states.txt").read_text(encoding="utf-8")
    stages = []
    for stage in text.split("\n== ")[1:]:
        tables = re.findall(r"^\w+# ss -[tu]an\nState.*\n((?:[A-Z].*\n?)*)", stage, re.M)
        stages.append(" / ".join(" ".join(sorted(re.findall(r"^\S+", table, re.M))) or "-" for table in tables))
    assert tuple(stages) == STATES[name]


def test_every_scene_has_its_states_file() -> None:
    assert {path.name.removesuffix(".states.txt") for path in SAMPLES.glob("*.states.txt")} == set(STATES)


def test_restart_beside_time_wait_is_recorded() -> None:
    text = (SAMPLES / "server-first-9999.states.txt").read_text(encoding="utf-8")
    refused, listening = text.index("Address already in use"), text.index("--reuse\nlistening on 0.0.0.0:9999")
    assert text.index("TIME-WAIT") < refused < listening


# -- the dumps ---------------------------------------------------------------------------------------------------

DUMPS = {  # what holds the hex in a line of each
    "syn.txt": r"^\w+: ((?:[0-9a-f]{4} |[0-9a-f]{2} )+)",
    "hello.xxd.txt": r"^\w+: ((?:[0-9a-f]{2} )+)",
    "hello.hexdump-C.txt": r"^\w{8}((?: {1,2}[0-9a-f]{2})+)",
    "hello.od.txt": r"^\w{6}((?: [0-9a-f]{2})+)",
    "hello.xxd-p.txt": r"^([0-9a-f]+)$",
    "hello.xxd-i.txt": r"0x([0-9a-f]{2})",
    "handshake.tshark-x.txt": r"^\w{4}  ((?:[0-9a-f]{2} )+)",
    "hello.tcpdump-x.txt": r"^\t0x\w{4}:  ((?:[0-9a-f]{4} |[0-9a-f]{2} )+)",
}


@pytest.mark.parametrize("name", DUMPS)
def test_dump_holds_the_frames_of_the_capture(name: str) -> None:
    found = re.findall(DUMPS[name], (SAMPLES / name).read_text(encoding="utf-8"), re.M)
    data = bytes.fromhex("".join(found))
    frames = [frame.data for frame in read("tcp-hello-8080.pcap")[2]]
    if name == "syn.txt":
        assert len(data) == 74
        assert packet(data).flags == "S" and packet(data).sums == (0xFFFF, 0xFFFF)
    elif name == "handshake.tshark-x.txt":
        assert data == b"".join(frames[:5])
    elif name == "hello.tcpdump-x.txt":
        assert data == b"".join(frame[14:] for frame in frames)
    else:
        assert data == next(frame for frame in frames if packet(frame).data)


def test_readme_names_every_file() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    files = [path for path in SAMPLES.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path.name for path in files if f"`{path.name}`" not in readme and path.name != "README.md"] == []
