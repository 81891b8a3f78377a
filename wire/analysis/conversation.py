"""A real capture as stories: the ladder of `wire craft`, with what can be told from the packets alone.

There is one clock, where the capture was taken, so an arrow leaves and arrives at the same time. A segment that came
again because it did not arrive is drawn as lost; each end's state is `?` until it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, product

from ..lab.sentences import counted
from ..machine import segment as seg
from ..story import Arrow, Lifeline, Moment, Phrase, Sentence, Story
from .expert import Expert, Finding, Kind
from .fates import crossed, lost
from .reading import Event, Key, Reading, ends_of_event, with_port
from .segments import End, Seen
from .tracking import UNKNOWN, Tracker
from .words import Numbers, begun, other_words, said, segment_words

TOGETHER, SHORT = 4, 15  # so many addresses go into one ladder, if more than two have at most so many characters


def stories(reading: Reading, name: str, stream: Key | None = None, absolute: bool = False) -> list[Story]:
    """The conversations of a capture, in order of first sight.

    A capture of few ends with at most one TCP stream is one story. `stream` chooses one, as ("tcp", 0) or ("udp", 3).
    LookupError if there is no such stream.
    """
    if stream is not None:
        chosen = [event for event in reading.events if event.key == stream]
        if not chosen:
            raise LookupError(f"{name} has no {stream[0].upper()} stream {stream[1]}{have(reading, stream[0])}")
        return [Telling(chosen, name, absolute, stream).story()]
    if together(reading):
        return [Telling(reading.events, name, absolute, None).story()] if reading.events else []
    return [Telling(events, name, absolute, key).story() for key, events in groups(reading).items()]


def groups(reading: Reading) -> dict[Key, list[Event]]:
    """The events of every conversation, in order of first sight."""
    found: dict[Key, list[Event]] = {}
    for event in reading.events:
        found.setdefault(event.key, []).append(event)
    return found


def together(reading: Reading) -> bool:
    """Whether everything fits into one ladder."""
    addresses = reading.addresses
    few = len(addresses) == 2 or (len(addresses) <= TOGETHER and max(map(len, addresses), default=0) <= SHORT)
    return few and sum(key[0] == "tcp" for key in reading.keys) <= 1


def have(reading: Reading, protocol: str) -> str:
    """`: it has 0 to 5`."""
    count = sum(key[0] == protocol for key in reading.keys)
    return f": it has 0 to {count - 1}" if count > 1 else ": it has 0 alone" if count else ""


class Telling:
    """Tells one conversation."""

    def __init__(self, events: Sequence[Event], name: str, absolute: bool, key: Key | None) -> None:
        """`events`: at most one TCP stream among them."""
        self.events, self.name, self.key = events, name, key
        self.segments = [event.member.seen for event in events if event.member and event.member.seen]
        expert = Expert()
        findings = [expert.judge(one) for one in self.segments]
        self.findings = {id(one): found for one, found in zip(self.segments, findings, strict=True)}
        gone = lost(self.segments, findings, expert.round_trip)
        self.gone = {id(self.segments[index]) for index in gone}
        self.crossed = {
            id(self.segments[index]): id(self.segments[place])
            for index, place in crossed(self.segments).items()
            if index not in gone
        }
        self.waiting: dict[int, list[tuple[Seen, Arrow]]] = {}
        self.tracker = Tracker(self.segments)
        self.numbers = Numbers(absolute)
        self.absolute = absolute
        self.start = next((event.packet.time for event in events if event.packet.time is not None), 0) or 0
        self.names = self.name_all()
        self.shown: dict[End, str] = {}
        self.moments: list[Moment] = []

    def name_all(self) -> dict[str, str]:
        """The ends' names by address: client and server where it was seen who opened, else A, B, C."""
        opener = next((one for one in self.segments if one.segment.has(seg.SYN)), None)
        names: dict[str, str] = {}
        if opener:
            first, second = ends_of_event(opener.source, opener.target)
            client, server = (second, first) if opener.segment.has(seg.ACK) else (first, second)
            names = {client: "client", server: "server"}
        ordered = dict.fromkeys(end for event in self.events for end in (event.source, event.target))
        letters = ("".join(word) for size in count(1) for word in product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=size))
        return {end: names.get(end) or next(letters) for end in ordered}

    # Moments

    def story(self) -> Story:
        """The whole."""
        if self.segments:
            self.moments.append(Moment(0, "begin", "", states=self.changes()))
        for event in self.events:
            self.tell(event)
        duration = max((moment.time for moment in self.moments), default=0)
        packets = [event.packet for event in self.events]
        ends = {self.who(end): state for end, state in self.tracker.shown.items()}
        return Story(self.name, str(self.head()), self.remark(), self.lifelines(), self.moments, packets, ends,
                     self.closing(ends, duration), duration)  # fmt: skip

    def tell(self, event: Event) -> None:
        """A packet's rows: what is to be said of it, where it leaves, where it arrives."""
        one = event.member.seen if event.member else None
        time = (event.packet.time or self.start) - self.start
        sender, receiver = self.names[event.source], self.names[event.target]
        label, details = segment_words(one, self.numbers) if one else other_words(event)
        details += begun(event) if one else ()
        findings = list(self.findings.get(id(one), ()))
        if event.member and event.member.reused:
            findings.append(Finding(Kind.REUSED_PORTS))
        self.moments += [Moment(time, "event", sender, words) for words in said(findings)]
        gone = id(one) in self.gone
        arrow = Arrow(event.packet.number or 0, sender, receiver, time, None if gone else time, label, details,
                      one.size if one else 0, "lost" if gone else "arrived")  # fmt: skip
        if one:
            self.tracker.sent(one)
        self.moments.append(Moment(time, "sent", sender, arrow=arrow, states=self.changes()))
        for other, under_way in self.waiting.pop(id(one), ()):
            under_way.arrived_at = time
            self.arrive(time, other, under_way)
        if one and id(one) in self.crossed:
            self.waiting.setdefault(self.crossed[id(one)], []).append((one, arrow))
        elif not gone:
            self.arrive(time, one, arrow)

    def arrive(self, time: int, one: Seen | None, arrow: Arrow) -> None:
        """The row where a packet arrives."""
        if one:
            self.tracker.arrived(one)
        self.moments.append(Moment(time, "arrived", arrow.receiver, arrow=arrow, states=self.changes()))

    def changes(self) -> dict[str, str]:
        """The states that are not as they were last shown."""
        found = {end: state for end, state in self.tracker.shown.items() if self.shown.get(end) != state}
        self.shown |= found
        return {self.who(end): state for end, state in found.items()}

    # Ends

    def who(self, end: End) -> str:
        """The name of a TCP end."""
        other = next((one for one in self.tracker.parties if one != end), end)
        return self.names[ends_of_event(end, other)[0]]

    def lifelines(self) -> list[Lifeline]:
        """Everybody, with the port where there is only one."""
        ports: dict[str, set[End]] = {}
        for event in self.events:
            if event.member:
                ports.setdefault(event.source, set()).add(event.member.source)
                ports.setdefault(event.target, set()).add(event.member.target)
        lines = []
        for address, name in self.names.items():
            only = ports.get(address, set())
            lines.append(Lifeline(name, with_port(next(iter(only))) if len(only) == 1 else address))
        return lines

    # Words

    def head(self) -> str:
        """`tcp-hello-8080.pcap, TCP stream 0`."""
        if self.key is None:
            return self.name
        protocol = self.key[0].upper()
        if self.key[0] in ("tcp", "udp"):
            return Phrase("{file}, {protocol} stream {number}", file=self.name, protocol=protocol, number=self.key[1])
        return Phrase("{file}, {protocol}", file=self.name, protocol=protocol)

    def remark(self) -> Sentence:
        """The same, and how its numbers count."""
        template = "{title}"
        if self.segments and self.absolute:
            template = "{title}; numbers as on the wire"
        elif self.segments:
            template = "{title}; numbers counted from each side's first"
        return Sentence(template, {"title": self.head()})

    def closing(self, ends: dict[str, str], duration: int) -> list[Sentence]:
        """How many there were, and where both ends are."""
        only = len(self.segments) == len(self.events)
        made = [counted("segment" if only else "packet", len(self.events), len(self.gone))]
        values = {"time": f"{duration / 10**9:.3f}"}
        if not ends:
            made.append(Sentence("Over after {time} s.", values))
        elif len(set(ends.values())) == 1:
            made.append(Sentence("Both ends {state} after {time} s.", values | {"state": next(iter(ends.values()))}))
        else:
            states = ", ".join(f"{name} {state}" for name, state in ends.items())
            made.append(Sentence("{states} after {time} s.", values | {"states": states}))
        if UNKNOWN in ends.values():
            made.append(Sentence("? is a state that the capture does not show.", {}))
        return made
