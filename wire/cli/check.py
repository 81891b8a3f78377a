"""`wire check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..views.lines import safe
from .inputs import opened, sources
from .output import Failure, Misuse

if TYPE_CHECKING:
    from ..analysis.reading import Reading
    from ..analysis.steps import Script


def command(
    source: Annotated[str, typer.Argument(metavar="CAPTURE", help="A capture or a dump; `-` for standard input.")],
    against: Annotated[
        str, typer.Option("--against", metavar="SCRIPT", help="A scenario of `wire craft list`, or a FILE.pkt.")
    ],
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="The scenario's keys; they must be met.")
    ] = None,
    stream: Annotated[
        int | None, typer.Option("--stream", metavar="N", help="Which TCP stream (default: the first).")
    ] = None,
    profile: Annotated[str, typer.Option("--profile", help="For a FILE.pkt: rfc, linux or freebsd.")] = "linux",
    timing: Annotated[
        str | None,
        typer.Option("--timing", metavar="SECONDS", help="Times count: by how much one between packets may differ."),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="The language of the words: en, zh.")] = "en",
    seed: Annotated[int, typer.Option("--seed", help="What the scenario leaves to chance follows from it.")] = 0,
) -> None:
    """Check whether a capture follows a script; the first difference is named, with the reason.

    Exit status 0: it follows; 1: it does not; 2: the command is wrong.

    Examples:

      wire check homework.pcap --against handshake client.isn=223 server.isn=521

      wire check trace.pcap --against four-segment-close --stream 2

      wire check trace.pcap --against close.pkt --timing 0.01
    """
    from ..analysis.check import check
    from ..analysis.steps import of_capture
    from ..story import Phrase
    from ..views.telling import spoken
    from .craft import known

    known(lang)
    tolerance = None if timing is None else tolerance_of(timing)
    given = next(sources([source]))
    name = safe(Path(given.name).name)
    if against.endswith(".pkt") and keys:
        raise Misuse(f"{' '.join(keys)}: a script has no keys, only --profile")
    script = of_file(against, profile) if against.endswith(".pkt") else of_scenario(against, keys or [], seed)
    if not script.steps:
        raise Failure(f"{against}: nothing in it can be checked (no TCP, UDP, ARP or ICMP in one piece)")
    reading = read_all(given, name)
    if stream is not None and ("tcp", stream) not in reading.keys:
        raise Misuse(f"{name} has no TCP stream {stream}")
    steps = of_capture(reading, script, stream)
    if tolerance is not None and steps and any(one.event and one.event.packet.time is None for one in steps):
        raise Misuse(f"{name} has no times, so --timing cannot be checked")
    found = check(script, steps, tolerance)
    for one in found:
        print(safe(f"{name}: {spoken(one.words, lang)}"))
    if found:
        raise typer.Exit(1)
    template = "{file} follows {script}: 1 packet" if len(steps) == 1 else "{file} follows {script}: {count} packets"
    print(spoken(Phrase(template, file=name, script=against, count=len(steps)), lang))


def tolerance_of(text: str) -> int:
    """Nanoseconds: seconds, or a number with ns, us, ms, s."""
    from ..lab.keys import duration

    try:
        return duration(text)
    except ValueError as error:
        raise Misuse(f"--timing {text}: {error}") from None


def read_all(given: object, name: str) -> Reading:
    """The capture's events; damage is an error, since what comes after it cannot be judged."""
    from ..analysis.reading import read
    from ..capture import CaptureError

    try:
        return read(opened(given))  # type: ignore[arg-type]
    except CaptureError as error:
        raise Failure(f"{name}: {error}") from None


def of_scenario(name: str, keys: list[str], seed: int) -> Script:
    """A scenario as a script."""
    from ..analysis.steps import of_story
    from .craft import crafted

    return of_story(crafted(name, keys, seed, False), (key.partition("=")[0] for key in keys))


def of_file(path: str, profile: str) -> Script:
    """A packetdrill file as a script: what our endpoint, which plays the kernel, exchanges with it."""
    from ..analysis.steps import of_exchange
    from ..packetdrill import run

    try:
        outcome = run(Path(path).read_text(encoding="utf-8"), Path(path).name, profile)
    except ValueError as error:
        raise Misuse(f"{path}: {error}") from None
    if not outcome.passed:
        raise Failure(f"{path}: our own endpoint does not get through it, so it cannot judge others:\n"
                      + "\n".join(outcome.report()))  # fmt: skip
    return of_exchange((one.direction == ">", one.time, one.segment) for one in outcome.exchanged)
