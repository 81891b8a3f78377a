"""What is asked of the columns engine: fields by name, where they can be, and where their values go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import protocols
from ..engines.gather import Spans
from ..filter.names import Source, Target
from ..options import Options
from ..schema import Choice, Field, Protocol, Record, Run, payloads_in

__all__ = ["Sink", "Wanted"]


@dataclass(slots=True)
class Sink:
    """The values of one field, in pieces: (frames going up, one value of each).

    Pieces come in wire order: of the values of a frame, the first is in the earlier piece.
    """

    target: Target
    pieces: list[tuple[NDArray[np.int64], Any]] = field(default_factory=list)

    def add(self, rows: NDArray[np.int64], values: Any) -> None:
        """Values of frames: numbers, (rows, size) bytes, spans, or one text for all of them."""
        if isinstance(values, Spans):  # no bytes are no value
            there = values.end > values.start
            if not there.all():
                rows, values = rows[there], values[there]
        if len(rows):
            self.pieces.append((rows, values))


class Wanted:
    """The fields that a walk is to hand out.

    frame   those of frames as a whole;  paths: `frame.protocols` among them
    inside  whether frames have to be read at all
    tails   whether some stand behind a payload, so that it matters where payloads end
    """

    def __init__(self, targets: Iterable[Target]) -> None:
        self.sinks = [Sink(target) for target in targets]
        self.places: dict[tuple[str, Record], list[tuple[Source, Sink]]] = {}
        self.frame: list[tuple[str, Sink]] = []
        whole = protocols.whole()
        for sink in self.sinks:
            for source in sink.target.sources:
                if source.protocol is whole:
                    self.frame.append((source.name, sink))
                else:
                    known = self.places.setdefault((source.protocol.name, source.record), [])
                    if not any(
                        one is sink and (old.name, old.path) == (source.name, source.path) for old, one in known
                    ):
                        known.append((source, sink))
        self.paths = [sink for name, sink in self.frame if name == "protocols"]
        self.tails = any(behind(source) for sink in self.sinks for source in sink.target.sources)
        self.protocols = {source.protocol for sink in self.sinks for source in sink.target.sources}
        self.records = {record for _, record in self.places}
        self.inside = bool(self.places or self.paths or self.tails)
        self.leading: dict[Protocol, bool] = {}
        self.kinds: dict[tuple[str, Options], tuple[frozenset[Record], bool]] = {}  # see engines.coloptions

    def of(self, protocol: Protocol, record: Record) -> list[tuple[Source, Sink]]:
        """What is wanted of a record."""
        return self.places.get((protocol.name, record), [])

    def leads(self, protocol: Protocol) -> bool:
        """Whether something wanted is in this protocol, or in what it can carry."""
        return bool(self.paths) or self.tails or not self.protocols.isdisjoint(reach(protocol))

    def beyond(self, protocol: Protocol) -> bool:
        """Whether something wanted is in what a protocol can carry."""
        if protocol not in self.leading:
            self.leading[protocol] = any(map(self.leads, carried(protocol)))
        return self.leading[protocol]

    @staticmethod
    def before(first: Protocol, second: Protocol) -> bool:
        """Whether the second can sit right in the first, and not the first in the second."""
        return second in carried(first) and first not in carried(second)

    def clear(self) -> None:
        for sink in self.sinks:
            sink.pieces.clear()


def behind(source: Source) -> bool:
    """Whether a row stands behind its record's payload."""
    row = source.record.lookup[source.name] if source.name else None
    return any(one is getattr(row, "owner", row) for one in trailing(source.record.rows, False))


def trailing(rows: Iterable[Any], seen: bool) -> Iterator[Field]:
    """The fields behind a payload; `seen` says whether there was one before these rows."""
    for row in rows:
        if isinstance(row, Choice):
            for branch in row.branches:
                yield from trailing(branch, seen)
        elif seen and isinstance(row, (Field, Run)):
            yield from row.fields if isinstance(row, Run) else (row,)
        seen = seen or any(payloads_in([row]))


@cache
def carried(protocol: Protocol) -> frozenset[Protocol]:
    """What can sit right in a protocol."""
    registries = [registry for carrier in protocol.carriers for registry in (*carrier.by.values(), *carrier.also)]
    known = [Protocol.registries[registry].numbers.values() for registry in registries
             if registry in Protocol.registries]  # fmt: skip
    return frozenset(chain.from_iterable(known)) | ({protocols.unclaimed()} if protocol.carriers else set())


@cache
def reach(protocol: Protocol) -> frozenset[Protocol]:
    """The protocol, and all that it can carry."""
    found, open_ = {protocol}, [protocol]
    while open_:
        for child in carried(open_.pop()) - found:
            found.add(child)
            open_.append(child)
    return frozenset(found)


Protocol.watchers += [reach.cache_clear, carried.cache_clear]
