"""`wire subnet`."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import Colour, Misuse, columns, emit

NEEDS_ARGUMENTS = True


def command(
    address: Annotated[str, typer.Argument(help="An address and its prefix or netmask: 172.16.10.1/24.")],
    other: Annotated[str | None, typer.Argument(help="Another host: is it on the same network?")] = None,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """The AND of address and netmask in binary, the network's ends, and who ARP asks for.

    Example: wire subnet 172.16.10.1/24 172.16.10.2
    """
    from ..views.subnet import subnet

    try:
        lines = list(subnet(address, other, columns(120)))
    except ValueError as error:
        raise Misuse(str(error)) from None
    emit(lines, colour, ascii_only)
