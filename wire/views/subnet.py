"""An address, its netmask and their AND, bit by bit; the ends of the network; and whom ARP asks for."""

from __future__ import annotations

from collections.abc import Iterator

from ..subnet import CLASS_PREFIX, Address, Subnet, parse_address, parse_subnet
from ..types import IPv4Address, IPv6Address
from .lines import Line, pad, wrap
from .sums import prose

LEFT = 10  # cells of the names at the left
ROW = 32  # bits to a row


def subnet(address: str, other: str | None = None, columns: int = 80) -> list[Line]:
    """Everything that an address and its prefix say, in lines of at most `columns` cells.

    address  `172.16.10.1/24`, or with a netmask behind the slash
    other    another host: is it on the same network?  With a prefix of its own, it is asked too

    ValueError says what cannot be understood.
    """
    mine = parse_subnet(address)
    lines = [[(f"{mine.address}/{mine.prefix}", "title"), (f"     {about(mine)}", "dim")], []]
    lines += [*conjunction(mine.address, mine, "the network"), []]
    for name, text, source in facts(mine):
        first, *more = prose(text, source, columns - LEFT)
        lines += [[(pad(name, LEFT), "strong"), *first], *([(" " * LEFT, ""), *line] for line in more)]
    if other is not None:
        theirs = parse_subnet(other) if "/" in other else None
        host = theirs.address if theirs else parse_address(other)
        lines += seen(mine, host, columns)
        if theirs and theirs.network != mine.network:
            lines += seen(theirs, mine.address, columns)
    return lines


def seen(mine: Subnet, host: Address, columns: int) -> Iterator[Line]:
    """Another host, as this one sees it: by its own netmask."""
    if host.version != mine.address.version:
        versions = f"{host} is IPv{host.version}, {mine.address} is IPv{mine.address.version}"
        raise ValueError(f"{versions}: they share no network")
    yield []
    yield from ([(text, "title")] for text in wrap(f"Is {host} in the network of {mine.address}?", columns))
    yield []
    yield from conjunction(host, mine, "the same network" if host in mine else "another network")
    yield []
    text, source = HOPS[mine.hop_to(host)](mine, host)
    yield from prose(text, source, columns)


def conjunction(address: Address, mine: Subnet, result: str) -> Iterator[Line]:
    """Address, netmask and their AND in binary; `│` where the network's bits end."""
    both = type(address)(int(address) & int(mine.netmask))
    for name, one, remark in (("address", address, ""), ("netmask", mine.netmask, ""), ("AND", both, result)):
        for first in range(0, mine.bits, ROW):
            text = str(one) if mine.bits == ROW else one.exploded[first // 4 + first // 16 :][:9]
            said = f"  {remark}" if first + ROW == mine.bits else ""
            yield [(pad(name if first == 0 else "", LEFT), "strong"), (pad(text, 15 if mine.bits == ROW else 10), ""),
                   (binary(int(one), mine, first), ""), (said.rstrip(), "strong")]  # fmt: skip


def binary(number: int, mine: Subnet, first: int) -> str:
    """32 bits of an address from bit `first` on."""
    drawn = "" if mine.prefix == first else " "
    for bit in range(first, first + ROW):
        drawn += "│" if bit == mine.prefix else "." if bit > first and bit % 8 == 0 else ""
        drawn += str(number >> mine.bits - 1 - bit & 1)
    return drawn


def about(mine: Subnet) -> str:
    """What the address is for."""
    shown = IPv4Address if mine.bits == ROW else IPv6Address
    return shown.format.about(mine.address.packed)


def facts(mine: Subnet) -> Iterator[tuple[str, str, str]]:
    """(name, text, source) of what follows from the AND."""
    host_bits = mine.bits - mine.prefix
    yield "network", f"{mine.network}: {bits(mine.prefix)} for the network, {bits(host_bits)} for the host", ""
    if mine.prefix == 0:
        yield "", "It holds every address: as a route, it is the default route.", ""
    if host_bits == 0:
        yield "hosts", f"{mine.address} alone", ""
    elif host_bits == 1:
        text = f"{mine.first} and {mine.last}: a link between two, without a broadcast address"
        yield "hosts", text, "RFC 3021" if mine.bits == ROW else "RFC 6164"
    else:
        yield "hosts", f"{mine.first} to {mine.last}: {mine.hosts:,} hosts", ""
    if mine.broadcast:
        yield "broadcast", f"{mine.broadcast}: every bit of the host is 1", ""
    elif mine.bits != ROW:
        yield "broadcast", "none: IPv6 has groups in its place", "RFC 4291 2"
    if mine.old_class:
        size = CLASS_PREFIX.get(mine.old_class)
        rest = "groups" if mine.old_class == "D" else "kept for experiments"
        had = f"/{size} before there were prefixes" if size else rest
        yield "class", f"{mine.old_class}: {had}; classes are history", "RFC 4632 2"
    if mine.address == mine.broadcast or (mine.reserved and mine.address == mine.network[0]):
        what = "all hosts of it" if mine.address == mine.broadcast else "the network itself"
        source = "RFC 1122 3.2.1.3" if mine.bits == ROW else "RFC 4291 2.6.1"
        owner = "no host may have it" if mine.bits == ROW else "any router of it answers"
        yield "note", f"{mine.address} names {what}: {owner}", source


def bits(count: int) -> str:
    return f"{count} bit{'' if count == 1 else 's'}"


# -- who gets the frame ---------------------------------------------------------------


def itself(mine: Subnet, host: Address) -> tuple[str, str]:
    if host == mine.address:
        return f"{host} is its own address: nothing leaves the host, and nobody is asked.", ""
    return f"{host} is a loopback address: nothing leaves the host, and nobody is asked.", "RFC 1122 3.2.1.3"


def nobody(mine: Subnet, host: Address) -> tuple[str, str]:
    return f"{host} names the network itself: no host has it, so nobody would answer ARP.", "RFC 1122 3.2.1.3"


def broadcast(mine: Subnet, host: Address) -> tuple[str, str]:
    text = f"{host} means every host of {mine.network}: the frame goes to ff:ff:ff:ff:ff:ff, and ARP asks for nobody."
    return text, "RFC 919 7"


def multicast(mine: Subnet, host: Address) -> tuple[str, str]:
    """A group's MAC address holds the last 23 bits of an IPv4 address, or the last 32 of an IPv6 one."""
    if host.version == 4:
        mac, source = 0x01005E000000 | int(host) & 0x7FFFFF, "RFC 1112 6.4"
    else:
        mac, source = 0x333300000000 | int(host) & 0xFFFFFFFF, "RFC 2464 7"
    shown = mac.to_bytes(6, "big").hex(":")
    return f"{host} is a group: the frame goes to {shown}, made from its last bits, and nobody is asked.", source


def direct(mine: Subnet, host: Address) -> tuple[str, str]:
    start = f"Both are in {mine.network}" if host in mine else f"{host} is on the link"
    start += f", so {mine.address} sends to {host} itself. "
    if host.version == 4:
        asked = f"ARP asks: Who has {host}? Tell {mine.address}. "
        return start + asked + "The frame goes to the MAC address in the reply.", "RFC 826"
    group = parse_address(f"ff02::1:ff{int(host) >> 16 & 0xFF:02x}:{int(host) & 0xFFFF:x}")
    start += f"There is no ARP: a neighbor solicitation for {host} goes to the group {group}, "
    return start + "and the frame to the MAC address in the answer.", "RFC 4861 7.2"


def gateway(mine: Subnet, host: Address) -> tuple[str, str]:
    asked = "ARP asks" if host.version == 4 else "Neighbor discovery asks"
    source = "RFC 1122 3.3.1.1" if host.version == 4 else "RFC 4861 5.2"
    text = f"{host} is not in {mine.network}, so {mine.address} sends to its gateway, a router in {mine.network}. "
    text += f"{asked} for the gateway's MAC address, not for {host}'s; the packet in the frame is still for {host}."
    return text, source


HOPS = {"itself": itself, "nobody": nobody, "broadcast": broadcast, "multicast": multicast, "direct": direct,
        "gateway": gateway}  # fmt: skip
