"""`wire protocols`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Colour, Failure, Misuse, columns, emit

if TYPE_CHECKING:
    from ..schema import Protocol


def command(
    name: Annotated[str | None, typer.Argument(help="A protocol: tcp, ip, eth … (all are listed without it).")] = None,
    source: Annotated[
        bool, typer.Option("--source", help="Print the Python source that is generated from the table, and reads it.")
    ] = False,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """All protocols; or one: its header as RFCs draw it, its fields, its options.

    Examples:

      wire protocols tcp

      wire protocols tcp --source
    """
    from ..protocols import find, load
    from ..views.reference import index, table

    if name is None and source:
        raise Misuse("--source: of which protocol? `wire protocols tcp --source`")
    if name is None:
        emit(index(columns(160)), colour, ascii_only)
        return
    try:
        protocol = find(name if name in load() else name.lower())
    except LookupError as error:
        raise Misuse(str(error.args[0])) from None
    if source:
        sys.stdout.write(generated(protocol))
        return
    emit(table(protocol, columns(160)), colour, ascii_only)


def generated(protocol: Protocol) -> str:
    """The source that the scalar engine reads a header with."""
    from ..engines.codegen import Uncompilable
    from ..engines.scalar import source

    try:
        return source(protocol)
    except (Uncompilable, ValueError) as error:
        raise Failure(f"{protocol.name}: no source is generated for it, it is read row by row: {error}") from None
