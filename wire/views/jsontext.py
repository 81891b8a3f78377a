"""Healthy packets as JSON by templates: the text of `packet_object`, without the object."""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..engines.codegen import Uncompilable
from ..options import Options, show_value
from ..packet import Detailed, Layer, Leaf, Packet, Place
from ..rules import GOOD
from ..schema import Ends, Field, Format, Record
from ..types import HexData
from .json import leaf_object, path_of, plain, show_of
from .templates import (
    Inside,
    Template,
    Write,
    Writers,
    leans_on,
    number_token,
    plain_number,
    remembered,
)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


NAMES = remembered(dumps)  # of protocols


class Objects:
    """Writes packets as JSON.

    tail  writes what is to stand behind what `packet_object` has, and the brace that closes it
    """

    def __init__(self, tail: Callable[[Packet], str] = lambda packet: "}") -> None:
        self.tail = tail
        self.writers = Writers(self.function, placed=True)

    def text(self, packet: Packet) -> str | None:
        """The text; None where only the object can tell it."""
        return self.writers.text(packet)

    def function(self, example: Sequence[Layer], layers: Sequence[Layer]) -> Write:
        """The function for packets like this one."""
        made = Template()
        packet = example[0].packet
        assert packet
        made.lines.append("raw = packet.raw.hex()")
        made.put(f"{made.constant(head)}(packet)")
        made.put("raw")
        made.say(f'", "protocols": {dumps(packet.frame.get("protocols"))}, "layers": [')
        for depth, (one, layer) in enumerate(zip(example, layers, strict=True)):
            made.say(", " if depth else "")
            layer_text(made, f"l{depth}", depth, one, layer)
        made.say("]")
        made.put(f"{made.constant(self.tail)}(packet)")
        function: Write = made.function("json", "packet", [f"l{depth}" for depth in range(len(layers))])
        return function


def head(packet: Packet) -> str:
    """What stands before the bytes."""
    start = '{"type": "packet"'
    if packet.number is not None:
        start += f', "number": {packet.number}'
    if packet.time is not None:
        start += f', "time": {packet.time}'
    if packet.comment is not None:
        start += f', "comment": {dumps(packet.comment)}'
    fcs = f', "fcs_len": {packet.fcs_len}' if packet.fcs_len else ""
    link = "" if packet.link is None else f', "link": {packet.link}'
    return (f'{start}, "wire_len": {packet.wire_len}, "cap_len": {packet.cap_len}, "first": {NAMES[packet.first]}'
            f'{fcs}{link}, "raw": "')  # fmt: skip


def layer_text(made: Template, name: str, depth: int, one: Layer, layer: Layer) -> None:
    """A layer: `layer_object`."""
    leaves = [*one.leaves()]
    variables = {leaf.field.name: made.read(name, layer, leaf.field) for leaf in leaves}
    stop = made.local(f"{name}.stop * 8" if depth else "len(packet.raw) * 8")
    made.say(f'{{"name": {dumps(one.name)}, "bits": [{one.start * 8}, ')
    made.put(stop)
    made.say('], "fields": {')
    places = [*head_places(made, name, one), *tail_places(made, stop, one, variables)]
    fields_text(made, leaves, variables, places, depth)
    made.say('}, "derived": {')
    derived_text(made, name, one, variables)
    made.say('}, "notes": []}')


# -- places ---------------------------------------------------------------------------

Bits = tuple[str, str]  # first and end, as source


def head_places(made: Template, name: str, one: Layer) -> list[Bits]:
    """Where the fields of the header stand: what varies in size is the last, and ends where the header does."""
    places = [(str(place.first), str(place.end)) for place in one.head]
    varies = [place.field.bits < 0 for place in one.head]
    if any(varies[:-1]):
        raise Uncompilable(f"{one.name}: fields behind one that varies in size")
    if places and varies[-1]:
        places[-1] = places[-1][0], made.local(f"{name}.end * 8")
    return places


def tail_places(made: Template, stop: str, one: Layer, variables: Mapping[str, str]) -> list[Bits]:
    """Where the fields after the payload stand: the last ends where the layer does."""
    places: list[Bits] = []
    end = stop
    for place in reversed(one.tail):
        if not isinstance(one.values[place.field.name], bytes):
            raise Uncompilable(f"{place.field.path}: no bytes")
        first = made.local(f"{end} - len({variables[place.field.name]}) * 8")
        places.insert(0, (first, end))
        end = first
    return places


# -- fields ---------------------------------------------------------------------------


def fields_text(made: Template, leaves: Sequence[Leaf], variables: Mapping[str, str], places: Sequence[Bits],
                depth: int) -> None:  # fmt: skip
    """Fields by their full names: `fields_object`."""
    if len({path_of(leaf) for leaf in leaves}) < len(leaves):
        raise Uncompilable("two fields of one name")
    for index, (leaf, place) in enumerate(zip(leaves, places, strict=True)):
        made.say(", " if index else "")
        if leaf.field.parts:
            beside = leans_on(leaf)
            found = remembered(parts_text, leaf.field, beside, *map(int, place))
            made.put(f"{made.constant(found)}[{', '.join(variables[one] for one in (leaf.field.name, *beside))}]")
            continue
        made.say(f'{dumps(path_of(leaf))}: {{"label": {dumps(leaf.field.label)}, ')
        value_text(made, leaf, variables, depth, place)
        made.say(', "bits": [')
        bits_text(made, place)
        made.say("]}")


def bits_text(made: Template, place: Bits) -> None:
    made.say("" if not place[0].isdigit() else place[0])
    if not place[0].isdigit():
        made.put(place[0])
    made.say(", ")
    if place[1].isdigit():
        made.say(place[1])
    else:
        made.put(place[1])


def parts_text(field: Field, beside: Sequence[str], first: int, end: int, key: Any) -> str:
    """A field with parts, all of it."""
    value, *others = key if beside else (key,)
    layer = Detailed(field.record or Record("", ""))
    layer.values.update({**dict(zip(beside, others, strict=True)), field.name: value})
    return f"{dumps(field.path)}: {dumps(leaf_object(Leaf(layer, Place(field, first, end), value)))}"


def value_text(made: Template, leaf: Leaf, variables: Mapping[str, str], depth: int, place: Bits) -> None:
    """`"value": …, "show": …` of a field of a layer."""
    field, variable, beside = leaf.field, variables[leaf.field.name], leans_on(leaf)
    if isinstance(leaf.value, list) and (isinstance(field.core, Options) or isinstance(field.core.item, Record)):
        inside = Inside(depth, field.name, records_function, pair(field, []))
        made.put(f"{made.constant(inside)}(packet, {variable})")
    elif beside:
        found = remembered(named_pair, field, beside)
        made.put(f"{made.constant(found)}[{', '.join([variable, *(variables[one] for one in beside)])}]")
    else:
        single_text(made, leaf, variable, "raw[{} // 4 : {} // 4]".format(*place))


def single_text(made: Template, leaf: Leaf, variable: str, digits: str) -> None:
    """The same where nothing but the value counts; `digits` is what makes hex of bytes."""
    field, inside = leaf.field, plain_number(leaf.field, said=False)
    if isinstance(leaf.value, list):
        made.put(f"{made.constant(partial(pair, field))}({variable})")
    elif isinstance(leaf.value, bytes) and field.bits < 0:
        if type(field.format) is HexData and not field.named:
            digits = made.local(digits)
            made.say('"value": "')
            made.put(digits)
            made.say('", "show": "')
            made.put(digits)
            made.say('"')
        else:
            made.put(f"{made.constant(partial(pair, field))}({variable})")
    elif inside:
        made.say('"value": ')
        made.put(variable)
        made.say(', "show": "')
        made.form(inside, variable)
        made.say('"')
    else:
        alike = not (field.flags or field.named)  # all values of the format are
        found = remembered(format_pair, field.format) if alike else remembered(pair, field)
        made.put(f"{made.constant(found)}[{variable}]")


def pair(field: Field, value: Any) -> str:
    return f'"value": {dumps(plain(value))}, "show": {dumps(show_of(field, value))}'


def named_pair(field: Field, beside: Sequence[str], key: Any) -> str:
    value, *others = key
    values = {**dict(zip(beside, others, strict=True)), field.name: value}
    return f'"value": {dumps(plain(value))}, "show": {dumps(show_of(field, value, values))}'


def format_pair(form: Format, value: Any) -> str:
    return f'"value": {dumps(plain(value))}, "show": {dumps(form.show(value))}'


# -- records inside a field -----------------------------------------------------------


def records_function(leaf: Leaf, items: Sequence[Layer]) -> Any:
    """The function for a field with such records in such places: `"value": […], "show": …`."""
    made = Template()
    names = [f"i{index}" for index in range(len(items))]
    made.say('"value": [')
    shown = records_text(made, leaf.items, names, isinstance(leaf.field.core, Options))
    made.say('], "show": "')
    made.tokens += [*shown, repr('"')]
    return made.function(leaf.field.attribute, "packet", names)


def records_text(made: Template, items: Sequence[Layer], names: Sequence[str], options: bool) -> list[str]:
    """Records one after another; what comes back are the tokens of the text for all of them."""
    shown: list[str] = []
    for index, (name, item) in enumerate(zip(names, items, strict=True)):
        made.say(", " if index else "")
        made.say(f'{{"name": {dumps(item.name)}, "bits": [{item.start * 8}, {item.end * 8}], "fields": {{')
        texts = record_fields(made, name, item)
        made.say("}}")
        if index:
            shown.append(repr(" " if options else "/"))
        if options:
            shown.append(repr(item.name))
        for at, (field, tokens) in enumerate(texts):
            if options and field.name in ("kind", "length"):
                continue
            body = at - sum(one.name in ("kind", "length") for one, _ in texts[:at]) if options else at
            shown += [repr("/" if body else "=")] if options else [repr(":")] if at else []
            shown += tokens
    return shown


def record_fields(made: Template, name: str, item: Layer) -> list[tuple[Field, list[str]]]:
    """The fields of a record, and the tokens of each one's text."""
    texts = []
    leaves = [*item.leaves()]
    if len({path_of(leaf) for leaf in leaves}) < len(leaves):
        raise Uncompilable("two fields of one name")
    for index, leaf in enumerate(leaves):
        field = leaf.field
        if leans_on(leaf):
            raise Uncompilable(f"{field.path}: its text depends on others")
        variable = made.local(f"{name}[{field.name!r}]")
        made.say(", " if index else "")
        if field.parts:
            made.put(
                f"{made.constant(remembered(parts_text, field, (), leaf.place.first, leaf.place.end))}[{variable}]"
            )
            texts.append((field, shown_tokens(made, leaf, variable)))
            continue
        made.say(f'{dumps(path_of(leaf))}: {{"label": {dumps(field.label)}, ')
        if leaf.items:
            names = [f"{variable}_{at}" for at in range(len(leaf.items))]
            made.lines.append(f"{', '.join(names)}, = {variable}")
            made.say('"value": [')
            tokens = records_text(made, leaf.items, names, options=False)
            made.say('], "show": "')
            made.tokens += [*tokens, repr('"')]
        else:
            single_text(made, leaf, variable, f"{variable}.hex()")
            tokens = shown_tokens(made, leaf, variable)
        texts.append((field, tokens))
        made.say(f', "bits": [{leaf.place.first}, {leaf.place.end}]}}')
    return texts


def shown_tokens(made: Template, leaf: Leaf, variable: str) -> list[str]:
    """The text of a value as it stands among others, inside a string of JSON."""
    field, inside = leaf.field, plain_number(leaf.field, said=False)
    if inside:
        return [number_token(inside, variable)]
    if isinstance(leaf.value, list) or (isinstance(leaf.value, bytes) and field.bits < 0):
        return [f'f"{{{made.constant(partial(inner_text, field))}({variable})}}"']
    return [f'f"{{{made.constant(remembered(inner_text, field))}[{variable}]}}"']


def inner_text(field: Field, value: Any) -> str:
    return dumps(show_value(field, value))[1:-1]


# -- values that are not on the wire --------------------------------------------------


def derived_text(made: Template, name: str, one: Layer, variables: Mapping[str, str]) -> None:
    """`derived` of a layer: what is there in every packet of the kind, and what each one has to be asked for."""
    extras = one.record.extras
    verified = {f"{field.name}.status": field.name for field in one.record.fields if field.rule and field.rule.verdict}
    if len({extra.path for extra in extras}) < len(extras):
        raise Uncompilable("two values of one name")
    tokens: list[str] = []
    certain = False  # whether the first is there in every packet
    for extra in extras:
        start = f", {dumps(extra.path)}: "
        if extra.name in verified:
            more = [repr(f"{start}{GOOD}")] if verified[extra.name] in variables else []
        elif isinstance(extra.rule, Ends):
            there = [end for end in extra.rule.names if end in variables]
            more = [repr(start + "[")]
            for index, end in enumerate(there):
                more += [*([repr(", ")] if index else []), *plain_tokens(variables[end], one.values[end])]
            more.append(repr("]"))
        else:
            more = [f'f"{{{made.constant(partial(told, start))}({made.constant(extra.rule)}({name}))}}"']
        certain = certain or (not tokens and more[:1] != [] and not more[0].startswith("f"))
        tokens += more
    if certain:  # it needs no comma before it
        made.tokens += [repr(literal_eval(tokens[0]).removeprefix(", ")), *tokens[1:]]
    elif tokens:
        made.put(f"{made.local(' '.join(tokens))}[2:]")


def plain_tokens(variable: str, example: Any) -> list[str]:
    """A number, or bytes, as JSON."""
    if isinstance(example, bytes):
        return [repr('"'), f'f"{{{variable}.hex()}}"', repr('"')]
    if isinstance(example, int):
        return [f'f"{{{variable}}}"']
    raise Uncompilable("one of two ends is neither a number nor bytes")


def told(start: str, value: Any) -> str:
    """A value that may not be there."""
    return "" if value is None else f"{start}{value if type(value) is int else dumps(plain(value))}"
