"""The fifth check, the ACK field: what an acknowledgment does (RFC 9293 3.10.7.4, fifth).

It moves SND.UNA and the window, feeds the retransmission timer and the congestion window, and when it covers our SYN or
FIN it moves the state.
"""

from . import events, opening
from .connection import Connection
from .events import Why
from .output import acknowledged
from .segment import ACK, ECE, FIN, Sack, Segment
from .sequence import unfold
from .states import Event, State
from .timers import Timer


def fifth_check_ack(c: Connection, segment: Segment, seq: int) -> bool:
    """The ACK bit, the acknowledgment number, the window, and what an ACK of our SYN or FIN does to the state."""
    if not segment.has(ACK):
        c.events.append(events.Dropped(segment, Why.DROP_NO_ACK))
        return False
    sender = c.sender
    ack = unfold(segment.ack, sender.una)
    if c.state is State.SYN_RECEIVED:
        if not sender.una < ack <= sender.highest:
            c.reset(Why.RST_BAD_ACK, seq=segment.ack)
            return False
        opening.established(c, segment, Event.RCV_ACK_OF_SYN, Why.ACKNOWLEDGED_SYN)
    if ack > sender.highest:
        c.events.append(events.Dropped(segment, Why.DROP_ACK_UNSENT))
        if c.settings.ack_of_unsent == "ack":
            c.emit(Why.ACK_UNSENT)
        return False
    if ack < sender.una - sender.max_wnd:
        c.events.append(events.ChallengeAck(segment, Why.ACK_OLD))
        c.emit(Why.ACK_OLD)
        return False
    take_acknowledgment(c, segment, seq)
    return c.state is not State.CLOSED


def take_acknowledgment(c: Connection, segment: Segment, seq: int) -> None:
    """SND.UNA =< SEG.ACK =< SND.NXT: take what it acknowledges, its SACK blocks, its window, its ECN echo."""
    sender = c.sender
    ack = unfold(segment.ack, sender.una)
    if not sender.una - sender.max_wnd <= ack <= sender.highest:
        return
    c.unanswered = 0
    news = _read_sack(c, segment) if sender.sack else 0
    window = segment.window << c.send_shift
    if ack > sender.una:
        acknowledged(c, segment, ack)
    elif is_duplicate(c, segment, ack, news) and sender.duplicate():
        _tell_congestion(c, Why.FAST_RETRANSMIT)
        c.timers.stop(Timer.TAIL_LOSS)
    _window(c, seq, ack, window)
    if segment.has(ECE) and c.ecn and sender.congestion.marked(sender.una, sender.nxt, sender.flight):
        c.reduced = True
        _tell_congestion(c, Why.CONGESTION)
    # With the peer's FIN in the same segment FIN-WAIT-1 goes straight to TIME-WAIT, so that row is taken after the
    # text.
    both = c.state is State.FIN_WAIT_1 and segment.has(FIN)
    if sender.fin_acknowledged and c.state in (State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK) and not both:
        our_fin_is_acknowledged(c)


def is_duplicate(c: Connection, segment: Segment, ack: int, news: int) -> bool:
    """A duplicate ACK: something is in flight, and it brings neither data, nor a new number, nor another window; or,
    with SACK, it reports something new (RFC 5681 2, RFC 6675 2)."""
    sender = c.sender
    same = segment.window << c.send_shift == sender.wnd
    return ack == sender.una and bool(sender.board.chunks) and not len(segment) and (same or news > 0)


def _tell_congestion(c: Connection, why: Why) -> None:
    congestion = c.sender.congestion
    c.events.append(events.CongestionChanged(congestion.window, congestion.threshold, why))


def _read_sack(c: Connection, segment: Segment) -> int:
    option = segment.option(Sack)
    if option is None:
        return 0
    una, highest = c.sender.una, c.sender.highest
    blocks = [(unfold(left, una), unfold(right, una)) for left, right in option.blocks]
    return c.sender.board.report((a, b) for a, b in blocks if una < a < b <= highest)


def _window(c: Connection, seq: int, ack: int, window: int) -> None:
    """SND.WND, unless the segment is older than the one that set it last (3.10.7.4, fifth)."""
    sender = c.sender
    if ack < sender.una or not (sender.wl1 < seq or (sender.wl1 == seq and sender.wl2 <= ack)):
        return
    sender.wnd, sender.wl1, sender.wl2 = window, seq, ack
    sender.max_wnd = max(sender.max_wnd, window)
    chunks = sender.board.chunks
    if window == 0 and chunks and chunks[0].times > 1 and not chunks[0].syn:
        sender.pull_back()
        c.rto.forget_back_off()


def our_fin_is_acknowledged(c: Connection) -> None:
    """FIN-WAIT-1 to FIN-WAIT-2, CLOSING to TIME-WAIT, LAST-ACK to CLOSED."""
    c.move(Event.RCV_ACK_OF_FIN, Why.ARRIVED)
    if c.state is State.TIME_WAIT:
        start_time_wait(c)
    elif c.state is State.CLOSED:
        c.events.append(events.CallReturned("close", Why.ARRIVED))
    elif c.closed_by_user and c.settings.orphan_timeout is not None:
        c.start_timer(Timer.ORPHAN, c.settings.orphan_timeout)


def start_time_wait(c: Connection) -> None:
    """Stop all other timers, start 2 MSL (3.6.1)."""
    c.timers.stop_all()
    c.start_timer(Timer.TIME_WAIT, 2 * c.settings.msl)
    c.events.append(events.CallReturned("close", Why.TIME_WAIT))
