"""Imports run one way, and `import wire` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import wire

ROOT = Path(wire.__file__).parent

LEVELS = {
    # room           may import
    "registries":   set(),
    "forms":        set(),
    "schema":       {"forms", "registries"},
    "types":        {"registries", "schema"},
    "rules":        {"schema"},
    "options":      {"rules", "schema", "types"},
    "packet":       {"schema"},
    "protocols":    {"options", "packet", "registries", "rules", "schema", "types"},
    "machine":      set(),
    "story":        set(),
    "lang":         set(),
    "lab":          {"engines", "machine", "packet", "protocols", "story"},
    "engines":      {"options", "packet", "protocols", "rules", "schema", "types"},
}  # fmt: skip


def imports(path: Path, typing_too: bool = False) -> set[str]:
    """The rooms of wire that a file imports when it runs."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(node) for test in ast.walk(tree) if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.dump(test.test)
               for body in test.body for node in ast.walk(body)}  # fmt: skip
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = package[: len(package) - node.level + 1]
        target = (*base, *(node.module.split(".") if node.module else ()))
        found |= {target[0]} if target else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("room", LEVELS)
def test_one_way(room: str) -> None:
    files = [ROOT / f"{room}.py"] if (ROOT / f"{room}.py").exists() else sorted((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        extra = imports(path) - LEVELS[room] - {room}
        lazily = {"packet"} if room in ("schema",) else set()  # a draft is made where a record is called
        assert extra <= lazily, f"{path.name} imports {', '.join(sorted(extra - lazily))}"


@pytest.mark.parametrize("room", ["engines", "views", "filter"])
def test_nobody_but_machine_and_analysis_names_tcp(room: str) -> None:
    """Engines, filters and views are walks over tables: none of them knows a protocol."""
    known = set(wire.Protocol.known) - {"data", "frame"}
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
                assert not texts & known, f"{path.name}:{node.lineno} asks for {texts & known}"


def test_light() -> None:
    """Nothing heavy is on the way of `import wire`."""
    code = "import wire, sys; print(*sorted(m for m in sys.modules if '.' not in m))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(out) & {"numpy", "pyarrow", "duckdb", "lark", "rich", "typer", "textual", "importlib_metadata"}
