"""packetdrill's notation."""

import pytest

from wire.packetdrill import ScriptError, parse
from wire.packetdrill.syntax import (
    ANY,
    Array,
    Call,
    Code,
    Flags,
    IcmpPacket,
    Shell,
    Struct,
    Symbol,
    TcpOption,
    TcpPacket,
    Time,
    Unsupported,
    What,
)

MS = 1_000_000


def only(text: str) -> What:
    """What the only event of a script is."""
    (event,) = parse(text).events
    return event.what


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("0.100", Time("absolute", 100 * MS)),
        ("0", Time("absolute", 0)),
        ("+0", Time("relative", 0)),
        ("+.1", Time("relative", 100 * MS)),
        ("+0~+0.2", Time("relative", 0, 200 * MS)),
        ("0.1~0.2", Time("absolute", 100 * MS, 200 * MS)),
        ("*", Time("any")),
        ("+0.000001", Time("relative", 1000)),
    ],
)
def test_times(text: str, time: Time) -> None:
    (event,) = parse(f"{text} > . 1:1(0) ack 1").events
    assert event.time == time


def test_calls_that_wait() -> None:
    call = only("+0...0.200 accept(3, ..., ...) = 4")
    assert call == Call("accept", (3, ANY, ANY), 4, "", Time("relative", 200 * MS), "accept(3, ..., ...) = 4")
    spaced = only("+.002 ... 0.004 connect(4, ..., ...) = 0")
    assert isinstance(spaced, Call) and spaced.until == Time("relative", 4 * MS)


def test_a_segment() -> None:
    text = "S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>"
    nop = TcpOption("nop")
    options = (TcpOption("mss", ("1000",)), TcpOption("sackok"), nop, nop, nop, TcpOption("wscale", ("7",)))
    assert only(f"+0 < {text}") == TcpPacket(True, "S", 0, 0, None, 32792, None, options, text=text)


@pytest.mark.parametrize(
    ("text", "flags", "ecn", "count"),
    [
        ("> .  1:1(0) ack 1", ".", "", None),
        ("> [ect0] P. 1:1001(1000) ack 1", "P.", "ect0", None),
        ("< [ce] . 1:1001(1000) ack 1 win 9", ".", "ce", None),
        ("> SEW 0:0(0)", "SEW", "", None),
        ("> SEWA 0:0(0)", "SEWA", "", None),
        ("> .5 1:1(0) ack 1", ".", "", 5),
        ("< - 1:11(10) win 1", "", "", None),
        ("> FPU. 1:11(10) ack 1 urg 10", "FPU.", "", None),
    ],
)
def test_flags(text: str, flags: str, ecn: str, count: int | None) -> None:
    packet = only("+0 " + text)
    assert isinstance(packet, TcpPacket)
    assert (packet.flags, packet.ecn, packet.count) == (flags, ecn, count)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("TS val 100 ecr 0", TcpOption("ts", ("val", "100", "ecr", "0"))),
        ("sack 1001:2001 3001:4001", TcpOption("sack", ("1001:2001", "3001:4001"))),
        ("FO abcd1234", TcpOption("fo", ("abcd1234",))),
        ("FOEXP TFO_COOKIE", TcpOption("foexp", ("TFO_COOKIE",))),
        ("md5 00ff", TcpOption("md5", ("00ff",))),
        ("eol", TcpOption("eol")),
    ],
)
def test_options(text: str, option: TcpOption) -> None:
    packet = only(f"+0 > . 1:1(0) ack 1 <nop, {text}>")
    assert isinstance(packet, TcpPacket) and packet.options == (TcpOption("nop"), option)


def test_any_options_and_none() -> None:
    any_, none = (event.what for event in parse("+0 > S 0:0(0) <...>\n+0 < . 1:1(0) ack 1").events)
    assert isinstance(any_, TcpPacket) and any_.options is None
    assert isinstance(none, TcpPacket) and none.options == ()


@pytest.mark.parametrize("text", ["icmp unreachable frag_needed mtu 1200 [1:1001(1000)]",
                                  "[1:1001(1000)] icmp unreachable frag_needed mtu 1200",
                                  "icmp unreachable frag_needed mtu 1200 [S 1:1001(1000)]"])  # fmt: skip
def test_icmp(text: str) -> None:
    message = only(f"+0 < {text}")
    assert isinstance(message, IcmpPacket)
    assert (message.kind, message.code, message.mtu, message.seq) == ("unreachable", "frag_needed", 1200, 1)


def test_values() -> None:
    text = """+0 f(0x10, -1, "a\\n", O_RDWR | O_NONBLOCK, [1, 2], {fd=3, events=POLLIN}, htons(80), {..., 10}) = ?"""
    call = only(text)
    assert isinstance(call, Call)
    assert call.arguments[:5] == (
        16,
        -1,
        "a\n",
        Flags((Symbol("O_RDWR"), Symbol("O_NONBLOCK"))),
        Array((1, 2)),
    )
    assert call.arguments[5] == Struct((("fd", 3), ("events", Symbol("POLLIN"))))
    assert call.arguments[7] == Struct((), (ANY, 10))


def test_errors_and_what_follows_them() -> None:
    calls = [event.what for event in parse("+0 f() = -1 EAGAIN (Try (it) again)\n+0 g() = 0x2 (flags O_RDWR)").events]
    assert [(call.name, call.result, call.error) for call in calls if isinstance(call, Call)] == [
        ("f", -1, "EAGAIN"),
        ("g", 2, ""),
    ]


def test_comments_options_and_text_in_backticks() -> None:
    script = parse("# one\n--tolerance_usecs=5\n/* two\n*/ `ls\n-l` // three\n0 %{ x = 1 }% +0 `date`\n`end`")
    assert script.options == ((2, "tolerance_usecs", "5"),)
    assert [text for _, text in script.init] == ["ls\n-l"]
    assert [event.what for event in script.events] == [Code(" x = 1 "), Shell("date"), Shell("end")]
    assert script.events[0].line == 6


def test_what_is_known_and_not_supported() -> None:
    what = only("+0 < udp (1000)")
    assert isinstance(what, Unsupported) and "udp" in what.what


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\n+0 > S 0:0(0) <mss 1460", 2, "'>'"),
        ("+0 > . 1:1001(100) ack 1", 1, "does not add up"),
        ("+0 > Q 1:1(0)", 1, "flags"),
        ("+0 bind(3, ...\n", 2, "')'"),
        ("soon bind(3) = 0", 1, "time"),
        ("+0 = 3", 1, "call"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ScriptError) as problem:
        parse(text)
    assert problem.value.line == line and words in str(problem.value)
