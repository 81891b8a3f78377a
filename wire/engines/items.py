"""Records inside layers (options, blocks): readers for them, generated when a layer first asks.

A reader makes slotted layers as the rest of the scalar engine does.  A region that is not sound in
every item is not its business: it raises Odd, and the reference engine reads the packet.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ..options import Options
from ..schema import Bytes, Field, Record, Repeat, Rest, Run, When
from .codegen import Fused, Uncompilable, bit_values, compilable, compiled, fixed_size, indented, reading, whole_letter
from .quick import opened, quick, slot_of, storage

Reader = Callable[[Any, Any, bytes, int, int], list[Any]]  # (outermost layer, its depth, bytes, from, to) -> items


class Odd(Exception):
    """Not sound: for the reference engine to read."""


def reader_of(field: Field) -> Reader:
    """What reads the records that a field holds.  Uncompilable if only the reference engine can."""
    if isinstance(field.core, Options):
        return options_reader(field.core)
    assert isinstance(field.core, Repeat)
    return repeat_reader(field.core)


@cache
def options_reader(core: Options) -> Reader:
    """A region of options: one generated function for each kind, chosen by the kind's byte."""
    if (core.kind_con.sizeof(), core.length_con.sizeof()) != (1, 1) or core.step != 1 or core.until is not None:
        raise Uncompilable("options of this form")
    readers: dict[int, Callable[..., Any]] = {}

    def read(outer: Any, depth: int, data: bytes, at: int, stop: int) -> list[Any]:
        items = []
        while at < stop:
            one = readers.get(data[at]) or find(data[at])
            item, at = one(outer, depth, data, at, stop)
            items.append(item)
        return items

    def find(kind: int) -> Callable[..., Any]:
        readers[kind] = made = option_reader(core, kind)
        return made

    return read


def option_reader(core: Options, kind: int) -> Callable[..., Any]:
    record = core.record_of(kind)
    head = 1 if kind in core.alone or kind == core.end else 2
    try:
        return item_reader(record, core, kind, head)
    except Uncompilable:
        return odd


def odd(*_: Any) -> Any:
    raise Odd


def item_reader(record: Record, core: Options | None, kind: int = 0, head: int = 0) -> Callable[..., Any]:
    """Generated code that reads one record: `(item, where it ends)`."""
    scope: dict[str, Any] = {"from_bytes": int.from_bytes, "Odd": Odd, "values": storage(record)}
    fields, fused, size, rest = [], Fused(f"at + {head}" if head else "at"), 0, None
    for row in record.rows:
        names = {one.name for one in (row.fields if isinstance(row, Run) else (row,))} if not hasattr(row, "key") else set()
        if rest is not None or not names or (isinstance(row, Field) and When in row.words):
            raise Uncompilable(f"{record.name}: its rows vary")
        if core is not None and names <= {"kind", "length"}:
            fields.append(row)
            continue
        if isinstance(row, Run):
            letter, make = whole_letter(row)
            fused.add(letter, make, "bits")
            for one, text in bit_values(row, "bits"):
                fused.after.append(f"item.{slot_of(one)} = {text}")
                fields.append(one)
            size += row.size
        elif (width := fixed_size(row)) is not None:
            letter, make = reading(row)
            fused.add(letter, make, f"item.{slot_of(row)}")
            fields.append(row)
            size += width
        elif row.core is Rest or isinstance(row.core, Repeat):
            compilable(row)
            rest = row
            fields.append(row)
        else:
            raise Uncompilable(f"{record.name}: {row.name}")
    lines = ["def read(outer, depth, data, at, stop):"]
    body = length_lines(record, core, kind, head, size, rest)
    body += ["item = values()", *fused.lines(scope, "unpack")]
    constants: dict[str, Any] = {"within": True, "start": None, "end": None, "stop": None}
    lists: dict[str, Any] = {}
    if core is not None:
        known = "kind" in record.lookup and record is not core.unknown
        if not known:
            body.append("item.kind = data[at]")
        else:
            constants["kind"] = kind
        if head == 2:
            body.append("item.length = data[at + 1]")
    if rest is not None and rest.core is Rest:
        body.append(f"item.{slot_of(rest)} = data[at + {head + size}:end]")
    elif rest is not None:
        scope["inside"] = repeat_reader(rest.core)
        body.append(f"item.{slot_of(rest)} = inside(outer, depth, data, at + {head + size}, end)")
    body += ["item.start = at", "item.end = item.stop = end", "item.outer_ = outer", "item.__class__ = classes.get(depth) or classes[depth]"]
    body += ["return item, end"]
    for name in ("start", "end", "stop"):
        del constants[name]
    scope["classes"] = Classes(record, fields, lists, constants)
    compiled(record.name, [*lines, *indented(body)], scope)
    return scope["read"]  # type: ignore[no-any-return]


def length_lines(record: Record, core: Options | None, kind: int, head: int, size: int, rest: Field | None) -> list[str]:
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


class Classes(dict[int, type[Any]]):
    """The classes of a record's items, by the depth of the layer that they are in."""

    def __init__(self, record: Record, fields: list[Field], lists: dict[str, Any], constants: dict[str, Any]) -> None:
        super().__init__()
        self.record, self.fields, self.lists, self.constants = record, fields, lists, constants

    def __missing__(self, depth: int) -> type[Any]:
        opened(self.record)
        self[depth] = made = quick(self.record, self.fields, depth, self.lists, **self.constants)
        return made


def repeat_reader(core: Repeat) -> Reader:
    """A record, or a value, again and again until the region is full."""
    if core.count is not None:
        raise Uncompilable("counted records")
    if isinstance(core.item, Record):
        one = item_reader(core.item, None)
        if not core.item.fields:
            raise Uncompilable("records of nothing")

        def records(outer: Any, depth: int, data: bytes, at: int, stop: int) -> list[Any]:
            items = []
            while at < stop:
                item, at = one(outer, depth, data, at, stop)
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
    lines = ["items = []", "while at < stop:", f"    if at + {width} > stop: raise Odd", *indented(fused.lines(scope, "unpack")),
             "    items.append(value)", f"    at += {width}", "return items"]  # fmt: skip
    compiled("values", ["def read(outer, depth, data, at, stop):", *indented(lines)], scope)
    return scope["read"]  # type: ignore[no-any-return]
