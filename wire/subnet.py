"""Networks and hosts: what an address and its prefix say, and to whom a host hands a packet.

The arithmetic is `ipaddress`'s; this adds what a prefix of 31 or 32 bits means, the old classes, and
the decision that every sender takes: straight to the other host, or to the gateway.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_interface,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CLASSES = ((1, 0b0, "A"), (2, 0b10, "B"), (3, 0b110, "C"), (4, 0b1110, "D"), (4, 0b1111, "E"))  # RFC 791, RFC 1112 4
CLASS_PREFIX = {"A": 8, "B": 16, "C": 24}


@dataclass(frozen=True)
class Subnet:
    """An address with its prefix, and the network that they make."""

    interface: IPv4Interface | IPv6Interface

    @property
    def address(self) -> Address:
        return self.interface.ip

    @property
    def network(self) -> Network:
        return self.interface.network

    @property
    def netmask(self) -> Address:
        return self.network.netmask

    @property
    def prefix(self) -> int:
        """How many bits name the network."""
        return self.network.prefixlen

    @property
    def bits(self) -> int:
        """How many bits an address has: 32 or 128."""
        return self.network.max_prefixlen

    @property
    def broadcast(self) -> Address | None:
        """The address of all hosts at once; None where there is none (IPv6; IPv4 from /31 on, RFC 3021)."""
        return self.network.broadcast_address if self.address.version == 4 and self.bits - self.prefix > 1 else None

    @property
    def reserved(self) -> bool:
        """Whether the first address names the network itself and not a host (RFC 1122 3.2.1.3, RFC 4291 2.6.1)."""
        return self.bits - self.prefix > 1

    @property
    def first(self) -> Address:
        """The first address that a host can have."""
        return self.network[1] if self.reserved else self.network[0]

    @property
    def last(self) -> Address:
        """The last address that a host can have."""
        return self.network[-2] if self.broadcast else self.network[-1]

    @property
    def hosts(self) -> int:
        """How many hosts can have an address in it."""
        return int(self.last) - int(self.first) + 1

    @property
    def old_class(self) -> str:
        """The class of an IPv4 address, "A" to "E", as networks had them before prefixes (RFC 4632 2); "" for IPv6."""
        if self.address.version == 6:
            return ""
        number = int(self.address)
        return next(name for bits, start, name in CLASSES if number >> 32 - bits == start)

    def __contains__(self, other: Address) -> bool:
        return other.version == self.address.version and other in self.network

    def hop_to(self, other: Address) -> str:
        """What a sender here does with a packet for `other`, by the first that holds:

        "itself"     it is the sender's own address, or loopback: nothing is sent
        "nobody"     the network's own address: no host has it (RFC 1122 3.2.1.3)
        "broadcast"  all hosts of the network
        "multicast"  a group: its MAC address follows from its number
        "direct"     the other host is in the network: it is asked for its MAC address
        "gateway"    it is not: the gateway is asked for its MAC address (RFC 1122 3.3.1.1)
        """
        if other == self.address or other.is_loopback:
            return "itself"
        if self.broadcast and other == self.network[0]:
            return "nobody"
        if other == self.broadcast or other == IPv4Address(0xFFFFFFFF):
            return "broadcast"
        if other.is_multicast:
            return "multicast"
        return "direct" if other in self or (other.version == 6 and other.is_link_local) else "gateway"


def parse_subnet(text: str) -> Subnet:
    """`172.16.10.1/24`, `172.16.10.1/255.255.255.0` or `2001:db8::1/64`.  ValueError says what is missing or wrong."""
    address, slash, prefix = text.strip().partition("/")
    ip = parse_address(address)
    if not slash or not prefix:
        like = f"{ip}/64" if ip.version == 6 else f"{ip}/24 or {ip}/255.255.255.0"
        raise ValueError(f"{text.strip()} does not say how many bits name the network: write {like}")
    return Subnet(ip_interface(f"{ip}/{parse_prefix(prefix, ip)}"))


def parse_address(text: str) -> Address:
    """An IPv4 or IPv6 address.  ValueError names the part that is wrong."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no address: {why_not(text)}") from None
    if isinstance(found, IPv6Address) and found.scope_id:
        raise ValueError(f"{text}: leave the interface away: {text.split('%')[0]}")
    return found


def why_not(text: str) -> str:
    """What is wrong with an address."""
    if ":" in text:
        return "IPv6 has eight groups of up to four hex digits with colons between; :: stands for groups of zeros, once"
    parts = text.split(".")
    if len(parts) != 4:
        return f"IPv4 has four numbers with dots between, here {'is' if len(parts) == 1 else 'are'} {len(parts)}"
    for part in parts:
        if not (part.isascii() and part.isdigit()):
            return f"{part!r} is no number"
        if int(part) > 255:
            return f"{part} does not fit into a byte: 0 to 255"
        if len(part) > 1 and part[0] == "0":
            return f"{part} begins with 0, which some read as octal: write {int(part)}"
    return "it cannot be read"


def parse_prefix(text: str, ip: Address) -> int:
    """A number of bits, or IPv4's netmask.  ValueError where it is neither."""
    if "." in text and ip.version == 4:
        mask = parse_address(text)
        ones = f"{int(mask):032b}".rstrip("0")
        if "0" in ones:
            raise ValueError(f"{text} is no netmask: in binary all ones stand before all zeros, here {int(mask):032b}")
        return len(ones)
    most = ip.max_prefixlen
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        like = ", or a netmask like 255.255.255.0" if ip.version == 4 else ""
        raise ValueError(f"/{text} is no prefix: for IPv{ip.version} it is a number of bits from 0 to {most}{like}")
    return int(text)
