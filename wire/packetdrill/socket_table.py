"""File descriptors: what each is bound to, listens to, or speaks through; and the errors that wait in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..machine import Endpoint, Host, State
from ..machine import events as happened
from ..machine.events import Happening

POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLRDHUP = 0x1, 0x2, 0x4, 0x8, 0x10, 0x2000
READ_BITS, WRITE_BITS = POLLIN | 0x40, POLLOUT | 0x100


@dataclass(slots=True)
class Socket:
    """One descriptor.

    changes   settings of its endpoint to be
    deferred  TCP_FASTOPEN_CONNECT: connect() returned, the SYN goes with the first write
    """

    descriptor: int
    nonblocking: bool = False
    reuse: bool = False
    port: int | None = None
    listening: bool = False
    endpoint: Endpoint | None = None
    remote: tuple[str, int] | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    told: bool = False  # connect() or SO_ERROR said that it is connected
    linger: int | None = None  # seconds
    cork: bool = False
    fast_open_connect: bool = False
    deferred: bool = False
    shut_read: bool = False

    @property
    def state(self) -> State:
        """Its connection's state."""
        return self.endpoint.state if self.endpoint is not None else State.CLOSED

    @property
    def connected(self) -> bool:
        """True once both SYNs were acknowledged, or a Fast Open let data in."""
        return self.state.synchronized or (self.endpoint is not None and self.endpoint.fast_opened)

    def take_error(self) -> str:
        """The error that waits, once."""
        error, self.error = self.error, ""
        return error


class SocketTable:
    """All descriptors of the script's program."""

    def __init__(self, host: Host) -> None:
        """None is open."""
        self.host = host
        self.open: dict[int, Socket] = {}
        self.peer_mss: dict[str, int] = {}  # of peers that gave a Fast Open cookie
        self.errors: dict[Endpoint, str] = {}  # of connections that nobody has accepted yet

    def hear(self, endpoint: Endpoint | None, event: Happening, before: State | None) -> None:
        """Something happened in a connection that was in state `before`: its socket keeps the error."""
        if endpoint is None:
            return
        if isinstance(event, happened.CookieReceived) and endpoint.remote:
            self.peer_mss[endpoint.remote[0]] = endpoint.sender.mss + 12 * endpoint.timestamps
        elif isinstance(event, happened.Refused):
            self.fail(endpoint, "ECONNREFUSED")
        elif isinstance(event, happened.Reset):
            self.fail(endpoint, "EPIPE" if before is State.CLOSE_WAIT else "ECONNRESET")
        elif isinstance(event, happened.TimedOut):
            self.fail(endpoint, "ETIMEDOUT")

    def fail(self, endpoint: Endpoint, error: str) -> None:
        """A connection failed: the next call on its socket tells."""
        socket = next((one for one in self.open.values() if one.endpoint is endpoint), None)
        if socket is not None:
            socket.error = error
        else:
            self.errors[endpoint] = error

    def ready(self, socket: Socket) -> int:
        """poll(2)'s bits for a socket."""
        if socket.listening:
            listener = self.host.listeners.get(socket.port or 0)
            return READ_BITS if listener is not None and listener.ready else 0
        endpoint = socket.endpoint
        if endpoint is None:
            return WRITE_BITS | POLLHUP
        if endpoint.state.opening and not endpoint.fast_opened:
            return 0
        bits = POLLERR if socket.error else 0
        over = endpoint.state in (State.CLOSED, State.TIME_WAIT, State.CLOSING, State.LAST_ACK)
        if endpoint.state is State.CLOSED or (endpoint.at_end and endpoint.sender.fin_queued):
            bits |= POLLHUP
        if endpoint.readable or endpoint.receiver.finished or over or socket.shut_read:
            bits |= READ_BITS
        if endpoint.receiver.finished or socket.shut_read or endpoint.state is State.CLOSED:
            bits |= POLLRDHUP
        bits |= WRITE_BITS
        if endpoint.receiver.up > endpoint.receiver.nxt - 1 and endpoint.receiver.up > endpoint.receiver.irs + 1:
            bits |= POLLPRI
        return bits
