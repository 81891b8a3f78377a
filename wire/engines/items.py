"""Records inside layers (options, blocks): readers for them, generated when a layer first asks.

A reader makes slotted layers as the rest of the scalar engine does.  A region that is not sound in
every item is not its business: it raises Odd, and the reference engine reads the packet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from struct import Struct
from typing import Any

from ..options import Options
from ..packet import Layer
from ..schema import Field, Record, Repeat, Rest, Run, When
from .codegen import (
    Fused,
    Uncompilable,
    bit_values,
    compilable,
    compiled,
    fixed_size,
    indented,
    reading,
    whole_letter,
)
from .quick import Odd, opened, quick, slot_of, storage

Reader = Callable[[Any, bytes, int, int], list[Any]]  # (outermost layer, bytes, from, to) -> items


def reader_of(field: Field, depth: int) -> Reader:
    """What reads the records that a field holds.  Uncompilable if only the reference engine can."""
    if isinstance(field.core, Options):
        return options_reader(field.core, depth)
    assert isinstance(field.core, Repeat)
    return repeat_reader(field.core, depth)


@cache
def options_reader(core: Options, depth: int) -> Reader:
    """A region of options: kinds of a fixed size in one generated loop, the others by functions of their own."""
    if not core.plain:
        raise Uncompilable("options of this form")
    others: dict[int, Callable[..., Any]] = {}

    def other(kind: int) -> Callable[..., Any]:
        if kind not in others:
            others[kind] = option_reader(core, kind, depth)
        return others[kind]

    scope: dict[str, Any] = {"from_bytes": int.from_bytes, "Odd": Odd, "other": other}
    lines, word = ["kind = data[at]"], "if"
    for kind, record in sorted(core.records.items(), key=lambda one: (one[0] not in core.alone, -fixed(one[1]))):
        if kind != core.end and fixed(record) >= 0:
            lines += [f"{word} kind == {kind}:", *indented(fixed_lines(record, core, kind, depth, scope))]
            word = "elif"
    last = ["item, at = other(kind)(outer, data, at, stop)"]
    lines += ["else:", *indented(last)] if word == "elif" else last
    body = ["items = []", "while at < stop:", *indented([*lines, "items.append(item)"]), "return items"]
    compiled(f"{core.prefix}options", ["def read(outer, data, at, stop):", *indented(body)], scope)
    return scope["read"]  # type: ignore[no-any-return]


def shape_lines(field: Field, items: Sequence[Layer], depth: int, scope: dict[str, Any]) -> list[str]:
    """Make the options of a region of which it is known what is in it: `items` are an example's."""
    core, lines = field.core, list[str]()
    for index, example in enumerate(items):
        kind, name = example.get("kind"), f"item_{index}"
        if kind == core.end or kind not in core.records or fixed(example.record) < 0:
            scope[f"read_{index}"] = option_reader(core, kind, depth)
            lines.append(f"{name} = read_{index}(outer, data, {example.start}, {example.end})[0]")
            continue
        fields, fused, _ = field_lines(example.record, f"{example.start + core.head_of(kind)}", core)
        if not fused.targets:
            scope[name] = shared(example, fields, fixed_constants(example.record, core, kind))
            continue
        places = {"start": example.start, "end": example.end, "stop": example.end}
        constants = fixed_constants(example.record, core, kind) | places
        scope[f"{name}_values"] = storage(example.record)
        scope[f"{name}_item"] = item_class(example.record, fields, depth, constants)
        read = [re.sub(r"\bitem\.", f"{name}.", line) for line in fused.lines(scope, f"unpack_{index}")]
        lines += [f"{name} = {name}_values()", *read, f"{name}.outer_ = outer", f"{name}.__class__ = {name}_item"]
    return [*lines, f"return [{', '.join(f'item_{index}' for index in range(len(items)))}]"]


def shared(example: Layer, fields: list[Field], constants: dict[str, Any]) -> Layer:
    """An option without fields of its own is one object for all packets that have it at this place."""
    raw = bytes([example.get("kind"), *([constants["length"]] if "length" in constants else [])])
    places: dict[str, Any] = {"start": example.start, "end": example.end, "stop": example.end}
    places |= {"raw": raw, "header": raw, "payload": b"", "example": example, "shared": True}
    places |= {name: property(attrgetter(f"example.{name}")) for name in ("notes", "verdicts")}
    made = storage(example.record)()
    made.__class__ = item_class(example.record, fields, 0, constants | places)
    return made


def fixed_constants(record: Record, core: Options, kind: int) -> dict[str, Any]:
    """What is the same in every option of a kind of a fixed size."""
    size = fixed(record)
    constants: dict[str, Any] = {"within": True, "kind": kind, "name": record.name}
    constants["end"] = constants["stop"] = property(lambda item: item.start + size)
    if "length" in record.lookup:
        constants["length"] = (size if core.whole else size - core.head) // core.unit
    return constants


def fixed(record: Record) -> int:
    """The bytes of a record whose fields all are of a fixed size; -1 if they are not."""
    widths = [fixed_size(row) if isinstance(row, Run) or (isinstance(row, Field) and When not in row.words) else None
              for row in record.rows]  # fmt: skip
    return -1 if None in widths else sum(width or 0 for width in widths)


def fixed_lines(record: Record, core: Options, kind: int, depth: int, scope: dict[str, Any]) -> list[str]:
    """Read one option of a fixed size inside the loop."""
    name, size = f"{record.name}_{kind}", fixed(record)
    fields, fused, _ = field_lines(record, f"at + {1 if kind in core.alone else 2}", core)
    constants = fixed_constants(record, core, kind)
    claimed = constants.get("length")
    scope[f"{name}_values"] = storage(record)
    scope[f"{name}_item"] = item_class(record, fields, depth, constants)
    test = f"at + {size} > stop or data[at + 1] != {claimed}" if claimed is not None else f"at + {size} > stop"
    guard = [f"if {test}: raise Odd"] if size > 1 else []  # of one byte it is certain that it is there
    return [*guard, f"item = {name}_values()", *fused.lines(scope, f"{name}_unpack"),
            "item.start = at", "item.outer_ = outer", f"item.__class__ = {name}_item", f"at += {size}"]  # fmt: skip


def item_class(record: Record, fields: list[Field], depth: int, constants: dict[str, Any]) -> type[Any]:
    opened(record)
    return quick(record, fields, depth, {}, **constants)


def option_reader(core: Options, kind: int, depth: int) -> Callable[..., Any]:
    record = core.record_of(kind)
    try:
        return item_reader(record, depth, core, kind)
    except Uncompilable:
        return odd


def odd(*_: Any) -> Any:
    raise Odd


def field_lines(record: Record, at: str, core: Options | None) -> tuple[list[Field], Fused, Field | None]:
    """The fields of an item, what reads those of a fixed size, and the one that takes the rest."""
    fields: list[Field] = []
    fused, rest = Fused(at), None
    for row in record.rows:
        if rest is not None or not isinstance(row, (Run, Field)) or (isinstance(row, Field) and When in row.words):
            raise Uncompilable(f"{record.name}: its rows vary")
        if core is not None and isinstance(row, Field) and row.name in ("kind", "length"):
            fields.append(row)
        elif isinstance(row, Run):
            letter, make = whole_letter(row)
            bits = f"bits_{len(fields)}"
            fused.add(letter, make, bits)
            for one, text in bit_values(row, bits):
                fused.after.append(f"item.{slot_of(one)} = {text}")
                fields.append(one)
        elif fixed_size(row) is not None:
            fused.add(*reading(row), f"item.{slot_of(row)}")
            fields.append(row)
        elif row.core is Rest or isinstance(row.core, Repeat):
            compilable(row)
            rest = row
            fields.append(row)
        else:
            raise Uncompilable(f"{record.name}: {row.name}")
    return fields, fused, rest


def item_reader(record: Record, depth: int, core: Options | None = None, kind: int = 0) -> Callable[..., Any]:
    """Generated code that reads one record: `(item, where it ends)`."""
    scope: dict[str, Any] = {"from_bytes": int.from_bytes, "Odd": Odd, "values": storage(record)}
    head = core.head_of(kind) if core else 0
    fields, fused, rest = field_lines(record, f"at + {head}", core)
    size = Struct(f">{fused.letters}").size
    body = [*length_lines(core, kind, head, size, rest), "item = values()", *fused.lines(scope, "unpack")]
    constants: dict[str, Any] = {"within": True, "name": record.name}
    if core is not None and record is core.unknown:
        body.append("item.kind = data[at]")
    elif core is not None:
        constants["kind"] = kind
    if head == 2:
        body.append("item.length = data[at + 1]")
    if rest is not None and rest.core is Rest:
        body.append(f"item.{slot_of(rest)} = data[at + {head + size}:end]")
    elif rest is not None:
        scope["inside"] = repeat_reader(rest.core, depth)
        body.append(f"item.{slot_of(rest)} = inside(outer, data, at + {head + size}, end)")
    scope["item_class"] = item_class(record, fields, depth, constants)
    body += [
        "item.start = at",
        "item.end = item.stop = end",
        "item.outer_ = outer",
        "item.__class__ = item_class",
        "return item, end",
    ]
    compiled(record.name, ["def read(outer, data, at, stop):", *indented(body)], scope)
    return scope["read"]  # type: ignore[no-any-return]


def length_lines(core: Options | None, kind: int, head: int, size: int, rest: Field | None) -> list[str]:
    """Where the item ends, and that its length is the one that its fields take."""
    if core is None:
        return [f"end = at + {size}", "if end > stop: raise Odd"]
    if kind == core.end:
        return ["end = stop"] if rest is not None else [f"end = at + {head}", "if end != stop: raise Odd"]
    if head == 1:
        return [f"end = at + {1 + size}", "if end > stop: raise Odd"]
    extra = "" if core.whole else f" + {head}"
    unit = f" * {core.unit}" if core.unit != 1 else ""
    lines = ["if at + 2 > stop: raise Odd", f"end = at + data[at + 1]{unit}{extra}"]
    test = f"end < at + {head + size}" if rest is not None else f"end != at + {head + size}"
    return [*lines, f"if {test} or end > stop: raise Odd"]


def repeat_reader(core: Repeat, depth: int) -> Reader:
    """A record, or a value, again and again until the region is full."""
    if core.count is not None:
        raise Uncompilable("counted records")
    if isinstance(core.item, Record):
        one = item_reader(core.item, depth)
        if not core.item.fields:
            raise Uncompilable("records of nothing")

        def records(outer: Any, data: bytes, at: int, stop: int) -> list[Any]:
            items = []
            while at < stop:
                item, at = one(outer, data, at, stop)
                items.append(item)
            return items

        return records
    element = core.element
    assert element
    width = fixed_size(element)
    if not width:
        raise Uncompilable("values that vary in size")
    letter, make = reading(element)
    scope: dict[str, Any] = {"from_bytes": int.from_bytes, "Odd": Odd}
    fused = Fused("at")
    fused.add(letter, make, "value")
    lines = ["items = []", "while at < stop:", f"    if at + {width} > stop: raise Odd",
             *indented(fused.lines(scope, "unpack")),
             "    items.append(value)", f"    at += {width}", "return items"]  # fmt: skip
    compiled("values", ["def read(outer, data, at, stop):", *indented(lines)], scope)
    return scope["read"]  # type: ignore[no-any-return]
