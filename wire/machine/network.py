"""The road between hosts, and the clock: an event-driven simulation that keeps a log of everything.

    network = Network(seed=1)
    client, server = network.host("client", "10.0.0.1"), network.host("server", "10.0.0.2")
    server.listen(8080)
    network.at(0, lambda: client.connect(("10.0.0.2", 8080), network.now), "client", "connect()")
    network.run()
    network.log                          # Departed, Arrived, Called, Happened

Times are integer nanoseconds. The same seed and the same calls give the same log.

The road carries segments. Whoever wants packets (fragments, ARP, routers, ICMP) replaces `Network.road` by something
with the same `carry`: it is asked for every segment what becomes of it.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

from .endpoint import Endpoint
from .events import Happening, Sent, StateChange, Why
from .host import Host
from .profiles import MS, Settings
from .segment import CE, ECT_0, ECT_1, Segment, options_length
from .states import ProtocolError, State

HEADERS = 40  # bytes of IPv4 and TCP headers without options

Fate = Literal["on its way", "arrived", "lost", "corrupted", "too big", "no such host"]


@dataclass(slots=True)
class Crossing:
    """One segment's way across: a ladder draws it in two rows, where it was sent and where it arrived.

    `number` counts all segments of the network, `of_sender` those of its sender, both from 1 (a copy that the road
    made has the number of its original). States are the sender's when it left and the receiver's before and after it
    arrived (None: no connection).
    """

    number: int
    of_sender: int
    sender: str
    source: str
    target: str
    segment: Segment
    why: Why | None
    sent_at: int
    sender_state: State | None
    receiver: str = ""
    fate: Fate = "on its way"
    arrived_at: int | None = None
    receiver_before: State | None = None
    receiver_after: State | None = None
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of a segment, once: it arrives `after` so many nanoseconds, or (None) it does not, and why not."""

    after: int | None
    fate: Fate = "arrived"
    mark: bool = False  # a router marks it: congestion experienced (RFC 3168)
    mtu: int = 0  # with "too big": what the sender is told


class Carrier(Protocol):
    """What `Network` asks of a road."""

    def carry(self, crossing: Crossing) -> list[Passage]:
        """What becomes of a segment that leaves now: one passage for every copy, at least one."""
        ...


@dataclass(slots=True)
class Lane:
    """The road in one direction. Probabilities are of one segment; sets name segments of this sender, counted from
    1."""

    delay: int = 10 * MS
    rate: int | None = None  # bits per second; None: no time on the wire
    mtu: int | None = None  # bytes of the IP packet
    loss: float = 0.0
    lose: Collection[int] = ()
    duplicate: float = 0.0
    double: Collection[int] = ()
    reorder: float = 0.0
    reorder_by: int = 15 * MS  # a reordered one is late by up to this
    late: Mapping[int, int] = field(default_factory=dict)  # segment: nanoseconds later than the others
    corruption: float = 0.0
    corrupt: Collection[int] = ()
    mark: Collection[int] = ()
    busy_until: int = 0


class Road:
    """Independent lanes, one for each sender, with faults drawn from one seeded generator."""

    def __init__(self, seed: int = 0, lane: Lane | None = None) -> None:
        """Every sender gets a copy of `lane` unless `lanes` has one under its name."""
        self.random = random.Random(seed)
        self.default = lane or Lane()
        self.lanes: dict[str, Lane] = {}

    def lane(self, sender: str) -> Lane:
        """The lane that `sender` sends on."""
        if sender not in self.lanes:
            names = (name for name in Lane.__slots__ if name != "busy_until")
            self.lanes[sender] = Lane(**{name: getattr(self.default, name) for name in names})
        return self.lanes[sender]

    def carry(self, crossing: Crossing) -> list[Passage]:
        """Loss, corruption, delay, reordering and duplication, in this order."""
        lane, number = self.lane(crossing.sender), crossing.of_sender
        size = HEADERS + options_length(crossing.segment.options) + len(crossing.segment.data)
        if lane.mtu is not None and size > lane.mtu:
            return [Passage(None, "too big", mtu=lane.mtu)]
        on_wire = size * 8 * 1_000_000_000 // lane.rate if lane.rate else 0
        start = max(crossing.sent_at, lane.busy_until)
        lane.busy_until = start + on_wire
        if number in lane.lose or self._chance(lane.loss):
            return [Passage(None, "lost")]
        after = start + on_wire - crossing.sent_at + lane.delay + lane.late.get(number, 0)
        if self._chance(lane.reorder):
            after += self.random.randint(1, max(1, lane.reorder_by))
        if number in lane.corrupt or self._chance(lane.corruption):
            return [Passage(after, "corrupted")]
        mark = number in lane.mark
        passages = [Passage(after, mark=mark)]
        if number in lane.double or self._chance(lane.duplicate):
            passages.append(Passage(after + self.random.randint(0, lane.reorder_by), mark=mark))
        return passages

    def _chance(self, probability: float) -> bool:
        return probability > 0 and self.random.random() < probability


@dataclass(frozen=True, slots=True)
class Departed:
    """A segment left `host`."""

    time: int
    host: str
    crossing: Crossing


@dataclass(frozen=True, slots=True)
class Arrived:
    """A segment reached `host` (or would have, if its checksum is wrong)."""

    time: int
    host: str
    crossing: Crossing


@dataclass(frozen=True, slots=True)
class Called:
    """The application at `host` made a call; `error` is what it got if it failed."""

    time: int
    host: str
    call: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened in a connection of `host` (None: at a listener, or at no connection); a `Sent` is a
    `Departed`."""

    time: int
    host: str
    endpoint: Endpoint | None
    event: Happening


Entry: TypeAlias = Departed | Arrived | Called | Happened
Action: TypeAlias = Callable[[], object]
Reaction: TypeAlias = Callable[[Endpoint | None, Happening], object]


class Network:
    """Hosts, a road, a clock and a log."""

    def __init__(self, seed: int = 0, road: Carrier | None = None) -> None:
        """Nothing has happened; `road` None: a plain `Road` of 10 ms each way."""
        self.now = 0
        self.road: Carrier = road or Road(seed)
        self.hosts: dict[str, Host] = {}
        self.log: list[Entry] = []
        self._queue: list[tuple[int, int, Action]] = []
        self._order = itertools.count()
        self._numbers = itertools.count(1)
        self._sent_by: dict[str, int] = {}
        self._reactions: list[tuple[str, type[Happening], Reaction]] = []

    def host(self, name: str, address: str, settings: Settings | None = None) -> Host:
        """Add a host."""
        host = Host(name, address, settings)
        self.hosts[name] = host
        return host

    def at(self, time: int, action: Action, host: str = "", call: str = "", *, may_fail: bool = False) -> None:
        """Do `action` at `time`; with `call`, log it as a call of the application at `host`.

        A ProtocolError is logged, and raised from `run` unless it `may_fail`.
        """
        self._schedule(time, lambda: self.call(action, host, call, may_fail=may_fail))

    def call(self, action: Action, host: str = "", call: str = "", *, may_fail: bool = False) -> None:
        """Do `action` now."""
        place = len(self.log)
        error = ""
        try:
            action()
        except ProtocolError as problem:
            error = str(problem)
            if not may_fail:
                raise
        finally:
            if call:
                self.log.insert(place, Called(self.now, host, call, error))

    def on(self, host: str, kind: type[Happening], reaction: Reaction) -> None:
        """Whenever an event of this kind happens at `host`, call reaction(endpoint, event) at the same instant."""
        self._reactions.append((host, kind, reaction))

    def inject(self, time: int, source: str, target: str, segment: Segment) -> None:
        """A segment from the past or from nowhere arrives at address `target` at `time` as if from `source`."""
        crossing = Crossing(0, 0, self._name(source), source, target, segment, None, time, None)
        self._schedule(time, lambda: self._arrive(crossing))

    def run(self, until: int | None = None, most: int = 1_000_000) -> None:
        """Let time pass until nothing is to be done any more, or until `until`. RuntimeError after `most` steps."""
        self._drain()
        for _ in range(most):
            time = self._next()
            if time is None or (until is not None and time > until):
                if until is not None:
                    self.now = max(self.now, until)
                return
            self.now = time
            if self._queue and self._queue[0][0] <= time:
                heapq.heappop(self._queue)[2]()  # what arrives comes before what runs out
            else:
                for host in self.hosts.values():
                    host.tick(self.now)
            self._drain()
        raise RuntimeError(f"the network did not come to rest in {most} steps")

    def _next(self) -> int | None:
        times = [host.next_timer() for host in self.hosts.values()]
        times += [self._queue[0][0]] if self._queue else []
        return min((max(time, self.now) for time in times if time is not None), default=None)

    def _schedule(self, time: int, action: Action) -> None:
        heapq.heappush(self._queue, (max(time, self.now), next(self._order), action))

    def _name(self, address: str) -> str:
        return next((host.name for host in self.hosts.values() if host.address == address), "")

    def _drain(self) -> None:
        """Log what happened at the hosts, put their segments on the road, let the applications react; until all is
        quiet."""
        quiet = False
        while not quiet:
            quiet = True
            reactions: list[tuple[Reaction, Endpoint | None, Happening]] = []
            for host in self.hosts.values():
                states: dict[Endpoint | None, State] = {}
                happened = list(host.drain())
                for endpoint, _, event in reversed(happened):  # the state before the first change of this batch
                    if isinstance(event, StateChange):
                        states[endpoint] = event.old
                for endpoint, address, event in happened:
                    quiet = False
                    if isinstance(event, Sent):
                        state = states.get(endpoint, endpoint.state if endpoint else None)
                        self._depart(host, address, event, state)
                        continue
                    self.log.append(Happened(self.now, host.name, endpoint, event))
                    if isinstance(event, StateChange):
                        states[endpoint] = event.new
                    for name, kind, reaction in self._reactions:
                        if name == host.name and isinstance(event, kind):
                            reactions.append((reaction, endpoint, event))
            for reaction, endpoint, event in reactions:
                reaction(endpoint, event)

    def _depart(self, host: Host, target: str, sent: Sent, state: State | None) -> None:
        number = self._sent_by[host.name] = self._sent_by.get(host.name, 0) + 1
        crossing = Crossing(
            next(self._numbers), number, host.name, host.address, target, sent.segment, sent.why, self.now, state
        )
        crossing.receiver = self._name(target)
        self.log.append(Departed(self.now, host.name, crossing))
        for index, passage in enumerate(self.road.carry(crossing)):
            self._pass(crossing if index == 0 else replace(crossing, copy=True), passage, host)

    def _pass(self, crossing: Crossing, passage: Passage, host: Host) -> None:
        crossing.fate = passage.fate
        if passage.mtu:
            delay = self.now + (passage.after or 0)
            segment, target = crossing.segment, crossing.target
            self._schedule(delay, lambda: host.packet_too_big(target, segment, passage.mtu, self.now))
        if passage.after is None:
            return
        if passage.mark and crossing.segment.ecn in (ECT_0, ECT_1):
            crossing.segment = replace(crossing.segment, ecn=CE)
        if passage.fate == "arrived":
            crossing.fate = "on its way"
        self._schedule(self.now + passage.after, lambda: self._arrive(crossing))

    def _arrive(self, crossing: Crossing) -> None:
        host = next((host for host in self.hosts.values() if host.address == crossing.target), None)
        crossing.arrived_at = self.now
        if host is None:
            crossing.fate = "no such host"
            return
        crossing.receiver = host.name
        self.log.append(Arrived(self.now, host.name, crossing))
        if crossing.fate == "corrupted":
            return  # the checksum is wrong: nobody hears of it (RFC 9293 3.1)
        crossing.fate = "arrived"
        crossing.receiver_before = self._state(host, crossing)
        host.receive(crossing.source, crossing.segment, self.now)
        crossing.receiver_after = self._state(host, crossing)

    def _state(self, host: Host, crossing: Crossing) -> State | None:
        port, remote = crossing.segment.target, (crossing.source, crossing.segment.source)
        for endpoint in host.connections:
            if endpoint.local[1] == port and endpoint.remote == remote:
                return endpoint.state
        return State.LISTEN if port in host.listeners else None
