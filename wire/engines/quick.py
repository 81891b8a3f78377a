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

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from ..options import Options
from ..packet import Detailed, Layer, Packet
from ..schema import Ends, Field, Part, Record, Repeat
from . import reference

KEPT = ("full_", "outer_", "raw_", "packet_")  # the outermost layer has `full_`, `raw_` and `packet_`; the others `outer_`
STATE = {name: Layer.__dict__[name] for name in Layer.__slots__}  # to write what a Quick layer shadows
TAKEN = frozenset(name for name in dir(Layer) if not name.startswith("__"))


def slot_of(field: Field) -> str:
    """The slot that holds a field: its name, unless reading the name as an attribute means something else."""
    name = field.attribute
    return f"{name}_" if field.format.textual or isinstance(field.core, (Options, Repeat)) or name in TAKEN else name


@cache
def storage(record: Record) -> type[Layer]:
    """Slots for every field that the record can have."""
    slots = {slot_of(field) for field in record.fields} | {"rest"}
    body = {"__slots__": (*sorted(slots), *KEPT), "__init__": object.__init__, "__copy__": copied,
            "__doc__": f"The values of {record.name}."}  # fmt: skip
    return type(f"{record.name}_values", (Layer,), body)


@cache
def opened(record: Record) -> type[Layer]:
    """An ordinary layer with the layout of the record's storage: every name is looked up in `values`."""
    base = storage(record)
    through = {name: property(lambda self, name=name: Detailed.__getattr__(self, name))
               for name in (*record_slots(record), "rest") if name not in TAKEN}  # fmt: skip
    body = {"__slots__": (), "__getattr__": Detailed.__getattr__, "__setattr__": Detailed.__setattr__, **through}
    return type(record.name, (base,), body)


def record_slots(record: Record) -> set[str]:
    return {slot_of(field) for field in record.fields}


def copied(layer: Layer) -> Layer:
    """A copy that is an ordinary layer, whatever this one is."""
    open_(layer)
    made = Detailed(layer.record)
    for state in STATE.values():
        state.__set__(made, state.__get__(layer))
    return made


class SlotValues(Mapping[str, Any]):
    """`layer.values` of a layer that is not opened: to read.  What writes into it opens the layer."""

    __slots__ = ("layer",)

    def __init__(self, layer: Quick) -> None:
        self.layer = layer

    def __getitem__(self, name: str) -> Any:
        getter = self.layer.fields_.get(name)
        if getter is None:
            raise KeyError(name)
        return getter(self.layer)

    def get(self, name: str, default: Any = None) -> Any:
        getter = self.layer.fields_.get(name)
        return default if getter is None else getter(self.layer)

    def __contains__(self, name: object) -> bool:
        return name in self.layer.fields_

    def __iter__(self) -> Iterator[str]:
        return iter(self.layer.fields_)

    def __len__(self) -> int:
        return len(self.layer.fields_)

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
    quoted, cut, sound = False, "", True  # type: ignore[assignment]

    head, tail, notes_, verdicts_ = (opening(name) for name in ("head", "tail", "notes_", "verdicts_"))

    @property
    def values(self) -> Any:  # type: ignore[override]
        return SlotValues(self)

    @property
    def faults(self) -> Any:  # type: ignore[override]
        return []

    @property
    def wire_stop(self) -> int:  # type: ignore[override]
        return self.stop

    @property
    def packet(self) -> Packet | None:  # type: ignore[override]
        return None if self.within else getattr(outermost(self), "packet_", None) or open_(self).packet

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(open_(self), name, value)

    def __setitem__(self, name: str, value: Any) -> None:
        open_(self)[name] = value

    def __getitem__(self, name: str) -> Any:
        getter = self.names_.get(name)
        value = None if getter is None else getter(self)
        return super().__getitem__(name) if value is None else value

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

    @property
    def raw(self) -> bytes:
        return raw_of(self)[self.start : self.stop]

    @property
    def header(self) -> bytes:
        return raw_of(self)[self.start : self.end]

    @property
    def payload(self) -> bytes:
        return raw_of(self)[self.end : self.stop]


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
    fields: dict[str, Callable[[Any], Any]] = {field.name: attrgetter(slot_of(field)) for field in present} | dict(readers)
    names: dict[str, Callable[[Any], Any]] = {}
    for field in present:
        names[field.name] = names[field.attribute] = fields[field.name]
        if field.name in readers:
            body[field.attribute] = property(readers[field.name])
        if field.format.textual and not isinstance(field.core, Repeat):
            body[field.attribute] = textual(fields[field.name], field)
        for part in field.parts:
            value = bits_of(fields[field.name], part)
            for name, one in record.lookup.items():
                if isinstance(one, Part) and one.name == part.name:
                    names[name] = value
                    body[name] = property(value)
    for extra in record.extras:
        value = ends(extra.rule, fields) if isinstance(extra.rule, Ends) else extra.rule
        names[extra.name] = names[extra.attribute] = value
        body[extra.attribute] = property(value)
    for field in record.fields:
        if isinstance(field.core, (Options, Repeat)) and field.name in here:
            body |= inside(record, field)
    for name in missing:
        if name not in names and name not in here and name not in {slot_of(field) for field in present}:
            body.setdefault(name, None)
    body = {name: value for name, value in body.items() if name not in TAKEN or name in ("record",)}
    body |= {"fields_": fields, "names_": names,
             "lists_": tuple(field.name for field in present if isinstance(field.core, (Options, Repeat)))}  # fmt: skip
    return type(record.name, (Quick, storage(record)), body | constants)


def textual(getter: Callable[[Any], Any], field: Field) -> property:
    show = field.format.show
    return property(lambda layer: show(getter(layer)))


def bits_of(getter: Callable[[Any], Any], part: Part) -> Callable[[Any], Any]:
    shift, mask = part.shift, part.mask
    return lambda layer: getter(layer) >> shift & mask


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
                found.setdefault(name, property(lambda layer, name=name: layer._inner(name)))
        for nested in home.fields:
            if isinstance(nested.core, Repeat):
                found = inside(record, nested) | found
    return {name: value for name, value in found.items() if name not in record.lookup}


# -- opening --------------------------------------------------------------------------


def open_(layer: Any) -> Layer:
    """Make a layer an ordinary one, with all that the reference engine finds in the packet."""
    if not isinstance(layer, Quick):
        return layer  # type: ignore[no-any-return]
    root = outermost(layer)
    packet = full(root)
    if layer.within:
        holder = packet.layers[layer.depth]
        put_back(holder, layer)
    else:
        move(packet.layers[layer.depth], layer, packet)
        packet.layers[layer.depth] = layer
    return layer  # type: ignore[no-any-return]


def full(root: Any) -> Packet:
    """The packet as the reference engine reads it, once for all its layers."""
    found: Packet | None = getattr(root, "full_", None)
    if found is None:
        found = reference.decode(root.raw_, root.record.name)
        object.__setattr__(root, "full_", found)
        found.layers[0] = move(found.layers[0], root, found)
    return found


def move(source: Layer, target: Any, packet: Packet | None) -> Layer:
    """What is known of `source` goes into `target`, and so on inside of it."""
    if source is target or not isinstance(target, Quick):
        return target  # type: ignore[no-any-return]
    held = {name: getattr(target, f"{field_slot(target.record, name)}", None) for name in target.lists_}
    for state in STATE.values():
        state.__set__(target, state.__get__(source))
    object.__setattr__(target, "__class__", opened(target.record))
    target.packet = packet
    for name, items in held.items():
        if items is not None:
            for mine, theirs in zip(items, target.values[name], strict=True):
                if isinstance(theirs, Layer):
                    move(theirs, mine, None)
            target.values[name] = items
    return target  # type: ignore[no-any-return]


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
                    value[index] = move(one, item, None)
                else:
                    put_back(one, item)

