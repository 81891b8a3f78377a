"""IPv6 hop-by-hop options header -- RFC 8200 section 4.3 -- and the options that it and destination options hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..options import Options
from ..packet import Layer, Note
from ..rules import Length
from ..schema import U8, U16, U32, Auto, Default, Derived, Named, Payload, Protocol, Record, this
from ..types import IPv6Address, Raw

OPTIONS = {
    0x00: Record("pad1", "Pad1", rfc="RFC 8200 4.2"),
    0x01: Record("padn", "PadN", "padn" / Raw * "Padding", rfc="RFC 8200 4.2"),
    0x04: Record("tel", "Tunnel encapsulation limit", "tel" / U8 * "Tunnel Encapsulation Limit", rfc="RFC 2473 4.1.1"),
    0x05: Record("router_alert", "Router alert",
                 "router_alert" / Named(U16, {0: "MLD", 1: "RSVP", 2: "Active Networks"}) * "Router Alert",
                 alias=("ra",), once=True, rfc="RFC 2711 2.1"),
    0xC2: Record("jumbo", "Jumbo payload", "jumbo" / U32 * "Payload Length",
                 checks=[(this.jumbo > 65535, "{jumbo} bytes: a jumbogram has more than 65535", "RFC 2675 3", "error")],
                 once=True, rfc="RFC 2675 2"),
    0xC9: Record("home_address", "Home address", "mipv6.home_address" / IPv6Address * "MIPv6 Home Address",
                 once=True, rfc="RFC 6275 6.3"),
}  # fmt: skip


def options() -> Options:
    """The options of a header whose `len` counts units of 8 bytes beyond the first; Pad1 and PadN fill it up."""
    return Options(this.len * 8 + 6, OPTIONS, prefix="ipv6.opt.", paths=("ipv6.opt.type", "ipv6.opt.length"),
                   kinds="ipv6.opt.type", alone=(0,), end=None, whole=False, align=8, before=2, fill=(0, 1), limit=2046,
                   limit_why="the header length field counts to 255 units beyond the first (RFC 8200 4.3)")  # fmt: skip


beyond_first = Length(header=True, payload=False, minus=8, unit=8)


def octets(layer: Layer) -> int | None:
    """The length of such a header in bytes."""
    length: int | None = layer.values.get("len")
    return None if length is None else length * 8 + 8


def below(layer: Layer) -> Layer | None:
    """The layer that carries this one."""
    layers = layer.packet.layers if layer.packet else []
    return next((one for one, above in pairwise(layers) if above is layer), None)


def placed(hop: Layer) -> Iterator[Note]:
    """Hop-by-hop options stand behind the IPv6 header and nowhere else (RFC 8200 section 4.1)."""
    carrier = below(hop)
    if carrier and carrier.name != "ipv6":
        yield Note("warn", "ipv6.hopopts.place", "it must follow the IPv6 header at once", hop.name, None,
                   (hop.start * 8, hop.end * 8), rfc="RFC 8200 4.1")  # fmt: skip


def jumbogram(hop: Layer) -> Iterator[Note]:
    """A jumbo payload option and a payload length of zero need each other (RFC 2675 section 3)."""
    carrier = below(hop)
    if not carrier or carrier.name != "ipv6" or "options" not in hop.values:
        return
    found = next((one for one in hop["options"] if one.name == "jumbo" and "jumbo" in one.values), None)
    if found is None and carrier["plen"] == 0:
        yield Note("error", "ipv6.jumbo.missing", "the payload length is 0, and no jumbo payload option tells it", hop.name,
                   "ipv6.plen", carrier.span("plen"), rfc="RFC 2675 3")  # fmt: skip
    if found is None:
        return
    bits, there = found.span("jumbo"), hop.wire_stop - carrier.end
    if carrier["plen"]:
        yield Note("error", "ipv6.jumbo.prohibited", f"a jumbo payload option beside a payload length of {carrier['plen']}",
                   hop.name, "ipv6.opt.jumbo", bits, 0, carrier["plen"], "ipv6.plen", "RFC 2675 3")  # fmt: skip
    elif found["jumbo"] > there and not hop.cut:
        yield Note("error", "length.beyond", f"ipv6.opt.jumbo says {found['jumbo']} bytes of payload, {there} are there",
                   hop.name, "ipv6.opt.jumbo", bits, found["jumbo"], there, "frame", "RFC 2675 2")  # fmt: skip


hopopts = Protocol("ipv6.hopopts", "IPv6 Hop-by-Hop Options",
    "nxt"     / Default(Named(U8, "ip.proto"), 59)          * "Next Header",
    "len"     / Auto(U8, beyond_first)                      * "Length in units of 8 beyond the first",
    "options" / options()                                   * "Options",
    Payload(by={"nxt": "ip.proto"}),
    "len_oct" / Derived(octets)                            * "Length in bytes",
    over={"ip.proto": 0},
    osi=3,
    rfc="RFC 8200 4.3",
    checks=[placed, jumbogram],
    meaning={
        "nxt": "What comes after this header: another one, or the protocol that is carried; RFC 8200 4",
        "len": "How long the header is, in units of 8 bytes; the first 8 are not counted; RFC 8200 4",
        "len_oct": "The same in bytes, all of them counted",
        "options": "What every router on the way may look at: an alert, the length of a jumbogram; RFC 8200 4.3",
    },
    title_of="{options}",
)  # fmt: skip
