"""The models of the textbook side by side: OSI's seven layers, TCP/IP's five and four, devices and protocols.

Which of our protocols belong where is read from their tables (`Protocol.osi`); the examples of others
stand in brackets.
"""

from __future__ import annotations

from typing import NamedTuple

from .. import protocols
from .describe import OSI
from .facts import is_real
from .lines import Line, pad, wrap


class Level(NamedTuple):
    """One of OSI's layers: the unit that it passes on, what works there, and examples that are not decoded here."""

    osi: int
    unit: str
    devices: str
    examples: tuple[str, ...]


LEVELS = (
    Level(7, "data",    "host, proxy, gateway",     ("HTTP", "DNS", "SMTP", "SSH", "DHCP")),
    Level(6, "data",    "host",                     ("TLS", "UTF-8", "JPEG")),
    Level(5, "data",    "host",                     ("RPC", "NetBIOS")),
    Level(4, "segment", "host, firewall, NAT",      ("SCTP", "QUIC")),
    Level(3, "packet",  "router",                   ("IPsec ESP", "OSPF")),
    Level(2, "frame",   "switch, bridge",           ("Wi-Fi", "PPP")),
    Level(1, "bit",     "hub, repeater, cable",     ("1000BASE-T", "DSL")),
)  # fmt: skip

# The names of the other models' layers, from the top: (OSI's layers that each one covers, number, name).
FIVE = (((7, 6, 5), 5, "application"), ((4,), 4, "transport"), ((3,), 3, "network"), ((2,), 2, "data link"),
        ((1,), 1, "physical"))  # fmt: skip
FOUR = (((7, 6, 5), 4, "application"), ((4,), 3, "transport"), ((3,), 2, "internet"), ((2, 1), 1, "link"))

HEAD = ("OSI, seven", "TCP/IP, five", "TCP/IP, four", "unit", "devices", "protocols")
CELLS = (16, 15, 15, 9, 23)  # of all columns but the last
NARROW = 100  # below this unit and devices stand under the protocols


def layers(columns: int = 80) -> list[Line]:
    """The models side by side, in lines of at most `columns` cells."""
    lines: list[Line] = []
    wide = columns >= NARROW
    cells = CELLS if wide else (*CELLS[:3], 0, 0)
    last = columns - sum(cells)
    head = "".join(pad(text, size) for text, size in zip(HEAD, cells, strict=False) if size)
    lines.append([(head + HEAD[-1], "title")])
    for level in LEVELS:
        if any(level.osi == covers[0] for covers, _, _ in FOUR):
            lines.append([("─" * columns, "dim")])
        lines += rows(level, cells, last, wide)
    lines += [[], *([(text, "dim")] for text in wrap(NOTE, min(columns, 100)))]
    return lines


NOTE = (
    "Names in lower case are decoded and built here: wire protocols NAME shows each. Those in brackets are examples of "
    "others. TCP/IP leaves session and presentation to the application (RFC 1122 1.1.3), and says little of what lies "
    "below the internet layer."
)


def rows(level: Level, cells: tuple[int, ...], last: int, wide: bool) -> list[Line]:
    """One of OSI's layers, on as many lines as its protocols take."""
    known = [one.name for one in protocols.load().values() if one.osi == level.osi and is_real(one)]
    others = [f"({name})" for name in level.examples if name.casefold() not in protocols.load()]
    said = [(text, "strong") for text in wrap(" ".join(known), last) if known]
    said += [(text, "") for text in wrap(" ".join(others), last) if others]
    if not wide:
        said.append((f"{level.unit}; {level.devices}", "dim"))
    left = [f"{level.osi} {OSI[level.osi]}", beside(level.osi, FIVE), beside(level.osi, FOUR)]
    if wide:
        left += [level.unit, level.devices]
    found: list[Line] = []
    for number, (text, style) in enumerate(said):
        shown = left if number == 0 else [*(continued(level.osi, model) for model in ((), FIVE, FOUR)), "", ""]
        start = "".join(pad(cell, size) for cell, size in zip(shown, filter(None, cells), strict=False))
        found.append([(start, ""), (text, style)])
    return found


def beside(osi: int, model: tuple[tuple[tuple[int, ...], int, str], ...]) -> str:
    """The layer of another model at the first of OSI's layers that it covers; a line where it goes on."""
    for covers, number, name in model:
        if osi == covers[0]:
            return f"{number} {name}"
    return "│"


def continued(osi: int, model: tuple[tuple[tuple[int, ...], int, str], ...]) -> str:
    """A line below a layer that covers more of OSI's layers."""
    return "│" if any(osi in covers and osi != covers[-1] for covers, _, _ in model) else ""
