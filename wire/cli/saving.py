"""Packets to files: a capture or a dump, by the file's ending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .output import Failure, Misuse, note

if TYPE_CHECKING:
    from ..capture import Frame
    from ..sources import Content

CAPTURES = (".pcap", ".pcapng")
PACKED = (".gz", ".zst")
DUMPS = (".hex", ".txt")


def kind_of(path: str) -> str:
    """ "capture", "dump" or "bytes", as the ending says."""
    name = path.lower()
    bare = next((name.removesuffix(end) for end in PACKED if name.endswith(end)), name)
    if bare.endswith(CAPTURES):
        return "capture"
    if name.endswith(DUMPS):
        return "dump"
    if name.endswith(".bin"):
        return "bytes"
    raise Misuse(
        f"{path}: the ending says what to write: {', '.join((*CAPTURES, *DUMPS, '.bin'))} "
        "(captures also with .gz or .zst)"
    )


def save(path: str, items: Iterable[Content | Frame]) -> None:
    """Write beside the file and rename, so that none is left half-written; what comes before damage is kept."""
    from ..capture import CaptureError
    from ..capture.files import replacing
    from ..sources import write

    kind = kind_of(path)
    damage: list[CaptureError] = []

    def guarded() -> Iterator[Content | Frame]:
        try:
            yield from items
        except CaptureError as error:
            damage.append(error)

    try:
        if kind == "capture":
            for remark in write(path, guarded()).remarks:
                note(f"{path}: {remark}: the format has no place for them")
        else:
            written = as_bytes if kind == "bytes" else as_text
            with replacing(Path(path)) as file:
                for item in guarded():
                    file.write(written(item))
    except CaptureError as error:
        raise Failure(f"{path}: {error}") from None
    for one in damage:
        raise Failure(f"{one.name or 'input'}: {one} (what came before it is in {path})")


def as_bytes(item: Content | Frame) -> bytes:
    """The bytes of a packet; nothing of what stands around packets in a capture."""
    from ..capture import Frame
    from ..packet import Packet

    if isinstance(item, Packet):
        return bytes(item)
    return item.data if isinstance(item, Frame) else b""


def as_text(item: Content | Frame) -> bytes:
    """A hex dump, and an empty line to end it."""
    from ..views.dumps import text_dump

    data = as_bytes(item)
    return (text_dump(data) + "\n").encode() if data else b""
