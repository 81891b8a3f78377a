"""A route: how one kind of packet is read, as generated source.

A route is made from an example.  The reference engine reads the first packet of its kind; a walk
over the same tables notes which cases and rows were taken, and writes them down as Python:

    1. fields of fixed size, across headers as far as their places are known, are read by one `unpack_from`;
    2. guards ask whether this packet takes the same way as the example: the same next protocols,
       the same cases, lengths that fit into their windows, no fragment.  If not, the route hands
       back None, and another one, or the reference engine, reads it;
    3. what was read is put into the slots of the layers.

So a route reads healthy packets only, and has no opinion of others.  A *special* route asks for more:
the very options of the example, each with its length.  All places behind them are known then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

from ..options import Options
from ..packet import Layer, Octets, Packet
from ..protocols import unclaimed
from ..schema import (
    Bytes,
    Check,
    Choice,
    Field,
    Payload,
    Protocol,
    Repeat,
    Rest,
    Run,
    When,
    context_of,
    either,
    evaluate,
    names_in,
)
from .codegen import (
    LETTERS,
    Fused,
    Uncompilable,
    bit_values,
    code,
    compilable,
    fixed_size,
    reading,
    variables,
    whole_letter,
)
from .guards import needed

RESERVED = {"at", "count", "data", "from_bytes", "kind", "p", "size", "told", "total"}  # names in generated code
MOST_LAYERS = 7  # and one for the payload that nobody claims


@dataclass
class Step:
    """One layer of a route."""

    layer: Layer
    name: str  # its local variable
    start: str  # where it starts, as source
    stop: str  # where its window ends
    names: dict[str, str] = field(default_factory=dict)  # field: local variable
    present: list[Field] = field(default_factory=list)
    lists: dict[str, tuple[Field, str, str]] = field(default_factory=dict)  # records inside: where they begin and end
    shapes: dict[str, list[Layer]] = field(default_factory=dict)  # of these lists it is known what is in them
    end: str = ""  # where its header ends
    inner: str = ""  # where its payload ends
    used: str = ""  # where it ends, when all inside it is read
    carrier: Payload | None = None
    after: tuple[Any, ...] = ()
    plain: type[Any] | None = None  # its class when no row stands after its payload

    def end_of(self, name: str) -> str:
        """Where the records of a field end."""
        return self.lists[name][2]

    @property
    def record(self) -> Protocol:
        assert isinstance(self.layer.record, Protocol)
        return self.layer.record


class Route:
    """Follows an example packet through the tables; `lines` is the reader's source."""

    def __init__(self, packet: Packet, special: bool = False) -> None:
        self.packet, self.data, self.special = packet, packet.raw, special
        self.body: list[str] = []  # reads and guards, in order
        self.constants: dict[str, int] = {}  # the pins that were written down
        self.guards: list[str] = []  # those that wait for the values of the present read
        self.pins: list[tuple[str, int]] = []  # variables that have to be what they are in the example
        self.scope: dict[str, Any] = {"from_bytes": int.from_bytes}
        self.steps: list[Step] = []
        self.base, self.offset = "", 0  # where we are: a variable and a number, as source
        self.at = 0  # where that is in the example
        self.fused = Fused("0")
        self.runs: dict[str, dict[str, tuple[int, Field]]] = {}  # bit fields read as one, each with its shift
        self.places: dict[str, tuple[int, int]] = {}  # variables read at a known place: first byte, and how many
        self.fixed: dict[int, int] = {}  # what certain bytes of the packet have to be
        self.facts: dict[str, str] = {}  # conditions that a guard has settled
        self.folded: dict[str, int] = {}  # constants that no line works out any more
        self.reads = 0
        self.varied = False  # whether it reads packets with any options
        self.claimed = False  # whether somebody is named who reads what the innermost layer carries
        self.follow()

    # -- places -----------------------------------------------------------------------

    def here(self) -> str:
        return str(self.offset) if not self.base else f"{self.base} + {self.offset}" if self.offset else self.base

    def flush(self) -> None:
        """Write down the read that was gathered, and the guards that needed it."""
        self.reads += 1
        lines, pinned = self.fused.lines(self.scope, f"unpack_{self.reads}"), dict(self.pins)
        pinned = {name: value for name, value in pinned.items() if name not in self.constants}
        for name, value in pinned.items():  # known after the guard; worked out before it
            lines = [replaced(line, name, value) for line in lines]
        tests = []
        for whole, values in self.runs.items():
            known = {name: pinned.pop(name) for name in values if name in pinned}
            number = sum(value // values[name][1].unit << values[name][0] for name, value in known.items())
            lines = [line for line in lines if line.partition(" = ")[0] not in known]
            self.folded |= known
            if len(known) == len(values):
                pinned[whole] = number
            elif known:
                mask = sum((1 << one.bits) - 1 << shift for shift, one in (values[name] for name in known))
                tests.append(f"{whole} & {mask:#x}" + (f" != {number:#x}" if number else ""))
        self.runs.clear()
        tests = [f"{name} != {value}" for name, value in pinned.items() if name not in self.constants] + tests
        lines += [f"if {' or '.join(tests)}: return None"] if tests else []
        self.body += lines
        for name, value in pinned.items():
            if name in self.places:
                at, size = self.places[name]
                self.fixed |= dict(enumerate(value.to_bytes(size, "big"), at))
        self.constants |= pinned | self.folded
        self.pins.clear()
        self.body += [
            self.guard(text) for text in dict.fromkeys(map(self.settled, self.guards)) if not self.proved(text)
        ]
        self.guards.clear()
        self.fused = Fused(self.here())

    def jump(self, name: str, to: str, at: int) -> None:
        """Go on at a place that varies."""
        self.flush()
        if to != name:
            self.body.append(f"{name} = {to}")
        self.base, self.offset, self.at = name, 0, at
        self.fused = Fused(self.here())

    def settled(self, text: str) -> str:
        """A guard in which conditions that earlier ones settled are what they are."""
        for condition, holds in self.facts.items():
            if not text.endswith(condition) and text != condition[1:-1]:
                text = text.replace(f" if {condition} else ", f" if {holds} else ")
        return text

    def guard(self, text: str) -> str:
        return f"if {text[4:]}: return None" if text.startswith("not ") else f"if not ({text}): return None"

    def proved(self, text: str) -> bool:
        """Whether what the other guards say leaves no doubt."""
        return variables(text) <= self.constants.keys() and bool(eval(text, dict(self.constants)))

    def pin(self, name: str, value: int) -> None:
        """A guard that a variable has this value."""
        self.pins.append((name, value))

    # -- the walk ---------------------------------------------------------------------

    def follow(self) -> None:
        stop = "size"
        for depth, layer in enumerate(self.packet.layers):
            last = depth + 1 == len(self.packet.layers)
            if layer.faults or layer.cut or layer.quoted or not layer.sound or "rest" in layer.values:
                raise Uncompilable("it is not sound")
            if last and depth and layer.record is unclaimed() and self.steps[-1].carrier:
                break
            if depth == MOST_LAYERS or not isinstance(layer.record, Protocol):
                raise Uncompilable("too many layers")
            kind = layer.name.replace(".", "_")
            same = sum(step.layer.name == layer.name for step in self.steps)
            name = f"{kind}{same + 1 if same else ''}"
            step = Step(layer, f"{name}_" if name in RESERVED or iskeyword(name) else name, self.here(), stop)
            self.steps.append(step)
            self.head(step, following=self.packet.layers[depth + 1 :])
            stop = step.inner
        self.flush()
        self.ends()

    def head(self, step: Step, following: list[Layer]) -> None:
        self.context = context_of({})
        self.context._fcs = 0
        step.after = self.rows(step, step.record.rows)
        step.end = self.here()
        self.limit(step.end, step.stop)
        if step.carrier:
            self.payload(step, step.carrier)
            self.flushed_checks(step)
            self.child(step, step.carrier, following)

    def rows(self, step: Step, rows: tuple[Any, ...]) -> tuple[Any, ...]:
        """Read rows up to the payload; those after it are handed back."""
        for index, row in enumerate(rows):
            if isinstance(row, Payload):
                step.carrier = row
                return rows[index + 1 :]
            if isinstance(row, Choice):
                after = self.rows(step, self.branch(step, row))
                if step.carrier:
                    return (*after, *rows[index + 1 :])
            elif isinstance(row, Run):
                self.run(step, row)
            elif When not in row.words or self.condition(step, row.words[When].condition):
                self.field(step, row)
        return ()

    def known(self, step: Step, following: Any = None) -> dict[str, str]:
        """What expressions may name here, as source; `following` is the row that would be read next."""
        here = self.here()
        names = {**step.names, "_at": minus(here, step.start), "_left": minus(step.stop, here), "_fcs": "0"}
        if isinstance(following, Field) and fixed_size(following) == 2 and not isinstance(following.core, Bytes):
            names["_ahead16"] = self.variable(step, following)  # it is what the next field will be
        else:
            names["_ahead16"] = f"(from_bytes(data[{here}:{here} + 2], 'big') if {here} + 2 <= {step.stop} else -1)"
        names["_ahead8"] = f"(data[{here}] if {here} < {step.stop} else -1)"
        return names

    def value(self, expression: Any) -> Any:
        """What an expression comes to in the example."""
        ahead, window = self.data[self.at : self.at + 2], self.steps[-1].layer
        self.context["_at"] = self.at - window.start
        self.context["_left"] = window.wire_stop - self.at
        self.context["_ahead8"] = ahead[0] if ahead else -1
        self.context["_ahead16"] = int.from_bytes(ahead, "big") if len(ahead) == 2 else -1
        return evaluate(expression, self.context)

    def branch(self, step: Step, row: Choice) -> tuple[Any, ...]:
        number = self.value(row.key)
        taken = row.rows(number)
        key = code(row.key, self.known(step, taken[0] if taken else None))
        numbers = next((numbers for numbers, rows in row.cases if number in numbers), None)
        if numbers is None:
            every = [number for numbers, _ in row.cases for number in numbers]
            self.guards.append(f"not ({key})" if every == [True] else f"({key}) not in {(*every,)!r}")
        elif numbers == (True,):
            self.guards.append(key)
        else:
            self.guards.append(f"({key}) in {numbers!r}")
        return taken

    def condition(self, step: Step, condition: Any) -> bool:
        holds = bool(self.value(condition))
        text = code(condition, self.known(step))
        self.guards.append(text if holds else f"not {paren(text)}")
        self.facts[f"({text})"] = str(holds)
        return holds

    def variable(self, step: Step, row: Field) -> str:
        return f"{step.name}_{row.attribute}"

    def keep(self, step: Step, row: Field, size: int) -> str:
        """A field that the example has too."""
        target = step.names[row.name] = self.variable(step, row)
        if size and row.unit == 1 and not self.base and getattr(row.core, "fmtstr", ">")[0] == ">":
            self.places[target] = self.offset, size
        step.present.append(row)
        self.context[row.name] = step.layer.values[row.name]
        self.offset += size
        self.at += size
        return target

    def run(self, step: Step, row: Run) -> None:
        letter, make = whole_letter(row)
        whole = f"{step.name}_{'_'.join(one.attribute for one in row.fields[:2])}_bits"
        self.fused.add(letter, make, whole)
        shift, self.runs[whole] = row.size * 8, {}
        if not self.base:
            self.places[whole] = self.offset, row.size
        for one, text in bit_values(row, whole):
            shift -= one.bits
            self.runs[whole][self.variable(step, one)] = shift, one
            self.fused.after.append(f"{self.keep(step, one, 0)} = {text}")
        self.offset += row.size
        self.at += row.size

    def field(self, step: Step, row: Field) -> None:
        size = fixed_size(row)
        if size is not None:
            letter, make = reading(row)
            self.fused.add(letter, make, self.keep(step, row, size))
        elif isinstance(row.core, (Options, Repeat)):
            self.records(step, row, row.core)
        elif isinstance(row.core, Bytes) or row.core is Rest:
            self.bytes(step, row)
        else:
            raise Uncompilable(f"{row.name}: only reading can measure it")

    def bytes(self, step: Step, row: Field) -> None:
        """Bytes whose number varies."""
        compilable(row)
        expression = row.core.length if isinstance(row.core, Bytes) else None
        start, target = self.here(), self.variable(step, row)
        size = code(expression, self.known(step)) if expression is not None else minus(step.stop, start)
        end = f"{target}_end"
        at = self.at + len(step.layer.values[row.name])
        self.jump(end, f"{start} + {paren(size)}" if start != "0" else size, at)
        self.body.append(self.guard(f"{start} <= {end} <= {step.stop}"))
        self.body.append(f"{target} = data[{start}:{end}]")
        self.keep(step, row, 0)

    def records(self, step: Step, row: Field, core: Options | Repeat) -> None:
        """Records inside the layer: read when they are asked for, all that is noted is where."""
        if isinstance(core, Repeat) and core.count is not None:
            raise Uncompilable(f"{row.name}: counted records")
        size = code(core.size, self.known(step))
        if not self.value(core.size) and names_in(core.size):  # none in the example: whole headers stay one read
            self.guards.append(f"{size} == 0")
            self.solve(step, core.size)
            step.lists[row.name] = (row, self.here(), self.here())
            self.keep(step, row, 0)
            return
        if isinstance(core, Options) and core.plain and not self.base:
            if self.special and self.shape(step, row, core):
                return
            self.varied = True
        start, end = self.here(), f"{self.variable(step, row)}_end"
        self.jump(end, f"{start} + {paren(size)}" if start != "0" else size, self.at + int(self.value(core.size)))
        self.body.append(self.guard(f"{start} <= {end} <= {step.stop}"))
        step.lists[row.name] = (row, start, end)
        self.keep(step, row, 0)

    def shape(self, step: Step, row: Field, core: Options) -> bool:
        """Pin the kinds and lengths of all options; what is in them is read when they are asked for."""
        items, names, start = step.layer.values[row.name], names_in(core.size), self.here()
        if len(names) != 1 or names[0] not in step.names:
            return False
        self.pin(step.names[names[0]], step.layer.values[names[0]])
        known = b""
        for item in items:
            if item.faults or item.record is core.malformed or "rest" in item.values:
                raise Uncompilable("its options are not sound")
            head = core.head_of(item.get("kind"))
            known += self.data[item.start : item.start + head]
            if item.end > item.start + head or item is items[-1]:
                self.pin_octets(f"{self.variable(step, row)}_{item.start}", known)
                self.fused.skip(item.end - item.start - head)
                self.offset, self.at, known = item.end, item.end, b""
        step.lists[row.name], step.shapes[row.name] = (row, start, self.here()), items
        self.keep(step, row, 0)
        return True

    def pin_octets(self, name: str, known: Octets) -> None:
        """Guards that these bytes come next; bytes side by side are one number."""
        for size in (8, 4, 2, 1):
            while len(known) >= size:
                target = f"{name}_{len(known)}"
                self.fused.add(LETTERS[size], "{}", target)
                self.places[target] = self.offset, size
                self.pin(target, int.from_bytes(known[:size], "big"))
                self.offset, self.at, known = self.offset + size, self.at + size, known[size:]

    def solve(self, step: Step, expression: Any) -> None:
        """A size that depends on one field, and is nothing: that field is what it is in the example."""
        names = names_in(expression)
        if len(names) == 1 and names[0] in step.names:
            self.guards.pop()
            self.pin(step.names[names[0]], step.layer.values[names[0]])

    # -- windows and what sits inside -------------------------------------------------

    def limit(self, end: str, stop: str) -> None:
        """A header has to fit; the read itself proves that it fits into the packet."""
        said = self.body and self.body[-1].endswith(f"<= {end} <= {stop}): return None")
        if end != stop and not said and not (stop == "size" and end.isdigit()):
            self.guards.append(f"{end} <= {stop}")

    def payload(self, step: Step, carrier: Payload) -> None:
        size = carrier.size
        if isinstance(size, either):  # one of two sizes: the example's
            size = size.a if self.condition(step, size.condition) else size.b
        if size is None or repr(size) in ("this['_left']", "(this['_left'] - this['_fcs'])"):
            step.inner = step.stop
            return
        text = code(size, self.known(step))
        step.inner = f"{step.name}_stop"
        self.fused.after.append(f"{step.inner} = {step.end} + {paren(text)}")
        self.guards.append(f"{step.end} <= {step.inner} <= {step.stop}")

    def flushed_checks(self, step: Step) -> None:
        """Checks that stop: nothing behind a header that breaks one is read."""
        for check in step.record.checks:
            if isinstance(check, Check) and check.stops and set(names_in(check.condition)) <= step.names.keys():
                self.demand(step, code(check.condition, step.names))
        fragment = step.record.fragment
        if fragment:
            for expression in (fragment.offset, fragment.more):
                self.demand(step, f"not {paren(code(expression, step.names))}")

    def lines(self, lines: list[str]) -> list[str]:
        """Lines with the folded constants put in."""
        for name, value in self.folded.items():
            lines = [re.sub(rf"(?<![.\w]){name}\b", str(value), line) for line in lines]
        return needed(lines)

    def demand(self, step: Step, text: str) -> None:
        """A guard; one that leaves a variable no choice pins it."""
        match = re.fullmatch(r"(\w+) == (\d+)|not (\w+)", text)
        if match and (match[1] or match[3]) in step.names.values():
            self.pin(match[1] or match[3], int(match[2] or 0))
        else:
            self.guards.append(text)

    def child(self, step: Step, carrier: Payload, following: list[Layer]) -> None:
        """The same next protocol as in the example."""
        claimed: Protocol | None = None
        for name, registry in carrier.by.items():
            if name not in step.names or registry not in Protocol.registries:
                continue
            numbers = Protocol.registries[registry].numbers
            claimed, value = Protocol.registries[registry].find(step.layer.values[name]), step.layer.values[name]
            if claimed and value in numbers:
                self.pin(step.names[name], value)
                break
            others = f"numbers_{step.name}_{name}".replace(".", "_")
            self.scope[others] = frozenset(number for number in numbers if number is not None)
            self.guards.append(f"{step.names[name]} not in {others}")
            if claimed:
                break
        self.claimed = bool(claimed)
        if not claimed and carrier.also:
            raise Uncompilable("what it carries is worked out from more than a field")
        if claimed and step.record.quotes:
            raise Uncompilable("it quotes a packet")
        if claimed and not following:
            self.guards.append(f"{step.end} == {step.inner}")
        if claimed and following and following[0].record is not claimed:
            raise Uncompilable("something else is inside")

    # -- ends -------------------------------------------------------------------------

    def ends(self) -> None:
        """From the innermost layer outwards: where each ends, and nothing may be left over where nothing can be."""
        last = self.steps[-1]
        used = last.inner if last.carrier else last.end
        for depth in range(len(self.steps) - 1, -1, -1):
            step = self.steps[depth]
            if step.after:
                step.used = used = step.stop
                continue
            keeps = step.carrier is not None and step.carrier.keeps and step.inner
            bound = step.stop if depth == 0 else step.inner if keeps else used
            if bound != used:
                self.body.append(self.guard(f"{used} == {bound}"))
            step.used = used

    @property
    def signature(self) -> tuple[Any, ...]:
        return tuple((step.layer.name, tuple(one.name for one in step.present)) for step in self.steps)


def replaced(line: str, name: str, value: int) -> str:
    """A line with a variable that is known replaced by its value, but not where it gets it."""
    target, equals, text = line.partition(" = ")
    return target + equals + re.sub(rf"\b{name}\b", str(value), text)


def paren(text: str) -> str:
    return text if text.isidentifier() or text.isdigit() else f"({text})"


def minus(a: str, b: str) -> str:
    """The source of a difference, worked out where it is known."""
    if b == "0":
        return a if a.isidentifier() or a.isdigit() else f"({a})"
    if a == b:
        return "0"
    if a.isdigit() and b.isdigit():
        return str(int(a) - int(b))
    base, _, more = a.partition(" + ")
    if base == b and more.isdigit():
        return more
    return f"({a} - {paren(b)})"
