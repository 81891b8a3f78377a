"""From a scenario's name and keys to its story: sets the laboratory up, lets the applications run, has it told."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from ..machine import Lane, settings
from ..machine.host import Host
from ..machine.profiles import PROFILES
from ..story import Story
from .actor import Actor
from .drafts import Datagram
from .keys import KEYS, KeyProblem, Values, duration, scale
from .lab import Lab
from .nodes import Card, Node
from .scenario import Scenario, find
from .teller import Teller

SERVER_PORT, CLIENT_PORT = 8080, 40000


def craft(name: str, keys: Mapping[str, object] | None = None, seed: int = 0, *, relative: bool = False) -> Story:
    """Play a scenario: `craft("handshake", {"client.isn": 223})`.

    keys      as on the command line; values may be text, numbers, bytes or bools; a list of data is as many writes
    seed      what is left to chance (initial sequence numbers, losses) follows from it
    relative  sequence numbers in texts count from each side's first; packets always have those of the wire

    LookupError for a scenario that does not exist, KeyProblem (a ValueError) for a key or a value.
    """
    return play(find(name), keys, seed, relative=relative)


def play(
    scenario: Scenario, keys: Mapping[str, object] | None = None, seed: int = 0, *, relative: bool = False
) -> Story:
    """The same for a scenario of one's own."""
    return Stage(scenario, keys or {}, seed).play(relative)


def as_text(value: object) -> str:
    """A key's value as the command line writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, bytes):
        return f"hex:{value.hex()}"
    return ",".join(map(str, value)) if isinstance(value, (list, tuple, set, frozenset)) else str(value)


def default_keys(names: list[str]) -> dict[str, str]:
    """Addresses and ports of ends that say none: 10.0.0.1 on, MACs to match; servers have 8080."""
    texts: dict[str, str] = {}
    clients = [name for name in names if name != "server"]
    for index, name in enumerate(names, 1):
        texts |= {f"{name}.ip": f"10.0.0.{index}/24", f"{name}.mac": f"02:00:00:00:00:{index:02x}"}
        texts[f"{name}.port"] = str(CLIENT_PORT + clients.index(name) if name in clients else SERVER_PORT)
    return texts


def default_of(key: str) -> str:
    """What a machine setting is if no key says it, as a key's text; "" for what has none."""
    row = KEYS[key]
    if row.place != "setting":
        return ""
    value = PROFILES[row.target][0]
    if row.read is duration:
        return f"{value / 10**9:g}"
    return "off" if value is None and row.read is scale else "" if value is None else as_text(value)


def values_for(scenario: Scenario) -> Values:
    """A scenario's keys with their defaults."""
    names = list(scenario.programs)
    return Values(default_keys(names) | dict(scenario.keys), names, scenario.data)


def fit_for_a_host(name: str, interface: IPv4Interface) -> None:
    """KeyProblem for an address that no host may have (RFC 1122 3.2.1.3)."""
    address, network = interface.ip, interface.network
    reason = ""
    if address.is_multicast:
        reason = "names a group"
    elif int(address) in (0, 2**32 - 1):
        reason = "names no host"
    elif network.prefixlen < 31 and address == network.network_address:
        reason = f"names the network {network} itself"
    elif network.prefixlen < 31 and address == network.broadcast_address:
        reason = f"names all hosts of {network}"
    if reason:
        raise KeyProblem(f"{name}.ip={address}: {reason}: no host may have it")


class Stage:
    """A scenario set up and ready to play."""

    def __init__(self, scenario: Scenario, keys: Mapping[str, object], seed: int) -> None:
        """Reads all keys. KeyProblem."""
        self.scenario = scenario
        self.values = values_for(scenario)
        for key, value in keys.items():
            several = key in self.values.extra and isinstance(value, (list, tuple))
            for one in value if several and isinstance(value, (list, tuple)) else [value]:
                self.values.ask(key, as_text(one))
        self.names = list(scenario.programs)
        self.seed = seed
        self.lab = Lab(seed, arp=self.values.get("arp"), switch=self.values.get("switch"))
        self.hosts: dict[str, Host] = {}
        for name in self.names:
            self.put(name)
        self.distinct()
        self.routers()
        self.lab.icmp.append(self.icmp)

    def put(self, name: str) -> None:
        """One end: its card, its lane on the road, its TCP."""
        values = self.values.of("node", name)
        interface: IPv4Interface = values["interface"]
        if "mask" in values:
            interface = IPv4Interface(f"{interface.ip}/{values['mask']}")
        fit_for_a_host(name, interface)
        node = Node(name, [Card(values["mac"], interface, values["mtu"])], values.get("gateway", ""))
        node.ttl, node.df, node.next_id = values.get("ttl", 64), values.get("df", True), values.get("next_id", 1)
        node.lost_fragments = values.get("lost_fragments", frozenset())
        profile, changes = self.values.settings(name)
        changes.setdefault("mss", values["mtu"] - 40 if values["mtu"] > 40 else 1)
        try:
            self.hosts[name] = self.lab.host(node, settings(profile, seed=self.seed, **changes))
        except ValueError as error:
            raise KeyProblem(f"{name}: {error}") from None
        lane = self.values.of("lane", name)
        self.lab.road.lanes[name] = Lane(**lane)

    def distinct(self) -> None:
        """No two ends share an address. KeyProblem."""
        owners: dict[str, str] = {}
        for name, node in self.lab.nodes.items():
            for key, address in (("ip", node.card.ip), ("mac", node.card.mac)):
                first = owners.setdefault(address, name)
                if first != name:
                    raise KeyProblem(f"{name}.{key}={address}: {first} has it already; give each end its own")

    def routers(self) -> None:
        """A router wherever ends are on different networks; it is the gateway of those that name none."""
        networks = {node.card.network: node for node in self.lab.nodes.values()}
        if len(networks) < 2:
            return
        cards = []
        for index, (network, node) in enumerate(networks.items()):
            address = node.gateway or str(self.free_address(network))
            if IPv4Address(address) not in network:
                raise KeyProblem(f"{node.name}.gateway={address}: must be in {network}, where {node.name} is")
            mtu = min(one.card.mtu for one in self.lab.nodes.values() if one.card.network == network)
            cards.append(
                Card(f"02:00:00:00:00:{0xFE - index:02x}", IPv4Interface(f"{address}/{network.prefixlen}"), mtu)
            )
        for node in self.lab.nodes.values():
            card = next(card for card in cards if card.network == node.card.network)
            node.gateway = node.gateway or card.ip
        self.lab.add(Node("router", cards, router=True))

    def free_address(self, network: IPv4Network) -> IPv4Address:
        """The last one that no end has: the router's."""
        taken = {node.card.ip for node in self.lab.nodes.values()}
        for number in range(int(network.broadcast_address) - 1, int(network.network_address), -1):
            if str(IPv4Address(number)) not in taken:
                return IPv4Address(number)
        raise KeyProblem(f"{network} has no address left for the router between the networks")

    def icmp(self, host: str, about: Datagram, kind: int, code: int, mtu: int) -> None:
        """ "Fragmentation needed" about a segment goes to the connection that sent it."""
        if mtu and host in self.hosts:
            crossing = next((leg.crossing for leg in reversed(self.lab.legs) if leg.crossing and leg.datagram and
                             leg.datagram.ident == about.ident and leg.crossing.sender == host), None)  # fmt: skip
            if crossing:
                self.lab.network.call(lambda: self.hosts[host].packet_too_big(crossing.target, crossing.segment, mtu,
                                                                              self.lab.network.now))  # fmt: skip

    def play(self, relative: bool) -> Story:
        """Let everything happen, and tell it."""
        peers = {name: self.lab.nodes[name].card.ip for name in self.names}
        actors = [Actor(self.lab, self.hosts[name], self.lab.nodes[name], program, self.values, peers)
                  for name, program in self.scenario.programs.items()]  # fmt: skip
        waits = ("listen", "bind", "join")
        for actor in sorted(actors, key=lambda one: not (one.program and one.program[0][0] in waits)):
            self.lab.network.at(0, actor.start)
        tap = self.values.get("tap") or self.names[0]
        if tap not in self.lab.nodes and not (self.lab.switch and tap == self.lab.switch.name):
            raise KeyProblem(f"tap={tap}: must be one of {', '.join(self.lab.nodes)}")
        self.lab.network.run(self.values.get("until"))
        ports: dict[str, Any] = {name: self.values.get("port", name) for name in self.names}
        return Teller(self.lab, self.scenario, ports, relative).tell(tap)
