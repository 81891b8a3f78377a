"""Packets of a capture that a display filter means, with all that the capture says around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import islice

from .capture import Frame, Item
from .filter import compile_filter
from .sources import packet_of

__all__ = ["chosen"]

TOGETHER = 1 << 13  # frames that are asked about at a time

Choose = Callable[[list[Frame]], Iterable[bool]]


def chosen(items: Iterator[Item], where: str, first: str | None = None) -> Iterator[Item]:
    """The frames that the filter `where` means, untouched, and everything that is no frame.

    first   the outermost protocol, where the link type is not to decide
    FilterError says what is wrong with the filter; errors of the capture come after what is before them.
    """
    choose = chooser(where, first)
    trouble: list[Exception] = []
    ahead = guarded(items, trouble)
    while some := list(islice(ahead, TOGETHER)):
        answers = iter(choose([item for item in some if isinstance(item, Frame)]))
        yield from (item for item in some if not isinstance(item, Frame) or next(answers))
    for error in trouble:
        raise error


def guarded(items: Iterator[Item], trouble: list[Exception]) -> Iterator[Item]:
    """The items; an error is kept for later."""
    from .capture import CaptureError

    try:
        yield from items
    except CaptureError as error:
        trouble.append(error)


def chooser(where: str, first: str | None) -> Choose:
    """What says which frames are meant: by columns where NumPy is there, else packet by packet."""
    meant = compile_filter(where)
    if first is None and find_spec("numpy"):
        from .capture.batch import batch_of
        from .filter.columns import Chooser

        columns = Chooser(meant)
        if columns.vectorised:
            return lambda frames: columns.choose(batch_of(frames)).tolist() if frames else []
    return lambda frames: (meant.matches(packet_of(frame, first)) for frame in frames)
