"""Which frames tshark selects: the peer that the differential tests ask."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

OPTIONS = [
    "tcp.relative_sequence_numbers:FALSE",
    "ip.check_checksum:TRUE",
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
]
COMMAND = ["tshark", "-n", *(word for option in OPTIONS for word in ("-o", option))]


def fields(capture: Path, *names: str, where: str = "") -> list[list[str]]:
    """The fields of every frame, or of those that a filter selects.  RuntimeError is what tshark has to say."""
    command = [*COMMAND, "-r", str(capture), *(["-Y", where] if where else []), "-T", "fields"]
    ran = subprocess.run([*command, *(word for name in names for word in ("-e", name))], capture_output=True)
    if ran.returncode:
        raise RuntimeError(ran.stderr.decode(errors="replace"))
    return [line.split("\t") for line in ran.stdout.decode().splitlines()]


def selected(capture: Path, filters: Iterable[str]) -> dict[str, set[int]]:
    """The frames that each filter selects, by number."""

    def ask(text: str) -> tuple[str, set[int]]:
        return text, {int(number) for (number,) in fields(capture, "frame.number", where=text)}

    with ThreadPoolExecutor(2) as pool:
        return dict(pool.map(ask, filters))


def merged(captures: Iterable[Path], target: Path) -> list[tuple[str, int]]:
    """One capture after the other in one file; (name, frame number there) of every frame.

    Captures that mergecap cannot read to their end are left out.
    """
    taken, frames = [], []
    for capture in captures:
        if subprocess.run(["mergecap", "-w", "/dev/null", str(capture)], capture_output=True).returncode == 0:
            taken.append(str(capture))
            frames += [(capture.name, int(number)) for (number,) in fields(capture, "frame.number")]
    subprocess.run(["mergecap", "-a", "-w", str(target), *taken], check=True, capture_output=True)
    return frames
