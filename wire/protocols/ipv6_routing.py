"""IPv6 routing header -- RFC 8200 section 4.4: source routes (RFC 5095), Mobile IPv6, RPL, segment routing (RFC 8754)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..packet import Layer, Note
from ..schema import (
    U8,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Derived,
    Named,
    Payload,
    Protocol,
    Repeat,
    When,
    at,
    either,
    this,
)
from ..types import Hex8, Hex16, HexData, IPv6Address, of
from .ipv6_hopopts import beyond_first, octets

segments = (this["srh.last_entry"] + 1) * 16  # what the last entry says that the segment list takes


def final_destination(routing: Layer, values: Mapping[str, Any]) -> dict[str, bytes]:
    """While segments are left, checksums above count with the address where the route ends (RFC 8200 section 8.1)."""
    if not routing.values.get("segleft"):
        return {}
    hops = routing.values.get("src.addr") or [routing.values.get("mipv6.home_address")]
    if routing.values.get("type") == 4:
        hops = routing.values.get("srh.addr", [])[:1]
    if routing.values.get("type") == 3:
        hops = [uncompressed(routing.values, values["dst"])]
    return {"dst": hops[-1]} if hops and hops[-1] else {}


def uncompressed(rpl: Mapping[str, Any], dst: bytes) -> bytes:
    """The last address of an RPL source route: its first bytes are those of the destination (RFC 6554 section 3)."""
    addresses = rpl.get("rpl.addresses", b"")
    stop, shared = len(addresses) - rpl.get("rpl.pad", 0), rpl.get("rpl.cmprE", 0)
    last: bytes = addresses[max(0, stop - 16 + shared) : max(0, stop)]
    return dst[:shared] + last if len(last) == 16 - shared else b""


def segments_left(routing: Layer) -> Iterator[Note]:
    """No more segments can be left than there are addresses."""
    listed = routing.values.get("src.addr", routing.values.get("srh.addr"))
    left = routing.values.get("segleft", 0)
    if listed is not None and left > len(listed):
        yield Note("error", "ipv6.routing.segleft", f"{left} segments left, {len(listed)} addresses are there", routing.name,
                   "ipv6.routing.segleft", routing.span("segleft"), left, len(listed), "", "RFC 8200 4.4")  # fmt: skip


routing = Protocol("ipv6.routing", "Routing Header for IPv6",
    "nxt"                  / Default(Named(U8, "ip.proto"), 59)               * "Next Header",
    "len"                  / Auto(U8, beyond_first)                           * "Length in units of 8 beyond the first",
    "type"                 / Named(U8, "ipv6.routing.type")                   * "Type",
    "segleft"              / U8                                               * "Segments Left",
    Cases(this.type, {
        0: (
    "src.reserved"         / of(HexData(), Bytes(4))                          * "Reserved",
    "src.addr"             / Repeat(IPv6Address, size=this.len // 2 * 16)     * "Addresses",
        ),
        2: (
    "mipv6.reserved"       / of(HexData(), Bytes(4))                          * "Reserved",
    "mipv6.home_address"   / When(this.len >= 2, IPv6Address)                 * "Home Address",
        ),
        3: (
    "rpl.cmprI"            / Bits(4)                                          * "Compressed Internal Octets (CmprI)",
    "rpl.cmprE"            / Bits(4)                                          * "Compressed Final Octets (CmprE)",
    "rpl.pad"              / Bits(4)                                          * "Padding Bytes",
    "rpl.reserved"         / Bits(20)                                         * "Reserved",
    "rpl.addresses"        / of(HexData(), Bytes(this.len * 8))               * "Compressed addresses",
        ),
        4: (
    "srh.last_entry"       / U8                                               * "Last Entry",
    "srh.flags"            / Hex8                                             * "Flags",
    "srh.tag"              / Hex16                                            * "Tag",
    "srh.addr"             / Repeat(IPv6Address, size=either(segments <= this.len * 8, segments, this.len // 2 * 16))
                                                                              * "Segment list, the last first",
        ),
    }),
    "unknown_data"         / When(this.len * 8 + 8 > at, of(HexData(), Bytes(this.len * 8 + 8 - at))) * "Type-Specific Data",
    Payload(by={"nxt": "ip.proto"}),
    "len_oct"              / Derived(octets)                                 * "Length in bytes",
    over={"ip.proto": 43},
    osi=3,
    rfc="RFC 8200 4.4",
    amends=final_destination,
    checks=[
        (this.type != 0, "type 0 is deprecated", "RFC 5095", "note"),
        (segments <= this.len * 8, "{srh.last_entry} says more segments than the header has room for", "RFC 8754 2", "error"),
        (this["rpl.reserved"] == 0, "the reserved bits are {rpl.reserved}, not 0", "RFC 6554 3", "note"),
        segments_left,
    ],
    meaning={
        "nxt": "What comes after this header: another one, or the protocol that is carried; RFC 8200 4",
        "len": "How long the header is, in units of 8 bytes; the first 8 are not counted; RFC 8200 4",
        "len_oct": "The same in bytes, all of them counted",
        "type": "What form the rest has: 0 source route (not used any more), 2 Mobile IPv6, 3 RPL, 4 segment routing; RFC 8200 4.4",
        "segleft": "How many of the stops that are listed are still to be visited; RFC 8200 4.4",
        "src.addr": "The stops, in order. Packets with this type are to be dropped: they could be sent to and fro; RFC 5095 3",
        "mipv6.home_address": "The address that the mobile host has at home, and that takes the place of the destination; RFC 6275 6.4",
        "srh.last_entry": "The index of the last segment in the list, counted from 0; RFC 8754 2",
        "srh.flags": "Kept for later: zero; RFC 8754 2",
        "srh.tag": "Marks packets that belong to one class; RFC 8754 2",
        "srh.addr": "The segments, the last one first: the index of the next one is Segments Left; RFC 8754 2",
    },
    title_of=lambda layer: layer.record.find("type").name_of(layer.values.get("type")) or "",  # type: ignore[union-attr]
)  # fmt: skip
