"""From tables to Python source: expressions, integers, fused reads, and text that tracebacks can show.

What is here knows no protocol and no packet; `routes` and `builders` put it together.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Mapping
from itertools import count
from struct import Struct
from typing import Any

from construct import Bytes, BytesInteger, FormatField

from ..schema import Bits, Field, Run
from .plain import foreign_words

LETTERS = {1: "B", 2: "H", 4: "I", 8: "Q"}
NAME = re.compile(r"this\['([^']+)'\]")
SERIAL = count()


class Uncompilable(Exception):
    """Something that only the reference engine can read or write."""


# -- expressions ----------------------------------------------------------------------


def code(expression: Any, names: Mapping[str, str]) -> str:
    """A `this` expression, or a constant, as Python over local variables: `this.hdr_len - 20` -> `ip_hdr_len - 20`."""
    if not callable(expression):
        return repr(int(expression))

    def local(found: re.Match[str]) -> str:
        if found[1] not in names:
            raise Uncompilable(f"{found[1]} is not known here")
        return names[found[1]]

    text = NAME.sub(local, repr(expression))
    if "this" in text or "obj_" in text or "<function" in text:
        raise Uncompilable(f"{expression!r} is no plain expression")
    return text[1:-1] if bare(text) else text


def bare(text: str) -> bool:
    """Whether the outermost parentheses hold all of an expression."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return text[0] == "(" and index == len(text) - 1 and index > 0
    return False


def variables(text: str) -> set[str]:
    """The local variables that an expression reads."""
    words = set(re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*", text))
    return words - {"if", "else", "not", "in", "and", "or", "int", "from_bytes", "True", "False"}


# -- values ---------------------------------------------------------------------------


def fixed_size(row: Field | Run) -> int | None:
    """How many bytes a row takes wherever it stands; None if that varies."""
    if isinstance(row, Run):
        return row.size
    if isinstance(row.core, Bytes):
        return None if callable(row.core.length) else int(row.core.length)
    return row.bits // 8 if row.bits >= 0 and row.core.__class__ in (FormatField, BytesInteger) else None


def compilable(field: Field) -> None:
    """Refuses words that are not the schema's own: only construct knows what they do."""
    names = foreign_words(field)
    if names:
        raise Uncompilable(f"{field.name}: {', '.join(names)}")
    if isinstance(field.core, Bits) and (field.core.signed or field.core.swapped):
        raise Uncompilable(f"{field.name}: bits with a sign or in another order")


def reading(field: Field) -> tuple[str, str]:
    """(letter for struct, what makes the value of it): `("H", "{}")`, `("3s", "from_bytes({}, 'big')")`."""
    compilable(field)
    core, size = field.core, fixed_size(field)
    if isinstance(core, Bytes):
        return f"{size}s", "{}"
    if isinstance(core, FormatField) and core.fmtstr[1] in "BHLQI":
        if core.fmtstr[0] in ">!" or size == 1:
            return LETTERS[size or 1], scaled(field, "{}")
        return f"{size}s", scaled(field, "from_bytes({}, 'little')")
    if isinstance(core, BytesInteger) and not core.signed:
        swapped = core.swapped
        if callable(swapped):
            raise Uncompilable(f"{field.name}: its byte order varies")
        return f"{size}s", scaled(field, f"from_bytes({{}}, {'little' if swapped else 'big'!r})")
    raise Uncompilable(f"{field.name}: {core!r}")


def scaled(field: Field, text: str) -> str:
    return text if field.unit == 1 else f"({text}) * {field.unit}"


def bit_values(run: Run, whole: str) -> list[tuple[Field, str]]:
    """Each field of a run of bit fields, as shifts and masks of the whole."""
    values, shift = [], run.size * 8
    for field in run.fields:
        compilable(field)
        shift -= field.bits
        text = f"{whole} >> {shift}" if shift else whole
        if shift + field.bits < run.size * 8:
            text += f" & {(1 << field.bits) - 1:#x}"
        values.append((field, scaled(field, text)))
    return values


def whole_letter(run: Run) -> tuple[str, str]:
    """(letter for struct, what makes an integer of it) for a run of bit fields."""
    letter = LETTERS.get(run.size)
    return (letter, "{}") if letter else (f"{run.size}s", "from_bytes({}, 'big')")


class Fused:
    """Neighbouring fields read in one go: `a, b, c = unpack_a(data, 14)`."""

    def __init__(self, at: str) -> None:
        self.at, self.letters = at, ""
        self.targets: list[str] = []
        self.after: list[str] = []

    def add(self, letter: str, make: str, target: str) -> None:
        self.letters += letter
        if make != "{}":
            raw = f"{target.replace('.', '_')}_raw"
            self.after.append(f"{target} = {make.format(raw)}")
            target = raw
        self.targets.append(target)

    def skip(self, size: int) -> None:
        """Bytes that are not read."""
        self.letters += f"{size}x"

    def lines(self, scope: dict[str, Any], name: str) -> list[str]:
        if not self.targets:
            return self.after
        scope[name] = Struct(f">{self.letters}").unpack_from
        comma = "," if len(self.targets) == 1 else ""
        return [f"{', '.join(self.targets)}{comma} = {name}(data, {self.at})", *self.after]


# -- source ---------------------------------------------------------------------------


def indented(lines: Iterable[str], by: int = 1) -> list[str]:
    return ["    " * by + line for line in lines]


def compiled(title: str, lines: Iterable[str], scope: dict[str, Any]) -> str:
    """Run generated source in `scope`; debuggers and tracebacks can show it.  The source is handed back."""
    source = "\n".join(lines) + "\n"
    file = f"<wire {title} {next(SERIAL)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), scope)
    return source
