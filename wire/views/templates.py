"""What templates of text are made of.

A view walks over a packet's fields and asks each for its text.  For a healthy packet (no notes) of
the scalar engine, all but the values is the same in every packet of its kind, so that the walk can be
made once, over an example, and written down as a function: one expression that puts the texts of the
values between texts that never change.  `Writers` keeps these functions; what is odd is left to the views.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from string import Formatter
from typing import Any, ClassVar

from ..engines import reference
from ..engines.codegen import Uncompilable, compiled, indented
from ..engines.quick import Quick
from ..packet import Layer, Leaf, Packet
from ..schema import Field, Format, names_in
from ..types import Count, Hex, HexNumber

Write = Callable[[Packet, Sequence[Layer]], str | None]

FEW = 4  # packets of a kind before a function is made for it: that takes as long as some packets through the views
MOST_KINDS = 512
MOST_TEXT = 1 << 25  # characters remembered in all Texts together
OWN = frozenset(dir(Layer))  # attributes that mean something else than a field of that name


class Texts(dict[Any, str]):
    """The texts of values, made when they are first asked for."""

    every: ClassVar[list[Texts]] = []
    room: ClassVar[int] = MOST_TEXT

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self.make = make
        self.every.append(self)

    def __missing__(self, value: Any) -> str:
        text = self.make(value)
        Texts.room -= len(text)
        if Texts.room < 0:
            for one in self.every:
                one.clear()
            Texts.room = MOST_TEXT
        self[value] = text
        return text


@cache
def remembered(make: Callable[..., str], *given: Any) -> Texts:
    """The texts that `make` gives for (*given, value): the same ones wherever they are needed."""
    return Texts(partial(make, *given))


def number(form: Format, said: bool) -> str | None:
    """A format of plain numbers as an f-string's inside, `v` being the value; None for all other formats.

    said  as `say` has it, else as `show`
    """
    kind = type(form)
    if kind is Count and said:
        return f"{{v}} {form.unit}"  # type: ignore[attr-defined]
    if kind.show is Format.show and (not said or (kind.say, kind.about) == (Format.say, Format.about)):
        return "{v}"
    if kind in (Hex, HexNumber):
        text = f"0x{{v:0{form.digits}x}}"  # type: ignore[attr-defined]
        return f"{text} ({{v}})" if said and kind is HexNumber else text
    return None


def plain_number(field: Field, said: bool) -> str | None:
    """The same for a field, whose words may have more to say than its format."""
    if field.named or field.flags or (said and field.unit > 1) or not isinstance(field.default, int):
        return None
    return number(field.format, said)


def leans_on(leaf: Leaf, remarks: bool = False) -> tuple[str, ...]:
    """The fields beside this one that its text depends on: of "icmp.code.{type}" the type; and those of its remark."""
    field, layer = leaf.field, leaf.layer
    source = field.named.source if field.named else ""
    names = [name for _, name, _, _ in Formatter().parse(source) if name] if isinstance(source, str) else []
    remark = remarked(layer, field) if remarks else None
    names += names_in(remark[0]) if remark else []
    return tuple(name for name in dict.fromkeys(names) if name in layer.values and name != field.name)


def remarked(layer: Layer, field: Field) -> tuple[Any, str] | None:
    """(condition, text) of what is said of a field while the condition holds, where it can be asked here."""
    remark = layer.record.remarks.get(field.name)
    return remark if remark and all(name in layer.values for name in names_in(remark[0])) else None


# -- source ---------------------------------------------------------------------------


class Template:
    """The source of a function: what it does first, and the pieces of the text that it gives back."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self.lines: list[str] = []
        self.tokens: list[str] = []
        self.locals = 0

    def constant(self, thing: Any) -> str:
        """The name of something made beforehand."""
        if id(thing) not in self.names:
            self.names[id(thing)] = f"t{len(self.names)}"
            self.scope[self.names[id(thing)]] = thing
        return self.names[id(thing)]

    def local(self, expression: str) -> str:
        """The name of a value that is used several times."""
        self.locals += 1
        self.lines.append(f"v{self.locals} = {expression}")
        return f"v{self.locals}"

    def say(self, text: str) -> None:
        """Text that is always the same."""
        if text:
            self.tokens.append(repr(text))

    def put(self, expression: str) -> None:
        """A value; strings stay as they are."""
        self.tokens.append(f'f"{{{expression}}}"')

    def form(self, inside: str, variable: str) -> None:
        """A value by a format from `number`."""
        self.tokens.append(number_token(inside, variable))

    def read(self, layer: str, one: Layer, field: Field) -> str:
        """The local variable with the value, as the engines hold it, of a field of a layer like `one`."""
        direct = not field.format.textual and isinstance(one[field.name], int) and field.attribute not in OWN
        return self.local(f"{layer}.{field.attribute}" if direct else f"{layer}[{field.name!r}]")

    def function(self, title: str, first: str, names: Iterable[str]) -> Any:
        """The function of (first, a list with these names)."""
        there = [*names]
        unpack = [f"{', '.join(there)}{',' if len(there) == 1 else ''} = layers"] if there else []
        text = [f"return ({' '.join(self.tokens) or repr('')})"]
        compiled(title, [f"def write({first}, layers):", *indented([*unpack, *self.lines, *text])], self.scope)
        return self.scope["write"]


def number_token(inside: str, variable: str) -> str:
    return f'f"{inside.replace("{v", "{" + variable)}"'


# -- kinds ----------------------------------------------------------------------------


class Writers:
    """Functions that write packets, one for each kind.

    make  (the layers of an example as the reference engine has them, the same as they are) -> function;
          Uncompilable where there can be none
    placed  the text says where fields stand: packets whose layers begin elsewhere are of another kind
    """

    def __init__(self, make: Callable[[Sequence[Layer], Sequence[Layer]], Write], placed: bool) -> None:
        self.make, self.placed = make, placed
        self.known: dict[Any, Write] = {}
        self.seen: dict[Any, int] = {}

    def text(self, packet: Packet) -> str | None:
        """The text of a packet; None where only the views can tell it."""
        if packet.notes:
            return None
        layers = packet.layers
        kind = (*map(type, layers), *[layer.start for layer in layers]) if self.placed else (*map(type, layers),)
        write = self.known.get(kind)
        if write is None:
            write = self.learn(kind, packet, layers)
        try:
            return write(packet, layers)
        except Uncompilable:  # what is inside a field
            return None

    def learn(self, kind: Any, packet: Packet, layers: Sequence[Layer]) -> Write:
        """The function for packets of this kind, once a few of them have come along."""
        count = self.seen[kind] = self.seen.get(kind, 0) + 1
        if count < FEW:
            return leave
        if len(self.known) >= MOST_KINDS or len(self.seen) > 16 * MOST_KINDS:
            self.known.clear()
            self.seen.clear()
        self.known[kind] = write = self.made(packet, layers)
        return write

    def made(self, packet: Packet, layers: Sequence[Layer]) -> Write:
        if not all(isinstance(layer, Quick) for layer in layers):  # it was opened, and may be edited
            return leave
        example = reference.decode(packet.raw, packet.first)
        try:
            return self.make(example.layers, layers)
        except Uncompilable:
            return leave


def leave(packet: Packet, layers: Sequence[Layer]) -> None:
    """What stands for a function where only the views can tell the text."""


class Inside:
    """What writes the records inside a field: one function for each sequence of kinds and sizes.

    depth, name  the layer and the field
    make         (the leaf of an example as the reference engine has it, its records as they are) -> function
    none         the text where there are none
    """

    def __init__(self, depth: int, name: str, make: Callable[[Leaf, Sequence[Layer]], Any], none: str) -> None:
        self.depth, self.name, self.make, self.none = depth, name, make, none
        self.known: dict[Any, Any] = {}

    def __call__(self, packet: Packet, items: Sequence[Layer]) -> str:
        if not items:
            return self.none
        kind = (*map(type, items), *[item.start for item in items], items[-1].end)
        write = self.known.get(kind)
        if write is None:
            if len(self.known) >= MOST_KINDS:
                self.known.clear()
            write = self.known[kind] = self.make(self.example(packet), items)
        return write(packet, items)  # type: ignore[no-any-return]

    def example(self, packet: Packet) -> Leaf:
        layer = reference.decode(packet.raw, packet.first).layers[self.depth]
        return next(leaf for leaf in layer.leaves() if leaf.field.name == self.name)


@cache
def splits(text: str) -> list[str]:
    """A title's pieces: text and, at every second place, the name of a field."""
    return re.split(r"\{([\w.]+)\}", text)
