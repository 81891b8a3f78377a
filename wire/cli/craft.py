"""`wire craft`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Colour, Failure, Misuse, columns, emit

if TYPE_CHECKING:
    from ..story import Story
    from ..views.lines import Line

NEEDS_ARGUMENTS = False


class Form(StrEnum):
    """What a conversation is shown as."""

    ladder = "ladder"
    summary = "summary"
    tree = "tree"
    hex = "hex"
    json = "json"


def command(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="A scenario; `list` names them all. Or a packetdrill FILE.pkt.")
    ] = None,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="What is to differ from the defaults.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What is left to chance follows from it.")] = 0,
    form: Annotated[Form | None, typer.Option("-T", help="What to print (default: ladder).")] = None,
    out: Annotated[
        str | None,
        typer.Option("-o", "-w", "--output", help="Write .pcap, .pcapng, .hex, .svg or .mmd instead."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, step by step.")] = False,
    lang: Annotated[str, typer.Option("--lang", help="The language of the words: en, zh.")] = "en",
    step: Annotated[bool, typer.Option("--step", help="Go through it key by key.")] = False,
    relative: Annotated[
        bool, typer.Option("-R", "--relative", help="Sequence numbers count from each side's first.")
    ] = False,
    absolute: Annotated[bool, typer.Option("-S", help="In a summary: sequence numbers as on the wire.")] = False,
    diagram: Annotated[bool, typer.Option("--diagram", help="TCP's state diagram (-o FILE.svg or .mmd).")] = False,
    usage: Annotated[
        bool, typer.Option("-h", "--help", help="Show this message, or a scenario's keys.", is_eager=True)
    ] = False,
    ascii_only: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
    colour: Annotated[Colour, typer.Option("--color", help="Colour the output.")] = Colour.auto,
) -> None:
    """Craft a whole conversation, and show both ends' states.

    Examples:

      wire craft list

      wire craft handshake client.isn=223 server.isn=521 --explain

      wire craft lost-last-ack --help

      wire craft session data=hello -o session.pcapng

      wire craft my.pkt profile=linux
    """
    if diagram:
        states(out)
    elif usage and (name in (None, "list") or is_script(str(name))):
        print(context.get_help())
    elif name in (None, "list"):
        if keys:
            raise Misuse(f"{' '.join(keys)}: `wire craft list` has no keys")
        known(lang)
        listing(lang)
    elif is_script(str(name)):
        story, report, status = script(str(name), keys or [], lang)
        if story.moments[1:]:
            told_or_written(story, out, step, form, explain, lang, absolute, ascii_only, colour)
            if not out:
                print()
        emit(([(line, "")] for line in report), colour, ascii_only)
        raise typer.Exit(status)
    elif usage:
        help_for(str(name))
    else:
        story = crafted(str(name), keys or [], seed, relative)
        known(lang)
        told_or_written(story, out, step, form, explain, lang, absolute, ascii_only, colour)


def crafted(name: str, keys: list[str], seed: int, relative: bool) -> Story:
    """The story; what is wrong with the command is said."""
    from ..lab import craft

    given: dict[str, list[str]] = {}
    for pair in keys:
        key, equals, value = pair.partition("=")
        if not equals:
            raise Misuse(f"{pair!r} is no key=value (`wire craft {name} --help` lists the keys)")
        given.setdefault(key, []).append(value)
    try:
        return craft(name, given, seed, relative=relative)
    except LookupError as error:
        raise Misuse(str(error.args[0])) from None
    except ValueError as error:
        raise Misuse(f"{error} (`wire craft {name} --help` lists the keys)") from None


def is_script(name: str) -> bool:
    """True for a packetdrill script's name; a file of another name is said to be none."""
    if name.lower().endswith(".pkt"):
        return True
    if ("." in name or "/" in name) and os.path.isfile(name):
        raise Misuse(f"{name}: a script's name ends in .pkt, and a scenario is no file (`wire craft list` names them)")
    return False


def script(path: str, keys: list[str], lang: str) -> tuple[Story, list[str], int]:
    """Run a packetdrill script against our endpoint: its story, the verdict's lines, and the exit status."""
    from ..packetdrill import run
    from ..packetdrill.telling import story_of

    known(lang)
    profile = "linux"
    for key in keys:
        if not key.startswith("profile="):
            raise Misuse(f"{key}: a script has one key, profile=rfc, linux or freebsd")
        profile = key.removeprefix("profile=")
    try:
        outcome = run(Path(path).read_text(encoding="utf-8"), Path(path).name, profile)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise Failure(f"{path}: this is no text, so no script") from None
    except ValueError as error:
        raise Misuse(f"{path}: {error}") from None
    return story_of(outcome), list(outcome.report()), 0 if outcome.passed else 1


def known(lang: str) -> None:
    from ..lang import languages

    if lang not in languages():
        raise Misuse(f"no language {lang!r}: there are {', '.join(languages())}")


def listing(lang: str) -> None:
    """Every scenario in a line, the name first."""
    from ..lab import every
    from ..lang import translate

    scenarios = every()
    room = max(len(one.name) for one in scenarios)
    for one in scenarios:
        print(f"{one.name:<{room}}  {translate(one.title, lang)}")


def help_for(name: str) -> None:
    """A scenario's keys and their defaults."""
    from ..lab.crafting import values_for
    from ..lab.keys import KEYS
    from ..lab.scenario import find

    try:
        one = find(name)
    except LookupError as error:
        raise Misuse(str(error.args[0])) from None
    values = values_for(one)
    print(f"Usage: wire craft {one.name} [KEY=VALUE]...\n\n{one.title}.\n")
    for end, program in one.programs.items():
        print(f"  {end}: {program or '(does nothing)'}")
    if values.extra:
        print("\nIts own keys: text, hex:0102ff, @file, or *N for N bytes; given several times, as many writes")
        for key, default in values.extra.items():
            print(f"  {key + '=' + default}")
    ends = ", ".join(values.names)
    print(f"\nKeys of an end, written NAME.key ({ends}) or without a name for all")
    for key, row in KEYS.items():
        if row.place != "all":
            print(f"  {key + '=' + row.form:<26}{row.text}{defaults(values, key)}")
    print("\nKeys of the whole")
    for key, row in KEYS.items():
        if row.place == "all":
            text = values.text(key) or values.names[0]
            print(f"  {key + '=' + row.form:<26}{row.text} [{text}]")


def defaults(values: Any, key: str) -> str:
    """` [A; client B]`: what an end has that says nothing."""
    from ..lab.crafting import default_of

    texts = {end: values.text(key, end) or default_of(key) for end in values.names}
    if len(set(texts.values())) == 1:
        text = next(iter(texts.values()))
        return f" [{text}]" if text else ""
    return f" [{', '.join(f'{end} {text}' for end, text in texts.items() if text)}]"


def told_or_written(
    story: Story,
    out: str | None,
    step: bool,
    form: Form | None,
    explain: bool,
    lang: str,
    absolute: bool,
    ascii_only: bool,
    colour: Colour,
) -> None:
    """To a file, key by key, or printed, as the options have it."""
    if out:
        written(story, out, lang)
    elif step:
        walk(story, lang, ascii_only, colour)
    else:
        show(story, form, explain, lang, absolute, ascii_only, colour)


def show(
    story: Story, form: Form | None, explain: bool, lang: str, absolute: bool, ascii_only: bool, colour: Colour
) -> None:
    """Print it."""
    if form in (None, Form.ladder):
        emit(told(story, explain, lang, columns(), form), colour, ascii_only)
    elif form is Form.hex:
        for packet in story.packets:
            print(packet.raw.hex())
    elif form is Form.json:
        from ..views.json import dumps

        print("[\n" + ",\n".join(dumps(packet, indent=2) for packet in story.packets) + "\n]")
    elif form is Form.tree:
        from ..views.tree import tree

        for index, packet in enumerate(story.packets):
            emit([[]] if index else [], colour)
            emit(tree(packet), colour, ascii_only)
    else:
        from ..analysis.relative import History
        from ..views.summary import fitted, summary

        room = columns() if sys.stdout.isatty() else 10_000
        lines = summary(story.packets, History.over(story.packets), absolute=absolute)
        emit((fitted(line, room) for line in lines), colour, ascii_only)


def told(story: Story, explain: bool, lang: str, width: int, form: Form | None = None) -> Iterator[Line]:
    """Title, picture, closing words, and reasons if they are asked for."""
    from ..views.ladder import ladder
    from ..views.layers import screen
    from ..views.telling import broken, closing, reasons, title

    if story.layers is not None and form is None:
        yield from screen(story.layers, lang)
    else:
        for words in broken(title(story, lang), width):
            yield [(words, "title")]
        yield []
        yield from ladder(story, width, lang)
        yield []
        for line in closing(story, lang):
            yield [(line, "")]
    if explain:
        yield []
        yield from reasons(story, lang)


def walk(story: Story, lang: str, ascii_only: bool, colour: Colour) -> None:
    """Row by row, each arrow with its reason; a key goes on, q ends."""
    from ..views.ladder import Ladder
    from ..views.telling import closing, reason, title

    emit([[(title(story, lang), "title")], []], colour, ascii_only)
    ladder = Ladder(story, columns(), lang)
    emit([row.line() for row in ladder.header()], colour, ascii_only)
    for moment in story.moments:
        emit((row.line() for row in ladder.rows(moment)), colour, ascii_only)
        if moment.kind == "sent" and moment.arrow and moment.arrow.why:
            emit(reason(moment.arrow.number, moment.arrow.why, lang), colour, ascii_only)
        if moment.kind in ("sent", "timer") and not go_on():
            return
    emit([[], *([(line, "")] for line in closing(story, lang))], colour, ascii_only)


def go_on() -> bool:
    """Wait for a key where there is a keyboard; False for q."""
    if not sys.stdin.isatty():
        return True
    import termios
    import tty

    device = sys.stdin.fileno()
    before = termios.tcgetattr(device)
    try:
        tty.setcbreak(device)
        return sys.stdin.read(1) not in ("q", "\x1b")
    finally:
        termios.tcsetattr(device, termios.TCSADRAIN, before)


def written(story: Story, out: str, lang: str) -> None:
    """A file by its ending."""
    name = out.lower()
    capture = name.removesuffix(".gz").removesuffix(".zst")
    if name.endswith(".svg"):
        from ..views.ladder_svg import svg

        put(out, svg(story, lang))
    elif name.endswith(".mmd"):
        from ..views.mermaid import sequence

        put(out, sequence(story, lang))
    elif name.endswith(".hex") or capture.endswith((".pcap", ".pcapng")):
        from .saving import save

        if not capture.endswith(".pcapng"):  # the states are said in comments, for which only pcapng has a place
            for packet in story.packets:
                packet.comment = None
        save(out, story.packets)
    else:
        raise Misuse(f"{out}: the ending says what to write: .pcap, .pcapng, .hex, .svg or .mmd")


def states(out: str | None) -> None:
    """The state diagram of RFC 9293, from the machine's own table."""
    from ..lab.states import graph
    from ..views.mermaid import state_diagram
    from ..views.states_svg import svg

    if out is None or out.endswith(".mmd"):
        text = state_diagram(graph())
        put(out, text) if out else print(text, end="")
    elif out.endswith(".svg"):
        put(out, svg(graph()))
    else:
        raise Misuse(f"{out}: the ending says what to draw: .svg or .mmd")


def put(path: str, text: str) -> None:
    from ..capture.files import replacing

    try:
        with replacing(Path(path)) as file:
            file.write(text.encode())
    except OSError as error:
        raise Failure(f"{path}: {error.strerror or error}") from None
