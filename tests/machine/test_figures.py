"""The sequences that RFC 9293 draws (figures 6 to 13): two endpoints, every segment handed over by name.

A figure is a list of steps. "A: call" and "B: call" are calls; "A>" says which segment A must have sent, and keeps it
on the road; "@n" lets the n-th segment arrive; "old>B" is a segment of the past. After each arrival or call come both
states.
"""

from dataclasses import dataclass, replace

import pytest

from wire.machine import Endpoint, Segment, settings

from .play import parse

SECOND = 1_000_000_000


@dataclass
class Pair:
    """Both ends of a figure and the segments that are on the road."""

    a: Endpoint
    b: Endpoint

    def __post_init__(self) -> None:
        self.road: list[tuple[Endpoint, Segment]] = []
        self.now = 0

    def play(self, script: str) -> None:
        for line in script.strip().splitlines():
            try:
                self.step(line.split("#")[0].strip())
            except AssertionError as problem:
                raise AssertionError(f"{line.strip()}: {problem}") from None
        assert not self.a.outbox, f"A sent {self.a.outbox[0]}, too"
        assert not self.b.outbox, f"B sent {self.b.outbox[0]}, too"

    def step(self, line: str) -> None:
        what, _, states = line.partition("=")
        kind, *words = what.split()
        end = self.a if kind[0] == "A" else self.b
        other = self.b if end is self.a else self.a
        if kind in ("A:", "B:"):
            getattr(end, words[0])(*(bytes(int(word)) for word in words[1:]), now=self.now)
        elif kind in ("A>", "B>"):
            assert end.outbox, "nothing was sent"
            got, wanted = end.outbox.popleft(), parse(words)
            same = (got.seq, got.flags, len(got.data)) == (wanted.seq, wanted.flags, len(wanted.data))
            assert same and (got.ack == wanted.ack or not got.has(16)), f"sent {got}"
            self.road.append((other, got))
        elif kind == "wait":
            self.now += int(words[0]) * SECOND
            self.a.tick(self.now)
            self.b.tick(self.now)
        elif kind == "old>B":
            self.b.receive(replace(parse(words), source=1, target=2), self.now)
        elif kind == "old>A":
            self.a.receive(parse(words), self.now)
        else:
            target, segment = self.road[int(kind.removeprefix("@")) - 1]
            target.receive(segment, self.now)
        if states:
            assert f"{self.a.state.value} {self.b.state.value}" == " ".join(states.split())


def pair(a_isn: int | tuple[int, ...] = 100, b_isn: int | tuple[int, ...] = 300) -> Pair:
    a = Endpoint(settings(isn=a_isn), ("A", 1), ("B", 2))
    b = Endpoint(settings(isn=b_isn), ("B", 2), ("A", 1))
    return Pair(a, b)


OPEN = """
    B: listen                = CLOSED LISTEN
    A: connect               = SYN-SENT LISTEN
    A> S 100
    @1                       = SYN-SENT SYN-RECEIVED
    B> S. 300 ack 101
    @2                       = ESTABLISHED SYN-RECEIVED
    A> . 101 ack 301
    @3                       = ESTABLISHED ESTABLISHED
"""


def opened() -> Pair:
    """ESTABLISHED on both sides, numbered as the closing figures have it: A next sends 100, B 300."""
    both = pair(99, 299)
    both.play(
        "B: listen\nA: connect\nA> S 99\n@1\nB> S. 299 ack 100\n@2\nA> . 100 ack 300\n@3 = ESTABLISHED ESTABLISHED"
    )
    both.road.clear()
    return both


def test_figure_6_three_way_handshake() -> None:
    both = pair()
    both.play(OPEN + "A: send 5\nA> P. 101:106 ack 301\n@4 = ESTABLISHED ESTABLISHED\nB> . 301 ack 106")


def test_figure_7_simultaneous_open() -> None:
    pair().play(
        """
        A: connect               = SYN-SENT CLOSED
        A> S 100
        B: connect               = SYN-SENT SYN-SENT
        B> S 300
        @2                       = SYN-RECEIVED SYN-SENT
        @1                       = SYN-RECEIVED SYN-RECEIVED
        A> S. 100 ack 301
        B> S. 300 ack 101
        @4                       = ESTABLISHED SYN-RECEIVED
        @3                       = ESTABLISHED ESTABLISHED
        """
    )


def test_figure_8_old_duplicate_syn() -> None:
    pair(100, (300, 400)).play(
        """
        B: listen
        A: connect               = SYN-SENT LISTEN
        A> S 100
        old>B S 90               = SYN-SENT SYN-RECEIVED
        B> S. 300 ack 91
        @2                       = SYN-SENT SYN-RECEIVED
        A> R 91
        @3                       = SYN-SENT LISTEN
        @1                       = SYN-SENT SYN-RECEIVED
        B> S. 400 ack 101
        @4                       = ESTABLISHED SYN-RECEIVED
        A> . 101 ack 401
        @5                       = ESTABLISHED ESTABLISHED
        """
    )


def test_figure_9_half_open_discovered_by_the_restarted_side() -> None:
    both = opened()
    both.a = pair(400).a  # A has crashed and knows nothing
    both.play(
        """
        A: connect               = SYN-SENT ESTABLISHED
        A> S 400
        @1                       = SYN-SENT ESTABLISHED
        B> . 300 ack 100
        @2                       = SYN-SENT ESTABLISHED
        A> R 100
        @3                       = SYN-SENT CLOSED
        wait 1
        A> S 400
        """
    )


def test_figure_10_half_open_discovered_by_the_live_side() -> None:
    both = opened()
    both.a = pair(400).a
    both.play(
        """
        B: send 10
        B> P. 300:310 ack 100
        @1                       = CLOSED ESTABLISHED
        A> R 100
        @2                       = CLOSED CLOSED
        """
    )


def test_figure_11_old_duplicate_syn_between_two_listeners() -> None:
    pair(100, 300).play(
        """
        A: listen
        B: listen                = LISTEN LISTEN
        old>B S 77               = LISTEN SYN-RECEIVED
        B> S. 300 ack 78
        @1                       = LISTEN SYN-RECEIVED
        A> R 78
        @2                       = LISTEN LISTEN
        """
    )


CLOSE = """
    A: close                 = FIN-WAIT-1 ESTABLISHED
    A> F. 100 ack 300
    @1                       = FIN-WAIT-1 CLOSE-WAIT
    B> . 300 ack 101
    @2                       = FIN-WAIT-2 CLOSE-WAIT
    B: close                 = FIN-WAIT-2 LAST-ACK
    B> F. 300 ack 101
    @3                       = TIME-WAIT LAST-ACK
    A> . 101 ack 301
    @4                       = TIME-WAIT CLOSED
    wait 119                 = TIME-WAIT CLOSED
    wait 1                   = CLOSED CLOSED
"""


def test_figure_12_normal_close() -> None:
    opened().play(CLOSE)


def test_figure_13_simultaneous_close() -> None:
    opened().play(
        """
        A: close                 = FIN-WAIT-1 ESTABLISHED
        B: close                 = FIN-WAIT-1 FIN-WAIT-1
        A> F. 100 ack 300
        B> F. 300 ack 100
        @2                       = CLOSING FIN-WAIT-1
        @1                       = CLOSING CLOSING
        A> . 101 ack 301
        B> . 301 ack 101
        @4                       = TIME-WAIT CLOSING
        @3                       = TIME-WAIT TIME-WAIT
        wait 120                 = CLOSED CLOSED
        """
    )


@pytest.mark.parametrize("script", [OPEN, CLOSE])
def test_a_figure_with_a_wrong_number_fails(script: str) -> None:
    """The player itself: one number changed, and the figure does not play."""
    with pytest.raises(AssertionError):
        (pair() if script == OPEN else opened()).play(script.replace("ack 301", "ack 302"))
