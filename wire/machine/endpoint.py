"""One end of a TCP connection, sans-I/O: calls, segments and the clock go in, segments and events come out.

    client = Endpoint(settings(isn=223), local=("10.0.0.1", 40000))
    client.connect(("10.0.0.2", 8080), now=0)
    client.outbox                       # the SYN
    client.receive(syn_ack, now=20_000_000)
    client.next_timer(), client.tick(now)

Times are integer nanoseconds on the caller's clock, which never goes back. After every call take what is in `outbox`
and in `events`. What a segment does is never an exception; a call that the state does not allow is a ProtocolError.
"""

from typing import Any, Literal

from . import arrival, expiry
from .connection import Address, Connection
from .events import Why
from .output import can_send, send_syn, transmit
from .profiles import Settings, settings
from .segment import ACK, FIN, RST, SYN, Segment, Timestamps
from .sequence import later, unfold
from .states import Event, ProtocolError, Send, State
from .timers import Timer


class Endpoint(Connection):
    """One end: a transmission control block with the calls of RFC 9293 3.9.1."""

    def __init__(
        self, settings_: Settings | None = None, local: Address = ("", 0), remote: Address | None = None
    ) -> None:
        """CLOSED. `local` and `remote` are (host, port); a listener learns `remote` from the SYN's sender."""
        super().__init__(settings_ or settings(), local, remote)

    def __repr__(self) -> str:
        return f"Endpoint({self.local} {self.remote} {self.state.value})"

    # Calls

    def listen(self, now: int | None = None) -> None:
        """Passive OPEN (3.10.1): wait for a SYN."""
        self._clock(now)
        self.move(Event.PASSIVE_OPEN, Why.CALL, "listen")
        self.passive = True

    def connect(self, remote: Address | None = None, now: int | None = None, data: bytes = b"") -> None:
        """Active OPEN (3.10.1): send a SYN. With Fast Open and a cookie, `data` goes beside it (RFC 7413); else after
        it."""
        self._clock(now)
        if self.state is not State.CLOSED:
            raise ProtocolError(f"connect in state {self.state.value}")
        self.remote = remote or self.remote
        if self.remote is None:
            raise ProtocolError("connect without an address: remote socket unspecified")
        self.passive = False
        self._open(Event.ACTIVE_OPEN, data, "connect")

    def _open(self, event: Event, data: bytes, call: str) -> None:
        self.begin(self.next_isn())
        self.reading, self.closed_by_user = True, False
        self.sender.write(data, urgent=False)
        self.move(event, Why.CALL, call)
        if self.settings.fast_open and self.settings.fast_open_cookie:
            self.early_data = data[: max(0, self.settings.mss - 40)]  # room for all options
        send_syn(self, Why.OPEN)
        transmit(self)

    def send(self, data: bytes, now: int | None = None, *, urgent: bool = False) -> int:
        """SEND (3.10.2): queue bytes for the peer, and send what may be sent; how many were taken (all).

        In LISTEN it turns the passive open into an active one, if the peer's address is known.
        """
        self._clock(now)
        if self.sender.fin_queued:
            raise ProtocolError(f"send in state {self.state.value}: connection closing")
        if self.state is State.LISTEN:
            if self.remote is None:
                raise ProtocolError("send in state LISTEN: remote socket unspecified")
            self.passive = False
            self._open(Event.SEND, data, "send")
            return len(data)
        self.move(Event.SEND, Why.CALL, "send")
        self.sender.write(data, urgent)
        if can_send(self):
            transmit(self)
        return len(data)

    def read(self, limit: int | None = None, now: int | None = None) -> bytes:
        """RECEIVE (3.10.3): up to `limit` bytes that are in order; b"" if there are none (`at_end` tells why).

        When it makes enough room the peer is told (3.8.6.2.2).
        """
        self._clock(now)
        if not self.receiver.readable and self.state is State.CLOSED and self.heard:
            return b""
        if not self.receiver.readable:
            self.move(Event.RECEIVE, Why.CALL, "read")
        data = self.receiver.read(limit)
        before = self.receiver.wnd
        if self.heard and data and self.state.synchronized and not self.receiver.finished:
            enough = min(self.receiver.capacity // 2, 2 * self.receiver.mss)
            if before < enough <= self.receiver.offer():
                self.emit(Why.WINDOW_UPDATE)
        return data

    @property
    def readable(self) -> int:
        """Bytes that read() would give."""
        return len(self.receiver.readable)

    @property
    def at_end(self) -> bool:
        """True if the peer's FIN is in order and everything before it was read."""
        return self.heard and self.receiver.finished and not self.receiver.readable

    def shutdown(self, how: Literal["read", "write", "both"], now: int | None = None) -> None:
        """Half-close. "write": no more data from us, a FIN follows what is queued; the other direction goes on (3.6).

        "read": only this application stops reading: TCP has no way to say so, and what arrives is acknowledged.
        """
        self._clock(now)
        if how in ("write", "both"):
            self._close_write("shutdown")
        if how in ("read", "both"):
            self.reading = False

    def close(self, now: int | None = None) -> None:
        """CLOSE (3.10.4) as sockets mean it: nobody will send or read here any more.

        With data unread the peer gets a RST (3.6.1), or a FIN where the profile says so.
        """
        self._clock(now)
        if self.closed_by_user:
            raise ProtocolError(f"close in state {self.state.value}: connection closing")
        unread = bool(self.receiver.readable) and self.state not in (State.CLOSED, State.TIME_WAIT)
        if unread and self.settings.reset_on_unread_close:
            self.reset(Why.RST_UNREAD, ack=True)
            self.move(Event.ABORT, Why.RST_UNREAD, "close")
        elif not self.sender.fin_queued:
            self._close_write("close")
        self.closed_by_user = True
        if self.state is State.FIN_WAIT_2 and self.settings.orphan_timeout is not None:
            self.start_timer(Timer.ORPHAN, self.settings.orphan_timeout)

    def _close_write(self, call: str) -> None:
        if self.sender.fin_queued:
            raise ProtocolError(f"{call} in state {self.state.value}: connection closing")
        if self.state is State.SYN_RECEIVED and self.sender.queue:
            self.close_waits = self.sender.fin_queued = True  # 3.10.4: queued until ESTABLISHED
            return
        self.move(Event.CLOSE, Why.CALL, call)
        if self.state is not State.CLOSED:
            self.sender.fin_queued = True
            transmit(self)

    def abort(self, now: int | None = None) -> None:
        """ABORT (3.10.5): throw everything away; the peer gets a RST."""
        self._clock(now)
        nxt = self.sender.nxt
        if self.move(Event.ABORT, Why.CALL, "abort") is Send.RST:
            self.reset(Why.RST_ABORT, seq=nxt, ack=True)

    def configure(self, now: int | None = None, **changes: Any) -> None:
        """Change settings of a running connection (setsockopt): Nagle, keep-alive, user timeout, retries, buffer …

        What was agreed on in the SYNs stays. Raises ValueError for a name or value that does not exist.
        """
        self._clock(now)
        self.settings = self.sender.settings = self.settings.change(**changes)
        self.rto.settings = self.sender.congestion.settings = self.settings
        self.receiver.capacity = self.settings.window
        if not self.settings.keepalive:
            self.timers.stop(Timer.KEEPALIVE)
        elif self.state.synchronized and self.state is not State.TIME_WAIT:
            self.start_timer(Timer.KEEPALIVE, self.settings.keepalive_idle)
        if can_send(self):
            transmit(self)

    # The road and the clock

    def receive(self, segment: Segment, now: int | None = None) -> None:
        """SEGMENT ARRIVES (3.10.7). Never raises."""
        self._clock(now)
        if self.remote is None:
            self.remote = ("", segment.source)
        arrival.segment_arrives(self, segment)

    def next_timer(self) -> int | None:
        """When `tick` must be called next; None if no timer runs."""
        return self.timers.deadline()

    def tick(self, now: int) -> None:
        """The time is `now`: let every timer run out that is due."""
        self._clock(now)
        while (due := self.timers.expire(now)) is not None:
            expiry.expire(self, *due)

    def packet_too_big(self, mtu: int, now: int | None = None, headers: int = 40) -> None:
        """A router says that the road takes packets of `mtu` bytes only (RFC 1191): smaller segments from now on.

        `headers`: bytes of the IP and TCP headers without options.
        """
        self._clock(now)
        mss = mtu - headers - 12 * self.timestamps
        if self.state is State.SYN_SENT and self.early_data and mss > 0:
            self._syn_without_data(mtu - headers)
        elif 0 < mss < self.sender.mss and self.state not in (State.CLOSED, State.LISTEN):
            self.sender.use_mss(mss)
            transmit(self)

    def unreachable(self, now: int | None = None) -> bool:
        """ICMP says that the peer cannot be reached (3.9.2.2): True if that ends the connection, which it does while
        it is opening; one that is open takes it as a hint and goes on."""
        self._clock(now)
        if self.state is State.SYN_SENT or (self.state is State.SYN_RECEIVED and self.fast_opened):
            self.move(Event.USER_TIMEOUT, Why.UNREACHABLE)
            return True
        return False

    def _syn_without_data(self, mss: int) -> None:
        """A SYN with data was too big: the SYN alone, at once, and the data after it (RFC 7413 4.2.1)."""
        syn = self.sender.board.chunks[0]
        del self.sender.board.chunks[1:]
        self.sender.nxt = syn.end
        self.early_data = b""
        self.settings = self.sender.settings = self.settings.change(mss=min(mss, self.settings.mss))
        self.sender.repeat(syn, self.now)
        send_syn(self, Why.PATH_MTU, syn)

    def may_make_room(self, segment: Segment) -> bool:
        """True if this SYN may open a new incarnation of a connection in TIME-WAIT: its number, or its timestamp, is
        higher than any of the old one (RFC 9293 3.10.7.4 fourth, RFC 6191)."""
        if self.state is not State.TIME_WAIT or segment.flags & (SYN | ACK | RST | FIN) != SYN:
            return False
        stamp = segment.option(Timestamps)
        if self.timestamps and stamp is not None and later(stamp.value, self.ts_recent):
            return True
        return unfold(segment.seq, self.receiver.nxt) > self.receiver.nxt

    def make_room(self) -> None:
        """Leave TIME-WAIT for a new incarnation."""
        self.move(Event.RCV_SYN, Why.NEW_INCARNATION)

    def _clock(self, now: int | None) -> None:
        if now is not None:
            self.now = max(self.now, now)
