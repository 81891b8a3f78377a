"""A template writes what the stack with these values would, and refuses what it would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wire
from wire.packet import Stack

U8, U12, U16, U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 12, 16, 32))
ADDRESS = st.binary(min_size=4, max_size=4)
FREE: dict[str, st.SearchStrategy[Any]] = {
    "eth.dst": st.binary(min_size=6, max_size=6),
    "ip.id": U16,
    "ip.ttl": U8,
    "ip.src": ADDRESS | st.just("192.0.2.9"),
    "ip.dst": ADDRESS,
    "ip.flags": st.integers(0, 7),
    "tcp.srcport": U16,
    "tcp.seq": U32 | st.just("7"),
    "tcp.flags": U12 | st.just("SYN"),
    "tcp.checksum": U16,
    "tcp.options": st.sampled_from(["", "mss=1460", "nop nop ts=1/2"]),
}


def stack(options: str = "nop nop ts=1/2") -> Stack:
    return wire.eth(src="02:00:00:00:00:01") / wire.ip(src="10.0.0.1", dst="10.0.0.2") \
        / wire.tcp(dstport=80, flags="ACK", options=options) / b"own"  # fmt: skip


def changed(values: dict[str, Any], payload: bytes) -> bytes:
    made = list(stack())
    for depth, name in enumerate(("eth", "ip", "tcp")):
        mine = {key.removeprefix(f"{name}."): value for key, value in values.items() if key.startswith(f"{name}.")}
        made[depth] = made[depth].put(mine)
    return bytes(Stack([*made[:3], payload]))


@given(names=st.lists(st.sampled_from(sorted(FREE)), unique=True), payload=st.binary(max_size=200), draw=st.data())
@settings(max_examples=200, deadline=None)
def test_the_bytes_of_the_stack(names: list[str], payload: bytes, draw: st.DataObject) -> None:
    make = wire.template(stack(), *names)
    for _ in range(2):
        values = [draw.draw(FREE[name]) for name in names]
        assert make(*values, payload) == changed(dict(zip(names, values, strict=True)), payload)


def test_by_name_and_with_its_own_payload() -> None:
    make = wire.template(stack(), "tcp.seq")
    assert make(tcp_seq=9) == changed({"tcp.seq": 9}, b"own") == make(9, payload=b"own")


@pytest.mark.parametrize("size", [0, 1, 91, 181, 361, 1448, 65471])
def test_sums_of_any_length(size: int) -> None:
    payload = bytes(range(256)) * 256
    made = wire.template(stack(), "tcp.seq")(1, payload[:size])
    assert made == changed({"tcp.seq": 1}, payload[:size]) and not wire.decode(made).tcp.notes


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("tcp.seq", 1 << 32, "tcp.seq: 4294967296 does not fit"),
        ("tcp.flags", 4096, "tcp.flags: 4096 does not fit"),
        ("ip.src", b"\1\2\3", "ip.src: 3 bytes given, 4 needed"),
        ("ip.src", "10.0.0", "ip.src"),
        ("tcp.window", 1.5, "tcp.window: 1.5 is not a number"),
    ],
)
def test_what_does_not_fit(name: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wire.template(stack(), name)(value)


def test_a_payload_too_long_and_names_that_are_not_there() -> None:
    with pytest.raises(ValueError, match="65535"):
        wire.template(stack(), "tcp.seq")(1, bytes(70_000))
    with pytest.raises(KeyError, match=r"no udp.srcport in this stack: it has eth, ip, tcp"):
        wire.template(stack(), "udp.srcport")
    with pytest.raises(KeyError, match="name a field as a whole"):
        wire.template(stack(), "tcp.flags.syn")


def test_zero_bytes_of_udp_checksum() -> None:
    """A sum of zero is sent as all ones (RFC 768)."""
    make = wire.template(wire.ip(src="0.0.0.0", dst="0.0.0.0") / wire.udp(), "udp.srcport")
    rest = 0xFFFF - (0xFFFF - int.from_bytes(make(0)[26:28], "big"))
    assert make(rest)[26:28] == b"\xff\xff" and not wire.decode(make(rest), "ip").udp.notes
