"""The same table in the other byte order."""

from __future__ import annotations

from wire.engines import reference
from wire.options import Options
from wire.schema import (
    U8,
    U16,
    U24,
    U32,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Flags,
    Named,
    Record,
    Repeat,
    Rest,
    left,
    this,
)
from wire.types import Raw

OPTIONS = {
    0: Record("end", "End", "after" / Raw * "After"),
    1: Record("text", "Text", "text" / Rest * "Text"),
    2: Record("number", "Number", "number" / U32 * "Number"),
}
TABLE = Record("table", "A table",
    "kind"    / Default(Named(U16, {1: "one"}), 1)           * "Kind",
    "three"   / U24                                          * "Three bytes",
    "high"    / Bits(4)                                      * "High bits",
    "low"     / Bits(4)                                      * "Low bits",
    "flags"   / Flags("top" / Bits(15), "last" / Bits(1))    * "Flags",
    Cases(this.kind, {1: ["word" / U16 * "Word"]}, default=["byte" / U8 * "Byte"]),
    "pairs"   / Repeat(Record("pair", "Pair", "a" / U8 * "A", "b" / U16 * "B"), count=2) * "Pairs",
    "numbers" / Repeat(U16, count=2)                         * "Numbers",
    "bytes"   / Bytes(2)                                     * "Bytes",
    "options" / Options(left - 4, OPTIONS, kind=U16, length=U16, alone=(), whole=False, step=4)      * "Options",
    "last"    / U32                                          * "Last",
)  # fmt: skip
BIG = bytes.fromhex("0001 000002 34 8001 0005 01 0002 03 0004 0006 0007 6162"
                    "0001 0005 68656c6c6f000000 0002 0004 00000009 0000 0000 0000000a")  # fmt: skip
LITTLE = bytes.fromhex("0100 020000 34 0180 0500 01 0200 03 0400 0600 0700 6162"
                       "0100 0500 68656c6c6f000000 0200 0400 09000000 0000 0000 0a000000")  # fmt: skip


def test_the_values_are_the_same() -> None:
    assert TABLE.parse(BIG) == TABLE.swapped().parse(LITTLE)
    assert TABLE.parse(BIG).options[1].number == 9 and TABLE.parse(BIG).flags == 0x8001


def test_twice_swapped_is_as_before() -> None:
    assert TABLE.swapped().swapped().parse(BIG) == TABLE.parse(BIG)


def test_rebuilt_from_fields() -> None:
    for record, data in ((TABLE, BIG), (TABLE.swapped(), LITTLE)):
        layer = reference.read(record, data)
        assert not layer.faults and reference.rebuild([layer]) == data
        assert [place.first for place in layer.head[1:]] == [place.end for place in layer.head[:-1]]


def test_built_with_padding_after_each_option() -> None:
    for record, data in ((TABLE, BIG), (TABLE.swapped(), LITTLE)):
        names = record.find("options").core.by_name  # type: ignore[union-attr]
        pair = record.find("pairs").core.item  # type: ignore[union-attr]
        given = {"three": 2, "high": 3, "low": 4, "flags": 0x8001, "word": 5, "pairs": [pair(1, 2), pair(3, 4)],
                 "numbers": [6, 7], "bytes": b"ab", "last": 10,
                 "options": [names["text"](text=b"hello"), names["number"](number=9), names["end"]()]}  # fmt: skip
        assert record.build(given) == data


def test_an_auto_field_keeps_its_rule() -> None:
    from wire.rules import header_length

    record = Record("r", "R", "length" / Auto(U16, header_length) * "Length", "text" / Raw * "Text").swapped()
    assert record.build({"text": b"abc"}) == b"\x05\0abc"
