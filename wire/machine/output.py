"""What a connection sends: its SYN, its data and FIN, its acknowledgments; and the timers that go with them."""

from .connection import Connection
from .events import DataAcknowledged, Retransmitted, Why
from .profiles import MS
from .scoreboard import Chunk
from .segment import (
    ACK,
    CWR,
    ECE,
    FIN,
    RST,
    SYN,
    FastOpen,
    MaximumSegmentSize,
    NoOperation,
    Option,
    SackPermitted,
    Segment,
    Timestamps,
    WindowScale,
)
from .sequence import MODULUS, fold
from .states import State
from .timers import Timer

CAN_SEND = (State.ESTABLISHED, State.CLOSE_WAIT, State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK)


def can_send(c: Connection) -> bool:
    """True if data may go now: in these states, and in SYN-RECEIVED after a Fast Open (RFC 7413 4.2.2)."""
    return c.state in CAN_SEND or (c.state is State.SYN_RECEIVED and c.fast_opened)


def send_syn(c: Connection, why: Why, chunk: Chunk | None = None) -> None:
    """SYN in SYN-SENT, SYN+ACK elsewhere; the first time (`chunk` None) it is put in flight."""
    again = chunk is not None and chunk.times > 1
    if chunk is None:
        chunk = c.sender.add(0, c.now, syn=True)
    if c.state is State.SYN_SENT:
        flags = SYN | (ECE | CWR if c.settings.ecn == "request" and not again else 0)
    else:
        flags = SYN | ACK | (ECE if c.ecn else 0)
    early = c.early_data if c.state is State.SYN_SENT and not again else b""
    c.emit(why, flags, seq=chunk.seq, data=early, options=syn_options(c, again))
    if early:
        c.sender.add(len(early), c.now)


def syn_options(c: Connection, again: bool) -> tuple[Option, ...]:
    """What a SYN offers, in the profile's order; a SYN+ACK only what the peer's SYN offered too (RFC 7323 1.3)."""
    s = c.settings
    offers: dict[str, Option] = {"mss": MaximumSegmentSize(s.mss)}
    if s.window_scale is not None and (c.offer_all or c.scaling):
        offers["wscale"] = WindowScale(s.window_scale)
    if s.sack and (c.offer_all or c.sack):
        offers["sack"] = SackPermitted()
    if s.timestamps and (c.offer_all or c.timestamps):
        offers["timestamps"] = c.timestamp()
    if c.state is State.SYN_SENT and s.fast_open and not again:
        offers["fast_open"] = FastOpen(s.fast_open_cookie or b"")
    elif c.state is not State.SYN_SENT and c.cookie is not None:
        offers["fast_open"] = FastOpen(c.cookie)
    options: list[Option] = []
    for group in s.syn_options:
        present = [offers[name] for name in group if name in offers]
        at_end = group == ("fast_open",) or (s.sack_padding == "end" and present == [SackPermitted()])
        padding = 0 if at_end else -sum(option.length for option in present) % 4
        options += [NoOperation()] * padding + present
    return tuple(options)


def send_chunk(c: Connection, chunk: Chunk, why: Why) -> None:
    """Send a piece of the stream for the first time or again."""
    if chunk.times > 1:
        c.events.append(Retransmitted(fold(chunk.seq), fold(chunk.end), chunk.times - 1, why))
    if chunk.syn:
        send_syn(c, why, chunk)
        return
    data = c.sender.data(chunk)
    flags = c.data_flags(chunk.push) | (FIN if chunk.fin else 0)
    c.emit(why, flags, seq=chunk.seq, data=data, fresh=chunk.times == 1)


def transmit(c: Connection) -> None:
    """Send what may be sent: first what is lost, then what is new; then the acknowledgment, if nothing carried it."""
    sent = False
    while (repeat := c.sender.next_repeat(c.now)) is not None:
        send_chunk(c, *repeat)
        sent = True
    if can_send(c) and not c.sender.board.first_lost():
        if c.sender.waiting and not c.sender.flight and c.now - c.last_sent_at > c.rto.current:
            c.sender.congestion.idle()
        while (chunk := c.sender.next_new(c.now)) is not None:
            limited = c.sender.duplicates and c.sender.recovery_point is None
            why = Why.LIMITED_TRANSMIT if limited else Why.FIN if len(chunk) == chunk.fin else Why.DATA
            send_chunk(c, chunk, why)
            sent = True
    if c.ack_due is not None:
        c.emit(c.ack_due)
        c.ack_due = None
    set_timers(c, sent)


def set_timers(c: Connection, sent: bool) -> None:
    """The retransmission timer runs while something is in flight (RFC 6298 5.1, 5.2), the persist timer while something
    waits and nothing is (RFC 9293 3.8.6.1)."""
    timers, sender = c.timers, c.sender
    if c.state in (State.CLOSED, State.LISTEN, State.TIME_WAIT):
        return
    if sender.board.chunks:
        timers.stop(Timer.PERSIST)
        if not timers.runs(Timer.RETRANSMISSION) and not timers.runs(Timer.TAIL_LOSS):
            c.start_timer(Timer.RETRANSMISSION, c.rto.current)
        if c.settings.user_timeout is not None and not timers.runs(Timer.USER):
            c.start_timer(Timer.USER, c.settings.user_timeout)
        if sent and c.settings.tail_loss_probe:
            schedule_tail_probe(c)
        return
    timers.stop(Timer.RETRANSMISSION)
    timers.stop(Timer.TAIL_LOSS)
    if sender.waiting and can_send(c):
        if not timers.runs(Timer.PERSIST):
            c.probes = 0
            start_persist(c)
        if c.settings.user_timeout is not None and not timers.runs(Timer.USER):
            c.start_timer(Timer.USER, c.settings.user_timeout)
    else:
        timers.stop(Timer.PERSIST)
        timers.stop(Timer.USER)


def start_persist(c: Connection) -> None:
    """Probe after the RTO, then after ever longer (RFC 9293 3.8.6.1)."""
    c.start_timer(Timer.PERSIST, min(c.rto.current << min(c.probes, 32), c.settings.rto_max))


def schedule_tail_probe(c: Connection) -> None:
    """Two round trips after the last segment, at the latest when the timeout would come (RFC 8985 7.2); it takes the
    timeout's place, which then follows. Not in recovery, and only with SACK."""
    sender = c.sender
    troubled = c.rto.backed_off or sender.recovery_point is not None or sender.timeout_point is not None
    if c.rto.smoothed is None or not c.state.synchronized or troubled or not c.sack:
        return
    after = 2 * c.rto.smoothed
    if len(sender.board.chunks) == 1:
        after += c.settings.rto_min  # a lone segment's acknowledgment may be delayed
    c.timers.stop(Timer.RETRANSMISSION)
    c.timers.start(Timer.TAIL_LOSS, c.now, min(after, c.rto.current))


def acknowledged(c: Connection, segment: Segment, ack: int) -> None:
    """Something new was acknowledged: measure, restart the timer (RFC 6298 5.3)."""
    progress = c.sender.acknowledge(ack, c.now)
    c.events.append(DataAcknowledged(progress.acknowledged, fold(ack)))
    sample = _echoed(c, segment) if progress.repeated else progress.round_trip
    if sample is not None:
        c.rto.measure(sample)
    else:
        c.rto.forget_back_off()
    for timer in (Timer.RETRANSMISSION, Timer.TAIL_LOSS, Timer.USER):
        c.timers.stop(timer)
    if c.sender.board.chunks:
        c.start_timer(Timer.RETRANSMISSION, c.rto.current)
        if c.settings.tail_loss_probe:
            schedule_tail_probe(c)


def _echoed(c: Connection, segment: Segment) -> int | None:
    """With timestamps even what was sent twice can be timed (RFC 7323 4.1): nanoseconds, None if it does not say."""
    option = segment.option(Timestamps)
    if not c.timestamps or option is None or option.echo == 0:
        return None
    milliseconds = (c.timestamp().value - option.echo) % MODULUS
    return milliseconds * MS if milliseconds < 3_600_000 else None


def closed_answer(segment: Segment) -> Segment | None:
    """RFC 9293 3.10.7.1: what a segment that meets no connection is answered with; None for a RST."""
    if segment.has(RST):
        return None
    source, target = segment.target, segment.source
    if segment.has(ACK):
        return Segment(seq=segment.ack, flags=RST, window=0, source=source, target=target)
    ack = fold(segment.seq + len(segment))
    return Segment(seq=0, ack=ack, flags=RST | ACK, window=0, source=source, target=target)
