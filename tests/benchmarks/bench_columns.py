"""The columns engine against tshark, tcpdump and gopacket: `python -m tests.benchmarks.bench_columns [--packets N] [--rounds R]`.

Every figure is a ratio of CPU times (of the whole process tree) in one run: the contenders take turns,
and the median of the rounds counts.  Texts are compared, and have to be the same.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy
import pyarrow

from .capture import write
from .results import Result
from .variants import six, tagged, write_as, write_pcapng

COLUMNS = [
    "frame.number",
    "frame.time_epoch",
    "frame.len",
    "frame.cap_len",
    "eth.src",
    "eth.dst",
    "eth.type",
    "vlan.id",
    "ip.src",
    "ip.dst",
    "ip.len",
    "ip.id",
    "ip.flags",
    "ip.ttl",
    "ip.proto",
    "ip.checksum.status",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.options.mss_val",
    "tcp.options.wscale.shift",
    "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr",
    "tcp.options.sack_le",
    "tcp.len",
    "udp.srcport",
    "udp.dstport",
]
TEXT = [
    "frame.number",
    "eth.src",
    "eth.dst",
    "ip.src",
    "ip.dst",
    "ip.ttl",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq",
    "tcp.ack",
    "tcp.flags",
    "tcp.checksum",
]
INSTEAD = {"ip.src": "ipv6.src", "ip.dst": "ipv6.dst", "ip.len": "ipv6.plen", "ip.id": "ipv6.flow",
           "ip.flags": "ipv6.tclass", "ip.ttl": "ipv6.hlim", "ip.proto": "ipv6.nxt",
           "ip.checksum.status": "ipv6.version"}  # fmt: skip
OVER_SIX = [INSTEAD.get(name, name) for name in COLUMNS]
SUMS = ["ip.checksum.status", "tcp.checksum.status", "udp.checksum.status"]
OPTIONS = ["tcp.relative_sequence_numbers:FALSE", "ip.check_checksum:TRUE", "ip.defragment:FALSE",
           "tcp.desegment_tcp_streams:FALSE"]  # fmt: skip
VERIFY = ["tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"]
BEST = ["tcp.analyze_sequence_numbers:FALSE", "tcp.calculate_timestamps:FALSE", "tcp.track_bytes_in_flight:FALSE"]
ONLY = [word for name in ("tls", "http", "http2", "data") for word in ("--disable-protocol", name)]  # above TCP
WIRE = [sys.executable, "-c", "from wire.cli.main import run; run()"]


def tshark(path: Path, fields: list[str], options: list[str], *words: str) -> list[str]:
    command = ["tshark", "-n", *words, "-r", str(path)]
    command += [word for option in options for word in ("-o", option)]
    return [*command, "-T", "fields", *(word for name in fields for word in ("-e", name))]


@cache
def compiled() -> tempfile.TemporaryDirectory[str]:
    """Where compiled modules are kept until this program ends."""
    return tempfile.TemporaryDirectory()


def installed() -> dict[str, str]:
    """The environment of a program that is installed: its modules are compiled once, not each time."""
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return known | {"PYTHONPYCACHEPREFIX": compiled().name}


def process(command: list[str], out: str = os.devnull) -> float:
    """CPU seconds of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(out, "wb") as file:
        subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=True, env=installed())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def inside(work: Callable[[], object]) -> float:
    """CPU seconds of work in this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def columns(path: Path, fields: list[str], where: str | None = None) -> tuple[int, int]:
    """(frames, those that the reference engine read)."""
    from wire.bulk.reader import Reader

    reader = Reader(fields, where, text=False)
    for _ in reader.batches(path):
        pass
    return reader.frames, reader.odd


def program(path: Path, fields: list[str]) -> list[str]:
    """A whole process that reads columns batch by batch."""
    code = f"import wire\nfor _ in wire.table({str(path)!r}, {fields!r}, batch=65536, addresses='bytes'): pass"
    return [sys.executable, "-c", code]


def memory(command: list[str]) -> float:
    """The most memory that a process had, in MB."""
    done = subprocess.run(["/usr/bin/env", "python3", "-c", "import resource, subprocess, sys\n"
                           "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
                           "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", *command],
                          capture_output=True, check=True)  # fmt: skip
    return int(done.stdout) / 1024


class Against(NamedTuple):
    """A figure that is asked for: which of our contenders, against which other."""

    work: str
    against: str
    asked: float | None = None


WORK = [
    Against("30 columns, in process", "tshark, 30 fields", 100),
    Against("30 columns, in process", "tshark, 30 fields, its best"),
    Against("30 columns, whole process", "tshark, 30 fields", 65),
    Against("30 columns, whole process", "tshark, 30 fields, its best"),
    Against("12 fields as text", "tshark, 12 fields", 40),
    Against("12 fields as text", "tshark, 12 fields, its best"),
    Against("30 columns, all checksums", "tshark, all checksums", 10),
    Against("filter tcp.flags.syn==1", "tcpdump -w, tcp-syn", 1),
    Against("wire filter, SYN to a file", "tcpdump -w, SYN to a file"),
    Against("wire filter, TCP to a file", "tcpdump -w, TCP to a file"),
    Against("wire filter, SYN to a file", "tshark -Y -w, SYN to a file"),
    Against("30 columns, in process", "gopacket, 30 values touched", 0.7),
    Against("30 columns, every packet with a VLAN tag", "30 columns, in process", 0.5),
    Against("30 columns, over IPv6", "30 columns, in process", 0.5),
    Against("30 columns, pcapng", "30 columns, in process", 0.5),
]
GO = Path(__file__).with_name("gopacket.go")
PACKAGES = Path("/usr/share/gocode")  # where Debian keeps Go's: golang-github-google-gopacket-dev


WARM = (
    "30 columns, in process",
    "30 columns, all checksums",
    "filter tcp.flags.syn==1",
    "30 columns, whole process",
    "12 fields as text",
    "wire filter, SYN to a file",
)  # run once before


def results(packets: int, rounds: int) -> list[Result]:
    """Every figure, on a capture of so many packets, as the median of so many rounds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pcap"
        write(path, packets)
        return measure(path, rounds, Path(folder))


def measure(path: Path, rounds: int, folder: Path) -> list[Result]:
    """Every figure on a capture.  AssertionError if our text is not tshark's."""
    frames, _ = columns(path, COLUMNS)
    contenders = contenders_on(path, folder)
    for name in WARM:
        contenders[name]()
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            taken[name].append(run())
    speed = {name: frames / statistics.median(times) for name, times in taken.items()}
    assert (folder / "ours").read_bytes() == (folder / "theirs").read_bytes(), "the texts differ"
    return [Result(one.work, one.against, speed[one.work], speed[one.against], one.asked)
            for one in WORK if one.against in speed]  # fmt: skip


def text(path: Path) -> list[str]:
    """A whole process that writes fields as tshark does."""
    return [*WIRE, "decode", str(path), "-T", "fields", *(word for name in TEXT for word in ("-e", name))]


def filtering(path: Path, where: str, out: Path) -> list[str]:
    """A whole process that writes the packets that are meant."""
    return [*WIRE, "filter", str(path), "-Y", where, "-o", str(out)]


def gopacket(folder: Path) -> Path | None:
    """gopacket's program, built; None, and a line that says why, where that cannot be."""
    if not shutil.which("go"):
        print("gopacket is left out: there is no Go here", file=sys.stderr)
        return None
    built = folder / "gopacket"
    known = os.environ | {"GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOCACHE": str(folder / "go")}
    done = subprocess.run(["go", "build", "-o", built, GO], env=known, capture_output=True, text=True)
    if done.returncode:
        print(f"gopacket is left out: {done.stderr.strip()}", file=sys.stderr)
        return None
    return built


def contenders_on(path: Path, folder: Path) -> dict[str, Callable[[], float]]:
    """What is measured, by name: each returns CPU seconds."""
    ours, theirs, kept = str(folder / "ours"), str(folder / "theirs"), folder / "kept.pcap"
    theirs_kept = str(folder / "their.pcap")
    vlan, over_six, blocks = folder / "vlan.pcap", folder / "six.pcap", folder / "made.pcapng"
    write_as(tagged, path, vlan)
    write_as(six, path, over_six)
    write_pcapng(path, blocks)
    go = gopacket(folder)
    among: dict[str, Callable[[], float]] = {
        "gopacket, 30 values touched": lambda: process([str(go), str(path)]),
    }
    return (among if go else {}) | {
        "30 columns, in process": lambda: inside(lambda: columns(path, COLUMNS)),
        "30 columns, whole process": lambda: process(program(path, COLUMNS)),
        "30 columns, all checksums": lambda: inside(lambda: columns(path, [*COLUMNS, *SUMS])),
        "filter tcp.flags.syn==1": lambda: inside(lambda: columns(path, ["frame.number"], "tcp.flags.syn==1")),
        "12 fields as text": lambda: process(text(path), ours),
        "tshark, 30 fields": lambda: process(tshark(path, COLUMNS, OPTIONS)),
        "tshark, 30 fields, its best": lambda: process(tshark(path, COLUMNS, OPTIONS + BEST, *ONLY)),
        "tshark, all checksums": lambda: process(tshark(path, [*COLUMNS, *SUMS], OPTIONS + VERIFY)),
        "tshark, 12 fields": lambda: process(tshark(path, TEXT, OPTIONS), theirs),
        "tshark, 12 fields, its best": lambda: process(tshark(path, TEXT, OPTIONS + BEST, *ONLY)),
        "tcpdump -w, tcp-syn": lambda: process(["tcpdump", "-r", str(path), "-w", os.devnull, "tcp[13] & 2 != 0"]),
        "wire filter, SYN to a file": lambda: process(filtering(path, "tcp.flags.syn==1", kept)),
        "wire filter, TCP to a file": lambda: process(filtering(path, "tcp", kept)),
        "tcpdump -w, SYN to a file": lambda: process(
            ["tcpdump", "-r", str(path), "-w", theirs_kept, "tcp[13] & 2 != 0"]
        ),
        "tcpdump -w, TCP to a file": lambda: process(["tcpdump", "-r", str(path), "-w", theirs_kept, "tcp"]),
        "tshark -Y -w, SYN to a file": lambda: process(
            ["tshark", "-n", "-r", str(path), "-Y", "tcp.flags.syn==1", "-w", theirs_kept]
        ),
        "30 columns, every packet with a VLAN tag": lambda: inside(lambda: columns(vlan, COLUMNS)),
        "30 columns, over IPv6": lambda: inside(lambda: columns(over_six, OVER_SIX)),
        "30 columns, pcapng": lambda: inside(lambda: columns(blocks, COLUMNS)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--capture", type=Path, help="one that exists already")
    given = parser.parse_args()
    version = subprocess.run(["tshark", "-v"], capture_output=True, text=True).stdout.split("\n")[0]
    print(f"Python {platform.python_version()}, NumPy {numpy.__version__}, pyarrow {pyarrow.__version__}, {version}")
    with tempfile.TemporaryDirectory() as folder:
        path = given.capture or Path(folder) / "made.pcap"
        if given.capture is None:
            write(path, given.packets)
        for one in measure(path, given.rounds, Path(folder)):
            print(one)
        frames, odd = columns(path, COLUMNS)
        print(f"{frames} frames, {odd} of them by the reference engine ({odd / frames:.2%}); the text is tshark's")
        for name, command in (("30 columns", program(path, COLUMNS)), ("12 fields as text", text(path))):
            print(f"most memory, {name}: {memory(command):.0f} MB")


if __name__ == "__main__":
    main()
