"""`wire protocols`."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import Colour, Misuse, columns, emit


def command(
    name: Annotated[str | None, typer.Argument(help="A protocol: tcp, ip, eth … (all are listed without it).")] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """All protocols; or one: its header as RFCs draw it, its fields, its options.

    Example: wire protocols tcp
    """
    from ..protocols import find
    from ..views.reference import index, table

    if name is None:
        emit(index(columns(160)), colour, ascii_only)
        return
    try:
        protocol = find(name)
    except LookupError as error:
        raise Misuse(str(error.args[0])) from None
    emit(table(protocol, columns(160)), colour, ascii_only)
