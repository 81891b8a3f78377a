"""Fields that can be read without construct: integers and bytes of which only the schema's own words say anything.

construct reads whatever else a table holds; the values are the same, ten times as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Any

from construct import Bytes, BytesInteger, FormatField

from ..schema import Auto, Bits, Field, Flags, Named, Parts, Rest, Run, Scaled, Shown, When

__all__ = ["foreign_words", "reader_of", "shares_of"]

WORDS = {Auto, Flags, Named, Parts, Scaled, Shown, When}  # what the language itself says of a field
HARMLESS = {"Renamed", "Default"}  # construct's words that change no value


def foreign_words(field: Field) -> set[str]:
    """The names of words around a field of which only construct knows what they do."""
    return {word.__name__ for word in set(field.words) - WORDS} - HARMLESS


@cache
def reader_of(field: Field) -> Callable[[bytes], Any] | None:
    """What makes the value of a field's bytes; None where that is construct's business."""
    core, unit = field.core, field.unit
    if foreign_words(field):
        return None
    if isinstance(core, Bytes) or core is Rest:
        return bytes
    if isinstance(core, FormatField) and core.fmtstr[1] in "BHLQI":
        unpack = Struct(core.fmtstr).unpack
        return lambda chunk: unpack(chunk)[0] * unit
    if isinstance(core, BytesInteger) and not core.signed and not callable(core.swapped):
        order: Any = "little" if core.swapped else "big"
        return lambda chunk: int.from_bytes(chunk, order) * unit
    return None


@cache
def shares_of(run: Run) -> list[tuple[Field, int, int]] | None:
    """The fields of a run of bits, each with its shift and its mask in the whole; None where construct reads it."""
    shares, shift = [], run.size * 8
    for field in run.fields:
        core = field.core
        if foreign_words(field) or (isinstance(core, Bits) and (core.signed or core.swapped)):
            return None
        shift -= field.bits
        shares.append((field, shift, (1 << field.bits) - 1))
    return shares
