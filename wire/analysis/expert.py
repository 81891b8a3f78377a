"""What was lost or repeated in a stream, told from a capture alone and named as tshark's `tcp.analysis` names it.

A capture does not say what became of a segment. What can be told is how its numbers stand to those before it: a gap
means that something was not captured, a number below the highest one that something came again or late. The rules are
tshark's (4.0), so that both say the same of the same capture; they are guesses about the road, not rules of TCP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..machine import segment as seg
from ..machine.sequence import later
from .segments import End, Seen

MILLISECOND = 1_000_000
FAST = 20 * MILLISECOND  # a repeat so soon after a duplicate ACK answers it
MOST = 1000  # segments in flight that are remembered
LATE = 3 * MILLISECOND  # how late out of order may be, where no round trip was measured
WRAP = 1 << 32


class Kind(StrEnum):
    """tshark's names, without `tcp.analysis.`."""

    RETRANSMISSION = "retransmission"
    FAST_RETRANSMISSION = "fast_retransmission"
    SPURIOUS_RETRANSMISSION = "spurious_retransmission"
    OUT_OF_ORDER = "out_of_order"
    DUPLICATE_ACK = "duplicate_ack"
    LOST_SEGMENT = "lost_segment"
    ACK_LOST_SEGMENT = "ack_lost_segment"
    KEEP_ALIVE = "keep_alive"
    KEEP_ALIVE_ACK = "keep_alive_ack"
    ZERO_WINDOW = "zero_window"
    ZERO_WINDOW_PROBE = "zero_window_probe"
    ZERO_WINDOW_PROBE_ACK = "zero_window_probe_ack"
    WINDOW_FULL = "window_full"
    WINDOW_UPDATE = "window_update"
    REUSED_PORTS = "reused_ports"


REPEATS = {Kind.RETRANSMISSION, Kind.FAST_RETRANSMISSION, Kind.SPURIOUS_RETRANSMISSION}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say of a segment.

    frame  the one that it repeats, or the ACK that it duplicates; 0 if unknown
    count  bytes that are missing before it; or the how-manieth duplicate ACK it is
    after  nanoseconds since that frame
    """

    kind: Kind
    frame: int = 0
    count: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Flying:
    """A segment that its receiver has not acknowledged yet, as far as was seen."""

    seq: int
    end: int
    frame: int
    time: int


@dataclass(slots=True)
class Side:
    """What one end has sent so far.

    next        the number after the highest one sent
    reach       the same for what was seen without a gap; `told`: the peer's ACK beyond it was noted since
    ack, window as last sent, not scaled; `scale` by how much it is to be: None unknown, 0 also if not agreed on
    """

    next: int | None = None
    next_time: int = 0
    next_frame: int = 0
    reach: int | None = None
    told: bool = False
    ack: int = 0
    ack_time: int = 0
    window: int | None = None
    scale: int | None = None
    offered: int | None = None  # its own SYN's window scale
    fresh: bool = True  # nothing but SYNs yet: their windows are never scaled
    duplicates: int = 0
    original: int = 0  # the frame that the duplicate ACKs repeat
    last: set[Kind] = field(default_factory=set)
    flying: list[Flying] = field(default_factory=list)


class Expert:
    """Judges one stream.  Feed it its segments in order."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.sides: dict[End, Side] = {}
        self.syn_time: int | None = None
        self.round_trip: int | None = None

    def judge(self, one: Seen) -> list[Finding]:
        """What is to be said of a segment; nothing where its size is not known."""
        if not one.measured:
            return []
        mine, peer = self.sides.setdefault(one.source, Side()), self.sides.setdefault(one.target, Side())
        found = self.windows(one, mine, peer)
        kinds = {finding.kind for finding in found}
        if one.segment.ack != mine.ack:
            mine.duplicates, mine.original = 0, one.number
        if one.segment.has(seg.ACK) and peer.reach is not None and later(one.segment.ack, peer.reach) and not peer.told:
            found.append(Finding(Kind.ACK_LOST_SEGMENT, count=(one.segment.ack - peer.reach) % WRAP))
            peer.reach, peer.told = peer.next, True
        if one.length and Kind.KEEP_ALIVE not in kinds and Kind.ZERO_WINDOW_PROBE not in kinds:
            found += self.again(one, mine, peer)
        self.remember(one, mine, peer, {finding.kind for finding in found})
        return found

    # What the windows and the next number tell

    def windows(self, one: Seen, mine: Side, peer: Side) -> list[Finding]:
        """Probes, closed and full windows, updates, keep-alives, gaps, duplicate ACKs."""
        segment, size = one.segment, one.size
        plain = not segment.has(seg.SYN | seg.FIN | seg.RST)
        in_turn = segment.seq == mine.next
        if size == 1 and in_turn and peer.window == 0:
            return [Finding(Kind.ZERO_WINDOW_PROBE)]
        found = []
        if segment.window == 0 and plain:
            found.append(Finding(Kind.ZERO_WINDOW))
        if mine.next is not None and later(segment.seq, mine.next) and not segment.has(seg.RST):
            found.append(Finding(Kind.LOST_SEGMENT, count=(segment.seq - mine.next) % WRAP))
        if not plain:
            return found
        if size <= 1 and mine.next is not None and segment.seq == (mine.next - 1) % WRAP:
            found.append(Finding(Kind.KEEP_ALIVE))
        repeated = not size and in_turn and segment.ack == mine.ack
        if repeated and segment.window and segment.window != mine.window:
            found.append(Finding(Kind.WINDOW_UPDATE))
        if size and peer.scale is not None and peer.window is not None:
            edge = peer.ack + (peer.window << (0 if peer.fresh else peer.scale))
            if (segment.seq + size - edge) % WRAP == 0:
                found.append(Finding(Kind.WINDOW_FULL))
        if repeated and segment.window and segment.window == mine.window:
            if Kind.KEEP_ALIVE in peer.last:
                return [*found, Finding(Kind.KEEP_ALIVE_ACK)]
            mine.duplicates += 1
            found.append(Finding(Kind.DUPLICATE_ACK, mine.original, mine.duplicates))
        if not size and segment.window == mine.window == 0 and in_turn and Kind.ZERO_WINDOW_PROBE in peer.last:
            if segment.ack in (mine.ack, (mine.ack + 1) % WRAP):
                found.append(Finding(Kind.ZERO_WINDOW_PROBE_ACK))
        return found

    # What came again, or late

    def again(self, one: Seen, mine: Side, peer: Side) -> list[Finding]:
        """Which kind of repeat it is, if it is one; tshark says "retransmission" of the two special ones besides."""
        segment = one.segment
        behind = mine.next is not None and later(mine.next, segment.seq)
        if one.size > 1 and mine.next is not None and segment.seq == (mine.next - 1) % WRAP:
            behind = False  # the byte of a probe, now with what follows it
        first = self.first_of(one, mine)
        found = Finding(Kind.RETRANSMISSION, first.frame, after=one.time - first.time)
        data_end = (segment.seq + one.size) % WRAP
        if one.size and peer.ack and not later(data_end, peer.ack):
            return [Finding(Kind.SPURIOUS_RETRANSMISSION, first.frame, after=found.after), found]
        if not behind:
            return []
        if 0 <= one.time - peer.ack_time < FAST and peer.duplicates >= 2 and peer.ack == segment.seq:
            return [Finding(Kind.FAST_RETRANSMISSION, first.frame, after=found.after), found]
        limit = self.round_trip or LATE
        if 0 <= one.time - mine.next_time < limit and one.end != mine.next:
            return [Finding(Kind.OUT_OF_ORDER)]
        return [found]

    def first_of(self, one: Seen, mine: Side) -> Flying:
        """The segment that this one repeats: the oldest with its first number, else the one sent before it."""
        for old in mine.flying:
            if old.seq == one.segment.seq:
                return old
        return Flying(0, 0, mine.next_frame, mine.next_time)

    # What is to be known later

    def remember(self, one: Seen, mine: Side, peer: Side, kinds: set[Kind]) -> None:
        """Move everything on."""
        segment = one.segment
        self.clock(one)
        mine.told = False
        probe = Kind.ZERO_WINDOW_PROBE in kinds
        if one.length:
            mine.flying.append(Flying(segment.seq, one.end, one.number, one.time))
            del mine.flying[:-MOST]
        if not probe:
            if mine.next is None or later(one.end, mine.next):
                mine.next, mine.next_time, mine.next_frame = one.end, one.time, one.number
            if mine.reach is None or segment.seq == mine.reach:
                mine.reach = mine.next
        mine.window, mine.ack, mine.ack_time, mine.last = segment.window, segment.ack, one.time, kinds
        if segment.has(seg.ACK):
            peer.flying = [old for old in peer.flying if later(old.end, segment.ack)]
        self.scales(one, mine, peer)

    def clock(self, one: Seen) -> None:
        """The first round trip: from the last SYN to the handshake's last ACK."""
        segment = one.segment
        if segment.has(seg.SYN):
            if not segment.has(seg.ACK):
                self.syn_time = one.time
        elif segment.has(seg.ACK) and self.round_trip is None and self.syn_time is not None:
            self.round_trip = one.time - self.syn_time

    def scales(self, one: Seen, mine: Side, peer: Side) -> None:
        """Window scales count if both SYNs have them (RFC 7323 2.2)."""
        segment = one.segment
        if not segment.has(seg.SYN):
            mine.fresh = False
            return
        offer = segment.option(seg.WindowScale)
        mine.offered = offer.shift if offer else None
        if segment.has(seg.ACK):
            agreed = mine.offered is not None and peer.offered is not None
            mine.scale = min(mine.offered or 0, 14) if agreed else 0
            peer.scale = min(peer.offered or 0, 14) if agreed else 0
