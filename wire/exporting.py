"""Captures as data sets: one capture, or a part of it, to one table; and who schedules that is another matter.

`export` is the unit of work.  `export_many` runs it for several captures on the local cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .bulk import need
from .capture.output import replacing

if TYPE_CHECKING:
    import pyarrow as pa

    from .bulk.reader import Reader

__all__ = ["DEFAULT", "FORMATS", "Exported", "Work", "export", "export_many"]

DEFAULT = [
    "frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "frame.protocols", "eth.src", "eth.dst",
    "eth.type", "vlan.id", "arp.opcode", "ip.src", "ip.dst", "ip.len", "ip.id", "ip.flags", "ip.frag_offset",
    "ip.ttl", "ip.proto", "ip.checksum.status", "ipv6.src", "ipv6.dst", "ipv6.nxt", "ipv6.hlim", "icmp.type",
    "icmp.code", "icmpv6.type", "icmpv6.code", "tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.ack",
    "tcp.flags", "tcp.window_size_value", "tcp.len", "tcp.checksum.status", "tcp.options.mss_val",
    "tcp.options.wscale.shift", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "udp.srcport",
    "udp.dstport", "udp.length", "udp.checksum.status",
]  # fmt: skip
WINDOW = 4 << 20  # bytes of memory for a window of the capture: more makes nothing quicker
FORMATS = (".parquet", ".arrow", ".csv", ".jsonl")


@dataclass(frozen=True)
class Work:
    """One capture to one table."""

    source: str
    target: str
    fields: tuple[str, ...] = tuple(DEFAULT)
    where: str | None = None
    occurrence: str = "f"
    addresses: str = "text"


@dataclass(frozen=True)
class Exported:
    """What became of a piece of work.

    packets  read;  rows: written;  trouble: why the capture could not be read to its end
    """

    work: Work
    packets: int
    rows: int
    trouble: str = ""


def export(work: Work) -> Exported:
    """Write one capture as one table; the target's ending says as what.

    What is before damage in a capture is written, and the damage told.  ValueError for another ending;
    OSError; LookupError and FilterError as `wire.table` has them.
    """
    need("an export", "pyarrow", "numpy")
    from .bulk.reader import Reader
    from .capture import CaptureError
    from .capture.batch import SLACK

    ending = Path(work.target).suffix
    if ending not in FORMATS:
        raise ValueError(f"{work.target}: tables end in {', '.join(FORMATS)}")
    reader = Reader(work.fields, work.where, work.occurrence, work.addresses == "text")
    reader.window = WINDOW - SLACK
    rows, trouble = 0, ""
    with plain_memory(), replacing(work.target) as output, closing(WRITERS[ending](output.file, reader)) as out:
        try:
            for batch in reader.batches(work.source):
                rows += batch.num_rows
                out.write_batch(batch)
        except CaptureError as error:
            trouble = str(error)
    return Exported(work, reader.frames, rows, trouble)


@contextmanager
def plain_memory() -> Iterator[None]:
    """Have Arrow take memory from the system and give it back, where its own allocators keep much of it."""
    pa = need("Arrow", "pyarrow")
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def export_many(works: Sequence[Work], processes: int | None = None) -> Iterator[Exported]:
    """Each piece of work as it is done, on so many processes (one for each core)."""
    count = min(processes or os.cpu_count() or 1, len(works))
    if count < 2:
        yield from map(export, works)
        return
    with ProcessPoolExecutor(count) as pool:
        for done in as_completed([pool.submit(export, work) for work in works]):
            yield done.result()


# -- formats --------------------------------------------------------------------------


def parquet(file: Any, reader: Reader) -> Any:
    return need("Parquet", "pyarrow.parquet").ParquetWriter(file, reader.schema, compression="zstd")


def arrow(file: Any, reader: Reader) -> Any:
    return need("Arrow", "pyarrow").ipc.new_file(file, reader.schema)


def csv(file: Any, reader: Reader) -> Any:
    return need("CSV", "pyarrow.csv").CSVWriter(file, reader.schema)


class JsonLines:
    """One object a packet; values that are not there are left out, bytes are hex, times text."""

    def __init__(self, file: Any, reader: Reader) -> None:
        self.file = file

    def write_batch(self, batch: pa.RecordBatch) -> None:
        import json

        columns = [
            column.cast("string") if str(column.type).startswith("timestamp") else column for column in batch.columns
        ]
        lists = [column.to_pylist() for column in columns]
        for values in zip(*lists, strict=True):
            row = {name: value.hex() if isinstance(value, bytes) else value
                   for name, value in zip(batch.schema.names, values, strict=True) if value is not None}  # fmt: skip
            self.file.write(json.dumps(row).encode() + b"\n")

    def close(self) -> None:
        pass


WRITERS: dict[str, Callable[[Any, Reader], Any]] = {
    ".parquet": parquet,
    ".arrow": arrow,
    ".csv": csv,
    ".jsonl": JsonLines,
}
