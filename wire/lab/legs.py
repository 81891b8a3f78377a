"""What the laboratory writes down: frames on their hops, the legs of a packet's way, and the journal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..machine import Crossing
from ..packet import Stack
from .drafts import Datagram


@dataclass(slots=True)
class Hop:
    """A frame between two cards: what left and when it came (None: it did not), in nanoseconds."""

    sender: str
    receiver: str
    stack: Stack
    left: int
    came: int | None
    damage: int | None = None  # the byte in which the road turned over a bit


@dataclass(slots=True)
class Leg:
    """A packet's way between two of those who are drawn: through routers that only pass it on, in one or more hops.

    what      "tcp", "udp", "arp", "icmp" or "fragment", or "frame" behind a switch
    crossing  the machine's, for a segment
    also      another receiver of the same frame
    note      what its receiver makes of it
    """

    what: str
    sender: str
    receiver: str
    hops: list[Hop]
    datagram: Datagram | None
    fate: str = "arrived"
    crossing: Crossing | None = None
    copy: bool = False
    also: bool = False
    facts: dict[str, object] = field(default_factory=dict)
    note: str = ""

    @property
    def left(self) -> int:
        """When it was sent."""
        return self.hops[0].left

    @property
    def came(self) -> int | None:
        """When it arrived, None if it never did."""
        return self.hops[-1].came


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that the machine's log does not have: "left" or "came" of a leg, or a "call" or "event" of a host.

    `place` puts it between the entries of that log.
    """

    place: tuple[int, int, int]
    time: int
    kind: str
    who: str
    text: str = ""
    leg: Leg | None = None

    def failed(self, text: str) -> Entry:
        """The same call, which turned out to fail."""
        return replace(self, text=text)
