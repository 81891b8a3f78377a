"""A packet's way: link by link, through a switch, through a router, in fragments where it must.

The road said what befalls the packet and how long the whole way takes; the links share that time evenly. The way is
worked out when the packet leaves, with the times at which things will happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..story import Phrase
from . import drafts
from .drafts import Datagram
from .legs import Hop, Leg
from .nodes import Card, Node, is_group

if TYPE_CHECKING:
    from ..packet import Stack
    from .lab import Lab

UNREACHABLE, TIME_EXCEEDED = 3, 11
NEEDS_FRAGMENTATION, IN_TRANSIT = 4, 0


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the way: `node` sends by `card` to whoever has the address `target` on that card's network."""

    node: Node
    card: Card
    target: str


class Way:
    """One packet under way; `go` makes its legs and puts them into the lab's journal."""

    def __init__(self, lab: Lab, leg: Leg, origin: Node, after: int | None, fate: str,
                 arrives: Callable[[str, Datagram], None] | None = None, start: int | None = None) -> None:  # fmt: skip
        """`after`: nanoseconds for the whole way, None if the road loses the packet; `arrives` is called for each
        receiver when the packet is complete there (segments arrive through the machine)."""
        assert leg.datagram
        self.lab, self.leg, self.origin, self.fate, self.arrives = lab, leg, origin, fate, arrives
        self.start = lab.network.now if start is None else start
        self.links = links(lab, origin, leg.datagram.target)
        whole = lab.road.lane(origin.name).delay if after is None else after
        self.share = whole // max(1, len(self.links))
        self.spare = whole - self.share * len(self.links)  # nanoseconds that do not divide
        self.legs: list[tuple[Leg, Datagram]] = [(leg, leg.datagram)]

    def go(self) -> int | None:
        """The time at which the packet, or its last fragment, arrives; None if it never does."""
        time = self.start
        if not self.links:
            self.leg.fate = "no route"
        for index, link in enumerate(self.links):
            if index and not self.passed_on(link, time):
                return None
            if not self.fits(link, time):
                return None
            last = index == len(self.links) - 1
            delay = self.share + (self.spare if last else 0)
            found = self.lab.resolve(link.node, link.card, link.target, time, delay)
            if found is None:
                self.leg.fate = "no such host"
                return None
            mac, time = found
            if not self.travel(link, mac, time, delay, last):
                return None
            time += delay
        return time if self.links else None

    def passed_on(self, link: Link, time: int) -> bool:
        """The router takes one from the TTL; if nothing is left it drops the packet and says so (RFC 792)."""
        if self.legs[0][1].ttl > 1:
            self.legs = [(leg, datagram.hop()) for leg, datagram in self.legs]
            return True
        self.refuse(link, time, TIME_EXCEEDED, IN_TRANSIT, 0, "TTL 0")
        return False

    def fits(self, link: Link, time: int) -> bool:
        """Fragments where a packet is too big and may be cut; where it may not, that is told to its sender."""
        mtu = link.card.mtu
        if all(len(datagram) <= mtu for _, datagram in self.legs):
            return True
        if self.legs[0][1].df:
            self.refuse(link, time, UNREACHABLE, NEEDS_FRAGMENTATION, mtu, "too big")
            return False
        if self.leg.hops:
            self.lab.lay(self.end(self.leg, link.node.name))
        pieces = [(leg, piece) for leg, datagram in self.legs for piece in datagram.fragments(mtu)]
        self.legs = [
            (
                replace(leg, what="fragment", sender=link.node.name, hops=[], datagram=piece, facts=dict(leg.facts)),
                piece,
            )
            for leg, piece in pieces
        ]
        return True

    def end(self, leg: Leg, receiver: str) -> Leg:
        """A leg that is complete."""
        leg.receiver = receiver
        return leg

    def refuse(self, link: Link, time: int, kind: int, code: int, mtu: int, fate: str) -> None:
        """The packet ends here, and its sender is told by ICMP (at its own card it knows without)."""
        for leg, _ in self.legs:
            leg.fate = fate
            if leg.hops:
                self.lab.lay(self.end(leg, link.node.name))
        about = self.legs[0][1]
        if link.node is self.origin:
            self.lab.later(time, lambda: self.lab.error(self.origin.name, about, kind, code, mtu))
            return
        complain(self.lab, link.node, about, kind, code, mtu, time, time - self.start)

    def loses(self, index: int, last: bool) -> bool:
        """Whether the road loses this piece here: on the last network of its way (an end without a cable on its own);
        of a packet in fragments those that the sender's `fragment` names, or all."""
        if self.fate != "lost" or not (last or self.origin.unplugged):
            return False
        chosen = self.origin.lost_fragments
        return len(self.legs) == 1 or not chosen or index + 1 in chosen

    def travel(self, link: Link, mac: str, time: int, delay: int, last: bool) -> bool:
        """Over one link; False if the road loses it there, or a part of it."""
        alive = True
        for index, (leg, datagram) in enumerate(self.legs):
            marked = replace(datagram, ecn=3) if leg.facts.get("marked") and last else datagram
            stack = drafts.frame(link.card.mac, mac, marked.stack())
            final = last and index == len(self.legs) - 1
            if self.loses(index, last):
                leg.hops.append(Hop(link.node.name, "", stack, time, None))
                leg.fate = "lost"
                self.lab.lay(self.end(leg, receiver_name(self.lab, datagram.target)))
                alive = False
                continue
            made = spread(self.lab, leg, link.node, link.card, mac, stack, time, delay)
            if last:
                self.arrive(made, datagram, final and alive)
            elif self.lab.switch:
                for one in made[:-1]:
                    self.lab.lay(one)
                self.legs[index] = (made[-1], datagram)
        return alive

    def arrive(self, made: list[Leg], datagram: Datagram, final: bool) -> None:
        """The last link is behind it: who gets the packet."""
        if self.fate == "corrupted":
            hop = made[-1].hops[-1]
            hop.damage = self.lab.random.randrange(38, len(bytes(hop.stack)))
            made[-1].fate = "corrupted"
        for leg in made:
            mine = self.is_for(leg, datagram)
            self.lab.lay(leg, log_arrival=not (mine and final and leg.crossing))
            if mine and final and self.arrives and leg.came is not None and leg.fate == "arrived":
                self.deliver(leg.receiver, datagram, leg.came)

    def is_for(self, leg: Leg, datagram: Datagram) -> bool:
        """Whether the receiver of this leg takes the packet, and does not only hear it."""
        node = self.lab.nodes.get(leg.receiver)
        return node is not None and not node.unplugged and node.hears(datagram.target)

    def deliver(self, receiver: str, datagram: Datagram, came: int) -> None:
        """Hand the packet over when it comes."""
        arrives, whole = self.arrives, self.leg.datagram
        assert arrives and whole
        whole = replace(whole, ttl=datagram.ttl)
        self.lab.later(came, lambda: arrives(receiver, whole))


def noted(mac: str, port: str, ports: list[str]) -> Phrase:
    """What a switch does with a frame: it learns `mac` if that is given, and sends it on to `ports`."""
    if not ports:
        done = Phrase("forwards to nobody")
    else:
        done = Phrase("floods to {ports}" if len(ports) > 1 else "forwards to {ports}", ports=", ".join(ports))
    return Phrase("learns: {mac} is at {port}; {done}", mac=mac, port=port, done=done) if mac else done


def complain(lab: Lab, node: Node, about: Datagram, kind: int, code: int, mtu: int, time: int, delay: int) -> None:
    """`node` sends an ICMP error about a packet back to its sender (RFC 792, RFC 1191)."""
    source = next((card.ip for card in node.cards if card.network == network_of(node, about.source)), node.card.ip)
    inner = drafts.icmp_error(kind, code, about, mtu)
    datagram = Datagram(source, about.source, node.identification(), node.ttl, False, inner)
    facts: dict[str, object] = {"kind": kind, "code": code, "mtu": mtu, "about": about.target}
    leg = Leg("icmp", node.name, "", [], datagram, facts=facts)

    def arrives(receiver: str, _: Datagram) -> None:
        lab.error(receiver, about, kind, code, mtu)

    Way(lab, leg, node, delay, "arrived", arrives, time).go()


def network_of(node: Node, address: str) -> object:
    """The network by which a node reaches an address."""
    card = node.card_for(address) or (node.card_for(node.gateway) if node.gateway else None)
    return card.network if card else None


def links(lab: Lab, origin: Node, target: str) -> list[Link]:
    """The links from a node to an address: one on its own network, two through the router, none if there is no way."""
    card = lab.card_towards(origin, target)
    group = lab.is_group(card, target)
    if group or card is origin.card_for(target):
        return [Link(origin, card, target)]
    router = next((node for node in lab.nodes.values() if node.router and origin.gateway in
                   [one.ip for one in node.cards]), None)  # fmt: skip
    beyond = router.card_for(target) if router else None
    if router is None or beyond is None:
        return []
    return [Link(origin, card, origin.gateway), Link(router, beyond, target)]


def receiver_name(lab: Lab, address: str) -> str:
    """Whose address it is."""
    return next((node.name for node in lab.nodes.values() if node.hears(address)), "")


def spread(lab: Lab, leg: Leg, node: Node, card: Card, mac: str, stack: Stack, time: int, delay: int) -> list[Leg]:
    """A frame over one network: `leg` with its hop, and one more leg for everybody else who gets it.

    On a cable everybody hears a group's frames; others only their receiver takes. A switch takes every frame, learns
    and sends it on (it looks at its table when the frame is sent: nothing overtakes on the way to it).
    """
    others = {one.name: one for one in lab.nodes.values() if one is not node and
              any(each.network == card.network for each in one.cards)}  # fmt: skip
    if lab.switch is None:
        names = [name for name, one in others.items() if is_group(mac) or mac in [each.mac for each in one.cards]]
        made = [replace(leg, hops=list(leg.hops), also=index > 0) for index in range(1, len(names))]
        for one, name in zip([leg, *made], names, strict=False):
            one.hops.append(Hop(node.name, name, stack, time, time + delay))
            one.receiver = name
        return [leg, *made]
    switch, half = lab.switch, delay // 2
    leg.hops.append(Hop(node.name, switch.name, stack, time, time + half))
    leg.receiver = switch.name
    news = switch.learn(card.mac, node.name)
    ports = switch.ports(mac, node.name, list(others))
    leg.note = noted(card.mac if news else "", node.name, ports)
    made = [
        replace(leg, sender=switch.name, receiver=name, also=True, note="",
                hops=[Hop(switch.name, name, stack, time + half, time + delay)])
        for name in ports
    ]  # fmt: skip
    return [leg, *made]
