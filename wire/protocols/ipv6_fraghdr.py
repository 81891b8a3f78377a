"""IPv6 fragment header -- RFC 8200 section 4.5."""

from ..schema import U8, Bits, Default, Fragment, Named, Payload, Protocol, this
from ..types import Hex8, Hex32

fraghdr = Protocol("ipv6.fraghdr", "Fragment Header for IPv6",
    "nxt"            / Default(Named(U8, "ip.proto"), 59) * "Next Header",
    "reserved_octet" / Hex8                               * "Reserved octet",
    "offset"         / Bits(13)                           * "Offset in units of 8",
    "reserved_bits"  / Bits(2)                            * "Reserved bits",
    "more"           / Bits(1)                            * "More Fragments",
    "ident"          / Hex32                              * "Identification",
    Payload(by={"nxt": "ip.proto"}),
    over={"ip.proto": 44},
    osi=3,
    rfc="RFC 8200 4.5",
    fragment=Fragment(offset=this.offset, more=this.more),
    checks=[
        ((this.more == 0) | (this._payload % 8 == 0), "more fragments follow, but this one does not carry a multiple of 8 bytes",
         "RFC 8200 4.5", "note"),
        (this.offset * 8 + this._payload <= 65535, "the fragment ends beyond 65535 bytes, the most that a packet can have",
         "RFC 8200 4.5", "note"),
    ],
    meaning={
        "nxt": "What comes after this header: another one, or the protocol that is carried; RFC 8200 4",
        "reserved_octet": "Kept for later: zero; RFC 8200 4.5",
        "offset": "Where in the whole packet the data of this fragment belongs, in units of 8 bytes; RFC 8200 4.5",
        "reserved_bits": "Kept for later: zero; RFC 8200 4.5",
        "more": "This is not the last fragment; RFC 8200 4.5",
        "ident": "A number that the fragments of one packet share. Only the sender breaks packets up, no router does; RFC 8200 4.5",
    },
    title_of="offset {offset}, more {more}, identification {ident}",
)  # fmt: skip
