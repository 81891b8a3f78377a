"""What an endpoint tells about itself: typed events, each with the reason and the place in the RFC.

A segment goes out through `Endpoint.outbox`; everything worth a word about it, and about what happened inside, is an
event in `Endpoint.events`, in the order in which it happened. `why` is a code to translate and explain; `why.rfc`
says where the rule stands and `why.text` says it in one English sentence.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from .segment import Segment
from .states import Event, State


class Why(Enum):
    """A reason: (where the rule stands, the rule in one sentence). The member's name is the code."""

    OPEN = ("RFC 9293 3.5", "Asks to open and says where this side's numbering starts; a SYN uses one number.")
    OPEN_ANSWER = ("RFC 9293 3.5", "Acknowledges the peer's SYN and sends its own in the same segment.")
    OPEN_CROSSED = ("RFC 9293 3.5", "Both sides sent a SYN: the same SYN again, now acknowledging the peer's.")
    OPEN_DONE = ("RFC 9293 3.5", "Acknowledges the peer's SYN: now the peer knows that its number arrived.")
    SYN_AGAIN = ("RFC 9293 3.10.7.4", "The peer's SYN came again: the answer may have been lost, so it is sent again.")
    DATA = ("RFC 9293 3.7", "Carries the application's bytes, as many as segment size and windows allow.")
    LIMITED_TRANSMIT = ("RFC 3042 2", "A duplicate ACK says that something left the road: one new segment may follow.")
    FIN = ("RFC 9293 3.6", "Everything has been sent: no more data will come from this side; a FIN uses one number.")
    FIN_AGAIN = ("RFC 9293 3.6", "Repeats its FIN with the new acknowledgment, as some stacks do.")
    ACK_DATA = ("RFC 9293 3.10.7.4", "Acknowledges what arrived: the number of the byte that it expects next.")
    ACK_DELAYED = ("RFC 9293 3.8.6.3", "No data went the other way in time, so the acknowledgment goes alone.")
    ACK_OUT_OF_ORDER = ("RFC 5681 4.2", "Something before this is missing: says at once, again, what it still expects.")
    ACK_FILLED = ("RFC 5681 4.2", "The gap is filled: one acknowledgment now covers all that waited behind it.")
    ACK_DUPLICATE = ("RFC 9293 3.10.7.4", "Outside the window, or here already: says what it expects, drops it.")
    ACK_FIN = ("RFC 9293 3.10.7.4", "Acknowledges the peer's FIN: all its data, plus one.")
    ACK_UNSENT = ("RFC 9293 3.10.7.4", "The peer acknowledges what was never sent: says where both really stand.")
    ACK_OLD = ("RFC 5961 5.2", "The acknowledgment number is impossibly old: challenge it and drop the segment.")
    ACK_PAWS = ("RFC 7323 5.3", "The timestamp is older than the last one: an old duplicate; acknowledge and drop.")
    ACK_KEEPALIVE = ("RFC 9293 3.8.4", "Answers a probe: still here.")
    CHALLENGE_RST = ("RFC 5961 3.2", "A reset in the window but not at the expected number: asks whether it is meant.")
    CHALLENGE_SYN = ("RFC 5961 4.2", "A SYN in a running connection: asks; a restarted peer will answer with a reset.")
    WINDOW_UPDATE = ("RFC 9293 3.8.6", "The application has read: there is room again.")
    PROBE_WINDOW = ("RFC 9293 3.8.6.1", "The window is closed: asks whether it is still, lest an opening got lost.")
    PROBE_KEEPALIVE = ("RFC 9293 3.8.4", "Nothing was heard for long: repeats an old number, which must be answered.")
    PROBE_TAIL = ("RFC 8985 7", "No answer to the end of what was sent: sends the last piece again before the timeout.")
    SILLY_WINDOW_OVERRIDE = ("RFC 9293 3.8.6.2.1", "Waited long enough for a larger window: sends what fits.")
    TIMEOUT = ("RFC 6298 5", "No acknowledgment came in time: the oldest segment is sent again, the timeout doubled.")
    FAST_RETRANSMIT = ("RFC 5681 3.2", "Three duplicate ACKs: what they ask for is taken as lost and sent at once.")
    PARTIAL_ACK = ("RFC 6582 3.2", "The repeat was acknowledged but not all: the next one is missing too.")
    SACK_LOSS = ("RFC 6675 4", "Enough later bytes are reported as received: this one is lost.")
    RESUME = ("RFC 5681 3.1", "After a timeout, what was in flight is sent again as the window grows.")
    PATH_MTU = ("RFC 1191 6.4", "The road takes only smaller packets: sent again in smaller segments.")
    FAST_OPEN_REFUSED = ("RFC 7413 4.2.2", "Data in the SYN were not acknowledged: they are sent again.")
    RST_NO_CONNECTION = ("RFC 9293 3.10.7.1", "There is no such connection here.")
    RST_LISTEN = ("RFC 9293 3.10.7.2", "Nothing was sent yet, so nothing can be acknowledged.")
    RST_BAD_ACK = ("RFC 9293 3.10.7.3", "Acknowledges what was never sent: a segment of another connection.")
    RST_SYN = ("RFC 793 3.9", "A SYN in the window is an error: the connection is reset (before RFC 5961).")
    RST_ABORT = ("RFC 9293 3.10.5", "The application aborts: what was not sent is thrown away.")
    RST_UNREAD = ("RFC 9293 3.6.1", "The application closed with data unread: the peer must know that they are lost.")
    RST_NOBODY_READS = ("RFC 9293 3.6.1", "Data came for an application that has closed: nobody will read them.")
    RST_KEEPALIVE = ("RFC 9293 3.8.4", "No probe was answered: the connection is given up.")

    CALL = ("RFC 9293 3.9.1", "The application called.")
    ARRIVED = ("RFC 9293 3.10.7", "A segment arrived.")
    TIMER = ("RFC 9293 3.10.8", "A timer ran out.")
    ACKNOWLEDGED_SYN = ("RFC 9293 3.10.7.4", "Our SYN is acknowledged.")
    REFUSED = ("RFC 9293 3.10.7.3", "A reset that acknowledges our SYN: nobody listens there.")
    RESET = ("RFC 9293 3.5.3", "A reset at exactly the expected number: the peer has no such connection.")
    OTHER_SYN = ("RFC 9293 3.10.7.4", "Another SYN in the window of a half-open connection: as a reset, it ends it.")
    GAVE_UP = ("RFC 9293 3.8.3", "Sent again as often as allowed, never answered: the connection is given up.")
    UNREACHABLE = ("RFC 9293 3.9.2.2", "ICMP says that nobody can be reached there: the opening is given up.")
    USER_TIMEOUT = ("RFC 9293 3.9.1.1", "Nothing was acknowledged for as long as the user allows.")
    KEEPALIVE_DEAD = ("RFC 9293 3.8.4", "No keep-alive probe was answered.")
    ORPHANED = ("RFC 9293 3.6.1", "Nobody can read here and the peer never closed: forgotten.")
    DROP_RST = ("RFC 9293 3.5.2", "A reset that names no number of ours is ignored; a reset is never answered.")
    DROP_RST_TIME_WAIT = ("RFC 1337 3", "A reset must not end TIME-WAIT early.")
    DROP_NO_ACK = ("RFC 9293 3.10.7.4", "Without the ACK flag it cannot belong to a running connection.")
    DROP_NOTHING_IN_IT = ("RFC 9293 3.10.7.2", "Neither SYN, ACK nor RST: nothing to do with it.")
    DROP_NO_SYN = ("RFC 9293 3.10.7.3", "Neither SYN nor RST: without the peer's number nothing can be checked.")
    DROP_SYN_FIN = ("RFC 9293 3.10.7.2", "SYN and FIN together: no honest peer sends this, and this stack drops it.")
    DROP_SYN_ACK = ("RFC 9293 3.10.7.2", "A SYN,ACK for a listener: this stack does not answer it.")
    DROP_MD5 = ("RFC 2385 2", "A signature that nobody agreed on.")
    DROP_NO_TIMESTAMP = ("RFC 7323 3.2", "Timestamps were agreed on and are missing here.")
    DROP_ACK_UNSENT = ("RFC 9293 3.10.7.4", "Acknowledges what was never sent.")
    DROP_ACCEPT_QUEUE = ("listen(2)", "The accept queue is full: the listener does not complete another connection.")
    DROP_SYN_QUEUE = ("listen(2)", "The queue of half-open connections is full: the SYN is not answered.")
    HELD_WITH_SYN = ("RFC 9293 3.10.7.2", "Data beside a SYN wait until the connection is established.")
    OUTSIDE_WINDOW = ("RFC 9293 3.4", "Not one of its numbers lies in the receive window.")
    ALREADY_HERE = ("RFC 9293 3.10.7.4", "These bytes arrived before.")
    GAP = ("RFC 9293 3.10.7.4", "Bytes before these are missing: kept until the gap is filled.")
    URGENT = ("RFC 9293 3.8.5", "The peer says that something urgent is on its way.")
    CONGESTION = ("RFC 3168 6.1.2", "The peer saw a packet marked by a router: the window is halved, nothing was lost.")
    TIME_WAIT = ("RFC 9293 3.6.1", "The last ACK may be lost and old segments may be about: wait twice their lifetime.")
    TIME_WAIT_AGAIN = ("RFC 9293 3.10.7.4", "The peer's FIN came again, so our ACK was lost: 2 MSL start again.")
    NEW_INCARNATION = ("RFC 9293 3.6.1", "A SYN with a higher number: the old connection in TIME-WAIT makes room.")

    @property
    def rfc(self) -> str:
        """Where the rule stands: document and section."""
        return self.value[0]

    @property
    def text(self) -> str:
        """The rule in one sentence."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class StateChange:
    """A row of the transition table was taken."""

    old: State
    new: State
    cause: Event
    why: Why


@dataclass(frozen=True, slots=True)
class Sent:
    """A segment was put into the outbox."""

    segment: Segment
    why: Why


@dataclass(frozen=True, slots=True)
class Retransmitted:
    """What follows is sent again: `seq` to `end` (wire numbers), for the `times`-th time."""

    seq: int
    end: int
    times: int
    why: Why


@dataclass(frozen=True, slots=True)
class TimerStarted:
    """A timer was set: its name and after how many nanoseconds it will run out."""

    name: str
    after: int
    why: Why = Why.TIMER


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """A timer ran out, `after` nanoseconds after it was set."""

    name: str
    after: int
    why: Why = Why.TIMER


@dataclass(frozen=True, slots=True)
class CallReturned:
    """A call that waited is done: "connect", "accept" (on the new connection), "close"."""

    call: str
    why: Why


@dataclass(frozen=True, slots=True)
class DataArrived:
    """`size` bytes in order became readable; `data` holds them if the application was waiting in receive()."""

    size: int
    data: bytes = b""
    why: Why = Why.ARRIVED


@dataclass(frozen=True, slots=True)
class DataAcknowledged:
    """The peer acknowledged `size` more sequence numbers, up to `ack` (wire number)."""

    size: int
    ack: int
    why: Why = Why.ARRIVED


@dataclass(frozen=True, slots=True)
class EndOfStream:
    """The peer's FIN is in order: after what is readable, read() gives nothing more."""

    why: Why = Why.ACK_FIN


@dataclass(frozen=True, slots=True)
class UrgentSignalled:
    """The peer has urgent data: the byte after the last of them has wire number `pointer`."""

    pointer: int
    why: Why = Why.URGENT


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """Data arrived beyond a gap and are kept."""

    segment: Segment
    why: Why = Why.GAP


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Data arrived that had arrived before, or a SYN or FIN that came again."""

    segment: Segment
    why: Why = Why.ALREADY_HERE


@dataclass(frozen=True, slots=True)
class OutOfWindow:
    """A segment failed the acceptability test (RFC 9293 3.10.7.4, first)."""

    segment: Segment
    why: Why = Why.OUTSIDE_WINDOW


@dataclass(frozen=True, slots=True)
class Dropped:
    """A segment was thrown away without effect."""

    segment: Segment
    why: Why


@dataclass(frozen=True, slots=True)
class ChallengeAck:
    """A suspicious segment was answered with an ACK instead of being obeyed (RFC 5961)."""

    segment: Segment
    why: Why


@dataclass(frozen=True, slots=True)
class Refused:
    """connect failed: "connection refused"."""

    why: Why = Why.REFUSED


@dataclass(frozen=True, slots=True)
class Reset:
    """The peer reset the connection: "connection reset by peer"."""

    why: Why = Why.RESET


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The connection was given up: "connection timed out"."""

    why: Why


@dataclass(frozen=True, slots=True)
class CookieReceived:
    """The server gave a Fast Open cookie for the next time (RFC 7413 4.1.2)."""

    cookie: bytes
    why: Why = Why.OPEN_ANSWER


@dataclass(frozen=True, slots=True)
class CongestionChanged:
    """The congestion window moved for a reason other than ordinary growth; sizes in bytes."""

    window: int
    threshold: int
    why: Why


Happening: TypeAlias = (
    StateChange
    | Sent
    | Retransmitted
    | TimerStarted
    | TimerExpired
    | CallReturned
    | DataArrived
    | DataAcknowledged
    | EndOfStream
    | UrgentSignalled
    | OutOfOrder
    | Duplicate
    | OutOfWindow
    | Dropped
    | ChallengeAck
    | Refused
    | Reset
    | TimedOut
    | CookieReceived
    | CongestionChanged
)
