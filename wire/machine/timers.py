"""Named timers on a clock that is given from outside, and the retransmission timeout of RFC 6298.

All times are integer nanoseconds.
"""

from enum import StrEnum

from .profiles import Settings


class Timer(StrEnum):
    """The timers of one connection."""

    RETRANSMISSION = "RTO"
    TAIL_LOSS = "tail loss probe"
    PERSIST = "persist"
    DELAYED_ACK = "delayed ACK"
    KEEPALIVE = "keep-alive"
    USER = "user timeout"
    TIME_WAIT = "2 MSL"
    ORPHAN = "FIN-WAIT-2"


class Timers:
    """Which timers run, since when and until when."""

    def __init__(self) -> None:
        """No timer runs."""
        self._running: dict[Timer, tuple[int, int]] = {}

    def start(self, timer: Timer, now: int, after: int) -> None:
        """(Re)start `timer`, to run out at `now + after`."""
        self._running[timer] = (now + after, now)

    def stop(self, timer: Timer) -> None:
        """Stop it; nothing happens if it does not run."""
        self._running.pop(timer, None)

    def stop_all(self) -> None:
        """Stop every timer."""
        self._running.clear()

    def runs(self, timer: Timer) -> bool:
        """True if `timer` runs."""
        return timer in self._running

    def deadline(self) -> int | None:
        """When the next timer runs out, None if none runs."""
        return min((end for end, _ in self._running.values()), default=None)

    def expire(self, now: int) -> tuple[Timer, int] | None:
        """Take the earliest timer that has run out by `now`: the timer, and how long it ran. None if there is none."""
        due = [(end, timer) for timer, (end, _) in self._running.items() if end <= now]
        if not due:
            return None
        end, timer = min(due)
        _, since = self._running.pop(timer)
        return timer, end - since


class RetransmissionTimeout:
    """RFC 6298: how long to wait for an acknowledgment."""

    GRANULARITY = 1_000_000  # G: one millisecond

    def __init__(self, settings: Settings) -> None:
        """Before the first measurement (2.1)."""
        self.settings = settings
        self.smoothed: int | None = None  # SRTT
        self.variance = 0  # RTTVAR
        self.timeout = settings.rto_initial  # RTO without backing off
        self.backed_off = 0  # how often in a row

    def measure(self, sample: int) -> None:
        """Take one round-trip time (2.2, 2.3). Karn's rule is the caller's: no sample of what was sent twice."""
        if self.smoothed is None:
            self.smoothed, self.variance = sample, sample // 2
        else:
            self.variance = (3 * self.variance + abs(self.smoothed - sample)) // 4
            self.smoothed = (7 * self.smoothed + sample) // 8
        spread = max(self.GRANULARITY, 4 * self.variance)
        if self.settings.rto_min_of == "variance":
            spread = max(spread, self.settings.rto_min)
        self.timeout = self.smoothed + spread
        self.backed_off = 0

    def back_off(self) -> None:
        """The timer ran out: the next wait is twice as long (5.5)."""
        self.backed_off += 1

    def forget_back_off(self) -> None:
        """Something new was acknowledged."""
        self.backed_off = 0

    def lost_syn(self) -> None:
        """The SYN's timer ran out and the RTO is short: data transmission begins with 3 seconds (5.7)."""
        if self.smoothed is None:
            self.timeout = max(self.timeout, 3_000_000_000)

    @property
    def current(self) -> int:
        """RTO: bounded, and doubled as often as it was backed off (2.4, 2.5, 5.5)."""
        settings = self.settings
        bounded = max(self.timeout, settings.rto_min) if settings.rto_min_of == "timeout" else self.timeout
        return min(bounded << min(self.backed_off, 32), settings.rto_max)
