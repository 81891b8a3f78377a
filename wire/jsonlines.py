"""A capture as lines of JSON, and back: packets, and the sections, interfaces and other blocks around them.

What a file's header, sections, interfaces and unknown blocks say goes along as hex (`raw`), so that
`wire decode x.pcapng -T jsonl | wire build - -o y.pcapng` gives the identical file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .capture import Block, Frame, Interface, Section
from .packet import Packet
from .sources import Content
from .views.json import packet_from, packet_object

Places = dict[tuple[int, int], Interface]  # the interfaces read so far, by section and number


def to_object(item: Content) -> dict[str, Any]:
    """One line's worth."""
    if isinstance(item, Section):
        return {"type": "section", "format": item.format, "order": item.order, "version": list(item.version),
                "raw": item.raw.hex()}  # fmt: skip
    if isinstance(item, Interface):
        names = ("number", "link", "snaplen", "ticks", "offset", "fcs_len", "name", "description")
        return {"type": "interface", **{name: getattr(item, name) for name in names}, "raw": item.raw.hex()}
    if isinstance(item, Block):
        return {"type": "block", "kind": item.kind, "raw": item.raw.hex()}
    made = packet_object(item)
    if isinstance(item.meta, Frame):
        frame: dict[str, Any] = {"interface": item.meta.interface.number, "raw": item.meta.raw.hex()}
        if item.meta.comments:
            frame["comments"] = list(item.meta.comments)
        if item.meta.flags is not None:
            frame["flags"] = item.meta.flags
        made["frame"] = frame
    return made


def dumps(item: Content) -> str:
    return json.dumps(to_object(item), ensure_ascii=False)


def from_lines(lines: Iterable[str]) -> Iterator[Content]:
    """What the lines describe.  ValueError names the line that cannot be understood."""
    section: Section | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            made = json.loads(line)
            if not isinstance(made, dict):
                raise ValueError("a line holds one object")
            item = item_from(made, section)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"line {number}: {reason}") from None
        section = item if isinstance(item, Section) else section
        if isinstance(item, Interface) and section:
            section.interfaces.append(item)
        yield item


def item_from(made: dict[str, Any], section: Section | None) -> Content:
    """One line's object as what it stands for."""
    kind = made.get("type", "packet")
    if kind == "section":
        return Section(made["format"], made["order"], tuple(made["version"]), bytes.fromhex(made["raw"]))
    if kind == "interface":
        names = ("link", "snaplen", "ticks", "offset", "fcs_len", "name", "description", "number")
        return Interface(*(made[name] for name in names), section, bytes.fromhex(made["raw"]))
    if kind == "block":
        if section is None:
            raise ValueError("a block stands before any section")
        return Block(made["kind"], bytes.fromhex(made["raw"]), section)
    if kind != "packet":
        raise ValueError(f"the type {kind!r} is not known: section, interface, block, packet")
    packet = packet_from(made)
    frame = made.get("frame")
    if frame and section:
        interface = section.interfaces[frame["interface"]]
        packet.interface = interface
        raw, comments = bytes.fromhex(frame["raw"]), tuple(frame.get("comments", ()))
        packet.meta = Frame(bytes.fromhex(made["raw"]), packet.time, made["wire_len"], interface, packet.number or 0, raw,
                            comments, frame.get("flags"))  # fmt: skip
    return packet


def packets_from(lines: Iterable[str]) -> Iterator[Packet]:
    """Only the packets."""
    return (item for item in from_lines(lines) if isinstance(item, Packet))
