"""What sets tcpdump's (and FortiGate's) dumps apart: whether the link layer is in them, and the lengths in the summary.

`tcpdump -x` leaves the link layer out and `-xx` keeps it; the rows look the same, so the bytes have to tell.
"""


from .facts import Facts
from .patterns import regex
from .rows import Row

# EtherTypes that follow an Ethernet header in practice: IPv4, ARP, IPv6, VLAN tags, PPPoE, MPLS, EAPOL, LLDP …
_ETHERTYPES = {0x0800, 0x0806, 0x8035, 0x8100, 0x86DD, 0x8847, 0x8848, 0x8863, 0x8864, 0x888E, 0x88A8, 0x88CC, 0x9000}
_ARP = bytes.fromhex("0001 0800 0604")
_TCP, _UDP = 6, 17
# Of Ethernet, with and without VLAN tags, Linux cooked capture v1 and v2, and BSD loopback.
_LINK_SIZES = (14, 18, 22, 16, 20, 4)
_NETWORK = regex(r"(?:^|\s)(IP6?|ARP,|MPLS|PPPoE)\s")
_FIRST_DIGIT = {"IP": 4, "IP6": 6, "PPPoE": 1}


def is_linkless(data: bytes, facts: Facts) -> bool | None:
    """Whether the bytes begin behind the link layer; None where that cannot be told."""
    if _is_ip(data) or data.startswith(_ARP):
        return True
    if facts.wire == len(data) or _has_link(data):
        return False
    if facts.wire is not None and facts.wire - len(data) in _LINK_SIZES:
        return True
    named = _NETWORK.search(facts.summary)
    return True if named and data[:1] and _FIRST_DIGIT.get(named[1]) in (None, data[0] >> 4) else None


def check_lengths(data: bytes, linkless: bool | None, facts: Facts, row: Row) -> tuple[list[str], list[str]]:
    """Compare the lengths in the summary with the bytes: what was checked, and remarks about what is cut.

    HexError if they contradict each other.
    """
    checked, remarks = [], []
    if facts.wire is not None:
        if len(data) > facts.wire:
            raise row.line.error(f"the summary says that the frame has {facts.wire} bytes; the rows hold {len(data)}")
        if facts.wire - len(data) in (_LINK_SIZES if linkless else (0,)):
            checked.append("declared length")
        else:
            remarks.append(f"{len(data)} of {facts.wire} bytes are here: cut by the capture, or rows are missing at "
                           "the end")
    start = _ip_start(data, linkless, facts)
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
    """Whether an IPv4 header with a right checksum, or an IPv6 header with a right length, stands first."""
    if len(data) >= 20 and data[0] >> 4 == 4 and (data[0] & 15) >= 5:
        size = (data[0] & 15) * 4
        return len(data) >= size and sum(_word(data, at) for at in range(0, size, 2)) % 0xFFFF == 0
    return len(data) >= 40 and data[0] >> 4 == 6 and _word(data, 4) + 40 == len(data)


def _has_link(data: bytes) -> bool:
    """Whether the bytes begin with Ethernet or one of Linux's cooked headers: a known EtherType has its place there."""
    return any(len(data) >= at + 2 and _word(data, at) in _ETHERTYPES for at in (12, 14, 0))


def _ip_start(data: bytes, linkless: bool | None, facts: Facts) -> int | None:
    """Where an IP header begins, if that is known."""
    if linkless:
        named = _NETWORK.search(facts.summary)
        return 0 if _is_ip(data) or (named and named[1] in ("IP", "IP6")) else None
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
