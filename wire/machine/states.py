"""RFC 9293, figure 5, as one literal table: (state, event) -> (what is sent, next state).

What can be a row of the table is a row of the table. The table knows no sequence numbers: whether a segment that
arrives *is* "an ACK of our FIN" is worked out by the machine beside it (`arrival`), which then looks up what follows.
A call of the application that has no row here is an error; a segment never is.
"""

from collections.abc import Iterator
from enum import StrEnum


class State(StrEnum):
    """The eleven states of RFC 9293 3.3.2."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"

    @property
    def synchronized(self) -> bool:
        """True once both sides have acknowledged each other's SYN (RFC 9293 3.5.2)."""
        return self not in (State.CLOSED, State.LISTEN, State.SYN_SENT, State.SYN_RECEIVED)

    @property
    def opening(self) -> bool:
        """True while our own SYN may be unacknowledged."""
        return self in (State.SYN_SENT, State.SYN_RECEIVED)


class Event(StrEnum):
    """What can happen to a connection: calls (RFC 9293 3.9.1), segments, timeouts; worded as in figure 5."""

    PASSIVE_OPEN = "passive OPEN"
    ACTIVE_OPEN = "active OPEN"
    SEND = "SEND"
    RECEIVE = "RECEIVE"
    CLOSE = "CLOSE"
    ABORT = "ABORT"
    RCV_SYN = "rcv SYN"
    RCV_SYN_ACK = "rcv SYN,ACK"
    RCV_ACK_OF_SYN = "rcv ACK of SYN"
    RCV_FIN = "rcv FIN"
    RCV_ACK_OF_FIN = "rcv ACK of FIN"
    RCV_FIN_AND_ACK_OF_FIN = "rcv FIN, ACK of FIN"  # note 2 of the figure: both in one segment
    RCV_RST = "rcv RST"
    RCV_RST_PASSIVE = "rcv RST, opened passively"  # note 1 of the figure
    USER_TIMEOUT = "user timeout"
    TIMEOUT_2MSL = "timeout = 2 MSL"


class Send(StrEnum):
    """What a transition sends, as in the lower half of the figure's labels (`x` there is `NOTHING` here)."""

    NOTHING = "x"
    SYN = "snd SYN"
    SYN_ACK = "snd SYN,ACK"
    ACK = "snd ACK"
    FIN = "snd FIN"
    RST = "snd RST"
    DATA = "snd data"


class ProtocolError(Exception):
    """The application called for something that the connection's state does not allow: `connect in state
    ESTABLISHED`."""


_S, _E, _X = State, Event, Send

# fmt: off
TRANSITIONS: dict[tuple[State, Event], tuple[Send, State]] = {
    # The arrows of figure 5, from top to bottom.
    (_S.CLOSED,       _E.PASSIVE_OPEN):           (_X.NOTHING, _S.LISTEN),
    (_S.CLOSED,       _E.ACTIVE_OPEN):            (_X.SYN,     _S.SYN_SENT),
    (_S.LISTEN,       _E.RCV_SYN):                (_X.SYN_ACK, _S.SYN_RECEIVED),
    (_S.LISTEN,       _E.SEND):                   (_X.SYN,     _S.SYN_SENT),
    (_S.LISTEN,       _E.CLOSE):                  (_X.NOTHING, _S.CLOSED),
    (_S.SYN_SENT,     _E.CLOSE):                  (_X.NOTHING, _S.CLOSED),
    (_S.SYN_SENT,     _E.RCV_SYN):                (_X.SYN_ACK, _S.SYN_RECEIVED),
    (_S.SYN_SENT,     _E.RCV_SYN_ACK):            (_X.ACK,     _S.ESTABLISHED),
    (_S.SYN_RECEIVED, _E.RCV_RST_PASSIVE):        (_X.NOTHING, _S.LISTEN),
    (_S.SYN_RECEIVED, _E.RCV_ACK_OF_SYN):         (_X.NOTHING, _S.ESTABLISHED),
    (_S.SYN_RECEIVED, _E.CLOSE):                  (_X.FIN,     _S.FIN_WAIT_1),
    (_S.ESTABLISHED,  _E.CLOSE):                  (_X.FIN,     _S.FIN_WAIT_1),
    (_S.ESTABLISHED,  _E.RCV_FIN):                (_X.ACK,     _S.CLOSE_WAIT),
    (_S.FIN_WAIT_1,   _E.RCV_ACK_OF_FIN):         (_X.NOTHING, _S.FIN_WAIT_2),
    (_S.FIN_WAIT_1,   _E.RCV_FIN):                (_X.ACK,     _S.CLOSING),
    (_S.FIN_WAIT_1,   _E.RCV_FIN_AND_ACK_OF_FIN): (_X.ACK,     _S.TIME_WAIT),
    (_S.FIN_WAIT_2,   _E.RCV_FIN):                (_X.ACK,     _S.TIME_WAIT),
    (_S.CLOSING,      _E.RCV_ACK_OF_FIN):         (_X.NOTHING, _S.TIME_WAIT),
    (_S.CLOSE_WAIT,   _E.CLOSE):                  (_X.FIN,     _S.LAST_ACK),
    (_S.LAST_ACK,     _E.RCV_ACK_OF_FIN):         (_X.NOTHING, _S.CLOSED),
    (_S.TIME_WAIT,    _E.TIMEOUT_2MSL):           (_X.NOTHING, _S.CLOSED),

    # Not drawn in the figure, said in the text. Calls that leave the state as it is (3.10.2, 3.10.3). The RFC would
    # refuse RECEIVE in the last three states even if text is waiting; sockets hand it over, and so do we.
    (_S.SYN_SENT,     _E.SEND):                   (_X.NOTHING, _S.SYN_SENT),
    (_S.SYN_RECEIVED, _E.SEND):                   (_X.NOTHING, _S.SYN_RECEIVED),
    (_S.ESTABLISHED,  _E.SEND):                   (_X.DATA,    _S.ESTABLISHED),
    (_S.CLOSE_WAIT,   _E.SEND):                   (_X.DATA,    _S.CLOSE_WAIT),
    (_S.LISTEN,       _E.RECEIVE):                (_X.NOTHING, _S.LISTEN),
    (_S.SYN_SENT,     _E.RECEIVE):                (_X.NOTHING, _S.SYN_SENT),
    (_S.SYN_RECEIVED, _E.RECEIVE):                (_X.NOTHING, _S.SYN_RECEIVED),
    (_S.ESTABLISHED,  _E.RECEIVE):                (_X.NOTHING, _S.ESTABLISHED),
    (_S.FIN_WAIT_1,   _E.RECEIVE):                (_X.NOTHING, _S.FIN_WAIT_1),
    (_S.FIN_WAIT_2,   _E.RECEIVE):                (_X.NOTHING, _S.FIN_WAIT_2),
    (_S.CLOSE_WAIT,   _E.RECEIVE):                (_X.NOTHING, _S.CLOSE_WAIT),
    (_S.CLOSING,      _E.RECEIVE):                (_X.NOTHING, _S.CLOSING),
    (_S.LAST_ACK,     _E.RECEIVE):                (_X.NOTHING, _S.LAST_ACK),
    (_S.TIME_WAIT,    _E.RECEIVE):                (_X.NOTHING, _S.TIME_WAIT),

    # A new SYN finds the old connection in TIME-WAIT: it makes room for the next incarnation (3.10.7.4, fourth).
    (_S.TIME_WAIT,    _E.RCV_SYN):                (_X.NOTHING, _S.CLOSED),

    # The application aborts (3.10.5).
    (_S.LISTEN,       _E.ABORT):                  (_X.NOTHING, _S.CLOSED),
    (_S.SYN_SENT,     _E.ABORT):                  (_X.NOTHING, _S.CLOSED),
    (_S.SYN_RECEIVED, _E.ABORT):                  (_X.RST,     _S.CLOSED),
    (_S.ESTABLISHED,  _E.ABORT):                  (_X.RST,     _S.CLOSED),
    (_S.FIN_WAIT_1,   _E.ABORT):                  (_X.RST,     _S.CLOSED),
    (_S.FIN_WAIT_2,   _E.ABORT):                  (_X.RST,     _S.CLOSED),
    (_S.CLOSE_WAIT,   _E.ABORT):                  (_X.RST,     _S.CLOSED),
    (_S.CLOSING,      _E.ABORT):                  (_X.NOTHING, _S.CLOSED),
    (_S.LAST_ACK,     _E.ABORT):                  (_X.NOTHING, _S.CLOSED),
    (_S.TIME_WAIT,    _E.ABORT):                  (_X.NOTHING, _S.CLOSED),

    # The peer resets (3.10.7.3 second, 3.10.7.4 second).
    (_S.SYN_SENT,     _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.SYN_RECEIVED, _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.ESTABLISHED,  _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.FIN_WAIT_1,   _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.FIN_WAIT_2,   _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.CLOSE_WAIT,   _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.CLOSING,      _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.LAST_ACK,     _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),
    (_S.TIME_WAIT,    _E.RCV_RST):                (_X.NOTHING, _S.CLOSED),

    # Nobody answers any more (3.8.3, 3.10.8).
    (_S.SYN_SENT,     _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.SYN_RECEIVED, _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.ESTABLISHED,  _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.FIN_WAIT_1,   _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.FIN_WAIT_2,   _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.CLOSE_WAIT,   _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.CLOSING,      _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
    (_S.LAST_ACK,     _E.USER_TIMEOUT):           (_X.NOTHING, _S.CLOSED),
}
# fmt: on

_UNDRAWN = (Event.RECEIVE, Event.ABORT, Event.RCV_RST, Event.USER_TIMEOUT)


def figure_5() -> Iterator[tuple[State, Event, Send, State]]:
    """The rows that figure 5 draws as arrows: state, event, what is sent, next state."""
    for (state, event), (send, after) in TRANSITIONS.items():
        if state is not after and event not in _UNDRAWN and (state, event) != (State.TIME_WAIT, Event.RCV_SYN):
            yield state, event, send, after


def transition(state: State, event: Event, call: str = "") -> tuple[Send, State]:
    """What follows `event` in `state`; ProtocolError("<call> in state <state>") if nothing may."""
    row = TRANSITIONS.get((state, event))
    if row is None:
        raise ProtocolError(f"{call or event.value} in state {state.value}")
    return row
