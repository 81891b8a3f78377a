"""UDP sockets: datagrams in, datagrams out, nothing in between (RFC 768)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..story import Phrase
from . import drafts
from .drafts import Datagram
from .nodes import Node, is_multicast
from .way import UNREACHABLE, complain

if TYPE_CHECKING:
    from .lab import Lab

PORT_UNREACHABLE = 3


class UdpSocket:
    """A socket bound to a port. A datagram is one read, or none.

    `peer`: the address and port that connect() named. Only such a socket is told of ICMP errors: on Linux one that
    just calls sendto() is not, and an error must be about what it sent to its peer (RFC 1122 4.1.3.3, udp(7)).
    """

    def __init__(self, lab: Lab, node: Node, port: int, wake: Callable[[], None]) -> None:
        """`wake` is called when something arrives."""
        self.lab, self.node, self.port, self.wake = lab, node, port, wake
        self.queue: deque[bytes] = deque()
        self.error = ""
        self.peer: tuple[str, int] | None = None
        lab.sockets[node.name, port] = self
        lab.icmp.append(self._icmp)

    def send(self, target: str, port: int, data: bytes) -> None:
        """One datagram to an address; nobody says whether it arrives."""
        facts: dict[str, object] = {"source_port": self.port, "target_port": port, "size": len(data), "data": data}

        def arrives(receiver: str, datagram: Datagram) -> None:
            self._arrives(receiver, datagram, port, data)

        self.lab.send("udp", self.node, target, drafts.udp(self.port, port, data), facts, arrives)

    def _arrives(self, receiver: str, datagram: Datagram, port: int, data: bytes) -> None:
        """At the other side: its socket takes it; a closed port answers with ICMP unless it came to many."""
        lab, node = self.lab, self.lab.nodes[receiver]
        socket = lab.sockets.get((receiver, port))
        if socket is not None:
            socket.queue.append(data)
            socket.wake()
            return
        many = is_multicast(datagram.target) or lab.is_group(node.card, datagram.target)
        template = "nobody has port {port} open: dropped" if many else "nobody has port {port} open"
        lab.write("event", receiver, Phrase(template, port=port))
        if not many:
            delay = lab.road.lane(receiver).delay
            complain(lab, node, datagram, UNREACHABLE, PORT_UNREACHABLE, 0, lab.network.now, delay)

    def _icmp(self, host: str, about: Datagram, kind: int, code: int, mtu: int) -> None:
        """An error about one of our datagrams: if the socket is connected, the next call fails with it."""
        header = about.inner[0]
        if host != self.node.name or header.record.name != "udp" or kind != UNREACHABLE:
            return
        if self.peer is None:
            self.lab.write("event", host, "the socket is not connected: it is not told")
        elif self.peer[0] == about.target:
            self.error = "connection refused" if code == PORT_UNREACHABLE else "message too long"
            self.wake()

    def close(self) -> None:
        """The port is free again."""
        self.lab.sockets.pop((self.node.name, self.port), None)
