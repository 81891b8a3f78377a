"""Every kind of mistake is made in a crafted capture, and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import wire
from wire.analysis.check import check
from wire.analysis.mistakes import MISTAKES, Diagnosis, page
from wire.analysis.reading import read
from wire.analysis.steps import of_capture, of_story
from wire.lab import every
from wire.lang import catalogue
from wire.packet import Packet, copy_meta
from wire.views.telling import spoken

Change = Callable[[list[Packet]], list[Packet]]
Keys = Mapping[str, Any]
NUMBERS = {"client.isn": 223, "server.isn": 521}


def judged(packets: list[Packet], name: str, keys: Keys | None = None, given: Keys | None = None,
           tolerance: int | None = None) -> list[Diagnosis]:  # fmt: skip
    """What is said of a capture; `keys` shape the script, `given` are those that the capture must have."""
    script = of_story(wire.craft(name, {**(keys or {}), **(given or {})}), given or ())
    for number, packet in enumerate(packets, 1):
        packet.number = number
    return check(script, of_capture(read(packets), script), tolerance)


# Ways to spoil a capture; frames count from 1


def put(frame: int, **fields: Any) -> Change:
    """Fields of a frame, checksums following; a number may be said as `-1`: one less than it was."""

    def change(packets: list[Packet]) -> list[Packet]:
        old = packets[frame - 1]
        values = {}
        for name, value in fields.items():
            path = name.replace("__", ".")
            values[path] = (
                (old.get(path) + int(value)) % (1 << 32) if isinstance(value, str) and value[0] in "+-" else value
            )
        return [*packets[: frame - 1], wire.edit(old, values, fix=True), *packets[frame:]]

    return change


def drop(*frames: int) -> Change:
    return lambda packets: [one for number, one in enumerate(packets, 1) if number not in frames]


def swap(first: int, second: int) -> Change:
    def change(packets: list[Packet]) -> list[Packet]:
        made = list(packets)
        made[first - 1], made[second - 1] = made[second - 1], made[first - 1]
        return made

    return change


def again(frame: int, after: int, **fields: Any) -> Change:
    """A frame once more behind another one, with other fields."""

    def change(packets: list[Packet]) -> list[Packet]:
        copy = put(1, **fields)([packets[frame - 1]])[0]
        return [*packets[:after], copy, *packets[after:]]

    return change


def broken(packets: list[Packet]) -> list[Packet]:
    """A checksum that does not follow."""
    return [wire.edit(packets[0], {"tcp.checksum": 1}), *packets[1:]]


def resized(frame: int, data: bytes) -> Change:
    """A frame with other data, lengths and sums right."""

    def change(packets: list[Packet]) -> list[Packet]:
        old = packets[frame - 1]
        made = wire.decode(old.raw[: old.tcp.end] + data)
        made = wire.edit(made, {"ip.len": len(made.raw) - 14})
        for name in ("ip", "tcp"):
            due = made[name].verdicts["checksum"].due
            made = made if due is None else wire.edit(made, {f"{name}.checksum": due})
        return [*packets[: frame - 1], copy_meta(old, made), *packets[frame:]]

    return change


def spliced(frames: int, name: str, **keys: Any) -> Change:
    """The first frames, and the rest of another capture."""
    return lambda packets: [*packets[:frames], *wire.craft(name, keys).packets[frames:]]


def turned(frame: int) -> Change:
    """A frame that goes the other way."""

    def change(packets: list[Packet]) -> list[Packet]:
        tcp, ip = packets[frame - 1].tcp, packets[frame - 1].ip
        return put(frame, ip__src=ip.dst, ip__dst=ip.src, tcp__srcport=tcp.dstport, tcp__dstport=tcp.srcport)(packets)

    return change


def other(name: str, **keys: Any) -> Change:
    """Another capture altogether."""
    return lambda _: wire.craft(name, {key.replace("__", "."): value for key, value in keys.items()}).packets


def then(*changes: Change) -> Change:
    def change(packets: list[Packet]) -> list[Packet]:
        for one in changes:
            packets = one(packets)
        return packets

    return change


SYN, ACK, FIN, RST, PSH, URG = 2, 16, 1, 4, 8, 32

# code, scenario, what is done to its capture, keys of the script, keys that must be met
CASES: list[tuple[str, str, Change, Keys, Keys]] = [
    ("capture.empty", "handshake", lambda packets: [], {}, {}),
    ("capture.short", "udp-exchange", drop(2), {}, {}),
    ("capture.long", "handshake", other("session"), {}, {}),
    ("protocol", "arp", swap(1, 3), {}, {}),
    ("segment.missing", "session", drop(4), {}, {}),
    ("segment.extra", "four-segment-close", again(3, 4, tcp__ack="+0"), {}, {}),
    ("segment.other", "four-segment-close", other("session"), {}, {}),
    ("order", "session", swap(5, 6), {}, {}),
    ("direction", "session", turned(4), {}, {}),
    ("syn.missing", "handshake", put(1, tcp__flags=ACK), {}, {}),
    ("handshake.unanswered", "handshake", drop(2), {}, {}),
    ("handshake.third", "four-segment-close", drop(3), {}, {}),
    ("handshake.third", "handshake", drop(3), {}, {}),
    ("handshake.apart", "handshake", then(again(2, 1, tcp__flags=ACK), put(3, tcp__flags=SYN)), {}, {}),
    ("isn", "handshake", put(1, tcp__seq=100), {}, NUMBERS),
    ("isn", "handshake", put(2, tcp__seq=100), {}, NUMBERS),
    ("flag.syn-missing", "handshake", put(2, tcp__flags=ACK), {}, {}),
    ("flag.syn", "handshake", put(3, tcp__flags=SYN | ACK), {}, {}),
    ("flag.ack-missing", "handshake", put(2, tcp__flags=SYN), {}, {}),
    ("flag.ack", "handshake", put(1, tcp__flags=SYN | ACK), {}, {}),
    ("flag.fin-missing", "four-segment-close", put(4, tcp__flags=ACK), {}, {}),
    ("flag.fin", "handshake", put(3, tcp__flags=FIN | ACK), {}, {}),
    ("flag.rst-missing", "refused", put(2, tcp__flags=ACK), {}, {}),
    ("flag.rst", "handshake", put(2, tcp__flags=RST | ACK), {}, {}),
    ("flag.urg", "urgent", put(4, tcp__flags=PSH | ACK), {}, {}),
    ("flag.ecn", "ecn", put(2, tcp__flags=SYN | ACK), {}, {}),
    ("seq.syn", "handshake", put(3, tcp__seq="-1"), {}, {}),
    ("seq.fin", "four-segment-close", put(7, tcp__seq="-1"), {}, {}),
    ("seq.data", "hello", put(8, tcp__seq="-22"), {}, {}),
    ("seq.ack", "session", put(4, tcp__seq="+1"), {}, {}),
    ("seq.repeat", "lost-data", put(5, tcp__seq="+5"), {}, {}),
    ("seq.reset", "abort", put(6, tcp__seq="+9"), {}, {}),
    ("seq.wrong", "session", put(4, tcp__seq="+1000"), {}, {}),
    ("numbers.swapped", "handshake", put(3, tcp__seq=522, tcp__ack=224), NUMBERS, {}),
    ("ack.syn", "handshake", put(2, tcp__ack=223), NUMBERS, {}),
    ("ack.syn", "handshake", put(3, tcp__ack=521), NUMBERS, {}),
    ("ack.fin", "four-segment-close", put(5, tcp__ack="-1"), {}, {}),
    ("ack.data", "session", put(5, tcp__ack="-5"), {}, {}),
    ("ack.last", "session", put(5, tcp__ack="-1"), {}, {}),
    ("ack.own", "session", put(5, tcp__ack=522), NUMBERS, {}),
    ("ack.unsent", "session", put(5, tcp__ack="+100"), {}, {}),
    ("ack.duplicate", "fast-retransmit", put(12, tcp__ack="+1460"), {}, {}),
    ("ack.old", "session", put(8, tcp__ack="-2000"), {}, {}),
    ("ack.wrong", "large-write", put(7, tcp__ack="-700"), {}, {}),
    ("data.missing", "session", resized(4, b""), {}, {}),
    ("data.extra", "handshake", resized(3, b"hi"), {}, {}),
    ("data.length", "session", other("session", data="goodbye"), {}, {}),
    ("data.mss", "large-write", put(2, tcp__options__mss_val=500), {}, {}),
    ("data.content", "session", other("session", data="jello"), {}, {"data": "hello"}),
    ("data.after-fin", "four-segment-close", then(again(3, 5, tcp__seq="+1"), resized(6, b"more")), {}, {}),
    ("close.merged", "four-segment-close", other("three-segment-close"), {}, {}),
    ("close.apart", "three-segment-close", other("four-segment-close"), {}, {}),
    ("close.fin", "four-segment-close", drop(6, 7), {}, {}),
    ("close.last-ack", "four-segment-close", drop(7), {}, {}),
    ("close.early", "session", again(8, 3), {}, {}),
    ("reset.unexpected", "four-segment-close", other("abort", data="*0"), {}, {}),
    ("reset.missing", "refused", drop(2), {}, {}),
    ("repeat.missing", "lost-data", drop(5), {}, {}),
    ("repeat.extra", "session", again(4, 4), {}, {}),
    ("duplicate.missing", "fast-retransmit", drop(12), {"sack": "off"}, {}),
    ("option.missing", "window-scale", other("session", win=1000000), {}, {}),
    ("option.value", "handshake", other("handshake", mss=536), {}, {"mss": 1460}),
    ("option.place", "handshake", then(again(1, 2, tcp__flags=ACK, tcp__seq=224, tcp__ack=522), drop(4)), NUMBERS, {}),
    ("option.unasked", "handshake", spliced(1, "handshake", sack="on"), {}, {}),
    ("sack.missing", "fast-retransmit", spliced(2, "fast-retransmit", sack="off"), {}, {}),
    ("sack.wrong", "fast-retransmit", put(12, tcp__options__sack_re="+100"), {}, {}),
    ("window.open", "zero-window", put(7, tcp__window=100), {}, {}),
    ("window.closed", "session", put(5, tcp__window=0), {}, {}),
    ("window.value", "handshake", other("handshake", win=1000), {}, {"win": 2000}),
    ("urgent.pointer", "urgent", put(4, tcp__urgent_pointer=2), {}, {}),
    ("port", "handshake", put(3, tcp__dstport=8081), {}, {}),
    ("port", "handshake", lambda packets: packets, {}, {"server.port": 80}),
    ("address", "handshake", put(3, ip__dst="10.0.0.9"), {}, {}),
    ("checksum", "handshake", broken, {}, {}),
    ("udp.port", "udp-exchange", put(2, udp__dstport=40001), {}, {}),
    ("udp.length", "udp-exchange", other("udp-exchange", data="why?"), {}, {}),
    ("arp.opcode", "arp", put(2, arp__opcode=1), {}, {}),
    ("arp.broadcast", "arp", put(1, eth__dst="02:00:00:00:00:02"), {}, {}),
    ("arp.unicast", "arp", put(2, eth__dst="ff:ff:ff:ff:ff:ff"), {}, {}),
    ("arp.address", "arp", put(2, arp__dst__proto_ipv4="10.0.0.7"), {}, {}),
    ("icmp.type", "udp-closed-port", put(2, icmp__code=1), {}, {}),
]


@pytest.mark.parametrize(("code", "name", "change", "keys", "given"), CASES,
                         ids=[f"{row[0]}-{index}" for index, row in enumerate(CASES)])  # fmt: skip
def test_every_mistake_is_named(code: str, name: str, change: Change, keys: Keys, given: Keys) -> None:
    made = wire.craft(name, {**keys, **(given if code in ("isn",) else {})}).packets
    found = judged(change([copy_meta(one, wire.decode(one.raw)) for one in made]), name, keys, given)
    assert found, "the capture is taken for right"
    assert found[0].code == code, [str(one) for one in found]
    assert found[0].mistake.rfc in str(found[0])


def test_every_kind_has_a_case() -> None:
    assert {row[0] for row in CASES} | {"timing"} == set(MISTAKES)
    assert len(MISTAKES) >= 25


@pytest.mark.parametrize("name", [one.name for one in every()])
def test_what_follows_is_right(name: str) -> None:
    """Every scenario follows itself, with other numbers too."""
    assert judged(wire.craft(name).packets, name) == []
    if name not in ("old-duplicate-syn", "half-open", "half-open-data"):  # their numbers are the lesson
        assert judged(wire.craft(name, {"isn": "77,88,99"}).packets, name) == []


def test_the_sentence_of_the_textbook() -> None:
    packets = put(2, tcp__ack=223)(wire.craft("handshake", NUMBERS).packets)
    (said,) = judged(packets, "handshake", NUMBERS)
    assert str(said) == ("frame 2, step 2 (the server's SYN,ACK): ack is 223, expected 224: SYN consumes one "
                         "[RFC 9293 3.4] (ack.syn)")  # fmt: skip


def delayed(packets: list[Packet], frame: int, by: int) -> list[Packet]:
    """This frame and all after it come later, by so many nanoseconds."""
    made = []
    for number, one in enumerate(packets, 1):
        copied = copy_meta(one, wire.decode(one.raw))
        copied.time = (one.time or 0) + (by if number >= frame else 0)
        made.append(copied)
    return made


def test_times_count_if_they_are_asked_for() -> None:
    """The retransmission comes after 1.5 s instead of 1: what was measured, and what was expected."""
    packets = delayed(wire.craft("lost-syn").packets, 2, 500_000_000)
    assert judged(packets, "lost-syn") == [] == judged(packets, "lost-syn", tolerance=500_000_000)
    (said,) = judged(packets, "lost-syn", tolerance=499_999_999)
    assert (said.code, said.frame, said.got, said.want) == ("timing", 2, "1.500000 s", "1.000000 s")
    early = delayed(wire.craft("lost-syn").packets, 3, -15_000_000)
    (said,) = judged(early, "lost-syn", tolerance=10_000_000)
    assert (said.frame, said.got, said.want) == (3, "0.005000 s", "0.020000 s")


def test_another_mistake_goes_before_the_time_of_its_packet() -> None:
    packets = put(2, tcp__ack=223)(delayed(wire.craft("handshake", NUMBERS).packets, 2, 10**9))
    assert [one.code for one in judged(packets, "handshake", NUMBERS, tolerance=1)] == ["ack.syn"]


def test_what_does_not_count() -> None:
    """PSH, TTLs, identifications, ports, window sizes, and ARP before it all."""
    packets = wire.craft("session", {"arp": "on", "client.port": 5555, "win": 3000, "ttl": 9, "ts": "on"}).packets
    packets = [put(1, tcp__flags=int(one.tcp["flags"]) ^ PSH if not one.tcp["flags"] & SYN else SYN)([one])[0]
               if "tcp" in one and not one.tcp["flags"] & SYN else one for one in packets]  # fmt: skip
    assert judged(packets, "session") == []


def test_docs_are_fresh() -> None:
    docs = Path(__file__).parents[2] / "docs" / "checking.md"
    assert docs.read_text(encoding="utf-8") == page(), "write it again with wire.analysis.mistakes.page()"


def test_every_mistake_is_said_in_chinese() -> None:
    """With the same values; and a diagnosis has no English word left but names of flags, codes and RFCs."""
    chinese = catalogue("zh")
    for one in MISTAKES.values():
        assert one.sentence in chinese, one.sentence
        assert ("{got}" in one.sentence, "{want}" in one.sentence) == (
            "{got}" in chinese[one.sentence], "{want}" in chinese[one.sentence],
        )  # fmt: skip
    (said,) = judged(drop(2)(wire.craft("session").packets), "session")
    assert spoken(said.words, "zh") == (
        "第 2 帧，第 2 步（服务器的 SYN,ACK）：是 客户端的 ACK；没有用 服务器的 SYN,ACK 回答 SYN "
        "[RFC 9293 3.5] (handshake.unanswered)"
    )
