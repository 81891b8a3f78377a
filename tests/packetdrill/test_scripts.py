"""Every script under scripts/ passes with the profile that its directory is named after."""

from pathlib import Path

import pytest

from wire.packetdrill import run

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*/*.pkt"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_script(path: Path) -> None:
    outcome = run(path.read_text(), path.name, profile=path.parent.name)
    assert outcome.passed, "\n".join(outcome.report())


def test_there_are_many() -> None:
    assert len(SCRIPTS) >= 60


def test_a_script_of_one_stack_finds_the_differences_of_another() -> None:
    """The profiles table is what tells them apart: FreeBSD's closing is not Linux's."""
    text = next(path for path in SCRIPTS if path.match("freebsd/closing.pkt")).read_text()
    outcome = run(text, profile="linux")
    assert outcome.status == "failed" and outcome.line
