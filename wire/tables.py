"""Captures as tables: `wire.table`, and the record batches that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from .bulk import need

if TYPE_CHECKING:
    import pyarrow as pa

    from .capture.files import Origin

__all__ = ["Addresses", "Occurrence", "column_name", "table"]

Occurrence = Literal["f", "l", "a"]
Addresses = Literal["text", "bytes"]


def column_name(field: str) -> str:
    """`ip.src` as SQL and Python have it."""
    return field.replace(".", "_")


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
    [8080, 36612]
    """
    need("a table", "pyarrow", "numpy")
    from .bulk.reader import Reader

    if isinstance(fields, str) or not fields:
        raise ValueError('fields is a list of full names, such as ["ip.src", "tcp.srcport"]')
    if occurrence not in ("f", "l", "a") or addresses not in ("text", "bytes"):
        raise ValueError('occurrence is "f", "l" or "a"; addresses is "text" or "bytes"')
    reader = Reader(fields, where, occurrence, addresses == "text", names)
    if batch is not None:
        return reader.limited(source, batch)
    return reader.table(source)
