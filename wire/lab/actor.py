"""Applications: each end's program, a list of socket calls that wait as real ones do.

    listen [N]          a listening socket, N its backlog          bind [PORT]        a UDP socket
    connect, open       connect, and wait for it or not            sendto NAME WHAT   one datagram
    accept              wait for the next connection               recvfrom [N]       wait for one; N bytes of it
    send WHAT           queue bytes                                join GROUP         a multicast group
    urgent WHAT         send, the last byte urgent                 gratuitous         announce one's own address
    recv [N|$KEY ...]   wait for data (so many bytes in all)       wait T, until T    seconds
    read [N]            take what is there (with reads=off)        acked              wait: all is acknowledged
    eof                 wait for the end of the stream             state S            wait for this state
    close, shutdown, abort                                         exit               the process ends
    unlisten            close the listener                         crash, unplug      power or cable fails
    associate NAME      connect() of a UDP socket: send and recv are then its, too

WHAT is `$key`, a "text" or a number of bytes.
"""

from __future__ import annotations

import shlex
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from ..machine import Endpoint, Event, Happening, ProtocolError, State, events
from ..machine.host import AddressInUse, Host
from ..story import Phrase
from .keys import Values, duration, pattern
from .nodes import Node
from .sockets import UdpSocket

if TYPE_CHECKING:
    from .lab import Lab

TOLD = (Event.RCV_RST, Event.USER_TIMEOUT)  # another event says what that means for the application

Condition = Callable[[], bool]
Steps = Iterator[Condition]


@dataclass(slots=True, eq=False)
class Socket:
    """What the application knows of one TCP connection."""

    endpoint: Endpoint
    returned: set[str] = field(default_factory=set)
    received: bytearray = field(default_factory=bytearray)
    taken: int = 0
    ended: bool = False
    gone: bool = False
    error: str = ""


class Actor:
    """One application on one host; `start` runs its program until it must wait, events and the clock wake it."""

    def __init__(self, lab: Lab, host: Host, node: Node, program: str, values: Values, peers: dict[str, str]) -> None:
        """`peers`: the addresses of all ends, by name."""
        self.lab, self.host, self.node, self.values, self.peers = lab, host, node, values, peers
        self.name = node.name
        self.program = [shlex.split(step, posix=True) for step in program.split(";") if step.strip()]
        self.sockets: list[Socket] = []
        self.socket: Socket | None = None
        self.waiting: deque[Socket] = deque()  # complete, not yet accepted
        self.udp: UdpSocket | None = None
        self.cause: int | None = None  # the log entry that woke the application
        self.done = self._running = False
        self._steps = self._run()
        self._condition: Condition = lambda: True
        for kind in get_args(Happening):
            lab.network.on(self.name, kind, self._happened)

    # Waking

    def start(self) -> None:
        """Go on as far as possible."""
        if self._running:
            return
        self._running = True
        while not self.done and self._condition():
            try:
                self._condition = next(self._steps)
            except StopIteration:
                self.done = True
        self._running = False

    def _happened(self, endpoint: Endpoint | None, event: Happening) -> None:
        if endpoint is None:
            return
        self._note(self._known(endpoint), event)
        log = self.lab.network.log
        self.cause = next((i for i in range(len(log) - 1, -1, -1) if getattr(log[i], "event", None) is event), None)
        self.start()
        self.cause = None

    def _known(self, endpoint: Endpoint) -> Socket:
        for socket in self.sockets:
            if socket.endpoint is endpoint:
                return socket
        self.sockets.append(Socket(endpoint))
        return self.sockets[-1]

    def _note(self, socket: Socket, event: Happening) -> None:
        match event:
            case events.StateChange(new=State.CLOSED, cause=cause) if cause not in TOLD:
                socket.gone = True
            case events.CallReturned(call):
                socket.returned.add(call)
                if call == "accept":
                    self.waiting.append(socket)
            case events.DataArrived(size, data):
                socket.received += data or bytes(socket.endpoint.receiver.readable[-size:])
            case events.EndOfStream():
                socket.ended = True
            case events.Refused():
                socket.error = "connection refused"
            case events.Reset():
                socket.error = "connection reset by peer"
            case events.TimedOut():
                socket.error = "connection timed out"
            case events.UrgentSignalled():
                self.say("signal: urgent data are coming (SIGURG)")

    def say(self, text: str) -> None:
        """Write a call, or what one returned, into the journal."""
        self.lab.write("call", self.name, text, after=self.cause)
        self.cause = None

    def fails(self, call: str, reason: str) -> None:
        """Write that a call failed, and why."""
        self.say(failing(f"{call}()", reason))

    def ended(self, socket: Socket) -> None:
        """Write what recv() says when nothing more comes."""
        if socket.error:
            self.fails("recv", socket.error)
        else:
            self.say(Phrase("{call} returns 0 bytes: the end", call="recv()"))

    # The program

    def _run(self) -> Steps:
        for word, *arguments in self.program:
            step = getattr(self, f"do_{word}", None)
            if step is None:
                raise ValueError(f"{self.name}: there is no call {word!r}")
            yield from step(*arguments)

    def sleep(self, until: int) -> Steps:
        """Wait for a time."""
        self.lab.network.at(until, self.start)
        yield lambda: self.lab.network.now >= until

    @property
    def here(self) -> Socket:
        """The connection that the program works with."""
        if self.socket is None:
            raise ValueError(f"{self.name}: no connection yet")
        return self.socket

    def over(self, socket: Socket) -> bool:
        """Whether the connection is gone, for whatever reason."""
        return bool(socket.error) or socket.gone

    def writes(self, text: str) -> list[bytes]:
        """What a program's word means to write: a key given several times is as many writes."""
        if text.startswith("$"):
            return self.values.writes(text[1:])
        return [pattern(int(text)) if text.isdigit() else text.encode()]

    def what(self, text: str) -> bytes:
        """The bytes that a program's word means."""
        return b"".join(self.writes(text))

    def count(self, words: tuple[str, ...]) -> int:
        """How many bytes to wait for: a number, or as many as keys hold; without words one."""
        return sum(int(word) if word.isdigit() else len(self.what(word)) for word in words) or 1

    def peer(self) -> str:
        """The other end's name: the server, or the first other one."""
        others = [name for name in self.peers if name != self.name]
        return "server" if "server" in others else others[0]

    def port(self, name: str) -> int:
        """The port of an end."""
        return int(self.values.get("port", name))

    # TCP

    def do_listen(self, backlog: str = "5", reuse: str = "") -> Steps:
        """A failing one is told, and the program goes on."""
        place, now = len(self.lab.journal), self.lab.network.now
        suffix = ", SO_REUSEADDR" if reuse else ""
        given = f"{backlog}{suffix}" if backlog != "5" or suffix else ""
        self.say(f"listen({given})")
        try:
            self.host.listen(self.port(self.name), int(backlog), reuse=bool(reuse))
        except ProtocolError as problem:
            entry = self.lab.journal[place]
            reason = str(problem).partition(": ")[2].partition(" (")[0]
            self.lab.journal[place] = entry.failed(failing(f"listen({given})", reason))
            self.host.now = max(self.host.now, now)
        yield from ()

    def do_unlisten(self) -> Steps:
        """Close the listening socket."""
        self.say("closes the listening socket")
        self.host.close_listener(self.port(self.name), self.lab.network.now)
        yield from ()

    def do_open(self, *words: str) -> Steps:
        """connect without waiting; `words`: data to go with the SYN if Fast Open allows."""
        data = b"".join(self.what(word) for word in words)
        self.say(Phrase("sendto({data}, MSG_FASTOPEN)", data=told(data)) if data else "connect()")
        name = self.peer()
        remote, now = (self.peers[name], self.port(name)), self.lab.network.now
        try:
            endpoint = self.host.connect(remote, now, port=self.port(self.name), data=data)
        except AddressInUse:  # an earlier connection has it: the kernel chooses another one
            endpoint = self.host.connect(remote, now, data=data)
        self.socket = self._known(endpoint)
        yield from ()

    def do_connected(self) -> Steps:
        """Wait for an open to end."""
        socket = self.here
        yield lambda: "connect" in socket.returned or self.over(socket)
        if "connect" in socket.returned:
            self.say(Phrase("{call} returns", call="connect()"))
        else:
            self.fails("connect", socket.error)

    def do_connect(self) -> Steps:
        """connect, and wait."""
        yield from self.do_open()
        yield from self.do_connected()

    def do_accept(self) -> Steps:
        """Wait for a connection."""
        yield lambda: bool(self.waiting)
        self.socket = self.waiting.popleft()
        self.host.accept(self.port(self.name))
        self.say(Phrase("{call} returns", call="accept()"))

    def do_send(self, word: str, urgent: str = "") -> Steps:
        """Queue bytes; a dead connection fails. On a connected UDP socket: one datagram for each write."""
        if self.udp is not None and self.udp.peer is not None:
            for data in self.writes(word):
                self.say(Phrase("send({data})", data=told(data)))
                self.udp.send(*self.udp.peer, data)
            return
        socket = self.here
        for data in self.writes(word):
            self.say(Phrase("send({data}" + urgent + ")", data=told(data)))
            try:
                socket.endpoint.send(data, self.lab.network.now, urgent=bool(urgent))
            except ProtocolError:
                self.fails("send", socket.error or "broken pipe")
        yield from ()

    def do_urgent(self, word: str) -> Steps:
        """Queue bytes of which the last is urgent."""
        yield from self.do_send(word, ", MSG_OOB")

    def do_recv(self, *words: str) -> Steps:
        """Wait until so many bytes have come in all (at least one that is new), take what is new."""
        if self.udp is not None and self.socket is None:
            yield from self.do_recvfrom()
            return
        socket = self.here
        least = max(self.count(words) if words else 1, socket.taken + 1)
        yield lambda: len(socket.received) >= least or socket.ended or self.over(socket)
        data = bytes(socket.received[socket.taken :])
        socket.taken += len(data)
        if data:
            self.say(Phrase("{call} returns {what}", call="recv()", what=told(data)))
        else:
            self.ended(socket)

    def do_read(self, count: str = "") -> Steps:
        """Take what waits in the receive buffer (reads=off)."""
        self.say("recv()")
        data = self.here.endpoint.read(int(count) if count else None, self.lab.network.now)
        self.here.taken += len(data)
        self.say(Phrase("{call} returns {what}", call="recv()", what=told(data)))
        yield from ()

    def do_eof(self) -> Steps:
        """Wait for the end of the peer's stream."""
        socket = self.here
        yield lambda: socket.ended or self.over(socket)
        if len(socket.received) > socket.taken:
            data = bytes(socket.received[socket.taken :])
            socket.taken += len(data)
            self.say(Phrase("{call} returned {what}", call="recv()", what=told(data)))
        self.ended(socket)

    def do_acked(self) -> Steps:
        """Wait until the peer has acknowledged everything."""
        socket = self.here
        yield lambda: not (socket.endpoint.sender.board.chunks or socket.endpoint.sender.waiting) or self.over(socket)

    def do_state(self, name: str) -> Steps:
        """Wait for a state of the connection."""
        socket = self.here
        yield lambda: socket.endpoint.state.value == name

    def do_wait(self, seconds: str) -> Steps:
        """Do nothing for a while."""
        yield from self.sleep(self.lab.network.now + duration(seconds))

    def do_until(self, seconds: str) -> Steps:
        """Do nothing until then."""
        yield from self.sleep(duration(seconds))

    def finish(self, text: str, action: Callable[[], object]) -> Steps:
        """A call that ends something."""
        self.say(text)
        if not self.over(self.here):
            action()
        yield from ()

    def do_close(self) -> Steps:
        """close(): nobody reads or writes here any more."""
        if self.udp is not None and self.socket is None:
            self.say("close()")
            self.udp.close()
            return
        yield from self.finish("close()", lambda: self.here.endpoint.close(self.lab.network.now))

    def do_shutdown(self) -> Steps:
        """Half-close: no more from us, but we still listen."""
        yield from self.finish("shutdown(SHUT_WR)", lambda: self.here.endpoint.shutdown("write", self.lab.network.now))

    def do_abort(self) -> Steps:
        """close() with SO_LINGER 0."""
        yield from self.finish("abort()", lambda: self.here.endpoint.abort(self.lab.network.now))

    def do_exit(self) -> Steps:
        """The process ends, and the kernel closes what it had open."""
        yield from self.finish("the process exits", lambda: self.here.endpoint.close(self.lab.network.now))

    def do_crash(self) -> Steps:
        """The power fails: everything is forgotten."""
        self.lab.write("event", self.name, "the power fails: all is forgotten")
        self.host.crash()
        self.lab.write("state", self.name, State.CLOSED.value)
        self.sockets.clear()
        yield from ()

    def do_unplug(self) -> Steps:
        """The cable is pulled out."""
        self.lab.write("event", self.name, "the cable is pulled out")
        self.node.unplugged = True
        yield from ()

    # UDP and ARP

    def do_bind(self, port: str = "") -> Steps:
        """A UDP socket."""
        number = int(port) if port else self.port(self.name)
        self.udp = UdpSocket(self.lab, self.node, number, self.start)
        self.say(f"bind({number})")
        yield from ()

    def do_join(self, group: str) -> Steps:
        """Take a multicast group's datagrams, too."""
        self.say(Phrase("joins {group}", group=group))
        self.node.groups.add(group)
        yield from ()

    def do_sendto(self, name: str, word: str) -> Steps:
        """One datagram to an end, or to an address; binds first if need be."""
        udp = self.datagrams()
        for data in self.writes(word):
            self.say(Phrase("sendto({name}, {data})", name=name, data=told(data)))
            target = self.peers.get(name, name)
            udp.send(target, self.port(name if name in self.peers else self.peer()), data)
        yield from ()

    def datagrams(self) -> UdpSocket:
        """The UDP socket, which is bound now if it was not."""
        if self.udp is None:
            self.udp = UdpSocket(self.lab, self.node, self.port(self.name), self.start)
        return self.udp

    def do_associate(self, name: str) -> Steps:
        """connect() of a UDP socket: it sends nothing, it only names the peer."""
        self.datagrams().peer = self.peers[name], self.port(name)
        self.say(f"connect({name})")
        yield from ()

    def do_recvfrom(self, size: str = "65535") -> Steps:
        """Wait for one datagram; what does not fit is lost."""
        udp = self.datagrams()
        call = "recvfrom" if udp.peer is None else "recv"
        yield lambda: bool(udp.queue or udp.error)
        if udp.error:
            self.fails(call, udp.error)
            udp.error = ""
            return
        data = udp.queue.popleft()
        limit = int(size)
        given = f"{call}({size if limit < 65535 else ''})"
        if len(data) > limit:
            lost = len(data) - limit
            template = (
                "{call} returns {what}; {count} byte is lost"
                if lost == 1
                else "{call} returns {what}; {count} bytes are lost"
            )
            self.say(Phrase(template, call=given, what=told(data[:limit]), count=lost))
        else:
            self.say(Phrase("{call} returns {what}", call=given, what=told(data)))

    def do_gratuitous(self) -> Steps:
        """Tell everybody one's own address."""
        self.lab.announce(self.node)
        yield from ()


def told(data: bytes) -> str:
    """Bytes in a call: short text in quotes, else how many."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    if 0 < len(data) <= 12 and text.isprintable() and '"' not in text:
        return f'"{text}"'
    return Phrase("{count} byte", count=1) if len(data) == 1 else Phrase("{count} bytes", count=len(data))


def failing(call: str, reason: str) -> Phrase:
    """`connect() fails: connection refused`."""
    return Phrase("{call} fails: {reason}", call=call, reason=Phrase(reason))
