"""A script and a capture as the same thing: steps, each with who sends it, so that they can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..machine import Segment
from ..machine import segment as seg
from ..machine.segment import flag_names
from ..story import Phrase, Story
from .reading import Event, Key, Reading, read
from .segments import End, Seen


@dataclass(frozen=True, slots=True)
class Step:
    """One packet of a script or a capture: its kind, the role that sends it, the one that it is for."""

    kind: str
    sender: str
    receiver: str
    seen: Seen | None = None
    event: Event | None = None

    @property
    def frame(self) -> int:
        """Its frame's number, 0 if it has none."""
        return (self.event.packet.number or 0) if self.event else 0

    @property
    def time(self) -> int:
        """Nanoseconds, from any beginning."""
        return (self.event.packet.time or 0) if self.event else self.seen.time if self.seen else 0

    @property
    def flags(self) -> int:
        """The flags that decide what a segment is; 0 for what is none."""
        return self.seen.segment.flags & (seg.SYN | seg.FIN | seg.RST | seg.ACK) if self.seen else 0

    @property
    def size(self) -> int:
        """Bytes of data."""
        if self.seen:
            return self.seen.size
        return int(self.event.layer.values.get("length", 8)) - 8 if self.event and self.kind == "udp" else 0

    @property
    def signature(self) -> tuple[object, ...]:
        """What has to agree for two steps to be the same one, whatever their numbers."""
        name = {"arp": "opcode", "icmp": "type"}.get(self.kind)
        code = self.event.layer.get(name) if self.event and name else None
        if self.kind == "fragment" and self.event and self.event.piece:
            code = self.event.piece.offset
        return self.kind, self.sender, self.flags, bool(self.size), code

    @property
    def words(self) -> Phrase:
        """`the client's SYN`."""
        known = self.sender in ("client", "server", "kernel", "peer")
        whose = Phrase(f"the {self.sender}'s") if known else Phrase("{name}'s", name=self.sender)
        if self.event and self.kind == "fragment" and self.event.piece:
            return Phrase("{whose} IP fragment at {offset}", whose=whose, offset=self.event.piece.offset)
        name = flag_names(self.flags) if self.seen else self.kind.upper()
        if self.seen is None and self.kind == "udp":
            return Phrase("{whose} {name} of {size} bytes", whose=whose, name=name, size=self.size)
        if self.seen and self.size:
            return Phrase("{whose} {name} with {size} bytes", whose=whose, name=name, size=self.size)
        return Phrase("{whose} {name}", whose=whose, name=name)


@dataclass(frozen=True, slots=True)
class Script:
    """What should be seen.

    given  the keys that were said, by "client.isn" or "isn": what else may differ
    """

    steps: Sequence[Step]
    given: frozenset[str] = frozenset()

    def asks(self, key: str, who: str) -> bool:
        """Whether a key was given, for that end or for all."""
        return key in self.given or f"{who}.{key}" in self.given

    @property
    def kinds(self) -> set[str]:
        """The protocols that it speaks of."""
        return {step.kind for step in self.steps}


def of_story(story: Story, given: Iterable[str]) -> Script:
    """What a crafted story's capture holds; `given`: the keys that were said."""
    names = {address.rpartition(":")[0] or address: who for who, address in story.addresses.items() if address}
    steps = [step_of(event, names.get(event.source, event.source), names.get(event.target, event.target))
             for event in read(story.packets).events]  # fmt: skip
    return Script(steps, frozenset(given))


def of_exchange(segments: Iterable[tuple[bool, int, Segment]]) -> Script:
    """A packetdrill script's segments, each with whether the kernel sends it, and when (nanoseconds)."""
    kernel, peer = (b"\xc0\xa8\x00\x01", 0), (b"\xc0\x00\x02\x01", 0)
    steps = []
    for ours, time, one in segments:
        ends: tuple[End, End] = (kernel, peer) if ours else (peer, kernel)
        seen = Seen(0, time, (ends[0][0], one.source), (ends[1][0], one.target), one, len(one.data))
        names = ("kernel", "peer") if ours else ("peer", "kernel")
        steps.append(Step("tcp", *names, seen))
    return Script(steps)


def step_of(event: Event, sender: str, receiver: str) -> Step:
    return Step(event.kind, sender, receiver, event.member.seen if event.member else None, event)


def of_capture(reading: Reading, script: Script, stream: int | None = None) -> list[Step]:
    """The capture's packets that the script is about, with the script's roles.

    Of several connections, the first or the one chosen, unless the script itself has several.
    """
    events = [event for event in reading.events if event.kind in script.kinds]
    tcp = [event for event in events if event.kind == "tcp"]
    if tcp and connections(script) == 1:
        chosen = belonging(tcp, stream)
        events = [event for event in events if event.kind != "tcp" or event.key in chosen]
    roles = Roles(events, script)
    return [step_of(event, *roles.of(event)) for event in events]


def connections(script: Script) -> int:
    """How many connections a script has: pairs of ends, and for each as many as one end began with other numbers."""
    began: dict[frozenset[End], dict[End, set[int]]] = {}
    for step in script.steps:
        if step.seen:
            ends = began.setdefault(frozenset((step.seen.source, step.seen.target)), {})
            if step.flags == seg.SYN:
                ends.setdefault(step.seen.source, set()).add(step.seen.segment.seq)
    return sum(max(map(len, ends.values()), default=1) for ends in began.values())


def belonging(events: Sequence[Event], stream: int | None) -> set[Key]:
    """The chosen stream and what strayed from it.

    A stray is a stream that shares an address and that nobody opened (a port may be wrong), or that the other end
    opened (its SYN came apart from its ACK, which looks like a new connection).
    """
    first = events[0].key if stream is None else ("tcp", stream)
    streams: dict[Key, list[Event]] = {}
    for event in events:
        streams.setdefault(event.key, []).append(event)
    opened = next((event for event in streams.get(first, ()) if opens(event)), None)
    ours = {end for event in streams.get(first, ()) for end in (event.source, event.target)}
    chosen = {first}
    for key, members in streams.items():
        opener = next((event for event in members if opens(event)), None)
        backwards = opener and opened and (opener.source, opener.target) == (opened.target, opened.source)
        if (not opener and ours & {members[0].source, members[0].target}) or backwards:
            chosen.add(key)
    return chosen


class Roles:
    """Who in a capture is who in the script."""

    def __init__(self, events: Sequence[Event], script: Script) -> None:
        """Whoever opens in the capture is who opens in the script; others take roles in order of first sight."""
        self.by_address: dict[str, str] = {}
        self.by_port: dict[int, str] = {}
        opener = next((event for event in events if opens(event)), None)
        first = next((step for step in script.steps if step.flags == seg.SYN), None)
        if opener and first:
            self.bind(opener, first)
        wanted = {step.kind: step for step in reversed(script.steps)}
        for event in events:
            if event.kind in wanted:
                self.bind(event, wanted[event.kind])
        roles = list(dict.fromkeys(name for step in script.steps for name in (step.sender, step.receiver)))
        free = iter([role for role in roles if role not in self.by_address.values()])
        for event in events:
            for end in (event.source, event.target):
                if end not in self.by_address and len(self.by_address) < len(roles):
                    self.by_address[end] = next(free, end)

    def bind(self, event: Event, step: Step) -> None:
        """This event is that step."""
        for end, role in ((event.source, step.sender), (event.target, step.receiver)):
            if end not in self.by_address and role not in self.by_address.values():
                self.by_address[end] = role
        if event.member:
            for place, role in ((event.member.source, step.sender), (event.member.target, step.receiver)):
                if role not in self.by_port.values():
                    self.by_port.setdefault(place[1], role)

    def of(self, event: Event) -> tuple[str, str]:
        """Sender and receiver of an event: by address; by the other end, or by port, for an address that is new."""
        source, target = self.by_address.get(event.source), self.by_address.get(event.target)
        if event.member and (source is None or target is None):
            source = source or self.by_port.get(event.member.source[1])
            target = target or self.by_port.get(event.member.target[1])
        return source or event.source, target or event.target


def opens(event: Event) -> bool:
    """Whether it is a SYN that answers nothing."""
    one = event.member.seen if event.member else None
    return one is not None and one.segment.flags & (seg.SYN | seg.ACK) == seg.SYN
