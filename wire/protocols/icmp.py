"""Internet Control Message Protocol -- RFC 792; routers -- RFC 1256; extensions of its errors -- RFC 4884."""

from __future__ import annotations

from typing import Any

from ..packet import Layer
from ..rules import MessageChecksum
from ..schema import (
    U8,
    U16,
    U32,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Field,
    Named,
    Parts,
    Payload,
    Protocol,
    Record,
    Repeat,
    at,
    either,
    left,
    payload_end,
    this,
)
from ..types import Hex16, HexData, Id16, IPv4Address, of

ROUTER = Record("router", "Router",
    "router_address" / IPv4Address * "Router address",
    "pref_level"     / U32         * "Preference level (signed)",
)  # fmt: skip


def quote(registry: str, unit: int) -> tuple[Any, ...]:
    """The packet that an error quotes, of `length` units, and the extensions that may follow it (RFC 4884 section 7).

    Routers older than that RFC say no length, and begin their extensions after 128 bytes (section 5.5).
    """
    piece = Record("object", "Extension object",
        "ext.length"   / U16                                            * "Length",
        "ext.class"    / U8                                             * "Class",
        "ext.ctype"    / U8                                             * "C-Type",
        "ext.data"     / of(HexData(), Bytes(this["ext.length"] - 4))   * "Data",
    )  # fmt: skip
    classic = either(at >= 136, 0, either(at + left > 136, 136 - at, left))
    return (
        Payload(size=either(this.length > 0, this.length * unit, left), by={"type": registry}),
        "padding"      / of(HexData(), Bytes(either(this.length > 0, payload_end - at, classic))) * "Padding",
        Cases((left >= 4) & ((this.length > 0) | (at == 136)), {True: (
        "ext"          / Parts(
            "version"  / Bits(4)                                        * "Version",
            "res"      / Bits(12)                                       * "Reserved")
                                                                        * "Extensions",
        "ext.checksum" / Hex16                                          * "Extension checksum",
        "ext.objects"  / Repeat(piece)                                  * "Extension objects",
        )}),
    )  # fmt: skip


def kind(layer: Layer) -> str:
    """`Destination unreachable (Port unreachable)`."""
    names = []
    for name in ("type", "code"):
        field = layer.record.find(name)
        assert isinstance(field, Field)
        names.append(field.name_of(layer.values.get(name), layer.values))
    return f"{names[0] or 'Unknown type'} ({names[1]})" if names[1] else names[0] or "Unknown type"


def info(icmp: Layer) -> str:
    """`Echo (ping) request id=0x0001, seq=1`, as tshark writes it."""
    return f"{kind(icmp)} id=0x{icmp['ident']:04x}, seq={icmp['seq']}" if "seq" in icmp.values else kind(icmp)


icmp = Protocol("icmp", "Internet Control Message Protocol",
    "type"                  / Default(Named(U8, "icmp.type"), 8)    * "Type",
    "code"                  / Named(U8, "icmp.code.{type}")         * "Code",
    "checksum"              / Auto(Hex16, MessageChecksum())        * "Checksum",
    Cases(this.type, {
        (0, 8, 13, 14, 15, 16, 17, 18): (
    "ident"                 / Id16                                  * "Identifier",
    "seq"                   / U16                                   * "Sequence Number",
    Cases(this.type, {
        (13, 14): (
    "originate_timestamp"   / U32                                   * "Originate Timestamp (ms since midnight)",
    "receive_timestamp"     / U32                                   * "Receive Timestamp",
    "transmit_timestamp"    / U32                                   * "Transmit Timestamp",
        ),
        (17, 18): (
    "address_mask"          / IPv4Address                           * "Address Mask",
        ),
    }),
    Payload(),
        ),
        (3, 11, 12): (
    Cases(this.type, {12: (
    "pointer"               / U8                                    * "Pointer",
    )}, default=(
    "unused"                / U8                                    * "Unused",
    )),
    "length"                / U8                                    * "Length of original datagram in words of 4",
    Cases(this.type * 256 + this.code, {0x0304: (
    "mtu"                   / U16                                   * "MTU of next hop",
    )}, default=(
    "unused2"               / Hex16                                 * "Unused",
    )),
    *quote("icmp.type", 4),
        ),
        4: (
    "unused4"               / of(HexData(), Bytes(4))               * "Unused",
    Payload(by={"type": "icmp.type"}),
        ),
        5: (
    "redir_gw"              / IPv4Address                           * "Gateway Address",
    Payload(by={"type": "icmp.type"}),
        ),
        9: (
    "num_addrs"             / U8                                    * "Number of addresses",
    "addr_entry_size"       / Default(U8, 2)                        * "Address entry size in words of 4",
    "lifetime"              / U16                                   * "Lifetime (s)",
    "routers"               / Repeat(ROUTER, count=either(this.addr_entry_size == 2, this.num_addrs, 0)) * "Routers",
    Payload(),
        ),
        10: (
    "reserved"              / of(HexData(), Bytes(4))               * "Reserved",
    Payload(),
        ),
    }, default=(
    Payload(),
    )),
    over={"ip.proto": 1},
    osi=3,
    rfc="RFC 792",
    quotes=True,
    checks=[
        (this.addr_entry_size == 2, "{addr_entry_size} words to a router, not 2: their list stays bytes", "RFC 1256 3", "note"),
    ],
    meaning={
        "type": "What sort of message it is: 8 asks for an echo, 0 is the echo, 3 says that something cannot be reached; RFC 792",
        "code": "What it says more exactly, within its type: why something cannot be reached, for one; RFC 792",
        "checksum": "A sum over the whole message, without a pseudo header; RFC 792",
        "ident": "Which question an answer belongs to: ping gives each of its runs a number of its own; RFC 792",
        "seq": "Counts the questions of one run; RFC 792",
        "originate_timestamp": "When the question was sent; RFC 792",
        "receive_timestamp": "When it arrived; RFC 792",
        "transmit_timestamp": "When the answer was sent; RFC 792",
        "address_mask": "The netmask of the link; RFC 950",
        "pointer": "Which byte of the quoted header is wrong, counted from 0; RFC 792",
        "length": "How much of the packet is quoted, in words of 4 bytes, where extensions follow it; RFC 4884 4",
        "mtu": "The longest packet that the next link takes: path MTU discovery rests on it; RFC 1191 4",
        "redir_gw": "The gateway that is nearer to the destination: send there from now on; RFC 792",
        "num_addrs": "How many routers are listed; RFC 1256 3",
        "addr_entry_size": "How many words of 4 bytes each of them takes: 2; RFC 1256 3",
        "lifetime": "For how long the list holds; RFC 1256 3",
        "routers": "Routers of this link, and how much each is preferred; RFC 1256 3",
    },
    title_of=kind,
    info=info,
)  # fmt: skip
