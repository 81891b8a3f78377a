"""The tree of healthy packets by templates: what `tree` says, line by line, a hundred times as fast."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import partial
from typing import Any

from ..engines.codegen import Uncompilable, code
from ..options import Options, show_value
from ..packet import Layer, Leaf, Packet, text_of
from ..protocols import unclaimed
from ..schema import Field, Format, Protocol, Record, evaluate, names_in
from .describe import bytes_text, part_lines, pattern, payload_text
from .lines import plain, safe
from .templates import (
    Inside,
    Template,
    Texts,
    Write,
    Writers,
    leans_on,
    number,
    number_token,
    plain_number,
    remarked,
    remembered,
    splits,
)
from .tree import frame_line, tree

CORRECT = " [correct]"  # what a checksum has behind it where there is nothing to note


class Trees:
    """Writes the trees of packets: the lines of `tree`, without spaces at their ends.

    only  the layers that are written whole; None: all
    """

    def __init__(self, only: Container[str] | None = None) -> None:
        self.only = only
        self.writers = Writers(self.function, placed=False)

    def text(self, packet: Packet) -> str:
        found = self.writers.text(packet)
        return "\n".join(plain(tree(packet, self.only))) if found is None else found

    def function(self, example: Sequence[Layer], layers: Sequence[Layer]) -> Write:
        """The function for packets like this one."""
        made = Template()
        made.put(f"{made.constant(frame_line)}(packet)")
        for depth, (one, layer) in enumerate(zip(example, layers, strict=True)):
            self.layer(made, f"l{depth}", depth, one, layer)
        function: Write = made.function("tree", "packet", [f"l{depth}" for depth in range(len(layers))])
        return function

    def layer(self, made: Template, name: str, depth: int, one: Layer, layer: Layer) -> None:
        """A layer's title and lines."""
        whole = self.only is None or one.name in self.only
        variables = {leaf.field.name: made.read(name, layer, leaf.field) for leaf in one.leaves()}
        made.say("\n")
        title(made, name, one, variables)
        made.say(f" (OSI {one.record.osi})" if isinstance(one.record, Protocol) else "")
        for leaf in one.leaves() if whole else ():
            field, variable = leaf.field, variables[leaf.field.name]
            if isinstance(field.core, Options):
                inside = Inside(depth, field.name, options_function, "")
                made.say(f"\n    {field.label}:")
                made.put(f"{made.constant(inside)}(packet, {variable})")
            else:
                line(made, leaf, variables, depth)


# -- titles ---------------------------------------------------------------------------


def title(made: Template, name: str, one: Layer, variables: dict[str, str]) -> None:
    """What `layer.title` says."""
    record: Any = one.record
    texts, form = getattr(record, "title_of", ""), getattr(record, "form", None)
    if callable(texts) or (texts and not "".join(splits(texts)[::2])):
        made.put(f"{made.constant(safe)}({name}.title)")
        return
    if form:
        made.put(f"{made.constant(safe)}({made.constant(form)}({name}) or {record.title!r})")
    else:
        made.say(safe(record.title))
    made.say(", " if texts else "")
    for index, piece in enumerate(splits(texts)):
        if index % 2 == 0:
            made.say(safe(piece))
            continue
        field = record.lookup.get(piece)
        if not isinstance(field, Field) or field.name not in variables or field.name in record.twins:
            made.put(f"{made.constant(safe)}(str({made.constant(text_of)}({name}, {piece!r})))")
            continue
        inside = None if field.flags else number(field.format, said=False)
        if inside:
            made.form(inside, variables[field.name])
        else:
            found = remembered(flag_names, field) if field.flags else remembered(shown, field.format)
            made.put(f"{made.constant(found)}[{variables[field.name]}]")


def flag_names(field: Field, value: int) -> str:
    return safe(", ".join(field.set_names(value)))


def shown(form: Format, value: Any) -> str:
    return safe(form.show(value))


# -- lines ----------------------------------------------------------------------------


def line(made: Template, leaf: Leaf, variables: dict[str, str], depth: int) -> None:
    """A field's line, and those of its parts."""
    field, variable = leaf.field, variables[leaf.field.name]
    mark = CORRECT if field.rule and field.rule.verdict else ""
    remark, inside = remarked(leaf.layer, field), plain_number(field, said=True)
    if field.run or field.parts:
        beside, first = leans_on(leaf, remarks=True), 0
        if field.run:
            first = leaf.place.first - next(p.first for p in leaf.layer.head if p.field is field.run.fields[0])
        made.put(looked_up(made, remembered(bit_lines, field, beside, first, mark), variables, field, beside))
        return
    made.say(f"\n    {field.label}:")
    if remark and inside:
        said = f" {number(field.format, said=False)} ({remark[1]})", f" {inside}"
        yes, no = (f"f{text.replace('{v', '{' + variable)!r}" for text in said)
        made.put(made.local(f"{yes} if {code(remark[0], variables)} else {no}"))
    elif isinstance(leaf.value, list) and isinstance(field.core.item, Record):
        made.put(f"{made.constant(Inside(depth, field.name, records_function, ''))}(packet, {variable})")
    else:
        spaced(made, leaf, variables)
    made.say(mark)


def spaced(made: Template, leaf: Leaf, variables: dict[str, str]) -> None:
    """A space and the value; nothing where that has no text."""
    may_lack = value(made, leaf, variables)
    if isinstance(may_lack, str):
        made.put(made.local(f"' ' + {may_lack} if {may_lack} else ''"))
    else:
        made.say(" ")
        made.tokens += may_lack


def value(made: Template, leaf: Leaf, variables: dict[str, str]) -> list[str] | str:
    """The tokens of a value's text, as `value_text` has it; or the name of the text, where it may be empty."""
    field, variable = leaf.field, variables[leaf.field.name]
    inside, beside = plain_number(field, said=True), leans_on(leaf, remarks=True)
    if isinstance(leaf.value, list):
        if leaf.items:
            return records(made, leaf.items, variable)
        return made.local(f"{made.constant(partial(shown_values, field))}({variable})")
    if isinstance(leaf.value, bytes) and field.bits < 0:
        if field.format.textual or beside:
            raise Uncompilable(f"{field.path}: text of any length")
        return made.local(f"{made.constant(payload if field.record is unclaimed() else bytes_text)}({variable})")
    if inside:
        return [number_token(inside, variable)]
    wordless = not (beside or field.flags or field.named or field.unit > 1)
    alike = wordless and (field.format.textual or not isinstance(leaf.value, bytes))  # all values of the format are
    found = remembered(said, field.format) if alike else remembered(one_value, field, beside)
    return [f'f"{{{looked_up(made, found, variables, field, beside)}}}"']


def looked_up(made: Template, found: Texts, variables: dict[str, str], field: Field, beside: Sequence[str]) -> str:
    """The expression that looks up a value's text, by the value and those that its name depends on."""
    return f"{made.constant(found)}[{', '.join(variables[one] for one in (field.name, *beside))}]"


def said(form: Format, value: Any) -> str:
    return safe(form.say(value))


def one_value(field: Field, beside: Sequence[str], key: Any) -> str:
    value, *others = key if beside else (key,)
    values = {**dict(zip(beside, others, strict=True)), field.name: value}
    remark = field.record.remarks.get(field.name) if field.record else None
    if remark and all(name in values for name in names_in(remark[0])) and evaluate(remark[0], values):
        return f"{field.show(value, values)} ({remark[1]})"
    if isinstance(value, bytes) and not field.format.textual:
        return bytes_text(value)
    return safe(field.say(value, values))


def bit_lines(field: Field, beside: Sequence[str], first: int, mark: str, key: Any) -> str:
    """The lines of a field among bits, or with parts."""
    value = key[0] if beside else key
    prefix = pattern(field.run.size * 8, first, field.bits, value // field.unit) + " = " if field.run else ""
    lines = [f"    {prefix}{field.label}: {one_value(field, beside, key)}{mark}"]
    lines += [f"        {picture} = {text}" for picture, text in part_lines(field, value)]
    return "".join("\n" + one.rstrip() for one in lines)


def payload(data: bytes) -> str:
    """Bytes that nobody claims: text where they are text."""
    try:
        data[:4096].decode()
    except UnicodeDecodeError as error:
        if error.start < min(len(data), 4096) - 4:  # it is no character that was cut at the end
            return bytes_text(data)
    return payload_text(data) or bytes_text(data)


def shown_values(field: Field, values: Any) -> str:
    return safe(show_value(field, values))


# -- records inside a field -----------------------------------------------------------


def records(made: Template, items: Sequence[Layer], variable: str) -> list[str]:
    """Records in one line: `10:20/30:40`."""
    names = [f"{variable}_{index}" for index in range(len(items))]
    made.lines.append(f"{', '.join(names)}, = {variable}")
    tokens: list[str] = []
    for name, item in zip(names, items, strict=True):
        for index, place in enumerate(item.head):
            tokens += [repr(":" if index else "/")] if tokens else []
            read, inside = made.local(f"{name}[{place.field.name!r}]"), plain_number(place.field, said=False)
            found = made.constant(remembered(shown_values, place.field))
            tokens.append(number_token(inside, read) if inside else f'f"{{{found}[{read}]}}"')
    return tokens


def records_function(leaf: Leaf, items: Sequence[Layer]) -> Any:
    """The function for the records of a field that are said in one line."""
    made = Template()
    made.say(" ")
    made.tokens += records(made, leaf.items, "layers")
    return made.function(leaf.field.attribute, "packet", [])


def options_function(leaf: Leaf, items: Sequence[Layer]) -> Any:
    """The function for options: each has a line, and each of its fields."""
    made = Template()
    names = [f"i{index}" for index in range(len(items))]
    for name, one, item in zip(names, leaf.items, items, strict=True):
        leaves = [*one.leaves()]
        variables = {leaf.field.name: made.read(name, item, leaf.field) for leaf in leaves}
        option(made, one, leaves, variables)
    return made.function(leaf.field.attribute, "packet", names)


def option(made: Template, one: Layer, leaves: Sequence[Leaf], variables: dict[str, str]) -> None:
    """What `option_text` says, and a line for each field."""
    made.say("\n        ")
    if one.name in ("unknown", "malformed") and "kind" in variables:
        made.put(f"{made.constant(remembered(kind_name, one.record))}[{variables['kind']}]")
    else:
        made.say(one.record.title)
    body = [leaf for leaf in leaves if leaf.field.name not in ("kind", "length")]
    if len(body) == 1:
        text = value(made, body[0], variables)
        if isinstance(text, str):
            made.put(made.local(f"': ' + {text} if {text} else ''"))
        else:
            made.tokens += [repr(": "), *text]
    for index, leaf in enumerate(body if len(body) > 1 else ()):
        made.say(", " if index else ": ")
        made.say(f"{leaf.field.label} ")
        text = value(made, leaf, variables)
        made.tokens += [f'f"{{{text}}}"'] if isinstance(text, str) else text
    for leaf in leaves:
        made.say(f"\n            {leaf.field.label}:")
        spaced(made, leaf, variables)


def kind_name(record: Record, kind: int) -> str:
    """The name of a kind of option that has no table of its own."""
    field = record.find("kind")
    known = field.name_of(kind) if isinstance(field, Field) else None
    return f"{known} ({kind})" if known else f"{record.title}, kind {kind}"
