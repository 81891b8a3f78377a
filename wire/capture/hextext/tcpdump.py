"""What sets tcpdump's (and FortiGate's) dumps apart: whether the link layer is in them, and the lengths in the summary.

`tcpdump -x` leaves the link layer out and `-xx` keeps it; the rows look the same, so the bytes have to tell.
"""

from .facts import Facts
from .rows import Row

# EtherTypes that follow an Ethernet header in practice: IPv4, ARP, IPv6, VLAN tags, PPPoE, MPLS, EAPOL, LLDP …
_ETHERTYPES = {0x0800, 0x0806, 0x8035, 0x8100, 0x86DD, 0x8847, 0x8848, 0x8863, 0x8864, 0x888E, 0x88A8, 0x88CC, 0x9000}
_ARP = bytes.fromhex("0001 0800 0604")
_TCP, _UDP = 6, 17
# First bytes of the IPv6 source addresses in use: global (2000::/3), unique local, link-local, unspecified.
_IPV6_PREFIXES = {*range(0x20, 0x40), 0xFC, 0xFD, 0xFE, 0x00}


def is_linkless(data: bytes, facts: Facts) -> bool | None:
    """Whether the bytes begin at the network layer; None where that cannot be told."""
    if facts.wire == len(data):
        return False
    ethernet = len(data) >= 14 and _word(data, 12) in _ETHERTYPES
    network = _is_ip(data) or data.startswith(_ARP)
    return network if ethernet != network else None


def check_lengths(data: bytes, linkless: bool | None, facts: Facts, row: Row) -> tuple[list[str], list[str]]:
    """Compare the lengths in the summary with the bytes: what was checked, and remarks about what is cut.

    HexError if they contradict each other.
    """
    checked, remarks = [], []
    if facts.wire is not None:
        if len(data) > facts.wire:
            raise row.line.error(f"the summary says that the frame has {facts.wire} bytes; the rows hold {len(data)}")
        if not linkless and len(data) < facts.wire:
            remarks.append(f"{len(data)} of {facts.wire} bytes are here: cut by the capture, or rows are missing at "
                           "the end")
        elif not linkless:
            checked.append("declared length")
    start = _ip_start(data, linkless)
    if start is None:
        return checked, remarks
    found = _payload_length(data[start:])
    if facts.payload is not None and found is not None:
        if found != facts.payload:
            raise row.line.error(f"the summary says that {facts.payload} bytes are carried; the headers in the rows "
                                 f"say {found}")
        checked.append("summary length")
    total = _total_length(data[start:])
    if not remarks and total > len(data) - start:
        remarks.append(f"the IP packet has {total} bytes and {len(data) - start} are here: cut by the capture, or rows "
                       "are missing at the end")
    return checked, remarks


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at:at + 2], "big")


def _is_ip(data: bytes) -> bool:
    if len(data) >= 20 and data[0] >> 4 == 4 and (data[0] & 15) >= 5:
        size = (data[0] & 15) * 4
        total = sum(_word(data, at) for at in range(0, size, 2))
        return (len(data) >= size and total % 0xFFFF == 0) or 20 <= _word(data, 2) == len(data)
    # IPv6 has no checksum; its length may be less than what is here (padding) or more (cut by the capture).
    return len(data) >= 40 and data[0] >> 4 == 6 and (_word(data, 4) + 40 == len(data) or data[8] in _IPV6_PREFIXES)


def _ip_start(data: bytes, linkless: bool | None) -> int | None:
    """Where an IP header begins, if that is known."""
    if linkless:
        return 0 if data[:1] and data[0] >> 4 in (4, 6) else None
    at = 12
    while _word(data, at) in (0x8100, 0x88A8):
        at += 4
    return at + 2 if linkless is False and _word(data, at) in (0x0800, 0x86DD) else None


def _total_length(ip: bytes) -> int:
    """Bytes of the IP packet by its own header; 0 if that does not say."""
    if len(ip) < 6:
        return 0
    if ip[0] >> 4 == 4:
        return _word(ip, 2)
    return _word(ip, 4) + 40 if _word(ip, 4) else 0


def _payload_length(ip: bytes) -> int | None:
    """Bytes that TCP or UDP carries, by the headers; None where they are not plain or not all here."""
    total = _total_length(ip)
    if not total or not ip:
        return None
    if ip[0] >> 4 == 4:
        header, protocol = (ip[0] & 15) * 4, ip[9] if len(ip) > 9 else 0
        if _word(ip, 6) & 0x1FFF:
            return None
    else:
        header, protocol = 40, ip[6]
    if protocol == _TCP and len(ip) > header + 12:
        return total - header - (ip[header + 12] >> 4) * 4
    if protocol == _UDP and len(ip) >= header + 6:
        return _word(ip, header + 4) - 8
    return None
