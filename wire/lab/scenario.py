"""What a scenario is: a name, a title, what the applications do, and the keys that differ from the defaults.

A program is a list of calls with `;` between them, as the application's own source would have them (the words are in
`wire.lab.actor`). It holds no segment and no number that an endpoint works out.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

SCENARIOS: dict[str, Scenario] = {}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One lesson.

    programs  what each end does: {"client": "connect; send $data; close", ...}
    keys      defaults that differ from the usual: {"client.lose": "1"}
    data      the script's own keys, `$data` in a program, with their defaults
    moral     what is to be learned, one English sentence (translated in wire/lang)
    """

    name: str
    title: str
    programs: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    moral: str = ""

    @property
    def view(self) -> str:
        """The view that shows it best, unless another is asked for."""
        return "layers" if self.name == "encapsulation" else "ladder"


def scenario(name: str, title: str, keys: str = "", moral: str = "", data: Mapping[str, str] | None = None,
             **programs: str) -> Scenario:  # fmt: skip
    """Add a scenario; `keys` as on the command line: "client.lose=1 arp=on"."""
    pairs = dict(pair.split("=", 1) for pair in keys.split())
    SCENARIOS[name] = made = Scenario(name, title, programs, pairs, data or {}, moral)
    return made


def find(name: str) -> Scenario:
    """The scenario of that name. LookupError suggests the nearest."""
    from . import scenarios  # noqa: F401  they register themselves

    if name not in SCENARIOS:
        near = difflib.get_close_matches(name, SCENARIOS, 1, 0.4)
        raise LookupError(f"unknown scenario {name!r}" + (f": did you mean {near[0]!r}?" if near else "") +
                          " (`wire craft list` names them)")  # fmt: skip
    return SCENARIOS[name]


def every() -> list[Scenario]:
    """All scenarios, in the order of the lessons."""
    from . import scenarios  # noqa: F401

    return list(SCENARIOS.values())
