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

from collections.abc import Callable, Iterator
from functools import partial
from struct import error as StructError
from typing import Any, ClassVar

from ..packet import Layer, Note, Packet
from ..protocols import find, unclaimed
from ..schema import Bytes, Field, Protocol, Rest, When, context_of
from . import reference
from .codegen import Uncompilable, code, compiled, indented
from .items import Odd, reader_of
from .proof import proof
from .quick import Quick, full, move, open_, outermost, quick, raw_of, slot_of, storage
from .routes import Route, Step, minus

__all__ = ["decode", "forget", "source"]

MOST_ROUTES = 48  # of one outermost protocol
Read = Callable[[bytes], Packet | None]


# -- packets --------------------------------------------------------------------------

UNSET: dict[str, Any] = {"number": None, "time": None, "interface": None, "comment": None, "link": None, "meta": None,
                         "fcs_len": 0, "verified": True, "_fresh": None}  # fmt: skip


class QuickPacket(Packet):
    """A packet whose layers are in slots.  It becomes an ordinary one when something asks for more."""

    __slots__ = ()
    __init__ = object.__init__  # type: ignore[assignment]

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
    def fixed(self) -> list[str]:  # type: ignore[override]
        return self.settled().fixed

    @fixed.setter
    def fixed(self, value: list[str]) -> None:
        self.settled().fixed = value

    @property
    def edited(self) -> bool:  # type: ignore[override]
        found = getattr(self.layer0, "full_", None)
        return found is not None and found.edited

    def __contains__(self, name: str) -> bool:
        return name in self.chain

    @property
    def payload(self) -> bytes:
        last = getattr(self, self.slots_[-1])
        return last.raw if last.record is unclaimed() else last.payload  # type: ignore[no-any-return]

    def settled(self) -> Packet:
        """This packet as an ordinary one, with the layers that it has handed out."""
        root, layers = self.layer0, self.layers
        found = full(root) if isinstance(root, Quick) else root.full_
        for depth, layer in enumerate(layers):
            move(found.layers[depth], layer, self)
            object.__setattr__(layer, "packet", self)
        kept = {name: getattr(self, name) for name in UNSET}
        self.__class__ = Packet  # type: ignore[assignment]
        Packet.__init__(self, found.raw, layers, found.wire_len)
        for name, value in kept.items():
            setattr(self, name, value)
        self.edited = found.edited
        object.__setattr__(root, "full_", self)
        return self

    def touched(self) -> None:
        self.settled().touched()

    @property
    def fresh(self) -> Packet:
        return self.settled().fresh

    @property
    def notes(self) -> list[Note]:
        if self.verified and not self.edited and isinstance(self.layer0, Quick):
            object.__setattr__(self.layer0, "packet_", self)
            try:
                if self.proved():
                    return []
            finally:
                if isinstance(self.layer0, Quick):
                    object.__setattr__(self.layer0, "packet_", None)
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
    text = compiled(title, [f"def {title}(data):", *indented([*reads, *tails, *makes])], scope)
    return scope[title], text


def layer_lines(route: Route, step: Step, depth: int, scope: dict[str, Any]) -> list[str]:
    """Make a layer and put the values into its slots."""
    name, record = step.name, step.record
    scope[f"{name}_values"] = storage(record)
    lines = [f"{name} = {name}_values()"]
    readers, constants = {}, constants_of(step)
    for field in step.present:
        if field.name in step.lists:
            readers[field.name] = list_reader(step, field.name)
            lines.append(f"{name}.{slot_of(field)} = None")
        else:
            lines.append(f"{name}.{slot_of(field)} = {step.names[field.name]}")
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if attribute not in constants:
            lines.append(f"{name}.{attribute} = {text}")
    lines.append(f"{name}.outer_ = {route.steps[0].name}" if depth else f"{name}.raw_ = data")
    made = quick(record, step.present, depth, readers, **constants)
    scope[f"{name}_layer"] = made
    kind = f"{name}_layer"
    if step.after:
        scope[f"{name}_tails"] = Tails(step, depth, readers, constants)
        stores = [f"{name}.{slot_of(row)} = {name}_{row.attribute}" for row in step.after]
        lines += [f"if {name}_class is not {kind}:", *indented(stores)]
        kind = f"{name}_class"
    lines.append(f"{name}.__class__ = {kind}")
    return lines


def constants_of(step: Step) -> dict[str, Any]:
    """Where the layer starts and ends, as far as that is the same for every packet of the route."""
    constants: dict[str, Any] = {}
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
    lines, there = [f"at = {inside}"], []
    for row in step.after:
        if not isinstance(row, Field) or not (isinstance(row.core, Bytes) or row.core is Rest):
            if not isinstance(row, Field) or When not in row.words:
                raise Uncompilable("a row after the payload that is not bytes")
        names = {**step.names, "_at": minus("at", step.start), "_left": f"({step.stop} - at)", "_fcs": "0",
                 "_payload_end": minus(step.inner, step.start)}  # fmt: skip
        target = f"{name}_{row.attribute}"
        lines.append(f"{target} = b''")
        there.append(f"{target} != b''")
        condition = code(row.words[When].condition, names) if When in row.words else ""
        if condition and not any(char.isalpha() for char in condition):
            if eval(condition):
                raise Uncompilable(f"{row.name}: always there")
            continue
        if condition or not isinstance(row.core, Bytes) or "_left" not in repr(row.core.length):
            raise Uncompilable(f"{row.name}: its size does not depend on what is left")
        lines += [f"count = {code(row.core.length, names)}", f"if not 0 <= count <= {step.stop} - at: return None",
                  f"{target} = data[at:at + count]", "at += count"]  # fmt: skip
    lines += [f"if at != {step.stop}: return None", f"{name}_class = {name}_tails[{', '.join(there)},]"]
    return [f"if {inside} == {step.stop}:", f"    {name}_class = {name}_layer", "else:", *indented(lines)]


def list_reader(step: Step, name: str) -> Callable[[Any], Any]:
    """What reads the records of a field when they are asked for, and keeps them."""
    field, begin, end = step.lists[name]
    slot = storage(step.record).__dict__[slot_of(field)]
    if begin == end:
        read: Any = None
        offset = 0
    else:
        offset_text = minus(begin, step.start)
        if not offset_text.isdigit() or end != step.end:
            raise Uncompilable(f"{name}: its place varies")
        read, offset = reader_of(field), int(offset_text)

    def items(layer: Any) -> Any:
        found = slot.__get__(layer)
        if found is None:
            outer = outermost(layer)
            try:
                found = read(outer, layer.depth, outer.raw_, layer.start + offset, layer.end) if read else []
            except Odd:
                return open_(layer).values[name]
            slot.__set__(layer, found)
        return found

    return items


def packet_lines(route: Route, scope: dict[str, Any]) -> list[str]:
    """Make the packet, with the layer of bytes that nobody claims if there are some."""
    last, count = route.steps[-1], len(route.steps)
    names = [step.layer.name for step in route.steps]
    proved = proof(route)
    scope["Plain"] = packet_class(names, proved)
    lines = ["p = Plain()"]
    if last.carrier and last.end != last.inner and not route.claimed:
        scope["WithData"] = packet_class([*names, unclaimed().name], proved, data_layer(count))
        lines = [f"if {last.end} < {last.inner}:", "    p = WithData()", f"    p.layer{count} = None", "else:", "    p = Plain()"]
    lines += ["p.raw = data", *(f"p.layer{depth} = {step.name}" for depth, step in enumerate(route.steps)), "return p"]
    return lines


def packet_class(names: list[str], proved: Any, data: Any = None) -> type[Any]:
    """Packets with these layers: each is an attribute, the outermost where a name stands twice."""
    body: dict[str, Any] = {"__slots__": (), "chain": tuple(names), "proved": proved}
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
        if made is None:
            made, inner = values(), below.__get__(packet)
            made.start, made.end, made.stop = inner.end, inner.stop, inner.stop
            made.outer_ = packet.layer0
            setattr(made, name, packet.raw[inner.end : inner.stop])
            made.__class__ = here
            slot.__set__(packet, made)
        return made

    return data


# -- decoding -------------------------------------------------------------------------

ROUTES: dict[str, list[Read]] = {}
SOURCES: dict[str, list[str]] = {}
TRIED: set[Any] = set()


def forget() -> None:
    """Make all routes anew: protocols have changed."""
    ROUTES.clear()
    SOURCES.clear()
    TRIED.clear()


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
    routes = ROUTES.get(first or "eth")
    if routes:
        for route in routes:
            packet = route(data)
            if packet is not None:
                if route is not routes[0]:
                    promote(routes, route)
                return packet
    return learn(data, first or "eth")


PROMOTED: dict[Read, int] = {}


def promote(routes: list[Read], route: Read) -> None:
    """A route that is used often moves forward, one place for every 16 uses."""
    count = PROMOTED[route] = PROMOTED.get(route, 0) + 1
    if count % 16 == 0:
        index = routes.index(route)
        routes[index - 1 : index + 1] = route, routes[index - 1]


def learn(data: bytes, first: str) -> Packet:
    """Read a packet of an unknown kind, and make a route of it if it is sound."""
    packet = reference.decode(data, first)
    routes = ROUTES.setdefault(first, [])
    shape = first, tuple((layer.name, *layer.values) for layer in packet.layers)
    if len(routes) < MOST_ROUTES and shape not in TRIED and packet.layers:
        TRIED.add(shape)
        try:
            route, text = build(Route(packet))
        except Uncompilable:
            return packet
        routes.append(route)
        SOURCES.setdefault(first, []).append(text)
        return route(data) or packet
    return packet


def source(protocol: Protocol | str) -> str:
    """The generated source that reads a header of this protocol by itself.  Uncompilable if there is none."""
    protocol = find(protocol) if isinstance(protocol, str) else protocol
    example = reference.write(protocol, {}, context_of({"payload": b"", "pseudo": b""}))
    return build(Route(reference.decode(example, protocol.name)))[1]


def packets(data: Iterator[bytes], first: str = "eth") -> Iterator[Packet]:
    """Many packets of one kind of link."""
    return map(partial(decode, first=first), data)
