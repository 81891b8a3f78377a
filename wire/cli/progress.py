"""How far a long piece of work is: a bar on standard error, where that is a terminal; gone when the work is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

    from ..sources import Source

AFTER = 1.0  # seconds of work without a bar: most is done before
EVERY = 0.1  # seconds between two looks


@contextmanager
def shown(title: str, total: int | None = None, done: Callable[[], int] | None = None,
          after: float | None = None) -> Iterator[None]:  # fmt: skip
    """Around work that may take long.

    title  what is done
    total  bytes that there are to read; None where nobody knows
    done   bytes that have been read; it is asked from another thread.  None: only the time is shown
    after  seconds before there is a bar, `AFTER` unless said
    """
    if not sys.stderr.isatty():
        yield
        return
    from threading import Event, Thread

    over = Event()
    thread = Thread(target=draw, args=(over, title, total, done, AFTER if after is None else after), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def draw(over: Event, title: str, total: int | None, done: Callable[[], int] | None, after: float) -> None:
    """Draw the bar until it is over; nothing at all, not even an import, if that is soon."""
    if over.wait(after):
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    measured = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()) if done else (TimeElapsedColumn(),)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), *measured
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(title, total=total)
        while not over.wait(EVERY):
            with suppress(OSError, ValueError):  # the file was closed meanwhile
                progress.update(task, completed=done() if done else None)


def reading(name: str, found: Source) -> AbstractContextManager[None]:
    """Around work that goes through a source: how much of its file has been read."""

    def done() -> int:
        file = getattr(found.reader, "file", None)
        return file.tell() if file else found.reader.stream.offset  # type: ignore[union-attr]

    return shown(f"reading {name}", size_of(found.origin), done if hasattr(found.reader, "stream") else None)


def into_file() -> bool:
    """Whether standard output is a file: what a pager or another program shows is not to be drawn over."""
    try:
        return S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def size_of(origin: object) -> int | None:
    """The bytes of a regular file; None for what is none."""
    if isinstance(origin, (str, os.PathLike)) and os.path.isfile(origin):
        return os.path.getsize(origin)
    return None
