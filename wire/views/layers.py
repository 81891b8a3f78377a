"""A packet's headers growing on the way down, changed on the road, and taken off on the way up."""

from __future__ import annotations

from collections.abc import Iterator

from ..lang import translate
from ..story import Layers
from .lines import Line, cut, safe, width

WIDE, LABEL, ROOM = 80, 16, 35


def screen(layers: Layers, language: str = "en") -> Iterator[Line]:
    """The three parts of the lesson, 80 cells wide."""
    for part in (sending(layers, language), road(layers, language), receiving(layers, language)):
        for left, right in part:
            gap = " " * (WIDE - width(left) - width(right)) if right else ""
            yield [(left, ""), (gap + right, "dim")]


def sending(layers: Layers, language: str) -> Iterator[tuple[str, str]]:
    """A row for each layer: its header in front of what the layer above gave it."""

    def say(text: str) -> str:
        return translate(text, language)

    text = safe(layers.data.decode("utf-8", "backslashreplace")).replace("\\\\", "\\")
    stack, size = f"[{cut(text, ROOM - 2)}]", len(layers.data)
    rows = [(say("7-5 application"), stack, str(size))]
    for label, name, own in layers.headers:
        stack = f"[{name}]{stack}"
        rows.append((say(label), stack, f"{own} + {size} = {size + own}"))
        size += own
    yield say("Sending: every layer puts its header in front"), say("bytes")
    for label, stack_, sum_ in rows:
        yield label + " " * (LABEL - width(label) + width(stack) - width(stack_)) + stack_, sum_
    yield say("1 physical"), f"{size * 8} {say('bits')}"
    yield "", ""


def road(layers: Layers, language: str) -> Iterator[tuple[str, str]]:
    """What is the same all the way, and what is not."""

    def say(text: str) -> str:
        return translate(text, language)

    routed = len(layers.links) > 1
    yield say("On the road: the router takes [MAC] off, lowers the TTL, puts a new [MAC] on" if routed else
              "On the road: one network, no router, and nothing changes"), ""  # fmt: skip
    names = [say("{sender} to {receiver}").format(sender=say(link.sender), receiver=say(link.receiver))
             for link in layers.links]  # fmt: skip
    room = max(map(width, names)) + 4
    macs = [f"{link.source} > {link.target}" for link in layers.links]
    checksum = say("IP checksum")
    yield " " * room + f"{'MAC':<{width(macs[0])}}  TTL  {checksum}", ""
    for name, mac, link in zip(names, macs, layers.links, strict=True):
        yield f"  {name}{' ' * (room - 2 - width(name))}{mac}  {link.ttl:<3}  {link.checksum}", ""
    source, target = layers.ends
    yield (
        "  "
        + say("the same all the way: {source} > {target}, {checksum}").format(
            source=source, target=target, checksum=layers.checksum
        ),
        "",
    )
    yield "", ""


def receiving(layers: Layers, language: str) -> Iterator[tuple[str, str]]:
    """Who reads how much of it."""
    text = translate(
        "Receiving: a hub reads no header, a switch [MAC], a router [MAC][IP], the server\n"
        "all of them, one by one, until the {size} bytes are left.", language)  # fmt: skip
    for line in text.format(size=len(layers.data)).split("\n"):
        yield line, ""
