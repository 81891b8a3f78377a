"""Records inside layers (options, blocks): readers for them, generated when a layer first asks.

A reader makes slotted layers as the rest of the scalar engine does.  A region that is not sound in
every item is not its business: it raises Odd, and the reference engine reads the packet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from struct import Struct
from typing import Any

from ..options import Options
from ..schema import Field, Record, Repeat, Rest, Run, When
from .codegen import (
    LETTERS,
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
from .quick import opened, quick, slot_of, storage

Reader = Callable[[Any, bytes, int, int], list[Any]]  # (outermost layer, bytes, from, to) -> items


Shape = Callable[[Any, bytes, int], list[Any] | None]
OFTEN, MOST_SHAPES, MOST_SEEN = 4, 4, 1000  # when a sequence of options gets a reader; how many of one size; remembered


class Odd(Exception):
    """Not sound: for the reference engine to read."""


def reader_of(field: Field, depth: int) -> Reader:
    """What reads the records that a field holds.  Uncompilable if only the reference engine can."""
    if isinstance(field.core, Options):
        return options_reader(field.core, depth)
    assert isinstance(field.core, Repeat)
    return repeat_reader(field.core, depth)


@cache
def options_reader(core: Options, depth: int) -> Reader:
    """A region of options: kinds of a fixed size in one generated loop, the others by functions of their own."""
    if (core.kind_con.sizeof(), core.length_con.sizeof()) != (1, 1) or core.step != 1 or core.until is not None:
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
    return by_shape(core, depth, scope["read"])


def by_shape(core: Options, depth: int, general: Reader) -> Reader:
    """Regions repeat: the same options in the same order get a reader of their own, without a loop."""
    shapes: dict[int, list[Shape]] = {}  # by the size of the region
    seen: dict[tuple[int, ...], int] = {}

    def read(outer: Any, data: bytes, at: int, stop: int) -> list[Any]:
        for shape in shapes.get(stop - at, ()):
            items = shape(outer, data, at)
            if items is not None:
                return items
        items = general(outer, data, at, stop)
        if not items:
            return items
        kinds = tuple([item.kind for item in items])
        seen[kinds] = count = seen.get(kinds, 0) + 1
        if count == OFTEN and len(shapes.setdefault(stop - at, [])) < MOST_SHAPES:
            if all(kind in core.records and kind != core.end and fixed(core.records[kind]) >= 0 for kind in kinds):
                shapes[stop - at].append(shape_reader(core, depth, kinds))
        elif len(seen) > MOST_SEEN:
            seen.clear()
        return items

    return read


def shape_reader(core: Options, depth: int, kinds: Sequence[int]) -> Shape:
    """A reader for one sequence of options of a fixed size: one unpack, and the kinds and lengths compared."""
    scope: dict[str, Any] = {"from_bytes": int.from_bytes}
    fused, at, known = Fused("at"), 0, b""
    tests: list[str] = []
    makes: list[str] = []

    def compare() -> None:
        """Kinds and lengths that stand side by side are one number."""
        nonlocal known
        for size in (8, 4, 2, 1):
            while len(known) >= size:
                fused.add(LETTERS[size], "{}", f"head_{len(tests)}")
                tests.append(f"head_{len(tests)} != {int.from_bytes(known[:size], 'big'):#x}")
                known = known[size:]

    for index, kind in enumerate(kinds):
        record, item = core.records[kind], f"item_{index}"
        size, head = fixed(record), bytes([kind])
        if kind not in core.alone:
            head += bytes([(size if core.whole else size - core.head) // core.unit])
        known += head
        fields, own, _ = field_lines(record, "at", core)
        if own.targets:
            compare()
        makes.append(f"{item} = {record.name}_{kind}_values()")
        for letter, target in zip(letters(own.letters), own.targets, strict=True):
            fused.add(letter, "{}", f"{item}_{target.replace('.', '_')}")
            if target.startswith("item."):
                makes.append(f"{item}.{target[5:]} = {item}_{target.replace('.', '_')}")
        for line in own.after:
            for target in own.targets:
                line = re.sub(rf"\b{target}\b", f"{item}_{target}", line)
            makes.append(line.replace("item.", f"{item}."))
        makes += [f"{item}.start = at + {at}" if at else f"{item}.start = at", f"{item}.outer_ = outer",
                  f"{item}.__class__ = {record.name}_{kind}_item"]  # fmt: skip
        scope[f"{record.name}_{kind}_values"] = storage(record)
        scope[f"{record.name}_{kind}_item"] = item_class(record, fields, depth, fixed_constants(record, core, kind))
        at += size
    compare()
    lines = [*fused.lines(scope, "unpack"), f"if {' or '.join(tests)}: return None", *makes,
             f"return [{', '.join(f'item_{index}' for index in range(len(kinds)))}]"]  # fmt: skip
    compiled(f"{core.prefix}options", ["def read(outer, data, at):", *indented(lines)], scope)
    return scope["read"]  # type: ignore[no-any-return]


def letters(text: str) -> list[str]:
    """The letters of a struct, each with its count."""
    return re.findall(r"\d*[A-Za-z]", text)


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
    head = 0 if core is None else 1 if kind in core.alone or kind == core.end else 2
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
