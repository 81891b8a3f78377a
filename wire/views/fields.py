"""Chosen fields of each packet as one line of text: the same text as tshark's `-T fields`.

tshark is meant as `tshark -n -o tcp.relative_sequence_numbers:FALSE` with reassembly off and checksums
verified.  Hexadecimal numbers have the digits of whole bytes, flags are 1 or 0, times have nine decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..filter.access import getter, put, walk
from ..filter.names import Source, Target
from ..filter.tree import FieldRef, Kind
from ..packet import Packet
from ..schema import Extra, Field, Record, Repeat
from ..types import Hex

__all__ = ["Fields", "Layout", "hex_digits", "shower", "values_of"]

CHARACTERS = {"/t": "\t", "/s": " "}
QUOTES = {"n": "", "d": '"', "s": "'"}

HEX_DIGITS = {  # where tshark's width, or its base, is not what the schema's own format gives
    "ipv6.tclass": 8, "icmp.ident": 0, "ntp.rootdelay": 0, "ntp.rootdispersion": 0,
    "icmp.ext.res": 4, "icmpv6.mld.flag": 2, "icmpv6.opt.route_info.flag": 2, "ip.opt.flag": 2,
    "ipv6.opt.type": 2, "llc.control.ftype": 4, "llc.control.s_ftype": 4, "ntp.flags": 2, "ipv6.routing.srh.tag": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """How values are put into a line, by tshark's `-E` options.

    occurrence  "a" all values of a field, "f" the first, "l" the last
    """

    header: bool = False
    separator: str = "\t"
    occurrence: str = "a"
    aggregator: str = ","
    quote: str = ""

    @classmethod
    def of(cls, options: Iterable[str]) -> Layout:
        """From `header=y`, `separator=,`, `occurrence=f`, `aggregator=;`, `quote=d`.  ValueError: what is allowed."""
        given: dict[str, Any] = {}
        for option in options:
            name, _, value = option.partition("=")
            if name == "header" and value in ("y", "n"):
                given[name] = value == "y"
            elif name in ("separator", "aggregator") and (len(value) == 1 or value in CHARACTERS):
                given[name] = CHARACTERS.get(value, value)
            elif name == "occurrence" and value in ("f", "l", "a"):
                given[name] = value
            elif name == "quote" and value in QUOTES:
                given[name] = QUOTES[value]
            else:
                raise ValueError(f"{option!r} is none of header=y|n, separator=/t|/s|CHARACTER, occurrence=f|l|a, "
                                 "aggregator=,|/s|CHARACTER, quote=d|s|n")  # fmt: skip
        return cls(**given)


class Fields:
    """Writes lines.  LookupError, with the nearest names, where a field is not known."""

    def __init__(self, names: Sequence[str], layout: Layout) -> None:
        from ..bulk.named import target_of

        self.names, self.layout = list(names), layout
        self.targets = [target_of(name) for name in names]
        self.readers = [(values_of(target), shower(target)) for target in self.targets]

    @property
    def header(self) -> str:
        return self.layout.separator.join(self.names)

    def line(self, packet: Packet) -> str:
        """A packet's values."""
        return self.layout.separator.join(
            [self.cell([show(value) for value in get(packet)]) for get, show in self.readers]
        )

    def cell(self, texts: Sequence[str]) -> str:
        """The values of one field."""
        if not texts:
            return ""
        chosen = {"f": texts[:1], "l": texts[-1:]}.get(self.layout.occurrence, texts)
        return f"{self.layout.quote}{self.layout.aggregator.join(chosen)}{self.layout.quote}"


# -- values ---------------------------------------------------------------------------


def values_of(target: Target) -> Callable[[Packet], Sequence[Any]]:
    """What lists a field's values in a packet, in wire order."""
    protocols_of = list(dict.fromkeys(source.protocol for source in target.sources))
    if len(protocols_of) == 1:
        return getter(FieldRef(target))
    ways: dict[Record, dict[tuple[str, ...], dict[Record, Source]]] = {}
    for source in target.sources:
        ways.setdefault(source.protocol, {}).setdefault(source.within, {})[source.record] = source

    def get(packet: Packet) -> list[Any]:
        values: list[Any] = []
        for layer in packet.layers:
            for way, by_record in ways.get(layer.record, {}).items():
                for one in walk(layer, way):
                    source = by_record.get(one.record)
                    if source:
                        put(values, packet, one.by_path(source.path) if source.path else one.get(source.name))
        return values

    return get


# -- text -----------------------------------------------------------------------------


def hex_digits(target: Target) -> int:
    """How many hex digits a number of this field has as text; 0 where it is written in decimal."""
    row = target.row
    if target.path in HEX_DIGITS:
        return HEX_DIGITS[target.path]
    hexadecimal = row is not None and (
        isinstance(row.format, Hex) or (isinstance(row, Field) and row.flags is not None)
    )
    if not hexadecimal or target.kind is not Kind.NUMBER:
        return 0
    return -(-target.bits // 8) * 2 if target.bits > 0 else getattr(row.format, "digits", 0) if row else 0


def shower(target: Target) -> Callable[[Any], str]:
    """What writes a value as tshark does."""
    digits = hex_digits(target)
    if digits:
        return lambda value: f"0x{value:0{digits}x}"
    if target.kind is Kind.TIME:
        return lambda value: f"{value:.9f}"
    if target.path in HEX_DIGITS and target.kind is Kind.NUMBER:
        return str
    if target.kind is Kind.BYTES or target.kind is Kind.LAYER:
        return lambda value: bytes(value).hex() if isinstance(value, (bytes, bytearray)) else str(value)
    if target.kind is Kind.TEXT:
        return str
    if target.kind in (Kind.NUMBER, Kind.FLAG) and isinstance(target.row, Extra):
        return lambda value: str(int(value))
    row = target.row
    if isinstance(row, Field) and isinstance(row.core, Repeat) and row.core.element:
        return row.core.element.format.tshark
    return row.format.tshark if row is not None else str
