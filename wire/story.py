"""What was seen between several ends, told in order: what ladders, pictures and captures of a conversation show.

A `Story` names no protocol. Whoever knows one (the lab that crafts, or a reader of captures) words its arrows and
remarks; whoever draws only arranges them. Times are integer nanoseconds from the story's beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .packet import Packet

Kind = Literal["begin", "sent", "arrived", "call", "timer", "event", "state"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Why something happened: an English template (the key under which translations stand), what fills it, and where
    the rule stands ("RFC 9293 3.5")."""

    template: str
    values: Mapping[str, Any]
    rfc: str = ""


class Phrase(str):
    """English words that know the template they were made of, so that a view can say them in another language.

    `values` fill the template; those that are phrases themselves are said in the other language, too.
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> Phrase:
        """The words in English."""
        made = super().__new__(cls, template.format_map(values))
        made.template, made.values = template, values
        return made


@dataclass(frozen=True, slots=True)
class Lifeline:
    """One end: its name and its address as people write it ("10.0.0.1:40000")."""

    name: str
    address: str


@dataclass(slots=True)
class Arrow:
    """One packet's way from one lifeline to another.

    label    what it is: `("SYN", "seq=223")`
    details  what else it says: `("win=65535", "mss=1460")`
    size     bytes that it carries for the application
    fate     "arrived", "lost", or whatever else became of it
    copy     the road made it from another one
    """

    number: int
    sender: str
    receiver: str
    sent_at: int
    arrived_at: int | None
    label: tuple[str, ...]
    details: tuple[str, ...] = ()
    size: int = 0
    fate: str = "arrived"
    copy: bool = False
    why: Sentence | None = None


@dataclass(slots=True)
class Moment:
    """One row: at `time`, `who` did or saw something; `states` are those that changed with it."""

    time: int
    kind: Kind
    who: str
    text: str = ""
    arrow: Arrow | None = None
    states: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A packet on one network: between whom, their link-layer addresses, and what every router changes."""

    sender: str
    receiver: str
    source: str
    target: str
    ttl: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Layers:
    """One packet on its way down, across, and up: what every layer puts in front, and what routers change.

    data     what the application sends; headers: (layer, its header's short name, bytes), innermost first
    links    the networks that it crosses
    ends     source and destination, the same all the way; checksum: what covers them ("TCP checksum 0x67ed")
    """

    data: bytes
    headers: list[tuple[str, str, int]]
    links: list[Link]
    ends: tuple[str, str]
    checksum: str


@dataclass(frozen=True, slots=True)
class Graph:
    """States and what leads from one to another: `edges` are (from, to, event, what is sent), `places` where a
    drawing puts each state (column, row)."""

    title: str
    start: str
    places: Mapping[str, tuple[float, float]]
    edges: list[tuple[str, str, str, str]]


@dataclass(slots=True)
class Story:
    """A conversation: who took part, what happened, and what a capture at one of the ends holds.

    name, title  of the scenario;  remark: what the title line adds
    packets      `wire.Packet`s in the order in which the tap saw them, with time, number and a comment of states
    ends         the state of each end when it was over
    layers       for the lesson on encapsulation: one packet's headers
    closing      sentences for the end: what happened all in all, and what is to be learned from it
    """

    name: str
    title: str
    remark: Sentence | None
    lifelines: list[Lifeline]
    moments: list[Moment]
    packets: list[Packet]
    ends: dict[str, str]
    closing: list[Sentence]
    duration: int = 0
    layers: Layers | None = None

    @property
    def arrows(self) -> list[Arrow]:
        """Everything that was sent, in order; copies that the road made are not sent."""
        return [moment.arrow for moment in self.moments if moment.kind == "sent" and moment.arrow]

    @property
    def states(self) -> list[tuple[int, str, str]]:
        """Every change of state: (nanoseconds, who, state)."""
        return [(moment.time, who, state) for moment in self.moments for who, state in moment.states.items()]

    @property
    def calls(self) -> list[tuple[int, str, str]]:
        """The applications' calls, and what they returned: (nanoseconds, who, text)."""
        return [(moment.time, moment.who, moment.text) for moment in self.moments if moment.kind == "call"]

    @property
    def events(self) -> list[tuple[int, str, str]]:
        """Timers that ran out and what else happened inside: (nanoseconds, who, text)."""
        return [(one.time, one.who, one.text) for one in self.moments if one.kind in ("timer", "event")]

    @property
    def addresses(self) -> dict[str, str]:
        """Every end's address, by name."""
        return {one.name: one.address for one in self.lifelines}
