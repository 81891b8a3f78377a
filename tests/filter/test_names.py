"""Every name of every protocol can be filtered by, and means what it says."""

from __future__ import annotations

import pytest

import wire
from wire import protocols
from wire.filter import compile_filter
from wire.filter.names import find, find_in, names_of, nearest
from wire.filter.tree import Kind

from .packets import PACKETS

EVERY = sorted({name for protocol in protocols.load().values() for name in names_of(protocol)})


def test_every_name_is_a_filter() -> None:
    assert len(EVERY) > 400
    for name in EVERY:
        found = compile_filter(name)
        assert len(found.fields) == 1 and found.matches(PACKETS["syn"]) in (True, False)


def test_every_row_has_its_name() -> None:
    for protocol in protocols.load().values():
        for row in (*protocol.fields, *protocol.extras):
            assert find(row.path) is not None, row.path


def test_looking_in_the_family_first_finds_the_same() -> None:
    known = protocols.load().values()
    assert [name for name in EVERY if find(name) != find_in(known, name)] == []


def test_what_is_there_is_selected() -> None:
    """A field that a packet has is found by its bare name, and by its value."""
    for packet in PACKETS.values():
        for layer in packet:
            for leaf in layer.leaves():
                value, path = leaf.value, leaf.field.path
                if value in (b"", []):
                    continue
                assert compile_filter(path).matches(packet), path
                if isinstance(value, int):
                    assert compile_filter(f"{path} == {value}").matches(packet), path
                elif isinstance(value, bytes):
                    text = leaf.field.format.show(value)
                    assert compile_filter(f"{path} == {text}").matches(packet), path


@pytest.mark.parametrize(("name", "kind"), [
    ("tcp", Kind.LAYER), ("tcp.port", Kind.NUMBER), ("tcp.flags", Kind.NUMBER), ("tcp.flags.syn", Kind.FLAG),
    ("tcp.flags.psh", Kind.FLAG), ("tcp.options", Kind.BYTES), ("tcp.options.mss", Kind.BYTES), ("ip.addr", Kind.IPV4),
    ("ipv6.addr", Kind.IPV6), ("eth.addr", Kind.ETHER), ("frame.protocols", Kind.TEXT), ("frame.time_epoch", Kind.TIME),
    ("tcp.options.sack_le", Kind.NUMBER), ("data.data", Kind.BYTES), ("ip.version", Kind.NUMBER),
    ("data.text", Kind.TEXT),
])  # fmt: skip
def test_kinds(name: str, kind: Kind) -> None:
    found = find(name)
    assert found is not None and found.kind is kind


def test_one_name_in_several_protocols() -> None:
    found = find("ip.version")
    assert found is not None and {source.protocol.name for source in found.sources} == {"ip", "ipv6"}
    assert compile_filter("ip.version == 6").matches(PACKETS["six"])


def test_records_inside_options() -> None:
    packet = wire.decode(wire.build('eth / ip / tcp flags=A options="sack 1:2 30:40 nop nop"'))
    for text in ("tcp.options.sack_re == 40", "count(tcp.options.sack_le) == 2", "tcp.options.sack[0:2] == 05:12",
                 "tcp.option_len == 18", "count(tcp.options.nop) == 2", "max(tcp.options.sack_re) == 40"):  # fmt: skip
        assert compile_filter(text).matches(packet), text


def test_nearest() -> None:
    assert nearest("tcp.prot")[0] == "tcp.port" and nearest("IP.TTL") == ["ip.ttl"] and nearest("qqqqqq") == []
