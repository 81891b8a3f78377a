"""`wire export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import Failure, Misuse, note
from .progress import shown, size_of

NEEDS_ARGUMENTS = True


def command(
    source: Annotated[list[str], typer.Argument(help="Captures.")],
    out: Annotated[
        str,
        typer.Option(
            "-o", "--output", help="A table (.parquet, .arrow, .csv, .jsonl), or a directory of one for each capture."
        ),
    ],
    fields: Annotated[
        list[str] | None, typer.Option("-e", metavar="FIELD", help="A column (ip.src); again for more.")
    ] = None,
    where: Annotated[
        str | None, typer.Option("-Y", metavar="FILTER", help="Only packets that this display filter means.")
    ] = None,
    form: Annotated[str, typer.Option("-F", "--format", help="Of the tables in a directory.")] = "parquet",
    occurrence: Annotated[
        str, typer.Option("--occurrence", help="Of repeated fields: f first, l last, a all as a list.")
    ] = "f",
    processes: Annotated[int | None, typer.Option("-j", "--jobs", min=1, help="Captures at a time.")] = None,
) -> None:
    """Write captures as tables that DuckDB, Polars, pandas or Spark read.

    Example:

      wire export *.pcap -o tables/ -e ip.src -e ip.dst -e tcp.dstport -Y tcp
    """
    from ..bulk import MissingExtra, thrifty
    from ..capture import CaptureError
    from ..exporting import DEFAULT, FORMATS, Work, export_many
    from ..filter import FilterError

    thrifty()
    chosen = tuple(fields or DEFAULT)
    if Path(out).suffix in FORMATS:
        if len(source) > 1:
            raise Misuse(f"{out} is one table, and {len(source)} captures are given: name a directory")
        targets = [out]
    else:
        if f".{form}" not in FORMATS:
            raise Misuse(f"--format: tables are {', '.join(one[1:] for one in FORMATS)}")
        targets = [str(Path(out) / f"{Path(one).name}.{form}") for one in source]
        if len(set(targets)) < len(targets):
            raise Misuse("two captures have the same name, and so would their tables: export them one by one")
        Path(out).mkdir(parents=True, exist_ok=True)
    works = [Work(one, target, chosen, where, occurrence) for one, target in zip(source, targets, strict=True)]
    failures: list[str] = []
    sizes = {one: size_of(one) or 0 for one in source}
    read: list[int] = []  # bytes of each capture that is done
    what = source[0] if len(source) == 1 else f"{len(source)} captures"
    measured = (sum(sizes.values()), lambda: sum(read)) if len(source) > 1 else (None, None)
    try:
        with shown(f"exporting {what}", *measured):
            for done in export_many(works, processes):
                read.append(sizes[done.work.source])
                note(f"{done.work.target}: {done.rows} of {done.packets} packets")
                if done.trouble:
                    failures.append(f"{done.work.source}: {done.trouble}")
    except FilterError as error:
        raise Misuse(f"-Y: {error}") from None
    except LookupError as error:
        raise Misuse(f"-e: {error.args[0]}") from None
    except (CaptureError, MissingExtra) as error:
        raise Failure(str(error)) from None
    if failures:
        raise Failure("\nwire: ".join(failures))
