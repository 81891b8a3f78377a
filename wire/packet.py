"""What engines make and views read: packets, their layers, drafts of packets, and notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .schema import Extra, Field, Format, Part, Protocol, Record, engine

if TYPE_CHECKING:
    from .forms import Form
    from .rules import Verdict

Octets = bytes  # Layer.bytes() hides the builtin
SEVERITIES = ("chat", "note", "warn", "error")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about a packet, as a measurement.

    severity    Wireshark's: "chat", "note", "warn" or "error"
    code        what kind of thing it is, for programs: "checksum.wrong", "cut.capture"
    field       the field's full name; None where the note is about a layer
    bits        (first, end), counted from the packet's first bit
    need, have  what the field asks for, and what there is, in bytes unless the text says otherwise
    limited_by  what sets the limit: a length field's name, "frame", "capture", "fragment" or "quote"
    """

    severity: str
    code: str
    text: str
    layer: str = ""
    field: str | None = None
    bits: tuple[int, int] | None = None
    need: int | None = None
    have: int | None = None
    limited_by: str = ""
    rfc: str = ""

    def __str__(self) -> str:
        return f"{self.field or self.layer}: {self.text}"


class Place(NamedTuple):
    """A field as it stands in a packet: its bits, counted from the packet's first bit."""

    field: Field
    first: int
    end: int


@dataclass(slots=True)
class Leaf:
    """One field of one layer, as views walk over them; `items` are the records inside it."""

    layer: Layer
    place: Place
    value: Any

    @property
    def field(self) -> Field:
        return self.place.field

    @property
    def items(self) -> list[Layer]:
        return [one for one in self.value if isinstance(one, Layer)] if isinstance(self.value, list) else []


Row = Field | Part | Extra


STATE = ("cut", "end", "faults", "head", "notes_", "packet", "quoted", "record", "sound", "start", "stop", "tail",
         "values", "verdicts_", "wire_stop")  # fmt: skip  # what a layer consists of


class Layer:
    """A record read from a packet: its values, and the bits that each one came from.

    Attributes read as people write them (`p.ip.src == "192.0.2.1"`), items as the engines hold them:
    ints and bytes (`p.ip["src"]`, or `p.ip.src_raw`).  Dots in names are underscores: `p.tcp.flags_syn`.
    """

    if not TYPE_CHECKING:  # each kind of layer has slots of its own
        __slots__ = ()

    record: Record
    values: dict[str, Any]
    head: list[Place]
    tail: list[Place]
    start: int  # its first byte in the packet
    end: int  # where its header ends
    stop: int  # where it ends, as far as it was captured
    wire_stop: int  # where it ended on the wire
    faults: list[Note]
    quoted: bool
    cut: str  # why its bytes are not all here: "capture", "fragment", "quote", "length"; "" if they are
    sound: bool  # its header was read whole, and its length makes sense
    packet: Packet | None
    notes_: list[Note] | None
    verdicts_: Mapping[str, Verdict] | None

    if TYPE_CHECKING:  # its fields

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...

    # what it is

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def title(self) -> str:
        """`Transmission Control Protocol, 49152 → 80 [SYN]`."""
        texts = getattr(self.record, "title_of", "")
        text = texts(self) if callable(texts) else fill(texts, partial(text_of, self))
        form = getattr(self.record, "form", None)
        title = (form and form(self)) or self.record.title
        return f"{title}, {text}" if text else title

    @property
    def info(self) -> str:
        """The layer in one line, as summaries have it."""
        texts = getattr(self.record, "info", "")
        return texts(self) if callable(texts) else fill(texts, partial(text_of, self))

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layer) and (self.record.name, self.values) == (other.record.name, other.values)

    __hash__ = object.__hash__

    # its values

    def here(self, found: Row) -> Row | None:
        """Of rows of one name in several cases, the one that was read; None for a part that it does not have."""
        owner = found.owner if isinstance(found, Part) else found
        if owner.name not in self.record.twins:
            return found
        read = next((place.field for place in (*self.head, *self.tail) if place.field.name == owner.name), owner)
        if isinstance(found, Part):
            return next((part for part in getattr(read, "parts", ()) if part.name == found.name), None)
        return read

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        if value is None:
            self.record.find(name)
            raise KeyError(f"{self.name}.{name} is not in this packet")
        return value

    def get(self, name: str) -> Any:
        """The value as engines hold it (int, bytes, list of records); None where it is not in the packet."""
        found = self.record.lookup.get(name)
        if isinstance(found, Extra):
            return found.rule(self)
        if isinstance(found, Part):
            part, whole = self.here(found), self.values.get(found.owner.name)
            return part.get(whole) if isinstance(part, Part) and whole is not None else None
        if found is not None:
            return self.values.get(found.name)
        return self._inner(name)

    def _inner(self, name: str) -> Any:
        """A field of the first record inside this one (an option) that has it."""
        for layer in self.inner():
            for path in (self.record.prefix + name, self.record.prefix + name.replace("_", ".")):
                got = layer.by_path(path)
                if got is not None:
                    return got
            prefix = layer.record.prefix.removeprefix(self.record.prefix).replace(".", "_")
            if name.startswith(prefix) and name.removeprefix(prefix) in layer.record.lookup:
                return layer.get(name.removeprefix(prefix))
        return None

    def by_path(self, path: str) -> Any:
        """The value of the field whose full name is `path`, if this layer has it."""
        for place in (*self.head, *self.tail):
            if place.field.path == path:
                return self.values[place.field.name]
        name = path.removeprefix(self.record.prefix)
        return self.get(name) if name != path and name in self.record.lookup else None

    def inner(self) -> Iterator[Layer]:
        """The records inside this one, in wire order."""
        for place in (*self.head, *self.tail):
            value = self.values[place.field.name]
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, Layer):
                        yield item
                        yield from item.inner()

    def _known_inside(self, name: str) -> bool:
        for field in self.record.fields:
            for record in getattr(field.core, "records", {}).values():
                if any(f"{field.attribute}_{one}" == name for one in record.lookup):
                    return True
        return False

    def __setitem__(self, name: str, value: Any) -> None:
        """Edit a field.  ValueError says which field, which value and what is allowed."""
        known = self.record.find(name)
        found = self.here(known)
        if isinstance(known, Extra):
            raise ValueError(f"{known.path} is not on the wire: it is worked out from other fields")
        owner = found.owner if isinstance(found, Part) else found
        if found is None or isinstance(found, Extra) or owner is None or owner.name not in self.values:
            raise ValueError(f"{known.path} is not in this packet")
        value = fitting(found, value, self.values)
        self.values[owner.name] = found.put(self.values[owner.name], value) if isinstance(found, Part) else value
        if self.packet:
            self.packet.touched()

    def show(self, name: str = "") -> str | None:
        """The text that people write for a field; None where it is not in the packet."""
        value = self.get(name)
        known = self.record.lookup.get(name)
        found = self.here(known) if known else None
        if value is None or found is None:
            return None if value is None else str(value)
        if isinstance(found, Extra):
            return ", ".join(map(found.format.show, value if isinstance(value, tuple) else (value,)))
        return found.show(value, self.values)

    def span(self, name: str) -> tuple[int, int]:
        """(first bit, end bit) of a field, counted from the packet's first bit."""
        known = self.record.find(name)
        found = self.here(known)
        if isinstance(known, Extra):
            raise KeyError(f"{known.path} is not on the wire")
        owner = found.owner if isinstance(found, Part) else found
        for field, first, end in (*self.head, *self.tail):
            if field is owner:
                return found.span(first) if isinstance(found, Part) else (first, end)
        raise KeyError(f"{known.path} is not in this packet")

    # its bytes

    @property
    def body(self) -> list[Place]:
        """The places after kind and length, where the record is an option."""
        return [place for place in self.head if place.field.name not in ("kind", "length")]

    @property
    def complete(self) -> bool:
        """Whether every field of its table was read, and nothing is left over."""
        return "rest" not in self.values and all(field.name in self.values for field in self.record.fields)

    def leaves(self) -> Iterator[Leaf]:
        """Its fields in wire order (those after the payload last)."""
        for place in (*self.head, *self.tail):
            yield Leaf(self, place, self.values[place.field.name])

    @property
    def raw(self) -> Octets:
        """The layer as captured, header and payload."""
        return self.packet.raw[self.start : self.stop] if self.packet else b""

    @property
    def header(self) -> Octets:
        return self.packet.raw[self.start : self.end] if self.packet else b""

    @property
    def payload(self) -> Octets:
        """What it carries, as captured."""
        return self.packet.raw[self.end : self.stop] if self.packet else b""

    # what is to be said about it

    @property
    def notes(self) -> list[Note]:
        """Notes on this layer: checks, checksums and all are worked out when they are first read."""
        if self.packet and self.packet.edited:
            return self.packet.fresh.layers[self.packet.depth(self)].notes
        if self.notes_ is None:
            self.notes_ = engine().explain(self)
        return list(self.notes_ or ())

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """What verifying its checksums found, by field."""
        if self.packet and self.packet.edited:
            return self.packet.fresh.layers[self.packet.depth(self)].verdicts
        if self.verdicts_ is None:
            self.verdicts_ = engine().verify(self)
        return dict(self.verdicts_)

    def bytes(self, name: str) -> Octets:
        """The bytes of a field on the wire."""
        field = self.here(self.record.find(name))
        if not isinstance(field, Field):
            raise TypeError(f"{self.name}.{name} has no bytes of its own")
        value = self[name]
        if isinstance(value, Octets):
            return value
        if field.is_bits:
            raise TypeError(f"{field.path} has {field.bits} bits, which are no bytes of its own: see span()")
        return Octets(engine().field_bytes(field, value))

    def container(self) -> Any:
        """The values as construct's own containers hold them."""
        from construct import Container, ListContainer

        made: Any = Container()
        for name, value in self.values.items():
            if isinstance(value, list):
                value = ListContainer(one.container() if isinstance(one, Layer) else one for one in value)
            made[name] = value
        return made


class Detailed(Layer):
    """A layer as the reference engine makes it: everything is kept, and every name is looked up."""

    __slots__ = STATE

    def __init__(self, record: Record, start: int = 0, quoted: bool = False) -> None:
        fill = object.__setattr__
        for name, value in (("record", record), ("values", {}), ("head", []), ("tail", []), ("start", start),
                            ("end", start), ("stop", start), ("wire_stop", start), ("faults", []), ("quoted", quoted),
                            ("packet", None), ("cut", ""), ("sound", True), ("notes_", None),
                            ("verdicts_", None)):  # fmt: skip
            fill(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = self.get(name)
        if value is None:
            whole = self.record.lookup.get(name.removesuffix("_raw"))
            if whole is not None and name not in self.record.lookup and whole.format.textual:
                return self.get(whole.name)
            if name not in self.record.lookup and not self._known_inside(name):
                try:
                    self.record.find(name)
                except KeyError as error:
                    raise AttributeError(error.args[0]) from None
            return None
        found = self.record.lookup.get(name)
        shown: Format | None = getattr(found, "format", None)
        return shown.show(value) if shown and shown.textual and isinstance(value, bytes) else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in STATE:
            object.__setattr__(self, name, value)
        else:
            self[name] = value


def first_bit(layer: Layer, path: str) -> int:
    """Where the field of this full name begins; where the layer does, if it has no bits of its own."""
    return next((place.first for place in (*layer.head, *layer.tail) if place.field.path == path), layer.start * 8)


def fill(template: str, value_of: Callable[[str], Any]) -> str:
    """`template` with each `{name}`, which may have dots, replaced by its value."""
    return re.sub(r"\{([\w.]+)\}", lambda found: str(value_of(found[1])), template)


def text_of(layer: Layer, name: str) -> str:
    """A field for a template: its text, without the name of a number."""
    found, value = layer.record.find(name), layer.get(name)
    if value is None:
        return "?"
    if isinstance(found, Field) and found.flags:
        return ", ".join(found.set_names(value))
    return found.format.show(value)


def fitting(found: Field | Part, value: Any, values: Mapping[str, Any] | None = None) -> Any:
    """`value` as the field holds it, `values` being the fields beside it.  ValueError where it cannot."""
    try:
        value = found.read(value, values)
    except ValueError as error:
        text = str(error)
        raise ValueError(text if text.startswith(found.path) else f"{found.path}: {text}") from None
    if isinstance(found, Part):
        return value
    default = found.default
    if isinstance(default, bytes) and not isinstance(value, (bytes, bytearray, memoryview)):
        raise ValueError(f"{found.path}: {value!r} is not bytes, nor text that it can be read from")
    if isinstance(default, bytes):
        value = bytes(value)
        if 0 <= found.bits != len(value) * 8:
            raise ValueError(f"{found.path}: {len(value)} bytes given, {found.bits // 8} needed")
    elif isinstance(default, int) and found.bits >= 0:
        if isinstance(value, bool) or not isinstance(value, int):
            if not isinstance(value, bool):
                raise ValueError(f"{found.path}: {value!r} is not a number")
            value = int(value)
        wire, over = divmod(value, found.unit)
        if over or not 0 <= wire < 1 << found.bits:
            top = ((1 << found.bits) - 1) * found.unit
            step = f", in steps of {found.unit}" if found.unit > 1 else ""
            raise ValueError(f"{found.path}: {value} does not fit: {found.bits} bits hold 0 to {top}{step}")
    return value


class Packet:
    """A packet read layer by layer.

    raw                      the bytes as captured;  bytes(p): rebuilt from the fields
    number, time             place in the capture (from 1), nanoseconds since 1970; None without a capture
    cap_len, wire_len        bytes captured, and on the wire
    interface, comment, link     what the capture says of it
    """

    __slots__ = ("_fresh", "comment", "edited", "fcs_len", "first", "fixed", "interface", "layer0", "layer1", "layer2",
                 "layer3", "layer4", "layer5", "layer6", "layer7", "layers", "link", "meta", "number", "proof", "raw",
                 "time", "verified", "wire_len")  # fmt: skip

    def __init__(self, raw: bytes, layers: list[Layer], wire_len: int | None = None) -> None:
        self.raw, self.layers = raw, layers
        self.wire_len = len(raw) if wire_len is None else wire_len
        self.number: int | None = None
        self.time: int | None = None
        self.interface: Any = None
        self.comment: str | None = None
        self.link: int | None = None
        self.meta: Any = None
        self.first = layers[0].record.name if layers else "data"
        self.fcs_len = 0
        self.edited = False
        self.fixed: list[str] = []
        self.verified = True  # whether notes verify checksums
        self._fresh: Packet | None = None
        for layer in layers:
            layer.packet = self

    @property
    def cap_len(self) -> int:
        return len(self.raw)

    # layers

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.raw)

    def __bool__(self) -> bool:
        return True  # one without bytes is a packet too

    def __contains__(self, name: str) -> bool:
        return any(layer.name == name for layer in self.layers)

    def __getitem__(self, name: str) -> Layer:
        for layer in self.layers:
            if layer.name == name:
                return layer
        if name == "frame":
            return self.frame
        raise KeyError(f"no {name} layer in this packet: it has {', '.join(layer.name for layer in self.layers)}")

    def __getattr__(self, name: str) -> Layer:
        if name.startswith("_"):
            raise AttributeError(name)
        for layer in self.layers:
            if layer.name.replace(".", "_") == name:
                return layer
        raise AttributeError(f"no {name} layer in this packet: it has {', '.join(layer.name for layer in self.layers)}")

    def depth(self, layer: Layer) -> int:
        """How many layers are outside this one; two that are equal are still two."""
        return next(depth for depth, one in enumerate(self.layers) if one is layer)

    def all(self, name: str) -> list[Layer]:
        """Every layer of this name, outermost first."""
        return [layer for layer in self.layers if layer.name == name]

    @property
    def frame(self) -> Layer:
        """What is known of the packet as a whole: `p.frame.protocols`."""
        return engine().frame(self)  # type: ignore[no-any-return]

    @property
    def payload(self) -> bytes:
        """What the innermost protocol carries: bytes that no protocol claims."""
        last = self.layers[-1] if self.layers else None
        return b"" if last is None else last.raw if last.name == "data" else last.payload

    @property
    def info(self) -> str:
        """What the packet says, in one line: its innermost protocol's summary."""
        own = [layer for layer in self.layers if not layer.quoted and layer.name != "data"]
        return own[-1].info if own else ""

    # values

    def all_of(self, path: str) -> list[tuple[Layer, Any]]:
        """Every value of a full name, with the layer that holds it, in wire order."""
        if path.startswith("frame."):
            value = self.frame.get(path.removeprefix("frame."))
            return [] if value is None else [(self.frame, value)]
        found: list[tuple[Layer, Any]] = []
        for layer in self.layers:
            here: list[tuple[Layer, Any]] = []
            for one in (layer, *layer.inner()):
                value = one.by_path(path)
                if value is None and one is layer and isinstance(layer.record, Protocol):
                    other = layer.record.aliases.get(path)
                    value = layer.get(other) if other else None
                if isinstance(value, tuple):
                    here += [(one, single) for single in value]
                elif value is not None:
                    here.append((one, value))
            found += sorted(here, key=lambda held: first_bit(held[0], path)) if len(here) > 1 else here
        return found

    def get(self, path: str) -> Any:
        """The value by full name (`tcp.flags.syn`, `ip.ttl#2` the second); None where it is absent."""
        name, _, which = path.partition("#")
        found = self.all_of(name)
        index = int(which or 1) - 1
        return found[index][1] if 0 <= index < len(found) else None

    def show(self, path: str = "") -> str | None:
        """The text that people write for a value; without a name, prints the tree."""
        if not path:
            print(self)
            return None
        name, _, which = path.partition("#")
        found = self.all_of(name)
        index = int(which or 1) - 1
        if not 0 <= index < len(found):
            return None
        layer, value = found[index]
        for one in layer.record.lookup.values():
            if one.path == name:
                return one.show(value, layer.values) if isinstance(one, (Field, Part)) else one.format.show(value)
        return str(value)

    # editing

    def touched(self) -> None:
        """A field was edited: notes and spans are to be worked out anew."""
        self.edited, self._fresh = True, None

    @property
    def fresh(self) -> Packet:
        """The packet as its present bytes decode."""
        if not self.edited:
            return self
        if self._fresh is None:
            grown = len(bytes(self)) - len(self.raw)
            self._fresh = engine().decode(bytes(self), self.first, self.wire_len + grown, self.fcs_len)
            copy_meta(self, self._fresh)
        return self._fresh

    @property
    def notes(self) -> list[Note]:
        return [note for layer in self.fresh.layers for note in layer.notes]

    def __bytes__(self) -> bytes:
        return bytes(engine().rebuild(self.layers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packet) and bytes(self) == bytes(other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<Packet of {len(self.raw)} bytes: {' / '.join(layer.name for layer in self.layers)}>"

    def __str__(self) -> str:
        from importlib import import_module

        return str(import_module("wire.views.tree").text(self.fresh))

    def _repr_html_(self) -> str:
        from importlib import import_module

        return str(import_module("wire.views.html").fragment(self.fresh))

    def __rich__(self) -> Any:
        from importlib import import_module

        return import_module("wire.views.screen").rich_tree(self.fresh)


META = ("number", "time", "interface", "comment", "link", "meta", "verified")


def copy_meta(old: Packet, new: Packet) -> Packet:
    """What the capture says of a packet, handed on to another."""
    for name in META:
        setattr(new, name, getattr(old, name))
    return new


# -- drafts ---------------------------------------------------------------------------


class Draft:
    """A record still to be written.  Drafts stack with `/`, outermost first; bytes come last."""

    __slots__ = ("form", "record", "values")

    def __init__(self, record: Record, values: dict[str, Any], form: Form | None = None) -> None:
        self.record, self.values = record, values
        self.form = form  # stands for the record and the names, where it is known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Draft) and (self.record, self.values) == (other.record, other.values)

    __hash__ = object.__hash__

    def put(self, values: Mapping[str, Any]) -> Draft:
        """With these values too: numbers, bytes, or the text that people write."""
        mine = dict(self.values)
        parts: dict[str, list[tuple[Part, Any]]] = {}
        for name, value in values.items():
            try:
                found = self.record.find(name)
            except KeyError as error:
                raise TypeError(error.args[0]) from None
            if isinstance(found, Extra):
                raise TypeError(f"{found.path} is not on the wire: it is worked out from other fields")
            if isinstance(found, Part):
                parts.setdefault(found.owner.name, []).append((found, found.read(value)))
            elif value is not None:
                mine[found.name] = self._fitting(found, value, {**mine, **values})
        for owner, given in parts.items():
            field = self.record.find(owner)
            assert isinstance(field, Field)
            whole = mine.get(owner, field.default)
            for part, value in given:
                whole = part.put(whole, value)
            mine[owner] = whole
        return Draft(self.record, mine)

    def _fitting(self, found: Field, value: Any, values: Mapping[str, Any]) -> Any:
        """The value as the field holds it, or the row of the same name in another case, where only that one can."""
        twins = found.name in self.record.twins
        *others, last = [one for one in self.record.fields if one.name == found.name] if twins else [found]
        for one in others:
            with suppress(ValueError):
                return fitting(one, value, values)
        return fitting(last, value, values)

    def __truediv__(self, inner: Draft | Stack | bytes | str) -> Stack:
        kind = type(inner)
        return Stack((self, inner)) if kind is Draft or kind is bytes else Stack((self,)) / inner

    def __rtruediv__(self, outer: Draft | Stack) -> Stack:
        return Stack((outer,)) / self if isinstance(outer, Draft) else outer / self

    def __bytes__(self) -> bytes:
        return bytes(Stack((self,)))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.record.name}({given})"


class Stack(tuple[Any, ...]):
    """Drafts from the outermost inwards, and bytes last.  `bytes(stack)` works out what was left out."""

    def __truediv__(self, inner: Any) -> Stack:
        kind = type(inner)
        if (kind is Draft or kind is bytes) and self and type(self[-1]) is Draft:
            return Stack((*self, inner))
        if isinstance(inner, str):
            inner = inner.encode()
        if isinstance(inner, (bytearray, memoryview)):
            inner = bytes(inner)
        if isinstance(inner, Packet):
            inner = bytes(inner)
        if self and isinstance(self[-1], bytes):
            raise TypeError("nothing can be stacked inside bytes: put them last")
        if not isinstance(inner, (Draft, Stack, bytes)):
            raise TypeError(f"a stack is made of layers and bytes, not of {type(inner).__name__}")
        return Stack((*self, *inner)) if isinstance(inner, Stack) else Stack((*self, inner))

    def __bytes__(self) -> bytes:
        return bytes(engine("builders").encode(self))

    def decode(self) -> Packet:
        """The packet that these bytes are."""
        first = self[0].record.name if self and isinstance(self[0], Draft) else "data"
        return engine("scalar").decode(bytes(self), first)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return " / ".join(map(repr, self))


Record.draft = Draft
