"""What is said of a filter that cannot be understood."""

from __future__ import annotations


class FilterError(ValueError):
    """A display filter that means nothing: what is wrong, and where.

    reason  what is wrong
    text    the filter
    column  where it is wrong, counted from 1
    width   how many characters are meant
    """

    def __init__(self, reason: str, text: str, span: tuple[int, int]) -> None:
        self.reason, self.text = reason, text
        self.column, self.width = span[0] + 1, max(1, span[1] - span[0])
        line = "".join(" " if char.isspace() else char for char in text)
        mark = " " * span[0] + "^" + "~" * (self.width - 1)
        super().__init__(f"column {self.column}: {reason}\n  {line}\n  {mark}")
