"""The sending half of a connection: the queue of bytes, the peer's window, what to send next and what to send again.

RFC 9293 3.3.1's send variables, with `una`, `nxt`, `wnd` … as there. Numbers are unfolded. The sender decides; it
does not build segments (`output` does) and keeps no clock.
"""

from dataclasses import dataclass

from .congestion import Congestion
from .events import Why
from .profiles import Settings
from .scoreboard import DUPLICATE_THRESHOLD, Chunk, Scoreboard


@dataclass(frozen=True, slots=True)
class Progress:
    """What an acknowledgment brought: sequence numbers newly acknowledged, a round-trip time (ns) that Karn allows."""

    acknowledged: int
    round_trip: int | None
    repeated: bool  # something of it had been sent more than once


class Sender:
    """Send sequence variables, send queue, scoreboard and congestion window."""

    def __init__(self, settings: Settings, iss: int) -> None:
        """Nothing sent: the SYN will have number `iss`, the first byte `iss + 1`."""
        self.settings = settings
        self.iss = self.una = self.nxt = self.highest = iss
        self.wnd = self.max_wnd = 0
        self.wl1 = self.wl2 = 0
        self.up: int | None = None  # SND.UP, the number after the last urgent byte
        self.mss = min(536, settings.mss)  # until the peer says (RFC 9293 3.7.1)
        self.sack = False
        self.queue = bytearray()
        self.base = iss + 1  # the number of queue[0]
        self.fin_queued = False
        self.board = Scoreboard()
        self.congestion = Congestion(settings, self.mss)
        self.duplicates = 0  # duplicate ACKs in a row
        self.recovery_point: int | None = None  # fast recovery until this is acknowledged
        self.timeout_point: int | None = None  # recovering from a timeout until this is acknowledged
        self.forced = False  # the next lost chunk goes out whatever the congestion window says

    @property
    def end(self) -> int:
        """The number after the last byte that the application gave us; the FIN's, if there is one."""
        return self.base + len(self.queue)

    @property
    def flight(self) -> int:
        """FlightSize: sequence numbers sent and not acknowledged (RFC 5681 2)."""
        return self.nxt - self.una

    @property
    def waiting(self) -> bool:
        """True if data or a FIN were never sent yet."""
        return self.nxt < self.end + self.fin_queued

    @property
    def fin_acknowledged(self) -> bool:
        """True if our FIN was sent and acknowledged."""
        return self.fin_queued and self.una > self.end

    def use_mss(self, mss: int) -> None:
        """The bytes of data that fit a segment: the smaller of both sides' MSS, less the options every segment
        carries."""
        smaller = mss < self.mss and bool(self.board.chunks)
        self.mss = max(1, mss)
        self.congestion.use_mss(self.mss)
        if smaller:
            self.board.split(self.mss)

    def write(self, data: bytes, urgent: bool) -> None:
        """Queue bytes; if `urgent`, the urgent pointer is moved to their end (RFC 9293 3.8.5)."""
        self.queue += data
        if urgent:
            self.up = self.end

    def data(self, chunk: Chunk) -> bytes:
        """The bytes of a chunk."""
        start = chunk.seq + chunk.syn - self.base
        return bytes(self.queue[start : chunk.end - chunk.fin - self.base])

    # What goes out

    def add(self, length: int, now: int, *, syn: bool = False) -> Chunk:
        """Put `length` new bytes (and the SYN, or the FIN if these are the last ones) in flight."""
        end = self.nxt + syn + length
        last = not syn and end == self.end
        push = last and length > 0 and (self.fin_queued or not self.settings.cork)
        chunk = Chunk(self.nxt, end, now, now, syn=syn, push=push)
        if last and self.fin_queued and (length == 0 or self.una + self.wnd > end):
            chunk.fin = True
            chunk.end += 1
        self.board.chunks.append(chunk)
        self.nxt = chunk.end
        self.highest = max(self.highest, self.nxt)
        return chunk

    def next_repeat(self, now: int) -> tuple[Chunk, Why] | None:
        """The next lost chunk, if the congestion window lets it go; it counts as sent."""
        chunk = self.board.first_lost()
        if chunk is None or chunk.lost is None:
            return None
        pipe = self.board.pipe()
        if not self.forced and pipe and pipe + len(chunk) > self.congestion.window:
            return None
        why = chunk.lost
        self.forced = False
        self.repeat(chunk, now)
        return chunk, why

    def repeat(self, chunk: Chunk, now: int) -> None:
        """Count a chunk as sent again."""
        chunk.lost, chunk.resent, chunk.sent_at = None, True, now
        chunk.times += 1

    def next_new(self, now: int, override: bool = False) -> Chunk | None:
        """The next new piece, if windows, Nagle and silly-window avoidance let it go (RFC 9293 3.8.6.2.1, 3.7.4).

        `override`: the persist timer ran out; send what the window takes.
        """
        usable = self.una + self.wnd - self.nxt
        ready = self.end - self.nxt
        if not self.waiting or usable <= 0:
            return None
        size = min(ready, usable, self.mss)
        if not (override or self._worth_sending(size, ready)) or not self._uncongested(max(size, 1)):
            return None
        return self.add(size, now)

    def _worth_sending(self, size: int, ready: int) -> bool:
        """Sender's silly window avoidance: a full segment, or all there is, or half the largest window seen."""
        if size == self.mss:
            return True
        if self.settings.cork and not (self.fin_queued and size == ready):
            return False
        data_in_flight = self.nxt > max(self.una, self.iss + 1)
        if self.settings.nagle and data_in_flight and not (self.fin_queued and size == ready):
            return False  # Nagle: one small segment at a time; the last one before a FIN need not wait
        return size == ready or 2 * size >= self.max_wnd

    def _uncongested(self, size: int) -> bool:
        pipe = self.board.pipe()
        window = self.congestion.window
        if self.settings.limited_transmit and self.recovery_point is None:
            window += min(self.duplicates, 2) * self.mss
        return pipe == 0 or pipe + size <= window

    def pull_back(self) -> None:
        """Nothing of what is in flight can have been taken (the window is closed): it counts as not sent yet."""
        self.board.chunks.clear()
        self.nxt = self.una
        self._recovered()

    # What comes back

    def acknowledge(self, ack: int, now: int) -> Progress:
        """SND.UNA < SEG.ACK =< SND.NXT (RFC 9293 3.10.7.4, fifth)."""
        count = ack - self.una
        repeated = any(chunk.times > 1 for chunk in self.board.chunks if chunk.seq < ack)
        newest = self.board.acknowledge(ack)
        self.una = ack
        self.nxt = max(self.nxt, ack)
        taken = max(0, min(ack, self.end) - self.base)
        del self.queue[:taken]
        self.base += taken
        if self.up is not None and self.up <= ack:
            self.up = None
        self._open_congestion_window(ack, count - (ack - count == self.iss))
        sample = None if newest is None or repeated else now - newest.sent_at
        return Progress(count, sample, repeated)

    def _open_congestion_window(self, ack: int, count: int) -> None:
        self.duplicates = 0
        if self.recovery_point is not None:
            if ack >= self.recovery_point:
                self.congestion.leave_recovery(self.flight)
                self._recovered()
                return
            if self.sack:
                self.board.find_lost(self.mss)
                return
            self.congestion.partial(count)
            first = self.board.first_missing()
            if first is not None:
                first.lost, self.forced = Why.PARTIAL_ACK, True
            return
        if self.settings.congestion_control and count:
            self.congestion.grow(count)
        if self.timeout_point is not None and ack > self.timeout_point:
            self.timeout_point = None

    def _recovered(self) -> None:
        self.recovery_point = None
        self.forced = False
        self.duplicates = 0
        self.board.end_recovery()

    def duplicate(self) -> bool:
        """A duplicate ACK (RFC 5681 2). True if it made us enter fast recovery."""
        self.duplicates += 1
        if self.recovery_point is not None:
            if self.sack:
                self.board.find_lost(self.mss)
            else:
                self.congestion.duplicate()
            return False
        first = self.board.first_missing()
        if first is None or (self.timeout_point is not None and self.una <= self.timeout_point):
            return False
        lost = self.sack and self.board.find_lost(self.mss)
        if self.duplicates < DUPLICATE_THRESHOLD and not lost:
            return False
        self.congestion.enter_recovery(self.flight, self.sack)
        self.recovery_point = self.highest
        if not first.resent:
            first.lost, self.forced = Why.FAST_RETRANSMIT, True
        return True

    def timeout(self) -> None:
        """The retransmission timer ran out (RFC 6298 5.4, RFC 5681 3.1)."""
        first = self.board.chunks[0].times == 1
        self.congestion.timeout(self.flight, first)
        self.recovery_point = None
        self.duplicates = 0
        self.timeout_point = self.highest
        self.board.lose_all()
        self.forced = True
