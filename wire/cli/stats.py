"""`wire stats`."""

from __future__ import annotations

from typing import Annotated

import typer

from .inputs import opened, sources
from .output import Colour, Failure, columns, emit
from .progress import reading

NEEDS_ARGUMENTS = True


def command(
    source: Annotated[list[str], typer.Argument(help="Captures, dumps, or `-`: counted together.")],
    where: Annotated[
        str | None, typer.Option("-Y", metavar="FILTER", help="Only packets that this display filter means.")
    ] = None,
    most: Annotated[int, typer.Option("-n", "--most", min=1, help="Rows of each table.")] = 10,
    no_checksums: Annotated[bool, typer.Option("--no-checksums", help="Do not verify checksums.")] = False,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """Count packets, bytes and time; protocols, endpoints, conversations, ports; wrong checksums."""
    from ..capture import CaptureError
    from ..statistics import Statistics
    from ..views.statistics import statistics
    from .decode import matching

    meant = matching(where) if where else None
    found, damage = Statistics(), []
    for one in sources(source):
        try:
            capture = opened(one)
            with reading(one.name, capture):
                for packet in capture:
                    packet.verified = not no_checksums
                    if meant is None or meant(packet):
                        found.add(packet)
        except CaptureError as error:  # what is before the damage counts
            damage.append(f"{one.name}: {error}")
    emit(statistics(found, most, columns()), colour, ascii_only)
    if damage:
        raise Failure("\nwire: ".join(damage))
