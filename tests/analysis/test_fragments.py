"""A packet in fragments: every piece is drawn, in the conversation of its packet, in whatever order they come."""

from __future__ import annotations

import wire
from wire.analysis.check import check
from wire.analysis.conversation import stories
from wire.analysis.reading import read
from wire.analysis.steps import of_capture, of_story
from wire.packet import Packet

KEYS = {"tap": "server"}


def again(packets: list[Packet]) -> list[Packet]:
    """The same bytes as another capture holds them."""
    found = []
    for number, one in enumerate(packets, 1):
        packet = wire.decode(one.raw)
        packet.number, packet.time = number, number
        found.append(packet)
    return found


def test_every_piece_is_drawn() -> None:
    reading = read(again(wire.craft("fragments", KEYS).packets))
    assert reading.others == 0 and {event.key for event in reading.events} == {("udp", 0)}
    (story,) = stories(reading, "it")
    assert [" ".join(arrow.label) for arrow in story.arrows] == [
        "UDP to port 8080", "IP fragment offset=576", "IP fragment offset=1152 last",
    ]  # fmt: skip
    assert [arrow.details[-2:] for arrow in story.arrows] == [
        ("first fragment", "id=1"), ("id=1", "len=576"), ("id=1", "len=256"),
    ]  # fmt: skip


def test_the_last_piece_may_come_first() -> None:
    reading = read(again(wire.craft("fragments", KEYS).packets[::-1]))
    assert {event.key for event in reading.events} == {("udp", 0)}


def test_pieces_without_the_first_one_are_a_conversation_of_their_own() -> None:
    reading = read(again(wire.craft("fragments", KEYS).packets[1:]))
    assert [event.kind for event in reading.events] == ["fragment"] * 2
    assert reading.keys == [("ip", frozenset(("172.16.10.1", "10.0.0.2")))]


def test_two_packets_of_one_number_are_two() -> None:
    """The identification is the same, the protocol is not: its pieces go with their own packet."""
    packets = again(wire.craft("fragments", KEYS).packets)
    packets += again(wire.craft("session", {"df": "off", "client.ip": "172.16.10.1/24", "server.mtu": 600, "tap": "server",
                                            "server.mss": 1460, "data": "*900"}).packets)  # fmt: skip
    reading = read(packets)
    assert {event.key[0] for event in reading.events if event.piece and event.piece.protocol == 17} == {"udp"}
    assert {event.key[0] for event in reading.events if event.piece and event.piece.protocol == 6} == {"tcp"}
    assert sum(event.kind == "fragment" for event in reading.events) > 2


def test_a_missing_piece_is_named() -> None:
    story = wire.craft("fragments", KEYS)
    script = of_story(story, ())
    whole = again(story.packets)
    assert check(script, of_capture(read(whole), script)) == []
    (said,) = check(script, of_capture(read([whole[0], whole[2]]), script))
    assert said.code == "segment.missing" and "IP fragment at 576" in str(said)
