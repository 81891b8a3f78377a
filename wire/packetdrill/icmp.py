"""ICMP errors that reach our endpoint (RFC 9293 3.9.2.2, RFC 1191)."""

from __future__ import annotations

from ..machine import Endpoint, Host, State
from ..machine.segment import Segment
from .host_settings import World
from .socket_table import Socket
from .syntax import IcmpPacket, NotSupported

# What a connection that is opening fails with.
ERRORS = {
    "host_unreachable": "EHOSTUNREACH",
    "net_unreachable": "ENETUNREACH",
    "port_unreachable": "ECONNREFUSED",
    "protocol_unreachable": "ENOPROTOOPT",
    "host_prohibited": "EHOSTUNREACH",
    "net_prohibited": "ENETUNREACH",
    "filter": "EHOSTUNREACH",
    "admin_prohibited": "EHOSTUNREACH",
    "source_route_failed": "EOPNOTSUPP",
    "time_exceeded": "EHOSTUNREACH",
    "ttl_exceeded": "EHOSTUNREACH",
}
TOO_BIG = ("frag_needed", "packet_too_big")


def receive(
    world: World,
    host: Host,
    endpoint: Endpoint | None,
    socket: Socket | None,
    message: IcmpPacket,
    line: int,
    now: int,
) -> str:
    """An ICMP error about a segment of `endpoint`; returns a note if nothing follows from it."""
    words = (message.kind, message.code)
    if any(word in TOO_BIG for word in words):
        if endpoint is None or endpoint.remote is None or message.mtu is None:
            return "ICMP about a packet of no connection"
        quoted = Segment(source=endpoint.local[1], target=endpoint.remote[1])
        endpoint.packet_too_big(message.mtu, now, world.headers)
        return "" if quoted else ""
    error = next((ERRORS[word] for word in words if word in ERRORS), None)
    if error is None:
        raise NotSupported(line, f"ICMP {' '.join(filter(None, words))}")
    if endpoint is None or endpoint.state is not State.SYN_SENT:
        return "an ICMP error is a hint to a connection that is open, or half-open at a listener"
    if socket is not None:
        socket.error = error
    endpoint.abort(now)
    return ""
