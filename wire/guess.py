"""Which protocol bytes of unknown origin begin with: the layering that fits best."""

from __future__ import annotations

from .engines import reference
from .packet import Packet
from .protocols import load
from .schema import Protocol

USUAL = "eth"  # what bytes are taken for when nothing fits better

WEIGHTS = {"right": 30, "offload": 15, "absent": 2, "wrong": -10, "illegal": -10, "unchecked": 0}
FAULTS = {"error": -20, "warn": -5, "note": -2, "chat": 0}


def candidates() -> list[str]:
    """Every protocol that a capture can begin with, the usual one first."""
    load()
    links = Protocol.registries["linktype"].numbers.values()
    names = {USUAL: 0} | {protocol.name: 0 for protocol in links} | {
        protocol.name: 0 for protocol in Protocol.known.values() if protocol.pseudo}  # fmt: skip
    return list(names)


def score(packet: Packet) -> int:
    """How well a packet's layers fit its bytes: checksums that come out right weigh most."""
    points = 0
    for layer in packet:
        points += 6 if layer.name != "data" and layer.end > layer.start else 0
        points += sum(WEIGHTS[verdict.kind] for verdict in layer.verdicts.values())
        points += sum(FAULTS[note.severity] for note in layer.notes if not note.code.startswith("checksum."))
    claimed = len(packet.layers) > 1 and packet.layers[1].name != "data"
    return points + (5 if claimed else -5)


def first_of(data: bytes) -> tuple[str, int, str | None]:
    """(protocol, score, complaint): where the bytes begin, how well that fits, and what does not."""
    best = max(((score(packet), -index, name, packet) for index, name in enumerate(candidates())
                for packet in [reference.decode(data, name)]), key=lambda one: one[:2])  # fmt: skip
    points, _, name, packet = best
    faults = [note for note in packet.notes if note.severity == "error"]
    return name, points, str(faults[0]) if faults else None
