"""Payload that no protocol claims: text when it is text, bytes otherwise."""

from __future__ import annotations

from ..packet import Layer
from ..schema import Derived, Protocol
from ..types import Raw


def as_text(layer: Layer) -> str | None:
    """The payload as text, if it is text: UTF-8 without control characters but line ends and tabs."""
    try:
        text = layer["data"].decode()
    except UnicodeDecodeError:
        return None
    return text if text and all(char.isprintable() or char in "\r\n\t" for char in text) else None


data = Protocol("data", "Data",
    "data" / Raw                             * "Data",
    "text" / Derived(as_text)                * "Text",
    "len"  / Derived(lambda layer: layer.stop - layer.start, columns=lambda data: data.end - data.start) * "Length",
    over={"unclaimed": None},
    title_of=lambda layer: f"{layer.stop - layer.start} byte{'s' * (layer.stop - layer.start != 1)}",
    info=lambda layer: f"Len={layer.get('len')}",
)  # fmt: skip
