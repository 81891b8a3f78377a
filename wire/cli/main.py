"""The `wire` command: finds the subcommand, and turns what goes wrong into one clear line.

Exit status: 0 done, 1 the work failed, 2 the command was wrong.  Only the module of the subcommand
that was asked for is imported, so that decoding one packet starts at once.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from .output import Failure, Misuse

COMMANDS = {
    # name        module        what it does
    "decode":    ("decode",     "Read packets from dumps, captures or hex: every layer, every bit."),
    "build":     ("build",      "Write a packet from words, or a capture from `-T jsonl` lines."),
    "edit":      ("edit",       "Set fields of packets; `--fix` makes lengths and checksums follow."),
    "explain":   ("explain",    "Say what a byte, a bit or a field is, checksums as arithmetic."),
    "craft":     ("craft",      "Craft whole conversations, with both ends' states: `wire craft list`."),
    "flow":      ("flow",       "Draw a capture's conversations as ladders, with both ends' states."),
    "check":     ("check",      "Say whether a capture follows a scenario or a packetdrill script, and where not."),
    "protocols": ("protocols",  "List the protocols, or draw one: its header, fields and options."),
    "filter":    ("filter",     "Write the packets of a capture that a display filter means."),
    "export":    ("export",     "Write captures as tables: Parquet, Arrow, CSV or JSON lines."),
    "query":     ("query",      "Ask a capture in SQL."),
    "stats":     ("stats",      "Count a capture: protocols, endpoints, conversations, checksums."),
    "layers":    ("layers",     "OSI's seven layers beside TCP/IP's five and four."),
    "subnet":    ("subnet",     "Netmasks in binary, and who ARP asks for."),
}  # fmt: skip


FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}  # what only writing meets


def version(asked: bool) -> None:
    if asked:
        from .. import __version__

        print(f"wire {__version__}")
        raise typer.Exit


def app(names: list[str]) -> typer.Typer:
    """The application with these subcommands."""
    made = typer.Typer(name="wire", add_completion=True, no_args_is_help=True, rich_markup_mode=None,
                       pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
                       help="Decode, build and explain packets.  `wire COMMAND --help` tells more.")  # fmt: skip

    @made.callback()
    def main(
        _: Annotated[
            bool, typer.Option("--version", help="Print the version.", callback=version, is_eager=True)
        ] = False,
    ) -> None:
        pass

    for name in names:
        module, text = COMMANDS[name]
        command = import_module(f"wire.cli.{module}")
        made.command(name, short_help=text, no_args_is_help=getattr(command, "NEEDS_ARGUMENTS", False))(command.command)
    return made


def run() -> None:
    """What the `wire` command runs."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a character gets its escape, not an error
            stream.reconfigure(errors="backslashreplace")
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    names = [asked] if asked in COMMANDS else list(COMMANDS)
    status = 0
    try:
        app(names)(standalone_mode=True)
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else 1 if done.code else 0
        if isinstance(done.__context__, BrokenPipeError):  # typer calls that a failure
            status = 0
            silence()
    except Misuse as error:
        status = complain(str(error), 2)
    except Failure as error:
        status = complain(str(error), 1)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        silence()
    except OSError as error:
        status = failed(error)
    except Exception as error:
        if os.environ.get("WIRE_DEBUG"):
            raise
        status = complain(f"this should not have happened: {type(error).__name__}: {error} "
                          "(WIRE_DEBUG=1 shows where; please report it)", 1)  # fmt: skip
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
    except OSError as error:  # what was written last did not fit
        status = failed(error)
    sys.exit(status)


def failed(error: OSError) -> int:
    """Reading or writing went wrong."""
    full = error.errno in FULL
    if full:
        silence()  # what waits to be written never will be
    return complain(f"{error.filename or ('output' if full else 'input')}: {error.strerror or error}", 1)


def complain(text: str, status: int) -> int:
    try:
        sys.stdout.flush()
        print(f"wire: {text}", file=sys.stderr)
    except BrokenPipeError:
        silence()
    return status


def silence() -> None:
    """Whoever read our output has gone: end quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
