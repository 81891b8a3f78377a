"""`wire protocols NAME --source`."""

from __future__ import annotations

import ast

import pytest

from wire.protocols import load

from .test_cli import run


def test_source_is_python_that_reads_a_header() -> None:
    done = run("protocols", "tcp", "--source")
    assert done.returncode == 0 and not done.stderr
    (function,) = ast.parse(done.stdout).body
    assert isinstance(function, ast.FunctionDef) and function.name == "tcp" and "srcport" in done.stdout


def test_what_has_none_says_so() -> None:
    done = run("protocols", "raw", "--source")
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("wire: raw: no source is generated for it, it is read row by row: ")


@pytest.mark.parametrize("words", [("tcpp", "--source"), ("--source",)])
def test_of_what(words: tuple[str, ...]) -> None:
    done = run("protocols", *words)
    assert done.returncode == 2 and "tcp" in done.stderr and not done.stdout


def test_every_protocol_has_a_source_or_a_reason() -> None:
    from wire.cli.output import Failure
    from wire.cli.protocols import generated

    for protocol in load().values():
        try:
            assert "def " in generated(protocol)
        except Failure as error:
            assert str(error).startswith(f"{protocol.name}: no source")
