"""The scalar engine: healthy packets through generated code, everything else through the reference engine.

`decode` tries the routes that it knows (see `routes`), the most used first.  A packet that fits none
is read by the reference engine, and if it is sound it becomes the example from which a new route is
made.  What users get is the same either way:

* `p.tcp`, `p.ip` are slots of the packet, the fields are slots of the layers (see `quick`);
* options are read when they are asked for, and kept;
* `p.notes` first asks generated checks and sums (see `proof`) whether there is anything to say at
  all; only if so, and for spans, edits, and the packet's bytes, the reference engine reads the packet
  and what it finds moves into the layers that are held.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as has
from typing import TYPE_CHECKING, Any

from ..packet import Packet
from ..protocols import find
from ..schema import Protocol, context_of
from . import reference

if TYPE_CHECKING:
    from .assembly import Read

__all__ = ["decode", "forget", "source"]

DEFAULT = "eth"
MOST_ROUTES, MOST_SEEN = 64, 4096  # of one outermost protocol; kinds of packets that are counted
MOST_SPECIAL, OFTEN = 16, 500  # special routes beside a general one; after how many packets one is made


@dataclass
class Routes:
    """The routes of one outermost protocol, and three bytes that tell most of them apart."""

    reads: list[Read] = has(default_factory=list)
    fixed: dict[Read, dict[int, int]] = has(default_factory=dict)  # what each needs certain bytes to be
    late: dict[Read, int] = has(default_factory=dict)  # how often each was right after others had been tried
    generals: set[Read] = has(default_factory=set)  # those that special ones may stand before
    refused: int = 0  # routes that found no room
    places: tuple[int, int, slice] = (0, 0, slice(0, 1))  # of the three bytes; packets may end before the last
    chosen: dict[tuple[int, int, bytes], list[Read]] = has(default_factory=dict)  # what is possible with them

    def add(self, read: Read, fixed: dict[int, int], before: Read | None = None) -> None:
        """`before`: a more general route that is to come later."""
        if len(self.reads) >= MOST_ROUTES:
            self.refused += 1
            if self.refused > MOST_SEEN:  # other packets come now than when these were made
                self.__init__()  # type: ignore[misc]
            return
        self.reads.insert(self.reads.index(before) if before in self.reads else len(self.reads), read)
        self.fixed[read] = fixed
        self.chosen.clear()
        places: list[int] = []
        for _ in range(3):
            places.append(self.telling(places))
        one, two, three = sorted(places)
        self.places = one, two, slice(three, three + 1)

    def telling(self, known: list[int]) -> int:
        """The place whose byte leaves the fewest routes to try, where the bytes at other places are known.

        What was learned first is what comes most often: it counts most.
        """
        needs = [self.fixed[read] for read in self.reads]

        def left(at: int) -> float:
            return sum(all(a.get(place, b.get(place)) == b.get(place, a.get(place)) for place in (*known, at))
                       / (index + 1) for index, a in enumerate(needs) for b in needs)  # fmt: skip

        return min(sorted({at for need in needs for at in need}), key=left, default=0)

    def possible(self, data: bytes) -> list[Read]:
        """The routes that a packet with these bytes can take."""
        one, two, three = self.places
        found = self.reads
        for at in (one, two, three.start):
            if at < len(data):
                found = [read for read in found if self.fixed[read].get(at, data[at]) == data[at]]
        if two < len(data):
            if len(self.chosen) > MOST_SEEN:
                self.chosen.clear()
            self.chosen[data[one], data[two], data[three]] = found
        return found

    def used(self, read: Read, tried: list[Read]) -> None:
        """One that was right after others had been tried moves forward, a place for every 16 times."""
        self.late[read] = count = self.late.get(read, 0) + 1
        if count % 16 == 0 and read not in self.generals:  # special routes stay before it
            index = max(tried.index(read), 1)
            tried[index - 1 : index + 1] = read, tried[index - 1]


ROUTES: dict[str, Routes] = {}  # by the outermost protocol; "" is the default one
SEEN: dict[Any, int] = {}  # how often each kind of sound packet came along that no route could read


def forget() -> None:
    """Make all routes anew: protocols have changed."""
    ROUTES.clear()
    SEEN.clear()


Protocol.watchers.append(forget)


def decode(data: Any, first: str = "", wire_len: int | None = None, fcs_len: int = 0) -> Packet:
    """Read a packet layer by layer.

    data      bytes-like
    first     the outermost protocol's name, "eth" unless said
    wire_len  its length on the wire, where the capture holds less
    fcs_len   bytes of frame check sequence that the link carries at the end
    """
    if type(data) is not bytes:
        data = bytes(data)
    if fcs_len or (wire_len and wire_len > len(data)):
        return reference.decode(data, first, wire_len, fcs_len)
    try:
        routes = ROUTES[first]
        one, two, three = routes.places
        tried = routes.chosen[data[one], data[two], data[three]]
        packet = tried[0](data)
    except (KeyError, IndexError):
        routes = ROUTES.setdefault(first or DEFAULT, Routes())
        ROUTES[first] = routes
        tried, packet = routes.possible(data), None
    if packet is None:
        for read in tried:
            packet = read(data)
            if packet is not None:
                routes.used(read, tried)
                return packet
        return learn(data, first or DEFAULT)
    return packet


def learn(data: bytes, first: str) -> Packet:
    """Read a packet of an unknown kind.  The second of its kind becomes a route; so does the 4th, the 8th …"""
    packet = reference.decode(data, first)
    if not packet.layers or any(layer.faults for layer in packet.layers):
        return packet
    if len(SEEN) > MOST_SEEN:
        SEEN.clear()
    kind = first, tuple((layer.name, *layer.values) for layer in packet.layers)
    count = SEEN[kind] = SEEN.get(kind, 0) + 1
    if count < 2 or count & (count - 1):
        return packet
    from .assembly import Route, Uncompilable, build  # one packet alone needs none of it

    try:
        route = Route(packet)
        read, _ = build(route)
    except Uncompilable:
        return packet
    ROUTES[first].add(general(read, first) if route.varied else read, route.fixed)
    return read(data) or packet


def general(read: Read, first: str) -> Read:
    """A route for packets with any options.  Those that come often get special routes, which are tried before it."""
    from .assembly import Route, Uncompilable, build

    count = made = 0

    def watched(data: bytes) -> Packet | None:
        nonlocal count, made
        packet = read(data)
        if packet is not None and made < MOST_SPECIAL:
            count += 1
            if count % OFTEN == 0:
                made += 1
                try:
                    route = Route(reference.decode(data, first), special=True)
                    ROUTES[first].add(build(route)[0], route.fixed, before=watched)
                except Uncompilable:
                    pass
        return packet

    ROUTES[first].generals.add(watched)
    return watched


def source(protocol: Protocol | str) -> str:
    """The generated source that reads a header of this protocol by itself.  Uncompilable if there is none."""
    from .assembly import Route, build

    protocol = find(protocol) if isinstance(protocol, str) else protocol
    example = reference.write(protocol, {}, context_of({"payload": b"", "pseudo": b""}))
    return build(Route(reference.decode(example, protocol.name)))[1]
