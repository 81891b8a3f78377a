"""Layers that hold their values in slots: what the scalar engine makes.

Of one record there are three kinds of class, all of the same layout, so that a layer can become
another kind in place:

    storage   slots, and nothing that would slow a store down; generated code fills these
    Quick     what users hold: values are read at the speed of slots; an edit, or a question
              that slots do not answer (spans, notes, the `values` to change), opens the layer
    opened    an ordinary layer, with all that the reference engine found

A layer is opened by letting the reference engine read the packet, and moving what it found of this
layer into it: whoever holds the layer holds the one that `bytes(packet)` sees.  All layers of a
packet know the outermost one, `outer_`, and nothing knows its packet: so nothing is in a circle,
and a packet goes as soon as nobody holds it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from ..options import Options
from ..packet import STATE, Detailed, Layer, Packet
from ..schema import Ends, Field, Part, Record, Repeat
from . import reference

# where it stands; the bytes, in the outermost layer; the outermost layer, in the others; and what few layers have
KEPT = ("start", "end", "stop", "raw_", "outer_", "more_")
TAKEN = frozenset(name for name in dir(Layer) if not name.startswith("__")) | {*STATE, *KEPT}


def slot_of(field: Field) -> str:
    """The slot that holds a field: its name, unless reading the name as an attribute means something else."""
    name = field.attribute
    if field.format.textual and not isinstance(field.core, Repeat):
        return f"{name}_raw"  # the bytes; the name itself is their text
    return f"{name}_" if isinstance(field.core, (Options, Repeat)) or name in TAKEN else name


class Odd(Exception):
    """Records that are not sound: for the reference engine to read."""


class More:
    """What a layer has when somebody asked for more than its slots hold.

    twin  the layer as the reference engine read it
    full  in the outermost layer: the packet as the reference engine read it
    """

    __slots__ = ("full", "twin")

    def __init__(self) -> None:
        self.twin: Layer | None = None
        self.full: Packet | None = None


PROVING: list[Packet] = []  # the packets whose notes are being proved


def more_of(layer: Any) -> More:
    found: More | None = getattr(layer, "more_", None)
    if found is None:
        found = More()
        object.__setattr__(layer, "more_", found)
    return found


@cache
def storage(record: Record) -> type[Layer]:
    """Slots for every field that the record can have."""
    slots = {slot_of(field) for field in record.fields}
    body = {"__slots__": (*sorted(slots), *KEPT), "__init__": object.__init__, "__copy__": copied,
            "__doc__": f"The values of {record.name}."}  # fmt: skip
    return type(f"{record.name}_values", (Layer,), body)


@cache
def opened(record: Record) -> type[Layer]:
    """An ordinary layer with the layout of the record's storage: it speaks for its twin."""
    through = {slot_of(field): looked_up(slot_of(field)) for field in record.fields}
    body = {"__slots__": (), "__getattr__": Detailed.__getattr__, "__setattr__": Detailed.__setattr__, **through,
            **{name: twins(name) for name in STATE}}  # fmt: skip
    return type(record.name, (storage(record),), body)


def looked_up(name: str) -> property:
    return property(lambda layer: Detailed.__getattr__(layer, name))


def twins(name: str) -> property:
    """An attribute of the layer that the reference engine read."""

    def put(layer: Any, value: Any) -> None:
        setattr(layer.more_.twin, name, value)

    return property(lambda layer: getattr(layer.more_.twin, name), put)


def copied(layer: Layer) -> Layer:
    """A copy that is an ordinary layer, whatever this one is."""
    found: Any = open_(layer)
    return copy(found.more_.twin) if found is layer else copy(found)  # type: ignore[no-any-return]


class SlotValues(Mapping[str, Any]):
    """`layer.values` of a layer that is not opened: to read.  What writes into it opens the layer."""

    __slots__ = ("layer",)

    layer: Any

    def __getitem__(self, name: str) -> Any:
        layer = self.layer
        return layer.fields_[name](layer) if isinstance(layer, Quick) else layer.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        layer = self.layer
        try:
            getter = layer.fields_.get(name)
        except AttributeError:  # it is open
            return layer.values.get(name, default)
        return default if getter is None else getter(layer)

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def names(self) -> Mapping[str, Any]:
        """What has the names of the fields; reading one of them may have opened the layer."""
        layer: Layer = self.layer
        return layer.fields_ if isinstance(layer, Quick) else layer.values

    def __repr__(self) -> str:
        return repr(dict(self))

    def __setitem__(self, name: str, value: Any) -> None:
        open_(self.layer).values[name] = value


def opening(name: str) -> Any:
    """An attribute that only an opened layer has."""

    def get(self: Layer) -> Any:
        return getattr(open_(self), name)

    return property(get)


class Quick(Layer):
    """What every layer of the scalar engine can do, beside reading its slots."""

    __slots__ = ()

    depth: ClassVar[int] = 0  # its place among the packet's layers
    within: ClassVar[bool] = False  # it is a record inside a layer: an option
    fields_: ClassVar[dict[str, Callable[[Any], Any]]] = {}  # every field that is here, in wire order
    names_: ClassVar[dict[str, Callable[[Any], Any]]] = {}  # the same, parts and derived values, by all their names
    lists_: ClassVar[tuple[str, ...]] = ()  # the fields that hold records
    shared: ClassVar[bool] = False  # one object for many packets: an option without fields of its own
    example: ClassVar[Layer]  # then: one as the reference engine read it
    quoted, cut, sound = False, "", True

    head, tail, notes_, verdicts_ = (opening(name) for name in ("head", "tail", "notes_", "verdicts_"))

    @property
    def values(self) -> Any:  # type: ignore[override]
        made = SlotValues()
        made.layer = self
        return made

    @property
    def faults(self) -> Any:  # type: ignore[override]
        return []

    @property
    def wire_stop(self) -> int:  # type: ignore[override]
        return self.stop

    @property
    def packet(self) -> Packet | None:  # type: ignore[override]
        if self.within:
            return None
        return PROVING[-1] if PROVING and PROVING[-1].layer0 is outermost(self) else open_(self).packet

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.own(), name, value)

    def __setitem__(self, name: str, value: Any) -> None:
        self.own()[name] = value

    def own(self) -> Layer:
        """This layer, opened to be changed."""
        if self.shared:
            raise AttributeError(f"{self.title} has no field to change: put another option into its place")
        return open_(self)

    def get(self, name: str) -> Any:
        getter = self.names_.get(name)
        if getter is not None:
            return getter(self)
        return None if name in self.record.lookup else self._inner(name)

    def inner(self) -> Iterator[Layer]:
        for name in self.lists_:
            for item in self.fields_[name](self):
                if isinstance(item, Layer):
                    yield item
                    yield from item.inner()

    def by_path(self, path: str) -> Any:
        for field in self.record.fields:
            if field.path == path and field.name in self.fields_:
                return self.fields_[field.name](self)
        name = path.removeprefix(self.record.prefix)
        return self.get(name) if name != path and name in self.record.lookup else None

    def __dir__(self) -> list[str]:
        """The names of its fields: what the interpreter suggests for a misspelt one."""
        return [*super().__dir__(), *(one.attribute for one in self.record.lookup.values())]


def bytes_of(outer: str) -> dict[str, property]:
    """The bytes of a layer.  Each class has functions of its own: Python reads attributes of one class fastest."""
    ends = {"raw": "self.start:self.stop", "header": "self.start:self.end", "payload": "self.end:self.stop"}
    return {name: property(eval(f"lambda self: {outer}.raw_[{text}]")) for name, text in ends.items()}


def outermost(layer: Any) -> Any:
    return layer if layer.depth == 0 and not layer.within else layer.outer_


def raw_of(layer: Any) -> Any:
    return outermost(layer).raw_


# -- what the classes of one stack have -----------------------------------------------


def quick(record: Record, present: list[Field], depth: int, readers: Mapping[str, Callable[[Any], Any]],
          **constants: Any) -> type[Any]:  # fmt: skip
    """The class for a record where these of its fields are there.

    readers    what reads a field that holds records, when it is asked for
    constants  attributes that are known beforehand
    """
    body: dict[str, Any] = {"__slots__": (), "record": record, "depth": depth}
    missing = {one.attribute for one in record.lookup.values()} | {slot_of(field) for field in record.fields}
    here = {field.name for field in present}
    fields: dict[str, Callable[[Any], Any]] = {field.name: attrgetter(slot_of(field)) for field in present} | dict(
        readers
    )
    names: dict[str, Callable[[Any], Any]] = {}
    for field in present:
        names[field.name] = names[field.attribute] = fields[field.name]
        if field.name in readers:
            body[field.attribute] = property(readers[field.name])
        if field.format.textual and not isinstance(field.core, Repeat):
            body[field.attribute] = textual(field)
        for part in field.parts:
            bits = bits_of(field, part)
            for name, one in record.lookup.items():
                if isinstance(one, Part) and one.name == part.name:
                    names[name] = bits
                    body[name] = property(bits)
    body["__getitem__"] = subscript(dict(names))
    for extra in record.extras:
        value: Callable[[Any], Any] = ends(extra.rule, fields) if isinstance(extra.rule, Ends) else extra.rule
        names[extra.name] = names[extra.attribute] = value
        body[extra.attribute] = property(value)
    for field in record.fields:
        if isinstance(field.core, (Options, Repeat)) and field.name in here:
            body |= inside(record, field)
    for name in missing:
        if name not in names and name not in here and name not in {slot_of(field) for field in present}:
            body.setdefault(name, None)
    body = {name: value for name, value in body.items() if name not in TAKEN or name == "record"}
    body |= bytes_of("self" if depth == 0 and not constants.get("within") else "self.outer_")
    if sys.version_info >= (3, 12):  # before, that alone would make every attribute five times slower
        body["__getattr__"] = Detailed.__getattr__
    body |= {"fields_": fields, "names_": names,
             "lists_": tuple(field.name for field in present if isinstance(field.core, (Options, Repeat)))}  # fmt: skip
    return type(record.name, (Quick, storage(record)), body | constants)


@cache
def layer_class(record: Record, present: tuple[Field, ...], depth: int,
                constants: tuple[tuple[str, Any], ...]) -> type[Any]:  # fmt: skip
    """The class of layers in a packet; one for all routes that have it, since Python reads attributes of one class
    at one place fastest."""
    lists = {field.name: kept(record, field) for field in present if isinstance(field.core, (Options, Repeat))}
    return quick(record, list(present), depth, lists, **dict(constants))


def kept(record: Record, field: Field) -> Callable[[Any], Any]:
    """Reads the records of a field.  Until then, what reads them stands in their slot."""
    slot = slot_of(field)
    scope: dict[str, Any] = {"keep": storage(record).__dict__[slot].__set__, "name": field.name,
                             "Odd": Odd, "open_": open_}  # fmt: skip
    exec(f"""def get(layer):
    items = layer.{slot}
    if items.__class__ is list: return items
    try: items = items(layer)
    except Odd: return open_(layer).values[name]
    keep(layer, items)
    return items""", scope)  # fmt: skip
    return scope["get"]  # type: ignore[no-any-return]


def subscript(getters: dict[str, Callable[[Any], Any]]) -> Callable[[Any, str], Any]:
    """`layer[name]` for the fields and parts that are there; other names are for `Layer` to explain."""
    scope: dict[str, Any] = {"getters": getters, "explain": Layer.__getitem__}
    exec(
        "def get(layer, name):\n    try: return getters[name](layer)\n    except KeyError: return explain(layer, name)",
        scope,
    )
    return scope["get"]  # type: ignore[no-any-return]


def textual(field: Field) -> property:
    """The text of a field, as attributes have it."""
    scope = {"show": field.format.show}
    return property(eval(f"lambda layer: show(layer.{slot_of(field)})", scope))


def bits_of(field: Field, part: Part) -> Callable[[Any], Any]:
    """Some bits of a field."""
    made: Callable[[Any], Any] = eval(f"lambda layer: layer.{slot_of(field)} >> {part.shift} & {part.mask:#x}")
    return made


def ends(rule: Ends, fields: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], Any]:
    getters = [fields[name] for name in rule.names if name in fields]
    return lambda layer: tuple(getter(layer) for getter in getters)


def inside(record: Record, field: Field) -> dict[str, Any]:
    """Attributes for the fields of records inside a field: `options_mss_val`."""
    found: dict[str, Any] = {}
    homes = [*getattr(field.core, "records", {}).values(), getattr(field.core, "item", None)]
    for home in homes:
        if not isinstance(home, Record):
            continue
        prefix = home.prefix.removeprefix(record.prefix).replace(".", "_")
        for one in home.lookup.values():
            short = one.path.removeprefix(record.prefix).replace(".", "_")
            for name in {short, prefix + one.attribute, f"{field.attribute}_{one.attribute}"}:
                found.setdefault(name, property(inner_value(name)))
        for nested in home.fields:
            if isinstance(nested.core, Repeat):
                found = inside(record, nested) | found
    return {name: value for name, value in found.items() if name not in record.lookup}


def inner_value(name: str) -> Callable[[Any], Any]:
    return lambda layer: layer._inner(name)


# -- opening --------------------------------------------------------------------------


def open_(layer: Any) -> Layer:
    """Make a layer an ordinary one, with all that the reference engine finds in the packet."""
    if not isinstance(layer, Quick):
        return layer  # type: ignore[no-any-return]
    if layer.shared:
        return layer.example
    root = outermost(layer)
    packet = full(root)
    if not isinstance(layer, Quick):  # it is the outermost one
        return layer
    if layer.within:
        holder = packet.layers[layer.depth]
        put_back(holder, layer)
    else:
        depth = layer.depth
        packet.layers[depth] = move(packet.layers[depth], layer)
    return layer


def full(root: Any) -> Packet:
    """The packet as the reference engine reads it, once for all its layers."""
    more = more_of(root)
    if more.full is None:
        more.full = reference.decode(root.raw_, root.record.name)
        more.full.layers[0] = move(more.full.layers[0], root)
    return more.full


def move(source: Layer, target: Any) -> Layer:
    """`target` speaks for `source` from now on, and so do the records inside that it has handed out."""
    if source is target or not isinstance(target, Quick):
        return target
    if target.shared:
        return source
    held = [(name, getattr(target, field_slot(target.record, name), None)) for name in target.lists_]
    more_of(target).twin = source
    object.__setattr__(target, "__class__", opened(target.record))
    for name, items in held:
        if isinstance(items, list):  # it was handed out
            items[:] = [move(one, mine) if isinstance(one, Layer) else mine
                        for one, mine in zip(source.values[name], items, strict=True)]  # fmt: skip
            source.values[name] = items
    return target


def field_slot(record: Record, name: str) -> str:
    return next(slot_of(field) for field in record.fields if field.name == name)


def put_back(holder: Layer, item: Any) -> None:
    """Move what the reference engine found of a record inside a layer into `item`."""
    for value in holder.values.values():
        if isinstance(value, list):
            for index, one in enumerate(value):
                if one is item:
                    return
                if not isinstance(one, Layer) or not one.start <= item.start < max(one.end, one.start + 1):
                    continue
                if one.record is item.record and one.start == item.start:
                    value[index] = move(one, item)
                else:
                    put_back(one, item)
