"""The columns engine: a whole batch of frames to columns, from the same tables as the other engines.

Protocol after protocol: all frames are read as the outermost protocol, then those that carry
IPv4 as IPv4, and so on.  Rows of frames that take different ways through a table (a `Cases` row, a
`When`) part there, so that each `Group` is read in one way.  A frame with anything odd in it (cut in
a header, a fragment's first piece, a quote, a length that does not fit, something without a column
form) is marked, and the reference engine reads it.

`read` hands the values to sinks, one for each wanted field, in wire order within each frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np
from construct import SizeofError

from ..options import Options
from ..protocols import unclaimed
from ..schema import Bytes, Check, Choice, Ends, Extra, Field, Part, Payload, Protocol, Record, Repeat, Rest, Run, When
from . import coloptions, colsums
from .claims import every, looked_up
from .gather import Group, Mask, Place, Spans, Unvectorised, fixed_size, merged

if TYPE_CHECKING:
    from ..bulk.wanted import Sink, Wanted
    from ..capture.batch import Batch

__all__ = ["Walk", "read"]

UNREADABLE = (Unvectorised, KeyError, ArithmeticError, TypeError, SizeofError)  # by columns
DEEPEST = 24  # layers; deeper stacks are the reference engine's
FAR = 256  # bytes of a header that are gathered before it is asked whether they are there


def read(batch: Batch, wanted: Wanted) -> Mask:
    """Read a batch into the sinks of `wanted`; returns which frames the reference engine has to read."""
    walk = Walk(batch, wanted)
    walk.run()
    return walk.odd


class Walk:
    """One batch on its way through the protocols."""

    def __init__(self, batch: Batch, wanted: Wanted) -> None:
        self.batch, self.wanted = batch, wanted
        self.odd = np.zeros(len(batch), np.bool_)

    def run(self) -> None:
        self.frames()
        open_ = list(self.roots()) if self.wanted.inside else []
        while open_:
            now = self.next_of(open_)
            open_ = [group for group in open_ if group.protocol not in now]
            for group in [group for groups in now.values() for group in joined(groups)]:
                if group.depth > DEEPEST:
                    self.odd[group.rows] = True
                    continue
                open_ += [child for whole in self.read(group) for child in self.layer(whole)]

    def next_of(self, open_: list[Group]) -> dict[Protocol, list[Group]]:
        """The groups to be read next, by protocol: those that no other one that waits can carry.

        A protocol that several others carry (IPv4 by Ethernet and by VLAN) is then read once for all of them.
        """
        waiting: dict[Protocol, list[Group]] = {}
        for group in open_:
            waiting.setdefault(group.protocol, []).append(group)
        first = {
            protocol: groups
            for protocol, groups in waiting.items()
            if not any(self.wanted.before(other, protocol) for other in waiting)
        }
        return first or waiting

    def frames(self) -> None:
        """What is known of frames without reading them."""
        batch = self.batch
        known: dict[str, Callable[[], Any]] = {
            "number": batch.number, "len": lambda: batch.wire, "cap_len": lambda: batch.captured,
            "time_epoch": lambda: batch.time,
        }  # fmt: skip
        for name, sink in self.wanted.frame:
            if name in known:
                there = batch.timeless if name == "time_epoch" else None
                if there is not None and batch.frames:  # it has one that is too large for a column
                    self.odd |= [
                        none and frame.time is not None for none, frame in zip(there, batch.frames, strict=True)
                    ]
                rows = np.arange(len(batch)) if there is None else np.flatnonzero(~there)
                values = known[name]()
                sink.add(rows, values if there is None else values[rows])
            elif name != "protocols":
                self.odd[:] = True

    def roots(self) -> Iterator[Group]:
        """The outermost layers: one group for each link type."""
        batch = self.batch
        for place, interface in enumerate(batch.interfaces):
            rows = np.arange(len(batch)) if batch.which is None else np.flatnonzero(batch.which == place)
            protocol = Protocol.registries["linktype"].find(interface.link) or unclaimed()
            if interface.fcs_len or (batch.frames and any(batch.frames[row].flags for row in rows)):
                self.odd[rows] = True
                continue
            start = batch.start[rows]
            wire = np.maximum(batch.captured[rows], batch.wire[rows])
            group = Group(protocol, protocol, batch.data, rows, start, start + batch.captured[rows], start + wire)
            group.path = protocol.prefix[:-1]
            if len(rows):
                yield group

    # -- a record ---------------------------------------------------------------------

    def read(self, group: Group) -> list[Group]:
        """Read a record's rows up to the payload; as many groups as there were ways through it."""
        whole, open_ = [], [(group, group.record.rows)]
        while open_:
            group, rows = open_.pop()
            try:
                parts = self.rows(group, rows)
            except UNREADABLE:
                self.odd[group.rows] = True
                continue
            if parts is None:
                group = self.fitting(group, group.end <= group.stop)
                whole += [group] if len(group) else []
            else:
                open_ += [part for part in parts if len(part[0])]
        return whole

    def rows(self, group: Group, rows: tuple[Any, ...]) -> list[tuple[Group, tuple[Any, ...]]] | None:
        """Read rows; None when all are read, or else the groups that part here, with the rows still to be read."""
        for index, row in enumerate(rows):
            rest = rows[index + 1 :]
            if isinstance(row, Payload):
                group.carrier, group.after = row, rest
                return None
            if isinstance(row, Choice):
                return self.choose(group, row, rest)
            if isinstance(row, Run):
                group.keep_run(row)
                group.at += row.size
                continue
            if When in row.words:
                holds = group.evaluate(row.words[When].condition)
                if isinstance(holds, np.ndarray):
                    holds = holds.astype(np.bool_)
                    if not holds.all() and holds.any():
                        return [(group.only(holds), rows[index:]), (group.only(~holds), rest)]
                    holds = bool(holds.all())
                if not holds:
                    continue
            moved = self.field(group, row)
            if moved is not None:
                return [(moved, rest)]
            if group.at > FAR:
                group = self.fitting(group, group.end <= group.stop)
                return [(group, rest)]
        return None

    def choose(self, group: Group, row: Choice, rest: tuple[Any, ...]) -> list[tuple[Group, tuple[Any, ...]]]:
        key = group.evaluate(row.key)
        if not isinstance(key, np.ndarray):
            return [(group, (*row.rows(key), *rest))]
        parts, left = [], np.ones(len(group), np.bool_)
        for numbers, rows in row.cases:
            chosen = reduce(or_, (key == number for number in numbers)) & left
            if chosen.all():
                return [(group, (*rows, *rest))]
            if chosen.any():
                parts.append((group.only(chosen), (*rows, *rest)))
                left &= ~chosen
        if left.all():
            return [(group, (*row.default, *rest))]
        return [*parts, (group.only(left), (*row.default, *rest))]

    def field(self, group: Group, row: Field) -> Group | None:
        """Read a field; the group that goes on, where its size varies."""
        size = fixed_size(row)
        if size is not None:
            group.keep(row, size)
            group.at += size
            return None
        if isinstance(row.core, (Options, Repeat)):
            taken = self.list_size(group, row.core)
        elif row.core is Rest:
            taken = group.stop - group.here  # all that was captured of it
        elif isinstance(row.core, Bytes):
            taken = group.evaluate(row.core.length)
        else:
            raise Unvectorised(f"{row.path}: only reading can measure it")
        sizes = np.broadcast_to(np.asarray(taken, np.int64), len(group))
        if not sizes.any() and isinstance(row.core, (Options, Repeat)):  # the usual: no options
            group.lists[row.name] = Place(row, group.at, group.base, 0)
            return None
        fits = (sizes >= 0) & (group.here + sizes <= group.stop)
        if not fits.all():
            group, sizes = self.fitting(group, fits), sizes[fits]
        where = group.lists if isinstance(row.core, (Options, Repeat)) else group.places
        where[row.name] = Place(row, group.at, group.base, sizes)
        group.move(sizes)
        return group

    def list_size(self, group: Group, core: Options | Repeat) -> Any:
        """Bytes that records inside take."""
        size = np.maximum(group.evaluate(core.size), 0)
        if isinstance(core, Options):
            if core.until is not None:
                raise Unvectorised("a region that ends where one of its options says so")
            return size
        each = core.item.sizeof() if isinstance(core.item, Record) else core.element.bits // 8 if core.element else 0
        if each <= 0:
            raise Unvectorised("values of varying size")
        if core.count is not None:
            return np.asarray(group.evaluate(core.count)) * each
        if np.any(size % each):
            raise Unvectorised("not a whole number of values")
        return size

    def fitting(self, group: Group, fits: Mask) -> Group:
        """The rows that fit; the others are odd."""
        if fits.all():
            return group
        self.odd[group.rows[~fits]] = True
        return group.only(fits)

    # -- a layer ----------------------------------------------------------------------

    def layer(self, group: Group) -> list[Group]:
        """What a protocol's header says: its values are handed out, and what it carries comes back."""
        try:
            group = self.sound(group)
            inner = self.narrow(group)
        except UNREADABLE:
            self.odd[group.rows] = True
            return []
        group, stop, wire_stop = inner
        if not len(group):
            return []
        group.inner = stop
        self.emit(group)
        return self.children(group, stop, wire_stop)

    def sound(self, group: Group) -> Group:
        """Without the rows whose header breaks a check behind which nothing can be trusted."""
        checks = [check for check in group.record.checks if isinstance(check, Check) and check.stops]
        if not checks or group.carrier is None:
            return group
        holds = np.ones(len(group), np.bool_)
        for check in checks:
            try:
                holds &= np.asarray(group.evaluate(check.condition)).astype(np.bool_)
            except KeyError:  # it names a field that is not here
                continue
        return self.fitting(group, holds)

    def narrow(self, group: Group) -> tuple[Group, Any, Any]:
        """The payload's window: where it ends, captured and on the wire."""
        fragment = group.protocol.fragment
        if fragment is not None and group.carrier is not None:
            more = np.asarray(group.evaluate(fragment.more)).astype(np.bool_)
            more &= np.asarray(group.evaluate(fragment.offset)) == 0
            group = self.fitting(group, ~more)  # the first piece: what is inside says more than is here
        size = group.carrier.size if group.carrier else None
        if size is None or not len(group):
            return group, group.stop, group.wire_stop
        claimed = group.end + np.asarray(group.evaluate(size), np.int64)
        fits = (claimed >= group.end) & (claimed <= group.wire_stop)
        if not fits.all():
            group, claimed = self.fitting(group, fits), claimed[fits]
        stop = np.minimum(group.stop, claimed)
        group.whole = stop == claimed
        return group, stop, claimed

    def children(self, group: Group, stop: Any, wire_stop: Any) -> list[Group]:
        """The layers inside: a group for each protocol that is named and that leads to something wanted."""
        end = group.end
        more = stop > end
        if group.carrier is not None and not self.wanted.beyond(group.protocol):
            return []
        if group.carrier is None:
            if self.wanted.tails:
                self.odd[group.rows[more]] = True
            return self.leaf(group, np.ones(len(group), np.bool_))
        if self.wanted.tails and group.carrier.size is not None:
            self.odd[group.rows[stop < group.stop]] = True
        who = self.named(group)
        found = []
        empty = not more.all()
        there = np.bincount(who.compress(more) if empty else who)
        for number in np.flatnonzero(there).tolist():
            protocol = every()[number]
            if not self.wanted.leads(protocol):
                continue
            chosen = np.flatnonzero((who == number) & more if empty else who == number)
            rows = group.rows[chosen]
            if group.protocol.quotes and number:
                self.odd[rows] = True
                continue
            made = Group(
                protocol, protocol, group.data, rows, end[chosen], stop[chosen], wire_stop[chosen], group, chosen
            )
            made.path = f"{group.path}{spoken(group)}:{protocol.prefix[:-1]}" if self.wanted.paths else ""
            found.append(made)
        return found + self.leaf(group, ~more)

    def named(self, group: Group) -> Any:
        """Who sits in the payload: a place in `every()`; 0 is for bytes that nobody claims."""
        assert group.carrier
        answers = [
            looked_up(registry, group.value(name))
            for name, registry in group.carrier.by.items()
            if name in group.places and registry in Protocol.registries
        ]
        answers += [
            looked_up(registry, np.broadcast_to(np.asarray(group.evaluate(number)), len(group)))
            for registry, number in group.carrier.also.items()
            if registry in Protocol.registries
        ]
        if not answers:
            return np.zeros(len(group), np.uint16)
        who = answers[0]
        for answer in answers[1:]:
            who = np.where(who == 0, answer, who)
        fragment = group.protocol.fragment
        if fragment is not None:
            who[np.broadcast_to(np.asarray(group.evaluate(fragment.offset)) != 0, len(group))] = 0
        return who

    def leaf(self, group: Group, ends: Mask) -> list[Group]:
        """Tell the stack of protocols of the frames that end with this layer."""
        for sink in self.wanted.paths:
            if ends.any():
                sink.add(group.rows[ends], group.path + spoken(group))
        return []

    # -- values -----------------------------------------------------------------------

    def emit(self, group: Group) -> None:
        """Hand out the values of a layer, then those of the records inside it, in wire order."""
        for source, sink in self.wanted.of(group.protocol, group.record):
            try:
                self.value(group, source.name, source.path, sink)
            except Unvectorised:
                self.odd[group.rows] = True
        for place in group.lists.values():
            coloptions.inside(self, group, place)

    def value(self, group: Group, name: str, path: str, sink: Sink) -> None:
        if not name:  # all of it; of a protocol, that it is there
            header = Spans(group.start, group.stop if group.bounded else group.end)
            sink.add(group.rows, header if group.record is not group.protocol else np.ones(len(group), np.uint8))
            return
        row = group.record.lookup[name]
        if path:  # one of several rows of that name
            owner = name_of(row)
            place = group.places.get(owner) or group.lists.get(owner)
            if place is None:
                return
            read: tuple[Field | Part, ...] = (place.field, *place.field.parts)
            same = [one for one in read if one.path == path and type(one) is type(row)]
            if not same:
                return
            row = same[0]
        if isinstance(row, Extra):
            self.derived(group, row, sink)
        elif isinstance(row, Part):
            if row.owner.name in group.places:
                sink.add(group.rows, group.part(row))
        elif row.name in group.lists:
            coloptions.region(self, group, group.lists[row.name], sink)
        elif row.name in group.places:
            sink.add(group.rows, group.value(row.name))
        elif any(name_of(one) == row.name for one in fields_after(group.after)) and not self.wanted.tails:
            raise Unvectorised(f"{row.path} stands behind the payload")

    def derived(self, group: Group, row: Extra, sink: Sink) -> None:
        if isinstance(row.rule, Ends):
            for name in row.rule.names:
                if name in group.places:
                    sink.add(group.rows, group.value(name))
        elif row.columns is not None:
            sink.add(group.rows, row.columns(group))
        elif row.name.endswith(".status") and row.name.removesuffix(".status") in group.record.lookup:
            name = row.name.removesuffix(".status")
            if name in group.places:
                sink.add(group.rows, colsums.statuses(self, group, group.places[name]))
        else:
            raise Unvectorised(f"{row.path} has no column form")


def joined(groups: list[Group]) -> Iterator[Group]:
    """One protocol's groups as few: outermost layers stay apart from others, and different stacks too."""
    alike: dict[tuple[str, bool], list[Group]] = {}
    for group in groups:
        alike.setdefault((group.path, bool(group.parents)), []).append(group)
    return map(merged, alike.values())


def name_of(row: Any) -> str:
    return row.owner.name if isinstance(row, Part) else str(row.name)


def fields_after(rows: tuple[Any, ...]) -> list[Field]:
    return [row for row in rows if isinstance(row, Field)]


def spoken(group: Group) -> str:
    """What `frame.protocols` names between a layer and what it carries."""
    carriers = group.protocol.carriers
    names = {registry for row in carriers for name, registry in row.by.items()
             if registry == row.spoken and name in group.places}  # fmt: skip
    return "".join(f":{name}" for name in names)
