"""What is on the road: every piece that was sent and not yet acknowledged, and what is known of it.

Without SACK the scoreboard only learns from the cumulative acknowledgment; with it, from the blocks the peer reports
(RFC 2018), and then it can say which pieces are lost (RFC 6675, IsLost) and how much is still under way (pipe).
All numbers are unfolded (`sequence`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .events import Why

DUPLICATE_THRESHOLD = 3  # DupThresh, RFC 6675 2


@dataclass(slots=True)
class Chunk:
    """Sequence numbers [seq, end) that were sent together; `syn` and `fin` use one each."""

    seq: int
    end: int
    sent_at: int
    first_at: int
    syn: bool = False
    fin: bool = False
    push: bool = False
    times: int = 1  # how often sent
    sacked: bool = False
    lost: Why | None = None  # why it is to be sent again; None once it was
    resent: bool = False  # in this recovery

    def __len__(self) -> int:
        """Sequence numbers used."""
        return self.end - self.seq


class Scoreboard:
    """The chunks in flight, in order of sequence number, without holes."""

    def __init__(self) -> None:
        """Nothing is in flight."""
        self.chunks: list[Chunk] = []

    def pipe(self) -> int:
        """Sequence numbers believed to be on the road: neither reported as received nor taken as lost (RFC 6675 4)."""
        return sum(len(chunk) for chunk in self.chunks if not chunk.sacked and chunk.lost is None)

    def acknowledge(self, ack: int) -> Chunk | None:
        """Forget all below `ack`. Returns the last chunk that is now acknowledged as a whole."""
        done = 0
        while done < len(self.chunks) and self.chunks[done].end <= ack:
            done += 1
        newest = self.chunks[done - 1] if done else None
        del self.chunks[:done]
        if self.chunks and self.chunks[0].seq < ack:
            self.chunks[0].seq = ack
            self.chunks[0].syn = False
        return newest

    def report(self, blocks: Iterable[tuple[int, int]]) -> int:
        """The peer reports blocks [left, right) as received: how many sequence numbers are new to us."""
        new = 0
        for left, right in blocks:
            for chunk in self.chunks:
                if not chunk.sacked and left <= chunk.seq and chunk.end <= right:
                    chunk.sacked, chunk.lost = True, None
                    new += len(chunk)
        return new

    def find_lost(self, mss: int) -> bool:
        """Mark what RFC 6675 4 (IsLost) takes as lost and was not sent again in this recovery. True if there was
        any."""
        above = runs = 0
        after_sacked = False
        found = False
        for chunk in reversed(self.chunks):
            if chunk.sacked:
                above += len(chunk)
                runs += not after_sacked
            elif not chunk.resent and chunk.lost is None:
                if runs >= DUPLICATE_THRESHOLD or above > (DUPLICATE_THRESHOLD - 1) * mss:
                    chunk.lost = Why.SACK_LOSS
                    found = True
            after_sacked = chunk.sacked
        return found

    def first_missing(self) -> Chunk | None:
        """The oldest chunk that was not reported as received."""
        return next((chunk for chunk in self.chunks if not chunk.sacked), None)

    def first_lost(self) -> Chunk | None:
        """The oldest chunk that is to be sent again."""
        return next((chunk for chunk in self.chunks if chunk.lost is not None), None)

    def lose_all(self) -> None:
        """After a timeout everything counts as lost (RFC 5681 3.1). A peer that took back its first report is not
        believed about the others either (RFC 2018 8)."""
        reneged = bool(self.chunks) and self.chunks[0].sacked
        for index, chunk in enumerate(self.chunks):
            chunk.resent = False
            chunk.sacked = chunk.sacked and not reneged
            if not chunk.sacked:
                chunk.lost = Why.RESUME if index else Why.TIMEOUT

    def end_recovery(self) -> None:
        """What was sent again may be lost again."""
        for chunk in self.chunks:
            chunk.resent = False

    def split(self, size: int) -> None:
        """The road takes only `size` bytes of data at once: cut larger chunks, and send those again (RFC 1191 6.4)."""
        pieces: list[Chunk] = []
        for chunk in self.chunks:
            if len(chunk) - chunk.fin <= size:
                pieces.append(chunk)
                continue
            data_end = chunk.end - chunk.fin
            for seq in range(chunk.seq, data_end, size):
                last = seq + size >= data_end
                end = chunk.end if last else seq + size
                piece = Chunk(seq, end, chunk.sent_at, chunk.first_at, times=chunk.times, sacked=chunk.sacked)
                piece.fin, piece.push = last and chunk.fin, last and chunk.push
                piece.lost = None if chunk.sacked else Why.PATH_MTU
                pieces.append(piece)
        self.chunks = pieces
