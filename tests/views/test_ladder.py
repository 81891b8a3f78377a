"""Ladders and pictures of stories: nothing is lost, nothing is wider than the terminal."""

from __future__ import annotations

import ast
import re
import string
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wire
from wire.lab import every
from wire.lab.crafting import craft
from wire.lab.sentences import COUNTS, SENTENCES
from wire.lab.states import graph
from wire.lang import catalogue, read, translate
from wire.machine import TRANSITIONS, State, figure_5
from wire.machine.events import Why
from wire.story import Arrow, Lifeline, Moment, Phrase, Sentence, Story
from wire.views import ladder_svg, mermaid, states_svg
from wire.views.ladder import Ladder, ladder
from wire.views.layers import screen
from wire.views.lines import ASCII, plain, width
from wire.views.telling import broken, closing, localized, reasons, title

NAMES = [one.name for one in every()]
ROOT = Path(wire.__file__).parent
SOURCES = [path for room in ("lab", "analysis", "views", "cli") for path in sorted((ROOT / room).glob("*.py"))]
LONG = {"client.isn": 4294967000, "server.isn": 4294967295}


def keys_for(name: str) -> dict[str, Any]:
    ends = next(one for one in every() if one.name == name).programs
    return LONG if set(ends) == {"client", "server"} else {}


@pytest.mark.parametrize("name", NAMES)
def test_ladders_fit_and_tell_everything(name: str) -> None:
    """At every width: no row is wider; each packet has its label and all its details, each call its text."""
    for keys in ({}, keys_for(name)):
        story = craft(name, keys)
        for columns in (80, 100, 160):
            rows = list(plain(ladder(story, columns)))
            assert max(map(width, rows)) <= columns
            text = "".join("".join(char for char in row if char not in "│┼") for row in rows)
            squeezed = "".join(text.split())
            for moment in story.moments:
                assert "".join(moment.text.split()) in squeezed or not fits(moment, columns, story), moment.text
            if len(story.lifelines) == 2:
                for arrow in story.arrows:
                    for word in arrow.label:
                        assert word in text, word
                    for word in arrow.details if arrow.fate != "lost" else ():
                        assert word in text, word
        assert max(width(row) for row in [*broken(title(story), 80), *closing(story)]) <= 80


def fits(moment: Moment, columns: int, story: Story) -> bool:
    """Whether a text stands in one row; otherwise other things stand between its rows."""
    picture = Ladder(story, columns)
    left, right = picture.room(moment.who)
    return width(moment.text) <= right - left


@pytest.mark.parametrize("name", ["handshake", "fast-retransmit", "switch", "simultaneous-open"])
def test_ascii(name: str) -> None:
    story = craft(name)
    rows = list(plain(ladder(story, 80), ascii_only=True))
    assert all(row.isascii() for row in rows)
    assert [width(row) for row in rows] == [width(row) for row in plain(ladder(story, 80))]


def test_ascii_knows_every_character() -> None:
    drawn = {char for name in NAMES for row in plain(ladder(craft(name), 80)) for char in row if not char.isascii()}
    assert drawn <= set(map(chr, ASCII)) | set("×")


def test_arrows_in_flight_keep_their_bends_apart() -> None:
    rows = "\n".join(plain(ladder(craft("fast-retransmit", {"client.isn": 0, "server.isn": 0}), 80)))
    assert "╮│" in rows and "│╰" in rows, "one is sent before the other arrives"
    late = "\n".join(plain(ladder(craft("reordering", {"client.isn": 0, "server.isn": 0}), 80)))
    assert "╰┼" in late, "one overtakes the other"


def test_a_copy_and_many_arrows_in_flight() -> None:
    arrows = [Arrow(n, "a", "b", 0, 1000 * n, ("DATA", f"n={n}"), ()) for n in range(1, 60)]
    moments = [Moment(0, "sent", "a", arrow=one) for one in arrows]
    moments += [Moment(one.arrived_at or 0, "arrived", "b", arrow=one) for one in arrows]
    moments.append(Moment(99000, "arrived", "b", arrow=Arrow(1, "a", "b", 0, 99000, ("DATA",), copy=True)))
    story = Story("x", "X", None, [Lifeline("a", "1"), Lifeline("b", "2")], moments, [], {}, [])
    rows = list(plain(ladder(story, 80)))
    assert max(map(width, rows)) <= 80
    assert all(f"n={n}" in "".join(rows) for n in range(1, 60))
    assert "copy" in rows[-1]


# Words


def fields(template: str) -> set[str]:
    return {name.lower() for _, name, _, _ in string.Formatter().parse(template) if name}


def templates() -> set[str]:
    """Every sentence that can be said about a scenario."""
    found = {template for template, _ in SENTENCES.values()}
    for one in every():
        found |= {one.title} | ({one.moral} if one.moral else set())
    for template in COUNTS.values():
        found |= {template.replace("{lost}", "none lost"), template.replace("{lost}", "{lost} lost")}
    for name in NAMES:
        for relative in (False, True):
            story = craft(name, relative=relative)
            found |= {one.template for one in [story.remark, *story.closing] if one}
    return found


def test_every_sentence_has_a_chinese_translation_with_the_same_values() -> None:
    chinese = catalogue("zh")
    said = templates()
    for template in sorted(said):
        assert template in chinese, f"no translation of {template!r}"
        assert fields(template) == fields(chinese[template]), template
    written = {node.value for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
               if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    assert not [key for key in chinese if "{" in key and key not in said | written], "nobody says it any more"


def phrases(text: str) -> Iterator[Phrase]:
    """A phrase, and those inside it."""
    if isinstance(text, Phrase):
        yield text
        for value in text.values.values():
            yield from phrases(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_ladder_in_chinese_keeps_only_calls_flags_and_numbers(name: str) -> None:
    """Whatever is a word is translated with the same values; and it still fits."""
    chinese = catalogue("zh")
    story = craft(name)
    texts = [word for one in story.moments for word in (one.text, *(one.arrow.label if one.arrow else ()))]
    for phrase in (one for text in texts for one in phrases(text)):
        said = phrase.template in chinese or re.fullmatch(r"\w+\(.*\)", phrase.template)
        assert said and fields(phrase.template) == fields(chinese.get(phrase.template, phrase.template)), (
            phrase.template
        )
    other = localized(story, "zh")
    for moment in other.moments:
        for word in (moment.text, *(moment.arrow.label if moment.arrow else ())):
            plainly = not re.search("[a-z]{2}", word) or re.fullmatch(r"\w+\(.*\)|(seq|ack|offset|cwnd)=.*", word)
            assert plainly or re.search("[\u4e00-\u9fff]", word), word
    for columns in (80, 200):
        assert max(map(width, plain(ladder(story, columns, "zh")))) <= columns


def test_pictures_in_chinese() -> None:
    story = craft("lost-syn")
    for picture in (ladder_svg.svg(story, "zh"), mermaid.sequence(story, "zh")):
        assert "重传" in picture and "丢失" in picture and "ran out" not in picture


def test_the_layers_in_chinese() -> None:
    layers = craft("encapsulation").layers
    assert layers is not None
    rows = list(plain(screen(layers, "zh")))
    assert all(width(row) <= 80 for row in rows) and "运输层" in rows[2]
    assert not any("ending" in row or "router" in row for row in rows)


def test_every_segment_has_a_reason_with_its_rfc() -> None:
    for name in NAMES:
        story = craft(name)
        for arrow in story.arrows:
            assert arrow.why is not None and arrow.why.rfc, f"{name}: {arrow.label}"
        for language in ("en", "zh"):
            assert max(width("".join(text for text, _ in line)) for line in reasons(story, language)) <= 80


def test_every_reason_that_the_machine_gives_has_a_sentence() -> None:
    sent = list(Why)[: list(Why).index(Why.CALL)]
    assert not [why.name for why in sent if why.name not in SENTENCES]


def test_a_catalogue_is_read_as_gettext_writes_it() -> None:
    assert read('# note\nmsgid ""\nmsgstr "x"\n\nmsgid "a\\n"\n"b"\nmsgstr ""\n"c"\n') == {"a\nb": "c"}
    assert translate("never said", "zh") == "never said"
    with pytest.raises(ValueError, match="no language 'xx': there are en, zh"):
        translate("x", "xx")


def test_lines_break_between_chinese_characters() -> None:
    lines = broken("客户端请求建立连接，" * 5, 20)
    assert all(width(line) <= 22 for line in lines) and not any(line[0] in "，。" for line in lines)


# Pictures


@pytest.mark.parametrize("name", NAMES)
def test_svg_is_well_formed_and_complete(name: str) -> None:
    story = craft(name)
    root = ElementTree.fromstring(ladder_svg.svg(story))
    said = " ".join("".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text"))
    for arrow in story.arrows:
        assert " ".join([*arrow.label, *arrow.details]) in said
    wide = float(root.attrib["width"])
    assert all(0 <= float(one.attrib["x"]) <= wide for one in root.iter("{http://www.w3.org/2000/svg}text"))


def test_the_state_diagram_is_the_table() -> None:
    drawn = graph()
    assert set(drawn.places) == {state.value for state in State} and len(drawn.edges) == len(list(figure_5()))
    assert {(before, after) for before, after, _, _ in drawn.edges} <= {
        (a.value, b.value) for (a, _), (_, b) in TRANSITIONS.items()
    }
    text = mermaid.state_diagram(drawn)
    assert "SYN_SENT --> ESTABLISHED: rcv SYN,ACK / snd ACK" in text and text.startswith("stateDiagram-v2")
    root = ElementTree.fromstring(states_svg.svg(drawn))
    said = ["".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert all(f"{event} / {send}" in said for _, _, event, send in drawn.edges)


def test_mermaid() -> None:
    text = mermaid.sequence(craft("lost-syn", {"client.isn": 223}))
    assert "P0-xP1: 1: SYN seq=223 win=65535 mss=1460 (lost)" in text
    assert "Note over P1: SYN-RECEIVED" in text and "Note left of P0: 1.000 s RTO" in text
    odd = Story(
        "x",
        "X",
        Sentence("a; b#", {}),
        [Lifeline("a", ""), Lifeline("b", "")],
        [Moment(0, "call", "a", "x; y # z")],
        [],
        {},
        [],
    )
    assert "x#59; y #35; z" in mermaid.sequence(odd)


def many(ends: int, address: str, label: tuple[str, ...], stateful: bool) -> Story:
    """Everybody sends to everybody; every fourth packet is lost."""
    names = [f"host-{index}" if index else "客户端" for index in range(ends)]
    moments = [Moment(0, "begin", "", states=dict.fromkeys(names, "CLOSED") if stateful else {})]
    pairs = [(one, other) for one in names for other in names if one != other]
    for number, (one, other) in enumerate(pairs, 1):
        time = number * 10_000_000
        details = ("len=100", "win=65535", "ts=474712889,4294967295")
        arrow = Arrow(number, one, other, time, time + 5_000_000 if number % 4 else None, label, details, 10,
                      "arrived" if number % 4 else "lost")  # fmt: skip
        moments.append(Moment(time, "sent", one, arrow=arrow, states={one: "SYN-RECEIVED"} if stateful else {}))
        if number % 4:
            states = {other: "FIN-WAIT-1"} if stateful else {}
            moments.append(Moment(time + 5_000_000, "arrived", other, arrow=arrow, states=states))
        moments.append(Moment(time + 6_000_000, "call", other, "recv() returns 2000 bytes 接收"))
    lines = [Lifeline(name, address.format(index)) for index, name in enumerate(names)]
    return Story("it", "it", None, lines, moments, [], dict.fromkeys(names, "CLOSED") if stateful else {}, [])


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("ends", [2, 3, 4, 5, 9, 40])
@pytest.mark.parametrize("stateful", [True, False])
def test_many_ends_and_long_addresses_fit(ends: int, stateful: bool, columns: int) -> None:
    """However many, and with the longest addresses: no row is wider, every name, address, flag and state is there."""
    label = ("SYN,ACK", "seq=4294967295", "ack=4294967295")
    for address in ("10.0.0.{}:40000", "[2001:db8:1234:5678:9abc:def0:1234:{}]:40000"):
        story = many(ends, address, label, stateful)
        rows = list(plain(ladder(story, columns)))
        assert max(map(width, rows)) <= columns
        text = "\n".join(rows)
        for one in story.lifelines:
            assert one.name in text and one.address in text
        assert text.count("SYN,ACK") == len(story.arrows)
        lost = sum(arrow.fate == "lost" for arrow in story.arrows)
        assert text.count("✗ lost") + text.count("lost ✗") == lost
        if stateful:
            assert text.count("SYN-RECEIVED") >= len(story.arrows)
        dull = list(plain(ladder(story, columns), ascii_only=True))
        assert [width(row) for row in dull] == [width(row) for row in rows]


def test_two_long_addresses_stand_below_each_other() -> None:
    story = many(2, "[2001:db8:1234::{}]:40000", ("ACK",), True)
    rows = list(plain(ladder(story, 80)))
    assert "[2001:db8:1234::0]:40000" in rows[1] and "[2001:db8:1234::1]:40000" in rows[2]
