"""A host: it owns the ports, and gives every segment to the connection or listener that it is for.

Sockets live here: bind and its `address already in use`, SO_REUSEADDR, ephemeral ports, accept queues, what a closed
port answers (RFC 9293 3.10.7.1), and Fast Open's memory of cookies.
"""

import dataclasses
from collections import deque
from collections.abc import Iterator
from typing import Any

from .connection import Address, Connection
from .endpoint import Endpoint
from .events import CookieReceived, Happening, Sent, Why
from .listener import Listener
from .output import closed_answer
from .profiles import Settings, settings
from .segment import Segment
from .states import ProtocolError, State

FIRST_EPHEMERAL, LAST_PORT = 49152, 65535  # RFC 6335 6


class AddressInUse(ProtocolError):
    """bind or connect: the port is taken, perhaps by a connection in TIME-WAIT."""


@dataclasses.dataclass(slots=True)
class _Owned:
    endpoint: Endpoint
    reuse: bool  # SO_REUSEADDR of the socket it came from
    listener: Listener | None = None


class Host:
    """One machine with one address. Its calls are those of sockets; times are integer nanoseconds."""

    def __init__(self, name: str, address: str, settings_: Settings | None = None) -> None:
        """A host where nothing listens yet; `settings_` are those of all its endpoints unless a call changes them."""
        self.name = name
        self.address = address
        self.settings = settings_ or settings()
        self._isns = deque(self.settings.given_isns)
        self.listeners: dict[int, Listener] = {}
        self.cookies: dict[str, bytes] = {}
        self.now = 0
        self._owned: dict[tuple[int, Address], _Owned] = {}
        self._answers: list[tuple[str, Happening]] = []
        self._next_port = FIRST_EPHEMERAL
        self._bound: dict[int, bool] = {}

    # Sockets

    def bind(self, port: int, *, reuse: bool = False) -> None:
        """Claim a port. AddressInUse if something holds it.

        What is left of earlier connections (TIME-WAIT for 2 MSL) holds it too, unless both the earlier socket and
        this one set SO_REUSEADDR. A listener always holds it.
        """
        if port in self.listeners or port in self._bound:
            raise AddressInUse(f"bind to port {port}: address already in use (a socket is bound to it)")
        for (local, remote), owned in self._owned.items():
            if local == port and not (owned.reuse and reuse):
                who = f"{owned.endpoint.state.value} with {remote[0]}:{remote[1]}"
                needs = "the earlier socket" if reuse else "this socket" if owned.reuse else "neither socket"
                needs += " set SO_REUSEADDR" if needs.startswith("neither") else " did not set SO_REUSEADDR"
                raise AddressInUse(f"bind to port {port}: address already in use ({who}; {needs})")
        self._bound[port] = reuse

    def listen(
        self, port: int, backlog: int = 5, *, syn_backlog: int | None = None, reuse: bool = False, **changes: Any
    ) -> Listener:
        """bind (unless done) and listen on `port`; `changes` are settings of the connections it will make."""
        if port not in self._bound:
            self.bind(port, reuse=reuse)
        reuse = self._bound.pop(port)
        listener = Listener(self.settings.change(**changes), (self.address, port), backlog, syn_backlog, reuse)
        self.listeners[port] = listener
        return listener

    def close_listener(self, port: int, now: int) -> None:
        """Close a listening socket: connections that were accepted live on."""
        self._clock(now)
        self.listeners[port].close(self.now)
        self._answers += [("", event) for event in self.listeners.pop(port).events]

    def connect(
        self,
        remote: Address,
        now: int,
        *,
        port: int | None = None,
        data: bytes = b"",
        reuse: bool = False,
        **changes: Any,
    ) -> Endpoint:
        """Open a connection from `port` (None: the next ephemeral one). `data` goes with the SYN if Fast Open
        allows."""
        self._clock(now)
        if port is None:
            port = self._ephemeral(remote)
        elif (port, remote) in self._owned:
            state = self._owned[port, remote].endpoint.state.value
            raise AddressInUse(f"connect from port {port}: address already in use ({state} with the same peer)")
        elif port not in self._bound:
            self.bind(port, reuse=reuse)
        reuse = self._bound.pop(port, reuse)
        cookie = self.cookies.get(remote[0])
        if cookie is not None:
            changes.setdefault("fast_open_cookie", cookie)
        if "isn" not in changes:
            changes["isn"] = self._isns.popleft() if self._isns else None
        endpoint = Endpoint(self.settings.change(**changes), (self.address, port))
        self._owned[port, remote] = _Owned(endpoint, reuse)
        endpoint.connect(remote, self.now, data)
        return endpoint

    def _ephemeral(self, remote: Address) -> int:
        for _ in range(FIRST_EPHEMERAL, LAST_PORT + 1):
            port = self._next_port
            self._next_port = port + 1 if port < LAST_PORT else FIRST_EPHEMERAL
            if port not in self.listeners and port not in self._bound and (port, remote) not in self._owned:
                return port
        raise AddressInUse("connect: every ephemeral port to this peer is in use")

    def accept(self, port: int) -> Endpoint | None:
        """The next connection from the accept queue of the listener on `port`, None if it is empty."""
        return self.listeners[port].accept()

    @property
    def connections(self) -> list[Endpoint]:
        """All connections that are not CLOSED, TIME-WAIT included, in the order in which they began."""
        return [owned.endpoint for owned in self._owned.values()]

    def crash(self) -> None:
        """The power fails: every connection and listener is forgotten, nothing is sent."""
        self._owned.clear()
        self.listeners.clear()
        self._bound.clear()

    # The road and the clock

    def receive(self, source: str, segment: Segment, now: int) -> Connection | None:
        """A segment for this host from address `source`; returns the connection that took it, None for listeners and
        none."""
        self._clock(now)
        key = (segment.target, (source, segment.source))
        owned = self._owned.get(key)
        listener = self.listeners.get(segment.target)
        if owned is not None and listener is not None and owned.endpoint.may_make_room(segment):
            owned.endpoint.make_room()
            self._answers += [(source, event) for event in owned.endpoint.events]
            del self._owned[key]
            owned = None
        if owned is not None:
            if owned.listener is None or owned.listener.admits(owned.endpoint, segment):
                owned.endpoint.receive(segment, self.now)
            return owned.endpoint
        if listener is None:
            answer = closed_answer(segment)
            if answer is not None:
                self._answers.append((source, Sent(answer, Why.RST_NO_CONNECTION)))
            return None
        child = listener.arrives(source, segment, self.now)
        self._answers += [(source, event) for event in listener.stray.events]
        listener.stray.events.clear()
        listener.stray.outbox.clear()
        if child is not None:
            self._owned[key] = _Owned(child, listener.reuse, listener)
        return child

    def packet_too_big(self, target: str, segment: Segment, mtu: int, now: int) -> None:
        """ICMP: a segment that we sent to `target` was too big for the road (RFC 1191)."""
        self._clock(now)
        owned = self._owned.get((segment.source, (target, segment.target)))
        if owned is not None:
            owned.endpoint.packet_too_big(mtu, self.now)

    def next_timer(self) -> int | None:
        """When `tick` must be called next, None if no timer runs."""
        times = [owned.endpoint.next_timer() for owned in self._owned.values()]
        return min((time for time in times if time is not None), default=None)

    def tick(self, now: int) -> None:
        """The time is `now`: let timers run out."""
        self._clock(now)
        for owned in list(self._owned.values()):
            owned.endpoint.tick(self.now)

    def drain(self) -> Iterator[tuple[Endpoint | None, str, Happening]]:
        """Take everything that happened since the last call, in order within each connection: (connection or None, the
        peer's address, event). Every segment that left is among them as a `Sent`."""
        answers, self._answers = self._answers, []
        for address, event in answers:
            yield None, address, event
        for listener in self.listeners.values():
            listener.settle()
            while listener.events:
                yield None, "", listener.events.popleft()
        for key, owned in list(self._owned.items()):
            endpoint = owned.endpoint
            endpoint.outbox.clear()
            while endpoint.events:
                event = endpoint.events.popleft()
                if isinstance(event, CookieReceived):
                    self.cookies[key[1][0]] = event.cookie
                yield endpoint, key[1][0], event
            if endpoint.state in (State.CLOSED, State.LISTEN):
                self._owned.pop(key, None)

    def _clock(self, now: int) -> None:
        self.now = max(self.now, now)
