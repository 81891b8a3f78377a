"""Every benchmark, one after the other: `python -m tests.benchmarks [--packets N] [--rounds R] [--write]`.

`--write` puts the figures, with machine and versions, into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
from datetime import date
from pathlib import Path

from . import bench_columns, bench_scalar, bench_text
from .results import Result

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
MEASURED = re.compile(r"(<!-- measured -->\n).*(<!-- end -->)", re.S)
MOST_OBJECTS = 20_000  # packets for engines that make objects of them: more say nothing more


def processor() -> str:
    """What Linux says of the processor."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def rate(value: float) -> str:
    return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value / 1e3:.1f} k" if value >= 1e3 else f"{value:.1f}"


def table(results: list[Result]) -> list[str]:
    """A Markdown table; a ratio that reaches what is asked stands in bold."""
    lines = ["| work | against | wire, packets/s | they, packets/s | ratio | goal |", "|---|---|---:|---:|---:|---:|"]
    for one in results:
        ratio = f"{one.ratio:.3g}×"
        if one.asked is not None and one.ratio >= one.asked:
            ratio = f"**{ratio}**"
        asked = "" if one.asked is None else f"{one.asked:g}×"
        lines.append(f"| {one.work} | {one.against} | {rate(one.ours)} | {rate(one.theirs)} | {ratio} | {asked} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure wire against its peers.")
    parser.add_argument("--packets", type=int, default=1_000_000, help="of the capture that becomes columns")
    parser.add_argument("--rounds", type=int, default=3, help="of columns; objects and text get more")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    given = parser.parse_args()
    few = min(given.packets, MOST_OBJECTS)
    parts = {
        "Packets as objects": bench_scalar.results(few, max(5, given.rounds)),
        f"Columns, {given.packets:,} packets": bench_columns.results(given.packets, given.rounds),
        "Text, and one packet from a cold start": bench_text.results(few, max(3, given.rounds)),
    }
    lines = [f"{date.today()}, {processor()}, {os.cpu_count()} cores, {platform.system()}, "
             f"Python {platform.python_version()}.", ""]  # fmt: skip
    for title, results in parts.items():
        lines += [f"### {title}", "", *table(results), ""]
    print("\n".join(lines))
    if given.write:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(MEASURED.sub(lambda found: found[1] + "\n".join(lines) + found[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
