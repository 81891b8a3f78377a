"""The Python face: decode, read, edit, stack, build, and construct's own interface."""

from __future__ import annotations

import construct
import pytest

import wire


def test_reading(syn: bytes) -> None:
    p = wire.decode(syn)
    assert [layer.name for layer in p] == ["eth", "ip", "tcp"]
    assert (p.tcp.srcport, p.tcp.dstport, p.tcp.flags_syn, p.tcp.flags_ack) == (49152, 80, 1, 0)
    assert p.ip.src == "192.0.2.1" and p.ip.bytes("src") == bytes([192, 0, 2, 1]) == p.ip["src"]
    assert "tcp" in p and "udp" not in p and p["tcp"] is p.tcp and p.all("ip") == [p.ip]
    assert p.get("tcp.flags.syn") == 1 and p.get("udp.length") is None and p.show("ip.src") == "192.0.2.1"
    assert p.show("ip.proto") == "TCP (6)" and p.show("eth.type") == "IPv4 (0x0800)"
    assert p.tcp.span("seq") == (304, 336) and p.tcp.span("flags.syn") == (382, 383)
    assert p.notes == [] and p.tcp.notes == [] and p.raw == syn == bytes(p) and p.payload == b""
    assert [option.name for option in p.tcp.options] == ["mss", "sack_perm", "ts", "nop", "wscale"]
    assert (p.tcp.options_mss_val, p.get("tcp.options.wscale.multiplier")) == (1460, 128)
    assert p.frame.protocols == "eth:ethertype:ip:tcp" and p.get("frame.len") == 74
    assert p.get("tcp.checksum.status") == 1 and p.get("tcp.len") == 0


def test_buffers(syn: bytes) -> None:
    for data in (syn, bytearray(syn), memoryview(syn)):
        assert bytes(wire.decode(data)) == syn


def test_names_that_do_not_exist(syn: bytes) -> None:
    p = wire.decode(syn)
    with pytest.raises(KeyError, match=r"did you mean .*srcport"):
        _ = p.tcp["sport"]
    with pytest.raises(AttributeError):
        _ = p.tcp.sport
    assert "srcport" in dir(p.tcp), "so that the interpreter suggests it"
    with pytest.raises(AttributeError, match="no udp layer in this packet: it has eth, ip, tcp"):
        _ = p.udp
    with pytest.raises(LookupError, match="did you mean tcp"):
        wire.decode(syn, first="tpc")
    with pytest.raises(AttributeError):
        _ = wire.no_such_protocol


def test_editing_changes_exactly_those_bits(syn: bytes) -> None:
    p = wire.decode(syn)
    p.tcp.window = 1024
    assert p.raw == syn and bytes(p) == syn[:48] + b"\x04\x00" + syn[50:]
    assert [note.code for note in p.notes] == ["checksum.wrong"]
    p.tcp.flags_fin = 1
    assert p.tcp.flags == 3
    p.ip.src = "10.0.0.1"
    assert p.ip.src == "10.0.0.1"
    for name, value, text in (("window", 70000, "16 bits hold 0 to 65535"), ("hdr_len", 21, "steps of 4"),
                              ("flags", "XYZ", "no flags are called"), ("window", "many", "tcp.window"),
                              ("window", 1.5, "is not a number")):  # fmt: skip
        with pytest.raises(ValueError, match=text):
            p.tcp[name] = value
    with pytest.raises(ValueError, match="worked out from other fields"):
        p.tcp["len"] = 3


def test_edit_and_fix(syn: bytes) -> None:
    p = wire.decode(syn)
    plain = wire.edit(p, {"ip.ttl": 5})
    assert bytes(plain) == syn[:22] + b"\x05" + syn[23:] and plain.fixed == []
    fixed = wire.edit(p, {"ip.ttl": 5}, fix=True)
    assert fixed.fixed == ["ip.checksum"] and fixed.notes == [] and p.ip.ttl == 64
    both = wire.edit(p, {"ip.src": "192.0.2.9", "tcp.flags": "SYN,ACK"}, fix=True)
    assert set(both.fixed) == {"ip.checksum", "tcp.checksum"}
    wrong = wire.edit(p, {"tcp.checksum": 1, "ip.id": 1}, fix=True)
    assert wrong.tcp.checksum == 1 and wrong.fixed == ["ip.checksum"], "what was asked for is kept, right or wrong"
    kept = wire.edit(wrong, {"ip.ttl": 1}, fix=True)
    assert kept.tcp.checksum == 1, "what was wrong before and is not touched stays wrong"
    option = wire.edit(p, {"tcp.options.mss_val": 536}, fix=True)
    assert option.tcp.options_mss_val == 536 and option.fixed == ["tcp.checksum"]
    with pytest.raises(KeyError, match="did you mean ttl"):
        wire.edit(p, {"ip.tt": 1})


def test_stacking() -> None:
    s = (wire.eth(dst="02:00:00:00:00:02") / wire.ip(src="10.0.0.1", dst="10.0.0.2")
         / wire.tcp(dstport=80, flags="SYN", options="mss=1460 sack_perm wscale=7") / b"GET /")  # fmt: skip
    p = wire.decode(bytes(s))
    assert (p.eth.type, p.ip.proto, p.ip.len, p.ip.hdr_len, p.tcp.hdr_len, p.payload) == (0x0800, 6, 57, 20, 32, b"GET /")
    assert not p.notes and bytes(p) == bytes(s)
    given = wire.decode(bytes(wire.ip(src="10.0.0.1", dst="10.0.0.2", len=9999, checksum=1) / b""), first="ip")
    assert (given.ip.len, given.ip.checksum) == (9999, 1), "what is given is kept, right or wrong"


@pytest.mark.parametrize("text", ["S", "SYN", "syn", "0x2", "2"])
def test_flags_as_people_write_them(text: str) -> None:
    assert wire.tcp(flags=text).values["flags"] == 2


@pytest.mark.parametrize(("text", "value"), [("SA", 0x12), ("S.", 0x12), ("SYN,ACK", 0x12), ("SYN|ACK", 0x12),
                                             ("syn ack", 0x12), ("psh,ack", 0x18), ("push,ack", 0x18), ("P.", 0x18),
                                             ("rst", 4), ("reset", 4), ("none", 0), ("FPU", 0x29)])  # fmt: skip
def test_sets_of_flags(text: str, value: int) -> None:
    assert wire.tcp(flags=text).values["flags"] == value


def test_options_in_both_notations() -> None:
    ours = wire.tcp(srcport=1, options="mss=1460 sack_perm ts=1000/0 nop wscale=7")
    tcpdump = wire.tcp(srcport=1, options="mss 1460,sackOK,TS val 1000 ecr 0,nop,wscale 7")
    under = wire.ip(src="10.0.0.1", dst="10.0.0.2")
    assert bytes(under / ours) == bytes(under / tcpdump)
    blocks = wire.decode(bytes(under / wire.tcp(options="nop nop sack 1 {1461:2921}")), first="ip")
    assert blocks.all_of("tcp.options.sack_le")[0][1] == 1461
    with pytest.raises(ValueError, match=r"44 bytes of options, 40 at most: .*RFC 9293 3.1"):
        bytes(under / wire.tcp(options="ts 1 2 ts 1 2 ts 1 2 ts 1 2 mss 5"))


def test_mistakes_when_stacking() -> None:
    with pytest.raises(TypeError, match=r"did you mean .*srcport"):
        wire.tcp(sport=80)
    with pytest.raises(ValueError, match=r"ip\.ttl: 300 does not fit: 8 bits hold 0 to 255"):
        wire.ip(ttl=300)
    with pytest.raises(TypeError, match="nothing can be stacked inside bytes"):
        wire.ip() / b"x" / wire.tcp()
    with pytest.raises(ValueError, match=r"tcp\.checksum: .*pseudo header"):
        bytes(wire.eth() / wire.tcp())


def test_building_from_text() -> None:
    same = wire.eth() / wire.ip(dst="10.0.0.2") / wire.tcp(dstport=80, flags="SYN")
    assert wire.build("eth / ip dst=10.0.0.2 / tcp dstport=80 flags=SYN") == bytes(same)
    assert wire.decode(wire.build('eth / ip / udp / "你好\\n" 0x00ff')).payload == "你好\n".encode() + b"\x00\xff"
    for text, reason in (("eth / ipp", "did you mean ip"), ("eth / ip dst=1.2", "no IPv4 address"), ('eth / "a', "not closed"),
                         ("eth / ip / tcp sport=1", "did you mean"), ("eth / ip ttl", "no field=value"), ("eth / ", "missing"),
                         ("eth / ip ttl=1 ttl=2", "given twice")):  # fmt: skip
        with pytest.raises(ValueError, match=reason):
            wire.build(text)


def test_a_protocol_is_a_construct(syn: bytes) -> None:
    header = wire.tcp.parse(syn[34:])
    assert header.seq == 305419896 and header.options[0].mss_val == 1460
    assert wire.udp.sizeof() == 8
    with pytest.raises(construct.SizeofError):
        wire.tcp.sizeof()
    with pytest.raises(construct.ConstructError, match="needs"):
        wire.tcp.parse(syn[34:45])
    with pytest.raises(ValueError, match=r"tcp\.checksum .*payload="):
        wire.tcp.build({"srcport": 1})
    with pytest.raises(ValueError, match=r"tcp\.checksum .*pseudo="):
        wire.tcp.build({"srcport": 1}, payload=b"")
    built = wire.tcp.build({**header, "checksum": None}, payload=b"", pseudo=syn[26:34] + b"\0\x06\0\x28")
    assert built == syn[34:]


def test_embedding_in_a_foreign_struct() -> None:
    mine = construct.Struct("tag" / construct.Byte, "inner" / wire.udp, "rest" / construct.GreedyBytes)
    got = mine.parse(b"\x07" + bytes.fromhex("1388 0050 000d 0000") + b"hello")
    assert (got.tag, got.inner.dstport, got.inner.length, got.rest) == (7, 80, 13, b"hello")
    assert mine.build({"tag": 7, "inner": {"srcport": 5000, "dstport": 80, "length": 13, "checksum": 0}, "rest": b"hello"}) \
        == b"\x07" + bytes.fromhex("1388 0050 000d 0000") + b"hello"  # fmt: skip


def test_the_same_protocol_twice() -> None:
    data = bytes(wire.ip(src="10.0.0.1", dst="10.0.0.2", ttl=9) / wire.ip(src="10.1.0.1", dst="10.1.0.2", ttl=7) / b"x")
    p = wire.decode(data, first="ip")
    assert (p.ip.ttl, p.get("ip.ttl#2"), len(p.all("ip"))) == (9, 7, 2)
    assert wire.edit(p, {"ip.ttl#2": 1}).all("ip")[1].ttl == 1


def test_printing(syn: bytes) -> None:
    p = wire.decode(syn)
    text = str(p)
    assert ".... .... ..1. = Syn: Set" in text and "Maximum segment size: 1460 bytes" in text
    assert "<" in p._repr_html_() and "Transmission Control Protocol" in p._repr_html_()
    assert "Packet of 74 bytes" in repr(p)
