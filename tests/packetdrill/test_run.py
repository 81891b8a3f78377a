"""What a script's run tells: the first difference and its reason, what is not supported, what was passed over."""

import random
from pathlib import Path

import pytest

from wire.machine import State, Why
from wire.packetdrill import Outcome, run

SERVER = """0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0.1 < S 0:0(0) win 60000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+0.1 < . 1:1(0) ack 1 win 60000
+0 accept(3, ..., ...) = 4
"""


def go(text: str, profile: str = "linux") -> Outcome:
    return run(SERVER + text, "test.pkt", profile)


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("+0 < F. 1:1(0) ack 1 win 9\n+0 > . 1:1(0) ack 1", "ack is 2, expected 1", Why.ACK_FIN),
        ("+0 close(4) = 0\n+0 > F. 2:2(0) ack 1", "seq is 1, expected 2", Why.FIN),
        ("+0 close(4) = 0\n+0 > . 1:1(0) ack 1", "flags are F., expected .", Why.FIN),
        ("+0 write(4, ..., 9) = 9\n+0 > P. 1:11(10) ack 1", "length is 9, expected 10", Why.DATA),
        ("+0 write(4, ..., 9) = 9\n+0 > P. 1:10(9) ack 1 win 7", "expected 7", Why.DATA),
        ("+0 write(4, ..., 9) = 9\n+0 > P. 1:10(9) ack 1 <nop>", "", None),
        ("+0 write(4, ..., 9) = 9\n+0 > P. 1:10(9) ack 1 <sackOK>", "options are <>, expected <sackOK>", Why.DATA),
        ("+0 write(4, ..., 9) = 9\n+0 > [ce] P. 1:10(9) ack 1", "noecn, expected ce", Why.DATA),
        ("+0 write(4, ..., 9) = 9\n+0.1 > P. 1:10(9) ack 1", "at 0.2 s", Why.DATA),
        ("+0 < - 1:2(1) win 9\n+0 > . 1:1(0) ack 2", "nothing was sent", Why.DROP_NO_ACK),
    ],
)
def test_the_first_difference_and_its_reason(text: str, words: str, why: Why | None) -> None:
    outcome = go(text)
    if why is None:
        assert outcome.passed
        return
    assert outcome.status == "failed"
    assert outcome.line == SERVER.count("\n") + 2
    assert words in outcome.actual
    assert why.text in outcome.reason and why.rfc in outcome.reason
    assert any("expected" in line for line in outcome.report())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("+0 read(4, ..., 10) = 10", "the call waits"),
        ("+0...0.1 read(4, ..., 10) = 10", "it still waits"),
        ("+0 write(4, ..., 10) = 9", "it returned 10"),
        ("+0 close(9) = 0", "it returned -1 EBADF"),
        ("+0 fcntl(4, F_SETFL, O_NONBLOCK) = 0\n+0 read(4, ..., 1) = -1 EINTR (Interrupted)", "-1 EAGAIN"),
        ("+0 getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0", "it told 0"),
        ("+0 ioctl(4, SIOCINQ, [5]) = 0", "it told 0"),
        ("+0 poll([{fd=4, events=POLLOUT, revents=POLLIN}], 1, 0) = 1", "revents is 0x4"),
    ],
)
def test_calls_that_differ(text: str, words: str) -> None:
    outcome = go(text)
    assert outcome.status == "failed" and words in outcome.actual


def test_a_call_that_returns_too_early_is_a_difference() -> None:
    outcome = go("+0...0.5 read(4, ..., 10) = 1\n+0.1 < P. 1:2(1) ack 1 win 9\n+0 > . 1:1(0) ack 2")
    assert outcome.status == "failed" and "it returned at 0.3 s, expected 0.7 s" in outcome.actual


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("+0 epoll_create(1) = 5", "epoll_create"),
        ("+0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 5", "SOCK_DGRAM"),
        ("+0 < udp (10)", "udp"),
        ("+0 < .5 1:1(0) ack 1 win 9", "Accurate ECN"),
        ("+0 < . 1:1(0) ack 1 win 9 <mptcp 1>", "mptcp"),
        ("+0 `sysctl -w net.ipv4.tcp_ecn=3`", "Accurate ECN"),
        ("+0 nonsense", "'('"),
    ],
)
def test_what_is_not_supported_is_named_with_its_line(text: str, what: str) -> None:
    outcome = go(text)
    assert outcome.status == "not supported"
    assert what in outcome.reason
    assert outcome.line == SERVER.count("\n") + 1


def test_shell_text_and_code_are_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"`touch {mark}`\n" + SERVER + f"+0 `touch {mark}`\n+0 %{{ open({str(mark)!r}, 'w') }}%\n`touch {mark}`\n"
    outcome = run(text)
    assert outcome.passed and not mark.exists()
    assert len([note for note in outcome.notes if "never run" in note.text]) == 4


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("sysctl -q net.ipv4.tcp_timestamps=0", "<mss 1460,nop,nop,sackOK,nop,wscale 7>"),
        ("sysctl -w net.ipv4.tcp_sack=0", "<mss 1460,nop,nop,TS val 0 ecr 0,nop,wscale 7>"),
        ("../common/set_sysctls.py /proc/sys/net/ipv4/tcp_window_scaling=0", "<mss 1460,sackOK,TS val 0 ecr 0>"),
        ("echo 0 > /proc/sys/net/ipv4/tcp_timestamps", "<mss 1460,nop,nop,sackOK,nop,wscale 7>"),
        ('sysctl -q net.ipv4.tcp_rmem="4096 131072 15728640"', "<mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 8>"),
        ("./defaults.sh", "<mss 1460,sackOK,TS val 0 ecr 0,nop,wscale 8>"),
    ],
)
def test_settings_named_in_shell_text_are_read(shell: str, expected: str) -> None:
    text = f"`{shell}`\n0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n+0 connect(3, ..., ...) = -1\n"
    assert run(text + f"+0 > S 0:0(0) {expected}").passed


def test_settings_that_do_not_exist_here_are_noted() -> None:
    outcome = go("+0 `sysctl -w net.ipv4.tcp_slow_start_after_idle=0`")
    assert outcome.passed and any("tcp_slow_start_after_idle" in note.text for note in outcome.notes)


def test_what_is_taken_from_the_script_is_noted() -> None:
    text = "0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n+0 connect(3, ..., ...) = -1\n"
    outcome = run(text + "+0 > S 0:0(0) <mss 1400,sackOK,TS val 1 ecr 0,nop,wscale 9>")
    assert outcome.passed
    assert [str(note) for note in outcome.notes] == [
        "line 3: taken from the script, as its host's own: mss 1400",
        "line 3: taken from the script, as its host's own: window scale 9",
    ]


def test_one_expected_segment_matches_the_run_that_carries_its_bytes() -> None:
    assert go("+0 write(4, ..., 5000) = 5000\n+0 > P. 1:5001(5000) ack 1").passed
    outcome = go("+0 write(4, ..., 5000) = 5000\n+0 > P. 1:6001(6000) ack 1")
    assert outcome.status == "failed" and "length is 5000, expected 6000" in outcome.actual


def test_all_that_was_exchanged_is_there_for_a_ladder() -> None:
    outcome = go("+0.1 close(4) = 0\n+0 > F. 1:1(0) ack 1\n+0.1 < F. 1:1(0) ack 2 win 9\n+0 > . 2:2(0) ack 2")
    assert outcome.passed
    told = [(one.time // 1_000_000, one.direction, one.after) for one in outcome.exchanged]
    assert told == [
        (100, "<", State.SYN_RECEIVED),
        (100, ">", State.SYN_RECEIVED),
        (200, "<", State.ESTABLISHED),
        (300, ">", State.FIN_WAIT_1),
        (400, "<", State.TIME_WAIT),
        (400, ">", State.TIME_WAIT),
    ]
    assert outcome.exchanged[0].text == "< S 0:0(0) win 60000 <mss 1000>"
    assert all(one.line for one in outcome.exchanged)
    assert [call.answer for call in outcome.calls] == ["3", "0", "0", "4", "0"]


def test_an_unknown_profile_is_an_error() -> None:
    with pytest.raises(ValueError, match="no profile 'beos'"):
        run(SERVER, profile="beos")


def test_no_script_makes_it_raise() -> None:
    """Words of good scripts left out, doubled and changed: always an outcome."""
    chance = random.Random(5)
    texts = [path.read_text() for path in sorted((Path(__file__).parent / "scripts").glob("*/*.pkt"))]
    for _ in range(400):
        words = chance.choice(texts).split(" ")
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(words))
            match chance.randrange(4):
                case 0:
                    words[place] = ""
                case 1:
                    words[place] = words[place] * 2
                case 2:
                    words[place] = words[chance.randrange(len(words))]
                case 3:
                    words[place] = str(chance.choice([0, -1, 1 << 32, 1 << 40]))
        assert run(" ".join(words), profile=chance.choice(["rfc", "linux", "freebsd"])).status in (
            "passed",
            "failed",
            "not supported",
        )
