"""The laboratory: the TCP machine's hosts with network cards, ARP, IP and a road of real packets.

A `Lab` is the road of a `wire.machine.Network`: it asks a `Road` which faults befall a segment, and makes of every
crossing the frames that carry it, hop by hop. Nothing in here knows how TCP works.

    lab = Lab(seed=1)
    lab.add("client", Card("02:00:00:00:00:01", IPv4Interface("10.0.0.1/24")))
    lab.network.run()
    lab.legs, lab.journal
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..machine import Crossing, Network, Passage, Road, Segment, Settings
from ..machine.host import Host
from ..packet import Draft, Stack
from ..story import Phrase
from . import drafts
from .drafts import Datagram
from .legs import Entry, Leg
from .nodes import BROADCAST_MAC, Card, Node, Switch, group_mac, is_multicast
from .way import Way, spread

if TYPE_CHECKING:
    from .sockets import UdpSocket

NOBODY_MAC = "00:00:00:00:00:00"
REQUEST, REPLY = 1, 2


class Lab:
    """Nodes, the frames between them, and the journal of it all. Times are integer nanoseconds."""

    def __init__(self, seed: int = 0, *, arp: bool = False, switch: bool = False) -> None:
        """An empty place. `arp`: nobody knows a MAC address yet; `switch`: cards are joined by one, not by a cable."""
        self.road = Road(seed)
        self.network = Network(seed, self)
        self.random = random.Random(seed)
        self.nodes: dict[str, Node] = {}
        self.switch = Switch("switch") if switch else None
        self.arp = arp
        self.legs: list[Leg] = []
        self.journal: list[Entry] = []
        self.icmp: list[Callable[[str, Datagram, int, int, int], None]] = []
        self.sockets: dict[tuple[str, int], UdpSocket] = {}
        self._sent: dict[str, int] = {}

    def add(self, node: Node) -> Node:
        """Put a node on the road."""
        self.nodes[node.name] = node
        return node

    def host(self, node: Node, settings: Settings) -> Host:
        """A host that speaks TCP."""
        self.add(node)
        return self.network.host(node.name, node.card.ip, settings)

    # The journal

    def write(self, kind: str, who: str, text: str = "", leg: Leg | None = None, after: int | None = None) -> None:
        """Note what happens now; `after`: right behind that entry of the machine's log."""
        count = len(self.journal)
        place = (len(self.network.log), 0, count) if after is None else (after, 2, count)
        self.journal.append(Entry(place, self.network.now, kind, who, text, leg))

    def later(self, time: int, action: Callable[[], None]) -> None:
        """Do it when the time comes."""
        if time <= self.network.now:
            action()
        else:
            self.network.at(time, action)

    # The machine's segments

    def carry(self, crossing: Crossing) -> list[Passage]:
        """What becomes of a segment: the road's faults, on the way that the nodes make (wire.machine.Carrier)."""
        origin = self.nodes[crossing.sender]
        datagram = self.datagram(origin, crossing.target, drafts.tcp(crossing.segment), crossing.segment.ecn)
        made = []
        for index, passage in enumerate(self.fates(crossing)):
            leg = Leg("tcp", origin.name, "", [], datagram, crossing=crossing, copy=index > 0)
            if passage.mark and datagram.ecn:
                leg.facts["marked"] = True
            came = Way(self, leg, origin, passage.after, passage.fate).go()
            lost = Passage(None, "lost")
            made.append(lost if came is None else replace(passage, after=came - self.network.now))
        return made

    def fates(self, crossing: Crossing) -> list[Passage]:
        """What the road does to a packet; it loses everything to and from an unplugged end."""
        passages = self.road.carry(crossing)
        off = {node.card.ip for node in self.nodes.values() if node.unplugged}
        return [Passage(None, "lost")] if {crossing.source, crossing.target} & off else passages

    def datagram(self, origin: Node, target: str, inner: Draft | Stack, ecn: int = 0) -> Datagram:
        """A new packet of this node."""
        card = self.card_towards(origin, target)
        stack = inner if isinstance(inner, Stack) else Stack((inner,))
        return Datagram(card.ip, target, origin.identification(), origin.ttl, origin.df, stack, ecn)

    def card_towards(self, origin: Node, target: str) -> Card:
        """The card by which a packet to `target` leaves."""
        return origin.card_for(target) or origin.card_for(origin.gateway or origin.card.ip) or origin.card

    # Packets of everybody else

    def send(self, what: str, origin: Node, target: str, inner: Draft | Stack, facts: dict[str, object],
             arrives: Callable[[str, Datagram], None]) -> None:  # fmt: skip
        """A packet that is no segment: the same road, the same faults; `arrives(node, packet)` once for each receiver.

        The road asks for a segment; it only counts its bytes, so a stand-in of that size does.
        """
        datagram = self.datagram(origin, target, inner)
        size = max(0, len(bytes(datagram.stack())) - 40)
        number = self._sent[origin.name] = self._sent.get(origin.name, 0) + 1
        standin = Crossing(0, number, origin.name, datagram.source, target, Segment(data=bytes(size)), None,
                           self.network.now, None)  # fmt: skip
        for index, passage in enumerate(self.fates(standin)):
            leg = Leg(what, origin.name, "", [], datagram, copy=index > 0, facts=dict(facts))
            Way(self, leg, origin, passage.after, passage.fate, arrives).go()

    # Who has which MAC address (RFC 826)

    def resolve(self, asker: Node, card: Card, target: str, now: int, delay: int) -> tuple[str, int] | None:
        """The MAC address of `target` on the card's network, and when it is known; None if nobody has it.

        If it must be asked for, the two ARP packets of that go on the road.
        """
        if is_multicast(target):
            return group_mac(target), now
        if self.is_group(card, target):
            return BROADCAST_MAC, now
        owner = next((node for node in self.nodes.values() if any(one.ip == target for one in node.cards)), None)
        if owner is None:
            if self.arp:
                self.ask(asker, card, target, now)
            return None
        mac = next(one.mac for one in owner.cards if one.ip == target)
        if not self.arp:
            return mac, now
        if target not in asker.arp:
            self.ask(asker, card, target, now)
            came = now + delay
            owner.arp[card.ip] = (card.mac, came)  # who is asked learns the asker's address, too (RFC 826)
            self.answer(owner, mac, target, card, came)
            asker.arp[target] = (mac, came + delay)
        mac, known = asker.arp[target]
        return mac, max(now, known)

    def ask(self, asker: Node, card: Card, target: str, now: int) -> None:
        """An ARP request to everybody."""
        facts: dict[str, object] = {
            "text": Phrase("who has {about}?", about=target),
            "about": target,
            "code": "ARP_REQUEST",
        }
        packet = drafts.arp(REQUEST, card.mac, card.ip, NOBODY_MAC, target)
        self.shout(asker, card, packet, facts, now)

    def announce(self, node: Node) -> None:
        """Gratuitous ARP: tell everybody whose address this is, unasked (RFC 5227 3)."""
        card = node.card
        facts: dict[str, object] = {
            "text": Phrase("{about} is mine", about=card.ip),
            "about": card.ip,
            "mac": card.mac,
            "code": "ARP_ANNOUNCE",
        }
        self.shout(node, card, drafts.arp(REQUEST, card.mac, card.ip, NOBODY_MAC, card.ip), facts, self.network.now)

    def shout(self, node: Node, card: Card, packet: Draft, facts: dict[str, object], now: int) -> None:
        """An ARP packet to everybody on the network of that card."""
        self.frame("arp", node, card, BROADCAST_MAC, packet, facts, now)

    def answer(self, owner: Node, mac: str, ip: str, asker: Card, now: int) -> None:
        """An ARP reply, to the asker alone."""
        facts: dict[str, object] = {
            "text": Phrase("{about} is at {mac}", about=ip, mac=mac),
            "about": ip,
            "mac": mac,
            "code": "ARP_REPLY",
        }
        card = next(card for card in owner.cards if card.mac == mac)
        self.frame("arp", owner, card, asker.mac, drafts.arp(REPLY, mac, ip, asker.mac, asker.ip), facts, now)

    def frame(self, what: str, node: Node, card: Card, target_mac: str, inner: Draft | Stack,
              facts: dict[str, object], now: int) -> None:  # fmt: skip
        """A frame that is no IP packet: it stays on its network and nothing befalls it."""
        stack = drafts.frame(card.mac, target_mac, inner)
        delay = self.road.lane(node.name).delay
        leg = Leg(what, node.name, "", [], None, facts=facts)
        for one in spread(self, leg, node, card, target_mac, stack, now, delay):
            self.lay(one)

    def lay(self, leg: Leg, log_arrival: bool = True) -> None:
        """Put a leg into the journal, when its time comes."""
        self.legs.append(leg)
        self.later(leg.left, lambda: self.write("left", leg.sender, leg=leg))
        came = leg.came
        if came is not None and log_arrival:
            self.later(came, lambda: self.came(leg))

    def came(self, leg: Leg) -> None:
        """Write down an arrival, and what the receiver makes of it."""
        self.write("came", leg.receiver, leg=leg)
        if leg.note:
            self.write("event", leg.receiver, leg.note)

    def is_group(self, card: Card, target: str) -> bool:
        """Whether an address is for everybody, or for a group, on the card's network."""
        return is_multicast(target) or target in ("255.255.255.255", str(card.network.broadcast_address))

    def error(self, host: str, about: Datagram, kind: int, code: int, mtu: int) -> None:
        """An ICMP error about one of its packets reached a host."""
        for listener in self.icmp:
            listener(host, about, kind, code, mtu)
