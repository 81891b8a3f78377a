"""Guards that others imply are dropped, and no others: what passes the lines that are kept passes all of them."""

from __future__ import annotations

import itertools

import pytest

from wire.engines.guards import needed

LINES = [
    "ip_stop = 34 + (ip_len - 20)",
    "if not ((size - 14) > 0): return None",
    "if (ip_len == 0): return None",
    "if not (34 <= ip_stop <= size): return None",
    "if not ((ip_len == 0) | (ip_len >= 20)): return None",
    "if (ip_flags & 1): return None",
    "if not (66 <= ip_stop): return None",
]


def passes(lines: list[str], **values: int) -> bool:
    body = "".join(f"    {line}\n" for line in lines)
    scope: dict[str, object] = {}
    exec(f"def guarded({', '.join(values)}):\n{body}    return True", scope)
    return bool(scope["guarded"](**values))  # type: ignore[operator]


def test_what_a_size_implies_is_not_asked_again() -> None:
    assert needed(LINES) == [
        "ip_stop = 34 + (ip_len - 20)",
        "if not (66 <= ip_stop <= size): return None",
        "if (ip_flags & 1): return None",
    ]


def test_the_same_values_pass() -> None:
    kept, edges = needed(LINES), (0, 1, 13, 14, 15, 19, 20, 21, 51, 52, 53, 65, 66, 67, 1500)
    for ip_len, size, ip_flags in itertools.product(edges, edges, (0, 1, 2)):
        assert passes(kept, ip_len=ip_len, size=size, ip_flags=ip_flags) \
            == passes(LINES, ip_len=ip_len, size=size, ip_flags=ip_flags)  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "if not (size >= 61): return None",  # more than the bound
        "if not (size < 100): return None",  # an upper bound
        "if not (size == 60 | other == 1): return None",  # two variables
        "if not ((size - 60) & 1): return None",  # bits of a number
        "if not (size % 2 == 0): return None",  # arithmetic that changes between constants
        "if (size & 0xf00) == 0: return None",
    ],
)
def test_what_is_not_implied_stays(line: str) -> None:
    lines = ["if not (20 <= at <= size): return None", "if not (60 <= size): return None", line]
    assert line in needed(lines)
