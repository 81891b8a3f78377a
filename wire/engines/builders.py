"""Building at speed: stacks of drafts to bytes by generated code.

A builder is made for one kind of stack: these records, with these fields given.  The planner of the
reference writer lays out the first of its kind; from the rows that it chose, and the rules of the
fields that nobody gave, a function is generated that packs each header once and puts lengths and
checksums in.  A builder hands back None for what it cannot write (a value that does not fit, options
below a checksum that they could change), and the writer does that, or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from struct import error as StructError
from typing import Any

from ..options import Options
from ..packet import Draft
from ..rules import Checksum, HeaderChecksum, Length, MessageChecksum, SegmentChecksum
from ..schema import Bytes, Choice, Field, Protocol, Record, Rest, Run, When, names_in
from . import writer
from .codegen import Uncompilable, compiled, fixed_size, indented, reading, variables, whole_letter
from .proof import folds, pseudo_terms, step_number

__all__ = ["encode", "forget"]

Build = Callable[[Sequence[Any], bytes], bytes | None]

BUILDERS: dict[Any, Build] = {}
SEEN: dict[Any, int] = {}
MOST_BUILDERS = 256
REGIONS: dict[tuple[int, ...], tuple[Any, bytes]] = {}  # options that were written before, by the drafts that they are


def forget() -> None:
    """Make all builders anew: protocols have changed."""
    BUILDERS.clear()
    SEEN.clear()


Protocol.watchers.append(forget)


def encode(stack: Sequence[Any]) -> bytes:
    """The bytes of a stack of drafts; what was left out is worked out."""
    payload: Any = stack[-1] if stack else b""
    if type(payload) is bytes:
        drafts = stack[:-1]
    else:
        drafts, payload = stack, b""
    kind = tuple([draft.form or (draft.record, *draft.values) for draft in drafts])
    build = BUILDERS.get(kind)
    if build is None:
        build = learn(kind, drafts)
    return build(drafts, payload) or writer.encode(stack)


def learn(kind: Any, drafts: Sequence[Draft]) -> Build:
    """A builder for the second stack of its kind; until then, and where there can be none, the writer."""
    count = SEEN[kind] = SEEN.get(kind, 0) + 1
    if count < 2:
        return nothing
    if len(BUILDERS) >= MOST_BUILDERS:
        forget()
    try:
        build = builder(drafts)
    except (Uncompilable, ValueError):
        build = nothing
    BUILDERS[kind] = build
    return build


def nothing(drafts: Sequence[Any], payload: bytes) -> None:
    """The builder that leaves everything to the writer."""


# -- generating -----------------------------------------------------------------------


class Head:
    """One header of a stack: its fields, and where the value of each comes from.

    free  the fields that a template leaves open, and their variables; None: all that the draft gives are open
    """

    def __init__(self, draft: Draft, inner: Record | None, depth: int, scope: dict[str, Any],
                 free: dict[str, str] | None = None) -> None:  # fmt: skip
        self.record, self.depth, self.name, self.scope = draft.record, depth, f"h{depth}", scope
        static(self.record.rows, set(draft.values))
        plan = writer.Planner(draft, inner)
        if plan.layer.tail:
            raise Uncompilable("rows after the payload")
        self.fields = [place.field for place in plan.layer.head]
        self.open = {field.name: field for field in plan.open}
        self.values = plan.layer.values
        self.free = free or {}
        # the fields that are given, as they stand in the draft
        self.order = tuple(draft.values if free is None else free)
        self.given = set(self.order)
        self.known: dict[str, Any] = {}
        for field in self.fields:
            if field.name not in self.given and field.name not in self.open:
                value = self.values[field.name]
                self.known[field.name] = region(field.core, value) if isinstance(field.core, Options) else value
        # what is packed, and the variables that hold bytes of any length after it
        self.size, self.regions, self.letters, self.packed = self.lay()

    def lay(self) -> tuple[int, list[str], str, list[Field | Run]]:
        letters, regions, packed = "", [], []  # type: ignore[var-annotated]
        for field in self.fields:
            size = fixed_size(field) if field.run is None else None
            if field.run is not None or (size is not None and not regions):
                one = field.run or field
                if one not in packed:
                    letter, make = whole_letter(one) if isinstance(one, Run) else reading(one)
                    if make != "{}" and (letter[-1] == "s" or "from_bytes" in make):
                        raise Uncompilable(f"{field.name}: an integer of an odd width")
                    letters += letter
                    packed.append(one)
            elif isinstance(field.core, Options) or field.core is Rest:
                if field.name in self.given or self.known[field.name]:
                    regions.append(self.variable(field))
            else:
                raise Uncompilable(f"{field.name}: its size varies")
        return Struct(f">{letters}").size, regions, letters, packed

    def variable(self, field: Field) -> str:
        known = self.known.get(field.name)
        if isinstance(known, (int, bytes)):
            return repr(known)
        return self.free.get(field.name) or f"{self.name}_{field.attribute}"

    def sources(self) -> list[str]:
        """Lines that take each value out of the draft."""
        lines, taken = [], []
        by_name = {field.name: field for field in self.fields}
        for name in self.order:
            field, target = by_name[name], self.variable(by_name[name])
            taken.append(target)
            if isinstance(field.core, Options):
                self.scope[f"{target}_region"] = field.core
                lines.append(f"{target} = region({target}_region, {target})")
        if taken:
            lines.insert(
                0, f"{', '.join(taken)}{',' if len(taken) == 1 else ''} = drafts[{self.depth}].values.values()"
            )
        return lines

    def pack(self) -> str:
        """The header's fields of a fixed size as one call of struct, and the regions after them."""
        self.scope[f"pack_{self.depth}"] = Struct(f">{self.letters}").pack
        values = [self.bits(one) if isinstance(one, Run) else self.wire(one) for one in self.packed]
        return " + ".join([f"pack_{self.depth}({', '.join(values)})", *self.regions])

    def wire(self, field: Field) -> str:
        name = self.variable(field)
        return name if field.unit == 1 else f"{name} // {field.unit}"

    def bits(self, run: Run) -> str:
        shift, terms = run.size * 8, []
        for field in run.fields:
            shift -= field.bits
            terms.append(f"{paren(self.wire(field))} << {shift}" if shift else paren(self.wire(field)))
        text = " | ".join(terms)
        return text if variables(text) else str(eval(text))

    def number(self, field: Field) -> str:
        """The value of a field as a number, where it is bytes too."""
        known, name = self.known.get(field.name), self.variable(field)
        if isinstance(known, bytes):
            return str(int.from_bytes(known, "big"))
        return f"from_bytes({name}, 'big')" if isinstance(field.core, Bytes) else name

    def words(self, without: Field) -> list[str]:
        """What the header's fields of a fixed size add to a sum of 16-bit words; the checksum itself is nothing."""
        behind, terms = self.size, []
        for one in self.packed:
            size = fixed_size(one) or 0
            behind -= size
            if isinstance(one, Run):
                text = self.bits(one)
            else:
                text = self.number(one) if one.unit == 1 else self.wire(one)
            if one is not without and without.run is not one:
                terms.append(f"({text}) * 256" if behind % 2 else paren(text))
        return terms

    @property
    def length(self) -> str:
        return " + ".join([str(self.size), *(f"len({region})" for region in self.regions)])


def paren(text: str) -> str:
    return f"({text})" if " " in text else text


def static(rows: Sequence[Any], given: set[str]) -> None:
    """Refuses a record whose rows depend on the values that are given, and not only on their names."""
    for row in rows:
        if isinstance(row, Choice):
            holding = sum(bool(given & set(writer.names_of(branch))) for branch in row.branches)
            if any(not name.startswith("_") for name in names_in(row.key)) or holding > 1:
                raise Uncompilable("cases that values choose")
            for branch in row.branches:
                static(branch, given)
        elif isinstance(row, Field) and When in row.words:
            if row.name in given or any(not name.startswith("_") for name in names_in(row.words[When].condition)):
                raise Uncompilable("rows that values choose")


def builder(drafts: Sequence[Draft]) -> Build:
    """The generated function for stacks like this one."""
    scope: dict[str, Any] = {"from_bytes": int.from_bytes, "region": region, "StructError": StructError}
    inners = [*(draft.record for draft in drafts[1:]), None]
    heads = [Head(draft, inner, depth, scope) for depth, (draft, inner) in enumerate(zip(drafts, inners, strict=True))]
    lines = [line for head in heads for line in head.sources()]
    for depth in range(len(heads) - 1, -1, -1):
        lines += head_lines(heads, depth)
    lines.append(f"return {written(heads, 0)}")
    title = "_".join(head.record.name.replace(".", "_") for head in heads) or "bytes"
    body = ["try:", *indented(lines), "except (StructError, KeyError): return None"]
    compiled(f"build {title}", [f"def {title}(drafts, payload):", *indented(body)], scope)
    return scope[title]  # type: ignore[no-any-return]


def written(heads: list[Head], depth: int) -> str:
    """All bytes from one header on, as source."""
    return " + ".join([*(f"header_{one}" for one in range(depth, len(heads))), "payload"])


def size_of(heads: list[Head], depth: int) -> str:
    """How many bytes these are."""
    inner = heads[depth:]
    parts = [f"len({region})" for head in inner for region in head.regions]
    return " + ".join([str(sum(head.size for head in inner)), *parts, "len(payload)"])


def head_lines(heads: list[Head], depth: int) -> list[str]:
    """Work out what is open in one header, innermost first: lengths, then the checksum; then pack it."""
    head = heads[depth]
    lines, sums = [], []
    for field in head.open.values():
        if isinstance(field.rule, Length):
            lines += length_lines(heads, depth, field, field.rule)
        elif isinstance(field.rule, Checksum):
            sums.append(field)
        else:
            raise Uncompilable(f"{field.path}: a rule of its own")
    if len(sums) > 1:
        raise Uncompilable("two checksums")
    for field in sums:
        lines += sum_lines(heads, depth, field)
    text = head.pack()
    if all(isinstance(head.known.get(field.name), (int, bytes)) for field in head.fields):  # nothing in it changes
        text = repr(eval(text, dict(head.scope)))
    return [*lines, f"header_{depth} = {text}"]


def length_lines(heads: list[Head], depth: int, field: Field, rule: Length) -> list[str]:
    """A length, worked out now if it is always the same."""
    head = heads[depth]
    name = head.variable(field)
    text = head.length if not rule.payload else size_of(heads, depth if rule.header else depth + 1)
    if not rule.payload and not head.regions:
        size = rule.header * head.size - rule.minus
        if size % (rule.unit * field.unit) or not 0 <= size // rule.unit < (1 << field.bits) * field.unit:
            raise Uncompilable(f"{field.path}: {size} bytes do not fit")
        head.known[field.name] = size // rule.unit
        return []
    lines = [f"{name} = {text} - {rule.minus}" if rule.minus else f"{name} = {text}"]
    if rule.unit > 1 or field.unit > 1:
        lines.append(f"if {name} % {rule.unit * field.unit}: return None")
    if rule.unit > 1:
        lines.append(f"{name} //= {rule.unit}")
    if field.is_bits:
        lines.append(f"if not 0 <= {name} <= {((1 << field.bits) - 1) * field.unit}: return None")
    return lines


def sum_lines(heads: list[Head], depth: int, field: Field) -> list[str]:
    """A checksum: what makes all 16-bit words add up to all ones.

    The words of the header are added as the numbers that they are; bytes behind it as one large number.
    """
    head, rule = heads[depth], field.rule
    if type(rule) not in (HeaderChecksum, MessageChecksum, SegmentChecksum) or head.size % 2:
        raise Uncompilable(f"{field.path}: a rule of its own")
    terms, lines = head.words(field), []
    for region in head.regions:
        lines.append(f"if len({region}) & 1: return None")
        terms.append(f"from_bytes({region}, 'big')")
    if type(rule) is not HeaderChecksum:
        rest = " + ".join([*(f"header_{one}" for one in range(depth + 1, len(heads))), "payload"])
        lines += [f"total = from_bytes({rest}, 'big')", f"if {size_of(heads, depth + 1)} & 1: total <<= 8"]
        if depth + 1 == len(heads):
            lines += folds("len(payload)", head.scope)
        terms.append("total")
    if isinstance(rule, SegmentChecksum):
        more, pseudo = pseudo_lines(heads, depth)
        lines, terms = [*lines, *more], [*terms, *pseudo]
    due = head.variable(field)
    lines += [f"total = {summed(terms)}", f"{due} = 65535 - (total % 65535 or 65535) if total else 65535"]
    if isinstance(rule, SegmentChecksum) and rule.optional:
        lines.append(f"{due} = {due} or 65535")
    return lines


def summed(terms: Sequence[str]) -> str:
    """A sum as source, with the terms that are known added up."""
    known = sum(eval(term, {"from_bytes": int.from_bytes}) for term in terms if not variables(term))
    return " + ".join([*(term for term in terms if variables(term)), *([str(known)] if known else [])]) or "0"


def pseudo_lines(heads: list[Head], depth: int) -> tuple[list[str], list[str]]:
    """Guards, and the terms that the pseudo header of the nearest layer below adds."""
    below = next((one for one in range(depth - 1, -1, -1) if getattr(heads[one].record, "pseudo", None)), None)
    if below is None:
        raise Uncompilable("nobody lends a pseudo header")
    lines, lender, record = [], heads[below], heads[depth].record
    assert isinstance(lender.record, Protocol) and isinstance(record, Protocol)
    for head in heads[below:depth]:
        if getattr(head.record, "amends", None):
            if not any(isinstance(field.core, Options) for field in head.fields):
                raise Uncompilable("a pseudo header that is amended")
            lines += [f"if {region}: return None" for region in head.regions]
    names = {field.name: lender.number(field) for field in lender.fields if field.name not in lender.open}
    names |= {"protocol": str(step_number(lender.record, record)), "length": f"({size_of(heads, depth)})"}
    return lines, pseudo_terms(lender.record, names)


# -- options --------------------------------------------------------------------------


def region(core: Options, value: Sequence[Any]) -> bytes:
    """A region of options as bytes; the same drafts give the same bytes."""
    if not value:
        return b""
    key = (id(core), *map(id, value))
    known = REGIONS.get(key)
    if known is None:
        made = writer.rebuild_each(writer.planned_options(core, value))
        if not all(isinstance(one, Draft) for one in value):
            return made  # layers can change
        if len(REGIONS) > MOST_BUILDERS:
            REGIONS.clear()
        known = REGIONS[key] = [*value], made
    return known[1]
