"""One file per protocol.  They are found by themselves, and so are those of other packages.

A package offers protocols through the entry point group `wire.protocols`; loading the entry point
is enough, since a `Protocol` registers itself where it is made.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from ..schema import Protocol

GROUP = "wire.protocols"


@cache
def load() -> dict[str, Protocol]:
    """Every protocol by name: our own, then those of installed packages."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    if any(offers(Path(folder)) for folder in sys.path):
        from importlib.metadata import entry_points

        for entry in entry_points(group=GROUP):
            entry.load()
    return Protocol.known


def offers(folder: Path) -> bool:
    """Whether a package installed here names our group: a look at the files, as metadata's own scan is slow."""
    for file in folder.glob("*-info/entry_points.txt") if folder.is_dir() else ():
        if f"[{GROUP}]" in file.read_text(encoding="utf-8", errors="replace"):
            return True
    return False


def find(name: str) -> Protocol:
    """The protocol of this name.  LookupError, with the nearest names, if there is none."""
    known = load()
    if name not in known:
        from difflib import get_close_matches

        near = get_close_matches(name, known, 3, 0.5)
        hint = f": did you mean {' or '.join(near)}?" if near else f"; known are {', '.join(sorted(known))}"
        raise LookupError(f"there is no protocol {name}{hint}")
    return known[name]


def unclaimed() -> Protocol:
    """Who reads bytes that no protocol claims."""
    return Protocol.registries["unclaimed"].numbers[None]


def whole() -> Protocol:
    """Who tells of a packet as a whole."""
    load()
    return Protocol.registries["packet"].numbers[None]
