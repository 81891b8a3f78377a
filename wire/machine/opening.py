"""The opening: what LISTEN and SYN-SENT make of a segment (RFC 9293 3.10.7.2, 3.10.7.3), and what the SYNs agree on."""

import hashlib
from dataclasses import replace

from . import events
from .connection import Connection
from .events import Why
from .output import acknowledged, send_syn
from .segment import (
    ACK,
    CWR,
    ECE,
    FIN,
    RST,
    SYN,
    FastOpen,
    MaximumSegmentSize,
    SackPermitted,
    Segment,
    Timestamps,
    WindowScale,
)
from .sequence import fold, unfold
from .states import Event
from .timers import Timer


def listen(c: Connection, segment: Segment) -> None:
    """3.10.7.2: first RST, second ACK, third SYN, fourth anything else."""
    if segment.has(RST):
        c.events.append(events.Dropped(segment, Why.DROP_RST))
    elif segment.has(ACK):
        if segment.has(SYN) and c.settings.syn_ack_in_listen == "ignore":
            c.events.append(events.Dropped(segment, Why.DROP_SYN_ACK))
        else:
            c.reset(Why.RST_LISTEN, seq=segment.ack)
    elif segment.has(SYN):
        if segment.has(FIN) and c.settings.syn_fin == "drop":
            c.events.append(events.Dropped(segment, Why.DROP_SYN_FIN))
        else:
            _syn_for_listener(c, segment)
    else:
        c.events.append(events.Dropped(segment, Why.DROP_NOTHING_IN_IT))


def _syn_for_listener(c: Connection, segment: Segment) -> None:
    c.begin(c.next_isn())
    c.passive = True
    _hear_syn(c, segment)
    c.ecn = c.settings.ecn != "off" and segment.flags & (ECE | CWR) == ECE | CWR
    c.move(Event.RCV_SYN, Why.OPEN_ANSWER)
    accepted = _fast_open(c, segment)
    if segment.data and not accepted and c.settings.syn_text == "keep":
        _keep_text(c, segment)
    send_syn(c, Why.OPEN_ANSWER)
    if accepted:
        c.fast_opened = True
        c.events.append(events.CallReturned("accept", Why.OPEN_ANSWER))


def _keep_text(c: Connection, segment: Segment) -> None:
    c.events.append(events.OutOfOrder(segment, Why.HELD_WITH_SYN))
    c.held = replace(segment, seq=fold(segment.seq + 1), flags=segment.flags & ~SYN)


def _fast_open(c: Connection, segment: Segment) -> bool:
    """RFC 7413 4.2.2: with a good cookie the SYN's data are taken at once; otherwise the client gets the good
    cookie."""
    option = segment.option(FastOpen)
    needed = c.settings.fast_open_needs_cookie
    if not c.settings.fast_open or (option is None and needed):
        return False
    cookie = make_cookie(c.settings.seed, c.remote[0] if c.remote else "")
    if option is not None and option.cookie != cookie:
        c.cookie = cookie
        if needed:
            return False
    if not segment.data:
        return False
    taken = c.receiver.take(c.receiver.nxt, segment.data, fin=False)
    data = c.receiver.read(None) if c.settings.auto_read else b""
    c.events.append(events.DataArrived(taken.delivered, data))
    return True


def make_cookie(secret: int, address: str) -> bytes:
    """The 8-byte cookie that a server with this secret gives to a client at this address (RFC 7413 4.1.2)."""
    return hashlib.sha256(f"fast open {secret} {address}".encode()).digest()[:8]


def syn_sent(c: Connection, segment: Segment) -> bool:
    """3.10.7.3: first ACK, second RST, fourth SYN, fifth neither. True if the connection is now ESTABLISHED."""
    sender = c.sender
    ack = unfold(segment.ack, sender.una)
    acceptable = segment.has(ACK) and sender.una < ack <= sender.highest
    if segment.has(ACK) and not acceptable:
        if segment.has(RST):
            c.events.append(events.Dropped(segment, Why.DROP_RST))
        else:
            c.reset(Why.RST_BAD_ACK, seq=segment.ack)
        return False
    if segment.has(RST):
        if acceptable:
            c.move(Event.RCV_RST, Why.REFUSED)
            c.events.append(events.Refused())
        else:
            c.events.append(events.Dropped(segment, Why.DROP_RST))
        return False
    if not segment.has(SYN):
        c.events.append(events.Dropped(segment, Why.DROP_NO_SYN))
        return False
    _hear_syn(c, segment)
    if acceptable:
        _syn_acknowledged(c, segment, ack)
        return True
    c.ecn = False  # RFC 3168 6.1.1 knows no agreement between two SYNs that cross
    c.move(Event.RCV_SYN, Why.OPEN_CROSSED)
    if segment.data and c.settings.syn_text == "keep":
        _keep_text(c, segment)
    chunk = sender.board.chunks[0]
    sender.repeat(chunk, c.now)
    send_syn(c, Why.OPEN_CROSSED, chunk)
    c.timers.stop(Timer.RETRANSMISSION)
    return False


def _syn_acknowledged(c: Connection, segment: Segment, ack: int) -> None:
    c.ecn = c.settings.ecn == "request" and segment.flags & (ECE | CWR) == ECE
    established(c, segment, Event.RCV_SYN_ACK, Why.ACKNOWLEDGED_SYN)
    acknowledged(c, segment, ack)
    c.ack_due = Why.OPEN_DONE
    option = segment.option(FastOpen)
    if c.settings.fast_open and option is not None and option.cookie:
        c.events.append(events.CookieReceived(option.cookie))
    for chunk in c.sender.board.chunks:  # Fast Open data that the server did not take
        chunk.lost = Why.FAST_OPEN_REFUSED


def _hear_syn(c: Connection, segment: Segment) -> None:
    """The peer's number, its window (never scaled in a SYN, RFC 7323 2.2) and its options."""
    s = c.settings
    c.receiver = type(c.receiver)(s, segment.seq)
    c.heard = True
    c.offer_all = False
    scale, mss = segment.option(WindowScale), segment.option(MaximumSegmentSize)
    c.scaling = s.window_scale is not None and scale is not None
    if s.window_scale is not None and scale is not None:
        c.receiver.shift = s.window_scale
        c.send_shift = min(scale.shift, 14)  # RFC 7323 2.3: more than 14 is taken as 14
    stamp = segment.option(Timestamps)
    c.timestamps = s.timestamps and stamp is not None
    if c.timestamps and stamp is not None:
        c.ts_recent, c.ts_recent_at = stamp.value, c.now
    c.sack = c.sender.sack = s.sack and segment.option(SackPermitted) is not None
    peer = mss.size if mss is not None else 536
    c.sender.use_mss(max(1, min(peer, s.mss) - 12 * c.timestamps))
    c.sender.wnd = c.sender.max_wnd = segment.window
    c.sender.wl1, c.sender.wl2 = segment.seq, c.sender.una


def established(c: Connection, segment: Segment, event: Event, why: Why) -> None:
    """Both SYNs are acknowledged: the call that waited returns, and what waited for it begins."""
    timed_out = c.rto.backed_off > 0
    c.move(event, why)
    if timed_out:
        c.rto.lost_syn()
        c.sender.congestion.lost_syn()
    seq = unfold(segment.seq, c.receiver.nxt)
    window = segment.window << (0 if segment.has(SYN) else c.send_shift)
    c.sender.wnd, c.sender.wl1, c.sender.wl2 = window, seq, unfold(segment.ack, c.sender.una)
    c.sender.max_wnd = max(c.sender.max_wnd, window)
    c.sender.duplicates = 0
    if not c.fast_opened:
        c.events.append(events.CallReturned("accept" if c.passive else "connect", why))
    if c.close_waits:
        c.close_waits = False
        c.move(Event.CLOSE, Why.CALL)
    if c.held is not None:
        c.ack_due = Why.ACK_DATA
