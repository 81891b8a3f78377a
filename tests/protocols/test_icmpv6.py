"""ICMPv6 in bytes: errors and what they quote, echo, neighbour discovery and its options, multicast listeners."""

from __future__ import annotations

import pytest

import wire
from wire.packet import Packet

from .fields import Fields, fields, said, values

OVER = wire.ipv6(src="2001:db8::1", dst="2001:db8::2", nxt=58)
A, B = (bytes.fromhex(f"20010db8{end:024x}") for end in (1, 2))
QUOTED = bytes.fromhex(
    "60000000 000a 11 40"               # IPv6, 10 bytes of UDP
    "20010db8000000000000000000000001"  # 2001:db8::1
    "20010db8000000000000000000000002"  # 2001:db8::2
    "c000 2710 000a 54eb"               # UDP, 49152 to 10000, 10 bytes
    "6869"                              # "hi"
)  # fmt: skip
SOURCE = ("src_linkaddr", {"kind": 1, "length": 1, "linkaddr": "02:03:04:05:06:07"})
TARGET = ("target_linkaddr", {"kind": 2, "length": 1, "linkaddr": "02:03:04:05:06:07"})


def over(message: str | bytes) -> Packet:
    return wire.decode(bytes(OVER / (bytes.fromhex(message) if isinstance(message, str) else message)), "ipv6")


MESSAGES: dict[str, tuple[str, Fields, Fields]] = {
    # name: (bytes, the same for building, fields behind the checksum as (value, first bit, end bit))
    "echo": (
        "80 00 0801 1c46 0001",                # type, code, checksum, identifier, sequence
        {"echo_identifier": 0x1C46, "echo_sequence_number": 1},
        {"echo.identifier": (0x1C46, 352, 368), "echo.sequence_number": (1, 368, 384)}),
    "router solicitation": (
        "85 00 1230 00000000"                  # type, code, checksum, reserved
        "01 01 020304050607",                  # source link-layer address, 1 unit
        {"type": 133, "options": "slla=02:03:04:05:06:07"},
        {"reserved": (bytes(4), 352, 384), "options": ([SOURCE], 384, 448)}),
    "router advertisement": (
        "86 00 cb87 40 c8 0708"                # type, code, checksum, hop limit, flags M, O, high; lifetime
        "00000001 00000002"                    # reachable time, retransmission timer
        "05 01 0000 000005dc",                 # MTU, 1 unit: 1500
        {"type": "Router Advertisement", "nd_ra_flag": "m,o", "nd_ra_flag_prf": "High", "nd_ra_router_lifetime": 1800,
         "nd_ra_reachable_time": 1, "nd_ra_retrans_timer": 2, "options": "mtu=0000/1500"},
        {"nd.ra.cur_hop_limit": (64, 352, 360), "nd.ra.flag": (0xC8, 360, 368), "nd.ra.flag.m": (1, 360, 361),
         "nd.ra.flag.o": (1, 361, 362), "nd.ra.flag.h": (0, 362, 363), "nd.ra.flag.prf": (1, 363, 365),
         "nd.ra.flag.p": (0, 365, 366), "nd.ra.flag.rsv": (0, 366, 368), "nd.ra.router_lifetime": (1800, 368, 384),
         "nd.ra.reachable_time": (1, 384, 416), "nd.ra.retrans_timer": (2, 416, 448),
         "options": ([("mtu", {"kind": 5, "length": 1, "reserved": bytes(2), "mtu": 1500})], 448, 512)}),
    "neighbor solicitation": (
        "87 00 e264 00000000"                  # type, code, checksum, reserved
        "20010db8000000000000000000000002"     # target
        "01 01 020304050607",
        {"type": 135, "nd_ns_target_address": "2001:db8::2", "options": "slla=02:03:04:05:06:07"},
        {"reserved": (bytes(4), 352, 384), "nd.ns.target_address": ("2001:db8::2", 384, 512),
         "options": ([SOURCE], 512, 576)}),
    "neighbor advertisement": (
        "88 00 8064 60000000"                  # type, code, checksum, flags: solicited, override
        "20010db8000000000000000000000002"
        "02 01 020304050607",
        {"type": 136, "nd_na_flag": "s,o", "nd_na_target_address": "2001:db8::2", "options": "tlla=02:03:04:05:06:07"},
        {"nd.na.flag": (0x60000000, 352, 384), "nd.na.flag.r": (0, 352, 353), "nd.na.flag.s": (1, 353, 354),
         "nd.na.flag.o": (1, 354, 355), "nd.na.flag.rsv": (0, 355, 384),
         "nd.na.target_address": ("2001:db8::2", 384, 512), "options": ([TARGET], 512, 576)}),
    "listener query": (
        "82 00 f418 0064 0000"                 # type, code, checksum, maximum response delay, reserved
        "20010db8000000000000000000000002",    # group
        {"type": 130, "mld_maximum_response_delay": 100, "mld_multicast_address": "2001:db8::2"},
        {"mld.maximum_response_delay": (100, 352, 368), "reserved": (bytes(2), 368, 384),
         "mld.multicast_address": ("2001:db8::2", 384, 512)}),
    "listener query of version 2": (
        "82 00 bbcc 0064 0000"
        "20010db8000000000000000000000002"
        "0a 7d 0001"                           # suppress, robustness 2; query interval; one source
        "20010db8000000000000000000000001",
        {"type": 130, "mld_maximum_response_delay": 100, "mld_multicast_address": "2001:db8::2", "mld_flag_s": 1,
         "mld_flag_qrv": 2, "mld_qqi": 125, "mld_nb_sources": 1, "mld_source_address": ["2001:db8::1"]},
        {"mld.maximum_response_delay": (100, 352, 368), "reserved": (bytes(2), 368, 384),
         "mld.multicast_address": ("2001:db8::2", 384, 512), "mld.flag": (0x0A, 512, 520),
         "mld.flag.reserved": (0, 512, 516), "mld.flag.s": (1, 516, 517), "mld.flag.qrv": (2, 517, 520),
         "mld.qqi": (125, 520, 528), "mld.nb_sources": (1, 528, 544), "mld.source_address": ([A], 544, 672)}),
    "listener report of version 2": (
        "8f 00 e377 0000 0001"                 # type, code, checksum, reserved, one record
        "04 00 0000"                           # changed to exclude, no auxiliary data, no source
        "20010db8000000000000000000000002",
        {"type": 143, "mldr_nb_mcast_records": 1,
         "mldr_mar": [{"mldr.mar.record_type": 4, "mldr.mar.multicast_address": B}]},
        {"reserved": (bytes(2), 352, 368), "mldr.nb_mcast_records": (1, 368, 384),
         "mldr.mar": ([("mar", {"mldr.mar.record_type": 4, "mldr.mar.aux_data_len": 0, "mldr.mar.nb_sources": 0,
                                "mldr.mar.multicast_address": "2001:db8::2", "mldr.mar.source_address": []})],
                      384, 544)}),
    "anything else": ("c8 00 d340 0102030405", {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name: str) -> None:
    text, given, expected = MESSAGES[name]
    raw = bytes.fromhex(text)
    p = over(raw)
    own = fields(p.icmpv6)
    assert own.pop("type") == (raw[0], 320, 328) and own.pop("code") == (0, 328, 336)
    assert own.pop("checksum") == (int.from_bytes(raw[2:4], "big"), 336, 352)
    assert own == expected
    assert p.get("icmpv6.checksum.status") == 1 and p.notes == []
    if given:
        assert bytes(OVER / wire.icmpv6(**given))[40:] == raw
    else:
        assert p.payload == raw[4:] and bytes(OVER / wire.icmpv6(type=200) / raw[4:])[40:] == raw


OPTIONS = [
    ("01 01 020304050607", "src_linkaddr=02:03:04:05:06:07", SOURCE),
    ("02 01 020304050607", "target_linkaddr=02:03:04:05:06:07", TARGET),
    ("03 04 40 c0 00000e10 00000708 00000000 20010db8000000000000000000000000",  # length, L and A, lifetimes, prefix
     "prefix=64/0xc0/3600/1800/00000000/2001:db8::",
     ("prefix", {"kind": 3, "length": 4, "prefix.length": 64, "prefix.flag": 0xC0, "prefix.valid_lifetime": 3600,
                 "prefix.preferred_lifetime": 1800, "reserved": bytes(4), "prefix": "2001:db8::"})),
    ("05 01 0000 000005dc", "mtu=0000/1500", ("mtu", {"kind": 5, "length": 1, "reserved": bytes(2), "mtu": 1500})),
    ("07 01 0000 00001388", "adv_interval=0000/5000",
     ("adv_interval", {"kind": 7, "length": 1, "reserved": bytes(2), "advertisement_interval": 5000})),
    ("08 01 0000 0005 000f", "home_agent=0000/5/15", ("home_agent", {
        "kind": 8, "length": 1, "reserved": bytes(2), "home_agent_preference": 5, "home_agent_lifetime": 15})),
    ("0d 02 000000000000 0000000100000000", "timestamp=000000000000/4294967296",
     ("timestamp", {"kind": 13, "length": 2, "reserved": bytes(6), "timestamp": 1 << 32})),
    ("0e 01 020304050607", "nonce=020304050607", ("nonce", {"kind": 14, "length": 1, "nonce": bytes(range(2, 8))})),
    ("18 02 40 08 00000064 20010db800000000", "route_info=64/8/100/20010db800000000",
     ("route_info", {"kind": 24, "length": 2, "prefix.length": 64, "route_info.flag": 8, "route_lifetime": 100,
                     "prefix": bytes.fromhex("20010db800000000")})),
    ("19 05 0000 00000064" + A.hex() + B.hex(), "rdnss=0000/100/2001:db8::1/2001:db8::2",
     ("rdnss", {"kind": 25, "length": 5, "reserved": bytes(2), "rdnss.lifetime": 100, "rdnss": [A, B]})),
    ("1f 02 0000 00000064 0161000000000000", "dnssl=0000/100/0161000000000000",
     ("dnssl", {"kind": 31, "length": 2, "reserved": bytes(2), "dnssl.lifetime": 100,
                "dnssl": bytes.fromhex("0161000000000000")})),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text", "expected"), OPTIONS, ids=[text.split("=")[0] for _, text, _ in OPTIONS])
def test_option(data: str, text: str, expected: object) -> None:
    raw = bytes.fromhex(data)
    p = over(bytes.fromhex("8500000000000000") + raw)
    assert values(p.icmpv6["options"]) == [expected]
    assert bytes(OVER / wire.icmpv6(type=133, options=text))[48:] == raw


def test_unknown_option_keeps_its_bytes_and_has_its_name() -> None:
    p = over("8500 dafc 00000000 2601 010203040506")
    option = p.icmpv6["options"][0]
    assert (option.name, option["data"]) == ("unknown", bytes(range(1, 7)))
    assert option.show("kind") == "PREF64 Option (38)"


@pytest.mark.parametrize(("options", "code"), [
    ("01 00 020304050607", "option.length"),  # a length of zero
    ("01 03 020304050607", "option.beyond"),  # 24 bytes, 8 are there
    ("05 02 0000 000005dc 0000000000000000", "option.size"),
    ("01", "option.cut"),
])  # fmt: skip
def test_option_faults(options: str, code: str) -> None:
    raw = bytes.fromhex("8500000000000000" + options)
    p = over(raw)
    note = next(note for note in p.icmpv6.notes if note.code == code)
    assert note.severity == "error" and note.bits == (384, 320 + len(raw) * 8)
    assert bytes(p)[40:] == raw


def test_options_are_whole_units() -> None:
    with pytest.raises(ValueError, match="length: 7 bytes are no whole number of units of 8: fill them up"):
        wire.icmpv6(type=133, options="nonce=0102030405").__bytes__()


def test_names_of_wireshark() -> None:
    p = over(MESSAGES["router advertisement"][0])
    assert (p.get("icmpv6.opt.type"), p.get("icmpv6.opt.length"), p.get("icmpv6.opt.mtu")) == (5, 1, 1500)
    assert p.show("icmpv6.nd.ra.flag.prf") == "High (1)" and p.get("icmpv6.nd.ra.flag.m") == 1
    assert p.icmpv6.nd_ra_flag_m == 1
    p = over(MESSAGES["neighbor solicitation"][0])
    assert p.get("icmpv6.opt.linkaddr") == bytes(range(2, 8))
    assert p.icmpv6.info == "Neighbor Solicitation for 2001:db8::2"


ERRORS: dict[str, tuple[str, Fields, Fields]] = {
    "unreachable": ("01 04 00 000000", {"type": 1, "code": "Port unreachable"},
                    {"length": (0, 352, 360), "unused": (0, 360, 384)}),
    "too big":     ("02 00 00000500", {"type": 2, "mtu": 1280}, {"mtu": (1280, 352, 384)}),
    "exceeded":    ("03 00 00 000000", {"type": 3}, {"length": (0, 352, 360), "unused": (0, 360, 384)}),
    "problem":     ("04 01 00000028", {"type": 4, "code": 1, "pointer": 40}, {"pointer": (40, 352, 384)}),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_error_quotes_a_packet(name: str) -> None:
    text, given, expected = ERRORS[name]
    head = bytes.fromhex(text)
    built = bytes(OVER / wire.icmpv6(**given) / QUOTED)
    assert built[40:42] + built[44:] == head + QUOTED
    p = wire.decode(built, "ipv6")
    own = {key: value for key, value in fields(p.icmpv6).items() if key not in ("type", "code", "checksum")}
    assert own == expected
    assert [layer.name for layer in p] == ["ipv6", "icmpv6", "ipv6", "udp", "data"]
    assert p.udp.quoted and p.udp.srcport == 49152
    assert p.get("icmpv6.checksum.status") == p.get("udp.checksum.status") == 1 and p.notes == []


def test_building_stacks_the_quote_too() -> None:
    quoted = wire.ipv6(src="2001:db8::1", dst="2001:db8::2") / wire.udp(srcport=49152, dstport=10000) / "hi"
    assert bytes(OVER / wire.icmpv6(type=2, mtu=1280) / quoted)[48:] == QUOTED


def test_extensions() -> None:
    """The length counts units of 8 bytes here (RFC 4884 section 4.2)."""
    extensions = bytes.fromhex("2000 0000 0008 0101 00010140")
    p = over(bytes.fromhex("0300000010000000") + QUOTED.ljust(128, b"\0") + extensions)
    behind = {place.field.name: (place.first, place.end) for place in p.icmpv6.tail}
    assert behind == {"padding": (784, 1408), "ext": (1408, 1424), "ext.checksum": (1424, 1440),
                      "ext.objects": (1440, 1504)}  # fmt: skip
    assert p.payload == b"hi"


REDIRECT = bytes.fromhex(
    "89 00 0000 00000000"                    # type, code, checksum, reserved
    "20010db8000000000000000000000001"       # target
    "20010db8000000000000000000000002"       # destination
    "02 01 020304050607"                     # target link-layer address
    "04 08 000000000000"                     # redirected header, 8 units: 64 bytes
) + QUOTED + bytes(6)  # fmt: skip


def test_redirect() -> None:
    """What its redirected header quotes is decoded, and options may follow it."""
    for more in (b"", bytes.fromhex("05010000000005dc")):
        raw = REDIRECT + more
        p = over(raw)
        own = fields(p.icmpv6)
        assert [own.pop(name)[1:] for name in ("type", "code", "checksum")] == [(320, 328), (328, 336), (336, 352)]
        behind = own.pop("options2")
        assert own == {
            "reserved":               (bytes(4), 352, 384),
            "nd.rd.target_address":   ("2001:db8::1", 384, 512),
            "rd.na.destination_address": ("2001:db8::2", 512, 640),
            "options":                ([TARGET], 640, 704),
            "opt.type":               (4, 704, 712),
            "opt.length":             (8, 712, 720),
            "opt.reserved":           (bytes(6), 720, 768),
            "padding":                (bytes(6), 1168, 1216),
        }  # fmt: skip
        assert behind[1:] == (1216, 1216 + 8 * len(more))
        assert values(p.icmpv6["options2"]) == ([("mtu", {"kind": 5, "length": 1, "reserved": bytes(2), "mtu": 1500})]
                                                if more else [])  # fmt: skip
        assert [layer.name for layer in p] == ["ipv6", "icmpv6", "ipv6", "udp", "data"] and p.udp.quoted
        assert bytes(p)[40:] == raw
    given = {"nd_rd_target_address": "2001:db8::1", "rd_na_destination_address": "2001:db8::2", "opt_length": 8,
             "options": "tlla=02:03:04:05:06:07", "padding": bytes(6)}  # fmt: skip
    built = bytes(OVER / wire.icmpv6(type=137, **given) / QUOTED)
    assert built[44:] == REDIRECT[4:] and wire.decode(built, "ipv6").get("icmpv6.checksum.status") == 1


def test_redirect_without_a_redirected_header() -> None:
    p = over(REDIRECT[:48])
    assert values(p.icmpv6["options"]) == [TARGET] and "opt.type" not in p.icmpv6.values
    assert bytes(OVER / wire.icmpv6(type=137, options="tlla=02:03:04:05:06:07"))[80:] == REDIRECT[40:48]


def test_redirected_header_of_no_length() -> None:
    raw = REDIRECT[:49] + b"\0" + REDIRECT[50:]
    p = over(raw)
    assert ("error", "icmpv6.opt.length") in said(p.icmpv6)
    assert bytes(p)[40:] == raw


def test_checksum_counts_the_ipv6_pseudo_header() -> None:
    p = over("80 00 0802 1c46 0001")
    assert [(note.code, note.need, note.have) for note in p.icmpv6.notes] == [("checksum.wrong", 0x0801, 0x0802)]
    ipv6 = wire.ipv6(src="2001:db8::1", dst="2001:db8::2")
    p = (ipv6 / wire.ipv6_routing(type=0, segleft=1, src_addr=["2001:db8::9"]) / wire.icmpv6()).decode()
    assert p.get("icmpv6.checksum.status") == 1
    p.ipv6_routing.segleft = 0
    assert p.fresh.get("icmpv6.checksum.status") == 0, "now the header's own destination counts"


def test_cut() -> None:
    whole = bytes(OVER / bytes.fromhex(MESSAGES["neighbor solicitation"][0]))
    p = wire.decode(whole[:70], "ipv6", len(whole))
    assert p.icmpv6.nd_ns_target_address == "2001:db8::2"
    assert said(p.icmpv6) == [("note", "cut.capture"), ("chat", "checksum.unchecked")]
    p = wire.decode(whole[:50], "ipv6", len(whole))
    assert p.icmpv6.faults[0].field == "icmpv6.nd.ns.target_address" and bytes(p) == whole[:50]
