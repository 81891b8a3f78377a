"""What reading a dump needs at its start: only the family that it is of, and few regular expressions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wire.capture.hextext.patterns import regex

ROOT = Path(__file__).parent.parent.parent
FAMILIES = ("arrays", "bare", "base64text", "source", "strings")


def imported(text: str) -> set[str]:
    """The families that a fresh process has imported when it has read a text."""
    code = ("import sys; from wire.capture.hextext import read_hex; read_hex(sys.stdin.read()); "
            "print(*(name.rpartition('.')[2] for name in sys.modules if name.startswith('wire.capture.hextext.')))")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    return set(done.stdout.split()) & set(FAMILIES)


def test_rows_need_no_other_family() -> None:
    assert imported((ROOT / "samples" / "syn.txt").read_text(encoding="utf-8")) == set()


def test_others_come_when_they_are_needed() -> None:
    assert imported("45 00 00 14 00 00 00 00 40 00 00 00 0a 00 00 01 0a 00 00 02") == {"bare", "base64text"}
    assert {"arrays", "strings", "source"} <= imported("{0x45, 0x00, 0x00, 0x14}")


def test_patterns_do_what_compiled_ones_do() -> None:
    lazy = regex(r"(\d+)-(\d+)")
    assert "search" not in vars(lazy)  # nothing is compiled yet
    found = lazy.search("a 1-2 3-4")
    assert found and found.groups() == ("1", "2") and "search" in vars(lazy)
    assert lazy.findall("1-2 3-4") == [("1", "2"), ("3", "4")] and lazy.sub("x", "1-2") == "x"
    assert regex(rb"\x00+").match(b"\0\0") and not lazy.fullmatch("1-2 ")
    with pytest.raises(AttributeError):
        lazy.nonsense  # type: ignore[attr-defined]  # noqa: B018
