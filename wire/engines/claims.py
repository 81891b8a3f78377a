"""Which protocol claims a number, for whole columns of numbers: the registries as tables."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..protocols import unclaimed
from ..schema import Protocol

__all__ = ["every", "looked_up"]


@cache
def every() -> list[Protocol]:
    """All protocols; the first one reads bytes that nobody claims."""
    first = unclaimed()
    return [first, *(protocol for protocol in Protocol.known.values() if protocol is not first)]


@cache
def table(registry: str) -> tuple[Any, int]:
    """(who has each number, most numbers): the last place is for numbers beyond."""
    places = {id(protocol): place for place, protocol in enumerate(every())}
    numbers = Protocol.registries[registry].numbers
    other = places[id(numbers[None])] if None in numbers else 0
    most = max((number for number in numbers if number is not None), default=0) + 1
    found = np.full(most + 1, other, np.uint16)
    for number, protocol in numbers.items():
        if number is not None:
            found[number] = places[id(protocol)]
    return found, most


def looked_up(registry: str, numbers: Any) -> Any:
    """The place in `every()` of who claims each number; 0 where nobody does."""
    found, most = table(registry)
    if numbers.dtype.kind != "u":
        numbers = np.where(numbers < 0, most, numbers)
    elif numbers.dtype.itemsize == 8:
        numbers = np.minimum(numbers, most)
    return found.take(numbers, mode="clip")


def forget() -> None:
    """Protocols have changed."""
    every.cache_clear()
    table.cache_clear()


Protocol.watchers.append(forget)
