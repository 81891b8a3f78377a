"""`wire craft FILE.pkt`: the ladder of a script, its verdict, and the exit status."""

from __future__ import annotations

from pathlib import Path

from wire.packetdrill import run
from wire.packetdrill.telling import story_of

from ..cli.test_cli import run as wire

SCRIPTS = Path(__file__).parent / "scripts" / "linux"


def test_the_states_of_the_kernel_stand_where_they_change() -> None:
    path = SCRIPTS / "close-remote-first.pkt"
    story = story_of(run(path.read_text(encoding="utf-8"), path.name))
    states = [state for _, who, state in story.states if who == "kernel"]
    assert states[:6] == ["CLOSED", "LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK"]
    assert states[6:] == ["LISTEN", "CLOSED"], "a stray segment meets the listener, and no connection"
    assert {arrow.sender for arrow in story.arrows} == {"peer", "kernel"}
    assert all(arrow.why is not None and arrow.why.rfc for arrow in story.arrows if arrow.sender == "kernel")


def test_every_script_has_a_ladder() -> None:
    for path in sorted(SCRIPTS.glob("*.pkt")):
        outcome = run(path.read_text(encoding="utf-8"), path.name)
        story = story_of(outcome)
        assert len(story.arrows) == len(outcome.exchanged) and len(story.calls) == len(outcome.calls), path.name


def test_the_verdict_and_the_status(tmp_path: Path) -> None:
    good = SCRIPTS / "duplicate-fin.pkt"
    done = wire("craft", str(good), columns=80)
    assert done.returncode == 0 and "duplicate-fin.pkt: passed (profile linux)" in done.stdout
    assert "listen(3, 1) = 0" in done.stdout and "CLOSE-WAIT" in done.stdout
    bad = tmp_path / "bad.pkt"
    bad.write_text(good.read_text(encoding="utf-8").replace("sack 1:2", "sack 1:3"), encoding="utf-8")
    done = wire("craft", str(bad), columns=80)
    assert done.returncode == 1 and "expected <nop,nop,sack 1:3>" in done.stdout
    assert max(map(len, done.stdout.splitlines()[:-4])) <= 80
    assert wire("craft", str(tmp_path / "none.pkt")).returncode == 1
    assert wire("craft", str(good), "profile=none").returncode == 2
    assert wire("craft", str(good), "client.isn=1").returncode == 2


def test_a_script_is_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "close.svg"
    assert wire("craft", str(SCRIPTS / "close-remote-first.pkt"), "-o", str(picture)).returncode == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg") or "<svg" in picture.read_text(encoding="utf-8")
    assert wire("craft", str(SCRIPTS / "close-remote-first.pkt"), "-o", str(tmp_path / "a.png")).returncode == 2


def test_a_script_is_printed_in_other_forms() -> None:
    done = wire("craft", str(SCRIPTS / "close-remote-first.pkt"), "-T", "summary")
    assert done.returncode == 0 and "192.0.2.1:40001 → 192.168.0.1:8080" in done.stdout
    done = wire("craft", str(SCRIPTS / "close-remote-first.pkt"), "--help")
    assert done.returncode == 0 and "Examples:" in done.stdout and "passed" not in done.stdout, "nothing was run"
