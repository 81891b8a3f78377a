"""The proof that nothing is to be said of a packet: its checks as expressions, its checksums as sums.

Generated for a route when notes are first read.  A proof only ever says "nothing"; whatever it
cannot prove, the reference engine looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..options import Options
from ..rules import Checksum, HeaderChecksum, MessageChecksum, SegmentChecksum
from ..schema import Check, Field, Protocol, Record, evaluate, names_in
from .codegen import Uncompilable, code, compiled, indented
from .notes import checks
from .quick import slot_of
from .routes import Route, Step, minus

REFUSED = ["return False"]
MOST_TOLD = 4096  # sequences of options that are remembered


def proof(route: Route) -> Callable[[Any], bool]:
    """A method for packets of this route.  The source is generated when it is first called."""
    made: list[Callable[[Any], bool]] = []
    steps, names = route.steps, [step.name for step in route.steps]

    def proved(packet: Any) -> bool:
        if not made:
            scope: dict[str, Any] = {"from_bytes": int.from_bytes, "told": told}
            title = f"proved_{'_'.join(names)}"
            try:
                body = proof_lines(steps, scope)
            except Uncompilable:
                body = REFUSED
            compiled(title, [f"def {title}(p):", *indented(body)], scope)
            made.append(scope[title])
        return made[0](packet)

    return proved


def proof_lines(steps: list[Step], scope: dict[str, Any]) -> list[str]:
    lines = [f"{step.name} = p.layer{depth}" for depth, step in enumerate(steps)] + ["data = p.raw"]
    scope |= {f"{step.name}_plain": step.plain for step in steps}
    lines.append(f"kind = {steps[0].name}.__class__")
    for depth, step in enumerate(steps):
        for field, begin, end in step.lists.values():
            if begin != end and (isinstance(field.core, Options) or isinstance(field.core.item, Record)):
                lines += [
                    f"items = {step.name}.{field.attribute}",
                    f"if {steps[0].name}.__class__ is not kind: return False  # reading options opened it",
                    f"{step.name}_there = told(items)",
                    f"if {step.name}_there is None: return False",
                ]
        lines += check_lines(step, steps[0].name, scope)
        for field in step.present:
            if field.rule and field.rule.verdict:
                lines += sum_lines(field, depth, steps, scope)
        if any(row.rule and row.rule.verdict for row in step.after):
            names = [row.name for row in step.after if row.rule and row.rule.verdict]
            lines += [f"if {step.name}.__class__ is not {step.name}_plain:",
                      *[f"    if {name!r} in {step.name}.fields_: return False" for name in names]]  # fmt: skip
    return [*lines, f"return {steps[0].name}.__class__ is kind  # else reading options opened it"]


def place(step: Step, name: str) -> str:
    """Where a layer starts or ends, as source: a number if it is always the same."""
    text = {"start": step.start, "end": step.end, "stop": step.used}[name]
    return text if text.isdigit() else "len(data)" if text == "size" else f"{step.name}.{name}"


def guarded(step: Step, function: Any, lines: list[str]) -> list[str]:
    """Lines that call `function`, for layers that have what it is about."""
    about = getattr(function, "about", None)
    if about is None:
        return lines
    names = {field.name for field in step.present} | {row.name for row in step.after}
    if about & {field.name for field in step.present}:
        return lines
    if about & names:  # rows after the payload: there or not
        return [f"if {step.name}.__class__ is not {step.name}_plain:", *indented(lines)]
    if any(begin != end and isinstance(field.core, Options) for field, begin, end in step.lists.values()):
        return [f"if {step.name}_there & {sorted(about)!r}:".replace("[", "{").replace("]", "}"), *indented(lines)]
    return []


def check_lines(step: Step, first: str, scope: dict[str, Any]) -> list[str]:
    """Each check that still has to be made: those that stop were guards of the route."""
    names = {field.name: f"{step.name}.{slot_of(field)}" for field in step.present if field.name not in step.lists}
    names |= {"_payload": f"({place(step, 'stop')} - {place(step, 'end')})", "_quoted": "False"}
    lines = []
    for index, check in enumerate(step.record.checks):
        if not isinstance(check, Check):
            scope[f"{step.name}_check_{index}"] = check
            lines += guarded(
                step,
                check,
                [
                    f"for _ in {step.name}_check_{index}({step.name}): return False",
                    f"if {first}.__class__ is not kind: return False  # it opened the packet",
                ],
            )
            continue
        wanted = set(names_in(check.condition))
        if not wanted <= names.keys():
            if " if " in repr(check.condition):
                raise Uncompilable(f"{step.name}: a check that may or may not apply")
            continue  # it names a field that is not here: it is not held against anything
        if not check.stops:
            lines.append(f"if not ({code(check.condition, names)}): return False  # {check.text}")
    return lines


def sum_lines(field: Field, depth: int, steps: list[Step], scope: dict[str, Any]) -> list[str]:
    """Verify a checksum.  All words add up to a multiple of 65535; the two zeros are left to the reference engine."""
    step, rule = steps[depth], field.rule
    if not isinstance(rule, Checksum) or type(rule) not in (HeaderChecksum, MessageChecksum, SegmentChecksum):
        raise Uncompilable(f"{field.path}: a rule of its own")
    name = step.name
    start, end = place(step, "start"), place(step, "end" if type(rule) is HeaderChecksum else "stop")
    lines = [f"total = from_bytes(data[{start}:{end}], 'big')"]
    size = minus(end, start)
    if not size.isdigit():
        lines.append(f"if {size} & 1: total <<= 8")
    elif int(size) % 2:
        lines.append("total <<= 8")
    if type(rule) is SegmentChecksum:
        lines += pseudo_lines(depth, steps, scope)
    found = f"{name}.{slot_of(field)}"
    return [*lines, f"if total % 65535 or not 0 < {found} < 65535: return False"]


def pseudo_lines(depth: int, steps: list[Step], scope: dict[str, Any]) -> list[str]:
    """Add the pseudo header of the nearest layer below that lends one."""
    lender = next((one for one in range(depth - 1, -1, -1) if steps[one].record.pseudo), None)
    if lender is None:
        raise Uncompilable("nobody lends a pseudo header")
    lines, below = [], steps[lender]
    for step in steps[lender:depth]:
        if step.record.amends:
            scope[f"{step.name}_amends"] = step.record.amends
            lines += guarded(
                step, step.record.amends, [f"if {step.name}_amends({step.name}, {step.name}.values): return False"]
            )
    names = {field.name: f"{below.name}.{slot_of(field)}" for field in below.present}
    over = step_number(below.record, steps[depth].record)
    names |= {"protocol": str(over), "length": f"({place(steps[depth], 'stop')} - {place(steps[depth], 'start')})"}
    lines.append(f"total += {pseudo_sum(below.record, names)}")
    return lines


def step_number(lender: Protocol, record: Protocol) -> int:
    """The number under which the lender carries the record."""
    registries = {registry for carrier in lender.carriers for registry in carrier.by.values()}
    return next((number for registry in registries for number in record.over.get(registry, ()) if number), 0)


def pseudo_sum(lender: Protocol, names: dict[str, str]) -> str:
    """What a pseudo header adds to a sum of 16-bit words, as source."""
    layout = lender.pseudo.layout
    behind = layout.sizeof()
    if behind % 2:
        raise Uncompilable("a pseudo header of an odd size")
    terms = []
    for part in layout.subcons:
        size = part.sizeof()
        behind -= size
        weight = " * 256" if behind % 2 else ""
        if part.name in names:
            number = names[part.name] in (names["protocol"], names["length"])
            terms.append((names[part.name] if number else f"from_bytes({names[part.name]}, 'big')") + weight)
        elif any(evaluate(getattr(part.subcon, "value", 1), {}) or b""):
            raise Uncompilable("a pseudo header with more in it")
    return " + ".join(terms)


TOLD: dict[tuple[type[Any], ...], tuple[frozenset[str] | None, tuple[tuple[int, Callable[[Any], bool]], ...]]] = {}


def told(items: list[Any]) -> frozenset[str] | None:
    """The names of the records inside a layer; None if there is something to say of one of them."""
    kinds = tuple(map(type, items))
    known = TOLD.get(kinds)
    if known is None:
        names = [item.name for item in items]
        twice = any(item.record.once and names.count(item.name) > 1 for item in items)
        checked = tuple((at, item_proof(item)) for at, item in enumerate(items) if item.record.checks)
        known = None if twice else frozenset(names), checked
        if len(TOLD) < MOST_TOLD:
            TOLD[kinds] = known
    there, proofs = known
    for index, holds in proofs:
        if not holds(items[index]):
            return None
    return there


def item_proof(item: Any) -> Callable[[Any], bool]:
    """Whether there is nothing to say of a record like this one: its checks as one expression, where they can be."""
    names = {field.name: f"item.{slot_of(field)}" for field in item.record.fields if field.name in item.fields_}
    try:
        if all(isinstance(check, Check) for check in item.record.checks):
            tests = [f"({code(check.condition, names)})" for check in item.record.checks]
            made: Callable[[Any], bool] = eval(f"lambda item: {' and '.join(tests)}")
            return made
    except Uncompilable:
        pass
    return lambda item: next(checks(item), None) is None
