"""Reference pages, listings, and what they read from the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import wire
from wire.protocols import find, load
from wire.schema import U8, Protocol, either, left, this
from wire.views import facts, reference
from wire.views.expressions import case, expression
from wire.views.words import cited, default_words, kind_of, rule_words, short_title

from .screens import WIDTHS, assert_fits, text_of

NAMES = sorted(load())


def rows_under(page: str, title: str) -> list[list[str]]:
    """The cells of the table under a title."""
    part = page.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [re.split(r"(?<!\\) \| ", line[2:-2]) for line in lines[2:]]


def test_the_page_of_tcp() -> None:
    page = reference.page(find("tcp"))
    assert page.startswith("# Transmission Control Protocol (`tcp`)\n")
    assert "Transport layer, OSI 4; RFC 9293 3.1." in page
    assert "* Carried by `ip.proto` 6 in " in page and "[ip](ip.md), [ipv6](ipv6.md)" in page
    fields = {row[0].removeprefix("&nbsp;&nbsp;"): row for row in rows_under(page, "Fields")}
    assert fields["`tcp.hdr_len`"][1:5] == [
        "Header Length",
        "4",
        "number; counted in units of 4 bytes",
        "how many bytes the header takes",
    ]
    assert fields["`tcp.flags.push`"][1:4] == ["Push (PSH)", "1", "flag"]
    assert fields["`tcp.seq`"][5].endswith("RFC 9293 3.4") and fields["`tcp.len`"][3] == "not on the wire"
    options = {row[1]: row for row in rows_under(page, "Options")}
    assert options["`mss`"] == [
        "2",
        "`mss`",
        "Maximum segment size",
        "4",
        "MSS Value `tcp.options.mss_val` 16",
        "RFC 9293 3.7.1",
    ]
    assert options["`sack`"][3] == "varies" and "Any other kind is named by registry tcp.option_kind" in page
    noted = rows_under(page, "What is noted")
    assert ["`tcp.hdr_len`: the header says … bytes: 20 is the least", "error", "RFC 9293 3.1"] in noted
    assert ["options that only a SYN may carry", "", "RFC 9293 3.7.1"] in noted


def test_every_field_of_every_protocol_stands_on_its_page() -> None:
    for name in NAMES:
        protocol = wire.Protocol.known[name]
        page = reference.page(protocol)
        for one in (*protocol.fields, *protocol.extras):
            assert f"`{one.path}`" in page
        assert "|  |\n" not in page.split("## Header")[0] and not re.search(
            r"\bwire\.[a-z]+ object\b|<lambda>|this\[", page
        )
        widths = {
            line.count(" | ") - line.count("\\ | ")
            for line in page.split("## Fields")[-1].split("\n\n")[1].splitlines()
        }
        assert len(widths) <= 1


@pytest.mark.parametrize("name", [name for name in NAMES if facts.is_real(wire.Protocol.known[name])])
def test_the_examples_give_the_bytes_that_the_page_shows(name: str) -> None:
    page = reference.page(find(name))
    python, shell, shown = re.findall(r"```(?:python|sh|text)\n(.*?)\n```", page.split("## Building one")[1], re.S)
    scope: dict[str, object] = {}
    exec(python.replace("bytes(stack).hex()", "made = bytes(stack)"), scope)  # the example as a reader would type it
    assert scope["made"] == b"" if shown == "(no bytes)" else scope["made"] == bytes.fromhex(shown.replace("\n", ""))
    assert wire.build(re.fullmatch(r"wire build '(.*)'", shell)[1]) == scope["made"]  # type: ignore[index]
    decoded = wire.decode(scope["made"], page.split("stack = wire.")[1].split("(")[0].replace("_", "."))  # type: ignore[arg-type]
    assert name in decoded and not [note for note in decoded.notes if note.severity == "error"]


def test_the_way_to_a_protocol() -> None:
    assert [one.name for one in facts.path_to(find("tcp"))] == ["eth", "ip", "tcp"]
    assert [one.name for one in facts.path_to(find("icmpv6"))] == ["eth", "ipv6", "icmpv6"]
    assert [one.name for one in facts.path_to(find("llc"))] == ["eth", "llc"]
    assert [one.name for one in facts.path_to(find("null"))] == ["null"]


def test_where_it_sits() -> None:
    (place,) = facts.carriers(find("udp"))
    assert place.registry == "ip.proto" and place.who == {17: "udp"} and {"ip", "ipv6"} <= set(place.having)
    (carried,) = [one for one in facts.carried(find("ip")) if one.registry == "ip.proto"]
    assert carried.having == ("ip.proto",) and carried.who[6] == "tcp" and carried.who[17] == "udp"
    assert not facts.is_real(find("data")) and not facts.is_real(find("frame")) and facts.is_real(find("llc"))


@pytest.mark.parametrize("columns", WIDTHS)
def test_listings_fit(columns: int) -> None:
    assert_fits(reference.index(columns), columns)
    for name in NAMES:
        assert_fits(reference.table(find(name), columns), columns)


def test_the_index_lists_all() -> None:
    text = text_of(reference.index(100))
    assert {line.split()[0] for line in text.splitlines()[1:] if not line.startswith(" ")} == set(NAMES)
    assert re.search(r"^udp +User Datagram Protocol +4 +ip.proto 17$", text, re.M)
    assert re.search(r"^data +Data +- ", text, re.M)


def test_the_table_of_one() -> None:
    text = text_of(reference.table(find("tcp"), 80))
    assert "transport, OSI 4; RFC 9293 3.1" in text and "|Header |     |A|C|E|U|A|P|R|S|F|" in text
    assert re.search(r"^tcp.srcport +16  port$", text, re.M) and re.search(r"^  tcp.flags.syn +1  flag$", text, re.M)
    assert re.search(r"^ +2  mss +4  Maximum segment size: MSS Value 16; RFC 9293 3.7.1$", text, re.M)
    assert "error: tcp.hdr_len: the header says … bytes: 20 is the least (RFC 9293 3.1)" in text


@pytest.fixture
def toy() -> Iterator[Protocol]:
    """A protocol of somebody else's, gone after the test."""
    made = Protocol("toy", "A toy", "kind" / U8 * "Kind", over={"udp.port": 9999}, rfc="RFC 768",
                    meaning={"kind": "what sort it is; RFC 768"})  # fmt: skip
    yield made
    del Protocol.known["toy"], Protocol.registries["udp.port"].numbers[9999]


def test_a_new_protocol_has_everything_at_once(toy: Protocol) -> None:
    page = reference.page(toy)
    assert "| `toy.kind` | Kind | 8 | number |  | What sort it is. RFC 768 |" in page
    assert "* Carried by `udp.port` 9999 in [udp](udp.md)" in page and "wire.udp() / wire.toy()" in page
    assert "toy" in text_of(reference.index(80)) and "toy.kind" in text_of(reference.table(toy, 80))
    assert "[toy](toy.md) 9999" in reference.page(find("udp")) and "toy" not in [one.name for one in reference.own()]


# -- words ----------------------------------------------------------------------------


def test_expressions_in_words() -> None:
    ip, tcp, arp = find("ip"), find("tcp"), find("arp")
    assert expression(this.hdr_len - 20, tcp, "bytes") == "Header Length - 20 bytes"
    assert expression(either(this.len == 0, left, this.len - this.hdr_len), ip, "bytes") == \
        "the bytes left if Total Length = 0, else Total Length - Header Length bytes"  # fmt: skip
    assert expression((this.flags & 0x02) != 0, tcp) == "Flags & SYN != 0"
    assert expression(((this.ttl == 1) | (this.ttl == 2)) == 0, ip) == "not (Time to Live = 1 or Time to Live = 2)"
    assert expression(this["proto"] == 6, ip) == "Protocol = TCP (6)"
    assert expression((this["hw.size"] == 6) & (this["proto.type"] == 0x0800), arp).endswith(
        "Protocol type = IPv4 (0x0800)"
    )
    assert expression(left * 2, ip, "bytes") == "the bytes left * 2"


def test_numbers_are_written_as_their_headers_write_them() -> None:
    numbers = [
        facts.number_text(*one) for one in (("ethertype", 2048), ("ip.proto", 6), ("udp.port", 9999), ("x", None))
    ]
    assert numbers == ["0x0800", "6", "9999", "any other"]
    chosen = either(this.dsap == 6, 0x0800, -1)
    assert facts.choice_text("ethertype", chosen, find("llc")) == "0x0800 if DSAP = TCP/IP (0x06), else none"


def test_cases_say_when_they_hold() -> None:
    ip = find("ip")
    key = either(this.ttl < 1, 0, either(this.ttl < 9, 1, 2))
    assert (case(key, 1, ip), case(key, 2, ip), case(this.ttl > 3, True, ip)) == (
        "Time to Live < 9",
        "",
        "Time to Live > 3",
    )


def test_sources_come_apart() -> None:
    assert cited("the first byte; RFC 9293 3.4") == ("The first byte.", "RFC 9293 3.4")
    assert cited("one; two; IEEE 802.3 3.2.4") == ("One; two.", "IEEE 802.3 3.2.4")
    assert cited("no source; at all") == ("No source; at all.", "") and cited("") == ("", "")
    assert (short_title("No-Operation (NOP)"), short_title("SACK"), short_title("a (see below)")) == (
        "NOP",
        "SACK",
        "a (see below)",
    )


def test_kinds_and_rules() -> None:
    ip = find("ip")
    fields = {one.name: one for one in ip.fields}
    assert kind_of(fields["src"], ip) == "IPv4 address in dotted decimal" and kind_of(fields["version"], ip) == "number"
    assert (
        kind_of(fields["proto"], ip) == "number; names: registry ip.proto" and kind_of(fields["flags"], ip) == "flags"
    )
    assert default_words(fields["ttl"]) == "64" and default_words(fields["id"]) == ""
    assert rule_words(fields["len"].rule) == "how many bytes header and payload take"  # type: ignore[arg-type]
    assert rule_words(fields["checksum"].rule) == "the Internet checksum (RFC 1071) over the header alone"  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["eth", "ip", "tcp", "udp"])
def test_every_field_has_a_meaning_with_its_source(name: str) -> None:
    rows = [row for row in facts.fields(find(name)) if not row.path.endswith(".status")]
    assert not [row.path for row in rows if not row.meaning]
    sourced = [row for row in rows if row.kind != "not on the wire" and row.path != "eth.trailer"]
    assert not [row.path for row in sourced if not row.rfc]
    unknown = set(find(name).meaning) - set(find(name).lookup)
    assert not unknown
