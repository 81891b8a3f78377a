"""The transition table against RFC 9293 figure 5, written out a second time from the figure."""

import pytest

from wire.machine import TRANSITIONS, Event, ProtocolError, Send, State
from wire.machine import segment as seg
from wire.machine.events import StateChange
from wire.machine.states import figure_5, transition

from .play import STARTS, Play

# Every arrow of the figure: from, label above the line, label below the line, to.
FIGURE = """
CLOSED       | passive OPEN              | x           | LISTEN
CLOSED       | active OPEN               | snd SYN     | SYN-SENT
LISTEN       | rcv SYN                   | snd SYN,ACK | SYN-RECEIVED
LISTEN       | SEND                      | snd SYN     | SYN-SENT
LISTEN       | CLOSE                     | x           | CLOSED
SYN-SENT     | CLOSE                     | x           | CLOSED
SYN-SENT     | rcv SYN                   | snd SYN,ACK | SYN-RECEIVED
SYN-SENT     | rcv SYN,ACK               | snd ACK     | ESTABLISHED
SYN-RECEIVED | rcv ACK of SYN            | x           | ESTABLISHED
SYN-RECEIVED | CLOSE                     | snd FIN     | FIN-WAIT-1
SYN-RECEIVED | rcv RST, opened passively | x           | LISTEN
ESTABLISHED  | CLOSE                     | snd FIN     | FIN-WAIT-1
ESTABLISHED  | rcv FIN                   | snd ACK     | CLOSE-WAIT
FIN-WAIT-1   | rcv ACK of FIN            | x           | FIN-WAIT-2
FIN-WAIT-1   | rcv FIN                   | snd ACK     | CLOSING
FIN-WAIT-1   | rcv FIN, ACK of FIN       | snd ACK     | TIME-WAIT
FIN-WAIT-2   | rcv FIN                   | snd ACK     | TIME-WAIT
CLOSING      | rcv ACK of FIN            | x           | TIME-WAIT
CLOSE-WAIT   | CLOSE                     | snd FIN     | LAST-ACK
LAST-ACK     | rcv ACK of FIN            | x           | CLOSED
TIME-WAIT    | timeout = 2 MSL           | x           | CLOSED
"""


def rows() -> set[tuple[str, ...]]:
    return {tuple(cell.strip() for cell in line.split("|")) for line in FIGURE.strip().splitlines()}


def test_table_is_figure_5() -> None:
    assert {(state.value, event.value, send.value, after.value) for state, event, send, after in figure_5()} == rows()


def test_what_the_figure_does_not_draw_ends_the_connection_or_leaves_the_state() -> None:
    drawn = {(state, event) for state, event, _, _ in figure_5()}
    for (state, event), (_, after) in TRANSITIONS.items():
        if (state, event) not in drawn:
            assert after in (state, State.CLOSED)


def test_eleven_states_all_reachable_and_none_a_dead_end() -> None:
    assert len(State) == 11
    reached, new = set(), {State.CLOSED}
    while new:
        reached |= new
        new = {after for (state, _), (_, after) in TRANSITIONS.items() if state in new} - reached
    assert reached == set(State)
    for state in State:
        assert any(before is state and after is not state for (before, _), (_, after) in TRANSITIONS.items())


def test_every_state_with_a_peer_can_be_reset_and_given_up() -> None:
    for state in set(State) - {State.CLOSED, State.LISTEN}:
        assert transition(state, Event.RCV_RST) == (Send.NOTHING, State.CLOSED)
        ended = Event.TIMEOUT_2MSL if state is State.TIME_WAIT else Event.USER_TIMEOUT
        assert transition(state, ended)[1] is State.CLOSED


def test_a_missing_row_is_an_error_that_names_call_and_state() -> None:
    with pytest.raises(ProtocolError, match=r"^connect in state ESTABLISHED$"):
        transition(State.ESTABLISHED, Event.ACTIVE_OPEN, "connect")
    with pytest.raises(ProtocolError, match=r"^CLOSE in state CLOSED$"):
        transition(State.CLOSED, Event.CLOSE)


FLAGS = {
    Send.NOTHING: [],
    Send.SYN: [seg.SYN],
    Send.SYN_ACK: [seg.SYN | seg.ACK],
    Send.ACK: [seg.ACK],
    Send.FIN: [seg.FIN | seg.ACK],
    Send.RST: [seg.RST | seg.ACK],
    Send.DATA: [seg.PSH | seg.ACK],
}
CALLS = {
    Event.PASSIVE_OPEN: "! listen",
    Event.ACTIVE_OPEN: "! connect",
    Event.SEND: "! send 1",
    Event.RECEIVE: "! read",
    Event.CLOSE: "! shutdown write",
    Event.ABORT: "! abort",
    Event.RCV_SYN: "< S 0",
    Event.RCV_SYN_ACK: "< S. 0 ack 1",
    Event.RCV_ACK_OF_SYN: "< . 1 ack 1",
    Event.RCV_RST_PASSIVE: "< R 1",
    Event.RCV_FIN_AND_ACK_OF_FIN: "< F. 1 ack 2",
    Event.TIMEOUT_2MSL: "+ 120",
}
AFTER_THEIR_FIN = (State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK, State.TIME_WAIT)


def script(state: State, event: Event) -> str:
    """What makes `event` happen in `state`, both numberings from 0."""
    expected = 2 if state in AFTER_THEIR_FIN else 1
    if event is Event.RCV_FIN:
        return f"< F. 1 ack {2 if state is State.FIN_WAIT_2 else 1}"
    if event is Event.RCV_ACK_OF_FIN:
        return f"< . {expected} ack 2"
    if event is Event.RCV_RST:
        return "< R. 0 ack 1" if state is State.SYN_SENT else f"< R {expected}"
    return CALLS[event]


@pytest.mark.parametrize(("state", "event"), [row for row in TRANSITIONS if row[1] is not Event.USER_TIMEOUT])
def test_an_endpoint_does_what_its_row_says(state: State, event: Event) -> None:
    """Every row, played: the state that follows, and the segment that is sent."""
    send, after = TRANSITIONS[state, event]
    start = state.value
    if state is State.SYN_RECEIVED and event is Event.RCV_RST:
        start = "SYN-RECEIVED active"
    play = Play().run(f"start {start}" if STARTS[start] else "")
    play.us.events.clear()
    if (state, event) == (State.TIME_WAIT, Event.RCV_SYN):
        play.us.make_room()  # a host asks for it when the SYN is new enough
    else:
        kind, *words = script(state, event).split()
        play.step(kind, words)
    assert play.us.state is after
    assert [sent.flags for sent in play.sent] == FLAGS[send]
    changes = [(change.old, change.cause, change.new) for change in play.us.events if isinstance(change, StateChange)]
    assert changes == ([(state, event, after)] if after is not state else [])


@pytest.mark.parametrize("state", [state for state, event in TRANSITIONS if event is Event.USER_TIMEOUT])
def test_nobody_answers(state: State) -> None:
    """Every state that may be given up is, when nothing is acknowledged or nobody is there to read."""
    play = Play(user_timeout=5_000_000_000, orphan_timeout=5_000_000_000).run(f"start {state.value}")
    if state in (State.ESTABLISHED, State.CLOSE_WAIT):
        play.us.send(b"x", play.now)
    play.us.events.clear()
    play.wait(6_000_000_000)
    changes = [(change.old, change.cause) for change in play.us.events if isinstance(change, StateChange)]
    assert changes == [(state, Event.USER_TIMEOUT)]
    assert play.us.next_timer() is None
