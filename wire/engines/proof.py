"""The proof that nothing is to be said of a packet: its checks as expressions, its checksums as sums.

Generated for a route when notes are first read.  A proof only ever says "nothing"; whatever it
cannot prove, the reference engine looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..packet import Layer
from ..rules import Checksum, HeaderChecksum, MessageChecksum, SegmentChecksum
from ..schema import Check, Field, Protocol, evaluate, names_in
from .codegen import Uncompilable, code, compiled, indented
from .notes import checks
from .quick import Quick, slot_of
from .routes import Route, Step

REFUSED = ["return False"]


def proof(route: Route) -> Callable[[Any], bool]:
    """A method for packets of this route.  The source is generated when it is first called."""
    made: list[Callable[[Any], bool]] = []
    steps, names = route.steps, [step.name for step in route.steps]

    def proved(packet: Any) -> bool:
        if not made:
            scope: dict[str, Any] = {"from_bytes": int.from_bytes, "Quick": Quick, "sound_items": sound_items}
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
    for depth, step in enumerate(steps):
        lines += check_lines(step, scope)
        for field in step.present:
            if field.rule and field.rule.verdict:
                lines += sum_lines(field, depth, steps, scope)
        for name, (field, begin, end) in step.lists.items():
            if begin != end:
                lines += [f"if not sound_items({step.name}.{field.attribute}): return False  # {name}"]
        if any(isinstance(row, Field) and row.rule and row.rule.verdict for row in step.after):
            lines += [f"if {row.name!r} in {step.name}.fields_: return False" for row in step.after if row.rule]
    first = steps[0].name
    return [*lines, f"return isinstance({first}, Quick)"]  # reading options may have opened the packet


def check_lines(step: Step, scope: dict[str, Any]) -> list[str]:
    """Each check that still has to be made: those that stop were guards of the route."""
    names = {field.name: f"{step.name}.{slot_of(field)}" for field in step.present if field.name not in step.lists}
    names |= {"_payload": f"({step.name}.stop - {step.name}.end)", "_quoted": "False"}
    lines = []
    for index, check in enumerate(step.record.checks):
        if not isinstance(check, Check):
            scope[f"{step.name}_check_{index}"] = check
            lines.append(f"for _ in {step.name}_check_{index}({step.name}): return False")
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
    end = f"{name}.end" if type(rule) is HeaderChecksum else f"{name}.stop"
    lines = [f"total = from_bytes(data[{name}.start:{end}], 'big')", f"if ({end} - {name}.start) & 1: total <<= 8"]
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
            lines.append(f"if {step.name}_amends({step.name}, {step.name}.values): return False")
    names = {field.name: f"{below.name}.{slot_of(field)}" for field in below.present}
    over = step_number(below.record, steps[depth].record)
    names |= {"protocol": str(over), "length": f"({steps[depth].name}.stop - {steps[depth].name}.start)"}
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


def sound_items(items: list[Any]) -> bool:
    """Whether nothing is to be said of records inside a layer."""
    seen = set()
    for item in items:
        if not isinstance(item, Layer):
            continue
        record = item.record
        if record.checks and next(checks(item), None) is not None:
            return False
        if record.once:
            if record.name in seen:
                return False
            seen.add(record.name)
    return True
