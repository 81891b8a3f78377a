"""Data on the way: timers, windows, loss, and the options that were agreed on. Numbers are relative to 0."""

from typing import Any

import pytest

from wire.machine import ProtocolError, settings
from wire.machine import segment as seg
from wire.machine.events import CongestionChanged, DataArrived, UrgentSignalled, Why
from wire.machine.opening import make_cookie
from wire.machine.timers import RetransmissionTimeout

from .play import Play

MS = 1_000_000
SECOND = 1_000_000_000
OPEN = "start ESTABLISHED\n"
WIDE = {"initial_window": 10}
SACK: dict[str, Any] = {"sack": True, "options": "mss=1000 sackok", "mss": 1000}


def play(script: str, **changes: Any) -> Play:
    return Play(**changes).run(OPEN + script)


def data(*numbers: int, size: int = 1000, last: int = -1) -> str:
    """Expect the given segments of `size` bytes, the first one number 0; `last` carries PSH."""
    return "".join(f"> {'P' if n == last else ''}. {n * size + 1}:{(n + 1) * size + 1} ack 1\n" for n in numbers)


# Small segments and acknowledgments


def test_nagle_holds_the_second_small_segment_until_the_first_is_acknowledged() -> None:
    play("! send 10\n> P. 1:11 ack 1\n! send 10\n! send 5\n< . 1 ack 11\n> P. 11:26 ack 1")


def test_without_nagle_every_write_goes_at_once() -> None:
    play("! send 10\n> P. 1:11 ack 1\n! send 10\n> P. 11:21 ack 1", nagle=False)


def test_nagle_switched_off_lets_go_what_it_held() -> None:
    p = play("! send 10\n> P. 1:11 ack 1\n! send 10")
    p.us.configure(p.now, nagle=False, keepalive=True, keepalive_idle=5 * SECOND)
    p.sent += p.us.outbox
    p.us.outbox.clear()
    p.run("> P. 11:21 ack 1\n< . 1 ack 21\n+ 5\n> . 20 ack 1\n? TimerExpired")


def test_delayed_ack_waits_for_a_second_segment_or_the_timer() -> None:
    play(
        "< P. 1:11 ack 1\n+ 0.039\n+ 0.001\n> . 1 ack 11\n< P. 11:21 ack 1\n< P. 21:31 ack 1\n> . 1 ack 31\n+ 1",
        delayed_ack=40 * MS,
    )


def test_delayed_ack_rides_on_data() -> None:
    play("< P. 1:11 ack 1\n! send 5\n> P. 1:6 ack 11\n< . 11 ack 6\n+ 1", delayed_ack=40 * MS)


def test_linux_acknowledges_the_first_segments_at_once() -> None:
    quick = "".join(f"< P. {n}:{n + 1} ack 1\n> . 1 ack {n + 1}\n" for n in range(1, 17))
    play(quick + "< P. 17:18 ack 1\n+ 0.04\n> . 1 ack 18", profile="linux")


def test_delayed_ack_of_a_fin_merges_with_our_fin() -> None:
    script = "< F. 1 ack 1\n! close\n> F. 1 ack 2\n= LAST-ACK\n< . 2 ack 2\n= CLOSED"
    play(script, delayed_ack=40 * MS, fin_ack="delayed")


# Retransmission


def test_rfc_6298_by_hand() -> None:
    rto = RetransmissionTimeout(settings(rto_min=1))
    rto.measure(100 * MS)
    assert (rto.smoothed, rto.variance, rto.current) == (100 * MS, 50 * MS, 300 * MS)
    rto.measure(200 * MS)
    # RTTVAR = 3/4 x 50 + 1/4 x |100 - 200| = 62.5; SRTT = 7/8 x 100 + 1/8 x 200 = 112.5; RTO = 112.5 + 4 x 62.5
    assert (rto.smoothed, rto.variance, rto.current) == (112_500_000, 62_500_000, 362_500_000)
    rto.back_off()
    rto.back_off()
    assert rto.current == 4 * 362_500_000
    for _ in range(40):
        rto.back_off()
    assert rto.current == 60 * SECOND


def test_rto_is_bounded_below_and_linux_bounds_the_variance() -> None:
    plain, linux = RetransmissionTimeout(settings()), RetransmissionTimeout(settings("linux"))
    for _ in range(50):
        plain.measure(100 * MS)
        linux.measure(100 * MS)
    assert plain.current == SECOND
    assert linux.current == 300 * MS


def test_karn_a_repeated_segment_is_no_measurement() -> None:
    once = play("! send 1000\n> P. 1:1001 ack 1\n+ 0.5\n< . 1 ack 1001")
    assert once.us.rto.smoothed == 62_500_000  # the SYN took 0; 1/8 of 0.5 s
    twice = play("! send 1000\n> P. 1:1001 ack 1\n+ 1\n> P. 1:1001 ack 1\n+ 0.5\n< . 1 ack 1001")
    assert twice.us.rto.smoothed == 0


def test_timestamps_measure_even_a_repeated_segment() -> None:
    p = play(
        "! send 1000\n> P. 1:1001 ack 1\n+ 1\n> P. 1:1001 ack 1\n+ 0.4\n< . 1 ack 1001 ts=1,1000",
        timestamps=True,
        options="mss=1460 ts=0,0",
    )
    assert p.us.rto.smoothed == 50 * MS  # 1/8 of 0.4 s


def test_after_a_lost_syn_data_begin_with_three_seconds_and_one_segment() -> None:
    Play(initial_window=10).run(
        "! connect\n> S 0\n+ 1\n> S 0\n< S. 0 ack 1 mss=1460\n> . 1 ack 1\n! send 3000\n> . 1:1461 ack 1\n+ 2.999\n"
        "+ 0.001\n> . 1:1461 ack 1"
    )


def test_with_timestamps_a_repeated_syn_is_measured() -> None:
    p = Play(timestamps=True).run(
        "! connect\n> S 0\n+ 1\n> S 0\n+ 0.1\n< S. 0 ack 1 mss=1460 ts=1,1000\n> . 1 ack 1 ts=1100,1"
    )
    assert p.us.rto.smoothed == 100 * MS


def test_a_wrong_third_segment_is_reset() -> None:
    Play().run("start SYN-RECEIVED\n< . 1 ack 0\n> R 0\n< . 1 ack 2\n> R 2\n= SYN-RECEIVED")


def test_another_syn_ends_a_half_open_connection() -> None:
    Play(isn=(0, 0)).run("start SYN-RECEIVED\n< S 500\n= LISTEN\n< S 500\n> S. 0 ack 501")


def test_given_up_after_the_retries() -> None:
    play("! send 1\n> P. 1:2 ack 1\n+ 1\n> P. 1:2 ack 1\n+ 2\n> P. 1:2 ack 1\n+ 4\n= CLOSED\n? TimedOut", retries=2)


def test_after_a_timeout_all_in_flight_is_sent_again_in_slow_start() -> None:
    play(
        "! send 4000\n" + data(0, 1, 2, 3, last=3) + "+ 1\n" + data(0) + "< . 1 ack 1001\n" + data(1, 2)
        + "< . 1 ack 4001\n+ 5",
        **WIDE,
        mss=1000,
    )  # fmt: skip


def test_limited_transmit_and_new_reno() -> None:
    """Segments 0 and 2 of 6 are lost: new data on two duplicates, fast retransmit on the third, then the partial
    ACK."""
    p = play(
        "! send 8000\n" + data(*range(6)) + "< . 1 ack 1\n" + data(6) + "< . 1 ack 1\n" + data(7, last=7)
        + "< . 1 ack 1\n" + data(0) + "< . 1 ack 1\n< . 1 ack 2001\n" + data(2) + "< . 1 ack 8001\n+ 5",
        initial_window=6,
        mss=1000,
    )  # fmt: skip
    reasons = [e.why for e in p.us.events if isinstance(e, CongestionChanged)]
    assert reasons == [Why.FAST_RETRANSMIT]
    assert p.us.sender.congestion.threshold == 4000


def test_sack_repeats_both_losses_without_a_timeout() -> None:
    """Segments 0 and 2 of 10 are lost."""
    play(
        "! send 10000\n" + data(*range(10), last=9)
        + "< . 1 ack 1 sack=1001:2001\n< . 1 ack 1 sack=3001:4001,1001:2001\n"
        + "< . 1 ack 1 sack=3001:5001,1001:2001\n" + data(0)
        + "< . 1 ack 1 sack=3001:6001,1001:2001\n"
        + "< . 1 ack 1 sack=3001:7001,1001:2001\n" + data(2)
        + "< . 1 ack 1 sack=3001:10001,1001:2001\n< . 1 ack 2001 sack=3001:10001\n< . 1 ack 10001\n+ 5",
        **WIDE,
        **SACK,
    )  # fmt: skip


def test_a_peer_that_takes_back_its_sack_is_served_after_a_timeout() -> None:
    play(
        "! send 3000\n" + data(0, 1, 2, last=2) + "< . 1 ack 1 sack=1001:2001\n< . 1 ack 1001\n+ 1\n"
        + data(1) + "< . 1 ack 2001\n" + data(2, last=2) + "< . 1 ack 3001\n+ 5",
        **WIDE,
        **SACK,
    )  # fmt: skip


def test_slow_start_then_congestion_avoidance() -> None:
    p = play("", mss=1000)
    congestion = p.us.sender.congestion
    assert congestion.window == 3000
    congestion.threshold = 5000
    windows = []
    for _ in range(6):
        congestion.grow(1000)
        windows.append(congestion.window)
    assert windows == [4000, 5000, 5200, 5392, 5577, 5756]


def test_path_mtu_cuts_what_was_sent() -> None:
    p = play("! send 1460\n> P. 1:1461 ack 1")
    p.us.packet_too_big(1040, p.now)
    p.sent += p.us.outbox
    p.us.outbox.clear()
    p.run("> . 1:1001 ack 1\n> P. 1001:1461 ack 1\n< . 1 ack 1461\n+ 5")


# Windows


def test_the_window_limits_what_is_in_flight() -> None:
    play("< . 1 ack 1 win 1500\n! send 3000\n> . 1:1001 ack 1\n+ 0.1\n< . 1 ack 1001 win 1500\n> . 1001:2001 ack 1\n"
         "< . 1 ack 3001 win 1500\n> . 2001 ack 1", mss=1000)  # fmt: skip


def test_zero_window_is_probed_with_one_octet_until_it_opens() -> None:
    play(
        "< . 1 ack 1 win 0\n! send 100\n+ 1\n> . 1:2 ack 1\n< . 1 ack 1 win 0\n+ 2\n> . 1:2 ack 1\n< . 1 ack 1 win 0\n"
        "+ 4\n> . 1:2 ack 1\n< . 1 ack 2 win 1000\n> P. 2:101 ack 1\n< . 1 ack 101\n+ 100"
    )


def test_linux_probes_with_an_old_number() -> None:
    play(
        "< . 1 ack 1 win 0\n! send 100\n+ 0.2\n> . 0 ack 1\n< . 1 ack 1 win 1000\n> P. 1:101 ack 1",
        profile="linux",
        timestamps=False,
    )


def test_a_full_receiver_closes_its_window_and_opens_it_after_read() -> None:
    p = play(
        "< P. 1:2001 ack 1\n> . 1 ack 2001 win 0\n< . 2001:2002 ack 1\n> . 1 ack 2001 win 0\n! read\n"
        "> . 1 ack 2001 win 2000",
        window=2000,
    )
    assert len(p.read) == 2000


def test_no_silly_window_is_offered() -> None:
    p = Play(window=2000).run(OPEN + "< P. 1:2001 ack 1\n> . 1 ack 2001 win 0")
    assert p.us.read(10, p.now)
    p.run("< . 2001:2002 ack 1\n> . 1 ack 2001 win 0")


def test_a_fin_waits_for_the_window() -> None:
    play("< . 1 ack 1 win 0\n! close\n= FIN-WAIT-1\n+ 1\n> . 0 ack 1\n< . 1 ack 1 win 10\n> F. 1 ack 1")


def test_window_scale_both_ways() -> None:
    p = Play(window=1 << 20, window_scale=7).run(
        "! connect\n> S 0 win 65535 mss=1460 wscale=7\n< S. 0 ack 1 win 1000 mss=1460 wscale=2\n> . 1 ack 1 win 8192\n"
        "< . 1 ack 1 win 1000"
    )
    assert p.us.sender.wnd == 4000


def test_a_scale_beyond_14_is_taken_as_14() -> None:
    p = Play(window_scale=0).run("! connect\n> S 0\n< S. 0 ack 1 mss=1460 wscale=15\n> . 1 ack 1\n< . 1 ack 1 win 1")
    assert p.us.sender.wnd == 1 << 14


def test_an_older_segment_does_not_set_the_window() -> None:
    p = play("< P. 11:21 ack 1 win 1000\n> . 1 ack 1\n< P. 1:11 ack 1 win 500\n> . 1 ack 21")
    assert p.us.sender.wnd == 1000


def test_a_closed_window_that_nobody_answers_for_is_given_up() -> None:
    play(
        "< . 1 ack 1 win 0\n! send 9\n+ 1\n> . 1:2 ack 1\n+ 2\n> . 1:2 ack 1\n+ 4\n= CLOSED\n? TimedOut",
        retries=2,
    )


def test_no_scale_unless_both_offer_it() -> None:
    p = Play(window=1 << 20, window_scale=7)
    p.run("! connect\n> S 0\n< S. 0 ack 1 win 1000 mss=1460\n> . 1 ack 1 win 65535")
    assert p.us.sender.wnd == 1000
    Play(window_scale=7, sack=True, timestamps=True).run("! listen\n< S 0 mss=1460\n> S. 0 ack 1 mss=1460")


# Options and signals


def test_linux_syn_options_in_order() -> None:
    p = Play("linux").run("! connect\n> S 0 mss=1460 sackok ts=0,0 wscale=7")
    kinds = [type(option).__name__ for option in p.us.events[1].segment.options]  # type: ignore[union-attr]
    assert kinds == ["MaximumSegmentSize", "SackPermitted", "Timestamps", "NoOperation", "WindowScale"]


def test_a_segment_without_the_agreed_timestamp_is_dropped() -> None:
    play("< P. 1:11 ack 1\n< P. 1:11 ack 1 ts=5,0\n> . 1 ack 11", timestamps=True, options="mss=1460 ts=0,0")


def test_duplicate_data_are_reported() -> None:
    play(
        "< P. 1:11 ack 1\n> . 1 ack 11\n< P. 1:11 ack 1\n> . 1 ack 11 sack=1:11\n< P. 11:12 ack 1\n> . 1 ack 12 plain",
        **SACK,
    )


def test_the_echoed_timestamp_is_that_of_what_was_in_order() -> None:
    play(
        "< P. 11:21 ack 1 ts=50,0\n> . 1 ack 1 ts=0,7\n< P. 1:11 ack 1 ts=40,0\n> . 1 ack 21 ts=0,40",
        timestamps=True,
        options="mss=1460 ts=7,0",
    )


def test_newest_sack_block_comes_first() -> None:
    play(
        "< . 11:21 ack 1\n> . 1 ack 1 sack=11:21\n< . 31:41 ack 1\n> . 1 ack 1 sack=31:41,11:21\n"
        "< . 51:61 ack 1\n> . 1 ack 1 sack=51:61,31:41,11:21\n< . 21:31 ack 1\n> . 1 ack 1 sack=11:41,51:61",
        **SACK,
    )


def test_keepalive_asks_and_gives_up() -> None:
    play(
        "+ 9.999\n+ 0.001\n> . 0 ack 1\n< . 1 ack 1\n+ 10\n> . 0 ack 1\n+ 1\n> . 0 ack 1\n+ 1\n> R. 1 ack 1\n"
        "= CLOSED\n? TimedOut",
        keepalive=True,
        keepalive_idle=10 * SECOND,
        keepalive_interval=SECOND,
        keepalive_probes=2,
    )


def test_a_keepalive_probe_is_answered() -> None:
    play("< . 0 ack 1\n> . 1 ack 1\n< . 0:1 ack 1\n> . 1 ack 1")


def test_urgent_data_both_ways() -> None:
    p = play("! urgent 5\n> PU. 1:6 ack 1\n< U. 1:2 ack 6 urg 10\n> . 6 ack 2")
    sent = [event.segment for event in p.us.events if hasattr(event, "segment") and event.segment.urgent]
    assert sent[0].urgent == 5  # the byte after the last urgent one
    assert [event.pointer for event in p.us.events if isinstance(event, UrgentSignalled)] == [11]


def test_ecn_sender_halves_once_and_says_so() -> None:
    p = Play(ecn="request", initial_window=10, mss=1000, nagle=False).run(
        "! connect\n> SEW 0\n< SE. 0 ack 1 mss=1000\n> . 1 ack 1\n! send 4000\n" + data(0, 1, 2, 3, last=3)
    )
    marked = [e.segment.ecn for e in p.us.events if hasattr(e, "segment") and e.segment.data]
    assert marked == [seg.ECT_0] * 4
    p.run("< E. 1 ack 1001\n< E. 1 ack 4001\n? CongestionChanged")
    p.run("! send 10\n> PW. 4001:4011 ack 1\n! send 10\n> P. 4011:4021 ack 1")
    assert p.us.sender.congestion.threshold == 2000


def test_what_is_sent_again_is_not_ecn_capable() -> None:
    p = Play(ecn="request").run("! connect\n> SEW 0\n< SE. 0 ack 1\n> . 1 ack 1")
    p.run("! send 5\n> P. 1:6 ack 1\n+ 1\n> P. 1:6 ack 1")
    assert [e.segment.ecn for e in p.us.events if hasattr(e, "segment") and e.segment.data] == [seg.ECT_0, seg.NOT_ECT]


def test_ecn_receiver_echoes_until_cwr() -> None:
    p = Play(ecn="accept").run("! listen\n< SEW 0\n> SE. 0 ack 1\n< . 1 ack 1")
    p.us.receive(seg.Segment(1, 1, seg.ACK, data=b"x", source=2, target=1, ecn=seg.CE), 0)
    p.sent += p.us.outbox
    p.us.outbox.clear()
    p.run("> E. 1 ack 2\n< P. 2:3 ack 1\n> E. 1 ack 3\n< PW. 3:4 ack 1\n> . 1 ack 4")


def test_fast_open_cookie_is_asked_for_and_given() -> None:
    client = Play(fast_open=True).run("! connect 5\n> S 0 mss=1460 cookie=")
    client.run("< S. 0 ack 1 mss=1460 cookie=0102030405060708\n> P. 1:6 ack 1\n? CookieReceived")
    cookie = make_cookie(0, "192.0.2.2").hex()
    Play(fast_open=True).run(f"! listen\n< S 0:10 cookie=\n> S. 0 ack 1 mss=1460 cookie={cookie}\n= SYN-RECEIVED")


def test_auto_read_hands_over_and_keeps_the_window_open() -> None:
    p = play("< P. 1:23 ack 1\n> . 1 ack 23 win 65535", auto_read=True)
    assert [event.data for event in p.us.events if isinstance(event, DataArrived)] == [bytes(range(22))]


def test_send_after_shutdown_is_an_error() -> None:
    p = play("! shutdown write\n> F. 1 ack 1")
    with pytest.raises(ProtocolError, match="send in state FIN-WAIT-1"):
        p.us.send(b"more", p.now)
    with pytest.raises(ProtocolError, match="shutdown in state FIN-WAIT-1"):
        p.us.shutdown("write", p.now)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mms": 5}, "no setting 'mms': did you mean 'mss'"),
        ({"mss": 0}, "mss = 0"),
        ({"isn": -1}, "isn = -1"),
        ({"window_scale": 15}, "window_scale = 15: must be from 0 to 14"),
        ({"window": 100, "window_scale": 7}, "only be offered as 0"),
    ],
)
def test_bad_settings_say_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        settings(**changes)
