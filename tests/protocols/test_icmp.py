"""ICMP in bytes: every message of RFC 792, router discovery, quoted packets and their extensions."""

from __future__ import annotations

import pytest

import wire
from wire.packet import Packet

from .fields import Fields, fields, said

OVER = wire.ip(src="192.0.2.1", dst="198.51.100.2", proto=1)
ECHO = bytes.fromhex(
    "08"      # type 8: echo request
    "00"      # code 0
    "a580"    # checksum
    "1c46"    # identifier
    "0001"    # sequence number
    "3638"    # data
)  # fmt: skip
QUOTED = bytes.fromhex(
    "45 00 001e 0000 0000 40 11"  # IPv4 of 30 bytes, UDP
    "8e98"                        # header checksum
    "c0000201 c6336402"           # 192.0.2.1, 198.51.100.2
    "c000 2710 000a c428"         # UDP, 49152 to 10000, 10 bytes
    "6869"                        # "hi"
)


def over(message: bytes) -> Packet:
    return wire.decode(bytes(OVER / message), "ip")


def test_echo_request() -> None:
    p = over(ECHO)
    assert fields(p.icmp) == {
        "type":     (8, 160, 168),
        "code":     (0, 168, 176),
        "checksum": (0xA580, 176, 192),
        "ident":    (0x1C46, 192, 208),
        "seq":      (1, 208, 224),
    }  # fmt: skip
    assert p.payload == b"68" and p.get("icmp.checksum.status") == 1 and p.notes == []
    assert p.icmp.info == "Echo (ping) request id=0x1c46, seq=1"
    assert bytes(OVER / wire.icmp(ident=0x1C46, seq=1) / "68")[20:] == ECHO


MESSAGES: dict[str, tuple[str, Fields, Fields]] = {
    # name: (bytes behind the checksum, the same for building, fields as (value, first bit, end bit))
    "echo reply": ("0001 0002", {"type": 0, "ident": 1, "seq": 2}, {"ident": (1, 192, 208), "seq": (2, 208, 224)}),
    "timestamp": (
        "0001 0002"                       # identifier, sequence number
        "000003e8 00000000 00000000",     # originate, receive, transmit
        {"type": "Timestamp request", "ident": 1, "seq": 2, "originate_timestamp": 1000},
        {"ident": (1, 192, 208), "seq": (2, 208, 224), "originate_timestamp": (1000, 224, 256),
         "receive_timestamp": (0, 256, 288), "transmit_timestamp": (0, 288, 320)}),
    "information": ("0001 0002", {"type": 15, "ident": 1, "seq": 2}, {"ident": (1, 192, 208), "seq": (2, 208, 224)}),
    "address mask": (
        "0001 0002 ffffff00",             # identifier, sequence number, mask
        {"type": 18, "ident": 1, "seq": 2, "address_mask": "255.255.255.0"},
        {"ident": (1, 192, 208), "seq": (2, 208, 224), "address_mask": ("255.255.255.0", 224, 256)}),
    "router solicitation": ("00000000", {"type": 10}, {"reserved": (bytes(4), 192, 224)}),
    "router advertisement": (
        "01 02 0708"                      # one address, two words each, lifetime 1800 s
        "0a000001 00000005",              # address, preference
        {"type": 9, "num_addrs": 1, "lifetime": 1800,
         "routers": [{"router_address": bytes([10, 0, 0, 1]), "pref_level": 5}]},
        {"num_addrs": (1, 192, 200), "addr_entry_size": (2, 200, 208), "lifetime": (1800, 208, 224),
         "routers": ([("router", {"router_address": "10.0.0.1", "pref_level": 5})], 224, 288)}),
    "anything else": ("01020304 05", {"type": 99}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    text, given, expected = MESSAGES[name]
    body = bytes.fromhex(text)
    built = OVER / wire.icmp(**given)
    raw = bytes(built / body if name == "anything else" else built)
    assert raw[24:] == body
    p = wire.decode(raw, "ip")
    assert {key: value for key, value in fields(p.icmp).items() if key not in ("type", "code", "checksum")} == expected
    assert p.notes == [] and bytes(p) == raw
    assert p.payload == (body if name == "anything else" else b"")


ERRORS: dict[str, tuple[str, Fields, Fields]] = {
    "port unreachable": (
        "03 03 e94f 00 00 0000",          # type, code, checksum, unused, length of the quote, unused
        {"type": 3, "code": "Port unreachable"},
        {"unused": (0, 192, 200), "length": (0, 200, 208), "unused2": (0, 208, 224)}),
    "fragmentation needed": (
        "03 04 e372 00 00 05dc",          # ... and the next hop's MTU
        {"type": 3, "code": 4, "mtu": 1500},
        {"unused": (0, 192, 200), "length": (0, 200, 208), "mtu": (1500, 208, 224)}),
    "time exceeded": (
        "0b 00 e152 00 00 0000",
        {"type": 11},
        {"unused": (0, 192, 200), "length": (0, 200, 208), "unused2": (0, 208, 224)}),
    "parameter problem": (
        "0c 00 cc52 14 00 0000",          # pointer 20
        {"type": 12, "pointer": 20},
        {"pointer": (20, 192, 200), "length": (0, 200, 208), "unused2": (0, 208, 224)}),
    "source quench": ("04 00 e852 00000000", {"type": 4}, {"unused4": (bytes(4), 192, 224)}),
    "redirect": (
        "05 01 dd50 0a000001",            # gateway
        {"type": 5, "code": 1, "redir_gw": "10.0.0.1"},
        {"redir_gw": ("10.0.0.1", 192, 224)}),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_error_quotes_a_packet(name: str) -> None:
    text, given, expected = ERRORS[name]
    head = bytes.fromhex(text)
    p = over(head + QUOTED)
    own = fields(p.icmp)
    assert own.pop("type") == (head[0], 160, 168) and own.pop("code") == (head[1], 168, 176)
    assert own.pop("checksum") == (int.from_bytes(head[2:4], "big"), 176, 192)
    assert own == expected
    assert [layer.name for layer in p] == ["ip", "icmp", "ip", "udp", "data"]
    assert [layer.quoted for layer in p] == [False, False, True, True, True]
    outer, quoted = p.all("ip")
    assert quoted.span("ttl") == (288, 296) and p.get("ip.src#2") == quoted["src"] == outer["src"]
    assert p.get("icmp.checksum.status") == p.get("udp.checksum.status") == 1 and p.notes == []
    assert bytes(OVER / wire.icmp(**given) / QUOTED)[20:] == head + QUOTED


def test_building_stacks_the_quote_too() -> None:
    quoted = wire.ip(src="192.0.2.1", dst="198.51.100.2") / wire.udp(srcport=49152, dstport=10000) / "hi"
    p = (OVER / wire.icmp(type=11) / quoted).decode()
    assert p.icmp.type == 11 and p.raw[28:] == QUOTED
    assert (OVER / wire.icmp() / quoted).decode().icmp.type == 3, "the first type that quotes"


def test_names_of_codes_depend_on_the_type() -> None:
    unreachable, redirect = over(bytes.fromhex("0301fcfe00000000")), over(bytes.fromhex("0501fafe00000000"))
    assert unreachable.show("icmp.code") == unreachable.icmp.show("code") == "Host unreachable (1)"
    assert redirect.show("icmp.code") == "Redirect for host (1)"
    assert over(ECHO).show("icmp.code") == "0"
    assert unreachable.icmp.title == "Internet Control Message Protocol, Destination unreachable (Host unreachable)"
    unreachable.icmp["code"] = "Port unreachable"
    assert unreachable.icmp["code"] == 3


def test_quote_that_is_cut() -> None:
    """RFC 792 asks for eight bytes of the quoted payload: less than its headers say, and no fault."""
    p = over(bytes.fromhex("0303000000000000") + QUOTED[:28])
    assert said(p.all("ip")[1]) == [] and said(p.udp) == [("chat", "checksum.unchecked")]
    p = over(bytes.fromhex("0303000000000000") + QUOTED[:25])
    assert said(p.udp) == [("chat", "cut.quote")]
    assert p.udp.srcport == 49152


def test_quote_that_is_whole_is_verified() -> None:
    p = over(bytes.fromhex("0303000000000000") + QUOTED)
    assert p.get("udp.checksum.status") == 1


EXTENSIONS = bytes.fromhex(
    "2000"      # version 2, reserved
    "0000"      # checksum: none
    "0008"      # object of 8 bytes
    "01 01"     # class 1 (MPLS label stack), C-Type 1
    "00010140"  # label 16, bottom of the stack, time to live 64
)


@pytest.mark.parametrize("head", ["0b00000000200000", "0b00000000000000"])
def test_extensions(head: str) -> None:
    """Behind `length` words (RFC 4884), or from old routers behind 128 bytes without one."""
    raw = bytes.fromhex(head) + QUOTED.ljust(128, b"\0") + EXTENSIONS
    p = over(raw)
    behind = {place.field.name: (p.icmp.values[place.field.name], place.first, place.end) for place in p.icmp.tail}
    objects = behind.pop("ext.objects")
    assert behind == {"padding": (bytes(98), 464, 1248), "ext": (0x2000, 1248, 1264), "ext.checksum": (0, 1264, 1280)}
    assert objects[1:] == (1280, 1344)
    assert fields(objects[0][0]) == {
        "ext.length": (8, 1280, 1296), "ext.class": (1, 1296, 1304), "ext.ctype": (1, 1304, 1312),
        "ext.data": (bytes.fromhex("00010140"), 1312, 1344)}  # fmt: skip
    assert p.get("icmp.ext.version") == 2 and p.get("icmp.ext.class") == 1
    assert p.payload == b"hi" and bytes(p)[20:] == raw
    label = {"ext.length": 8, "ext.class": 1, "ext.ctype": 1, "ext.data": "00010140"}
    icmp = wire.icmp(type=11, length=raw[5], padding=bytes(98), ext_version=2, ext_objects=[label])
    built = bytes(OVER / icmp / QUOTED)
    assert built[24:] == raw[4:] and wire.decode(built, "ip").get("icmp.checksum.status") == 1


def test_length_beyond_the_packet() -> None:
    p = over(bytes.fromhex("0b00000000ff0000") + QUOTED)
    note = next(note for note in p.icmp.notes if note.code == "length.beyond")
    assert (note.field, note.need, note.have) == ("icmp.length", 1020, 30)
    assert "udp" in p


def test_router_entries_of_another_size_stay_bytes() -> None:
    p = over(bytes.fromhex("0900ee2c 01 04 0708") + bytes(16))
    assert p.icmp["routers"] == [] and p.payload == bytes(16)
    assert ("note", "icmp.addr_entry_size") in said(p.icmp)


def test_wrong_checksum_and_cut() -> None:
    p = over(ECHO[:2] + bytes.fromhex("a581") + ECHO[4:])
    assert [(note.code, note.need, note.have) for note in p.icmp.notes] == [("checksum.wrong", 0xA580, 0xA581)]
    whole = bytes(OVER / ECHO)
    p = wire.decode(whole[:-1], "ip", len(whole))
    assert p.get("icmp.checksum.status") == 2
    icmp = wire.decode(whole[:25], "ip", len(whole)).icmp
    assert said(icmp) == [("note", "cut.capture"), ("chat", "checksum.unchecked")]


def test_fields_that_the_type_has_not() -> None:
    with pytest.raises(ValueError, match=r"icmp\.mtu: has no place here: with these values icmp has type, code"):
        bytes(wire.icmp(type=8, ident=1, mtu=1500))
