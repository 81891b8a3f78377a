"""Turns what the laboratory wrote down into a `Story`: moments in order, states where they change, a capture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..machine import Arrived, Endpoint, Event, Happened, State, events
from ..packet import Packet
from ..story import Arrow, Lifeline, Moment, Phrase, Sentence, Story
from . import sentences, wording
from .lab import Lab
from .layers import layers
from .legs import Entry, Hop, Leg
from .scenario import Scenario
from .wording import Numbering, seconds

CALLS = (Event.PASSIVE_OPEN, Event.ACTIVE_OPEN, Event.SEND, Event.CLOSE, Event.ABORT)

Connection = tuple[str, int, object]  # host, its port, the peer's address and port


class Teller:
    """Walks the machine's log and the lab's journal once, side by side."""

    def __init__(self, lab: Lab, scenario: Scenario, ports: dict[str, int], relative: bool) -> None:
        """`ports`: each end's port, for its lifeline's title."""
        self.lab, self.scenario, self.ports = lab, scenario, ports
        self.numbering = Numbering(relative)
        self.relative = relative
        self.moments: list[Moment] = []
        self.states: dict[Connection, str] = {}
        self.latest: dict[str, str] = {}
        self.arrows: dict[int, Arrow] = {}
        self.numbers: dict[object, int] = {}
        self.ways: dict[tuple[int, bool, str, int | None], Leg] = {}
        self.comments: dict[tuple[int, str], str] = {}  # of a leg, at its sender or receiver
        self.tcp = any(
            isinstance(one, Happened) and isinstance(one.event, events.StateChange) for one in lab.network.log
        )

    def tell(self, tap: str) -> Story:
        """The whole story, with the capture taken at `tap`."""
        if self.tcp:
            for name in self.lab.network.hosts:
                self.latest[name] = State.CLOSED.value
            self.moments.append(Moment(0, "begin", "", states=dict(self.latest)))
        for place, entry in self.merged():
            self.take(place[0], entry)
        packets = self.capture(tap)
        duration = max((moment.time for moment in self.moments), default=0)
        ends = self.ends()
        delay = self.lab.road.lane(next(iter(self.ports))).delay
        numbers = ", numbers counted from each side's first" if self.relative else ", numbers as on the wire"
        remark = Sentence(
            "{title}" + (numbers.replace(",", ";") if self.tcp else "") + "; the road takes {delay} s each way",
            {"title": self.scenario.title, "delay": seconds(delay)},
        )
        return Story(self.scenario.name, self.scenario.title, remark, self.lifelines(), self.moments, packets, ends,
                     self.closing(ends, duration), duration,
                     layers(self.lab) if self.scenario.view == "layers" else None)  # fmt: skip

    # Order

    def merged(self) -> Iterator[tuple[tuple[int, int, int], Any]]:
        """The machine's log and the lab's journal in one order, each entry with its place."""
        rows: list[tuple[tuple[int, int, int], Any]] = [(one.place, one) for one in self.lab.journal]
        rows += [((index, 1, 0), one) for index, one in enumerate(self.lab.network.log)]
        rows.sort(key=lambda row: row[0])
        return iter(rows)

    def take(self, place: int, entry: Any) -> None:
        """One entry becomes a moment, or a state on the moment before it."""
        if isinstance(entry, Entry):
            self.journal(entry)
        elif isinstance(entry, Arrived):
            leg = self.leg_of(entry)
            if leg is not None:
                self.arrival(leg, entry.time)
        elif isinstance(entry, Happened):
            if isinstance(entry.event, events.StateChange):
                self.change(entry.time, entry.host, entry.endpoint, entry.event)
                return
            said = wording.event(entry.event)
            if isinstance(entry.event, events.TimerExpired) and said:
                said = said[0], self.consequence(place, entry, said[1])
            if said:
                self.moments.append(Moment(entry.time, "timer" if said[0] == "timer" else "event", entry.host, said[1]))

    def consequence(self, place: int, entry: Happened, what: str) -> str:
        """What a timer's row says: `: sent again` if that is what it did."""
        for later in self.lab.network.log[place + 1 : place + 6]:
            again = isinstance(later, Happened) and isinstance(later.event, events.Retransmitted)
            if again and later.time == entry.time and later.host == entry.host:
                return Phrase("{what}: sent again", what=what)
        return what

    def leg_of(self, entry: Arrived) -> Leg | None:
        """The leg by which a segment came; None for one from nowhere."""
        if not self.ways:
            self.ways = {
                (leg.crossing.number, leg.copy, leg.receiver, leg.came): leg for leg in self.lab.legs if leg.crossing
            }
        crossing = entry.crossing
        return self.ways.get((crossing.number, crossing.copy, entry.host, entry.time))

    def journal(self, entry: Entry) -> None:
        """What only the lab knows."""
        if entry.kind == "left" and entry.leg:
            self.departure(entry.leg, entry.time)
        elif entry.kind == "came" and entry.leg:
            self.arrival(entry.leg, entry.time)
        elif entry.kind == "state":
            self.latest[entry.who] = entry.text
            self.states = {key: entry.text if key[0] == entry.who else state for key, state in self.states.items()}
            self.moments[-1].states[entry.who] = entry.text
        else:
            self.moments.append(Moment(entry.time, "call" if entry.kind == "call" else "event", entry.who, entry.text))

    # Moments

    def change(self, time: int, host: str, endpoint: Endpoint | None, event: events.StateChange) -> None:
        """A state stands on the row of what caused it."""
        state = event.new.value
        if endpoint is not None:
            self.states[host, endpoint.local[1], endpoint.remote] = state
            if event.new is State.CLOSED and self.latest.get(host) == State.LISTEN.value:
                return  # an earlier connection is over, and a new listener is there already
        self.latest[host] = state
        cause = self.cause(time, host, ("call",) if event.cause in CALLS else ("arrived", "timer", "event"))
        if cause is not None and host not in cause.states:
            cause.states[host] = state
        else:
            self.moments.append(Moment(time, "state", host, states={host: state}))

    def cause(self, time: int, host: str, kinds: tuple[str, ...]) -> Moment | None:
        """The last moment of that kind, just now at that host."""
        for moment in reversed(self.moments):
            if moment.time != time:
                return None
            if moment.who == host and moment.kind in kinds:
                return moment
        return None

    def departure(self, leg: Leg, time: int) -> None:
        """A frame leaves; the state into which a call brought its sender stands on this row."""
        arrow = Arrow(self.number(leg), leg.sender, leg.receiver, time, leg.came, wording.label(leg, self.numbering),
                      wording.details(leg, self.numbering), self.size(leg), leg.fate, leg.copy,
                      sentences.why(leg, self.scenario.name))  # fmt: skip
        self.arrows[id(leg)] = arrow
        moment = Moment(time, "sent", leg.sender, arrow=arrow)
        last = self.cause(time, leg.sender, ("call", "sent", "arrived"))
        if last and last.kind == "call" and last.states:
            moment.states, last.states = last.states, {}
        self.comments[id(leg), leg.sender] = self.comment(leg)
        if leg.copy:
            return  # the road makes copies, nobody sends them
        self.moments.append(moment)

    def arrival(self, leg: Leg, time: int) -> None:
        """A frame arrives."""
        arrow = self.arrows[id(leg)]
        if leg.crossing and leg.crossing.receiver_after and leg.receiver == leg.crossing.receiver:
            state = leg.crossing.receiver_after.value
            self.comments[id(leg), leg.receiver] = self.comment(leg, (leg.receiver, state))
        else:
            self.comments[id(leg), leg.receiver] = self.comment(leg)
        self.moments.append(Moment(time, "arrived", leg.receiver, arrow=arrow))

    def size(self, leg: Leg) -> int:
        """Bytes for the application."""
        if leg.crossing:
            return len(leg.crossing.segment.data)
        size = leg.facts.get("size", 0)
        return size if isinstance(size, int) else 0

    def number(self, leg: Leg) -> int:
        """The packet's number; what the same frame or a copy of it is has the same."""
        same: object = ("crossing", leg.crossing.number) if leg.crossing and leg.what == "tcp" else id(leg.facts)
        if leg.sender in [node.name for node in self.lab.nodes.values() if node.router]:
            same = (same, leg.sender)
        return self.numbers.setdefault(same, len(self.numbers) + 1)

    def comment(self, leg: Leg, after: tuple[str, str] | None = None) -> str:
        """Both ends' states, as they are now, for the capture."""
        crossing = leg.crossing
        if crossing is None:
            return ""
        segment = crossing.segment
        ends = {
            crossing.sender: (crossing.sender, segment.source, (crossing.target, segment.target)),
            crossing.receiver: (crossing.receiver, segment.target, (crossing.source, segment.source)),
        }
        found = {name: self.states.get(key) or self.resting(name, key[1]) for name, key in ends.items() if name}
        if after:
            found[after[0]] = after[1]
        order = [name for name in self.ports if name in found]
        return ", ".join(f"{name} {found[name]}" for name in order)

    def resting(self, name: str, port: int) -> str:
        """The state of a port without a connection."""
        listens = self.latest.get(name) == State.LISTEN.value or port in self.lab.network.hosts[name].listeners
        return State.LISTEN.value if listens and self.latest.get(name) != State.CLOSED.value else State.CLOSED.value

    # The whole

    def lifelines(self) -> list[Lifeline]:
        """The ends; a router or switch between them where it does more than pass packets on."""
        used = {name for leg in self.lab.legs for name in (leg.sender, leg.receiver)}
        lines = [Lifeline(name, f"{self.lab.nodes[name].card.ip}:{port}") for name, port in self.ports.items()]
        if not any(leg.crossing or leg.what == "udp" for leg in self.lab.legs):
            lines = [Lifeline(name, self.lab.nodes[name].card.ip) for name in self.ports]
        routers = [node.name for node in self.lab.nodes.values() if node.router and node.name in used]
        middle = [*routers, *([self.lab.switch.name] if self.lab.switch else [])]
        place = (len(lines) + 1) // 2
        return [*lines[:place], *(Lifeline(name, "") for name in middle), *lines[place:]]

    def ends(self) -> dict[str, str]:
        """The state of each end: of its connections that still live, else the last one."""
        found = {}
        for name, last in self.latest.items():
            alive = Counter(
                state for key, state in self.states.items() if key[0] == name and state not in ("CLOSED", "LISTEN")
            )
            texts = [state if count == 1 else f"{count} × {state}" for state, count in alive.items()]
            found[name] = " and ".join(texts) or last
        return found

    def capture(self, tap: str) -> list[Packet]:
        """What a capture at `tap` holds, in time order."""
        seen: list[tuple[int, int, int, bytes, str]] = []
        for order, leg in enumerate(self.lab.legs):
            for hop in leg.hops:
                if hop.sender == tap and not leg.copy and not (leg.also and tap in self.lab.nodes):
                    seen.append((hop.left, 1, order, bytes(hop.stack), self.comments.get((id(leg), leg.sender), "")))
                if hop.receiver == tap and hop.came is not None:
                    seen.append((hop.came, 0, order, damaged(hop), self.comments.get((id(leg), leg.receiver), "")))
        from ..engines.reference import decode

        packets = []
        for number, (time, _, _, raw, comment) in enumerate(sorted(seen, key=lambda one: one[:3]), 1):
            packet = decode(raw, "eth")
            packet.number, packet.time, packet.comment, packet.link = number, time, comment or None, 1
            packets.append(packet)
        return packets

    def closing(self, ends: dict[str, str], duration: int) -> list[Sentence]:
        """How it ended."""
        sent = [one.arrow for one in self.moments if one.kind == "sent" and one.arrow]
        distinct = {arrow.number: arrow for arrow in sent}.values()
        lost = sum(arrow.fate == "lost" for arrow in distinct)
        unit = "segment" if self.tcp and all(leg.crossing for leg in self.lab.legs) else "packet"
        said = [sentences.counted(unit, len(distinct), lost)]
        copies = sum(leg.copy for leg in self.lab.legs)
        damage = sum(leg.fate == "corrupted" for leg in self.lab.legs)
        said += [Sentence("{count} came twice.", {"count": copies})] if copies else []
        said += [Sentence("{count} damaged.", {"count": damage})] if damage else []
        values: dict[str, Any] = {"time": seconds(duration)}
        if len(set(ends.values())) == 1 and len(ends) == 2:
            said.append(Sentence("Both ends {state} after {time} s.", values | {"state": next(iter(ends.values()))}))
        elif ends:
            states = ", ".join(f"{name} {state}" for name, state in ends.items())
            said.append(Sentence("{states} after {time} s.", values | {"states": states}))
        else:
            said.append(Sentence("Over after {time} s.", values))
        return said + ([Sentence(self.scenario.moral, {})] if self.scenario.moral else [])


def damaged(hop: Hop) -> bytes:
    """The frame as it came."""
    raw = bytearray(bytes(hop.stack))
    if hop.damage is not None:
        raw[hop.damage] ^= 1
    return bytes(raw)
