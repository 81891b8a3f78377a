"""What a timer that ran out does (RFC 9293 3.10.8 and the RFCs of each timer)."""

from . import events
from .connection import Connection
from .events import Why
from .output import can_send, send_chunk, set_timers, start_persist, transmit
from .states import Event, State
from .timers import Timer


def expire(c: Connection, timer: Timer, after: int) -> None:
    """Deal with one timer that ran out, `after` nanoseconds after it was set."""
    c.events.append(events.TimerExpired(timer.value, after))
    match timer:
        case Timer.RETRANSMISSION:
            retransmission_timeout(c)
        case Timer.TAIL_LOSS:
            tail_loss_probe(c)
        case Timer.PERSIST:
            persist(c)
        case Timer.DELAYED_ACK:
            c.ack_due = Why.ACK_DELAYED
            transmit(c)
        case Timer.KEEPALIVE:
            keepalive(c)
        case Timer.USER:
            give_up(c, Why.USER_TIMEOUT)
        case Timer.TIME_WAIT:
            c.move(Event.TIMEOUT_2MSL, Why.TIMER)
        case Timer.ORPHAN:
            c.move(Event.USER_TIMEOUT, Why.ORPHANED)


def give_up(c: Connection, why: Why) -> None:
    """The connection is forgotten and the application told (3.8.3). A listener's half-open one goes in silence."""
    c.move(Event.USER_TIMEOUT, why)
    c.events.append(events.TimedOut(why))


def retransmission_timeout(c: Connection) -> None:
    """RFC 6298 5.4 to 5.7."""
    sender, settings = c.sender, c.settings
    limit = settings.retries
    if c.state.opening:
        limit = settings.syn_retries if c.state is State.SYN_SENT else settings.syn_ack_retries
    if c.rto.backed_off >= limit:
        give_up(c, Why.GAVE_UP)
        return
    c.rto.back_off()
    c.timers.stop(Timer.TAIL_LOSS)
    sender.timeout()
    if c.state.opening and sender.board.chunks[0].syn:
        del sender.board.chunks[1:]  # Fast Open data wait for the SYN,ACK (RFC 7413 4.2.2)
        sender.nxt = sender.board.chunks[0].end
    else:
        congestion = sender.congestion
        c.events.append(events.CongestionChanged(congestion.window, congestion.threshold, Why.TIMEOUT))
    transmit(c)


def tail_loss_probe(c: Connection) -> None:
    """New data if there are any, else the last piece again; then the ordinary timeout (RFC 8985 7.3)."""
    if not c.sender.board.chunks:
        return
    fresh = c.sender.next_new(c.now, override=True) if can_send(c) else None
    chunk = fresh or c.sender.board.chunks[-1]
    if fresh is None:
        c.sender.repeat(chunk, c.now)
    send_chunk(c, chunk, Why.PROBE_TAIL)
    c.start_timer(Timer.RETRANSMISSION, c.rto.current)


def persist(c: Connection) -> None:
    """Something waits and nothing is in flight: probe a closed window, or send what a small one takes."""
    sender = c.sender
    if c.unanswered >= c.settings.retries:
        give_up(c, Why.GAVE_UP)
        return
    if sender.wnd > sender.flight:
        chunk = sender.next_new(c.now, override=True)
        if chunk is not None:
            send_chunk(c, chunk, Why.SILLY_WINDOW_OVERRIDE)
        set_timers(c, sent=True)
        return
    c.probes += 1
    c.unanswered += 1
    if c.settings.window_probe == "octet" and sender.nxt < sender.end:
        offset = sender.nxt - sender.base
        c.emit(Why.PROBE_WINDOW, seq=sender.nxt, data=bytes(sender.queue[offset : offset + 1]))
        sender.highest = max(sender.highest, sender.nxt + 1)
    else:
        c.emit(Why.PROBE_WINDOW, seq=sender.una - 1)  # an old number must be answered, too
    start_persist(c)


def keepalive(c: Connection) -> None:
    """Nothing was heard for long: repeat an old number, and after enough silence give up (RFC 9293 3.8.4)."""
    if c.state is State.TIME_WAIT or not c.state.synchronized:
        return
    if c.keepalives >= c.settings.keepalive_probes:
        c.reset(Why.RST_KEEPALIVE, ack=True)
        give_up(c, Why.KEEPALIVE_DEAD)
        return
    c.keepalives += 1
    c.emit(Why.PROBE_KEEPALIVE, seq=c.sender.nxt - 1)
    c.start_timer(Timer.KEEPALIVE, c.settings.keepalive_interval)
