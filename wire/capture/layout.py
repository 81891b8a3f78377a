"""A record's fixed beginning as one `struct.Struct`, for loops over many records: the schema stays the only table."""

from __future__ import annotations

from functools import cache
from struct import Struct
from typing import Any

from construct import Bytes, FormatField

from ..schema import Field, Record

__all__ = ["Layout", "layout"]


class Layout:
    """The fields that a record begins with, as far as each has one size and no condition."""

    def __init__(self, record: Record) -> None:
        self.names: list[str] = []
        codes, order = "", ">"
        for row in record.rows:
            code = code_of(row)
            if not code:
                break
            order = row.core.fmtstr[0] if isinstance(row.core, FormatField) else order
            codes += code
            self.names.append(row.name)
        self.struct = Struct(order + codes)
        self.size = self.struct.size

    def read(self, data: bytes, at: int = 0) -> dict[str, Any]:
        """The values by name.  struct.error if the bytes are not there."""
        return dict(zip(self.names, self.struct.unpack_from(data, at), strict=True))

    def write(self, **values: Any) -> bytes:
        """The bytes of these values; every field must be given."""
        return self.struct.pack(*(values[name] for name in self.names))


def code_of(row: Any) -> str:
    """What `struct` calls a row; nothing if it has no fixed form."""
    if not isinstance(row, Field) or any(word.__name__ == "When" for word in row.words):
        return ""
    if isinstance(row.core, FormatField):
        return str(row.core.fmtstr[1])
    return f"{row.core.length}s" if isinstance(row.core, Bytes) and isinstance(row.core.length, int) else ""


@cache
def layout(record: Record) -> Layout:
    return Layout(record)
