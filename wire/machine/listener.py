"""A listening socket and its two queues, as a kernel has them.

RFC 9293 knows one connection that goes from LISTEN to SYN-RECEIVED. A kernel keeps the listener in LISTEN and gives
every SYN a connection of its own: first in the SYN queue (half-open, SYN-RECEIVED), then, once the third segment
came, in the accept queue until the application calls accept().
"""

from collections import deque

from . import events
from .connection import Address
from .endpoint import Endpoint
from .events import Happening, Why
from .profiles import Settings
from .segment import ACK, RST, SYN, Segment
from .states import State


class Listener:
    """A port in LISTEN. `backlog` as in listen(2): Linux admits one more than that to the accept queue."""

    def __init__(self, settings: Settings, local: Address, backlog: int, syn_backlog: int | None, reuse: bool) -> None:
        """`syn_backlog`: how many may be half-open; None: as many as the backlog (tcp_max_syn_backlog caps it), at
        least 1."""
        self.settings = settings
        self.local = local
        self.backlog = backlog
        self.syn_backlog = max(1, backlog) if syn_backlog is None else syn_backlog
        self.reuse = reuse
        self.half_open: dict[Address, Endpoint] = {}
        self.ready: deque[Endpoint] = deque()
        self.events: deque[Happening] = deque()
        self.stray = Endpoint(settings, local)  # answers what is no SYN, as LISTEN does
        self.stray.listen()
        self.events.extend(self.stray.events)
        self.stray.events.clear()
        self._isns = deque(settings.given_isns)

    @property
    def full(self) -> bool:
        """True if the accept queue takes no more: listen(5) admits six."""
        return len(self.ready) > self.backlog

    def arrives(self, source: str, segment: Segment, now: int) -> Endpoint | None:
        """A segment for this port that belongs to no connection. Returns the new connection if it was a SYN that is
        let in."""
        if segment.flags & (SYN | ACK | RST) != SYN:
            self.stray.remote = (source, segment.source)
            self.stray.receive(segment, now)
            return None
        refused = Why.DROP_ACCEPT_QUEUE if self.full else None
        if len(self.half_open) >= self.syn_backlog:
            refused = Why.DROP_SYN_QUEUE
        if refused is not None:
            self.events.append(events.Dropped(segment, refused))
            return None
        isn = self._isns.popleft() if self._isns else None  # one for each connection in turn
        child = Endpoint(self.settings.change(isn=isn), self.local, (source, segment.source))
        child.listen(now)
        child.events.clear()  # the listener is the one that listens
        child.receive(segment, now)
        if child.state is State.LISTEN:
            self.events.extend(child.events)
            return None
        self.half_open[source, segment.source] = child
        self.settle()
        return child

    def admits(self, child: Endpoint, segment: Segment) -> bool:
        """False if this segment would complete an open for which the accept queue has no room: it is dropped, the
        connection stays half-open and its SYN+ACK is sent again, while the client believes that it is connected."""
        if child.state is not State.SYN_RECEIVED or segment.has(RST | SYN) or not segment.has(ACK) or not self.full:
            return True
        self.events.append(events.Dropped(segment, Why.DROP_ACCEPT_QUEUE))
        return False

    def settle(self) -> None:
        """Move what is established to the accept queue; forget what went back to LISTEN or was given up."""
        for remote, child in list(self.half_open.items()):
            if child.state in (State.CLOSED, State.LISTEN):
                del self.half_open[remote]
            elif child.state is not State.SYN_RECEIVED or child.fast_opened:
                del self.half_open[remote]
                self.ready.append(child)

    def accept(self) -> Endpoint | None:
        """The connection that has waited longest; None if there is none (accept() would wait)."""
        return self.ready.popleft() if self.ready else None

    def close(self, now: int) -> None:
        """Stop listening: what nobody accepted is reset."""
        for child in [*self.half_open.values(), *self.ready]:
            if child.state not in (State.CLOSED, State.LISTEN):
                child.abort(now)
        self.half_open.clear()
        self.ready.clear()
