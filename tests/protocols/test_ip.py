"""IPv4 in bytes: its header, every option of RFC 791, fragments, and headers that lie about their lengths."""

from __future__ import annotations

from struct import pack, unpack

import pytest

import wire

from .fields import fields, said, values

HEADER = bytes.fromhex(
    "45"        # version 4, header length 5 words
    "b9"        # DSCP 46 (expedited forwarding), ECN 1
    "001e"      # total length 30
    "1c46"      # identification
    "4000"      # flags: don't fragment; fragment offset 0
    "40"        # time to live 64
    "11"        # protocol 17: UDP
    "3199"      # header checksum
    "c0000201"  # source 192.0.2.1
    "c6336402"  # destination 198.51.100.2
)  # fmt: skip
DATAGRAM = bytes.fromhex(
    "c000"      # source port 49152
    "2710"      # destination port 10000
    "000a"      # length 10
    "c428"      # checksum
    "6869"      # "hi"
)  # fmt: skip
ENDS = {"src": "192.0.2.1", "dst": "198.51.100.2"}


def header(options: str = "", payload: bytes = b"", proto: int = 253, **given: int) -> bytes:
    """An IPv4 packet made without the library; `given` replaces the version, hl, total or frag word."""
    body = bytes.fromhex(options)
    first = given.get("version", 4) << 4 | given.get("hl", 5 + len(body) // 4)
    total = given.get("total", 20 + len(body) + len(payload))
    packed = pack("!BBHHHBBH", first, 0, total, 1, given.get("frag", 0), 64, proto, 0)
    packed += bytes.fromhex("c0000201c6336402") + body
    sum_ = sum(unpack(f"!{len(packed) // 2}H", packed))
    while sum_ >> 16:
        sum_ = (sum_ & 0xFFFF) + (sum_ >> 16)
    return packed[:10] + pack("!H", sum_ ^ 0xFFFF) + packed[12:] + payload


def test_fields() -> None:
    ip = wire.decode(HEADER + DATAGRAM, "ip").ip
    assert fields(ip) == {
        "version":      (4, 0, 4),
        "hdr_len":      (20, 4, 8),
        "dsfield":      (0xB9, 8, 16),
        "dsfield.dscp": (46, 8, 14),
        "dsfield.ecn":  (1, 14, 16),
        "len":          (30, 16, 32),
        "id":           (0x1C46, 32, 48),
        "flags":        (2, 48, 51),
        "flags.rb":     (0, 48, 49),
        "flags.df":     (1, 49, 50),
        "flags.mf":     (0, 50, 51),
        "frag_offset":  (0, 51, 64),
        "ttl":          (64, 64, 72),
        "proto":        (17, 72, 80),
        "checksum":     (0x3199, 80, 96),
        "src":          ("192.0.2.1", 96, 128),
        "dst":          ("198.51.100.2", 128, 160),
        "options":      ([], 160, 160),
    }  # fmt: skip
    assert ip.bytes("src") == bytes([192, 0, 2, 1])
    assert ip.addr == (bytes([192, 0, 2, 1]), bytes([198, 51, 100, 2]))
    assert ip.get("checksum.status") == 1
    assert ip.show("proto") == "UDP (17)" and ip.show("dsfield.dscp") == "Expedited Forwarding (46)"
    assert ip.notes == []


def test_build() -> None:
    ip = wire.ip(**ENDS, id=0x1C46, dsfield_dscp=46, dsfield_ecn=1, flags="df")
    assert bytes(ip / wire.udp(srcport=49152, dstport=10000) / b"hi") == HEADER + DATAGRAM


OPTIONS = [
    ("01 01 01 00", "nop nop nop", [("nop", {"kind": 1})] * 3 + [("eol", {"kind": 0})]),
    ("07 0b 08 0a000001 00000000 00", "rr=8/10.0.0.1/0.0.0.0",  # type, length, pointer, two routes; end
     [("rr", {"kind": 7, "length": 11, "ptr": 8, "rec_rt": [b"\n\0\0\1", b"\0\0\0\0"]}), ("eol", {"kind": 0})]),
    ("83 0b 04 0a000001 0a000002 00", "lsrr=4/10.0.0.1/10.0.0.2",
     [("lsrr", {"kind": 131, "length": 11, "ptr": 4, "src_rt": [b"\n\0\0\1", b"\n\0\0\2"]}), ("eol", {"kind": 0})]),
    ("89 0b 0c 0a000001 0a000002 00", "ssrr=12/10.0.0.1/10.0.0.2",
     [("ssrr", {"kind": 137, "length": 11, "ptr": 12, "src_rt": [b"\n\0\0\1", b"\n\0\0\2"]}), ("eol", {"kind": 0})]),
    ("44 0c 0d 00 000003e8 000007d0", "ts=13/0/0/1000/2000",  # type, length, pointer, overflow and flag, two stamps
     [("ts", {"kind": 68, "length": 12, "ptr": 13, "overflow": 0, "flag": 0, "time_stamp": [1000, 2000]})]),
    ("44 0c 0d 21 0a000001 000003e8", "ts=13/2/1/10.0.0.1:1000",
     [("ts", {"kind": 68, "length": 12, "ptr": 13, "overflow": 2, "flag": 1,
              "stamps": [("stamp", {"time_stamp_addr": "10.0.0.1", "time_stamp": 1000})]})]),
    ("44 0c 05 03 0a000001 00000000", "ts=5/0/3/10.0.0.1:0",
     [("ts", {"kind": 68, "length": 12, "ptr": 5, "overflow": 0, "flag": 3,
              "stamps": [("stamp", {"time_stamp_addr": "10.0.0.1", "time_stamp": 0})]})]),
    ("82 0b d788 0001 4142 616263 00", "sec=Secret/1/4142/616263",
     [("sec", {"kind": 130, "length": 11, "sec_rfc791_sec": 0xD788, "sec_rfc791_comp": 1, "sec_rfc791_hr": b"AB",
               "sec_rfc791_tcc": b"abc"}), ("eol", {"kind": 0})]),
    ("88 04 0102", "sid=258", [("sid", {"kind": 136, "length": 4, "sid": 258})]),
    ("94 04 0000", "ra=0", [("ra", {"kind": 148, "length": 4, "ra": 0})]),
    ("0b 04 0240", "mtup=576", [("mtup", {"kind": 11, "length": 4, "mtu": 576})]),
    ("0c 04 05dc", "mtur=1500", [("mtur", {"kind": 12, "length": 4, "mtu": 1500})]),
    ("52 0c 0001 0002 0003 0a000001", "tr=1/2/3/10.0.0.1",
     [("tr", {"kind": 82, "length": 12, "id_number": 1, "ohc": 2, "rhc": 3, "originator": "10.0.0.1"})]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text", "expected"), OPTIONS, ids=[text.split("=")[0] for _, text, _ in OPTIONS])
def test_option(data: str, text: str, expected: object) -> None:
    raw = header(data)
    ip = wire.decode(raw, "ip").ip
    assert values(ip["options"]) == expected
    assert ip.hdr_len == 20 + len(bytes.fromhex(data))
    assert bytes(wire.ip(**ENDS, id=1, proto=253, options=text)) == raw
    assert not [note for note in ip.notes if note.severity != "chat"]


def test_security_option_of_rfc_1108() -> None:
    """Any length but RFC 791's 11 bytes: a level, and the authorities that protect it."""
    raw = header("82 04 ab 80")
    assert values(wire.decode(raw, "ip").ip["options"]) == [
        ("sec", {"kind": 130, "length": 4, "sec_cl": 0xAB, "sec_prot_auth_flags": b"\x80"})]
    sec = wire.ip.find("options").core.by_name["sec"]
    assert bytes(wire.ip(**ENDS, id=1, proto=253, options=[sec(sec_cl=0xAB, sec_prot_auth_flags="80")])) == raw


def test_unknown_option_keeps_its_bytes_and_has_its_name() -> None:
    option = wire.decode(header("86 06 00000001 01 00"), "ip").ip["options"][0]
    assert (option.name, option["data"]) == ("unknown", bytes([0, 0, 0, 1]))
    assert option.show("kind") == "Commercial Security (134)"


def test_names_of_wireshark() -> None:
    p = wire.decode(header("07 07 04 0a000001 00"), "ip")
    assert p.get("ip.opt.type") == 7 and p.get("ip.opt.type#2") == 0
    assert p.get("ip.opt.len") == 7 and p.get("ip.opt.ptr") == 4
    assert p.get("ip.rec_rt") == p.get("ip.opt.rec_rt") == [b"\n\0\0\1"]


@pytest.mark.parametrize(("options", "code", "bits"), [
    ("83 07 03 0a000001 00", "lsrr.ptr", (176, 184)),  # the pointer points before the first address
    ("07 07 05 0a000001 00", "rr.ptr", (176, 184)),    # ... into the middle of one
    ("44 08 04 00 00000001", "ts.ptr", (176, 184)),
    ("94 03 00 00", "option.size", (160, 184)),        # router alert has 4 bytes
    ("83 05 04 00", "option.beyond", (160, 192)),      # 5 bytes, 4 are there
    ("83 01 04 00", "option.length", (160, 192)),      # shorter than type and length
    ("01 01 01 83", "option.cut", (184, 192)),         # a type, and the options end
])  # fmt: skip
def test_option_faults(options: str, code: str, bits: tuple[int, int]) -> None:
    raw = header(options)
    p = wire.decode(raw, "ip")
    note = next(note for note in p.ip.notes if note.code == code)
    assert note.severity in ("warn", "error") and note.bits == bits and note.rfc.startswith("RFC")
    assert bytes(p) == raw


def test_option_that_stands_twice() -> None:
    notes = wire.decode(header("88 04 0001 88 04 0002"), "ip").ip.notes
    assert [(note.code, note.bits) for note in notes] == [("option.twice", (192, 224))]


@pytest.mark.parametrize(("given", "code", "bits", "have"), [
    ({"hl": 4}, "ip.hdr_len", (4, 8), 16),
    ({"total": 10}, "ip.len", (16, 32), 10),
    ({"version": 5}, "ip.version", (0, 4), 5),
])  # fmt: skip
def test_header_that_cannot_be_trusted(given: dict[str, int], code: str, bits: tuple[int, int], have: int) -> None:
    """Nothing behind it is decoded, and its checksum covers who knows what."""
    raw = header("", DATAGRAM, 17, **given)
    p = wire.decode(raw, "ip")
    note = next(note for note in p.ip.notes if note.code == code)
    assert (note.severity, note.bits, note.have) == ("error", bits, have)
    assert [layer.name for layer in p] == ["ip", "data"]
    assert p.get("ip.checksum.status") == 2
    assert bytes(p) == raw


def test_total_length_beyond_the_packet() -> None:
    p = wire.decode(header("", DATAGRAM, 17, total=1000), "ip")
    note = next(note for note in p.ip.notes if note.code == "length.beyond")
    assert (note.field, note.bits, note.need, note.have) == ("ip.len", (16, 32), 980, 10)
    assert p.udp.get("checksum.status") == 1, "the datagram is all there, whatever the header below says"


def test_total_length_of_zero_is_left_to_offload() -> None:
    p = wire.decode(header("", DATAGRAM, 17, total=0), "ip")
    assert said(p.ip) == [("chat", "ip.len")]
    assert p.udp["length"] == 10 and p.payload == b"hi"


def test_total_length_short_of_the_packet_leaves_a_trailer() -> None:
    p = wire.decode(HEADER + DATAGRAM + b"\0\0\0", "ip")
    assert p.payload == b"hi" and p.ip.values["trailer"] == b"\0\0\0"
    assert p.notes == []


def test_header_checksum() -> None:
    wrong = HEADER[:10] + b"\x31\x98" + HEADER[12:] + DATAGRAM
    note = wire.decode(wrong, "ip").ip.notes[0]
    assert (note.code, note.need, note.have, note.text) == ("checksum.wrong", 0x3199, 0x3198, "wrong: should be 0x3199")


def test_cut_header() -> None:
    """A capture cut inside the options is cut, not malformed; the checksum cannot be checked."""
    whole = header("07 0b 08 0a000001 00000000 00")
    p = wire.decode(whole[:26], "ip", len(whole))
    assert said(p.ip) == [("note", "cut.capture"), ("chat", "checksum.unchecked")]
    assert p.get("ip.checksum.status") == 2 and bytes(p) == whole[:26]


def test_first_fragment() -> None:
    """Decoded as far as it goes; its datagram's checksum covers what is elsewhere."""
    longer = DATAGRAM[:4] + bytes.fromhex("0020") + DATAGRAM[6:] + b"!!!!!!"  # says 32 bytes, 16 are here
    p = wire.decode(header("", longer, 17, frag=0x2000), "ip")
    assert p.ip.flags_mf == 1 and p.ip.notes == []
    assert p.udp["length"] == 32 and said(p.udp) == [("chat", "checksum.unchecked")]


def test_later_fragment() -> None:
    p = wire.decode(header("", DATAGRAM, 17, frag=0x0003), "ip")
    assert p.ip.frag_offset == 3
    assert [layer.name for layer in p] == ["ip", "data"] and p.payload == DATAGRAM


@pytest.mark.parametrize(("frag", "size", "field"), [(0x2001, 9, "ip.flags"), (0x1FFF, 16, "ip.frag_offset")])
def test_fragments_that_fit_nowhere(frag: int, size: int, field: str) -> None:
    notes = wire.decode(header("", bytes(size), 17, frag=frag), "ip").ip.notes
    assert [(note.severity, note.field) for note in notes] == [("note", field)]


def test_reserved_bit_and_dead_time_to_live() -> None:
    p = wire.decode(header("", b"", 253, frag=0x8000), "ip")
    assert [note.field for note in p.ip.notes] == ["ip.flags"]
    p = wire.edit(wire.decode(HEADER + DATAGRAM, "ip"), {"ip.ttl": 0}, fix=True)
    assert [note.field for note in p.ip.notes] == ["ip.ttl"]


def test_source_route_and_the_checksum_above() -> None:
    """UDP counts with the address where the route ends (RFC 1122 3.2.1.8), until the route is used up."""
    data = bytes(wire.ip(**ENDS, options="lsrr=4/10.0.0.1/10.0.0.2") / wire.udp(srcport=1, dstport=2) / b"x")
    used = bytes(wire.ip(**ENDS, options="lsrr=12/10.0.0.1/10.0.0.2") / wire.udp(srcport=1, dstport=2) / b"x")
    plain = bytes(wire.ip(**ENDS) / wire.udp(srcport=1, dstport=2) / b"x")
    moved = bytes(wire.ip(src="192.0.2.1", dst="10.0.0.2") / wire.udp(srcport=1, dstport=2) / b"x")
    assert data[-9:] == moved[-9:] != plain[-9:] == used[-9:]
    for raw in (data, used):
        assert wire.decode(raw, "ip").get("udp.checksum.status") == 1


def test_too_many_options() -> None:
    with pytest.raises(ValueError, match="44 bytes of options, 40 at most: the header length field counts to 15"):
        bytes(wire.ip(**ENDS, options="ts=5/0/0/1/2/3/4/5/6/7/8/9/10"))
