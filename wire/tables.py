"""Captures as tables: `wire.table`, the record batches that it is made of, and `wire.rows`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from .bulk import need

if TYPE_CHECKING:
    import pyarrow as pa

    from .capture.files import Origin

__all__ = ["Addresses", "Occurrence", "rows", "table"]

Occurrence = Literal["f", "l", "a"]
Addresses = Literal["text", "bytes"]


@overload
def table(source: Origin, fields: Sequence[str], where: str | None = None, batch: None = None,
          occurrence: Occurrence = "f", addresses: Addresses = "text",
          names: bool = False) -> pa.Table: ...  # fmt: skip


@overload
def table(source: Origin, fields: Sequence[str], where: str | None = None, *, batch: int,
          occurrence: Occurrence = "f", addresses: Addresses = "text",
          names: bool = False) -> Iterator[pa.RecordBatch]: ...  # fmt: skip


def table(source: Origin, fields: Sequence[str], where: str | None = None, batch: int | None = None,
          occurrence: Occurrence = "f", addresses: Addresses = "text", names: bool = False) -> Any:  # fmt: skip
    """Fields of every packet as columns: a pyarrow Table, or with `batch` an iterator of record batches.

    source      a capture: a path, "-", bytes or an open binary file
    fields      full names, as Wireshark has them; dots become underscores in the columns' names
    where       a display filter: only the packets that it means
    batch       the most rows of one record batch
    occurrence  of a field that stands in a packet several times: "f" the first, "l" the last, "a" all, as a list
    addresses   as "text", or as "bytes" of fixed size
    names       numbers that have names as these (dictionary-encoded)

    Unsigned integers have the width of their field, `frame.time_epoch` is a timestamp in nanoseconds (UTC).
    LookupError names the fields nearest to one that is not there; FilterError what is wrong with `where`;
    CaptureError comes after everything before the damage; MissingExtra says what to install.

    >>> import wire
    >>> made = wire.table("samples/tcp-hello-8080.pcap", ["ip.src", "tcp.dstport"], where="tcp.flags.syn == 1")
    >>> made.column("tcp_dstport").to_pylist()
    [8080, 40000]
    """
    need("a table", "pyarrow", "numpy")
    from .bulk.reader import Reader

    checked(fields, occurrence)
    if addresses not in ("text", "bytes"):
        raise ValueError('addresses is "text" or "bytes"')
    reader = Reader(fields, where, occurrence, addresses == "text", names)
    if batch is not None:
        return reader.limited(source, batch)
    return reader.table(source)


def rows(source: Origin, fields: Sequence[str], where: str | None = None,
         occurrence: Occurrence = "f") -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Fields of every packet as tuples: the quick way through a capture for loops in Python, which needs NumPy alone.

    source, fields, where, occurrence   as `table` has them

    Numbers are ints, addresses bytes, times nanoseconds since 1970; a field that a packet does not have is None.
    LookupError, FilterError and MissingExtra as `table` has them; CaptureError comes after all before the damage.

    >>> import wire
    >>> for port, flags in wire.rows("samples/tcp-hello-8080.pcap", ["tcp.dstport", "tcp.flags"], "tcp.flags.syn == 1"):
    ...     print(port, hex(flags))
    8080 0x2
    40000 0x12
    """
    need("a loop over rows", "numpy")
    from .bulk.rows import Rows

    checked(fields, occurrence)
    return Rows(fields, where, occurrence).rows(source)


def checked(fields: Sequence[str], occurrence: str) -> None:
    """ValueError for arguments that are not what they should be."""
    if isinstance(fields, str) or not fields:
        raise ValueError('fields is a list of full names, such as ["ip.src", "tcp.srcport"]')
    if occurrence not in ("f", "l", "a"):
        raise ValueError('occurrence is "f", "l" or "a"')
