"""What a benchmark found, as data."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Result"]


class Result(NamedTuple):
    """One piece of work against somebody else's.

    ours, theirs   packets a second of CPU time
    asked          the ratio that is asked for, if one is
    """

    work: str
    against: str
    ours: float
    theirs: float
    asked: float | None

    @property
    def ratio(self) -> float:
        """How many times theirs is ours."""
        return self.ours / self.theirs

    def __str__(self) -> str:
        asked = "" if self.asked is None else f"  asked: {self.asked:g}x"
        return (f"{self.work:46}{self.ours / 1e6:9.3f} M/s  against {self.against:30}{self.theirs / 1e6:9.3f} M/s"
                f"{self.ratio:9.2f}x{asked}")  # fmt: skip
