"""From a route to a function: generated source that reads one kind of packet into slots."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from struct import error as StructError
from typing import Any

from ..packet import Layer, Packet
from ..protocols import unclaimed
from ..schema import Bytes, Field, Rest, When
from .codegen import Uncompilable, code, compiled, indented
from .items import reader_of, shape_lines
from .proof import proof
from .quick import layer_class, raw_of, slot_of, storage
from .quickpacket import packet_class
from .routes import Route, Step, minus

__all__ = ["Read", "Route", "Uncompilable", "build"]

Read = Callable[[bytes], Packet | None]


def build(route: Route) -> tuple[Read, str]:
    """The function that reads packets of this kind, and its source."""
    scope = route.scope | {"StructError": StructError}
    reads = ["size = len(data)", "try:", *indented(route.body or ["pass"]), "except StructError:", "    return None"]
    makes: list[str] = []
    tails: list[str] = []
    for depth, step in enumerate(route.steps):
        makes += layer_lines(route, step, depth, scope)
        if step.after:
            inside = route.steps[depth + 1].used if depth + 1 < len(route.steps) else step.inner
            tails += tail_lines(step, depth, inside, scope)
    makes += packet_lines(route, scope)
    title = "_".join(step.name for step in route.steps)
    body = straight([*route.lines([*reads, *tails]), *makes])
    text = compiled(title, [f"def {title}(data):", *indented(body)], scope)
    return scope[title], text


STORE = re.compile(r"(\w+\.\w+) = (\w+)")
UNPACK = re.compile(r"( *)(.+)( = unpack_\d+\(.*)")
NEW = re.compile(r"\w+ = \w+_values\(\)")


def straight(lines: list[str]) -> list[str]:
    """The lines with values that are read only to be stored unpacked straight into their slots."""
    words = Counter(re.findall(r"(?<!\.)\b\w+\b", "\n".join(lines)))
    read = {name for found in map(UNPACK.fullmatch, lines) if found for name in re.findall(r"\w+", found[2])}
    stores = [found for found in map(STORE.fullmatch, lines) if found and found[2] in read and words[found[2]] == 2]
    slots = {found[2]: found[1] for found in stores}
    gone = {found[0] for found in stores} | {line for line in lines if NEW.fullmatch(line)}
    rest = [UNPACK.sub(lambda found: found[1] + re.sub(r"\w+", lambda name: slots.get(name[0], name[0]), found[2])
                       + found[3], line) for line in lines if line not in gone]  # fmt: skip
    return [*filter(NEW.fullmatch, lines), *rest]


def layer_lines(route: Route, step: Step, depth: int, scope: dict[str, Any]) -> list[str]:
    """Make a layer and put the values into its slots."""
    name, record = step.name, step.record
    scope[f"{name}_values"] = storage(record)
    lines, constants = [f"{name} = {name}_values()"], constants_of(step)
    for field in step.present:
        if field.name in step.lists:
            value = f"{name}_{field.attribute}_items"
            scope[value] = list_reader(step, field.name, depth)
        else:
            variable = step.names[field.name]
            value = str(route.constants.get(variable, variable))
        lines.append(f"{name}.{slot_of(field)} = {value}")
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if attribute not in constants:
            lines.append(f"{name}.{attribute} = {text}")
    lines.append(f"{name}.outer_ = {route.steps[0].name}" if depth else f"{name}.raw_ = data")
    scope[f"{name}_layer"] = step.plain = layer_class(record, tuple(step.present), depth, tuple(constants.items()))
    finish = [f"{name}.__class__ = {name}_layer"]
    if step.after:
        scope[f"{name}_tails"] = Tails(step, depth, constants)
        stores = [f"{name}.{slot_of(row)} = {name}_{row.attribute}" for row in step.after]
        there = ", ".join(f"{name}_{row.attribute} != b''" for row in step.after)
        inside = route.steps[depth + 1].used if depth + 1 < len(route.steps) else step.inner
        finish = [f"if {inside} == {step.stop}:", *indented(finish), "else:",
                  *indented([*stores, f"{name}.__class__ = {name}_tails[{there},]"])]  # fmt: skip
    lines += finish
    return lines


SIZE = property(lambda layer: len(raw_of(layer)))


def constants_of(step: Step) -> dict[str, Any]:
    """Where the layer starts and ends, as far as that is the same for all packets with these layers."""
    constants: dict[str, Any] = {"name": step.layer.name}
    for attribute, text in (("start", step.start), ("end", step.end), ("stop", step.used)):
        if text.isdigit() and (attribute == "start" or not step.lists):
            constants[attribute] = int(text)
        elif text == "size":
            constants[attribute] = SIZE
    return constants


class Tails(dict[tuple[bool, ...], type[Any]]):
    """The classes of a layer with some of the rows that may follow its payload."""

    def __init__(self, step: Step, depth: int, constants: dict[str, Any]) -> None:
        super().__init__()
        self.parts = step, depth, constants

    def __missing__(self, there: tuple[bool, ...]) -> type[Any]:
        step, depth, constants = self.parts
        tail = [row for row, present in zip(step.after, there, strict=True) if present]
        self[there] = made = layer_class(step.record, (*step.present, *tail), depth, tuple(constants.items()))
        return made


def tail_lines(step: Step, depth: int, inside: str, scope: dict[str, Any]) -> list[str]:
    """What stands between the end of the payload and the end of the layer."""
    name = step.name
    lines = [f"at = {inside}"]
    for row in step.after:
        if not isinstance(row, Field) or not (isinstance(row.core, Bytes) or row.core is Rest):
            if not isinstance(row, Field) or When not in row.words:
                raise Uncompilable("a row after the payload that is not bytes")
        names = {**step.names, "_at": minus("at", step.start), "_left": f"({step.stop} - at)", "_fcs": "0",
                 "_payload_end": minus(step.inner, step.start)}  # fmt: skip
        target = f"{name}_{row.attribute}"
        lines.append(f"{target} = b''")
        condition = code(row.words[When].condition, names) if When in row.words else ""
        if condition and not any(char.isalpha() for char in condition):
            if eval(condition):
                raise Uncompilable(f"{row.name}: always there")
            continue
        if condition or not isinstance(row.core, Bytes) or "_left" not in repr(row.core.length):
            raise Uncompilable(f"{row.name}: its size does not depend on what is left")
        lines += [f"count = {code(row.core.length, names)}", f"if not 0 <= count <= {step.stop} - at: return None",
                  f"{target} = data[at:at + count]", "at += count"]  # fmt: skip
    return [f"if {inside} != {step.stop}:", *indented([*lines, f"if at != {step.stop}: return None"])]


def list_reader(step: Step, name: str, depth: int) -> Callable[[Any], Any]:
    """What reads the records of a field when they are asked for: it stands in the field's slot until then."""
    field, begin, end = step.lists[name]
    offset = minus(begin, step.start)
    if begin == end:
        return nothing
    if not offset.isdigit() or end != step.end:
        raise Uncompilable(f"{name}: its place varies")
    scope: dict[str, Any] = {"from_bytes": int.from_bytes}
    lines = [f"outer = {'layer.outer_' if depth else 'layer'}"]
    if name in step.shapes:
        makes = shape_lines(field, step.shapes[name], depth, scope)
        lines += [*(["data = outer.raw_"] if any("data" in line for line in makes) else []), *makes]
    else:
        scope["read"] = reader_of(field, depth)
        start = begin if begin.isdigit() else f"layer.start + {offset}"
        lines.append(f"return read(outer, outer.raw_, {start}, layer.end)")
    compiled(f"{step.name}_{field.attribute}", ["def items(layer):", *indented(lines)], scope)
    return scope["items"]  # type: ignore[no-any-return]


def nothing(_: Layer) -> list[Any]:
    return []


def packet_lines(route: Route, scope: dict[str, Any]) -> list[str]:
    """Make the packet, with the layer of bytes that nobody claims if there are some."""
    last, count = route.steps[-1], len(route.steps)
    names = [step.layer.name for step in route.steps]
    scope["proof"] = proof(route, scope)
    scope["Plain"] = packet_class(tuple(names))
    stores = ["p.raw = data", "p.proof = proof", "p.verified = True",
              *(f"p.layer{depth} = {step.name}" for depth, step in enumerate(route.steps)), "return p"]  # fmt: skip
    lines = ["p = Plain()", *stores]
    if last.carrier and last.end != last.inner and not route.claimed:
        scope["WithData"] = packet_class((*names, unclaimed().name), bytes_left=True)
        more = ["p = WithData()", f"p.layer{count} = {last.inner}", *stores]
        lines = [f"if {last.end} < {last.inner}:", *indented(more), *lines]
    return lines
