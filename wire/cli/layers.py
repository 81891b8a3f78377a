"""`wire layers`."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import Colour, columns, emit


def command(
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """OSI's seven layers beside TCP/IP's five and four, with the devices and the protocols of each."""
    from ..views.osi import layers

    emit(layers(columns(120)), colour, ascii_only)
