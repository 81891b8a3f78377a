"""Lines of chosen fields from the columns engine: the text of `views.fields`, a batch at a time.

A batch becomes one array of bytes with a row for each line.  Every field has some columns of it; a
byte of zero is nothing, and all of these are taken out in the end.  Fields whose values differ in
size are joined line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engines.gather import Mask
from ..filter.tree import Kind
from ..views.fields import Layout, hex_digits, shower
from . import digits
from .chosen import Chosen, ValuesOf
from .digits import Text
from .forms import Form, Frames, counts, flat, objects

if TYPE_CHECKING:
    from ..capture.files import Origin

__all__ = ["Lines"]

KEPT = 1 << 16  # texts that are remembered from batch to batch


class Lines(Chosen):
    """Reads captures into lines of text."""

    def __init__(self, fields: Sequence[str], layout: Layout, where: str | None = None) -> None:
        super().__init__(fields, where)
        self.separator = layout.separator.encode()
        self.writers = [Writer(Form(sink, layout.occurrence), layout) for sink in self.wanted.sinks]
        self.fixed = not any(writer.form.variable for writer in self.writers)

    def lines(self, source: Origin) -> Iterator[bytes]:
        """The lines of many packets at a time, each with its line feed."""
        for batch in self.chosen(source):
            frames, others = self.read(batch)
            pairs = list(zip(self.writers, others, strict=True))
            if self.fixed:
                yield squeezed([writer.block(frames, values) for writer, values in pairs], self.separator)
            else:
                columns = [writer.cells(frames, values) for writer, values in pairs]
                yield b"".join(self.separator.join(cells) + b"\n" for cells in zip(*columns, strict=True))


def squeezed(blocks: list[Text], separator: bytes) -> bytes:
    """Columns of text side by side, as lines."""
    between = len(separator)
    out = np.empty((len(blocks[0]), sum(block.shape[1] + between for block in blocks) - between + 1), np.uint8)
    place = 0
    for number, block in enumerate(blocks):
        if number:
            out[:, place : place + between] = np.frombuffer(separator, np.uint8)
            place += between
        out[:, place : place + block.shape[1]] = block
        place += block.shape[1]
    out[:, place] = ord("\n")
    return out.tobytes().translate(None, b"\0")


class Writer:
    """Writes one field of a batch as text."""

    def __init__(self, form: Form, layout: Layout) -> None:
        self.form = form
        self.aggregator, self.quote = layout.aggregator.encode(), layout.quote.encode()
        self.digits, show = hex_digits(form.target), shower(form.target)
        self.known = lru_cache(KEPT)(lambda value: show(value).encode())
        self.table = self.table_for()

    def table_for(self) -> Any:
        """What writes a column of values."""
        form = self.form
        if form.kind is Kind.TIME:
            return digits.seconds
        if form.size:
            return digits.addresses(form.size, self.known)
        if self.digits:
            return lambda values: digits.hexadecimal(values, self.digits)
        return digits.decimal

    def cells(self, frames: Frames, values_of: ValuesOf) -> list[bytes]:
        """One text a frame."""
        if not self.form.variable:
            return squeezed([self.block(frames, values_of)], b"").split(b"\n")[:-1]
        made = [b""] * frames.count
        for row, text in self.one_by_one(frames, values_of, ~frames.odd).items():
            made[row] = text
        return made

    def block(self, frames: Frames, values_of: ValuesOf) -> Text:
        """One row of characters a frame, all zeros where it has no value."""
        form = self.form
        pieces = form.sink.pieces[:: -1 if form.kept == "f" else 1]
        there, values = frames.present(pieces), flat(form, frames, pieces)
        text: Text = self.table(values)
        if self.quote:
            mark = np.full((frames.count, 1), self.quote[0], np.uint8)
            text = np.hstack([mark, text, mark])
        absent = np.flatnonzero(~there)
        if len(absent):
            text[absent] = 0
        several = counts(pieces, frames.count) > 1 if form.kept == "a" and len(pieces) > 1 else None
        alone = self.one_by_one(frames, values_of, several)
        if alone:
            widest = max(map(len, alone.values()))
            if widest > text.shape[1]:
                text = np.hstack([text, np.zeros((frames.count, widest - text.shape[1]), np.uint8)])
            rows = np.fromiter(alone, np.int64, len(alone))
            text[rows] = np.array(list(alone.values()), f"S{text.shape[1]}").view(np.uint8).reshape(len(rows), -1)
        return text

    def one_by_one(self, frames: Frames, values_of: ValuesOf, chosen: Mask | None) -> dict[int, bytes]:
        """The texts of odd frames and of chosen ones."""
        form = self.form
        found: dict[int, list[Any]] = {row: list(values_of(row)) for row in np.flatnonzero(frames.odd).tolist()}
        if chosen is None or not chosen.any():
            return {row: self.joined(values) for row, values in found.items()}
        for rows, values in form.sink.pieces:
            some = np.flatnonzero(chosen[rows] & ~frames.odd[rows])
            for row, value in zip(rows[some].tolist(), self.plain(frames, rows, values, some), strict=True):
                found.setdefault(row, []).append(value)
        return {row: self.joined(values) for row, values in found.items()}

    def plain(self, frames: Frames, rows: NDArray[np.int64], values: Any, some: NDArray[np.int64]) -> list[Any]:
        """Some values as Python has them."""
        if isinstance(values, str):
            return [values] * len(some)
        if self.form.variable or self.form.size:
            return list(objects(frames.data, values[some], len(some)))
        return values[some].tolist()  # type: ignore[no-any-return]

    def joined(self, values: list[Any]) -> bytes:
        """The text of a frame's values."""
        kept = {"f": values[:1], "l": values[-1:]}.get(self.form.kept, values)
        if not kept:
            return b""
        return self.quote + self.aggregator.join(map(self.known, kept)) + self.quote
