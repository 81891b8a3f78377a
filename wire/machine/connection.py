"""The transmission control block: what one end knows of its connection (RFC 9293 3.3.1), and the pen with which it
writes.

Here is the state, moved only by rows of the transition table, and `emit`, through which every segment leaves. What is
sent when is in `output`, what arrives in `arrival`, what runs out in `expiry`; the calls of the application are in
`endpoint`.
"""

import hashlib
from collections import deque

from .events import Happening, Sent, StateChange, TimerStarted, Why
from .profiles import MS, Settings
from .receiver import Receiver
from .segment import (
    ACK,
    CWR,
    ECE,
    ECT_0,
    NOT_ECT,
    PSH,
    RST,
    SYN,
    URG,
    NoOperation,
    Option,
    Sack,
    Segment,
    Timestamps,
    options_length,
)
from .sender import Sender
from .sequence import MODULUS, fold
from .states import Event, Send, State, transition
from .timers import RetransmissionTimeout, Timer, Timers

Address = tuple[str, int]  # host and port


class Connection:
    """State, variables and queues of one end; `now` is the time that was last given from outside."""

    def __init__(self, settings: Settings, local: Address, remote: Address | None) -> None:
        """CLOSED, with nothing known of the peer but perhaps its address."""
        self.settings = settings
        self.local = local
        self.remote = remote
        self.now = 0
        self.state = State.CLOSED
        self.outbox: deque[Segment] = deque()
        self.events: deque[Happening] = deque()
        self.timers = Timers()
        self.listens_to = remote  # whom a passive open admits; None: anybody
        self._isns = deque(settings.given_isns)
        self.passive = False  # opened by listen()
        self.reading = True  # the application has not shut down reading
        self.closed_by_user = False
        self.begin(0)

    def begin(self, iss: int) -> None:
        """Forget everything about a peer: a fresh connection whose own numbering starts at `iss`."""
        self.sender = Sender(self.settings, iss)
        self.receiver = Receiver(self.settings, 0)
        self.heard = False  # the peer's SYN arrived: `receiver` holds
        self.rto = RetransmissionTimeout(self.settings)
        self.send_shift = 0  # Snd.Wind.Shift
        self.scaling = self.timestamps = self.sack = self.ecn = False  # agreed on in the SYNs
        self.offer_all = True  # our SYN carries all that we can; a SYN,ACK only what the peer's SYN had
        self.ts_recent = 0
        self.ts_recent_at = 0
        self.last_ack_sent = 0
        self.ack_due: Why | None = None  # an acknowledgment must go now
        self.ack_later = 0  # bytes whose acknowledgment may wait
        self.data_segments = 0  # received with new data
        self.echo_mark = False  # ECN: a marked packet came, ECE on every ACK until CWR
        self.reduced = False  # ECN: CWR on the next new data
        self.early_data = b""  # Fast Open: sent beside the SYN
        self.cookie: bytes | None = None  # Fast Open: to give to the client
        self.fast_opened = False  # data came with the peer's SYN and a good cookie
        self.close_waits = False  # closed in SYN-RECEIVED with data queued: the FIN comes later
        self.largest = 1  # the largest data segment that came
        self.held: Segment | None = None  # text that came beside a SYN
        self.probes = 0  # of a window that is still closed
        self.unanswered = 0  # window probes since anything was heard
        self.keepalives = 0  # keep-alive probes without an answer
        self.last_sent_at = self.now

    def next_isn(self) -> int:
        """The given ISNs in turn; then RFC 6528: a 4 µs clock plus a hash of the addresses, here seeded."""
        if self._isns:
            return self._isns.popleft()
        secret = f"{self.settings.seed}/{self.local}/{self.remote}".encode()
        return fold(self.now // 4000 + int.from_bytes(hashlib.sha256(secret).digest()[:4]))

    # The state

    def move(self, event: Event, why: Why, call: str = "") -> Send:
        """Take a row of the transition table; what it says is to be sent. ProtocolError if there is none."""
        send, after = transition(self.state, event, call)
        if after is not self.state:
            self.events.append(StateChange(self.state, after, event, why))
            self.state = after
            if after is State.CLOSED:
                self.timers.stop_all()
        return send

    def start_timer(self, timer: Timer, after: int) -> None:
        """(Re)start a timer and say so."""
        self.timers.start(timer, self.now, after)
        self.events.append(TimerStarted(timer.value, after))

    # Segments

    def emit(
        self,
        why: Why,
        flags: int = ACK,
        *,
        seq: int | None = None,
        data: bytes = b"",
        options: tuple[Option, ...] = (),
        fresh: bool = False,
    ) -> None:
        """Put a segment into the outbox.

        `seq` is unfolded (None: for a segment without data); acknowledgment, window, timestamps, SACK blocks, ECN and
        urgent pointer are worked out here. `fresh`: these data were never sent before.
        """
        if seq is None:
            seq = self._seq_without_data()
        urgent = 0
        if self.sender.up is not None and seq < self.sender.up and not flags & (SYN | RST):
            flags |= URG
            urgent = min(self.sender.up - seq, 65535)
        if not flags & SYN:
            options += self._running_options(flags, len(data))
            flags |= self._congestion_flags(flags, fresh)
        ack = fold(self.receiver.nxt) if flags & ACK and self.heard else 0
        local, remote = self.local[1], self.remote[1] if self.remote else 0
        ecn = ECT_0 if self.ecn and fresh and data else NOT_ECT
        segment = Segment(fold(seq), ack, flags, self._window(flags), urgent, options, data, local, remote, ecn)
        if flags & ACK and self.heard:
            self._acknowledged(segment)
        self.last_sent_at = self.now
        self.outbox.append(segment)
        self.events.append(Sent(segment, why))

    def _seq_without_data(self) -> int:
        """SND.NXT, were nothing ever pulled back: the newest number that the peer's window admits."""
        sender = self.sender
        if not self.state.synchronized:
            return sender.nxt
        return max(sender.una, min(sender.highest, sender.una + sender.wnd))

    def _window(self, flags: int) -> int:
        if flags & RST:
            return 0
        if not self.heard:
            return min(self.settings.window, 65535)
        window = self.receiver.offer()
        return min(window, 65535) if flags & SYN else min(window >> self.receiver.shift, 65535)

    def _running_options(self, flags: int, size: int) -> tuple[Option, ...]:
        options: tuple[Option, ...] = ()
        if self.timestamps:
            options = (NoOperation(), NoOperation(), self.timestamp())
        if self.sack and flags & ACK and not flags & RST:
            room = min(40 - options_length(options), self.sender.mss + 12 * self.timestamps - size)
            blocks = self.receiver.blocks((room - 4) // 8) if room >= 12 else []
            if blocks:
                folded = tuple((fold(left), fold(right)) for left, right in blocks)
                options += (NoOperation(), NoOperation(), Sack(folded))
        return options

    def timestamp(self) -> Timestamps:
        """The clock in milliseconds, and the peer's as it is to be echoed (RFC 7323 3.2)."""
        return Timestamps((self.settings.timestamp_base + self.now // MS) % MODULUS, self.ts_recent)

    def _congestion_flags(self, flags: int, fresh: bool) -> int:
        if not self.ecn or flags & RST:
            return 0
        added = ECE if self.echo_mark and flags & ACK else 0
        if self.reduced and fresh:
            self.reduced = False
            added |= CWR
        return added

    def _acknowledged(self, segment: Segment) -> None:
        """This segment carries our acknowledgment: none is due any more, unless SACK blocks found no room in it."""
        self.last_ack_sent = self.receiver.nxt
        self.ack_later = 0
        self.timers.stop(Timer.DELAYED_ACK)
        pending = self.sack and not segment.has(SYN | RST) and bool(self.receiver.blocks(1))
        if not pending or segment.option(Sack) is not None:
            self.ack_due = None
            self.receiver.duplicate = None

    def reset(self, why: Why, *, seq: int | None = None, ack: bool = False) -> None:
        """Send a RST: at SND.NXT, or at the number that a bad acknowledgment named."""
        flags = RST | ACK if ack else RST
        self.emit(why, flags, seq=self.sender.nxt if seq is None else seq)

    def data_flags(self, push: bool) -> int:
        """ACK, and PSH at the end of what the application gave (RFC 9293 3.9.1.2)."""
        return ACK | PSH if push else ACK
