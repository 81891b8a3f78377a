"""Templates: a stack compiled to one function, for whoever sends many packets that differ in a few fields.

All that does not change is packed and summed beforehand; what is left is one call of `struct` for each
header that changes, and the checksums of what changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import error as StructError
from typing import Any

from ..packet import Draft, Stack
from ..schema import Bytes, Field
from .builders import Head, head_lines, written
from .codegen import Uncompilable, compiled, indented

__all__ = ["template"]


def template(stack: Stack | Draft, *names: str) -> Callable[..., bytes]:
    """A function that builds this stack with other values in the fields that are named.

    names  full names, "tcp.seq"; the function takes their values in this order, or by name with
           underscores, and `payload`, the bytes inside, which are the stack's own unless given

    What was left out is worked out for every packet: lengths and checksums.  KeyError for a name that the
    stack does not have.  The function raises ValueError for a value that does not fit, as `wire.tcp(...)` does.

    >>> import wire
    >>> syn = wire.template(wire.ip(src="10.0.0.1", dst="10.0.0.2") / wire.tcp(flags="SYN"), "tcp.srcport", "tcp.seq")
    >>> wire.decode(syn(40000, 223), "ip").tcp.srcport
    40000
    """
    stack = Stack((stack,)) if isinstance(stack, Draft) else stack
    own: bytes = stack[-1] if stack and isinstance(stack[-1], bytes) else b""
    drafts: list[Draft] = [one for one in stack if isinstance(one, Draft)]
    places = [place(drafts, name) for name in names]

    def slow(values: Sequence[Any], payload: Any) -> bytes:
        """Any values: text, numbers as text; or the error that says what is wrong with them."""
        made = [*drafts]
        for (depth, field), value in zip(places, values, strict=True):
            made[depth] = made[depth].put({field.name: value})
        return bytes(Stack(made) / payload)

    arguments = [name.replace(".", "_") for name in names]
    given = ", ".join([*arguments, "payload=own"])
    scope: dict[str, Any] = {"from_bytes": int.from_bytes, "StructError": StructError, "slow": slow, "own": own}
    otherwise = f"return slow(({''.join(f'{one}, ' for one in arguments)}), payload)"
    try:
        lines = [line.replace("return None", otherwise) for line in fast_lines(drafts, places, arguments, scope)]
        body = ["try:", *indented(lines), f"except (StructError, TypeError): {otherwise}"]
    except (Uncompilable, ValueError):
        body = [otherwise]
    compiled("template", [f"def make({given}):", *indented(body)], scope)
    return scope["make"]  # type: ignore[no-any-return]


def place(drafts: Sequence[Draft], name: str) -> tuple[int, Field]:
    """The draft that has a field of this name, the outermost first."""
    for depth, draft in enumerate(drafts):
        found = draft.record.lookup.get(name.removeprefix(draft.record.prefix))
        if name.startswith(draft.record.prefix) and found is not None:
            if not isinstance(found, Field):
                raise KeyError(f"{name} is a part of a field, or worked out: name a field as a whole")
            return depth, found
    raise KeyError(f"no {name} in this stack: it has {', '.join(draft.record.name for draft in drafts)}")


def fast_lines(drafts: Sequence[Draft], places: Sequence[tuple[int, Field]], arguments: Sequence[str],
               scope: dict[str, Any]) -> list[str]:  # fmt: skip
    """The function's lines for values as the engines hold them."""
    inners = [*(draft.record for draft in drafts[1:]), None]
    heads, lines = [], ["if payload.__class__ is not bytes: return None"]
    for depth, (draft, inner) in enumerate(zip(drafts, inners, strict=True)):
        free = {field.name: argument for (at, field), argument in zip(places, arguments, strict=True) if at == depth}
        missing = {name: draft.record.find(name).default for name in free if name not in draft.values}  # type: ignore[union-attr]
        heads.append(Head(draft.put(missing), inner, depth, scope, free))
    for (_, field), argument in zip(places, arguments, strict=True):
        if isinstance(field.core, Bytes) and field.bits > 0:
            lines.append(f"if {argument}.__class__ is not bytes or len({argument}) != {field.bits // 8}: return None")
        elif field.unit != 1 or field.bits < 0:
            raise Uncompilable(f"{field.path}: it takes more than a look")
        elif field.is_bits:
            lines.append(f"if not 0 <= {argument} < {1 << field.bits}: return None")
    for depth in range(len(heads) - 1, -1, -1):
        lines += head_lines(heads, depth)
    return [*lines, f"return {written(heads, 0)}"]
