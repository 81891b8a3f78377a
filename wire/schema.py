"""The language in which protocols are written.

A protocol is a table of `construct` fields in wire order.  construct supplies integers, bit
integers, bytes and `this` expressions; this module adds the words that a packet needs:

    Shown      how people write and read a value              10.0.0.1   0x1c46
    Scaled     the value is the wire's number times a unit    header length in 4-byte words
    Named      numbers that have names, the number kept       opcode 1 = request
    Parts      an integer whose bits have names               dscp, ecn
    Flags      the same, read and written as a set            SYN, ACK
    Auto       a value that a rule works out: filled in when encoding, verified when decoding
    When       a row that is there only if a condition holds
    Cases      rows chosen by a number
    Repeat     a record or a value, again and again
    Payload    the row where the next layer sits; rows may follow it
    Derived    a value that is not on the wire
    Record     a named table of fields
    Protocol   a record with a place in the stack

(`Options`, kind-length-value regions, are in options.py.)  Decoders, encoders, trees, hex
colours, filter names and header pictures are all walks over `Record.rows`; nothing else
describes a protocol.

Conditions and sizes are `this` expressions over the fields before them.  Besides these they may
name `left` (bytes from here to the end of the layer, on the wire), `at` (bytes from the layer's
first byte to here), `ahead8` and `ahead16` (the next byte, the next two; -1 if they are not
there), `fcs` (how many bytes of frame check sequence the link says it carries) and, in rows that
follow a payload, `payload_end` (bytes from the layer's first byte to where the payload ends by its size).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from construct import (
    BitsInteger as Bits,
)
from construct import (
    Bytes,
    BytesInteger,
    Construct,
    Container,
    Default,
    FormatField,
    GreedyBytes,
    Int8ub,
    Int16ub,
    Int24ub,
    Int32ub,
    Int64ub,
    Renamed,
    SizeofError,
    StreamError,
    Struct,
    Subconstruct,
    this,
)
from construct.expr import ExprMixin

from . import registries
from .forms import Form, form_of

if TYPE_CHECKING:
    from .engines.gather import Group
    from .packet import Draft, Layer
    from .rules import Rule

    Wrapper = Subconstruct[Any, Any, Any, Any]
    AnyConstruct = Construct[Any, Any]
    Expression = ExprMixin[Any]
else:
    Wrapper, AnyConstruct, Expression = Subconstruct, Construct, ExprMixin

__all__ = [
    "U8", "U16", "U24", "U32", "U64", "Auto", "Bits", "Bytes", "Cases", "Check", "Default", "Derived", "Ends", "Field",
    "Flags", "Format", "Fragment", "Named", "Part", "Parts", "Payload", "Protocol", "Record", "Repeat", "Rest",
    "Scaled", "Shown", "Struct", "When", "about", "ahead8", "ahead16", "at", "either", "fcs", "left", "payload_end",
    "this",
]  # fmt: skip

U8, U16, U24, U32, U64, Rest = Int8ub, Int16ub, Int24ub, Int32ub, Int64ub, GreedyBytes
at, left, ahead8, ahead16, fcs = this._at, this._left, this._ahead8, this._ahead16, this._fcs
payload_end = this._payload_end


class either(Expression):  # a word of the language, as `this` is
    """`a` where `condition` holds, else `b`: the ternary that `this` expressions lack."""

    def __init__(self, condition: Any, a: Any, b: Any) -> None:
        self.condition, self.a, self.b = condition, a, b

    def __repr__(self) -> str:
        return f"({self.a!r} if {self.condition!r} else {self.b!r})"

    def __call__(self, values: Any, *_: Any) -> Any:
        condition = evaluate(self.condition, values)
        if hasattr(condition, "dtype"):  # columns: both sides are worked out, then chosen from
            from numpy import where

            return where(condition, evaluate(self.a, values), evaluate(self.b, values))
        return evaluate(self.a if condition else self.b, values)


def evaluate(expression: Any, values: Any) -> Any:
    """The value of a `this` expression, or the constant itself."""
    return expression(values) if callable(expression) else expression


def names_in(expression: Any) -> list[str]:
    """The fields that an expression looks at, in the order in which it names them."""
    return [piece.split("']")[0] for piece in repr(expression).split("this['")[1:]]


# -- words ----------------------------------------------------------------------------

Values = Mapping[str, Any] | None


def number_of(text: str) -> int:
    """A number as people write it: decimal, or with 0x, 0o or 0b in front.  ValueError if it is none."""
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None


class Format:
    """How people write a value and read it back; this one is for plain numbers.

    `textual` says that as a Python attribute the value reads as its text.
    """

    textual = False

    def show(self, value: Any) -> str:
        return str(value)

    def read(self, text: str) -> Any:
        return number_of(text)

    def about(self, value: Any) -> str:
        """What to say of the value beside it, if anything."""
        return ""

    def say(self, value: Any) -> str:
        """The value in a sentence: with its unit, or with what there is to say of it."""
        about = self.about(value)
        return f"{self.show(value)} ({about})" if about else self.show(value)

    def tshark(self, value: Any) -> str:
        """The text that tshark prints for it."""
        return self.show(value)


NUMBER = Format()


class Word(Wrapper):
    """Says something about `subcon`, whose bytes it leaves alone."""


class Shown(Word):
    """The bytes of `subcon`, and how people write and read the value."""

    def __init__(self, subcon: Any, shown: Format) -> None:
        super().__init__(subcon)
        self.format = shown


class Scaled(Word):
    """The value is the wire's number times `unit`."""

    def __init__(self, subcon: Any, unit: int) -> None:
        super().__init__(subcon)
        self.unit = unit

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        return self.subcon._parsereport(stream, context, path) * self.unit

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        wire, over = divmod(obj, self.unit)
        if over:
            raise ValueError(f"{obj} is not a multiple of {self.unit}")
        return self.subcon._build(wire, stream, context, path)


class Named(Word):
    """Numbers that have names: a mapping, or the registry that holds them.

    A field in braces completes the registry's name: "icmp.code.{type}".
    """

    def __init__(self, subcon: Any, names: str | Mapping[int, str]) -> None:
        super().__init__(subcon)
        self.source = names

    def names(self, values: Values = None) -> Mapping[int, str]:
        """The names; `values` are the fields beside this one, where the registry depends on another."""
        if not isinstance(self.source, str):
            return self.source
        try:
            return registries.names(self.source.format_map(values or {}))
        except KeyError:  # the field that it depends on is not known
            return {}

    def number(self, text: str, values: Values = None) -> int | None:
        """The number that goes by this name."""
        wanted = text.casefold()
        return next((number for number, name in self.names(values).items() if name.casefold() == wanted), None)


class Parts(Word):
    """An integer whose bits have names: rows of bit fields, most significant first.

    aligned  it begins where a byte begins
    """

    def __init__(self, *rows: Any, aligned: bool = True) -> None:
        self.rows = rows
        bits = sum(row.sizeof() for row in rows)
        super().__init__(BYTES_WIDE[bits] if aligned and bits in BYTES_WIDE else Bits(bits))


class Flags(Parts):
    """Parts that are read and written as a set of names.

    `short` are the names of the field's trade ("SYN"), `letters` their one-letter forms.
    """

    def __init__(self, *rows: Any, short: str = "", letters: str = "") -> None:
        super().__init__(*rows)
        self.short, self.letters = short.split(), letters


class Auto(Word):
    """A value that `rule` works out: filled in when encoding, verified when decoding."""

    def __init__(self, subcon: Any, rule: Rule) -> None:
        super().__init__(subcon)
        self.rule = rule


class When(Word):
    """A row that is there only if `condition` holds."""

    def __init__(self, condition: Any, subcon: Any) -> None:
        super().__init__(subcon)
        self.condition = condition


BYTES_WIDE: dict[int, AnyConstruct] = {8: U8, 16: U16, 24: U24, 32: U32}


class Marker(AnyConstruct):
    """A row that construct itself neither reads nor writes."""

    def swapped(self) -> Marker:
        return self


class Cases(Marker):
    """Rows chosen by the value of `key`: `{number or tuple of numbers: rows}`, else `default`."""

    def __init__(self, key: Any, cases: Mapping[Any, Sequence[Any]], default: Sequence[Any] = ()) -> None:
        super().__init__()
        self.key = key
        self.cases = [(number if isinstance(number, tuple) else (number,), rows) for number, rows in cases.items()]
        self.default = default

    def swapped(self) -> Cases:
        cases = {numbers: [swapped(row) for row in rows] for numbers, rows in self.cases}
        return Cases(self.key, cases, [swapped(row) for row in self.default])


class Repeat(Marker):
    """A record or a value, `count` times, or filling `size` bytes (the rest of the layer unless said)."""

    def __init__(self, item: Any, count: Any = None, size: Any = left) -> None:
        super().__init__()
        self.item, self.count, self.size = item, count, size

    def swapped(self) -> Repeat:
        return Repeat(swapped(self.item), self.count, self.size)

    @cached_property
    def element(self) -> Field | None:
        """What is repeated, where it is a single value."""
        return None if isinstance(self.item, Record) else Field(Renamed(self.item, newname="item"), None)


class Payload(Marker):
    """Where the next layer sits.

    size    how many bytes the header says that it carries; None: all that is left
    by      the fields whose numbers name what is carried, and the registry of each, in order
    also    the registries, and an expression for the number, that are asked where no field names it
    keeps   what the next layer leaves over is this layer's trailer; else it is passed outwards
    spoken  the registry that `frame.protocols` names between this layer and the next
    """

    def __init__(self, size: Any = None, by: Mapping[str, str] | None = None, keeps: bool = True,
                 spoken: str = "", also: Mapping[str, Any] | None = None) -> None:  # fmt: skip
        super().__init__()
        self.size, self.by, self.keeps, self.spoken, self.also = size, dict(by or {}), keeps, spoken, dict(also or {})


class Derived(Marker):
    """A value that is not on the wire: `rule(layer)` tells it.

    columns   the same for the columns engine: a function of a `Group` of layers
    """

    def __init__(self, rule: Callable[[Layer], Any], shown: Format = NUMBER,
                 columns: Callable[[Group], Any] | None = None) -> None:  # fmt: skip
        super().__init__()
        self.rule, self.format, self.columns = rule, shown, columns


class Ends:
    """Both of two fields' values, as Wireshark's either-side names (`ip.addr`, `tcp.port`) have them."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __call__(self, layer: Layer) -> tuple[Any, ...]:
        return tuple(layer.values[name] for name in self.names if name in layer.values)


def swapped(con: Any) -> Any:
    """The same construct in the other byte order.  Bit fields stay: name the bits of an integer with `Parts`."""
    if isinstance(con, FormatField):
        return FormatField("<" if con.fmtstr[0] == ">" else ">", con.fmtstr[1])
    if isinstance(con, BytesInteger):
        return BytesInteger(con.length, con.signed, not con.swapped)
    if isinstance(con, Subconstruct):
        con = copy(con)
        con.subcon = swapped(con.subcon)
        return con
    return con.swapped() if isinstance(con, (Marker, Record)) else con


# -- fields ---------------------------------------------------------------------------


def peel(con: Any) -> Iterator[Any]:
    """The words wrapped around a construct, and at last the construct itself."""
    while isinstance(con, (Renamed, Default, Word)):
        yield con
        con = con.subcon
    yield con


class Spoken:
    """What fields and their parts share: a name, a label, and how the value is written."""

    name: str
    label: str
    words: dict[type, Any]

    @cached_property
    def attribute(self) -> str:
        """The name as a Python attribute, an SQL or a Parquet column has it."""
        return self.name.replace(".", "_")

    @property
    def format(self) -> Format:
        shown: Shown | None = self.words.get(Shown)
        return shown.format if shown else NUMBER

    @property
    def named(self) -> Named | None:
        return self.words.get(Named)

    def name_of(self, value: Any, values: Values = None) -> str | None:
        """The name that this number has, if it has one; `values` are the fields beside this one."""
        return self.named.names(values).get(value) if self.named else None

    def show(self, value: Any, values: Values = None) -> str:
        """The text that people write: `10.0.0.1`, `IPv4 (0x0800)`, `request (1)`."""
        text, name = self.format.show(value), self.name_of(value, values)
        return f"{name} ({text})" if name else text

    def say(self, value: Any, values: Values = None) -> str:
        """The text with all that there is to say of it: `49152 (dynamic)`, `20 bytes (5 words of 4)`."""
        name = self.name_of(value, values)
        return f"{name} ({self.format.show(value)})" if name else self.format.say(value)

    def read(self, value: Any, values: Values = None) -> Any:
        """A value as a person gives it, text or not."""
        if not isinstance(value, str):
            return value
        number = self.named.number(value, values) if self.named else None
        return self.format.read(value) if number is None else number


class Part(Spoken):
    """Named bits of a field: `shift` counts from the field's last bit."""

    bits: int

    def __init__(self, owner: Field, con: Any, shift: int) -> None:
        self.owner, self.shift = owner, shift
        self.name, self.label, self.bits = f"{owner.name}.{con.name}", con.docs or con.name, con.sizeof()
        self.last, self.words = con.name, {type(word): word for word in peel(con)}

    @property
    def path(self) -> str:
        return f"{self.owner.path}.{self.last}"

    @property
    def mask(self) -> int:
        return (1 << self.bits) - 1

    def get(self, value: int) -> int:
        return value >> self.shift & self.mask

    def put(self, value: int, part: int) -> int:
        """`value` with these bits set to `part`."""
        if not 0 <= part <= self.mask:
            raise ValueError(f"{self.path}: {part} does not fit: {self.bits} bits hold 0 to {self.mask}")
        return value & ~(self.mask << self.shift) | part << self.shift

    def span(self, first: int) -> tuple[int, int]:
        """Its bits, where the field's first bit is `first`."""
        shift = self.shift
        if getattr(self.owner.core, "fmtstr", "")[:1] == "<":  # low byte first: a part lies within one byte
            shift = self.owner.bits - 8 - shift // 8 * 8 + shift % 8
        end = first + self.owner.bits - shift
        return end - self.bits, end


class Field(Spoken):
    """One row of a record that has bytes: a construct, and the words said about it."""

    def __init__(self, con: Any, record: Record | None) -> None:
        self.con, self.record = con, record
        self.name: str = con.name
        self.label: str = con.docs or con.name
        *words, self.core = peel(con)
        self.words = {type(word): word for word in words}
        self.run: Run | None = None
        self.parts: tuple[Part, ...] = ()
        self.full = ""  # a path of its own, where Wireshark's name is not record.name
        parts = self.words.get(Flags) or self.words.get(Parts)
        if parts:
            shift, made = parts.subcon.sizeof() * (1 if isinstance(parts.subcon, Bits) else 8), []
            for row in parts.rows:
                shift -= row.sizeof()
                made.append(Part(self, row, shift))
            self.parts = tuple(made)

    @property
    def path(self) -> str:
        """The name by which filters, JSON and people call it: `tcp.srcport`."""
        return self.full or (self.record.prefix if self.record else "") + self.name

    @property
    def is_bits(self) -> bool:
        return isinstance(self.core, Bits)

    @cached_property
    def bits(self) -> int:
        """How wide it is; -1 when that varies."""
        try:
            size = int(self.core.sizeof())
        except (SizeofError, KeyError):
            return -1
        return size if self.is_bits else size * 8

    @property
    def rule(self) -> Rule | None:
        return self.words[Auto].rule if Auto in self.words else None

    @property
    def unit(self) -> int:
        return self.words[Scaled].unit if Scaled in self.words else 1

    @property
    def default(self) -> Any:
        """What is written when nothing is given."""
        if Default in self.words:
            value = self.words[Default].value
            return value() if callable(value) else value
        if isinstance(self.core, (Bytes, type(GreedyBytes))):
            return bytes(self.bits // 8) if self.bits > 0 else b""
        return [] if isinstance(self.core, Marker) else 0

    def size(self, context: Mapping[str, Any]) -> int:
        """Bytes that it takes (bits for a bit field) where `context` holds; -1 if only reading tells."""
        if isinstance(self.core, Bytes):
            return int(evaluate(self.core.length, context))
        if self.core is GreedyBytes:
            return max(0, int(context["_left"]))
        return self.bits if self.is_bits or self.bits < 0 else int(self.bits // 8)

    @property
    def flags(self) -> Flags | None:
        return self.words.get(Flags)

    @property
    def format(self) -> Format:
        own: Format | None = getattr(self.core, "format", None)
        return own or super().format

    def set_names(self, value: int) -> list[str]:
        """The flags that are set, by their short names, or their labels where they have none."""
        short = self.flags.short if self.flags else []
        texts = short if len(short) == len(self.parts) else [part.label for part in self.parts]
        names = [text for text, part in zip(texts, self.parts, strict=True) if part.bits == 1 and part.get(value)]
        return names[::-1]  # from the last bit up, as everybody writes them: SYN, ACK

    def show(self, value: Any, values: Values = None) -> str:
        if not self.flags:
            return super().show(value, values)
        text = f"0x{value:0{-(-self.bits // 4)}x}"
        names = ", ".join(self.set_names(value))
        return f"{text} ({names or 'none'})" if self.flags.short else f"{text}, {names}" if names else text

    def say(self, value: Any, values: Values = None) -> str:
        if self.flags:
            return self.show(value)
        if self.unit > 1:
            return f"{value} bytes ({value // self.unit} words of {self.unit})"
        return super().say(value, values)

    def read(self, value: Any, values: Values = None) -> Any:
        return self.read_flags(value) if self.flags and isinstance(value, str) else super().read(value, values)

    def read_flags(self, text: str) -> int:
        """Flags as people write them: `SYN,ACK`, `syn|ack`, `S.`, `SA`, `0x12`, `none`."""
        assert self.flags
        with suppress(ValueError):
            return int(text, 0)
        short = [name.lower() for name in self.flags.short] or [""] * len(self.parts)
        masks = {part.last: part.mask << part.shift for part in self.parts}
        masks |= {name: mask for name, mask in zip(short, masks.values(), strict=True) if name}
        words = text.lower().replace("|", ",").replace("+", ",").replace(" ", ",").split(",")
        if all(word in masks or word in ("", "none") for word in words):
            return sum({masks[word] for word in words if word in masks})
        letters = {letter: mask for letters, mask in zip(self.flags.letters.split(), masks.values(), strict=False)
                   for letter in letters}  # fmt: skip
        if all(letter in letters for letter in text):
            return sum({letters[letter] for letter in text})
        raise ValueError(f"{self.path}: no flags are called {text!r}: known are {', '.join(masks)}"
                         + (f" and the letters {''.join(letters)}" if letters else ""))  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Neighbouring bit fields: read in one go, as they make up whole bytes only together."""

    fields: tuple[Field, ...]

    @cached_property
    def con(self) -> Any:
        from construct import BitStruct

        return BitStruct(*(f.con for f in self.fields))

    @cached_property
    def size(self) -> int:
        """Bytes."""
        bits = sum(f.bits for f in self.fields)
        if bits % 8:
            raise TypeError(f"{', '.join(f.name for f in self.fields)}: {bits} bits are not whole bytes")
        return bits // 8


@dataclass(frozen=True)
class Choice:
    """A `Cases` row with its rows laid out."""

    key: Any
    cases: tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...]
    default: tuple[Any, ...]

    def rows(self, number: Any) -> tuple[Any, ...]:
        return next((rows for numbers, rows in self.cases if number in numbers), self.default)

    @property
    def branches(self) -> tuple[tuple[Any, ...], ...]:
        return (*(rows for _, rows in self.cases), self.default)


@dataclass(frozen=True)
class Extra:
    """A `Derived` row."""

    record: Record
    name: str
    label: str
    rule: Callable[[Layer], Any]
    format: Format = NUMBER
    columns: Callable[[Group], Any] | None = None

    @property
    def path(self) -> str:
        return self.record.prefix + self.name

    @property
    def attribute(self) -> str:
        return self.name.replace(".", "_")


# -- records --------------------------------------------------------------------------


MOST_TEXTS = 4096  # that a record remembers


class Record(AnyConstruct):
    """A named table of fields in wire order.

    checks   what should hold of it (see `Check`)
    meaning  field: what it is for and where that is said
    alias    other names that people use for it
    once     an option that may stand in a list only once
    remarks  field: (condition, what to say of its value while it holds)
    path     the name that its fields' full names begin with, where Wireshark has it under another's
    """

    name: str
    draft: ClassVar[Callable[..., Draft]]  # set where drafts are defined

    def __init__(self, name: str, title: str, *rows: Any, checks: Sequence[Any] = (), alias: Sequence[str] = (),
                 once: bool = False, rfc: str = "", meaning: Mapping[str, str] | None = None,
                 remarks: Mapping[str, tuple[Any, str]] | None = None, path: str = "") -> None:  # fmt: skip
        super().__init__()
        self.name, self.title, self.source, self.prefix = name, title, rows, f"{path or name}."
        self.alias, self.once, self.rfc, self.meaning = tuple(alias), once, rfc, dict(meaning or {})
        self.remarks = dict(remarks or {})
        self.checks = tuple(Check(*check) if isinstance(check, tuple) else check for check in checks)

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def rows(self) -> tuple[Any, ...]:
        """Fields, runs of bit fields, choices and the payload, in wire order."""
        return self._lay(self.source)

    def _lay(self, rows: Sequence[Any]) -> tuple[Any, ...]:
        laid: list[Any] = []
        bits: list[Field] = []
        for row in rows:
            core = [*peel(row)][-1]
            if isinstance(core, Derived):
                continue
            field = None if isinstance(core, (Cases, Payload)) else Field(row, self)
            if isinstance(core, Repeat) and isinstance(core.item, Record):
                core.item.prefix = self.prefix
            if field and field.is_bits:
                bits.append(field)
                continue
            laid += self._close(bits)
            if isinstance(core, Cases):
                cases = tuple((numbers, self._lay(inner)) for numbers, inner in core.cases)
                laid.append(Choice(core.key, cases, self._lay(core.default)))
            else:
                laid.append(field or core)
        return (*laid, *self._close(bits))

    @staticmethod
    def _close(bits: list[Field]) -> list[Run]:
        if not bits:
            return []
        run = Run(tuple(bits))
        for one in bits:
            one.run = run
        bits.clear()
        return [run]

    @cached_property
    def extras(self) -> tuple[Extra, ...]:
        """The values that are not on the wire."""
        found = []
        for row in self.source:
            core = [*peel(row)][-1]
            if isinstance(core, Derived):
                found.append(Extra(self, row.name, row.docs or row.name, core.rule, core.format, core.columns))
        for f in self.fields:
            if f.rule and f.rule.verdict:
                found.append(Extra(self, f"{f.name}.status", f"{f.label} Status", f.rule.status_of(f.name)))
        return tuple(found)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field that the table can have, in order."""
        return tuple(fields_in(self.rows))

    @cached_property
    def twins(self) -> frozenset[str]:
        """Names that stand in several of its cases, each time as another row."""
        names = [one.name for one in self.fields]
        return frozenset(name for name in names if names.count(name) > 1)

    @cached_property
    def lookup(self) -> dict[str, Field | Part | Extra]:
        """Fields, parts and derived values by name, dotted and as an attribute."""
        table: dict[str, Field | Part | Extra] = {}
        parts = [part for f in self.fields for part in f.parts]
        rows: list[Field | Part | Extra] = [*self.fields, *parts, *self.extras]
        for one in rows:
            table.setdefault(one.name, one)
            table.setdefault(one.attribute, one)
            if isinstance(one, Part) and one.owner.flags and one.owner.flags.short:
                names = [part.last for part in one.owner.parts]
                short = one.owner.flags.short[names.index(one.last)].lower()
                table.setdefault(f"{one.owner.attribute}_{short}", one)
                table.setdefault(f"{one.owner.name}.{short}", one)
        return table

    @cached_property
    def carriers(self) -> tuple[Payload, ...]:
        """The rows where a next layer can sit: one, or one in each of several cases."""
        return tuple(payloads_in(self.rows))

    def find(self, name: str) -> Field | Part | Extra:
        """The field of this name.  KeyError, with the nearest names, if there is none."""
        found = self.lookup.get(name)
        if found is None:
            from difflib import get_close_matches

            near = get_close_matches(name, self.lookup, 3, 0.5)
            names = ", ".join(f.name for f in self.fields)
            hint = f": did you mean {' or '.join(near)}?" if near else f"; it has {names}"
            raise KeyError(f"{self.name} has no field {name}{hint}")
        return found

    def __call__(self, *args: Any, **values: Any) -> Draft:
        """A draft of it: fields by name, as numbers, bytes or the text that people write."""
        if not args:
            form = self.forms.get(names := tuple(values))
            if form is not None and form(*values.values()):
                return self.draft(self, values, form)
            limits, texts = self.limits, self.texts
            for name, value in values.items():  # what needs no more than a look
                kind = type(value)
                if kind is int:
                    if not 0 <= value <= limits.get(name, -1):
                        break
                elif kind is str:
                    known = texts.get((name, value))
                    if known is None:
                        break
                    values[name] = [*known] if type(known) is list else known
                elif kind is not bytes or limits.get(name, 0) != -2 - len(value):
                    break
            else:
                if len(self.forms) < MOST_TEXTS:
                    self.forms[names] = form_of(names, limits)
                return self.draft(self, values)
        given = dict(zip((f.name for f in self.fields), args, strict=False)) | values
        made = self.draft(self, {}).put(given)
        for name, value in given.items():
            if type(value) is str and name in self.alike and len(self.texts) < MOST_TEXTS:
                self.texts[name, value] = made.values[name]
        return made

    @cached_property
    def forms(self) -> dict[tuple[str, ...], Form | None]:
        """For the names that drafts were made with: whether values fit, in one call."""
        return {}

    @cached_property
    def limits(self) -> dict[str, int]:
        """The largest number that a field takes; -2 and less: bytes, two more than they are many."""
        found = {}
        for one in self.fields:
            if one.name not in self.twins and one.bits >= 0 and one.unit == 1:
                if isinstance(one.default, int):
                    found[one.name] = (1 << one.bits) - 1
                elif isinstance(one.default, bytes):
                    found[one.name] = -2 - one.bits // 8
        return found

    @cached_property
    def texts(self) -> dict[tuple[str, str], Any]:
        """Values that were read from text before."""
        return {}

    @cached_property
    def alike(self) -> frozenset[str]:
        """The fields whose text means the same whatever the other fields are."""
        return frozenset(one.name for one in self.fields if one.name not in self.twins
                         and not (one.named and "{" in str(one.named.source)))  # fmt: skip

    def swapped(self) -> Record:
        """The same table in the other byte order, as the headers of capture files come in both."""
        return Record(self.name, self.title, *(swapped(row) for row in self.source), checks=self.checks,
                      alias=self.alias, once=self.once, rfc=self.rfc, meaning=self.meaning)  # fmt: skip

    # construct's interface: a record reads and writes itself, and embeds in any Struct

    def _parse(self, stream: Any, context: Any, path: str) -> Any:
        from construct.core import stream_seek, stream_tell

        start = stream_tell(stream, path)
        layer = engine().read(self, stream.read(), context)
        if layer.faults:
            raise StreamError(f"{self.name}: {layer.faults[0].text}", path=path)
        stream_seek(stream, start + layer.end, 0, path)
        return layer.container()

    def _build(self, obj: Any, stream: Any, context: Any, path: str) -> Any:
        stream.write(engine().write(self, obj or {}, context))
        return obj

    def _sizeof(self, context: Any, path: str) -> int:
        bits = [f.bits for f in self.fields]
        if any(width < 0 for width in bits) or any(isinstance(row, Choice) for row in self.rows):
            raise SizeofError(f"{self.name} varies in size", path=path)
        return sum(bits) // 8


def fields_in(rows: Sequence[Any]) -> Iterator[Field]:
    for row in rows:
        if isinstance(row, Field):
            yield row
        elif isinstance(row, Run):
            yield from row.fields
        elif isinstance(row, Choice):
            for branch in row.branches:
                yield from fields_in(branch)


def payloads_in(rows: Sequence[Any]) -> Iterator[Payload]:
    for row in rows:
        if isinstance(row, Payload):
            yield row
        elif isinstance(row, Choice):
            for branch in row.branches:
                yield from payloads_in(branch)


@dataclass(frozen=True)
class Check:
    """What should hold of a record, and what to say when it does not.

    severity  Wireshark's: "chat", "note", "warn" or "error"
    stops     nothing after this header can be trusted: what follows stays bytes
    """

    condition: Any
    text: str
    rfc: str = ""
    severity: str = "error"
    stops: bool = False
    code: str = ""

    @cached_property
    def field(self) -> str:
        """The field that it is about: the first that the condition names."""
        return next((name for name in names_in(self.condition) if not name.startswith("_")), "")

    def __call__(self, values: Any) -> bool:
        return bool(evaluate(self.condition, values))

    def need(self) -> int | None:
        """The number that the field is held against, where the condition says one: `this.hdr_len >= 20`."""
        match = re.fullmatch(r"\(this\['[^']+'\] (>=|<=|==|>|<) (\d+)\)", repr(self.condition))
        if not match:
            return None
        return int(match.group(2)) + {">": 1, "<": -1}.get(match.group(1), 0)


def about(*names: str) -> Callable[[Any], Any]:
    """Says of a function of a layer that it has nothing to say of one in which none of these is: fields, or options.

    It is only a promise that spares the call; the function has to see for itself.
    """

    def mark(function: Any) -> Any:
        function.about = frozenset(names)
        return function

    return mark


@dataclass(frozen=True)
class Fragment:
    """How a header says that it carries a piece of something larger."""

    offset: Any
    more: Any


@dataclass
class Registry:
    """Who is carried under which number of a registry; `None` stands for any other."""

    numbers: dict[int | None, Protocol] = field(default_factory=dict)

    def find(self, number: Any) -> Protocol | None:
        return self.numbers.get(number) or self.numbers.get(None)


class Protocol(Record):
    """A record with a place in the stack.

    over      the numbers by which it is carried: {"ip.proto": 6}, or several: {"tcp.port": (80, 8080)};
              None for every number that nobody else claims
    osi       its layer in OSI's model, 1 to 7
    pseudo    the header that it lends to checksums above (see rules.PseudoHeader)
    amends    what it changes in a pseudo header lent from below: a function of its layer and the values as they are
    fragment  how it says that its payload is a piece
    quotes    its payload is (the beginning of) a packet that it quotes
    spoken    names that `frame.protocols` puts before what this protocol carries
    short    its name in a column: "IPv4", "TCP"
    title_of, info   texts of a layer: in trees (after its title), and in one-line summaries
    form     a function of a layer: its title where it is not the usual one
    """

    known: ClassVar[dict[str, Protocol]] = {}
    registries: ClassVar[dict[str, Registry]] = {}
    watchers: ClassVar[list[Callable[[], None]]] = []  # told when a protocol is made

    def __init__(self, name: str, title: str, *rows: Any, over: Mapping[str, Any] | None = None, osi: int = 7,
                 pseudo: Any = None, amends: Callable[[Layer, Mapping[str, Any]], dict[str, Any]] | None = None,
                 fragment: Fragment | None = None, quotes: bool = False, aliases: Mapping[str, str] | None = None,
                 title_of: str | Callable[[Layer], str] = "", info: str | Callable[[Layer], str] = "",
                 form: Callable[[Layer], str] | None = None,
                 short: str = "", **record: Any) -> None:  # fmt: skip
        super().__init__(name, title, *rows, **record)
        self.over = {registry: numbers if isinstance(numbers, tuple) else (numbers,)
                     for registry, numbers in (over or {}).items()}  # fmt: skip
        self.osi, self.pseudo, self.amends, self.fragment, self.quotes = osi, pseudo, amends, fragment, quotes
        self.title_of, self.info, self.form, self.short = title_of, info, form, short or name.upper()
        self.aliases = dict(aliases or {})
        self.known[name] = self
        for registry, numbers in self.over.items():
            for number in numbers:
                self.registries.setdefault(registry, Registry()).numbers[number] = self
        for changed in self.watchers:
            changed()

    @classmethod
    def child(cls, carrier: Payload, values: Mapping[str, Any]) -> Protocol | None:
        """Who sits in the payload, as the header's numbers name it."""
        for name, registry in carrier.by.items():
            if name in values and registry in cls.registries:
                found = cls.registries[registry].find(values[name])
                if found:
                    return found
        return None

    def carries(self, inner: Record) -> dict[str, int]:
        """The header's number that says that it carries `inner`."""
        over = getattr(inner, "over", {})
        for carrier in self.carriers:
            for name, registry in carrier.by.items():
                numbers = [number for number in over.get(registry, ()) if number is not None]
                if numbers:
                    return {name: numbers[0]}
        return {}


@cache
@cache
def engine(name: str = "reference") -> Any:
    """An engine: the one call by which a schema or a packet reaches it."""
    return import_module(f"wire.engines.{name}")


def context_of(values: Mapping[str, Any]) -> Any:
    """A construct context that holds these values."""
    context: Any = Container(values)
    context._params = context
    return context
