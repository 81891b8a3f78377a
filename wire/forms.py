"""Drafts that are asked for again and again: one generated test says whether all their values fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["Form", "form_of"]

Form = Callable[..., bool]


def form_of(names: tuple[str, ...], limits: Mapping[str, int]) -> Form | None:
    """Whether values, in the order of `names`, are numbers and bytes that fit; None if one of the fields takes neither.

    limits  the largest number that a field takes; -2 and less: bytes, two more than they are many
    """
    tests = []
    for index, name in enumerate(names):
        limit = limits.get(name, -1)
        if limit == -1:
            return None
        tests.append(f"v{index}.__class__ is int and 0 <= v{index} <= {limit}" if limit >= 0 else
                     f"v{index}.__class__ is bytes and len(v{index}) == {-2 - limit}")  # fmt: skip
    values = ", ".join(f"v{index}" for index in range(len(names)))
    made: Form = eval(f"lambda {values}: {' and '.join(tests) or True}")
    return made
