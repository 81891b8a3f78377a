"""The receiving half of a connection: reassembly, the window that is offered, the blocks for SACK.

RFC 9293 3.3.1's receive variables. Numbers are unfolded.
"""

from dataclasses import dataclass

from .profiles import Settings


@dataclass(frozen=True, slots=True)
class Taken:
    """What a segment's text did: bytes now in order, whether some wait behind a gap, were here before, filled a gap."""

    delivered: int = 0
    waiting: bool = False
    duplicate: bool = False
    filled: bool = False
    fin: bool = False  # the FIN is now in order


class Receiver:
    """Receive sequence variables, bytes to read, and pieces that wait behind a gap."""

    def __init__(self, settings: Settings, irs: int) -> None:
        """The peer's SYN had number `irs`."""
        self.irs = irs
        self.nxt = irs + 1
        self.capacity = settings.window
        self.mss = settings.mss
        self.shift = 0  # Rcv.Wind.Shift
        self.edge = self.nxt + min(self.capacity, 65535)  # the right edge last offered: never taken back
        self.up = irs  # RCV.UP
        self.readable = bytearray()
        self.pieces: list[tuple[int, bytes]] = []  # beyond a gap, in order, not touching
        self.fin: int | None = None  # the FIN's number, once seen
        self.recent: list[tuple[int, int]] = []  # SACK blocks, newest first
        self.duplicate: tuple[int, int] | None = None  # for the next D-SACK

    @property
    def wnd(self) -> int:
        """RCV.WND: what may come from RCV.NXT on."""
        return max(0, self.edge - self.nxt)

    @property
    def finished(self) -> bool:
        """True if the peer's FIN is in order."""
        return self.fin is not None and self.nxt > self.fin

    def offer(self) -> int:
        """Move the window's right edge, never back and never to open a silly little window; returns RCV.WND.

        RFC 9293 3.8.6.2.2 withholds every small step; like BSD we withhold it only while the window itself is small.
        """
        free = self.capacity - len(self.readable)
        if free >= min(self.capacity // 2, self.mss):
            self.edge = max(self.edge, self.nxt + free)
        return self.wnd

    def acceptable(self, seq: int, length: int) -> bool:
        """The four cases of RFC 9293 3.4's acceptability test."""
        if length == 0:
            return seq == self.nxt if self.wnd == 0 else self.nxt <= seq < self.nxt + self.wnd
        if self.wnd == 0:
            return False
        right = self.nxt + self.wnd
        return self.nxt <= seq < right or self.nxt <= seq + length - 1 < right

    def take(self, seq: int, data: bytes, fin: bool) -> Taken:
        """Text [seq, seq + len(data)) and perhaps a FIN after it; what is outside the window is cut off."""
        before, gap = self.nxt, bool(self.pieces) or self.fin is not None
        end = seq + len(data)
        if fin and self.fin is None and self.nxt <= end < self.edge:
            self.fin = end
        repeated = self._overlap(seq, end)
        left, right = max(seq, self.nxt), min(end, self.edge)
        if self.fin is not None:
            right = min(right, self.fin)  # nothing follows a FIN
        if left < right:
            self._insert(left, data[left - seq : right - seq])
        if self.fin == self.nxt:
            self.nxt += 1
        if repeated is not None:
            self.duplicate = repeated
        delivered = self.nxt - before - (self.finished and self.nxt > before)
        self.recent = [(a, b) for a, b in self.recent if a > self.nxt]
        return Taken(
            delivered=delivered,
            waiting=self.nxt == before and (left < right or (fin and not self.finished)),
            duplicate=repeated is not None,
            filled=self.nxt > before and gap,
            fin=self.finished and self.nxt > before,
        )

    def _overlap(self, seq: int, end: int) -> tuple[int, int] | None:
        """The first part of [seq, end) that is here already."""
        if seq < min(end, self.nxt):
            return seq, min(end, self.nxt)
        for start, piece in self.pieces:
            left, right = max(seq, start), min(end, start + len(piece))
            if left < right:
                return left, right
        return None

    def _insert(self, seq: int, data: bytes) -> None:
        """Put a piece among the others, first come first kept, and move what is now in order to the readable bytes."""
        start, merged = seq, bytearray(data)
        apart: list[tuple[int, bytes]] = []
        for other, piece in self.pieces:
            end, other_end = start + len(merged), other + len(piece)
            if other_end < start or end < other:
                apart.append((other, piece))
                continue
            left, right = min(start, other), max(end, other_end)
            whole = bytearray(right - left)
            whole[start - left : end - left] = merged
            whole[other - left : other_end - left] = piece
            start, merged = left, whole
        if start == self.nxt:
            self.readable += merged
            self.nxt += len(merged)
            self.pieces = apart
            return
        self.pieces = sorted([*apart, (start, bytes(merged))])
        block = (start, start + len(merged))
        self.recent = [block, *(old for old in self.recent if old[1] < block[0] or block[1] < old[0])]

    def blocks(self, limit: int) -> list[tuple[int, int]]:
        """Up to `limit` SACK blocks: first what came twice (RFC 2883 4), then the newest (RFC 2018 4)."""
        blocks = [self.duplicate] if self.duplicate is not None else []
        return (blocks + self.recent)[:limit]

    def read(self, limit: int | None) -> bytes:
        """Take up to `limit` readable bytes."""
        data = bytes(self.readable[:limit])
        del self.readable[: len(data)]
        return data
