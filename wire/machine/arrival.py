"""SEGMENT ARRIVES: RFC 9293 3.10.7, in its order, one small function for each of its steps.

Whether a segment is "an ACK of our FIN" needs sequence numbers, so it is decided here; what then follows is looked up
in the transition table (`Connection.move`).
"""

from collections.abc import Callable
from dataclasses import replace

from . import events, opening
from .acknowledgment import fifth_check_ack, start_time_wait, take_acknowledgment
from .connection import Connection
from .events import Why
from .output import closed_answer, send_syn, set_timers, transmit
from .segment import (
    ACK,
    CE,
    CWR,
    FIN,
    MD5_SIGNATURE,
    RST,
    SYN,
    URG,
    OtherOption,
    Segment,
    Timestamps,
)
from .sequence import fold, later, unfold
from .states import Event, State
from .timers import Timer

PAWS_IDLE = 24 * 86400 * 1_000_000_000  # after so long a remembered timestamp says nothing (RFC 7323 5.5)
RECEIVING = (State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2)


def segment_arrives(c: Connection, segment: Segment) -> None:
    """Process one segment in whatever state the connection is, and send what follows from it."""
    if c.settings.md5_unasked == "drop" and _signed(segment):
        c.events.append(events.Dropped(segment, Why.DROP_MD5))
        return
    if c.state is State.CLOSED:
        answer = closed_answer(segment)
        if answer is not None:
            c.outbox.append(answer)
            c.events.append(events.Sent(answer, Why.RST_NO_CONNECTION))
    elif c.state is State.LISTEN:
        opening.listen(c, segment)
    elif c.state is State.SYN_SENT:
        if opening.syn_sent(c, segment):
            rest_of_syn_ack(c, segment)
    else:
        otherwise(c, segment)
    if c.state not in (State.CLOSED, State.LISTEN):
        hear(c)
        decide_about_ack(c)
        transmit(c)


def _signed(segment: Segment) -> bool:
    return any(isinstance(option, OtherOption) and option.kind == MD5_SIGNATURE for option in segment.options)


def hear(c: Connection) -> None:
    """The peer lives: keep-alive starts anew (RFC 9293 3.8.4)."""
    c.keepalives = 0
    if c.settings.keepalive and c.state.synchronized and c.state is not State.TIME_WAIT:
        c.timers.start(Timer.KEEPALIVE, c.now, c.settings.keepalive_idle)


def decide_about_ack(c: Connection) -> None:
    """Delayed ACK: at once for every second full segment, else after a while (RFC 9293 3.8.6.3, RFC 5681 4.2)."""
    if not c.ack_later or c.ack_due is not None:
        return
    settings = c.settings
    quick = 0 < c.data_segments <= settings.quick_acks and not c.receiver.finished
    if settings.delayed_ack == 0 or quick or c.ack_later >= 2 * c.largest:
        c.ack_due = Why.ACK_DATA
    elif not c.timers.runs(Timer.DELAYED_ACK):
        c.timers.start(Timer.DELAYED_ACK, c.now, settings.delayed_ack)


# 3.10.7.4, all states from SYN-RECEIVED on


Step = Callable[[Connection, Segment, int], bool]


def otherwise(c: Connection, segment: Segment) -> None:
    """The RFC's eight checks in order; the third (security) is not for us. Each returns False to drop the segment."""
    seq = unfold(segment.seq, c.receiver.nxt)
    if c.state is State.SYN_RECEIVED and segment.has(SYN) and not segment.has(RST) and seq == c.receiver.irs:
        if not syn_came_again(c, segment):
            return
        seq += 1
        segment = _without_syn(segment)
    steps: tuple[Step, ...] = (
        check_timestamp,
        first_check_sequence_number,
        second_check_rst,
        fourth_check_syn,
        fifth_check_ack,
        remember_timestamp,
    )
    if all(step(c, segment, seq) for step in steps):
        text_and_fin(c, segment, seq)


def _without_syn(segment: Segment) -> Segment:
    return replace(segment, seq=fold(segment.seq + 1), flags=segment.flags & ~SYN)


def syn_came_again(c: Connection, segment: Segment) -> bool:
    """The peer's SYN once more. With an ACK it is the other half of a simultaneous open (figure 7) and goes on,
    without its SYN; alone it says that our SYN,ACK was lost, and the acknowledgment that 3.10.7.4 asks for is that
    SYN,ACK."""
    if segment.has(ACK):
        if c.sack:
            c.receiver.duplicate = (c.receiver.irs, c.receiver.irs + 1)
            c.ack_due = Why.ACK_DUPLICATE
        return True
    c.events.append(events.Duplicate(segment, Why.SYN_AGAIN))
    chunk = c.sender.board.chunks[0] if c.sender.board.chunks else None
    if chunk is not None and chunk.syn:
        c.sender.repeat(chunk, c.now)
        send_syn(c, Why.SYN_AGAIN, chunk)
        c.timers.stop(Timer.RETRANSMISSION)
        set_timers(c, sent=True)
    return False


def check_timestamp(c: Connection, segment: Segment, seq: int) -> bool:
    """PAWS comes before the sequence number (RFC 7323 5.3 R1)."""
    if not c.timestamps or segment.has(RST):
        return True
    option = segment.option(Timestamps)
    if option is None:
        if c.settings.no_timestamp == "drop":
            c.events.append(events.Dropped(segment, Why.DROP_NO_TIMESTAMP))
        return c.settings.no_timestamp == "accept"
    if later(c.ts_recent, option.value) and c.now - c.ts_recent_at < PAWS_IDLE:
        c.events.append(events.OutOfWindow(segment, Why.ACK_PAWS))
        c.emit(Why.ACK_PAWS)
        return False
    return True


def first_check_sequence_number(c: Connection, segment: Segment, seq: int) -> bool:
    """Is any of it in the window? If not, say what is expected (unless it is a RST), and drop it."""
    receiver = c.receiver
    if receiver.acceptable(seq, len(segment)):
        return True
    if receiver.wnd == 0 and seq == receiver.nxt and segment.has(ACK) and not segment.has(SYN | RST):
        take_acknowledgment(c, segment, seq)  # a closed window still takes ACKs (3.10.7.4, first, special allowance)
    old = seq + len(segment) <= receiver.nxt
    if segment.has(RST):
        c.events.append(events.OutOfWindow(segment, Why.OUTSIDE_WINDOW))
        return False
    if segment.has(SYN) and c.settings.challenge_acks:
        c.events.append(events.ChallengeAck(segment, Why.CHALLENGE_SYN))
        c.emit(Why.CHALLENGE_SYN)
        return False
    if old and len(segment):
        c.events.append(events.Duplicate(segment))
        if c.sack and c.state is not State.TIME_WAIT:
            receiver.duplicate = (seq, seq + len(segment))  # a FIN has a number, too (RFC 2883 4)
    else:
        c.events.append(events.OutOfWindow(segment))
    if c.state is State.TIME_WAIT and segment.has(FIN) and seq + len(segment) == receiver.nxt:
        c.start_timer(Timer.TIME_WAIT, 2 * c.settings.msl)
        c.emit(Why.TIME_WAIT_AGAIN)
    elif old and not len(segment) and seq == receiver.nxt - 1:
        c.emit(Why.ACK_KEEPALIVE)
    elif c.state is not State.CLOSED:
        c.emit(Why.ACK_DUPLICATE)
    return False


def second_check_rst(c: Connection, segment: Segment, seq: int) -> bool:
    """A reset is obeyed only at exactly the expected number (RFC 5961 3.2, now part of RFC 9293)."""
    if not segment.has(RST):
        return True
    if c.settings.challenge_acks and seq != c.receiver.nxt:
        c.events.append(events.ChallengeAck(segment, Why.CHALLENGE_RST))
        c.emit(Why.CHALLENGE_RST)
    elif c.state is State.TIME_WAIT and not c.settings.reset_ends_time_wait:
        c.events.append(events.Dropped(segment, Why.DROP_RST_TIME_WAIT))
    elif c.state is State.SYN_RECEIVED and c.passive and not c.fast_opened:
        back_to_listen(c, Why.RESET)
    else:
        told = c.fast_opened or c.state in (State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2, State.CLOSE_WAIT)
        opened = told or c.state is not State.SYN_RECEIVED
        c.move(Event.RCV_RST, Why.RESET if opened else Why.REFUSED)
        if told:
            c.events.append(events.Reset())
        elif not opened:
            c.events.append(events.Refused())
    return False


def back_to_listen(c: Connection, why: Why) -> None:
    """SYN-RECEIVED after a passive open: forget this peer, wait for the next (figure 5, note 1)."""
    c.move(Event.RCV_RST_PASSIVE, why)
    c.timers.stop_all()
    c.begin(0)
    c.remote = c.listens_to


def fourth_check_syn(c: Connection, segment: Segment, seq: int) -> bool:
    """A SYN in a running connection (RFC 5961 4.2)."""
    if not segment.has(SYN):
        return True
    if c.state is State.SYN_RECEIVED and c.passive:
        back_to_listen(c, Why.OTHER_SYN)
    elif c.settings.challenge_acks or c.state is State.TIME_WAIT:
        c.events.append(events.ChallengeAck(segment, Why.CHALLENGE_SYN))
        c.emit(Why.CHALLENGE_SYN)
    else:
        c.reset(Why.RST_SYN, ack=True)
        c.move(Event.RCV_RST, Why.RST_SYN)
        c.events.append(events.Reset(Why.RST_SYN))
    return False


def remember_timestamp(c: Connection, segment: Segment, seq: int) -> bool:
    """TS.Recent, from a segment that covers what was last acknowledged (RFC 7323 4.3). Always goes on."""
    option = segment.option(Timestamps) if c.timestamps else None
    if option is not None and seq <= c.last_ack_sent and not later(c.ts_recent, option.value):
        c.ts_recent, c.ts_recent_at = option.value, c.now
    return True


def rest_of_syn_ack(c: Connection, segment: Segment) -> None:
    """What came beside the SYN that established the connection from SYN-SENT (3.10.7.3: "continue at the sixth
    step")."""
    text_and_fin(c, _without_syn(segment), c.receiver.irs + 1)


def text_and_fin(c: Connection, segment: Segment, seq: int) -> None:
    """Sixth, seventh and eighth: the URG bit, the text, the FIN bit."""
    if c.held is not None and c.state.synchronized:
        held, c.held = c.held, None
        text_and_fin(c, held, c.receiver.irs + 1)
    if c.state not in RECEIVING:
        return
    if segment.data and is_deaf(c) and seq + len(segment.data) > c.receiver.nxt:
        c.reset(Why.RST_NOBODY_READS, seq=unfold(segment.ack, c.sender.una))
        c.move(Event.ABORT, Why.RST_NOBODY_READS)
        return
    sixth_check_urg(c, segment, seq)
    _read_marks(c, segment)
    if segment.data or segment.has(FIN):
        seventh_process_text(c, segment, seq)


def is_deaf(c: Connection) -> bool:
    """True if nobody will ever read here: the socket is closed, or as good as closed where the profile says so."""
    shut = c.settings.deaf_after == "shutdown" and not c.reading and c.sender.fin_queued
    return c.closed_by_user or shut


def sixth_check_urg(c: Connection, segment: Segment, seq: int) -> None:
    """RCV.UP moves forward only."""
    if segment.has(URG) and seq + segment.urgent > c.receiver.up:
        c.receiver.up = seq + segment.urgent
        c.events.append(events.UrgentSignalled(fold(c.receiver.up)))


def _read_marks(c: Connection, segment: Segment) -> None:
    """ECN: CWR ends the echo, a mark on this packet starts it (RFC 3168 6.1.3)."""
    if c.ecn and segment.has(CWR):
        c.echo_mark = False
    if c.ecn and segment.ecn == CE:
        c.echo_mark = True
        c.ack_due = Why.ACK_DATA


def seventh_process_text(c: Connection, segment: Segment, seq: int) -> None:
    """Take the text, and the FIN if it is its turn; work out which acknowledgment this asks for."""
    receiver = c.receiver
    taken = receiver.take(seq, segment.data, segment.has(FIN))
    if not c.sack:
        receiver.duplicate = None
    if taken.duplicate:
        c.events.append(events.Duplicate(segment))
    if taken.delivered:
        c.data_segments += 1
        c.largest = max(c.largest, len(segment.data))
        data = receiver.read(None) if c.settings.auto_read else b""
        c.events.append(events.DataArrived(taken.delivered, data))
    if taken.waiting:
        c.events.append(events.OutOfOrder(segment))
        c.ack_due = Why.ACK_OUT_OF_ORDER
    elif taken.filled:
        c.ack_due = Why.ACK_FILLED
    elif taken.delivered:
        c.ack_later += taken.delivered
        if taken.duplicate and c.sack:
            c.ack_due = Why.ACK_DUPLICATE
    elif segment.data or not taken.fin:
        c.ack_due = Why.ACK_DUPLICATE
    if taken.fin:
        eighth_check_fin(c)


def eighth_check_fin(c: Connection) -> None:
    """The peer's FIN is in order."""
    c.events.append(events.EndOfStream())
    waits = c.settings.fin_ack == "delayed" or (c.settings.fin_ack == "after data" and c.data_segments > 0)
    alone = c.ack_due is None and c.ack_later < c.largest  # nothing else asks for an acknowledgment
    if waits and alone and c.settings.delayed_ack and c.state is State.ESTABLISHED:
        c.ack_later += 1
    else:
        c.ack_due = Why.ACK_FIN
    if c.state is State.FIN_WAIT_1 and c.sender.fin_acknowledged:
        c.move(Event.RCV_FIN_AND_ACK_OF_FIN, Why.ACK_FIN)
    else:
        c.move(Event.RCV_FIN, Why.ACK_FIN)
    if c.state is State.TIME_WAIT:
        start_time_wait(c)
    elif c.state is State.CLOSING and c.settings.fin_again_when_closing:
        fin = c.sender.board.chunks[-1] if c.sender.board.chunks else None
        if fin is not None and fin.fin:
            c.sender.repeat(fin, c.now)
            c.emit(Why.FIN_AGAIN, ACK | FIN, seq=fin.seq, data=c.sender.data(fin))
