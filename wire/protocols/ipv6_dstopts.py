"""IPv6 destination options header -- RFC 8200 section 4.6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..packet import Layer
from ..schema import U8, Auto, Default, Derived, Named, Payload, Protocol
from .ipv6_hopopts import beyond_first, octets, options


def home_address(dstopts: Layer, _: Mapping[str, Any]) -> dict[str, bytes]:
    """A mobile node is known to the layers above by its home address (RFC 6275 section 6.3)."""
    found = (one.values.get("mipv6.home_address") for one in dstopts.values.get("options", ()))
    return next(({"src": address} for address in found if address), {})


dstopts = Protocol("ipv6.dstopts", "IPv6 Destination Options",
    "nxt"     / Default(Named(U8, "ip.proto"), 59)          * "Next Header",
    "len"     / Auto(U8, beyond_first)                      * "Length in units of 8 beyond the first",
    "options" / options()                                   * "Options",
    Payload(by={"nxt": "ip.proto"}),
    "len_oct" / Derived(octets)                            * "Length in bytes",
    over={"ip.proto": 60},
    osi=3,
    rfc="RFC 8200 4.6",
    amends=home_address,
    meaning={
        "nxt": "What comes after this header: another one, or the protocol that is carried; RFC 8200 4",
        "len": "How long the header is, in units of 8 bytes; the first 8 are not counted; RFC 8200 4",
        "len_oct": "The same in bytes, all of them counted",
        "options": "What only the destination looks at; RFC 8200 4.6",
    },
    title_of="{options}",
)  # fmt: skip
