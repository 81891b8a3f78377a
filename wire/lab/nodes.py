"""Who stands on the road: hosts with one network card each, a switch, a router between networks.

Who is on the same network comes from the netmask; everything else goes to the gateway.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"


@dataclass(slots=True)
class Card:
    """A network card: its MAC, and its IP address with the mask of its network."""

    mac: str
    interface: IPv4Interface
    mtu: int = 1500

    @property
    def ip(self) -> str:
        """The address alone."""
        return str(self.interface.ip)

    @property
    def network(self) -> IPv4Network:
        """The network that the mask says."""
        return self.interface.network


@dataclass(slots=True)
class Node:
    """A host or a router.

    cards    a host has one, a router one in every network
    gateway  where packets for other networks go, "" for nowhere
    arp      who has which MAC, and since when (nanoseconds) that is known here
    next_id  the IP identification of the next packet
    lost_fragments  which fragments do not arrive if the road loses a packet of this node in fragments; none: all
    """

    name: str
    cards: list[Card]
    gateway: str = ""
    ttl: int = 64
    df: bool = True
    router: bool = False
    arp: dict[str, tuple[str, int]] = field(default_factory=dict)
    next_id: int = 1
    groups: set[str] = field(default_factory=set)
    unplugged: bool = False
    lost_fragments: frozenset[int] = frozenset()

    @property
    def card(self) -> Card:
        """A host's only card, a router's first."""
        return self.cards[0]

    def identification(self) -> int:
        """The IP identification of a new packet; 16 bits."""
        self.next_id += 1
        return (self.next_id - 1) & 0xFFFF

    def card_for(self, address: str) -> Card | None:
        """The card whose network has this address."""
        return next((card for card in self.cards if IPv4Address(address) in card.network), None)

    def hears(self, address: str) -> bool:
        """Whether a packet to this address is for this node."""
        if address in self.groups or address == "255.255.255.255":
            return True
        return any(address in (card.ip, str(card.network.broadcast_address)) for card in self.cards)


@dataclass(slots=True)
class Switch:
    """A switch: it learns which MAC is behind which port from the senders' addresses, and floods what it does not know.

    A port has the name of the node that is plugged in.
    """

    name: str
    table: dict[str, str] = field(default_factory=dict)

    def learn(self, mac: str, port: str) -> bool:
        """Note who sent from where; True if that is news."""
        news = self.table.get(mac) != port
        self.table[mac] = port
        return news

    def ports(self, mac: str, came_from: str, all_ports: list[str]) -> list[str]:
        """Where a frame to `mac` goes: to the port behind which it is, or, unknown or to a group, everywhere else."""
        known = self.table.get(mac)
        if known is not None and not is_group(mac):
            return [known] if known != came_from else []
        return [port for port in all_ports if port != came_from]


def is_group(mac: str) -> bool:
    """Broadcast or multicast: the first byte's lowest bit (IEEE 802.3 3.2.3)."""
    return bool(int(mac[:2], 16) & 1)


def group_mac(address: str) -> str:
    """The MAC address that an IPv4 multicast group is sent to: its low 23 bits (RFC 1112 6.4)."""
    low = int(IPv4Address(address)) & 0x7FFFFF
    return ":".join(f"{byte:02x}" for byte in (0x01005E << 24 | low).to_bytes(6, "big"))


def is_multicast(address: str) -> bool:
    """224.0.0.0/4 (RFC 1112 4)."""
    return IPv4Address(address).is_multicast
