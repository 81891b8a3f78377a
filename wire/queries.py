"""SQL over a capture: DuckDB reads the columns as they come, and only those that the query names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .bulk import need
from .bulk.named import column_name
from .exporting import DEFAULT

if TYPE_CHECKING:
    from .capture.files import Origin

__all__ = ["fields_in", "query"]


def query(source: Origin, sql: str, where: str | None = None) -> Any:
    """The answer to `sql`, in which the capture is the table `packets`, as a pyarrow Table.

    where   a display filter: only the packets that it means are in the table

    Columns are fields with underscores (`ip_src`); `*` is the usual ones.  ValueError says what DuckDB finds wrong
    with the query; CaptureError, FilterError and MissingExtra as `wire.table` has them.
    """
    duckdb = need("a query", "duckdb", "pyarrow", "numpy")
    import pyarrow as pa

    from .bulk.reader import Reader
    from .capture import CaptureError

    reader = Reader(fields_in(sql), where)
    trouble: list[CaptureError] = []

    def batches() -> Any:
        try:
            yield from reader.batches(source)
        except CaptureError as error:  # not through DuckDB, which would make another error of it
            trouble.append(error)

    packets = pa.RecordBatchReader.from_batches(reader.schema, batches())
    with duckdb.connect() as connection:
        connection.register("packets", packets)
        try:
            answer = connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise ValueError(str(error)) from None
    if trouble:
        raise trouble[0]
    return answer


def fields_in(sql: str) -> Sequence[str]:
    """The fields that a query names; all the usual ones where it says `*`."""
    from .filter.names import names_of
    from .filter.tree import Kind
    from .protocols import load

    known: dict[str, str] = {}
    for protocol in load().values():
        for target in names_of(protocol).values():
            if target.kind is not Kind.LAYER:
                known.setdefault(column_name(target.path), target.path)
    outside = re.sub(r"'(?:[^']|'')*'", " ", sql)
    named = [known[word] for word in dict.fromkeys(re.findall(r"\w+", outside.lower())) if word in known]
    star = re.search(r"(?:select|,)\s*(?:distinct\s+)?(?:packets\s*\.\s*)?\*", outside, re.IGNORECASE)
    if star or not named:
        named += [name for name in DEFAULT if name not in named]
    return named
