"""How much may be on the road: slow start, congestion avoidance, and what a loss does to them (RFC 5681, 6582,
6675)."""

from .profiles import Settings


class Congestion:
    """The congestion window and its threshold, in bytes."""

    UNLIMITED = 1 << 40

    def __init__(self, settings: Settings, mss: int) -> None:
        """Start in slow start with the initial window; `mss` is what we send at most in one segment (SMSS)."""
        self.settings = settings
        self.mss = mss
        self.window = self.initial()  # cwnd
        self.threshold = self.UNLIMITED  # ssthresh, "arbitrarily high" (RFC 5681 3.1)
        self._reduced_below = -1  # ECN: one reduction for one window of data

    def initial(self) -> int:
        """The initial window in bytes (RFC 5681 3.1, RFC 6928 2)."""
        return self.settings.initial_window * self.mss if self.settings.congestion_control else self.UNLIMITED

    def use_mss(self, mss: int) -> None:
        """The segment size became known, or the path's MTU smaller."""
        untouched = self.window == self.initial()
        self.mss = mss
        if untouched:
            self.window = self.initial()

    def grow(self, acknowledged: int) -> None:
        """New data were acknowledged (RFC 5681 3.1)."""
        if self.window < self.threshold:
            self.window += min(acknowledged, self.mss)
        else:
            self.window += max(1, self.mss * self.mss // self.window)

    def halve(self, flight: int) -> None:
        """ssthresh after a loss (RFC 5681 equation 4, where half stays; RFC 9438 4.6)."""
        self.threshold = max(flight * self.settings.backoff_percent // 100, 2 * self.mss)

    def enter_recovery(self, flight: int, sack: bool) -> None:
        """Three duplicate ACKs. Without SACK the window is inflated by what they say has left (RFC 5681 3.2 step 3)."""
        if self.settings.congestion_control:
            self.halve(flight)
            self.window = self.threshold + (0 if sack else 3 * self.mss)

    def duplicate(self) -> None:
        """One more duplicate ACK in recovery, without SACK (RFC 5681 3.2 step 4)."""
        if self.settings.congestion_control:
            self.window += self.mss

    def partial(self, acknowledged: int) -> None:
        """Not all was acknowledged, without SACK (RFC 6582 3.2 step 5)."""
        if self.settings.congestion_control:
            self.window = max(self.mss, self.window - acknowledged) + (self.mss if acknowledged >= self.mss else 0)

    def leave_recovery(self, flight: int) -> None:
        """All was acknowledged: deflate (RFC 6582 3.2 step 4, the cautious choice)."""
        if self.settings.congestion_control:
            self.window = min(self.threshold, max(flight, self.mss) + self.mss)

    def timeout(self, flight: int, first: bool) -> None:
        """The retransmission timer ran out (RFC 5681 3.1): one segment; the threshold only falls the first time."""
        if self.settings.congestion_control:
            if first:
                self.halve(flight)
            self.window = self.mss

    def marked(self, una: int, nxt: int, flight: int) -> bool:
        """The peer echoes a router's mark (RFC 3168 6.1.2). True if the window was halved: once per window of data."""
        if una <= self._reduced_below or not self.settings.congestion_control:
            return False
        self._reduced_below = nxt
        self.halve(flight)
        self.window = self.threshold
        return True

    def lost_syn(self) -> None:
        """The SYN had to be sent again: begin with one segment (RFC 5681 3.1)."""
        if self.settings.congestion_control:
            self.window, self.threshold = self.mss, self.UNLIMITED

    def idle(self) -> None:
        """Nothing was sent for longer than the timeout: begin anew (RFC 5681 4.1)."""
        self.window = min(self.window, self.initial())
