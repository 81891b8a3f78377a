"""A packet in a notebook: the tree, layers that open and close, faults in colour."""

from __future__ import annotations

from html import escape

from ..packet import Packet
from ..schema import Protocol
from .lines import safe
from .tree import frame_line, layer_lines

COLOURS = ("#0b7285", "#2b8a3e", "#a36a00", "#862e9c", "#1864ab", "#c92a2a")


def fragment(packet: Packet) -> str:
    """HTML without scripts; every word from the packet is escaped."""
    out = [f"<div style='font-family:monospace;white-space:pre-wrap'><b>{escape(frame_line(packet))}</b>"]
    for number, layer in enumerate(packet):
        osi = f" <small>OSI {layer.record.osi}</small>" if isinstance(layer.record, Protocol) else ""
        faults = any(note.severity in ("warn", "error") for note in layer.notes)
        mark = " <b style='color:#c92a2a'>faults</b>" if faults else ""
        out.append(f"<details open><summary style='color:{COLOURS[number % len(COLOURS)]}'>{escape(safe(layer.title))}"
                   f"{osi}{mark}</summary>")  # fmt: skip
        out += [f"  {escape(line)}\n" for line in layer_lines(layer)]
        out.append("</details>")
    return "".join((*out, "</div>"))
