"""A state machine as a picture: boxes where the graph places them, an arrow with its event for each edge."""

from __future__ import annotations

from math import hypot

from ..story import Graph
from .svg import CELL, box, document, line, text

COLUMN, ROW, WIDE, HIGH = 330.0, 112.0, 140.0, 34.0


def svg(graph: Graph) -> str:
    """The picture of a graph. Edges that leave the same box for the same one lie side by side."""
    centres = {name: (150 + x * COLUMN, 70 + y * ROW) for name, (x, y) in graph.places.items()}
    width = max(x for x, _ in centres.values()) + 150
    height = max(y for _, y in centres.values()) + 60
    shapes = [text(width / 2, 28, graph.title, anchor="middle")]
    labels = []
    seen: dict[frozenset[str], int] = {}
    for before, after, event, send in graph.edges:
        pair = frozenset((before, after))
        lane = seen[pair] = seen.get(pair, -1) + 1
        (x1, y1), (x2, y2) = centres[before], centres[after]
        shift = lane * 16 - (8 if any({b, a} == {after, before} and b == after for b, a, _, _ in graph.edges) else 0)
        length = hypot(x2 - x1, y2 - y1)
        across = (shift * (y2 - y1) / length, -shift * (x2 - x1) / length)
        start, end = border(x1, y1, x2, y2), border(x2, y2, x1, y1)
        shapes.append(line(start[0] + across[0], start[1] + across[1], end[0] + across[0], end[1] + across[1], "arrow", True))
        x, y = (start[0] + end[0]) / 2 + across[0], (start[1] + end[1]) / 2 + across[1] + lane * 18 - 4
        words = f"{event} / {send}"
        room = CELL * 0.93 * len(words)
        labels += [box(x - room / 2, y - 12, room, 17), text(x, y + 1, words, anchor="middle")]
    for name, (x, y) in centres.items():
        labels += [box(x - WIDE / 2, y - HIGH / 2, WIDE, HIGH, "box"), text(x, y + 5, name, "strong", "middle")]
    return document(width, height, graph.title, [*shapes, *labels])


def border(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float]:
    """Where the line from one centre to another leaves the first one's box."""
    dx, dy = x2 - x1, y2 - y1
    share = min(WIDE / 2 / abs(dx) if dx else 9e9, HIGH / 2 / abs(dy) if dy else 9e9)
    return x1 + dx * share, y1 + dy * share
