"""`wire query`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Failure, Misuse
from .progress import shown

if TYPE_CHECKING:
    import pyarrow as pa

NEEDS_ARGUMENTS = True


class Shape(StrEnum):
    table = "table"
    csv = "csv"
    jsonl = "jsonl"


def command(
    source: Annotated[str, typer.Argument(help="A capture, or `-`.")],
    sql: Annotated[str, typer.Argument(help="The query; the capture is the table `packets`.")],
    where: Annotated[
        str | None, typer.Option("-Y", metavar="FILTER", help="Only packets that this display filter means.")
    ] = None,
    shape: Annotated[Shape, typer.Option("-T", help="How the answer is written.")] = Shape.table,
) -> None:
    """Ask a capture in SQL: fields are columns, with underscores for dots.

    Example:

      wire query capture.pcap "select ip_src, count(*) from packets group by 1 order by 2 desc"
    """
    from ..bulk import MissingExtra, thrifty
    from ..capture import CaptureError
    from ..filter import FilterError
    from ..queries import query

    thrifty()
    try:
        with shown(f"reading {source}"):
            answer = query(source, sql, where)
    except FilterError as error:
        raise Misuse(f"-Y: {error}") from None
    except MissingExtra as error:
        raise Failure(str(error)) from None
    except CaptureError as error:
        raise Failure(f"{source}: {error}") from None
    except ValueError as error:
        raise Misuse(str(error)) from None
    write(answer, shape)


def write(answer: pa.Table, shape: Shape) -> None:
    """The rows of an answer, on standard output."""
    if shape is Shape.csv:
        import pyarrow.csv

        sys.stdout.flush()
        pyarrow.csv.write_csv(answer, sys.stdout.buffer)
        return
    rows = answer.to_pylist()
    if shape is Shape.jsonl:
        import json

        for row in rows:
            print(json.dumps(row, default=text, ensure_ascii=False))
        return
    table = [answer.schema.names, *([text(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    numbers = [str(one.type).lstrip("u").startswith(("int", "double", "decimal")) for one in answer.schema]
    for row in table:
        cells = (cell.rjust(width) if right else cell.ljust(width)
                 for cell, width, right in zip(row, widths, numbers, strict=True))  # fmt: skip
        print("  ".join(cells).rstrip())


def text(value: Any) -> str:
    return "" if value is None else value.hex() if isinstance(value, bytes) else str(value)
