"""Internet Protocol version 6 -- RFC 8200; DSCP and ECN -- RFC 2474, RFC 3168; jumbograms -- RFC 2675."""

from ..rules import PseudoHeader, payload_length
from ..schema import (
    U8,
    U16,
    U32,
    Auto,
    Bits,
    Bytes,
    Default,
    Derived,
    Ends,
    Named,
    Parts,
    Payload,
    Protocol,
    Struct,
    either,
    left,
    this,
)
from ..types import Hex, IPv6Address, of

HOP_BY_HOP, TCP, NO_NEXT_HEADER = 0, 6, 59

ipv6 = Protocol("ipv6", "Internet Protocol Version 6",
    "version"  / Default(Bits(4), 6)                          * "Version",
    "tclass"   / of(Hex(2), Parts(
        "dscp" / Named(Bits(6), "ip.dsfield.dscp")            * "Differentiated Services Codepoint",
        "ecn"  / Named(Bits(2), "ip.dsfield.ecn")             * "Explicit Congestion Notification",
        aligned=False))                                       * "Traffic Class",
    "flow"     / of(Hex(5), Bits(20))                         * "Flow Label",
    "plen"     / Auto(U16, payload_length)                    * "Payload Length",
    "nxt"      / Default(Named(U8, "ip.proto"), NO_NEXT_HEADER) * "Next Header",
    "hlim"     / Default(U8, 64)                              * "Hop Limit",
    "src"      / IPv6Address                                  * "Source Address",
    "dst"      / IPv6Address                                  * "Destination Address",
    Payload(size=either((this.plen == 0) & ((this.nxt == HOP_BY_HOP) | (this.nxt == TCP)), left, this.plen),
            by={"nxt": "ip.proto"}),
    "addr"     / Derived(Ends("src", "dst"), IPv6Address.format) * "Source or Destination Address",
    over={"ethertype": 0x86DD, "ip.proto": 41, "icmpv6.type": (1, 2, 3, 4, 137), "null.family": (24, 28, 30), "linktype": 229},
    osi=3,
    rfc="RFC 8200 3",
    aliases={"ip.version": "version"},
    pseudo=PseudoHeader(Struct("src" / Bytes(16), "dst" / Bytes(16), "length" / U32, "zero" / Default(Bytes(3), bytes(3)),
                               "protocol" / U8), needed=True),
    checks=[
        (this.version == 6, "the version is {version}, not 6", "RFC 8200 3", "error", True),
        ((this.plen != 0) | (this.nxt != TCP), "0: left to segmentation offload, the payload is what is left", "RFC 8200 3",
         "chat"),
        ((this.plen != 0) | (this.nxt == TCP) | (this.nxt == HOP_BY_HOP) | (this.nxt == NO_NEXT_HEADER),
         "0: nothing follows, though the next header is {nxt}", "RFC 8200 3", "error"),
        (this.hlim > 0, "0: it should have been dropped", "RFC 8200 3", "note"),
    ],
    meaning={
        "version": "The form of this header: 6; RFC 8200 3",
        "tclass": "How routers on the way should treat the packet, and whether they were congested; RFC 8200 7",
        "tclass.dscp": "The treatment that is asked for: 0 is the ordinary one, 46 the expedited one of telephony; RFC 2474 3",
        "tclass.ecn": "Whether the sender understands congestion marks (1 or 2), and whether a router set one (3); RFC 3168 5",
        "flow": "A number that all packets of one flow share, so that routers send them the same way without looking further in; "
                "RFC 6437 2",
        "plen": "Bytes behind this header, extension headers included; RFC 8200 3",
        "nxt": "What comes next: an extension header, or the protocol that is carried, by the numbers of IPv4's protocol field; "
               "RFC 8200 3",
        "hlim": "How many more routers may pass the packet on: each takes one off, and at zero it is dropped; RFC 8200 3",
        "src": "The host that sent the packet; RFC 8200 3",
        "dst": "The host that is to get the packet, or the next stop where a routing header follows; RFC 8200 3",
        "addr": "Source and destination, to find a host whichever way it talks",
    },
    short="IPv6",
    title_of="{src} → {dst}",
    info="{src} → {dst}",
)  # fmt: skip
