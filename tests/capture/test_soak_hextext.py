"""A damaged dump gives the same bytes or an error, never other bytes, wherever the format's redundancy can tell."""

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from wire.capture.hextext import Dump, HexError, read_hex

from .dumpers import DUMPERS, LENGTH, OFFSETS, TEXT, WIDTH, Dumper

RULES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HEX = "0123456789abcdefABCDEF"


def guarded(*guards: str, but: tuple[str, ...] = ()) -> pytest.MarkDecorator:
    found = [dumper for dumper in DUMPERS if dumper.guards >= set(guards) and dumper.name not in but]
    return pytest.mark.parametrize("dumper", found, ids=lambda dumper: dumper.name)


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Frames of several rows, none of them repeated (those would be squeezed), with small bytes as all packets have."""
    pieces = draw(st.lists(st.one_of(st.binary(min_size=4, max_size=20), st.sampled_from([
        b"45 00 ", b"0x0010:", b"|\"'><", b"b'\\x02'", b"*/ //", b"deadbeef"])), min_size=6, max_size=12))
    counted = b"".join(bytes([0xB0 + index]) + piece for index, piece in enumerate(pieces))
    return (b"\x00\x01\x02\x45" + counted + bytes(range(0x80, 0xE0)))[:draw(st.integers(90, 130))]


def outcome(text: str) -> list[Dump] | None:
    """What is read; None where the text is refused."""
    try:
        return read_hex(text)
    except HexError as error:
        assert error.reason
        return None


def is_same(found: list[Dump] | None, frame: bytes) -> bool:
    return found is None or [dump.data for dump in found] == [frame]


def rows_of(text: str) -> list[int]:
    return [index for index, line in enumerate(text.split("\n")) if line.strip()]


def says_missing(found: list[Dump] | None) -> bool:
    """Whether a remark says that rows may be missing, as where the last line with the length is gone."""
    return found is not None and any("missing" in remark or "may go on" in remark for remark in found[0].remarks)


@guarded(WIDTH)
@given(data=st.data())
@RULES
def test_a_lost_digit(dumper: Dumper, data: st.DataObject) -> None:
    frame = data.draw(frames())
    text = dumper.write(frame)
    at = data.draw(st.sampled_from([at for at, char in enumerate(text) if char in HEX]))
    assert is_same(outcome(text[:at] + text[at + 1:]), frame)


@guarded(OFFSETS)
@given(data=st.data())
@RULES
def test_a_lost_row(dumper: Dumper, data: st.DataObject) -> None:
    """All but the last two lines, after which nothing follows; and Cisco IOS's first row, which begins anywhere."""
    frame = data.draw(frames())
    lines = dumper.write(frame).split("\n")
    skipped = 4 if dumper.name == "Cisco IOS" else 0
    del lines[data.draw(st.sampled_from([index for index in rows_of("\n".join(lines))[:-2] if index >= skipped]))]
    assert is_same(outcome("\n".join(lines)), frame)


# Rows of two data sources that have one offset can change places.
@guarded(OFFSETS, but=("tshark -x with two sources",))
@given(data=st.data())
@RULES
def test_two_lines_that_changed_places(dumper: Dumper, data: st.DataObject) -> None:
    frame = data.draw(frames())
    lines = dumper.write(frame).split("\n")
    one, other = data.draw(st.lists(st.sampled_from(rows_of("\n".join(lines))), min_size=2, max_size=2, unique=True))
    lines[one], lines[other] = lines[other], lines[one]
    found = outcome("\n".join(lines))
    assert is_same(found, frame) or says_missing(found)


@guarded(OFFSETS)
@given(data=st.data())
@RULES
def test_a_row_that_stands_twice(dumper: Dumper, data: st.DataObject) -> None:
    frame = data.draw(frames())
    lines = dumper.write(frame).split("\n")
    index = data.draw(st.sampled_from(rows_of("\n".join(lines))))
    assert is_same(outcome("\n".join([*lines[:index], lines[index], *lines[index:]])), frame)


@guarded(TEXT)
@given(data=st.data())
@RULES
def test_a_changed_digit_that_the_text_column_contradicts(dumper: Dumper, data: st.DataObject) -> None:
    frame = data.draw(frames())
    text = dumper.write(frame)
    at = data.draw(st.sampled_from([at for at, char in enumerate(text) if char in HEX]))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789abcdef" if digit != text[at].lower()]))
    found = outcome(text[:at] + digit + text[at + 1:])
    if not is_same(found, frame):
        assert found is not None and len(found) == 1
        shown, expected = (dumper.shows(data).replace("\xa0", " ") for data in (found[0].data, frame))
        assert shown == expected


@guarded(OFFSETS, TEXT, but=("Cisco IOS",))
@given(data=st.data())
@RULES
def test_a_line_that_was_wrapped(dumper: Dumper, data: st.DataObject) -> None:
    frame = data.draw(frames())
    text = dumper.write(frame)
    at = data.draw(st.integers(0, len(text)))
    assert is_same(outcome(text[:at] + "\n" + text[at:]), frame)


@guarded(OFFSETS, TEXT, but=("Cisco IOS",))
@given(data=st.data())
@RULES
def test_two_lines_that_became_one(dumper: Dumper, data: st.DataObject) -> None:
    frame = data.draw(frames())
    lines = dumper.write(frame).split("\n")
    index = data.draw(st.integers(0, len(lines) - 2))
    lines[index:index + 2] = [lines[index] + lines[index + 1]]
    found = outcome("\n".join(lines))
    assert is_same(found, frame) or says_missing(found)


@pytest.mark.parametrize("dumper", DUMPERS, ids=lambda dumper: dumper.name)
@given(data=st.data())
@RULES
def test_a_text_that_was_cut_off(dumper: Dumper, data: st.DataObject) -> None:
    """The beginning of the packet is right; where a length is declared, the cut is noticed.

    A cut right behind an offset looks like the last line of od and hexdump, which holds just the length.
    """
    frame = dumper.first + data.draw(frames())
    text = dumper.write(frame)
    text = text[:data.draw(st.integers(len(text) // 2, len(text)))]
    assume(not re.fullmatch(r"[> ]*[0-9a-f]{6,8}\s*", text.split("\n")[-1]))
    found = outcome(text)
    if not is_same(found, frame) and dumper.guards & {OFFSETS, TEXT, WIDTH}:
        assert found is not None and len(found) == 1
        filled = says_missing(found)  # words of od and hexdump are filled up with zeros
        assert frame.startswith(found[0].data.rstrip(b"\0") if filled else found[0].data)
        assert LENGTH not in dumper.guards or says_missing(found)


NAMED = [
    ("xxd", 0, "0800 4500", "0800 500", 1, 46, "'500' has 3 digits where 4 were expected"),
    ("tshark -x", 1, "00 3c", "00 3", 2, 10, "'3' has 1 digit where 2 were expected"),
    ("tshark -x", 3, "0030", "0050", 4, 1, "offset 0x0050 where 0x0030 was expected: 2 rows are missing"),
    ("tshark -x", 0, "45 00", "46 00", 1, 49,
     "byte 14 of the row is 0x46, for which the text column should show 'F'; it shows 'E' (0x45)"),
    ("hexdump -C", 5, "0000004a", "0000004b", 5, 9, "by the offset after it, it should hold 11"),
    ("xxd", 2, "00000020", "0000020", 3, 1, "the offset 0000020: has 7 digits where 8 were expected"),
    ("tcpdump -x", 2, "4006", "4g06", 3, 26, "'4g06' is not a group of digits like the others"),
    ("xxd -i", 8, "};", "", 10, 1, "'unsigned' is not a number"),
    ("C array", 0, "[74]", "[75]", 1, 22, "75 bytes are declared here; the list in line 2 holds 74"),
    ("Wireshark C arrays", 3, "0x45", "0x46", 4, 37, "byte 6 of the row is 0x46"),
    ("Rust array", 0, "0x45", "0x145", 1, 111, "0x145 does not fit into a byte"),
    ("Python list", 0, "60", "600", 1, 54, "600 does not fit into a byte"),
    ("Python bytes", 0, "\\x1c", "\\xg", 1, 69, "is no escape: digits are missing or wrong"),
    ("colons", 0, ":45:", ":4:", 1, 43, "'4' has 1 digit where 2 were expected"),
    ("hex stream", 0, "4500", "450", 1, None, "the line has 147 digits, an odd number: one is missing or too many"),
    ("Wireshark C string", 0, "\\034", "\\34", 1, 66, "'\\34' has 2 octal digits where the other escapes have 3"),
    ("kernel skb_dump", 0, "len=74", "len=75", 1, None, "is declared with skb len=75; the rows hold 74 bytes"),
    ("wire decode", 5, "45 00", "46 00", 6, 7, "beside the field stands 00 46 00 00 3c 1c 46 40; the dump below has"),
]


@pytest.mark.parametrize(("name", "index", "old", "new", "line", "column", "reason"), NAMED)
def test_errors_name_line_column_and_reason(name: str, index: int, old: str, new: str, line: int, column: int | None,
                                            reason: str, frame: bytes) -> None:
    lines = next(dumper for dumper in DUMPERS if dumper.name == name).write(frame).split("\n")
    assert old in lines[index]
    lines[index] = lines[index].replace(old, new, 1)
    with pytest.raises(HexError) as caught:
        read_hex("\n".join(lines))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
    assert str(caught.value).startswith(f"line {line}")


@pytest.fixture
def frame() -> bytes:
    """A TCP SYN with options over Ethernet and IPv4."""
    return bytes.fromhex(
        "0200 0000 0002 0200 0000 0001 0800"
        "4500 003c 1c46 4000 4006 323f c000 0201 c633 6402"
        "c000 0050 1234 5678 0000 0000 a002 faf0 33f3 0000 0204 05b4 0402 080a 0000 03e8 0000 0000 0103 0307"
    )
