"""ICMP errors that reach our endpoint (RFC 9293 3.9.2.2, RFC 1191)."""

from __future__ import annotations

from ..machine import Endpoint
from ..machine.sequence import unfold
from .socket_table import SocketTable
from .syntax import IcmpPacket

# What a connection that is opening fails with; what is not here counts as a host that cannot be reached.
ERRORS = {
    "net_unreachable": "ENETUNREACH",
    "net_prohibited": "ENETUNREACH",
    "net_unknown": "ENETUNREACH",
    "port_unreachable": "ECONNREFUSED",
    "protocol_unreachable": "ENOPROTOOPT",
    "source_route_failed": "EOPNOTSUPP",
}
TOO_BIG = ("frag_needed", "packet_too_big")
FATAL = ("unreachable", "time_exceeded")


def receive(table: SocketTable, endpoint: Endpoint | None, message: IcmpPacket, seq: int, headers: int) -> str:
    """An ICMP error about a segment of `endpoint` that began with number `seq`; a note if nothing follows from it.

    `headers`: bytes of the IP and TCP headers without options.
    """
    words = (message.kind, message.code)
    if endpoint is None:
        return "ICMP about a packet of no connection"
    sender = endpoint.sender
    if message.seq is not None and not sender.una <= unfold(seq, sender.una) <= sender.highest:
        return "ICMP about a segment that is not in flight is not believed (RFC 5927)"
    if any(word in TOO_BIG for word in words):
        if message.mtu is not None:
            endpoint.packet_too_big(message.mtu, headers=headers)
        return ""
    if message.kind not in FATAL or not endpoint.unreachable():
        return "this ICMP message changes nothing"
    table.fail(endpoint, next((ERRORS[word] for word in words if word in ERRORS), "EHOSTUNREACH"))
    return ""
