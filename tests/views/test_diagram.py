"""Header pictures, from the schemas."""

from __future__ import annotations

import pytest

import wire
from wire.protocols import find, load
from wire.schema import U8, U16, U24, U32, Bits, Bytes, Cases, Default, Flags, Record, Repeat, Rest, When, this
from wire.views.diagram import diagram
from wire.views.grid import OPEN, Cell, drawn, ruler

TCP = """\
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|          Source Port          |       Destination Port        |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                        Sequence Number                        |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                     Acknowledgment Number                     |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|Header |     |A|C|E|U|A|P|R|S|F|                               |
|Length | RES |E|W|C|R|C|S|S|Y|I|            Window             |
|       |     | |R|E|G|K|H|T|N|N|                               |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|           Checksum            |        Urgent Pointer         |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
:                           [Options]                           :
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                                                               :
:                            Payload                            :
:                                                               |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

[Options]  Header Length - 20 bytes
Payload    its protocol is named by Destination Port or Source
           Port"""

IP = """\
 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|Version|Header |   DSCP    |ECN|         Total Length          |
|       |Length |           |   |                               |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|        Identification         |R|D|M|     Fragment Offset     |
|                               |B|F|F|                         |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
| Time to Live  |   Protocol    |        Header Checksum        |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                        Source Address                         |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                      Destination Address                      |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
:                           [Options]                           :
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                                                               :
:                            Payload                            :
:                                                               |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

DSCP       Differentiated Services Codepoint
ECN        Explicit Congestion Notification
RB         Reserved bit
DF         Don't fragment
MF         More fragments
[Options]  Header Length - 20 bytes
Payload    the bytes left if Total Length = 0, else Total Length
           - Header Length bytes
           its protocol is named by Protocol"""


LINE = "+" + "-+" * 32


def picture(*rows: object, width: int = 32) -> list[str]:
    return diagram(Record("toy", "Toy", *rows), width)


def test_tcp_as_rfc_9293_draws_it() -> None:
    assert "\n".join(diagram(find("tcp"))) == TCP


def test_ip_as_rfc_791_draws_it() -> None:
    assert "\n".join(diagram(find("ip"))) == IP


def test_addresses_of_48_bits_share_their_rows() -> None:
    """As RFC 826's fields fall into rows of 32 bits."""
    rows = diagram(find("arp"))
    at = next(index for index, row in enumerate(rows) if "Sender MAC address" in row)
    assert rows[at + 1] == "+                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+"
    assert rows[at + 2] == "|                               |       Sender IP address       |"
    assert rows[at + 5] == "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +"


def test_a_field_of_128_bits_has_its_name_in_the_middle() -> None:
    rows = picture("a" / Bytes(16) * "Address")
    side, inside, named = "|" + " " * 63 + "|", "+" + " " * 63 + "+", "+" + "Address".center(63) + "+"
    assert rows[2:] == [LINE, side, inside, side, named, side, inside, side, LINE]


def test_what_varies_stands_open_behind_what_is_fixed() -> None:
    assert picture("kind" / U8 * "Kind", "length" / U8 * "Length", "data" / Rest * "Data", width=16)[2:6] == [
        "+" + "-+" * 16,
        "|     Kind      |    Length     |",
        "+" + "-+" * 16,
        ":             Data              :",
    ]
    rows = picture("kind" / U8 * "Kind", "data" / Bytes(this.kind * 4) * "Data")
    assert rows[3:6] == [
        "|     Kind      |                                               :",
        "+-+-+-+-+-+-+-+-+                                               :",
        ":                             Data                              :",
    ]
    assert rows[-1] == "Data  Kind * 4 bytes"


def test_a_row_that_is_not_full_ends_where_its_bits_end() -> None:
    assert picture("a" / U24 * "Three")[2:5] == ["+" + "-+" * 24, "|" + "Three".center(47) + "|", "+" + "-+" * 24]


def test_conditions_are_noted() -> None:
    rows = picture("a" / U8 * "Version", "b" / When(this.a >= 2, U24) * "Extra")
    assert (
        "|    Version    |                    [Extra]                    |" in rows
        and rows[-1] == "[Extra]  there if Version >= 2"
    )


def test_the_default_case_is_drawn_and_the_others_below_it() -> None:
    kinds = Cases(
        this.a, {(1, 2): ("one" / U24 * "First",), 3: ("two" / U16 * "Second",)}, default=("else" / U24 * "Other",)
    )
    rows = picture("a" / Default(U8, 3) * "Kind", kinds)
    text = "\n".join(rows)
    assert "|     Kind      |            Second             |" in rows and "Second  where Kind is 3" in rows
    assert "Where Kind is 1 or 2, in place of Second:" in text and "Otherwise, in place of Second:" in text
    assert (
        "                |                     First                     |" in rows
    )  # it begins where the choice does


def test_what_is_repeated_has_a_picture_of_its_own() -> None:
    block = Record("block", "Block", "left" / U32 * "Left edge", "right" / U32 * "Right edge")
    rows = picture("n" / U32 * "Count", "blocks" / Repeat(block, count=this.n) * "Blocks")
    assert "Blocks  Count times" in rows and "Blocks, each:" in rows
    assert "|" + "Left edge".center(63) + "|" in rows


def test_narrow_cells_hold_what_fits() -> None:
    rows = picture(
        "flags" / Flags("a" / Bits(1) * "A long label", "more" / Bits(1) * "M", "rest" / Bits(6) * "Rest of it") * "F"
    )
    assert [row for row in rows if row.startswith("|")] == [
        "|A|M|           |",
        "| |O|Rest of it |",
        "| |R|           |",
        "| |E|           |",
    ]
    assert rows[-2:] == ["A     A long label", "MORE  M"]


def test_a_record_without_fields() -> None:
    assert diagram(find("frame")) == ["Frame has no fields of its own."]


@pytest.mark.parametrize("width", [16, 32, 64])
@pytest.mark.parametrize("name", sorted(load()))
def test_every_protocol_has_a_picture(name: str, width: int) -> None:
    lines = diagram(wire.Protocol.known[name], width)
    assert all(len(line) <= width * 2 + 1 and line.isprintable() and line == line.rstrip() for line in lines)


@pytest.mark.parametrize("name", sorted(load()))
def test_every_field_is_in_its_picture(name: str) -> None:
    """No row of a table is lost: each label, or its short form, is drawn or noted."""
    protocol = wire.Protocol.known[name]
    text = " ".join(" ".join(diagram(protocol)).replace("|", " ").split())
    assert all(word in text for one in protocol.fields if one.bits < 0 for word in one.label.split())


def test_a_grid_of_cells() -> None:
    line = "+" + "-+" * 16
    cells = [Cell(4, ("Four",)), Cell(12, ("Twelve",)), Cell(OPEN, ("Rest",))]
    assert drawn(cells, 16) == [
        line,
        "| Four  |        Twelve         |",
        line,
        ":             Rest              :",
        line,
    ]
    assert drawn([], 32) == [] and ruler(8) == [" 0", " 0 1 2 3 4 5 6 7"]
