"""What benchmarks find, as data."""

from __future__ import annotations

from tests.benchmarks.results import Result


def test_ratio() -> None:
    made = Result("columns", "somebody", 3e6, 1.5e6, 100)
    assert made.ratio == 2
    assert "2.00x" in str(made) and "asked: 100x" in str(made)
    assert "asked" not in str(made._replace(asked=None))
