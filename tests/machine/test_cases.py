"""State x input: what goes into an endpoint, what must come out, which state follows.

The cases are facts about TCP as RFC 9293, Linux and FreeBSD have it, numbered from 1 to 63. Where stacks differ from
the RFC a case has one script for each profile.
"""

from typing import Any

import pytest

from wire.machine.opening import make_cookie

from .play import Play

COOKIE = make_cookie(0, "192.0.2.2").hex()
SECOND = 1_000_000_000
TFO = {"fast_open": True, "fast_open_cookie": bytes(8), "sack": True, "initial_window": 10}
NO_CHALLENGE = {"challenge_acks": False}

CASES: list[tuple[int, str, dict[str, Any], str]] = [
    (1, "connect", {}, "! connect\n> S 0\n= SYN-SENT\n< S. 0 ack 1\n> . 1 ack 1\n= ESTABLISHED\n? CallReturned"),
    (2, "passive open", {}, "start LISTEN\n< S 0\n> S. 0 ack 1\n= SYN-RECEIVED\n< . 1 ack 1\n= ESTABLISHED"),
    (3, "data beside a SYN, no cookie", {}, "start LISTEN\n< S 17:20\n> S. 0 ack 18\n= SYN-RECEIVED"),
    (
        4,
        "Fast Open, good cookie",
        {"fast_open": True},
        f"start LISTEN\n< S 0:10 cookie={COOKIE}\n> S. 0 ack 11\n= SYN-RECEIVED\n? DataArrived\n! read",
    ),
    (
        5,
        "simultaneous open",
        {},
        "start SYN-SENT\n< S 0\n> S. 0 ack 1\n= SYN-RECEIVED\n< . 1 ack 1\n= ESTABLISHED",
    ),
    (
        6,
        "simultaneous open with data",
        {},
        "start SYN-SENT\n< S 0:3\n> S. 0 ack 1\n= SYN-RECEIVED\n< . 1 ack 1\n> . 1 ack 4\n= ESTABLISHED",
    ),
    (
        7,
        "Fast Open SYNs cross",
        TFO | {"syn_text": "drop"},
        "! connect 1000\n> S 0:1000\n< S 0:500 mss=1460 sackok\n> S. 0 ack 1\n= SYN-RECEIVED\n"
        "< S. 0 ack 1001 mss=1460 sackok\n> . 1001 ack 1 sack=0:1\n= ESTABLISHED",
    ),
    (8, "ack too little", {}, "start SYN-SENT\n< S. 0 ack 0\n> R 0\n= SYN-SENT\n+ 1\n> S 0"),
    (9, "ack too much", {}, "start SYN-SENT\n< S. 0 ack 2\n> R 2\n= SYN-SENT"),
    (10, "bare ack, right", {}, "start SYN-SENT\n< . 1 ack 1\n= SYN-SENT\n+ 1\n> S 0"),
    (11, "bare ack, wrong", {}, "start SYN-SENT\n< . 1 ack 2\n> R 2\n= SYN-SENT"),
    (12, "FIN in SYN-SENT", {}, "start SYN-SENT\n< F 0\n= SYN-SENT"),
    (13, "close in SYN-SENT", {}, "start SYN-SENT\n! close\n= CLOSED\n< S. 0 ack 1\n> R 1\n= CLOSED"),
    (
        14,
        "SYN never answered",
        {"syn_retries": 3, "timestamps": True, "isn": 0},
        "! connect\n> S 0 mss=1460 ts=0,0\n+ 1\n> S 0 mss=1460 ts=1000,0\n+ 2\n> S 0\n+ 4\n> S 0\n"
        "= SYN-SENT\n+ 8\n= CLOSED\n? TimedOut",
    ),
    (
        15,
        "Fast Open SYN lost",
        TFO,
        "! connect 100\n> S 0:100 mss=1460 sackok cookie=0000000000000000\n+ 1\n> S 0 mss=1460 sackok\n= SYN-SENT\n"
        "< S. 0 ack 1 mss=1460 sackok\n> P. 1:101 ack 1\n= ESTABLISHED",
    ),
    (16, "ECN accepted", {"ecn": "accept"}, "start LISTEN\n< SEW 0\n> SE. 0 ack 1\n= SYN-RECEIVED"),
    (16, "ECN not known", {}, "start LISTEN\n< SEW 0\n> S. 0 ack 1\n= SYN-RECEIVED"),
    (17, "SYN to closed port", {}, "< S 0\n> R. 0 ack 1\n= CLOSED"),
    (18, "SYN with data to closed port", {}, "< S 0:3\n> R. 0 ack 4\n= CLOSED"),
    (19, "SYN, FIN, data to closed port", {}, "< SF 0:3\n> R. 0 ack 5\n= CLOSED"),
    (
        20,
        "anything with ACK to closed port",
        {},
        "< . 17 ack 34\n> R 34 win 0\n< F. 17 ack 34\n> R 34 win 0\n< S. 17:20 ack 34\n> R 34 win 0\n= CLOSED",
    ),
    (21, "FIN to closed port", {}, "< F 0\n> R. 0 ack 1\n= CLOSED"),
    (22, "RST to closed port", {}, "< R 0\n< R. 0 ack 1\n< SR 0\n= CLOSED"),
    (22, "RST to listener", {}, "start LISTEN\n< R 0\n< R. 0 ack 1\n< SR 0\n= LISTEN\n< S 0\n> S. 0 ack 1"),
    (23, "ACK to listener", {}, "start LISTEN\n< . 17 ack 34\n> R 34\n< F. 17 ack 34\n> R 34\n= LISTEN"),
    (24, "SYN,ACK to listener", {}, "start LISTEN\n< S. 17 ack 34\n> R 34\n= LISTEN"),
    (24, "SYN,ACK to listener, FreeBSD", {"profile": "freebsd"}, "start LISTEN\n< S. 17 ack 34\n= LISTEN"),
    (25, "no flags to listener", {}, "start LISTEN\n< - 17\n= LISTEN"),
    (26, "SYN,FIN to listener", {}, "start LISTEN\n< SF 17\n> S. 0 ack 18\n= SYN-RECEIVED"),
    (26, "SYN,FIN to listener, Linux", {"profile": "linux"}, "start LISTEN\n< SF 17\n= LISTEN"),
    (27, "refused", {}, "start SYN-SENT\n< R. 0 ack 1\n= CLOSED\n? Refused"),
    (28, "stray RST in SYN-SENT", {}, "start SYN-SENT\n< R 0\n< R. 0 ack 0\n< R. 0 ack 2\n= SYN-SENT\n+ 1\n> S 0"),
    (29, "RST in SYN-RECEIVED, passive", {}, "start SYN-RECEIVED\n< R 1\n= LISTEN"),
    (30, "RST in SYN-RECEIVED, active", {}, "start SYN-RECEIVED active\n< R 1\n= CLOSED\n? Refused"),
    (31, "RST in ESTABLISHED", {}, "start ESTABLISHED\n< R 1\n= CLOSED\n? Reset"),
    (31, "RST in FIN-WAIT-1", {}, "start FIN-WAIT-1\n< R 1\n= CLOSED\n? Reset"),
    (31, "RST in FIN-WAIT-2", {}, "start FIN-WAIT-2\n< R 1\n= CLOSED\n? Reset"),
    (31, "RST in CLOSE-WAIT", {}, "start CLOSE-WAIT\n< R 2\n= CLOSED\n? Reset"),
    (31, "RST in CLOSING", {}, "start CLOSING\n< R 2\n= CLOSED"),
    (31, "RST in LAST-ACK", {}, "start LAST-ACK\n< R 2\n= CLOSED"),
    (32, "RST inside the window", {}, "start ESTABLISHED\n< R 2\n> . 1 ack 1\n= ESTABLISHED\n? ChallengeAck"),
    (32, "RST inside, before RFC 5961", NO_CHALLENGE, "start ESTABLISHED\n< R 2\n= CLOSED\n? Reset"),
    (33, "RST outside the window", {}, "start ESTABLISHED\n< R 65537\n< R 0\n= ESTABLISHED"),
    (34, "SYN in ESTABLISHED", {}, "start ESTABLISHED\n< S 1\n> . 1 ack 1\n< S 99999\n> . 1 ack 1\n= ESTABLISHED"),
    (34, "SYN in CLOSING", {}, "start CLOSING\n< S 2\n> . 2 ack 2\n= CLOSING"),
    (34, "SYN, before RFC 5961", NO_CHALLENGE, "start ESTABLISHED\n< S 1\n> R. 1 ack 1\n= CLOSED"),
    (
        35,
        "close with data unread",
        {},
        "start ESTABLISHED\n< P. 1:1001 ack 1\n> . 1 ack 1001\n! close\n> R. 1 ack 1001\n= CLOSED",
    ),
    (
        35,
        "close with data unread, CLOSE-WAIT",
        {"profile": "linux"},
        "start ESTABLISHED\n< FP. 1:1001 ack 1\n> . 1 ack 1002\n= CLOSE-WAIT\n! close\n> R. 1 ack 1002\n= CLOSED",
    ),
    (
        35,
        "close with data unread, FreeBSD",
        {"profile": "freebsd", "delayed_ack": 0},
        "start ESTABLISHED\n< P. 1:1001 ack 1\n> . 1 ack 1001\n! close\n> F. 1 ack 1001\n= FIN-WAIT-1",
    ),
    (36, "data for nobody", {}, "start FIN-WAIT-2\n< P. 1:101 ack 2\n> R 2\n= CLOSED"),
    (36, "data for nobody, FIN-WAIT-1", {}, "start FIN-WAIT-1\n< P. 1:101 ack 1\n> R 1\n= CLOSED"),
    (
        37,
        "data without ACK",
        {},
        "start ESTABLISHED\n< - 1:11\n< P 1:11\n= ESTABLISHED\n< P. 1:11 ack 1\n> . 1 ack 11",
    ),
    (38, "ack of data never sent", {}, "start ESTABLISHED\n< F. 1 ack 9999\n> . 1 ack 1\n= ESTABLISHED"),
    (
        38,
        "ack of data never sent, timestamp unmoved",
        {"profile": "linux", "options": "mss=1460 sackok ts=100,0"},
        "start ESTABLISHED\n< F. 1 ack 9999 ts=900,0\n= ESTABLISHED\n< P. 1:2 ack 1 ts=200,0\n> . 1 ack 2 ts=0,200",
    ),
    (
        39,
        "local close, then remote FIN",
        {},
        "start ESTABLISHED\n! send 1000\n> P. 1:1001 ack 1\n< . 1 ack 1001\n! close\n> F. 1001 ack 1\n= FIN-WAIT-1\n"
        "< . 1 ack 1002\n= FIN-WAIT-2\n< F. 1 ack 1002\n> . 1002 ack 2\n= TIME-WAIT",
    ),
    (
        40,
        "remote FIN, then close",
        {},
        "start ESTABLISHED\n< F. 1 ack 1\n> . 1 ack 2\n= CLOSE-WAIT\n! close\n> F. 1 ack 2\n= LAST-ACK\n"
        "< . 2 ack 2\n= CLOSED\n< . 2 ack 2\n> R 2",
    ),
    (41, "FIN that acknowledges ours", {}, "start FIN-WAIT-1\n< F. 1 ack 2\n> . 2 ack 2\n= TIME-WAIT"),
    (42, "simultaneous close", {}, "start FIN-WAIT-1\n< F. 1 ack 1\n> . 2 ack 2\n= CLOSING"),
    (
        42,
        "simultaneous close, FreeBSD",
        {"profile": "freebsd"},
        "start FIN-WAIT-1\n< F. 1 ack 1\n> F. 1 ack 2\n= CLOSING",
    ),
    (43, "CLOSING", {}, "start CLOSING\n< . 2 ack 2\n= TIME-WAIT"),
    (
        44,
        "half-close",
        {},
        "start ESTABLISHED\n! shutdown write\n> F. 1 ack 1\n< . 1 ack 2\n= FIN-WAIT-2\n< P. 1:1001 ack 2\n"
        "> . 2 ack 1001\n= FIN-WAIT-2\n! read\n< F. 1001 ack 2\n> . 2 ack 1002\n= TIME-WAIT",
    ),
    (
        45,
        "shutdown for reading",
        {},
        "start ESTABLISHED\n! shutdown read\n< P. 1:1001 ack 1\n> . 1 ack 1001\n= ESTABLISHED",
    ),
    (
        46,
        "shutdown with data queued",
        {"initial_window": 4, "mss": 1000},
        "start ESTABLISHED\n! send 7000\n> . 1:1001 ack 1\n> . 1001:2001 ack 1\n> . 2001:3001 ack 1\n"
        "> . 3001:4001 ack 1\n! shutdown both\n= FIN-WAIT-1\n< . 1 ack 4001\n> . 4001:5001 ack 1\n"
        "> . 5001:6001 ack 1\n> FP. 6001:7001 ack 1\n< . 1 ack 7002\n= FIN-WAIT-2\n< F. 1 ack 7002\n"
        "> . 7002 ack 2\n= TIME-WAIT",
    ),
    (
        47,
        "tail loss probe",
        {"profile": "linux", "mss": 1000, "timestamps": False, "options": "mss=1000 sackok"},
        "! connect\n> S 0\n+ 0.1\n< S. 0 ack 1 mss=1000 sackok\n> . 1 ack 1\n! send 2000\n> . 1:1001 ack 1\n"
        "> P. 1001:2001 ack 1\n! shutdown both\n> F. 2001 ack 1\n= FIN-WAIT-1\n+ 0.25\n> F. 2001 ack 1",
    ),
    (
        48,
        "FIN never acknowledged",
        {"user_timeout": 10 * SECOND},
        "start FIN-WAIT-1\n+ 1\n> F. 1 ack 1\n+ 2\n> F. 1 ack 1\n+ 4\n> F. 1 ack 1\n+ 4\n= CLOSED\n? TimedOut\n"
        "< . 1 ack 2\n> R 2",
    ),
    (
        49,
        "last ACK lost",
        {},
        "start LAST-ACK\n+ 1\n> F. 1 ack 2\n= LAST-ACK\n< . 2 ack 2\n= CLOSED\n< P. 2:12 ack 2\n> R 2",
    ),
    (
        50,
        "FIN on data",
        {},
        "start ESTABLISHED\n< P. 1:1001 ack 1\n> . 1 ack 1001\n< FP. 1001:2001 ack 1\n> . 1 ack 2002\n= CLOSE-WAIT",
    ),
    (
        51,
        "FIN before its data",
        {},
        "start ESTABLISHED\n< F. 1001 ack 1\n> . 1 ack 1\n= ESTABLISHED\n< P. 1:1001 ack 1\n> . 1 ack 1002\n"
        "= CLOSE-WAIT",
    ),
    (
        52,
        "FIN again in TIME-WAIT",
        {},
        "start TIME-WAIT\n+ 100\n< F. 1 ack 2\n> . 2 ack 2\n= TIME-WAIT\n+ 119\n= TIME-WAIT\n+ 1\n= CLOSED",
    ),
    (53, "ACK in TIME-WAIT", {}, "start TIME-WAIT\n< . 2 ack 2\n= TIME-WAIT"),
    (
        54,
        "ACK outside the window in TIME-WAIT",
        {},
        "start TIME-WAIT\n< . 1 ack 2\n> . 2 ack 2\n< . 70000 ack 2\n> . 2 ack 2\n= TIME-WAIT",
    ),
    (55, "SYN in TIME-WAIT", {}, "start TIME-WAIT\n< S 2\n> . 2 ack 2\n< S 1\n> . 2 ack 2\n= TIME-WAIT"),
    (56, "SYN,ACK in TIME-WAIT", {}, "start TIME-WAIT\n< S. 2 ack 0\n> . 2 ack 2\n= TIME-WAIT"),
    (57, "RST in TIME-WAIT", {}, "start TIME-WAIT\n< R 2\n= CLOSED"),
    (57, "RST in TIME-WAIT, FreeBSD", {"profile": "freebsd"}, "start TIME-WAIT\n< R 2\n= TIME-WAIT"),
    (
        58,
        "fast retransmit",
        {"initial_window": 10},
        "start ESTABLISHED\n! send 5840\n> . 1:1461 ack 1\n> . 1461:2921 ack 1\n> . 2921:4381 ack 1\n"
        "> P. 4381:5841 ack 1\n< . 1 ack 1\n< . 1 ack 1\n< . 1 ack 1\n> . 1:1461 ack 1\n? Retransmitted\n"
        "< . 1 ack 5841\n= ESTABLISHED\n+ 10",
    ),
    (
        59,
        "fast retransmit with SACK",
        {"initial_window": 10, "sack": True, "options": "mss=1460 sackok"},
        "start ESTABLISHED\n! send 5840\n> . 1:1461 ack 1\n> . 1461:2921 ack 1\n> . 2921:4381 ack 1\n"
        "> P. 4381:5841 ack 1\n< . 1 ack 1 sack=1461:2921\n< . 1 ack 1 sack=1461:4381\n"
        "< . 1 ack 1 sack=1461:5841\n> . 1:1461 ack 1\n? Retransmitted\n< . 1 ack 5841\n+ 10",
    ),
    (
        60,
        "timeout",
        {"initial_window": 10, "mss": 1000},
        "start ESTABLISHED\n! send 10000\n"
        + "".join(f"> {'P' * (n == 9)}. {n}001:{n + 1}001 ack 1\n" for n in range(10)).replace(" 0001", " 1")
        + "< . 1 ack 4001\n+ 1\n> . 4001:5001 ack 1\n+ 2\n> . 4001:5001 ack 1\n+ 4\n> . 4001:5001 ack 1\n"
        "= ESTABLISHED",
    ),
    (
        61,
        "out of order",
        {"sack": True, "options": "mss=1460 sackok"},
        "start ESTABLISHED\n< P. 1:2 ack 1\n> . 1 ack 2\n< P. 4:8 ack 1\n> . 1 ack 2 sack=4:8\n"
        "< P. 2:4 ack 1\n> . 1 ack 8\n= ESTABLISHED",
    ),
    (
        62,
        "PAWS",
        {"timestamps": True, "options": "mss=1460 ts=1000,0"},
        "start ESTABLISHED\n< P. 1:11 ack 1 ts=1010,0\n> . 1 ack 11 ts=0,1010\n< P. 11:21 ack 1 ts=999,0\n"
        "> . 1 ack 11 ts=0,1010\n= ESTABLISHED",
    ),
    (
        63,
        "MD5 nobody agreed on",
        {"profile": "linux"},
        "start SYN-RECEIVED\n< . 1 ack 1 md5\n= SYN-RECEIVED\n< . 1 ack 1\n= ESTABLISHED",
    ),
]


@pytest.mark.parametrize(("settings", "script"), [pytest.param(c[2], c[3], id=f"{c[0]}: {c[1]}") for c in CASES])
def test_case(settings: dict[str, Any], script: str) -> None:
    Play(**settings).run(script)


def test_every_case_is_here() -> None:
    assert {number for number, *_ in CASES} == set(range(1, 64))


def test_read_gives_what_was_sent() -> None:
    play = Play().run("start ESTABLISHED\n< P. 3:6 ack 1\n> . 1 ack 1\n< P. 1:4 ack 1\n> . 1 ack 6\n! read")
    assert play.read == bytes(range(5))
