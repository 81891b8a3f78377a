"""`wire flow`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..views.lines import safe, width, wrap
from .inputs import opened, sources
from .output import Colour, Failure, Misuse, columns, emit, note

if TYPE_CHECKING:
    from ..analysis.reading import Key, Reading
    from ..story import Story

MOST = 12  # ladders that are drawn without being asked for


def command(
    source: Annotated[str, typer.Argument(metavar="CAPTURE", help="A capture or a dump; `-` for standard input.")],
    stream: Annotated[
        str | None, typer.Option("--stream", metavar="N", help="One stream: tshark's tcp.stream (udp:N for UDP).")
    ] = None,
    absolute: Annotated[bool, typer.Option("-S", help="Sequence numbers as on the wire, not relative.")] = False,
    out: Annotated[str | None, typer.Option("-o", "--output", help="Write .svg or .mmd instead.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="The language of the words: en, zh.")] = "en",
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """Draw a capture's conversations as ladders: both ends' states, what was lost, what came again.

    Examples:

      wire flow capture.pcap

      wire flow capture.pcap --stream 3 -S

      wire flow capture.pcap -o lesson.svg
    """
    from ..analysis.conversation import stories
    from ..analysis.reading import read
    from ..capture import CaptureError
    from .craft import known

    known(lang)
    if out is not None and not out.lower().endswith((".svg", ".mmd")):
        raise Misuse(f"{out}: the ending says what to draw: .svg or .mmd")
    given = next(sources([source]))
    name = safe(Path(given.name).name)
    packets = []
    failure: CaptureError | None = None
    try:
        for packet in opened(given):
            packets.append(packet)
    except CaptureError as error:
        failure = error
    reading = read(packets)
    key = key_of(stream, reading) if stream is not None else None
    if key is None and len(reading.keys) > MOST and out is None:
        emit(([(text, "")] for text in listing(reading, name)), colour, ascii_only)
    else:
        try:
            found = stories(reading, name, key, absolute)
        except LookupError as error:
            raise Misuse(str(error.args[0])) from None
        if not found and failure is None:
            raise Failure(f"{name}: nothing to draw: no TCP, UDP, ICMP or ARP in {len(packets)} packets")
        if found and out is not None:
            written(found, out, lang)
        else:
            show(found, lang, ascii_only, colour)
    if reading.others:
        note(f"{name}: no arrows for {reading.others} packets of other protocols")
    if failure is not None:
        raise Failure(f"{name}: {failure}")


def key_of(text: str, reading: Reading) -> Key:
    """`3`, `tcp:3` or `udp:3`; a number alone is TCP's, in a capture without TCP UDP's."""
    protocol, colon, number = text.rpartition(":")
    if not number.isdecimal() or (colon and protocol not in ("tcp", "udp")):
        raise Misuse(f"--stream {text}: write a number as in tcp.stream, or udp:N")
    if not colon:
        protocol = "udp" if not any(key[0] == "tcp" for key in reading.keys) else "tcp"
    return protocol, int(number)


def listing(reading: Reading, name: str) -> Iterator[str]:
    """Every stream in a line, or two where it is long, if there are too many to draw them all."""
    from ..analysis.conversation import groups
    from ..analysis.reading import with_port

    yield from wrap(f"{name}: {len(reading.keys)} conversations; --stream N draws one of them", columns())
    yield ""
    for key, events in groups(reading).items():
        first = events[0]
        source, target = first.source, first.target
        if first.member:
            source, target = with_port(first.member.source), with_port(first.member.target)
        number = {"tcp": f"{key[1]}", "udp": f"udp:{key[1]}"}.get(key[0], "")
        ends = f"{number:>8}  {source} → {target}  "
        about = f"{first.kind.upper()}, {len(events)} packet{'s' * (len(events) != 1)} from frame {first.packet.number}"
        if width(ends + about) > columns():
            yield ends.rstrip()
            ends = " " * 10
        yield ends + about


def show(found: list[Story], lang: str, ascii_only: bool, colour: Colour) -> None:
    """Ladders, one below the other."""
    from .craft import told

    for index, story in enumerate(found):
        emit([[], []] if index else [], colour)
        emit(told(story, False, lang, columns()), colour, ascii_only)


def written(found: list[Story], out: str, lang: str) -> None:
    """One picture in one file."""
    from ..views.ladder_svg import svg
    from ..views.mermaid import sequence
    from .craft import put

    if len(found) > 1:
        raise Misuse(f"{out}: a picture holds one conversation, and there are {len(found)}: choose one with --stream N")
    put(out, svg(found[0], lang) if out.lower().endswith(".svg") else sequence(found[0], lang))
