"""Every dump format gives back exactly the frame that was written in it, whatever the frame holds and however the text
was pasted."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wire.capture.hextext import Dump, HexError, Judge, Judgement, read_hex

from .dumpers import (
    DUMPERS,
    LENGTH,
    OFFSETS,
    TEXT,
    Dumper,
    fortigate,
    hexdump,
    od,
    quoted,
    tcpdump,
    tshark,
    xxd,
    xxd_plain,
)

# Payloads that look like what stands round them: hexadecimal words, offsets, frames of a text column, quotes.
LURES = [b"45 00", b"0x0010:", b"0000 ", b"|", b"\"'", b"> <", b"  ", b"*\n", b"E", b"deadbeef", b"}{[]", b"b'\\x02'",
         b"*/", b"//", b"--", b"a: ", b"45:00", bytes(20)]
RULES = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def frames(draw: st.DrawFn, least: int = 1, most: int = 1600) -> bytes:
    size = draw(st.one_of(st.integers(least, max(least, 40)), st.integers(least, most)))
    piece = st.one_of(st.sampled_from(LURES), st.binary(min_size=1, max_size=24))
    pattern = b"".join(draw(st.lists(piece, min_size=1, max_size=12)))
    return (pattern * (size // len(pattern) + 1))[:size]


def judge_of(frame: bytes) -> Judge:
    """A judge that knows the frame: it may be asked only where the text leaves several readings open."""
    return lambda data: Judgement(int(data == frame), None if data == frame else "not the frame")


def only(dumps: list[Dump]) -> Dump:
    assert len(dumps) == 1
    return dumps[0]


@pytest.mark.parametrize("dumper", DUMPERS, ids=lambda dumper: dumper.name)
@given(data=st.data())
@RULES
def test_every_format_gives_the_frame_back(dumper: Dumper, data: st.DataObject) -> None:
    frame = dumper.first + data.draw(frames(dumper.least))
    dump = only(read_hex(dumper.write(frame), judge_of(frame)))
    assert dump.data == frame
    assert (TEXT in dumper.guards and frame.strip(b" \0") != b"") <= ("ascii" in dump.checked)
    assert (OFFSETS in dumper.guards and len(frame) > 40) <= ("offsets" in dump.checked)
    assert (LENGTH in dumper.guards) <= bool({"declared length", "final offset"} & set(dump.checked))


PASTES: dict[str, Callable[[str], str]] = {
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "Windows line ends, written twice": lambda text: text.replace("\n", "\r\r\n"),
    "byte-order mark": lambda text: "\ufeff" + text,
    "blanks at line ends": lambda text: text.replace("\n", "  \n"),
    "no last line end": lambda text: text.rstrip("\n"),
    "empty lines round it": lambda text: f"\n\n{text}\n\n",
    "indented": lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
    "Markdown": lambda text: f"```text\n{text.rstrip()}\n```\n",
    "mail": lambda text: quoted(lambda _: text)(b""),
    "mail, third reply": lambda text: quoted(lambda _: text, "> > > ")(b""),
    "mail without blanks": lambda text: quoted(lambda _: text, ">>")(b""),
    "colours": lambda text: "".join(f"\x1b[38;5;{n}m{line}\x1b[0m\n" for n, line in enumerate(text.splitlines())),
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
}


@pytest.mark.parametrize("paste", PASTES.values(), ids=PASTES.keys())
@pytest.mark.parametrize("dumper", DUMPERS, ids=lambda dumper: dumper.name)
def test_what_a_paste_puts_round_a_dump_does_no_harm(dumper: Dumper, paste: Callable[[str], str]) -> None:
    frame = bytes(range(0x40, 0x7F)) + b"\0\1\2\3 \xff\xfe" * 3
    frame = dumper.first + frame
    assert only(read_hex(paste(dumper.write(frame)), judge_of(frame))).data == frame


WITH_TEXT = [dumper for dumper in DUMPERS if TEXT in dumper.guards]


@pytest.mark.parametrize("dumper", WITH_TEXT, ids=lambda dumper: dumper.name)
def test_blanks_that_an_editor_took_from_line_ends_are_not_missed(dumper: Dumper) -> None:
    frame = b"text that ends in  " + b" " * 29 + b"x" * 15 + b" "
    text = "\n".join(line.rstrip() for line in dumper.write(frame).split("\n"))
    assert only(read_hex(text, judge_of(frame))).data == frame


MANY = [dumper for dumper in DUMPERS if OFFSETS in dumper.guards and "wire" not in dumper.name] + [
    dumper for dumper in DUMPERS if dumper.name in ("hex stream", "blanks", "colons", "base64 wrapped", "Python bytes",
                                                    "Go literal", "C array", "xxd -i", "Wireshark C arrays")]


@pytest.mark.parametrize("dumper", MANY, ids=lambda dumper: dumper.name)
def test_several_packets_in_one_paste(dumper: Dumper) -> None:
    parts = [bytes(range(1, 75)), b"second packet " * 3, b"\x02third\xff" * 8]
    text = "\n".join(dumper.write(part) + ("" if dumper.write(part).endswith("\n") else "\n") for part in parts)
    assert [dump.data for dump in read_hex(text, lambda data: Judgement(int(data in parts)))] == parts


@pytest.mark.parametrize("write", [tcpdump, fortigate, tshark, hexdump, od])
def test_packets_that_follow_each_other_without_an_empty_line(write: Callable[[bytes], str]) -> None:
    parts = [bytes(range(74)), b"second packet " * 3, b"\x02third\xff" * 8]
    text = "".join(write(part).rstrip("\n") + "\n" for part in parts)
    assert [dump.data for dump in read_hex(text, lambda data: Judgement(int(data in parts)))] == parts


def test_packets_of_concatenated_xxd_dumps() -> None:
    parts = [bytes(range(74)), b"second packet " * 3]
    assert [dump.data for dump in read_hex("".join(map(xxd, parts)))] == parts


@given(text=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_raises_anything_but_an_import_error(text: str) -> None:
    try:
        assert read_hex(text)
    except HexError as error:
        assert error.reason


@pytest.mark.parametrize("dumper", DUMPERS, ids=lambda dumper: dumper.name)
@given(data=st.data())
@RULES
def test_no_damaged_text_raises_anything_but_an_import_error(dumper: Dumper, data: st.DataObject) -> None:
    text = dumper.write(dumper.first + data.draw(frames(dumper.least, 100)))
    for _ in range(3):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.text("0aF \n|:.x'\"{[,-*>\\", max_size=4)) + text[at + length:]
    try:
        assert read_hex(text)
    except HexError as error:
        assert error.reason


def test_wrapped_streams_and_one_packet_in_each_line() -> None:
    frame = bytes(range(74))
    assert only(read_hex(xxd_plain(frame))).data == frame
    packets = [b"\x01" * 42, b"\x02" * 58, b"\x03" * 54]
    assert [dump.data for dump in read_hex("\n".join(packet.hex() for packet in packets))] == packets


def test_lines_of_one_length_are_settled_by_the_judge() -> None:
    """Two lines of 58 bytes and one of 54 may be three packets, or one that is wrapped."""
    packets = [b"\x01" * 58, b"\x02" * 58, b"\x03" * 54]
    text = "\n".join(packet.hex() for packet in packets)
    with pytest.raises(HexError, match="one packet in each line or one packet over several lines"):
        read_hex(text)
    assert [dump.data for dump in read_hex(text, lambda data: Judgement(int(data in packets)))] == packets
    whole = b"".join(packets)
    assert only(read_hex(text, lambda data: Judgement(int(data == whole)))).data == whole
