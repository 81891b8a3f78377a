"""Kind-length-value regions: TCP and IPv4 options, neighbour discovery, DHCP, pcapng.

The form of a region is data: how wide kind and length are, what the length counts and in which
unit, which kinds stand alone, and which one ends the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .rules import Length
from .schema import U8, Auto, Default, Field, Format, Marker, Record, Rest, swapped
from .types import Raw

if TYPE_CHECKING:
    from .packet import Draft, Layer

__all__ = ["PADDING", "Options"]

PADDING = Field("padding" / Rest * "Padding", None)  # after an option, up to its region's step


class Options(Marker):
    """A region of `size` bytes of options.

    records  kind: the record of what follows kind and length
    alone    kinds that are one item by themselves, without a length
    end      the kind after which nothing is an option any more
    whole    a length counts kind and length too, or the body alone
    unit     bytes to one of the length
    step     each option is filled up to a multiple of this
    align    the region is filled up to a multiple of this when it is built, with `before` bytes before it counted too
    fill     the kinds that fill it up, one byte alone and two or more together; without them `end` does
    until    a kind at which the region ends early, since another row reads that one
    limit    the most bytes that a region can have, and `limit_why` why
    kind, length    how these two are written;  paths: their names as Wireshark has them
    """

    def __init__(self, size: Any, records: Mapping[int, Record], *, prefix: str = "", paths: tuple[str, str] = ("", ""),
                 kinds: str | Mapping[int, str] = "", kind: Any = U8, length: Any = U8, alone: Sequence[int] = (0, 1),
                 end: int | None = 0, whole: bool = True, unit: int = 1, step: int = 1, align: int = 4, 
                 before: int = 0, fill: tuple[int, int] | None = None, until: int | None = None,
                 limit: int = 0, limit_why: str = "") -> None:  # fmt: skip
        super().__init__()
        self.size, self.source, self.prefix, self.paths, self.kinds = size, records, prefix, paths, kinds
        self.kind_con, self.length_con, self.alone, self.end = kind, length, frozenset(alone), end
        self.whole, self.unit, self.step, self.align = whole, unit, step, align
        self.before, self.fill, self.until = before, fill, until
        self.limit, self.limit_why = limit, limit_why
        self.format = OptionsFormat(self)
        self.order: Literal["big", "little"] = "big"

    def swapped(self) -> Options:
        """The same region in the other byte order: kinds, lengths and values."""
        other = copy(self)
        for name in ("records", "unknown", "malformed", "by_name"):
            other.__dict__.pop(name, None)
        other.kind_con, other.length_con = swapped(self.kind_con), swapped(self.length_con)
        other.source = {number: record.swapped() for number, record in self.source.items()}
        other.order = "little" if self.order == "big" else "big"
        other.format = OptionsFormat(other)
        return other

    @property
    def head(self) -> int:
        """Bytes that kind and length take."""
        return int(self.kind_con.sizeof() + self.length_con.sizeof())

    @property
    def plain(self) -> bool:
        """Whether kind and length take a byte each, and nothing stands between options."""
        return self.kind_con.sizeof() == self.length_con.sizeof() == 1 == self.step and self.until is None

    def head_of(self, kind: int) -> int:
        """Bytes before the fields of an option of this kind, where the region is `plain`."""
        return 1 if kind in self.alone or kind == self.end else 2

    @cached_property
    def records(self) -> dict[int, Record]:
        """Each kind's record, with kind and length in front."""
        return {number: self._whole(record, number) for number, record in self.source.items()}

    @cached_property
    def unknown(self) -> Record:
        return self._whole(Record("unknown", "Unknown option", "data" / Raw * "Data"), None)

    @cached_property
    def malformed(self) -> Record:
        return self._whole(Record("malformed", "Malformed option", "data" / Raw * "Data"), None)

    def _whole(self, record: Record, number: int | None) -> Record:
        from .schema import Named

        kind = Named(self.kind_con, self.kinds) if self.kinds else self.kind_con
        head = ["kind" / (kind if number is None else Default(kind, number)) * "Kind"]
        if number not in self.alone:
            rule = Length(header=True, payload=False, minus=0 if self.whole else self.head, unit=self.unit)
            head.append("length" / Auto(self.length_con, rule) * "Length")
        whole = Record(record.name, record.title, *head, *record.source, checks=record.checks, alias=record.alias,
                       once=record.once, rfc=record.rfc, meaning=record.meaning)  # fmt: skip
        whole.prefix = self.prefix
        for field, path in zip(whole.fields, self.paths, strict=False):
            if field.name in ("kind", "length") and path:
                field.full = path
        return whole

    def record_of(self, kind: int) -> Record:
        return self.records.get(kind, self.unknown)

    def padding(self, size: int) -> list[Draft]:
        """The options that fill a region up by so many bytes."""
        if not size:
            return []
        if self.fill:
            one, more = (self.records[kind] for kind in self.fill)
            return [one()] if size == 1 else [more(**{more.fields[-1].name: bytes(size - self.head)})]
        if self.end not in self.records:
            return []
        end = self.records[self.end]
        return [end(**{end.fields[-1].name: bytes(size - 1)} if len(end.fields) > 1 else {})]

    @cached_property
    def by_name(self) -> dict[str, Record]:
        """Every name and alias that people use for an option."""
        named = {name.lower(): record for record in self.records.values() for name in (record.name, *record.alias)}
        return named | {"unknown": self.unknown, "malformed": self.malformed}

    def split(self, data: bytes, start: int, stop: int) -> Iterator[tuple[Record, int, int, int | None]]:
        """(record, first byte, end, the end that its length claims) of each option from `start` to `stop`.

        Between the claimed end and the end is padding, where the region has a step.  An option that
        claims more than there is ends at `stop`; one whose length makes no sense takes
        the whole rest of the region as `malformed`.
        """
        kind_size, head = self.kind_con.sizeof(), self.head
        while start < stop:
            kind = int.from_bytes(data[start:min(start + kind_size, stop)], self.order)  # fmt: skip
            if kind == self.until:
                return
            if kind == self.end:
                yield self.record_of(kind), start, stop, stop
                return
            if kind in self.alone:
                yield self.record_of(kind), start, start + kind_size, start + kind_size
                start += kind_size
                continue
            if start + head > stop:
                yield self.malformed, start, stop, None
                return
            length = self.length_con.parse(data[start + kind_size:start + head]) * self.unit  # fmt: skip
            claimed = start + length + (0 if self.whole else head)
            if claimed < start + head:
                yield self.malformed, start, stop, None
                return
            padded = claimed + -(claimed - start) % self.step
            yield self.record_of(kind), start, min(padded, stop), claimed
            start = padded


class OptionsFormat(Format):
    """Options as text: `mss=1460 sack_perm wscale=7`, or as tcpdump writes them."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def show(self, value: Sequence[Layer]) -> str:
        return " ".join(self.show_one(item) for item in value) or "none"

    @staticmethod
    def show_one(item: Layer) -> str:
        texts = [show_value(place.field, item.values[place.field.name]) for place in item.body]
        return item.name + ("=" + "/".join(texts) if texts else "")

    def read(self, text: str) -> list[Any]:
        """ValueError says which word is not understood, and what is."""
        drafts: list[Any] = []
        words = text.replace("{", " ").replace("}", " ").replace(",", " ").replace("=", " ").split()
        names = self.options.by_name
        while words:
            word = words.pop(0)
            record = names.get(word.lower())
            if record is None:
                raise ValueError(f"{self.options.prefix[:-1]}: {word!r} is no option: known are {', '.join(names)}")
            given: list[str] = []
            while words and words[0].lower() not in names:
                given.append(words.pop(0))
            drafts.append(record().put(record_values(record, given)))
        return drafts


NOISE = {"val", "ecr"}  # words that tcpdump puts between numbers


def show_value(field: Field, value: Any) -> str:
    if isinstance(value, list):
        return "/".join(":".join(show_value(place.field, item.values[place.field.name]) for place in item.head)
                        if hasattr(item, "head") else field.core.element.show(item) for item in value)  # fmt: skip
    return field.show(value)


def record_values(record: Record, given: list[str]) -> dict[str, Any]:
    """The values that words give to a record's fields, in order; a repeated record takes all that are left."""
    from .schema import Repeat

    words = [piece for word in given if word.lower() not in NOISE for piece in word.split("/")]
    values: dict[str, Any] = {}
    body = [field for field in record.fields if field.name not in ("kind", "length")]
    for field in body:
        if not words:
            break
        if isinstance(field.core, Repeat):
            if isinstance(field.core.item, Record):
                groups = [word.split(":") for word in words if ":" in word]
                words = [word for word in words if ":" not in word]
                if words == [str(len(groups))]:  # tcpdump's count of them
                    words = []
                if groups:
                    values[field.name] = [field.core.item(*group) for group in groups]
            else:
                values[field.name], words = list(words), []
        else:
            values[field.name] = words.pop(0)
    if words:
        raise ValueError(f"{record.name}: {' '.join(words)} is more than it has values for "
                         f"({', '.join(field.name for field in body) or 'none'})")  # fmt: skip
    return values
