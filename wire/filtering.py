"""Packets of a capture that a display filter means, with all that the capture says around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING

from .capture import Capture, CaptureError, Frame, Item, Written, write_items
from .filter import compile_filter
from .sources import packet_of

if TYPE_CHECKING:
    from .capture.copying import Choose as Columns
    from .capture.output import Target
    from .filter import Filter
    from .sources import Source

__all__ = ["Filtered", "write_chosen"]

TOGETHER = 1 << 13  # frames that are asked about at a time

Choose = Callable[[list[Frame]], Iterable[bool]]


@dataclass(frozen=True)
class Filtered:
    """What was written, of how many packets, and why these are not all, if the capture is damaged or cut."""

    written: Written
    packets: int
    trouble: CaptureError | None = None


def write_chosen(target: Target, source: Source, where: str, first: str | None = None, format: str = "") -> Filtered:
    """Write the packets that the filter `where` means, untouched, and everything that is no packet.

    target, format  as `wire.write` has them
    source          of which no packet was read yet
    first           the outermost protocol, where the link type is not to decide

    Where columns can answer the filter, and the format stays, a capture's records are copied as they stand.
    FilterError says what is wrong with the filter, CaptureError what cannot be written.
    """
    copied = copied_whole(target, source.reader, where, format) if first is None else None
    if copied:
        return copied
    trouble: list[CaptureError] = []
    written = write_items(target, chosen(source.records(), where, first, trouble), format)
    return Filtered(written, source.total, trouble[0] if trouble else None)


def copied_whole(target: Target, capture: object, where: str, format: str) -> Filtered | None:
    """The same from record to record; None where that is no way."""
    if not isinstance(capture, Capture) or not find_spec("numpy"):
        return None
    from .capture.copying import copier
    from .capture.files import FORMATS
    from .capture.output import Output

    output = Output(target, format, FORMATS)
    choose = by_columns(compile_filter(where))
    copying = copier(capture, output.format, choose) if choose else None
    if not copying:
        return None
    with capture, output:
        written = copying.copy(output)
    return Filtered(written, copying.frames, copying.trouble)


def chosen(items: Iterator[Item], where: str, first: str | None, trouble: list[CaptureError]) -> Iterator[Item]:
    """The frames that the filter `where` means, and everything that is no frame; an error goes to `trouble`."""
    choose = chooser(compile_filter(where), first)
    ahead = guarded(items, trouble)
    while some := list(islice(ahead, TOGETHER)):
        answers = iter(choose([item for item in some if isinstance(item, Frame)]))
        yield from (item for item in some if not isinstance(item, Frame) or next(answers))


def guarded(items: Iterator[Item], trouble: list[CaptureError]) -> Iterator[Item]:
    """The items; an error is kept until what is before it is written."""
    try:
        yield from items
    except CaptureError as error:
        trouble.append(error)


def chooser(meant: Filter, first: str | None) -> Choose:
    """What says which frames are meant: by columns where NumPy is there, else packet by packet."""
    columns = by_columns(meant) if first is None and find_spec("numpy") else None
    if columns is None:
        return lambda frames: (meant.matches(packet_of(frame, first)) for frame in frames)
    from .capture.batch import batch_of

    return lambda frames: columns(batch_of(frames)).tolist() if frames else []


def by_columns(meant: Filter) -> Columns | None:
    """What asks for a whole batch; None where the filter has no array form."""
    from .filter.columns import Chooser

    columns = Chooser(meant)
    return columns.choose if columns.vectorised else None
