"""Statistics of a capture as lines, with bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from ..statistics import Statistics, Tally
from .lines import Line

__all__ = ["statistics"]

BARS = "▏▎▍▌▋▊▉█"
UNITS = ("kB", "MB", "GB", "TB")
Key = TypeVar("Key")


def statistics(found: Statistics, most: int = 10, width: int = 100) -> Iterator[Line]:
    """Totals, then tables of what there is most of."""
    yield from totals(found)
    if not found.total.packets:
        return
    yield from head("Protocols", "packets", width)
    for way, tally in sorted(found.hierarchy.items(), key=lambda item: order(item[0], found.hierarchy)):
        yield row("  " * (len(way) - 1) + way[-1], tally, found.total.packets, width)
    tables: tuple[tuple[str, Mapping[str, Tally]], ...] = (
        ("Endpoints", found.endpoints),
        ("Conversations", {" ↔ ".join(ends): tally for ends, tally in found.conversations.items()}),
        ("Ports", {f"{name} {port}": tally for (name, port), tally in found.ports.items()}),
    )
    for title, table in tables:
        if table:
            yield from head(f"{title} ({len(table)})", "packets", width)
            for name, tally in largest(table, most):
                yield row(name, tally, found.total.packets, width)
    if found.checksums:
        yield []
        yield [("Checksums", "bold")]
        for path, counts in sorted(found.checksums.items()):
            wrong = counts[0]
            others = sum(counts.values()) - counts[1] - wrong
            text = f"  {path:<24}{counts[1]:>10} right{wrong:>10} wrong{others:>10} not checked"
            yield [(text, "red" if wrong else "")]


def totals(found: Statistics) -> Iterator[Line]:
    total, seconds = found.total, found.seconds
    yield [(f"{total.packets} packets, {amount(total.bytes)}", "bold")]
    if seconds:
        rate, speed = total.packets / seconds, total.bytes * 8 / seconds / 1e6
        yield [(f"{seconds:.6f} s, {rate:.1f} packets/s, {speed:.3f} Mbit/s", "")]


def order(way: tuple[str, ...], table: Mapping[tuple[str, ...], Tally]) -> list[tuple[int, str]]:
    """Where a protocol stands in the tree: the most packets first, at every level."""
    return [(-table[way[:depth]].packets, way[depth - 1]) for depth in range(1, len(way) + 1)]


def largest(table: Mapping[Key, Tally], most: int) -> list[tuple[Key, Tally]]:
    return sorted(table.items(), key=lambda item: (-item[1].packets, str(item[0])))[:most]


def head(title: str, unit: str, width: int) -> Iterator[Line]:
    yield []
    yield [(f"{title:<{left(width)}}{unit:>10}{'bytes':>12}", "bold")]


def row(name: str, tally: Tally, whole: int, width: int) -> Line:
    share = tally.packets / whole
    room = max(8, width - left(width) - 32)
    text = f"{name:<{left(width)}}{tally.packets:>10}{amount(tally.bytes):>12}{share:>8.1%} "
    return [(text, ""), (bar(share, room), "cyan")]


def left(width: int) -> int:
    """Columns of the names: two IPv6 addresses where there is room."""
    return 46 if width >= 100 else 34


def bar(share: float, room: int) -> str:
    eighths = round(share * room * 8)
    return BARS[-1] * (eighths // 8) + (BARS[eighths % 8 - 1] if eighths % 8 else "")


def amount(size: int) -> str:
    """Bytes in the unit that fits."""
    if size < 10_000:
        return f"{size} B"
    power = min((len(str(size)) - 1) // 3, len(UNITS))
    return f"{size / 1000**power:.1f} {UNITS[power - 1]}"
