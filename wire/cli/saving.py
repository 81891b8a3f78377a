"""Packets to files: a capture or a dump, by the file's ending."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..sources import Content
from .output import Failure, Misuse

CAPTURES = (".pcap", ".pcapng", ".cap")
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
        f"{path}: the ending says what to write: {', '.join((*CAPTURES[:2], *DUMPS, '.bin'))} "
        "(captures also with .gz or .zst)"
    )


def save(path: str, packets: Iterable[Content]) -> None:
    """Write beside the file and rename, so that none is left half-written."""
    from ..capture import CaptureError
    from ..capture.files import replacing
    from ..sources import write

    kind = kind_of(path)
    damage: list[CaptureError] = []

    def guarded() -> Iterable[Content]:
        try:
            yield from packets
        except CaptureError as error:
            damage.append(error)

    try:
        if kind == "capture":
            write(path, guarded())
        else:
            from ..packet import Packet
            from ..views.dumps import as_dump

            with replacing(Path(path)) as file:
                for packet in guarded():
                    if isinstance(packet, Packet):
                        file.write(packet.raw if kind == "bytes" else (as_dump(packet) + "\n").encode())
    except (CaptureError, ValueError) as error:
        raise Failure(f"{path}: {error}") from None
    for one in damage:
        raise Failure(f"{one} (what came before it is in {path})")
