"""Bars on standard error: there while work takes long, gone afterwards, and only on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

import pytest

ROOT = Path(__file__).parent.parent.parent
HELLO = str(ROOT / "samples" / "tcp-hello-8080.pcap")

WORK = """
import sys, time
from wire.cli.progress import shown
read = iter(range(0, 1000, 100))
with shown("reading x", {total}, {done}, after={after}):
    time.sleep(0.8)
print("rich.progress" in sys.modules)
"""


def on_terminal(code: str, *words: str, piped: bool = False) -> tuple[str, str]:
    """(standard output, what a terminal gets on standard error) of Python code whose output goes to a file, or a pipe."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    with TemporaryFile() as file:
        out = subprocess.PIPE if piped else file
        with subprocess.Popen(
            [sys.executable, "-c", code, *words], stdout=out, stderr=theirs, cwd=ROOT, env=env
        ) as one:
            os.close(theirs)
            seen = b""
            try:
                while chunk := os.read(ours, 4096):
                    seen += chunk
            except OSError:  # the other end is closed
                pass
            os.close(ours)
            file.seek(0)
            printed = (one.stdout or file).read().decode(errors="replace")
    assert one.returncode == 0, seen.decode()
    return printed, seen.decode()


def test_how_far_how_fast_and_how_long() -> None:
    printed, seen = on_terminal(WORK.format(total=1000, done="lambda: next(read, 900)", after=0))
    assert "reading x" in seen and "bytes" in seen and "/s" in seen and "0:00:" in seen
    assert seen.rstrip().endswith("\x1b[2K") or "\x1b[2K" in seen.split("reading x")[-1]  # the line is erased
    assert printed == "True\n"


def test_only_the_time_where_the_bytes_are_not_known() -> None:
    _, seen = on_terminal(WORK.format(total=None, done=None, after=0))
    assert "reading x" in seen and "0:00:00" in seen and "/s" not in seen


def test_nothing_where_it_is_soon_over() -> None:
    printed, seen = on_terminal(WORK.format(total=1000, done="lambda: 1", after=5))
    assert seen == "" and printed == "False\n"


def test_nothing_where_there_is_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", WORK.format(total=1000, done="lambda: 1", after=0)], cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True)  # fmt: skip
    assert done.stderr == b"" and done.stdout == b"False\n"


SLOW = """
import sys, time
import wire.sources
from wire.cli import progress
from wire.cli.main import run
progress.AFTER = 0
taken = wire.sources.packet_of
def slowly(*given):
    time.sleep(0.05)
    return taken(*given)
wire.sources.packet_of = slowly
sys.argv = ["wire", *sys.argv[1:]]
run()
"""


@pytest.mark.parametrize("words", [("decode", HELLO, "-V"), ("decode", HELLO, "-o", "{}/x.pcap"), ("stats", HELLO)])
def test_commands(words: tuple[str, ...], tmp_path: Path) -> None:
    printed, seen = on_terminal(SLOW, *(word.format(tmp_path) for word in words))
    assert f"reading {HELLO}"[:40] in seen and "1.1 kB" in seen and "\x1b[2K" in seen
    assert "reading" not in printed


@pytest.mark.parametrize("words", [("decode", HELLO, "-V"), ("filter", HELLO, "-Y", "tcp", "-o", "-", "-F", "pcap")])
def test_nothing_over_what_another_program_shows(words: tuple[str, ...]) -> None:
    assert "reading" not in on_terminal(SLOW, *words, piped=True)[1]


def test_a_fault_leaves_no_bar(tmp_path: Path) -> None:
    code = "from wire.cli.progress import shown\nimport time\ntry:\n  with shown('x', after=0): time.sleep(0.4); 1/0\nexcept ZeroDivisionError: print('told')"
    printed, seen = on_terminal(code)
    assert printed == "told\n" and "\x1b[2K" in seen
