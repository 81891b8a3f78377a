"""The proof that nothing is to be said of a packet: its checks as expressions, its checksums as sums.

Generated for a route when notes are first read.  A proof only ever says "nothing"; whatever it
cannot prove, the reference engine looks at.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ..options import Options
from ..rules import Checksum, HeaderChecksum, MessageChecksum, SegmentChecksum
from ..schema import Check, Field, Protocol, Record, evaluate, names_in
from .codegen import Uncompilable, code, compiled, indented, variables
from .notes import checks
from .quick import PROVING, slot_of
from .routes import Route, Step, minus

REFUSED = ["return False"]
FOLDS = (5760, 2880, 1440)  # bits at which a long sum is folded, multiples of 16: what is left is divided faster
MOST_TOLD = 4096  # sequences of options that are remembered


def proof(route: Route, holder: dict[str, Any]) -> Callable[[Any], bool]:
    """A function for packets of this route.  The source is generated when it is first called; then what came of it
    takes its place as `holder["proof"]`, for later packets."""
    made: list[Callable[[Any], bool]] = []
    names = [step.name for step in route.steps]

    def proved(packet: Any) -> bool:
        if not made:
            scope: dict[str, Any] = {"from_bytes": int.from_bytes, "told": told, "PROVING": PROVING}
            title = f"proved_{'_'.join(names)}"
            try:
                body = proof_lines(route, scope)
            except Uncompilable:
                body = REFUSED
            compiled(title, [f"def {title}(p):", *indented(body)], scope)
            made.append(scope[title])
            holder["proof"] = scope[title]
        return made[0](packet)

    return proved


def proof_lines(route: Route, scope: dict[str, Any]) -> list[str]:
    steps = route.steps
    lines = [f"{step.name} = p.layer{depth}" for depth, step in enumerate(steps)] + ["data = p.raw"]
    scope |= {f"{step.name}_plain": step.plain for step in steps}
    lines.append(f"kind = type({steps[0].name})")
    for depth, step in enumerate(steps):
        for field, begin, end in step.lists.values():
            if begin != end and (isinstance(field.core, Options) or isinstance(field.core.item, Record)):
                lines += item_lines(step, field, steps[0].name)
        lines += check_lines(route, step, steps[0].name, scope)
        for field in step.present:
            if field.rule and field.rule.verdict:
                lines += sum_lines(field, depth, route, scope)
        if any(row.rule and row.rule.verdict for row in step.after):
            names = [row.name for row in step.after if row.rule and row.rule.verdict]
            lines += [f"if type({step.name}) is not {step.name}_plain:",
                      *[f"    if {name!r} in {step.name}.fields_: return False" for name in names]]  # fmt: skip
    return [*lines, f"return type({steps[0].name}) is kind  # else reading options opened it"]


def item_lines(step: Step, field: Field, first: str) -> list[str]:
    """Prove that there is nothing to say of the records inside a layer; of known ones most is known now."""
    items = step.shapes.get(field.name)
    read = [f"items = {step.name}.{field.attribute}",
            f"if type({first}) is not kind: return False  # reading options opened it"]  # fmt: skip
    if items is None:
        return [*read, f"{step.name}_there = told(items)", f"if {step.name}_there is None: return False"]
    names = [item.name for item in items]
    if any(item.record.once and names.count(item.name) > 1 for item in items):
        return REFUSED
    return [*read, "if told(items) is None: return False"] if any(item.record.checks for item in items) else []


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
        return [f"if type({step.name}) is not {step.name}_plain:", *indented(lines)]
    known = {item.name for items in step.shapes.values() for item in items}
    if about & known:
        return lines
    lists = [name for name, (field, begin, end) in step.lists.items()
             if begin != end and isinstance(field.core, Options)]  # fmt: skip
    if set(lists) - step.shapes.keys():
        return [f"if {step.name}_there & {{{', '.join(map(repr, sorted(about)))}}}:", *indented(lines)]
    return []


def asked(step: Step, function: Any, test: str, *after: str) -> list[str]:
    """Lines that ask a function which may look at the packet, without opening it; `after` follows."""
    call = ["PROVING.append(p)", "try:", f"    {test}: return False", "finally: PROVING.pop()"]
    return guarded(step, function, [*call, *after])


def check_lines(route: Route, step: Step, first: str, scope: dict[str, Any]) -> list[str]:
    """Each check that still has to be made: those that stop were guards of the route."""
    names = {field.name: f"{step.name}.{slot_of(field)}" for field in step.present if field.name not in step.lists}
    known = route.constants
    names |= {name: str(known[variable]) for name, variable in step.names.items() if variable in known}
    names |= {"_payload": f"({place(step, 'stop')} - {place(step, 'end')})", "_quoted": "False"}
    lines, alone = [], dict[str, list[str]]()  # those that ask about one field only
    for index, check in enumerate(step.record.checks):
        if not isinstance(check, Check):
            scope[f"{step.name}_check_{index}"] = check
            lines += asked(step, check, f"for _ in {step.name}_check_{index}({step.name})",
                           f"if type({first}) is not kind: return False  # it opened the packet")  # fmt: skip
            continue
        wanted = set(names_in(check.condition))
        if not wanted <= names.keys():
            if " if " in repr(check.condition):
                raise Uncompilable(f"{step.name}: a check that may or may not apply")
            continue  # it names a field that is not here: it is not held against anything
        text = truth(code(check.condition, names))
        if check.stops or text == "True":
            continue
        if len(wanted) == 1 and 0 < getattr(step.record.lookup.get(min(wanted)), "bits", 0) <= 16:
            alone.setdefault(names[min(wanted)], []).append(text)
        else:
            lines.append(f"if not ({text}): return False  # {check.text}")
    for index, (value, texts) in enumerate(alone.items()):
        if len(texts) < 3:
            lines += [f"if not ({text}): return False" for text in texts]
            continue
        fine = f"{step.name}_fine_{index}"  # the values of which it is known that all of that holds
        scope[fine] = set()
        lines += [f"if {value} not in {fine}:", *indented(f"if not ({text}): return False" for text in texts),
                  f"    {fine}.add({value})"]  # fmt: skip
    return lines


class Truth(ast.NodeTransformer):
    """Turns `|` and `&` between comparisons into `or` and `and`, which stop early; works out what is constant."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        sides: list[ast.expr] = [node.left, node.right]
        words: dict[type, ast.boolop] = {ast.BitOr: ast.Or(), ast.BitAnd: ast.And()}
        if type(node.op) in words and all(isinstance(side, (ast.Compare, ast.BoolOp)) for side in sides):
            return ast.BoolOp(words[type(node.op)], sides)
        return node


def truth(text: str) -> str:
    """A condition of which only the truth is asked."""
    tree = Truth().visit(ast.parse(text, mode="eval"))
    if isinstance(tree.body, ast.BoolOp) and isinstance(tree.body.op, ast.Or):
        if any(not variables(ast.unparse(side)) and eval(ast.unparse(side)) for side in tree.body.values):
            return "True"
    return ast.unparse(tree)


def sum_lines(field: Field, depth: int, route: Route, scope: dict[str, Any]) -> list[str]:
    """Verify a checksum.  All words add up to a multiple of 65535; the two zeros are left to the reference engine."""
    step, rule = route.steps[depth], field.rule
    if not isinstance(rule, Checksum) or type(rule) not in (HeaderChecksum, MessageChecksum, SegmentChecksum):
        raise Uncompilable(f"{field.path}: a rule of its own")
    name = step.name
    start, end = place(step, "start"), place(step, "end" if type(rule) is HeaderChecksum else "stop")
    size, more = minus(end, start), list[str]()
    if type(rule) is SegmentChecksum:
        more, before = pseudo_lines(depth, route, scope)
        start = str(int(start) - before) if before else start
    lines = [f"total = from_bytes(data[{start}:{end}], 'big')"]
    if not size.isdigit():
        lines.append(f"if {size} & 1: total <<= 8")
        lines += folds(size, scope)
    elif int(size) % 2:
        lines.append("total <<= 8")
    found = f"{name}.{slot_of(field)}"
    return [*lines, *more, f"if total % 65535 or not 0 < {found} < 65535: return False"]


def folds(size: str, scope: dict[str, Any]) -> list[str]:
    """Lines that make a long sum shorter: what is left is divided faster."""
    scope |= {f"low_{bits}": (1 << bits) - 1 for bits in FOLDS}
    return [f"if {size} > {bits // 16}: total = (total >> {bits}) + (total & low_{bits})" for bits in FOLDS]


def pseudo_lines(depth: int, route: Route, scope: dict[str, Any]) -> tuple[list[str], int]:
    """Add the pseudo header of the nearest layer below that lends one.

    Also how many bytes of it stand right before the segment: they are summed with it.
    """
    steps = route.steps
    lender = next((one for one in range(depth - 1, -1, -1) if steps[one].record.pseudo), None)
    if lender is None:
        raise Uncompilable("nobody lends a pseudo header")
    lines, below = [], steps[lender]
    for step in steps[lender:depth]:
        if step.record.amends:
            scope[f"{step.name}_amends"] = step.record.amends
            lines += asked(step, step.record.amends, f"if {step.name}_amends({step.name}, {step.name}.values)")
    names = {field.name: f"from_bytes({below.name}.{slot_of(field)}, 'big')" for field in below.present}
    over = step_number(below.record, steps[depth].record)
    names |= {"protocol": str(over), "length": f"({place(steps[depth], 'stop')} - {place(steps[depth], 'start')})"}
    before = 0
    for part in reversed(below.record.pseudo.layout.subcons):
        at, size = route.places.get(f"{below.name}_{part.name}", (0, 0))
        if size and str(at + size + before) == steps[depth].start:
            names[part.name] = ""
            before += size
    lines.append(f"total += {' + '.join(pseudo_terms(below.record, names))}")
    return lines, before


def step_number(lender: Protocol, record: Protocol) -> int:
    """The number under which the lender carries the record."""
    registries = {registry for carrier in lender.carriers for registry in carrier.by.values()}
    return next((number for registry in registries for number in record.over.get(registry, ()) if number), 0)


def pseudo_terms(lender: Protocol, names: dict[str, str]) -> list[str]:
    """What the parts of a pseudo header add to a sum of 16-bit words, as source.

    names  the source of each part as a number; "" for one that is summed already
    """
    layout = lender.pseudo.layout
    behind = layout.sizeof()
    if behind % 2:
        raise Uncompilable("a pseudo header of an odd size")
    terms = []
    for part in layout.subcons:
        behind -= part.sizeof()
        if part.name in names:
            terms += [names[part.name] + (" * 256" if behind % 2 else "")] if names[part.name] else []
        elif any(evaluate(getattr(part.subcon, "value", 1), {}) or b""):
            raise Uncompilable("a pseudo header with more in it")
    return terms


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
