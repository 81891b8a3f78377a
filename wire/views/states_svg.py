"""A state machine as a picture: boxes where the graph places them, an arrow with its event for each edge."""

from __future__ import annotations

from math import copysign, hypot

from ..story import Graph
from .svg import CELL, box, document, line, path, text

COLUMN, ROW, WIDE, HIGH, APART, FAR = 380.0, 112.0, 140.0, 34.0, 10.0, 3.0
LEFT, TOP = 150.0, 90.0


def svg(graph: Graph) -> str:
    """The picture of a graph. Two edges between the same boxes lie side by side; long ones go around at the right."""
    centres = {name: (LEFT + x * COLUMN, TOP + y * ROW) for name, (x, y) in graph.places.items()}
    right = max(x for x, _ in centres.values()) + WIDE / 2 + 50
    pairs = {(before, after) for before, after, _, _ in graph.edges}
    lines, labels, around = [], [], 0
    for before, after, event, send in graph.edges:
        (x1, y1), (x2, y2) = centres[before], centres[after]
        words = f"{event} / {send}"
        if abs(y1 - y2) > FAR * ROW:
            margin, level = right + around * 40, y2 - HIGH / 4 + around * HIGH / 2
            corners = [(x1 + WIDE / 2, y1), (margin, y1), (margin, level), (x2 + WIDE / 2, level)]
            lines.append(path(corners, "arrow", True))
            labels.append(label((x2 + margin) / 2, level, words))
            around += 1
            continue
        length = hypot(x2 - x1, y2 - y1)
        shift = APART if (after, before) in pairs else 0.0
        ax, ay = -shift * (y2 - y1) / length, shift * (x2 - x1) / length
        (sx, sy), (ex, ey) = border(x1, y1, x2, y2, ax, ay), border(x2, y2, x1, y1, ax, ay)
        lines.append(line(sx, sy, ex, ey, "arrow", True))
        beside = copysign(spread(words) / 2 + 4, ax) if shift and x1 == x2 else 0.0
        share = 0.65 if shift and x1 != x2 else 0.5
        labels.append(label(sx + (ex - sx) * share + beside, sy + (ey - sy) * share, words))
    boxes = []
    for name, (x, y) in centres.items():
        boxes += [box(x - WIDE / 2, y - HIGH / 2, WIDE, HIGH, "box"), text(x, y + 5, name, "strong", "middle")]
    width, height = right + around * 40 + 10, max(y for _, y in centres.values()) + 50
    title = text(width / 2, 28, graph.title, anchor="middle")
    return document(width, height, graph.title, [title, *lines, *labels, *boxes])


def spread(words: str) -> float:
    """Pixels that words take."""
    return CELL * 0.97 * len(words)


def label(x: float, y: float, words: str) -> str:
    """Words on an arrow, centred."""
    room = spread(words)
    return box(x - room / 2, y - 9, room, 17) + text(x, y + 4, words, anchor="middle")


def border(x1: float, y1: float, x2: float, y2: float, ax: float, ay: float) -> tuple[float, float]:
    """Where the line from one centre to another, moved by (ax, ay), leaves the first one's box."""
    dx, dy = x2 - x1, y2 - y1
    across = (copysign(WIDE / 2, dx) - ax) / dx if dx else 9e9
    down = (copysign(HIGH / 2, dy) - ay) / dy if dy else 9e9
    share = min(across, down)
    return x1 + ax + dx * share, y1 + ay + dy * share
