"""`wire build`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .output import Failure, Misuse

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
        from_lines(out)
        return
    try:
        made = parse_stack(text)
        if isinstance(made[0], bytes):
            raise Misuse('bytes alone are no packet: name a layer before them, as in udp / "hello"')
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


def from_lines(out: str | None) -> None:
    """Packets from the lines of `-T jsonl` on standard input."""
    from ..capture import Frame
    from ..jsonlines import items_from
    from .saving import save

    items = items_from(sys.stdin)
    try:
        if out is not None:
            save(out, items)
            return
        frames = 0
        for item in items:
            if isinstance(item, Frame):
                frames += 1
                print(item.data.hex())
        if not frames:
            raise Failure("standard input: no packet in it: it takes what `wire decode -T jsonl` writes")
    except ValueError as error:
        raise Failure(f"standard input: {error}") from None
