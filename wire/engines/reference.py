"""The reference engine: construct reads one unit at a time, and everything is kept.

The walk of the data: `decode` reads a layer's rows until the payload, narrows the window to what
the header says that it carries, asks the registries who sits there, and goes on inside.  On the
way back out, what an inner layer left over becomes the trailer of the layer that holds it.

Nothing raises on a packet.  What cannot be read ends its layer: the bytes that are left are the
layer's `rest`, and the reason is a measurement in its `faults`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from construct import ConstructError

from ..options import PADDING, Options
from ..packet import Detailed, Layer, Note, Packet, Place
from ..schema import (
    Bytes,
    Check,
    Choice,
    Field,
    Payload,
    Protocol,
    Record,
    Repeat,
    Rest,
    Run,
    When,
    context_of,
    evaluate,
    names_in,
)
from .notes import explain, frame, verify
from .optionfaults import option_faults, plural
from .plain import reader_of, shares_of
from .writer import dues, encode, field_bytes, rebuild, write

__all__ = ["decode", "dues", "encode", "explain", "field_bytes", "frame", "read", "rebuild", "verify", "write"]

DEEPEST = 256  # layers inside layers; real stacks have about ten, tests of extension headers a hundred
ENDS = {
    "capture": "the capture was cut there",
    "fragment": "the rest is in other fragments",
    "quote": "only the beginning is quoted",
}

REST = Field("rest" / Rest * "Bytes that could not be read", None)
TRAILER = Field("trailer" / Rest * "Trailer", None)


@dataclass(frozen=True)
class Window:
    """The bytes that a layer may use.

    stop, wire_stop  where they end as captured, and on the wire
    limit            what says so: "frame", or the name of a length field
    lenient          "fragment" or "quote": a header may say more than is here without being wrong
    missing          the packet ends before an outer length says that it does
    whole            all the same, all of it is here, as a length inside it says
    """

    stop: int
    wire_stop: int
    limit: str = "frame"
    lenient: str = ""
    missing: bool = False
    whole: bool = False

    @property
    def cut(self) -> str:
        """Why the bytes are not all here, if they are not."""
        if self.stop < self.wire_stop:
            return "capture"
        return "" if self.whole else self.lenient or ("length" if self.missing else "")


class Short(Exception):
    """A unit that does not fit into its window."""


class Reader:
    """Reads the rows of one record into a layer."""

    def __init__(self, layer: Layer, data: bytes, window: Window, fcs: int = 0) -> None:
        self.layer, self.data, self.window, self.at = layer, data, window, layer.start
        self.context = context_of({})
        self.context._fcs = fcs
        self.carrier: Payload | None = None
        self.after: tuple[Any, ...] = ()
        self.places = layer.head

    def value(self, expression: Any) -> Any:
        """What an expression comes to, here."""
        ahead = self.data[self.at : min(self.at + 2, self.window.stop)]
        self.context["_at"] = self.at - self.layer.start
        self.context["_left"] = self.window.wire_stop - self.at
        self.context["_ahead8"] = ahead[0] if ahead else -1
        self.context["_ahead16"] = int.from_bytes(ahead, "big") if len(ahead) == 2 else -1
        return evaluate(expression, self.context)

    def child(self, protocol: Protocol) -> Protocol | None:
        """Who sits in the payload: as the header's numbers name it, or as can be worked out here."""
        assert self.carrier
        found = protocol.child(self.carrier, self.layer.values)
        for registry, number in self.carrier.also.items():
            if found is None and registry in protocol.registries:
                found = protocol.registries[registry].find(self.value(number))
        return found

    def keep(self, field: Field, value: Any, first: int, end: int) -> None:
        self.layer.values[field.name] = self.context[field.name] = value
        self.places.append(Place(field, first, end))

    def run(self, rows: tuple[Any, ...]) -> tuple[Any, ...]:
        """Read rows up to the payload; the rows after it are handed back."""
        for index, row in enumerate(rows):
            if isinstance(row, Payload):
                self.carrier = row
                return rows[index + 1 :]
            if isinstance(row, Choice):
                carrier = self.carrier
                after = self.run(row.rows(self.value(row.key)))
                if self.carrier is not carrier:
                    return (*after, *rows[index + 1 :])
            else:
                self.row(row)
        return ()

    def row(self, row: Any) -> None:
        if isinstance(row, Run):
            self.bits(row)
        elif When not in row.words or self.value(row.words[When].condition):
            if isinstance(row.core, Options):
                self.options(row, row.core)
            elif isinstance(row.core, Repeat):
                self.repeat(row, row.core)
            else:
                self.leaf(row)

    def need(self, field: Field, size: int) -> bytes:
        """The next bytes.  Short, with the measurement noted, if they are not there."""
        have = self.window.stop - self.at
        if 0 <= size <= have:
            return self.data[self.at : self.at + size]
        self.short(field, size, have)
        raise Short

    def short(self, field: Field, need: int, have: int) -> None:
        why = self.window.cut if self.at + need <= self.window.wire_stop else self.window.lenient
        limit = why or self.window.limit
        bits = (self.at * 8, (self.at + max(have, 0)) * 8)
        text = f"{field.label} needs {plural(need)}, {have} {'is' if have == 1 else 'are'} left"
        if why in ENDS:
            severity = "note" if why == "capture" else "chat"
            text = f"{text}: {ENDS[why]}"
            note = Note(severity, f"cut.{why}", text, self.layer.name, field.path, bits, need, have, limit)
        else:
            note = Note("error", "short", f"{text} (limited by {limit})", self.layer.name, field.path, bits, need, have,
                        limit, self.layer.record.rfc)  # fmt: skip
        self.layer.faults.append(note)

    def bits(self, run: Run) -> None:
        chunk, shares, first = self.need(run.fields[0], run.size), shares_of(run), self.at * 8
        if shares is None:
            values = run.con.parse(chunk)
        else:
            whole = int.from_bytes(chunk, "big")
            values = {field.name: (whole >> shift & mask) * field.unit for field, shift, mask in shares}
        for field in run.fields:
            self.keep(field, values[field.name], first, first + field.bits)
            first += field.bits
        self.at += run.size

    def leaf(self, field: Field) -> None:
        size = field.bits // 8 if field.bits > 0 else self.size(field)
        if size < 0:
            self.foreign(field)
            return
        if not size and self.places is self.layer.tail:
            return
        if field.core is Rest and size > self.window.stop - self.at:  # all that was captured of it
            have = self.window.stop - self.at
            self.keep(field, self.data[self.at : self.window.stop], self.at * 8, self.window.stop * 8)
            self.short(field, size, have)
            self.at = self.window.stop
            raise Short
        chunk, read = self.need(field, size), reader_of(field)
        if read is None:
            con = Bytes(size) if isinstance(field.core, Bytes) else field.con
            read = con.parse
        self.keep(field, read(chunk), self.at * 8, (self.at + size) * 8)
        self.at += size

    def size(self, field: Field) -> int:
        """The bytes of a field whose size varies; less than nothing if only reading it can tell."""
        self.value(0)  # what sizes may name
        return field.size(self.context)

    def foreign(self, field: Field) -> None:
        """A construct that only reading can measure; kept only if writing it gives the same bytes."""
        chunk = self.data[self.at : self.window.stop]
        stream = BytesIO(chunk)
        try:
            value = field.con._parsereport(stream, self.context, self.layer.name)
            if field_bytes(field, value) != chunk[: stream.tell()]:
                raise ConstructError("it would not be written as it was read")
        except (ConstructError, ArithmeticError, LookupError, ValueError, TypeError) as error:
            text = str(error).splitlines()[-1]
            self.layer.faults.append(Note("error", "unreadable", f"{field.label}: {text}", self.layer.name, field.path))
            raise Short from None
        self.keep(field, value, self.at * 8, (self.at + stream.tell()) * 8)
        self.at += stream.tell()

    def repeat(self, field: Field, core: Repeat) -> None:
        count = None if core.count is None else int(self.value(core.count))
        stop = self.at + max(0, int(self.value(core.size)))
        first = self.at
        found: list[Any] = []
        try:
            while (self.at < stop) if count is None else (len(found) < count):
                before = self.at
                if isinstance(core.item, Record):
                    found.append(self.inside(core.item, self.at, min(stop, self.window.stop)))
                    if found[-1].faults:
                        self.layer.faults += found[-1].faults
                        break
                else:
                    assert core.element
                    found.append(core.element.con.parse(self.need(field, core.element.bits // 8)))
                    self.at += core.element.bits // 8
                if self.at == before:
                    break
        finally:
            self.keep(field, found, first * 8, self.at * 8)
        if self.layer.faults:
            raise Short

    def inside(self, record: Record, start: int, stop: int) -> Layer:
        """A record inside this one; `at` moves to its end."""
        item = Detailed(record, start, self.layer.quoted)
        window = replace(self.window, stop=stop) if stop == self.window.stop else Window(stop, stop, self.layer.name)
        reader = Reader(item, self.data, window)
        reader.whole()
        self.at = item.end = item.stop = item.wire_stop = reader.at
        return item

    def whole(self) -> bool:
        """Read all rows (but those after a payload); what cannot be read becomes `rest`."""
        try:
            self.after = self.run(self.layer.record.rows)
        except Short:
            self.rest(self.window.stop)
            return False
        return True

    def rest(self, stop: int, field: Field = REST) -> None:
        if self.at < stop:
            self.keep(field, self.data[self.at : stop], self.at * 8, stop * 8)
            self.at = stop

    def options(self, field: Field, core: Options) -> None:
        size = max(0, int(self.value(core.size)))
        first, claimed_end = self.at, self.at + size
        stop, end = min(claimed_end, self.window.stop), first
        items = []
        for record, start, end, claimed in core.split(self.data, first, stop):
            item = Detailed(record, start, self.layer.quoted)
            body = end if claimed is None else min(claimed, end)
            reader = Reader(item, self.data, Window(body, body, record.name))
            reader.whole()
            reader.rest(body)
            reader.rest(end, PADDING)
            item.end = item.stop = item.wire_stop = end
            cut = stop < claimed_end and end == stop and ("length" not in item.values or (claimed or 0) > end)
            item.faults = [] if cut else option_faults(core, item, claimed, stop, self.layer.record.rfc)
            items.append(item)
        if end < stop:  # at a kind that another row reads
            stop = claimed_end = end
        self.at = stop
        self.keep(field, items, first * 8, stop * 8)
        if stop < claimed_end:
            self.at = first
            self.short(field, size, stop - first)
            self.at = stop
            raise Short


def read(record: Record, data: bytes, context: Any = None) -> Layer:
    """One record by itself, for construct's `parse`."""
    layer = Detailed(record)
    Reader(layer, data, Window(len(data), len(data), "data")).whole()
    layer.end = layer.head[-1].end // 8 if layer.head else 0
    return layer


def decode(data: Any, first: str = "", wire_len: int | None = None, fcs_len: int = 0) -> Packet:
    """Read a packet layer by layer.

    data      bytes-like
    first     the outermost protocol's name, "eth" unless said
    wire_len  its length on the wire, where the capture holds less
    fcs_len   bytes of frame check sequence that the link carries at the end
    """
    from .. import protocols

    data = bytes(data)
    protocol: Protocol | None = protocols.find(first or "eth")
    window = Window(len(data), max(len(data), wire_len or 0))
    start, quoted = 0, False
    trail: list[tuple[Layer, Reader, Window, Window | None]] = []
    while protocol and (start < window.stop or not trail):
        layer = Detailed(protocol, start, quoted)
        reader = Reader(layer, data, window, fcs_len if not trail else 0)
        layer.sound = reader.whole()
        layer.end, layer.stop, layer.wire_stop, layer.cut = reader.at, window.stop, window.wire_stop, window.cut
        if not layer.sound or reader.carrier is None:
            trail.append((layer, reader, window, None))
            break
        inner = narrow(layer, reader, window)
        reader.context._payload_end = inner.stop - layer.start
        stops = (check for check in protocol.checks if isinstance(check, Check) and check.stops)
        layer.sound = all(holds(check, reader) for check in stops)
        child = reader.child(protocol) if layer.sound else None
        if protocol.fragment:
            if reader.value(protocol.fragment.offset):
                child = None
            elif reader.value(protocol.fragment.more):
                inner = replace(inner, lenient="fragment", whole=False)
        if protocol.quotes and child:
            inner, quoted = replace(inner, lenient="quote", whole=False), True
        if child and len(trail) + 2 >= DEEPEST:  # it, and the bytes that it does not read
            text = f"more than {DEEPEST} layers inside each other: the rest stays bytes"
            layer.faults.append(Note("warn", "deep", text, layer.name))
            child = None
        trail.append((layer, reader, window, inner))
        protocol, start, window = child or protocols.unclaimed(), layer.end, inner
    collect(trail)
    packet = Packet(data, [layer for layer, *_ in trail], wire_len)
    packet.fcs_len = fcs_len
    return packet


def holds(check: Any, reader: Reader) -> bool:
    try:
        return bool(reader.value(check.condition))
    except (KeyError, AttributeError):
        return True


def narrow(layer: Layer, reader: Reader, window: Window) -> Window:
    """The window of the payload, as far as the header's length field and the bytes allow."""
    assert reader.carrier
    if reader.carrier.size is None:
        return window
    size = int(reader.value(reader.carrier.size))
    names = [name for name in names_in(reader.carrier.size) if not name.startswith("_")]
    field = layer.record.find(names[0]) if names and names[0] in layer.values else None
    limit = field.path if field else layer.name
    claimed = layer.end + size
    if size >= 0 and claimed <= window.wire_stop:
        own = window.limit if claimed == window.wire_stop and not field else limit
        window = replace(window, stop=min(window.stop, claimed), wire_stop=claimed, limit=own)
        if window.stop == claimed and window.lenient != "fragment":
            window = replace(window, whole=True)  # whatever the layers around it lack
            layer.cut = window.cut
        return window
    if not window.lenient and size >= 0:
        have = window.wire_stop - layer.end
        bits = layer.span(names[0]) if field else (layer.start * 8, layer.end * 8)
        layer.faults.append(Note("error", "length.beyond", f"{limit} says {plural(size)} of payload, {have} are there "
                                 f"(limited by {window.limit})", layer.name, limit, bits, size, have, window.limit,
                                 layer.record.rfc))  # fmt: skip
    return replace(window, missing=size >= 0, whole=False)


def collect(trail: list[tuple[Layer, Reader, Window, Window | None]]) -> None:
    """From the innermost layer outwards: what is left over becomes trailers, and rows after a payload are read."""
    used, cut = 0, False
    for depth in range(len(trail) - 1, -1, -1):
        layer, reader, window, inner = trail[depth]
        reader.at, reader.places = max(used, layer.end), layer.tail
        cut = cut or any(fault.code == "cut.capture" for fault in layer.faults)
        if reader.after and not cut:  # behind the cut nothing was captured
            with suppress(Short):
                reader.run(reader.after)
            reader.rest(window.stop)
        else:
            holds_rest = inner is not None and reader.carrier is not None and reader.carrier.keeps
            stop = window.stop if depth == 0 else inner.stop if inner and holds_rest else reader.at
            if reader.at < stop:
                reader.keep(TRAILER, reader.data[reader.at : stop], reader.at * 8, stop * 8)
                reader.at = stop
        used = layer.stop = reader.at
        if layer.cut != "capture":
            layer.wire_stop = layer.stop
