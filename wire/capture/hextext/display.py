"""The text column of a dump: which character each tool prints for a byte, and whether a column agrees with its bytes.

Printable ASCII stands for itself everywhere, so a changed digit shows wherever the byte was, or became, printable.
"""

from collections.abc import Callable
from typing import NamedTuple


class Display(NamedTuple):
    """A tool's rule: `chars[b]` is what it prints for byte `b`; `marks` are other signs for "not printable"."""

    chars: str
    marks: str = "·•�␀"

    def of(self, data: bytes) -> str:
        return data.decode("latin-1").translate(self.chars)

    def plain(self, shown: str) -> str:
        """A text column with whatever marks the unprintable bytes written as '.'."""
        if shown.isascii() or not self.marks:
            return shown
        return shown.translate(dict.fromkeys(map(ord, self.marks), "."))


def _display(rule: Callable[[int], str], marks: str = "·•�␀") -> Display:
    return Display("".join(rule(byte) for byte in range(256)), marks)


def _dotted(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else "."


def _latin(byte: int) -> str:
    if byte in (0x00, 0x20, 0xA0):
        return " "
    return "�" if byte < 0x20 or 0x7F <= byte < 0xA0 else chr(byte)


DOT = _display(_dotted)
# tcpdump asks isgraph(), which a space is not.
GRAPH = _display(lambda byte: "." if byte == 0x20 else _dotted(byte))
# Cisco IOS looks at seven bits only: 0xab is shown as '+' (0x2b).
SEVEN = _display(lambda byte: _dotted(byte & 0x7F))
# Windows PowerShell converts to ASCII, and that writes '?' for what is not.
QUESTION = _display(lambda byte: "?" if byte >= 0x80 else _dotted(byte))
# PowerShell 7 shows Latin-1, a blank for NUL, and U+FFFD for control characters.
LATIN = _display(_latin, "")

FRAMES = {"bars": ("|", "|"), "angles": (">", "<"), "plain": ("", "")}


def frame_of(rest: str, count: int) -> str:
    """How the text column of a row with `count` bytes is framed: "bars", "angles", "plain", or "none"."""
    shown = rest.strip()
    if not shown:
        return "none"
    for name in ("bars", "angles"):
        left, right = FRAMES[name]
        if shown[0] == left and shown[-1] == right and len(shown) == count + 2:
            return name
    return "plain"


def agrees(rest: str, data: bytes, frame: str, display: Display) -> bool:
    """Whether the text after the bytes is what `display` prints for them.

    Blanks at the ends of an unframed column count for nothing, because editors and mail take them away; they cannot
    hide a changed byte, since the other column would then hold a character more.
    """
    if frame == "none":
        return not rest.strip()
    left, right = FRAMES[frame]
    shown = display.plain(rest.strip())
    expected = display.of(data)
    if frame == "plain":
        return shown == expected.strip()
    return shown == left + expected + right


def difference(rest: str, data: bytes, frame: str, display: Display) -> tuple[int, str] | None:
    """The first byte that the text column contradicts, and what the column shows for it; None where only the number of
    characters is wrong."""
    expected = display.of(data)
    shown = display.plain(rest.strip())
    lead = len(expected) - len(expected.lstrip())
    shown = (" " * lead + shown if frame == "plain" else shown[1:-1]).ljust(len(expected))
    if len(shown) != len(expected):
        return None
    for index, (a, b) in enumerate(zip(shown, expected, strict=True)):
        if a != b:
            return index, a
    return None
