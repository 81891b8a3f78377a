"""`wire build`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Failure, Misuse

if TYPE_CHECKING:
    from ..packet import Packet

NEEDS_ARGUMENTS = True


def command(
    stack: Annotated[
        list[str], typer.Argument(help="Layers, outermost first, ` / ` between them; `-` reads -T jsonl lines.")
    ],
    out: Annotated[
        str | None,
        typer.Option("-o", "-w", "--output", help="A capture (.pcap, .pcapng), a dump (.hex, .txt) or .bin."),
    ] = None,
) -> None:
    """Bytes from words: what is left out is worked out, what is given is kept, right or wrong.

    Examples:

      wire build 'eth / ip dst=10.0.0.2 / tcp dstport=80 flags=SYN'

      wire build 'eth / ip src=10.0.0.1 dst=10.0.0.2 / udp dstport=10000 / "hello"' -o hello.pcap

      wire decode x.pcapng -T jsonl | wire build - -o y.pcapng
    """
    from ..building import parse_stack

    text = " ".join(stack)
    if text == "-":
        from ..sources import write_lines
        from .saving import kind_of

        if out is None:
            for packet in from_lines():
                print(packet.raw.hex())
        elif kind_of(out) == "capture":
            try:
                write_lines(out, sys.stdin)
            except ValueError as error:
                raise Failure(str(error)) from None
        else:
            from .saving import save

            save(out, from_lines())
        return
    try:
        made = parse_stack(text)
        data = bytes(made)
    except ValueError as error:
        raise Misuse(str(error)) from None
    if out is None:
        print(data.hex())
        return
    from .saving import save

    packet = made.decode()
    packet.number, packet.time = 1, 0
    save(out, [packet])


def from_lines() -> Iterator[Packet]:
    import json

    from ..views.json import packet_from

    for number, line in enumerate(sys.stdin, 1):
        try:
            made = json.loads(line)
            if made.get("type", "packet") == "packet":
                yield packet_from(made)
        except (ValueError, AttributeError) as error:
            raise Failure(f"standard input, line {number}: {error}") from None
