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

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as has
from functools import cache
from struct import error as StructError
from typing import Any, ClassVar

from ..packet import Layer, Note, Packet
from ..protocols import find, unclaimed
from ..schema import Bytes, Field, Protocol, Rest, When, context_of
from . import reference
from .codegen import Uncompilable, code, compiled, indented
from .items import reader_of, shape_lines
from .proof import proof
from .quick import Quick, full, layer_class, more_of, move, quick, raw_of, slot_of, storage
from .routes import Route, Step, minus

__all__ = ["decode", "forget", "source"]

DEFAULT = "eth"
MOST_ROUTES, MOST_SEEN = 64, 4096  # of one outermost protocol; kinds of packets that are counted
MOST_SPECIAL, OFTEN = 16, 500  # special routes beside a general one; after how many packets one is made
Read = Callable[[bytes], Packet | None]


# -- packets --------------------------------------------------------------------------

OF_META = {"number", "time", "interface", "comment", "link"}  # asked of `meta`, which is what a capture has of the packet
UNSET: dict[str, Any] = {"number": None, "time": None, "interface": None, "comment": None, "link": None, "meta": None,
                         "fcs_len": 0, "_fresh": None}  # fmt: skip


class QuickPacket(Packet):
    """A packet whose layers are in slots.  It becomes an ordinary one when something asks for more."""

    __slots__ = ()
    __init__ = object.__init__

    chain: ClassVar[tuple[str, ...]] = ()  # the names of its layers

    def __getattr__(self, name: str) -> Any:
        if name in UNSET:
            value = UNSET[name]
            if name in OF_META and self.meta is not None:
                value = getattr(self.meta, name)
                value = None if name == "link" and value < 0 else value
            setattr(self, name, value)
            return value
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"no {name} layer in this packet: it has {', '.join(self.chain)}")

    @property
    def layers(self) -> list[Layer]:  # type: ignore[override]
        return [getattr(self, name) for name in self.slots_]

    slots_: ClassVar[tuple[str, ...]] = ()

    @property
    def wire_len(self) -> int:  # type: ignore[override]
        return len(self.raw)

    @property
    def first(self) -> str:  # type: ignore[override]
        return self.chain[0]

    @property
    def fixed(self) -> list[str]:
        return self.settled().fixed

    @fixed.setter
    def fixed(self, value: list[str]) -> None:
        self.settled().fixed = value

    @property
    def edited(self) -> bool:
        found = more_of(self.layer0).full
        return found is not None and found.edited

    @edited.setter
    def edited(self, value: bool) -> None:
        self.settled().edited = value

    @property
    def payload(self) -> bytes:
        last = getattr(self, self.slots_[-1])
        return last.raw if last.record is unclaimed() else last.payload  # type: ignore[no-any-return]

    def settled(self) -> Packet:
        """This packet as an ordinary one, with the layers that it has handed out."""
        root, layers = self.layer0, self.layers
        found = full(root)
        for depth, layer in enumerate(layers):
            move(found.layers[depth], layer)
            layer.packet = self
        kept = {name: getattr(self, name) for name in (*UNSET, "verified")}
        self.__class__ = Packet  # type: ignore[assignment]
        Packet.__init__(self, found.raw, layers, found.wire_len)
        for name, value in kept.items():
            setattr(self, name, value)
        self.edited = found.edited
        more_of(root).full = self
        return self

    def touched(self) -> None:
        self.settled().touched()

    @property
    def fresh(self) -> Packet:
        return self.settled().fresh

    @property
    def notes(self) -> list[Note]:
        if isinstance(self.layer0, Quick) and self.verified and self.proof(self):
            return []
        return self.settled().notes

    def __bytes__(self) -> bytes:
        return bytes(self.settled())

    def __str__(self) -> str:
        return str(self.settled())


# -- from a route to a function -------------------------------------------------------


def build(route: Route) -> tuple[Read, str]:
    """The function that reads packets of this kind, and its source."""
    scope = route.scope | {"StructError": StructError}
    reads = ["size = len(data)", "try:", *indented(route.body or ["pass"]), "except StructError:", "    return None"]
    makes: list[str] = []
    tails: list[str] = []
    for depth, step in enumerate(route.steps):
        makes += layer_lines(route, step, depth, scope)
        if step.after:
            inside = route.steps[depth + 1].used if depth + 1 < len(route.steps) else step.inner
            tails += tail_lines(step, depth, inside, scope)
    makes += packet_lines(route, scope)
    title = "_".join(step.name for step in route.steps)
    body = straight([*route.lines([*reads, *tails]), *makes])
    text = compiled(title, [f"def {title}(data):", *indented(body)], scope)
    return scope[title], text


STORE = re.compile(r"(\w+\.\w+) = (\w+)")
UNPACK = re.compile(r"( *)(.+)( = unpack_\d+\(.*)")
NEW = re.compile(r"\w+ = \w+_values\(\)")


def straight(lines: list[str]) -> list[str]:
    """The lines with values that are read only to be stored unpacked straight into their slots."""
    words = Counter(re.findall(r"(?<!\.)\b\w+\b", "\n".join(lines)))
    read = {name for found in map(UNPACK.fullmatch, lines) if found for name in re.findall(r"\w+", found[2])}
    stores = [found for found in map(STORE.fullmatch, lines) if found and found[2] in read and words[found[2]] == 2]
    slots = {found[2]: found[1] for found in stores}
    gone = {found[0] for found in stores} | {line for line in lines if NEW.fullmatch(line)}
    rest = [UNPACK.sub(lambda found: found[1] + re.sub(r"\w+", lambda name: slots.get(name[0], name[0]), found[2])
                       + found[3], line) for line in lines if line not in gone]  # fmt: skip
    return [*filter(NEW.fullmatch, lines), *rest]


def layer_lines(route: Route, step: Step, depth: int, scope: dict[str, Any]) -> list[str]:
    """Make a layer and put the values into its slots."""
    name, record = step.name, step.record
    scope[f"{name}_values"] = storage(record)
    lines, constants = [f"{name} = {name}_values()"], constants_of(step)
    for field in step.present:
        if field.name in step.lists:
            value = f"{name}_{field.attribute}_items"
            scope[value] = list_reader(step, field.name, depth)
        else:
            variable = step.names[field.name]
            value = str(route.constants.get(variable, variable))
        lines.append(f"{name}.{slot_of(field)} = {value}")
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if attribute not in constants:
            lines.append(f"{name}.{attribute} = {text}")
    lines.append(f"{name}.outer_ = {route.steps[0].name}" if depth else f"{name}.raw_ = data")
    scope[f"{name}_layer"] = step.plain = layer_class(record, tuple(step.present), depth, tuple(constants.items()))
    finish = [f"{name}.__class__ = {name}_layer"]
    if step.after:
        scope[f"{name}_tails"] = Tails(step, depth, constants)
        stores = [f"{name}.{slot_of(row)} = {name}_{row.attribute}" for row in step.after]
        there = ", ".join(f"{name}_{row.attribute} != b''" for row in step.after)
        inside = route.steps[depth + 1].used if depth + 1 < len(route.steps) else step.inner
        finish = [f"if {inside} == {step.stop}:", *indented(finish), "else:",
                  *indented([*stores, f"{name}.__class__ = {name}_tails[{there},]"])]  # fmt: skip
    lines += finish
    return lines


SIZE = property(lambda layer: len(raw_of(layer)))


def constants_of(step: Step) -> dict[str, Any]:
    """Where the layer starts and ends, as far as that is the same for all packets with these layers."""
    constants: dict[str, Any] = {"name": step.layer.name}
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if text.isdigit() and (attribute == "start" or not step.lists):
            constants[attribute] = int(text)
        elif text == "size":
            constants[attribute] = SIZE
    return constants


class Tails(dict[tuple[bool, ...], type[Any]]):
    """The classes of a layer with some of the rows that may follow its payload."""

    def __init__(self, step: Step, depth: int, constants: dict[str, Any]) -> None:
        super().__init__()
        self.parts = step, depth, constants

    def __missing__(self, there: tuple[bool, ...]) -> type[Any]:
        step, depth, constants = self.parts
        tail = [row for row, present in zip(step.after, there, strict=True) if present]
        self[there] = made = layer_class(step.record, (*step.present, *tail), depth, tuple(constants.items()))
        return made


def tail_lines(step: Step, depth: int, inside: str, scope: dict[str, Any]) -> list[str]:
    """What stands between the end of the payload and the end of the layer."""
    name = step.name
    lines = [f"at = {inside}"]
    for row in step.after:
        if not isinstance(row, Field) or not (isinstance(row.core, Bytes) or row.core is Rest):
            if not isinstance(row, Field) or When not in row.words:
                raise Uncompilable("a row after the payload that is not bytes")
        names = {**step.names, "_at": minus("at", step.start), "_left": f"({step.stop} - at)", "_fcs": "0",
                 "_payload_end": minus(step.inner, step.start)}  # fmt: skip
        target = f"{name}_{row.attribute}"
        lines.append(f"{target} = b''")
        condition = code(row.words[When].condition, names) if When in row.words else ""
        if condition and not any(char.isalpha() for char in condition):
            if eval(condition):
                raise Uncompilable(f"{row.name}: always there")
            continue
        if condition or not isinstance(row.core, Bytes) or "_left" not in repr(row.core.length):
            raise Uncompilable(f"{row.name}: its size does not depend on what is left")
        lines += [f"count = {code(row.core.length, names)}", f"if not 0 <= count <= {step.stop} - at: return None",
                  f"{target} = data[at:at + count]", "at += count"]  # fmt: skip
    return [f"if {inside} != {step.stop}:", *indented([*lines, f"if at != {step.stop}: return None"])]


def list_reader(step: Step, name: str, depth: int) -> Callable[[Any], Any]:
    """What reads the records of a field when they are asked for: it stands in the field's slot until then."""
    field, begin, end = step.lists[name]
    offset = minus(begin, step.start)
    if begin == end:
        return nothing
    if not offset.isdigit() or end != step.end:
        raise Uncompilable(f"{name}: its place varies")
    scope: dict[str, Any] = {"from_bytes": int.from_bytes}
    lines = [f"outer = {'layer.outer_' if depth else 'layer'}"]
    if name in step.shapes:
        makes = shape_lines(field, step.shapes[name], depth, scope)
        lines += ["data = outer.raw_"] if any("data" in line for line in makes) else []
        lines += [*makes, "return items"]
    else:
        scope["read"] = reader_of(field, depth)
        start = begin if begin.isdigit() else f"layer.start + {offset}"
        lines.append(f"return read(outer, outer.raw_, {start}, layer.end)")
    compiled(f"{step.name}_{field.attribute}", ["def items(layer):", *indented(lines)], scope)
    return scope["items"]  # type: ignore[no-any-return]


def nothing(_: Layer) -> list[Any]:
    return []


def packet_lines(route: Route, scope: dict[str, Any]) -> list[str]:
    """Make the packet, with the layer of bytes that nobody claims if there are some."""
    last, count = route.steps[-1], len(route.steps)
    names = [step.layer.name for step in route.steps]
    scope["proof"] = proof(route, scope)
    scope["Plain"] = packet_class(tuple(names))
    stores = ["p.raw = data", "p.proof = proof", "p.verified = True",
              *(f"p.layer{depth} = {step.name}" for depth, step in enumerate(route.steps)), "return p"]  # fmt: skip
    lines = ["p = Plain()", *stores]
    if last.carrier and last.end != last.inner and not route.claimed:
        scope["WithData"] = packet_class((*names, unclaimed().name), bytes_left=True)
        more = ["p = WithData()", f"p.layer{count} = {last.inner}", *stores]
        lines = [f"if {last.end} < {last.inner}:", *indented(more), *lines]
    return lines


@cache
def packet_class(names: tuple[str, ...], bytes_left: bool = False) -> type[Any]:
    """Packets with these layers: each is an attribute, the outermost where a name stands twice."""
    body: dict[str, Any] = {"__slots__": (), "chain": names, "__contains__": frozenset(names).__contains__}
    slots = [f"layer{depth}" for depth in range(len(names))]
    if bytes_left:
        slots[-1] = "data_"
        body["data_"] = property(data_layer(len(names) - 1))
    body["slots_"] = tuple(slots)
    for depth in range(len(names) - 1, -1, -1):
        attribute = names[depth].replace(".", "_")
        if not hasattr(Packet, attribute):
            body[attribute] = body[slots[depth]] if slots[depth] == "data_" else Packet.__dict__[slots[depth]]
    return type("Packet", (QuickPacket,), body)


def data_layer(depth: int) -> Callable[[Any], Any]:
    """What makes the layer of bytes that nobody claims, when it is asked for."""
    record = unclaimed()
    field = record.rows[0]
    if record.rows != (field,) or not isinstance(field, Field) or field.core is not Rest:
        raise Uncompilable(f"{record.name} is more than bytes")
    values, here, name = storage(record), quick(record, [field], depth, {}), slot_of(field)
    slot = Packet.__dict__[f"layer{depth}"]
    below = Packet.__dict__[f"layer{depth - 1}"]

    def data(packet: Any) -> Any:
        made: Any = slot.__get__(packet)
        if type(made) is int:  # where it ends
            stop, start = made, below.__get__(packet).end
            made = values()
            made.start, made.end, made.stop = start, stop, stop
            made.outer_ = packet.layer0
            setattr(made, name, packet.raw[start:stop])
            made.__class__ = here
            slot.__set__(packet, made)
        return made

    return data


# -- decoding -------------------------------------------------------------------------


@dataclass
class Routes:
    """The routes of one outermost protocol, and three bytes that tell most of them apart."""

    reads: list[Read] = has(default_factory=list)
    fixed: dict[Read, dict[int, int]] = has(default_factory=dict)  # what each needs certain bytes to be
    late: dict[Read, int] = has(default_factory=dict)  # how often each was right after others had been tried
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
        if count % 16 == 0 and read.__name__ != "watched":  # special routes stay before the general one
            index = max(tried.index(read), 1)
            tried[index - 1 : index + 1] = read, tried[index - 1]


ROUTES: dict[str, Routes] = {}  # by the outermost protocol; "" is the default one
SEEN: dict[Any, int] = {}  # how often each kind of sound packet came along that no route could read


def forget() -> None:
    """Make all routes anew: protocols have changed."""
    ROUTES.clear()
    packet_class.cache_clear()
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
    try:
        route = Route(packet)
        read, _ = build(route)
    except Uncompilable:
        return packet
    ROUTES[first].add(general(read, first) if route.varied else read, route.fixed)
    return read(data) or packet


def general(read: Read, first: str) -> Read:
    """A route for packets with any options.  Those that come often get special routes, which are tried before it."""
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

    return watched


def source(protocol: Protocol | str) -> str:
    """The generated source that reads a header of this protocol by itself.  Uncompilable if there is none."""
    protocol = find(protocol) if isinstance(protocol, str) else protocol
    example = reference.write(protocol, {}, context_of({"payload": b"", "pseudo": b""}))
    return build(Route(reference.decode(example, protocol.name)))[1]
