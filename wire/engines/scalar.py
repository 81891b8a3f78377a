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

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as has
from struct import error as StructError
from typing import Any, ClassVar

from ..packet import Layer, Note, Packet
from ..protocols import find, unclaimed
from ..schema import Bytes, Field, Protocol, Rest, When, context_of
from . import reference
from .codegen import Uncompilable, code, compiled, indented
from .items import Odd, reader_of
from .proof import proof
from .quick import PROVING, Quick, full, more_of, move, open_, quick, raw_of, slot_of, storage
from .routes import Route, Step, minus

__all__ = ["decode", "forget", "source"]

DEFAULT = "eth"
MOST_ROUTES, MOST_SEEN = 48, 4096  # of one outermost protocol; kinds of packets that are counted
Read = Callable[[bytes], Packet | None]


# -- packets --------------------------------------------------------------------------

UNSET: dict[str, Any] = {"number": None, "time": None, "interface": None, "comment": None, "link": None, "meta": None,
                         "fcs_len": 0, "_fresh": None}  # fmt: skip


class QuickPacket(Packet):
    """A packet whose layers are in slots.  It becomes an ordinary one when something asks for more."""

    __slots__ = ()
    __init__ = object.__init__

    chain: ClassVar[tuple[str, ...]] = ()  # the names of its layers
    proved: ClassVar[Callable[[Any], bool]]

    def __getattr__(self, name: str) -> Any:
        if name in UNSET:
            return UNSET[name]
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
        if isinstance(self.layer0, Quick) and self.verified:
            PROVING.append(self)
            try:
                if self.proved():
                    return []
            finally:
                PROVING.pop()
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
    text = compiled(title, [f"def {title}(data):", *indented([*route.lines([*reads, *tails]), *makes])], scope)
    return scope[title], text


def layer_lines(route: Route, step: Step, depth: int, scope: dict[str, Any]) -> list[str]:
    """Make a layer and put the values into its slots."""
    name, record = step.name, step.record
    scope[f"{name}_values"] = storage(record)
    lines = [f"{name} = {name}_values()"]
    readers, constants = {}, constants_of(step)
    for field in step.present:
        if field.name in step.lists:
            readers[field.name] = list_reader(step, field.name, depth)
            lines.append(f"{name}.{slot_of(field)} = None")
        else:
            variable = step.names[field.name]
            lines.append(f"{name}.{slot_of(field)} = {route.constants.get(variable, variable)}")
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if attribute not in constants:
            lines.append(f"{name}.{attribute} = {text}")
    lines.append(f"{name}.outer_ = {route.steps[0].name}" if depth else f"{name}.raw_ = data")
    made = quick(record, step.present, depth, readers, **constants)
    scope[f"{name}_layer"] = step.plain = made
    finish = [f"{name}.__class__ = {name}_layer"]
    if step.after:
        scope[f"{name}_tails"] = Tails(step, depth, readers, constants)
        stores = [f"{name}.{slot_of(row)} = {name}_{row.attribute}" for row in step.after]
        there = ", ".join(f"{name}_{row.attribute} != b''" for row in step.after)
        inside = route.steps[depth + 1].used if depth + 1 < len(route.steps) else step.inner
        finish = [f"if {inside} == {step.stop}:", *indented(finish), "else:",
                  *indented([*stores, f"{name}.__class__ = {name}_tails[{there},]"])]  # fmt: skip
    lines += finish
    return lines


def constants_of(step: Step) -> dict[str, Any]:
    """Where the layer starts and ends, as far as that is the same for every packet of the route."""
    constants: dict[str, Any] = {"name": step.layer.name}
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if text.isdigit():
            constants[attribute] = int(text)
        elif text == "size":
            constants[attribute] = property(lambda layer: len(raw_of(layer)))
    return constants


class Tails(dict[tuple[bool, ...], type[Any]]):
    """The classes of a layer with some of the rows that may follow its payload."""

    def __init__(self, step: Step, depth: int, readers: dict[str, Any], constants: dict[str, Any]) -> None:
        super().__init__()
        self.parts = step, depth, readers, constants

    def __missing__(self, there: tuple[bool, ...]) -> type[Any]:
        step, depth, readers, constants = self.parts
        tail = [row for row, present in zip(step.after, there, strict=True) if present]
        self[there] = made = quick(step.record, [*step.present, *tail], depth, readers, **constants)
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
    """What reads the records of a field when they are asked for, and keeps them: a generated getter."""
    field, begin, end = step.lists[name]
    slot, offset = slot_of(field), minus(begin, step.start)
    if begin != end and (not offset.isdigit() or end != step.end):
        raise Uncompilable(f"{name}: its place varies")

    def opened(layer: Any) -> Any:
        return open_(layer).values[name]

    scope: dict[str, Any] = {"Odd": Odd, "opened": opened, "keep": storage(step.record).__dict__[slot].__set__}
    if begin != end:
        scope["read"] = reader_of(field, depth)
    start = begin if begin.isdigit() else f"layer.start + {offset}"
    outer = "layer.outer_" if depth else "layer"
    reads = [
        f"outer = {outer}",
        f"try: items = read(outer, outer.raw_, {start}, layer.end)",
        "except Odd: return opened(layer)",
    ]
    lines = [f"items = layer.{slot}", "if items is None:", *indented(reads if begin != end else ["items = []"]),
             "    keep(layer, items)", "return items"]  # fmt: skip
    compiled(f"{step.name}_{field.attribute}", ["def get(layer):", *indented(lines)], scope)
    return scope["get"]  # type: ignore[no-any-return]


def packet_lines(route: Route, scope: dict[str, Any]) -> list[str]:
    """Make the packet, with the layer of bytes that nobody claims if there are some."""
    last, count = route.steps[-1], len(route.steps)
    names = [step.layer.name for step in route.steps]
    proved = proof(route)
    scope["Plain"] = packet_class(names, proved)
    lines = ["p = Plain()"]
    if last.carrier and last.end != last.inner and not route.claimed:
        scope["WithData"] = packet_class([*names, unclaimed().name], proved, data_layer(count))
        lines = [
            f"if {last.end} < {last.inner}:",
            "    p = WithData()",
            f"    p.layer{count} = {last.inner}",
            "else:",
            "    p = Plain()",
        ]
    lines += [
        "p.raw = data",
        "p.verified = True",
        *(f"p.layer{depth} = {step.name}" for depth, step in enumerate(route.steps)),
        "return p",
    ]
    return lines


def packet_class(names: list[str], proved: Any, data: Any = None) -> type[Any]:
    """Packets with these layers: each is an attribute, the outermost where a name stands twice."""
    body: dict[str, Any] = {"__slots__": (), "chain": tuple(names), "proved": proved,
                            "__contains__": frozenset(names).__contains__}  # fmt: skip
    slots = [f"layer{depth}" for depth in range(len(names))]
    if data:
        slots[-1] = "data_"
        body["data_"] = property(data)
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
    """The routes of one outermost protocol, the most used first, and a byte that tells most of them apart."""

    reads: list[Read] = has(default_factory=list)
    fixed: dict[Read, dict[int, int]] = has(default_factory=dict)  # what each needs certain bytes to be
    uses: dict[Read, int] = has(default_factory=dict)  # of those that were not tried first
    at: int = 0
    by_byte: dict[int, list[Read]] = has(default_factory=dict)
    others: list[Read] = has(default_factory=list)  # for any other value

    def add(self, read: Read, fixed: dict[int, int]) -> None:
        if len(self.reads) >= MOST_ROUTES:
            gone = self.reads.pop()
            del self.fixed[gone]
            self.uses.pop(gone, None)
        self.reads.append(read)
        self.fixed[read] = fixed
        self.sort()

    def sort(self) -> None:
        """Choose the byte, and note for each of its values which routes are possible."""
        values = {at: {needs[at] for needs in self.fixed.values() if at in needs}
                  for needs in self.fixed.values() for at in needs}  # fmt: skip
        self.at = max(values, key=lambda at: len(values[at]), default=0)
        self.by_byte = {value: [read for read in self.reads if self.fixed[read].get(self.at, value) == value]
                        for value in values.get(self.at, ())}  # fmt: skip
        self.others = [read for read in self.reads if self.at not in self.fixed[read]]

    def used(self, read: Read) -> None:
        """A route that is often used, though not tried first, moves forward: one place for every 16 times."""
        count = self.uses[read] = self.uses.get(read, 0) + 1
        index = self.reads.index(read)
        if count % 16 == 0 and index:
            self.reads[index - 1 : index + 1] = read, self.reads[index - 1]
            self.sort()


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
    routes = ROUTES.get(first)
    if routes is None:
        routes = ROUTES[first] = ROUTES.setdefault(first or DEFAULT, Routes())
    try:
        possible = routes.by_byte.get(data[routes.at], routes.others)
    except IndexError:
        possible = routes.reads
    for read in possible:
        packet = read(data)
        if packet is not None:
            if read is not possible[0]:
                routes.used(read)
            return packet
    return learn(data, first or DEFAULT)


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
    ROUTES[first].add(read, route.fixed)
    return read(data) or packet


def source(protocol: Protocol | str) -> str:
    """The generated source that reads a header of this protocol by itself.  Uncompilable if there is none."""
    protocol = find(protocol) if isinstance(protocol, str) else protocol
    example = reference.write(protocol, {}, context_of({"payload": b"", "pseudo": b""}))
    return build(Route(reference.decode(example, protocol.name)))[1]
