"""Text against tshark: `python -m tests.benchmarks.bench_text [--packets N] [--rounds N]`.

The tree of every packet against `tshark -V`, a line of JSON for every packet against `tshark -T json`, and
one packet from a cold start, as whole processes that write to a file.  CPU time, children included, in turns; medians.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .capture import write
from .results import Result

WIRE = [sys.executable, "-c", "from wire.cli.main import run; run()", "decode"]
SCAPY = "import sys; from scapy.all import rdpcap; rdpcap(sys.argv[1])[0].show()"


def seconds(command: Sequence[str], out: Path) -> float:
    """CPU time of a process that writes to a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with out.open("wb") as file:
        subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def race(work: str, ours: list[str], against: str, theirs: list[str], packets: int, rounds: int,
         asked: float | None, out: Path) -> Result:  # fmt: skip
    """Both in turns; of each the median."""
    own, other = [], []
    for _ in range(rounds):
        own.append(seconds(ours, out))
        other.append(seconds(theirs, out))
    return Result(work, against, packets / statistics.median(own), packets / statistics.median(other), asked)


def results(packets: int, rounds: int) -> list[Result]:
    """What can be measured here: without tshark only what Scapy is held against."""
    found = []
    with TemporaryDirectory() as folder:
        many, one, out = (Path(folder) / name for name in ("many.pcap", "one.pcap", "out"))
        write(many, packets)
        write(one, 1)
        tshark = shutil.which("tshark")
        if tshark:
            pairs = (("tree of every packet", ["-V"], "tshark -V", ["-V"], 1.0),
                     ("JSON of every packet", ["-T", "jsonl"], "tshark -T json", ["-T", "json"], 5.0))  # fmt: skip
            for work, own, against, other, asked in pairs:
                ours, theirs = [*WIRE, str(many), *own], [tshark, "-n", *other, "-r", str(many)]
                found.append(race(work, ours, against, theirs, packets, rounds, asked, out))
            theirs = [tshark, "-V", "-r", str(one)]
            found.append(race("one packet, cold", [*WIRE, str(one)], "tshark -V", theirs, 1, rounds, None, out))
        theirs = [sys.executable, "-c", SCAPY, str(one)]
        found.append(race("one packet, cold", [*WIRE, str(one)], "Scapy", theirs, 1, rounds, None, out))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure text against tshark and Scapy.")
    parser.add_argument("--packets", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for result in results(given.packets, given.rounds):
        print(result)


if __name__ == "__main__":
    main()
