"""Where a filter's values come from: the one seam between its functions and packets.

`getter` makes the function that lists a field's values in a packet, as engines hold them (ints,
bytes, text, exact seconds).  A faster engine may offer another one; nothing else here looks into
packets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from .. import protocols
from ..packet import Layer, Packet
from ..schema import Field, Part, Protocol, Record
from .names import Source
from .operators import chosen
from .tree import FieldRef, Kind

Getter: TypeAlias = Callable[[Packet], Sequence[Any]]
Access: TypeAlias = Callable[[FieldRef, bool], Getter]


def getter(ref: FieldRef, there: bool = False) -> Getter:
    """The function that lists a field's values in a packet.

    there   only whether the list is empty matters, not what is in it
    """
    by_protocol: dict[Protocol, list[Source]] = {}
    for source in ref.target.sources:
        by_protocol.setdefault(source.protocol, []).append(source)
    getters = [protocol_getter(protocol, sources, ref, there) for protocol, sources in by_protocol.items()]
    if len(getters) == 1:
        return getters[0]
    return lambda packet: [value for one in getters for value in one(packet)]


def protocol_getter(protocol: Protocol, sources: list[Source], ref: FieldRef, there: bool) -> Getter:
    """The values that the layers of one protocol have."""
    layers = layers_of(protocol, ref)
    if ref.kind is Kind.LAYER:
        return layers if there else octets_of(protocol, ref.whole, layers)
    if len(sources) == 1 and not sources[0].within and not sources[0].path:
        return own_getter(protocol, sources[0].name, layers)
    ways: dict[tuple[str, ...], dict[Record, Source]] = {}
    for source in sources:
        ways.setdefault(source.within, {})[source.record] = source

    def get(packet: Packet) -> list[Any]:
        values: list[Any] = []
        for layer in layers(packet):
            for way, by_record in ways.items():
                for one in walk(layer, way):
                    source = by_record.get(one.record)
                    if source is None:
                        continue
                    if not source.name:
                        values.append(packet.raw[one.start : one.end])
                    else:
                        put(values, packet, one.by_path(source.path) if source.path else one.get(source.name))
        return values

    return get


def own_getter(protocol: Protocol, name: str, layers: Callable[[Packet], list[Layer]]) -> Getter:
    """The values of a field of the protocol's own table."""
    row = protocol.lookup[name]
    owner = row.owner if isinstance(row, Part) else row
    if isinstance(owner, Field) and owner.bits > 0:  # one value of a fixed size, if it is there
        return lambda packet: [value for layer in layers(packet) if (value := layer.get(name)) is not None]

    def get(packet: Packet) -> list[Any]:
        values: list[Any] = []
        for layer in layers(packet):
            put(values, packet, layer.get(name))
        return values

    return get


def walk(layer: Layer, way: tuple[str, ...]) -> Iterator[Layer]:
    """The records that are reached through these fields."""
    if not way:
        yield layer
        return
    for one in layer.get(way[0]) or ():
        if isinstance(one, Layer):
            yield from walk(one, way[1:])


def layers_of(protocol: Protocol, ref: FieldRef) -> Callable[[Packet], list[Layer]]:
    """The layers of a protocol, or those of them that are asked for."""
    name = protocol.name
    if protocol is protocols.whole():
        every: Callable[[Packet], list[Layer]] = lambda packet: [packet.frame]  # noqa: E731
    else:
        every = lambda packet: packet.all(name)  # noqa: E731
    if not ref.layers:
        return every

    def some(packet: Packet) -> list[Layer]:
        found = every(packet)
        return [found[index] for index in chosen(len(found), ref.layers)]

    return some


def octets_of(protocol: Protocol, whole: bool, layers: Callable[[Packet], list[Layer]]) -> Getter:
    """A protocol's bytes: its header, or all of it.  One that quotes packets is its own message."""
    if protocol is protocols.whole():
        return lambda packet: [packet.raw for _ in layers(packet)]
    if whole or protocol.quotes:
        return lambda packet: [packet.raw[layer.start : layer.stop] for layer in layers(packet)]
    return lambda packet: [packet.raw[layer.start : layer.end] for layer in layers(packet)]


def put(values: list[Any], packet: Packet, value: Any) -> None:
    """Adds what is there, one by one; records count as their bytes, and no bytes as nothing."""
    if isinstance(value, tuple):
        values += value
    elif isinstance(value, list):
        records = [one for one in value if isinstance(one, Layer)]
        values += [packet.raw[records[0].start : records[-1].end]] if records else value
    elif value is not None and value != b"":
        values.append(value)
