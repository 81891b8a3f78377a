"""The socket calls of a script, made on our host.

Each call gives an `Answer` at once, or a function that is asked again whenever something happened, until it gives
one: a call that waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..machine import AddressInUse, ProtocolError, State
from . import sockopts
from .host_settings import World
from .socket_table import POLLERR, POLLHUP, Socket, SocketTable
from .syntax import Array, Call, NotSupported, Struct, Symbol, Value
from .values import LARGEST, Arguments, number

PORT = 8080  # where the script's server is, unless it says otherwise


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returned: its value, the errno's name if it failed, and numbers that it wrote into its arguments
    (by place)."""

    value: int = 0
    error: str = ""
    wrote: dict[int, int] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.error}".strip()


Waiting: TypeAlias = Callable[[], Answer | None]


def failed(error: str) -> Answer:
    """-1 and an errno."""
    return Answer(-1, error)


class Calls:
    """Makes the calls. `now` is set by whoever runs the script."""

    def __init__(self, table: SocketTable, world: World, peer: str) -> None:
        """`peer`: the address of the other side."""
        self.table = table
        self.host = table.host
        self.world = world
        self.peer = peer
        self.now = 0
        self.listened = PORT  # the port of the newest listener

    def make(self, call: Call, line: int) -> Answer | Waiting:
        """Make one call. NotSupported names what is missing."""
        method = getattr(self, f"call_{call.name}", None)
        if method is None:
            raise NotSupported(line, f"the call {call.name}()")
        arguments = Arguments(line, call.name, call.arguments)
        wanted = number(call.result) if call.result is not None else None
        self.descriptor = wanted if wanted is not None else -1
        if call.name == "poll":
            return self.call_poll(arguments)
        if call.name == "socket":
            return self.call_socket(arguments)
        socket = self.table.open.get(arguments.number(0))
        if socket is None:
            return failed("EBADF")
        answer: Answer | Waiting = method(socket, arguments)
        return answer

    def _new(self) -> int:
        descriptor = self.descriptor
        if descriptor < 0:
            descriptor = max(self.table.open, default=2) + 1
        return descriptor

    def _or_wait(self, attempt: Waiting, blocks: bool, error: str = "EAGAIN") -> Answer | Waiting:
        answer = attempt()
        if answer is not None:
            return answer
        return attempt if blocks else failed(error)

    # Opening

    def call_socket(self, arguments: Arguments) -> Answer:
        kinds = arguments.names(1)
        if kinds and "SOCK_STREAM" not in kinds:
            raise NotSupported(arguments.line, f"sockets of type {' | '.join(sorted(kinds))}")
        protocol = arguments.names(2)
        if protocol and not protocol & {"IPPROTO_TCP", "IPPROTO_IP"}:
            raise NotSupported(arguments.line, f"protocol {' | '.join(sorted(protocol))}")
        descriptor = self._new()
        self.table.open[descriptor] = Socket(descriptor, nonblocking="SOCK_NONBLOCK" in kinds)
        return Answer(descriptor)

    def call_bind(self, socket: Socket, arguments: Arguments) -> Answer:
        address = arguments.address(1)
        port = address[1] if address is not None and address[1] is not None else PORT
        if socket.port is not None:
            return failed("EINVAL")
        try:
            self.host.bind(port, reuse=socket.reuse)
        except AddressInUse:
            return failed("EADDRINUSE")
        socket.port = port
        return Answer()

    def call_listen(self, socket: Socket, arguments: Arguments) -> Answer:
        if socket.endpoint is not None:
            return failed("EINVAL")
        if not socket.listening:
            port = socket.port if socket.port is not None else PORT
            fast = {"fast_open": True} if self.world.fast_open_listeners else {}
            try:
                self.host.listen(port, arguments.number(1), reuse=socket.reuse, **(fast | socket.changes))
            except AddressInUse:
                return failed("EADDRINUSE")
            socket.port, socket.listening = port, True
            self.listened = port
        self.host.listeners[socket.port or PORT].backlog = arguments.number(1)
        return Answer()

    def call_accept(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        if not socket.listening:
            return failed("EINVAL")
        nonblocking = "SOCK_NONBLOCK" in arguments.names(3)
        wanted = self._new()

        def attempt() -> Answer | None:
            endpoint = self.host.accept(socket.port or PORT)
            if endpoint is None:
                return None
            child = Socket(wanted, nonblocking, socket.reuse, socket.port, endpoint=endpoint, told=True)
            child.error = self.table.errors.pop(endpoint, "")
            child.linger, child.changes = socket.linger, dict(socket.changes)
            self.table.open[wanted] = child
            return Answer(wanted)

        return self._or_wait(attempt, not socket.nonblocking)

    call_accept4 = call_accept

    def call_connect(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        address = arguments.address(1)
        socket.remote = self._remote(address)
        if socket.deferred:
            return failed("EISCONN")
        if socket.fast_open_connect and self.host.cookies.get(socket.remote[0]) and socket.endpoint is None:
            socket.deferred = True
            return Answer()
        if socket.endpoint is not None:
            return self._connect_again(socket)
        if socket.listening:
            return failed("EISCONN")
        changes: dict[str, object] = {"fast_open": True} if socket.fast_open_connect else {}
        problem = self._open(socket, b"", changes)
        if problem is not None:
            return problem
        return self._or_wait(lambda: self._opened(socket), not socket.nonblocking, "EINPROGRESS")

    def _remote(self, address: tuple[str | None, int | None] | None) -> tuple[str, int]:
        host, port = address if address is not None else (None, None)
        return host or self.peer, port or PORT

    def _open(self, socket: Socket, data: bytes, changes: dict[str, object]) -> Answer | None:
        assert socket.remote is not None
        try:
            socket.endpoint = self.host.connect(
                socket.remote, self.now, port=socket.port, data=data, reuse=socket.reuse, **(changes | socket.changes)
            )
        except AddressInUse:
            return failed("EADDRNOTAVAIL")
        socket.port = socket.endpoint.local[1]
        socket.deferred = False
        return None

    def _opened(self, socket: Socket) -> Answer | None:
        """connect()'s answer, None while it would wait."""
        if socket.error:
            return failed(socket.take_error())
        if socket.state is State.CLOSED:
            return failed("ECONNABORTED")
        if socket.state.opening:
            return None
        socket.told = True
        return Answer()

    def _connect_again(self, socket: Socket) -> Answer:
        if socket.state.opening:
            return failed("EALREADY")
        if socket.told and socket.state is not State.CLOSED:
            return failed("EISCONN")
        return self._opened(socket) or Answer()

    # Sending

    def call_write(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        return self._send(socket, arguments.size(2), frozenset(), None)

    def call_send(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        return self._send(socket, arguments.size(2), arguments.names(3), None)

    def call_sendto(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        address = arguments.address(4) if len(arguments) > 4 and isinstance(arguments.at(4), Struct) else None
        return self._send(socket, arguments.size(2), arguments.names(3), address)

    def call_writev(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        return self._send(socket, _vector(arguments, arguments.at(1)), frozenset(), None)

    def call_sendmsg(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        vector = arguments.struct(1).get("msg_iov")
        return self._send(socket, _vector(arguments, vector), arguments.names(2), None)

    def _send(
        self, socket: Socket, size: int, flags: frozenset[str], address: tuple[str | None, int | None] | None
    ) -> Answer | Waiting:
        blocks = not socket.nonblocking and "MSG_DONTWAIT" not in flags
        if "MSG_FASTOPEN" in flags and not self.world.fast_open_client:
            return failed("EOPNOTSUPP")
        if socket.endpoint is None and ("MSG_FASTOPEN" in flags or socket.deferred):
            socket.remote = self._remote(address)
            return self._fast_open(socket, size, blocks)
        if "MSG_FASTOPEN" in flags and socket.state.opening:
            return failed("EALREADY")

        def attempt() -> Answer | None:
            if socket.error:
                return failed(socket.take_error())
            if socket.state.opening and not socket.connected:
                return None
            if not socket.connected or socket.endpoint is None or socket.endpoint.sender.fin_queued:
                return failed("EPIPE")
            self._queue(socket, bytes(size), "MSG_MORE" in flags, "MSG_OOB" in flags)
            return Answer(size)

        return self._or_wait(attempt, blocks)

    def _queue(self, socket: Socket, data: bytes, more: bool, urgent: bool) -> None:
        """Hand bytes to the endpoint; MSG_MORE corks it until a write without."""
        assert socket.endpoint is not None
        corked = socket.cork or more
        if socket.endpoint.settings.cork and not corked:
            socket.endpoint.sender.write(data, urgent)
            socket.endpoint.configure(self.now, cork=False)
            return
        if corked != socket.endpoint.settings.cork:
            socket.endpoint.configure(self.now, cork=corked)
        socket.endpoint.send(data, self.now, urgent=urgent)

    def _fast_open(self, socket: Socket, size: int, blocks: bool) -> Answer | Waiting:
        assert socket.remote is not None
        host = socket.remote[0]
        room = 0
        if self.host.cookies.get(host):
            mss = int(socket.changes.get("mss", self.host.settings.mss))
            room = max(0, min(size, min(mss, self.table.peer_mss.get(host, mss)) - 40))
        problem = self._open(socket, bytes(room), {"fast_open": True})
        if problem is not None:
            return problem
        rest = size - room

        def attempt() -> Answer | None:
            if socket.error:
                return failed(socket.take_error())
            if socket.state.opening:
                return None
            if socket.endpoint is not None and rest:
                socket.endpoint.send(bytes(rest), self.now)
            return Answer(size)

        if not blocks:
            return Answer(room) if room else failed("EINPROGRESS")
        return attempt

    # Receiving

    def call_read(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        return self._receive(socket, arguments.size(2), frozenset())

    def call_recv(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        return self._receive(socket, arguments.size(2), arguments.names(3))

    call_recvfrom = call_recv

    def call_readv(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        return self._receive(socket, _vector(arguments, arguments.at(1)), frozenset())

    def call_recvmsg(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        vector = arguments.struct(1).get("msg_iov")
        return self._receive(socket, _vector(arguments, vector), arguments.names(2))

    def _receive(self, socket: Socket, size: int, flags: frozenset[str]) -> Answer | Waiting:
        if socket.listening or (socket.endpoint is None and not socket.error):
            return failed("ENOTCONN")

        def attempt() -> Answer | None:
            endpoint = socket.endpoint
            if endpoint is not None and endpoint.readable:
                if "MSG_PEEK" in flags:
                    return Answer(min(size, endpoint.readable))
                return Answer(len(endpoint.read(size, self.now)))
            if socket.error:
                return failed(socket.take_error())
            if endpoint is None or socket.shut_read or endpoint.at_end or endpoint.state is State.CLOSED:
                return Answer(0)
            return None

        return self._or_wait(attempt, not socket.nonblocking and "MSG_DONTWAIT" not in flags)

    def call_poll(self, arguments: Arguments) -> Answer | Waiting:
        entries = arguments.at(0)
        if not isinstance(entries, Array) or not all(isinstance(entry, Struct) for entry in entries.items):
            raise NotSupported(arguments.line, "poll() without an array of structs")
        until = self.now + arguments.number(2) * 1_000_000 if arguments.number(2) >= 0 else None

        def attempt() -> Answer | None:
            found = [self._poll(entry) for entry in entries.items if isinstance(entry, Struct)]
            if any(found) or (until is not None and self.now >= until):
                return Answer(sum(bool(bits) for bits in found), wrote=dict(enumerate(found)))
            return None

        return self._or_wait(attempt, until is None or until > self.now)

    def _poll(self, entry: Struct) -> int:
        socket = self.table.open.get(number(entry.get("fd")) or 0)
        return self.table.ready(socket) & ((number(entry.get("events")) or 0) | POLLERR | POLLHUP) if socket else 0x20

    # Closing

    def call_shutdown(self, socket: Socket, arguments: Arguments) -> Answer:
        how = arguments.number(1)
        endpoint = socket.endpoint
        if socket.listening:
            self.host.close_listener(socket.port or PORT, self.now)
            socket.listening = False
            return Answer()
        if endpoint is None or socket.state in (State.CLOSED, State.TIME_WAIT):
            return failed("ENOTCONN")
        if how in (0, 2):
            socket.shut_read = True
            endpoint.shutdown("read", self.now)
        if how in (1, 2) and not endpoint.sender.fin_queued:
            endpoint.shutdown("write", self.now)
        return Answer()

    def call_close(self, socket: Socket, arguments: Arguments) -> Answer | Waiting:
        del self.table.open[socket.descriptor]
        if socket.listening:
            self.host.close_listener(socket.port or PORT, self.now)
            return Answer()
        endpoint = socket.endpoint
        if endpoint is None or endpoint.state is State.CLOSED:
            return Answer()
        if socket.linger == 0:
            endpoint.abort(self.now)
            return Answer()
        try:
            endpoint.close(self.now)
        except ProtocolError:
            return Answer()
        if not socket.linger or socket.nonblocking:
            return Answer()
        until = self.now + socket.linger * 1_000_000_000
        waits = (State.FIN_WAIT_1, State.CLOSING, State.LAST_ACK)
        return self._or_wait(lambda: None if endpoint.state in waits and self.now < until else Answer(), True)

    # Options

    def call_setsockopt(self, socket: Socket, arguments: Arguments) -> Answer:
        name = _name(arguments)
        if name == "TCP_FASTOPEN_CONNECT" and not self.world.fast_open_client:
            return failed("EOPNOTSUPP")
        try:
            return Answer(note=sockopts.set_option(self.table, socket, name, arguments, self.now))
        except ValueError:
            return failed("EINVAL")

    def call_getsockopt(self, socket: Socket, arguments: Arguments) -> Answer:
        name = _name(arguments)
        if name == "SO_ERROR":
            error = socket.take_error()
            return Answer(wrote={3: sockopts.error_number(error)}, note=error)
        value = sockopts.get_option(self.table, socket, name)
        if value is None:
            return Answer(note=f"what getsockopt({name}) tells is not compared")
        return Answer(wrote={3: value})

    def call_fcntl(self, socket: Socket, arguments: Arguments) -> Answer:
        command = arguments.names(1)
        if "F_GETFL" in command:
            return Answer(2 | (0x800 if socket.nonblocking else 0))
        if "F_SETFL" in command:
            socket.nonblocking = "O_NONBLOCK" in arguments.names(2)
            return Answer()
        raise NotSupported(arguments.line, f"fcntl({' '.join(command)})")

    def call_ioctl(self, socket: Socket, arguments: Arguments) -> Answer:
        endpoint = socket.endpoint
        match sorted(arguments.names(1)):
            case ["FIONREAD" | "SIOCINQ"]:
                return Answer(wrote={2: endpoint.readable if endpoint is not None else 0})
            case ["FIOSPACE" | "SIOCOUTQ" | "TIOCOUTQ" | "FIONWRITE"]:
                waiting = 0 if endpoint is None or endpoint.state.opening else endpoint.sender.end - endpoint.sender.una
                fin = endpoint is not None and endpoint.sender.fin_queued and not endpoint.sender.fin_acknowledged
                return Answer(wrote={2: max(0, waiting) + fin})
            case ["SIOCOUTQNSD"]:
                return Answer(wrote={2: max(0, endpoint.sender.end - endpoint.sender.nxt) if endpoint else 0})
            case names:
                raise NotSupported(arguments.line, f"ioctl({' '.join(names)})")


def _name(arguments: Arguments) -> str:
    name = arguments.at(2)
    return name.name if isinstance(name, Symbol) else str(name)


def _vector(arguments: Arguments, value: Value | None) -> int:
    """The bytes of an iovec: `[{..., 1000}, {..., 200}]`."""
    total = 0
    if not isinstance(value, Array):
        raise NotSupported(arguments.line, f"{arguments.call} without an array of buffers")
    for item in value.items:
        size = number(item.items[-1] if item.items else item.get("iov_len")) if isinstance(item, Struct) else None
        if size is None or not 0 <= size <= LARGEST:
            raise NotSupported(
                arguments.line, f"a buffer of {arguments.call} without its size, or with a senseless one"
            )
        total += size
    return total
