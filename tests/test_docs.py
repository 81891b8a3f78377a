"""The examples in README and docs are run: console blocks give the output shown, Python blocks hold.

A line that begins with `$ ` is a command; what follows it is its output.  `…` alone on a line stands
for lines left out.  WIRE_REFRESH=1 writes the output of today into the files instead.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wire.schema import Protocol

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.S | re.M)


def blocks(page: Path, kind: str) -> list[str]:
    return [text for name, text in BLOCK.findall(page.read_text(encoding="utf-8")) if name == kind]


def run(command: str, tmp: Path) -> str:
    """What a command prints, in a terminal 100 cells wide, with this Python's `wire` first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "100", "TZ": "UTC", "TMP": str(tmp), "NO_COLOR": "1"}
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def rerun(block: str, tmp: Path) -> str:
    """The block with today's output."""
    out = []
    for piece in re.split(r"^(?=\$ )", block, flags=re.M):
        command, _, shown = piece.partition("\n")
        if not command.startswith("$ "):
            out.append(piece)
            continue
        gap = "\n" if shown.endswith("\n\n") else ""
        got = run(command[2:], tmp)
        out.append(f"{command}\n{folded(got, shown) if '…' in shown.splitlines() else got}{gap}")
    return "".join(out)


def folded(got: str, shown: str) -> str:
    """Output with the middle left out where the page leaves it out."""
    before, after = shown.rstrip("\n").split("\n…", 1)
    head, tail = before.count("\n") + 1, len([line for line in after.split("\n")[1:]])
    lines = got.rstrip("\n").split("\n")
    return "\n".join([*lines[:head], "…", *(lines[-tail:] if tail else [])]) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_console(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in blocks(page, "console"):
        now = rerun(block, tmp_path)
        if os.environ.get("WIRE_REFRESH"):
            text = text.replace(block, now)
        else:
            assert now == block
    if os.environ.get("WIRE_REFRESH"):
        page.write_text(text, encoding="utf-8")


@pytest.fixture
def own_protocols() -> Iterator[None]:
    """What a page makes is forgotten after it."""
    from wire.protocols import load

    known, registries = dict(load()), {name: dict(one.numbers) for name, one in Protocol.registries.items()}
    yield
    Protocol.known.clear()
    Protocol.known.update(known)
    for name, one in Protocol.registries.items():
        one.numbers.clear()
        one.numbers.update(registries.get(name, {}))


@pytest.mark.usefixtures("own_protocols")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Python blocks of a page run one after another; `>>>` lines print what is shown."""
    import doctest

    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"__name__": "docs", "tmp": str(tmp_path)}
    for block in blocks(page, "python"):
        if ">>>" not in block:
            exec(compile(block, str(page), "exec"), names)
            continue
        test = doctest.DocTestParser().get_doctest(block, names, page.name, str(page), 0)
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, clear_globs=False)
        names.update(test.globs)
        assert not runner.failures


def test_the_readme_has_the_two_commands() -> None:
    """The test command of the README is what the automatic check runs."""
    commands = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M)
    assert len(commands) == 2 and "wire decode samples/" in commands[0] and "pytest" in commands[1]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands[1].strip() in script


def test_links() -> None:
    """Relative links lead somewhere."""
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
