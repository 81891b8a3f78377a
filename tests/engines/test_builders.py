"""Generated builders write exactly what the reference writer writes, and refuse what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from wire.engines import builders, writer
from wire.packet import Stack
from wire.protocols import load

U8, U16, U32 = st.integers(0, 255), st.integers(0, 65535), st.integers(0, 2**32 - 1)
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "eth": {"dst": st.binary(min_size=6, max_size=6), "src": st.just("02:00:00:00:00:01"), "type": U16},
    "vlan": {"id": st.integers(0, 4095), "priority": st.integers(0, 7)},
    "ip": {"src": st.sampled_from(["10.0.0.1", "192.0.2.1", b"\0\0\0\0"]), "dst": st.binary(min_size=4, max_size=4),
           "ttl": U8, "id": U16, "flags": st.integers(0, 7), "proto": U8, "len": U16, "checksum": U16,
           "hdr_len": st.sampled_from([20, 24, 60]), "options": st.sampled_from(["", "ra=0", "lsrr=4/10.0.0.9"])},
    "ipv6": {"src": st.sampled_from(["2001:db8::1", "::"]), "flow": st.integers(0, 2**20 - 1), "nxt": U8},
    "tcp": {"srcport": U16, "dstport": U16, "seq": U32, "ack": U32, "flags": st.sampled_from(["SYN", "S.", 0x18, 0]),
            "window": U16, "checksum": U16, "hdr_len": st.sampled_from([20, 40]),
            "options": st.sampled_from(["mss=1460 sack_perm ts=1/2 nop wscale=7", "nop nop ts=1/2", "mss=1"])},
    "ipv6.hopopts": {"nxt": U8},
    "udp": {"srcport": U16, "dstport": U16, "length": U16},
}  # fmt: skip
STACKS = [("eth", "ip", "tcp"), ("eth", "ip", "udp"), ("ip", "tcp"), ("eth", "vlan", "ip", "udp"), ("ip", "ip", "tcp"),
          ("eth", "ipv6", "tcp"), ("eth", "ipv6", "udp"), ("eth",), ("eth", "ip"),
          ("udp",), ("ipv6", "ipv6.hopopts", "udp"),
          ("ipv6", "ipv6.hopopts")]  # fmt: skip


def outcome(encode: Any, stack: Stack) -> Any:
    try:
        return encode(stack)
    except ValueError as error:
        return str(error)


@given(names=st.sampled_from(STACKS), payload=st.binary(max_size=40), draw=st.data())
@settings(max_examples=300, deadline=None)
def test_the_same_bytes_or_the_same_error(names: tuple[str, ...], payload: bytes, draw: st.DataObject) -> None:
    stack = Stack()
    for name in names:
        fields = FIELDS[name]
        chosen = draw.draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=5))
        stack = stack / load()[name](**{field: draw.draw(fields[field]) for field in chosen})
    stack = stack / payload
    due = outcome(writer.encode, stack)
    for _ in range(3):  # the second becomes a builder, the third is the builder's
        assert outcome(builders.encode, stack) == due


@pytest.mark.parametrize("size", [0, 1, 100, 1448, 65495, 65496, 70000])
def test_sizes_up_to_the_most(size: int) -> None:
    stack = wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.tcp(srcport=1) / bytes(size)
    for _ in range(3):
        assert outcome(builders.encode, stack) == outcome(writer.encode, stack)


def test_a_builder_was_made() -> None:
    builders.forget()
    stack = wire.eth() / wire.ip(src="10.0.0.1") / wire.tcp(dstport=80) / b"x"
    for _ in range(2):
        bytes(stack)
    [build] = builders.BUILDERS.values()
    assert build is not builders.nothing and build(stack[:-1], b"x") == writer.encode(stack)


def test_udp_sends_no_zero_checksum() -> None:
    """A sum of zero is sent as all ones (RFC 768)."""
    under = wire.ip(src="0.0.0.0", dst="0.0.0.0")
    plain = writer.encode(under / wire.udp() / b"\0\0")
    fill = (0xFFFF - (0xFFFF - int.from_bytes(plain[26:28], "big"))).to_bytes(2, "big")
    for _ in range(3):
        assert builders.encode(under / wire.udp() / fill)[26:28] == b"\xff\xff"


def test_texts_are_remembered_but_lists_are_not_shared() -> None:
    one, two = (wire.tcp(options="mss=1460 nop") for _ in range(2))
    assert one == two and one.values["options"] is not two.values["options"]
    for _ in range(2):
        with pytest.raises(ValueError, match="0 to 255"):
            wire.ip(ttl=300)
        with pytest.raises(ValueError, match="no IPv4 address"):
            wire.ip(src="300.1.1.1")
        with pytest.raises(ValueError, match="not a number"):
            wire.ip(ttl=1.5)
        with pytest.raises(ValueError, match="6 needed"):
            wire.eth(src=b"123")
