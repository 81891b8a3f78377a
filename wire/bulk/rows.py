"""Chosen fields of each packet as tuples of Python's values: columns turned by `zip`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..filter.tree import Kind
from .chosen import Chosen, ValuesOf
from .forms import Form, Frames, flat, objects

if TYPE_CHECKING:
    from ..capture.files import Origin

__all__ = ["Rows"]


class Rows(Chosen):
    """Reads fields of captures, packet by packet; `wire.rows` says what the arguments mean."""

    def __init__(self, fields: Sequence[str], where: str | None = None, occurrence: str = "f") -> None:
        super().__init__(fields, where)
        self.forms = [Form(sink, occurrence) for sink in self.wanted.sinks]

    def rows(self, source: Origin) -> Iterator[tuple[Any, ...]]:
        """One tuple a packet."""
        for batch in self.chosen(source):
            frames, others = self.read(batch)
            column = every if self.forms[0].kept == "a" else single
            columns = [column(form, frames, of) for form, of in zip(self.forms, others, strict=True)]
            yield from zip(*columns, strict=True)


def single(form: Form, frames: Frames, values_of: ValuesOf) -> list[Any]:
    """The first or the last value of each frame; None where it has none."""
    first = form.kept == "f"
    pieces = form.sink.pieces[:: -1 if first else 1]
    found: list[Any] = plain(form, flat(form, frames, pieces)) if pieces else [None] * frames.count
    for row in np.flatnonzero(~frames.present(pieces)).tolist() if pieces else ():
        found[row] = None
    for row in np.flatnonzero(frames.odd).tolist():
        values = values_of(row)
        found[row] = engines(form, values[0 if first else -1]) if values else None
    return found


def every(form: Form, frames: Frames, values_of: ValuesOf) -> list[Any]:
    """All values of each frame as a list, in wire order; None where it has none."""
    found: list[Any] = [None] * frames.count
    for rows, values in form.sink.pieces:
        alike = objects(frames.data, values, len(rows)) if form.variable else values
        for row, value in zip(rows.tolist(), plain(form, alike), strict=True):
            if found[row] is None:
                found[row] = [value]
            else:
                found[row].append(value)
    for row in np.flatnonzero(frames.odd).tolist():
        found[row] = [engines(form, value) for value in values_of(row)] or None
    return found


def plain(form: Form, values: Any) -> list[Any]:
    """A column as Python's numbers, or as bytes."""
    if form.size:
        return np.ascontiguousarray(values).view(f"V{form.size}")[:, 0].tolist()  # type: ignore[no-any-return]
    return values.tolist()  # type: ignore[no-any-return]


def engines(form: Form, value: Any) -> Any:
    """A value of the packets that the reference engine reads, in the columns' own form."""
    if form.kind is Kind.TIME:
        return int(value.scaleb(9))
    return int(value) if isinstance(value, bool) else value
