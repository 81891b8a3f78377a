"""Internet Protocol version 4 -- RFC 791; DSCP and ECN -- RFC 2474, RFC 3168."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..options import Options
from ..packet import Layer
from ..rules import HeaderChecksum, PseudoHeader, header_length, total_length
from ..schema import (
    U8,
    U16,
    U32,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Derived,
    Ends,
    Flags,
    Fragment,
    Named,
    Parts,
    Payload,
    Protocol,
    Record,
    Repeat,
    Scaled,
    Struct,
    When,
    about,
    ahead16,
    either,
    left,
    this,
)
from ..types import Hex, Hex8, Hex16, HexData, Id16, IPv4Address, Raw, of

STAMPS = {0: "Time stamps only", 1: "Time stamp and address", 3: "Time stamps for prespecified addresses"}
LEVELS = {0x0000: "Unclassified", 0xF135: "Confidential", 0x789A: "EFTO", 0xBC4D: "MMMM", 0x5E26: "PROG",
          0xAF13: "Restricted", 0xD788: "Secret", 0x6BC5: "Top secret"}  # fmt: skip

STAMP = Record("stamp", "Stamp", "time_stamp_addr" / IPv4Address * "Address", "time_stamp" / U32 * "Time stamp")

POINTER = [
    (this.ptr >= 4, "{ptr} points before the first address, which is at 4", "RFC 791 3.1", "warn"),
    (this.ptr % 4 == 0, "{ptr} points into the middle of an address", "RFC 791 3.1", "warn"),
]

OPTIONS = {
    0:   Record("eol",  "End of options list", "padding" / When(left > 0, Raw) * "Padding"),
    1:   Record("nop",  "No operation"),
    7:   Record("rr",   "Record route",
         "ptr"                / Default(U8, 4)                          * "Pointer",
         "rec_rt"             / Repeat(IPv4Address)                     * "Recorded route",
         checks=POINTER, once=True),
    11:  Record("mtup", "MTU probe", "mtu" / U16 * "MTU", rfc="RFC 1063"),
    12:  Record("mtur", "MTU reply", "mtu" / U16 * "MTU", rfc="RFC 1063"),
    68:  Record("ts",   "Time stamp",
         "ptr"                / Default(U8, 5)                          * "Pointer",
         "overflow"           / Bits(4)                                 * "Overflow",
         "flag"               / Named(Bits(4), STAMPS)                  * "Flag",
         Cases(this.flag, {(1, 3): (
         "stamps"             / Repeat(STAMP)                           * "Stamps",
         )}, default=(
         "time_stamp"         / Repeat(U32)                             * "Time stamps",
         )),
         checks=[(this.ptr >= 5, "{ptr} points before the first time stamp, which is at 5", "RFC 791 3.1", "warn"),
                 (this.overflow == 0, "{overflow} nodes had no room for their time stamp", "RFC 791 3.1", "chat")],
         once=True),
    82:  Record("tr",   "Traceroute",
         "id_number"          / U16                                     * "ID Number",
         "ohc"                / U16                                     * "Outbound Hop Count",
         "rhc"                / U16                                     * "Return Hop Count",
         "originator"         / IPv4Address                             * "Originator IP Address",
         rfc="RFC 1393 2.2"),
    130: Record("sec",  "Security",
         Cases(either(this.length == 11, ahead16, -1), {tuple(LEVELS): (
         "sec_rfc791_sec"     / Named(Hex16, LEVELS)                    * "Security",
         "sec_rfc791_comp"    / U16                                     * "Compartments",
         "sec_rfc791_hr"      / of(HexData(), Bytes(2))                 * "Handling Restrictions",
         "sec_rfc791_tcc"     / of(HexData(), Bytes(3))                 * "Transmission Control Code",
         )}, default=(
         "sec_cl"             / Hex8                                    * "Classification Level",
         "sec_prot_auth_flags" / Raw                                    * "Protection Authority Flags",
         )),
         once=True, rfc="RFC 1108 2"),
    131: Record("lsrr", "Loose source route",
         "ptr"                / Default(U8, 4)                          * "Pointer",
         "src_rt"             / Repeat(IPv4Address)                     * "Source route",
         checks=POINTER, once=True),
    136: Record("sid",  "Stream identifier", "sid" / U16 * "Stream Identifier", once=True),
    137: Record("ssrr", "Strict source route",
         "ptr"                / Default(U8, 4)                          * "Pointer",
         "src_rt"             / Repeat(IPv4Address)                     * "Source route",
         checks=POINTER, once=True),
    148: Record("ra",   "Router alert",
         "ra"                 / Named(U16, {0: "Router shall examine packet"}) * "Router Alert", rfc="RFC 2113 2.1"),
}  # fmt: skip


@about("lsrr", "ssrr")
def final_destination(ip: Layer, _: Mapping[str, Any]) -> dict[str, bytes]:
    """Where a source route ends: checksums above count with that address (RFC 1122 section 3.2.1.8)."""
    for option in ip.values.get("options", ()):
        hops = option.values.get("src_rt") if not option.faults else None
        if hops and 4 <= option.values["ptr"] <= option.values["length"] and option.values["ptr"] % 4 == 0:
            return {"dst": hops[-1]}
    return {}


ip = Protocol("ip", "Internet Protocol Version 4",
    "version"     / Default(Bits(4), 4)                        * "Version",
    "hdr_len"     / Auto(Scaled(Bits(4), 4), header_length)    * "Header Length",
    "dsfield"     / of(Hex(2), Parts(
        "dscp"    / Named(Bits(6), "ip.dsfield.dscp")          * "Differentiated Services Codepoint",
        "ecn"     / Named(Bits(2), "ip.dsfield.ecn")           * "Explicit Congestion Notification",
    ))                                                         * "Differentiated Services Field",
    "len"         / Auto(U16, total_length)                    * "Total Length",
    "id"          / Id16                                       * "Identification",
    "flags"       / Flags(
        "rb"      / Bits(1)                                    * "Reserved bit",
        "df"      / Bits(1)                                    * "Don't fragment",
        "mf"      / Bits(1)                                    * "More fragments",
    )                                                          * "Flags",
    "frag_offset" / Bits(13)                                   * "Fragment Offset",
    "ttl"         / Default(U8, 64)                            * "Time to Live",
    "proto"       / Named(U8, "ip.proto")                      * "Protocol",
    "checksum"    / Auto(Hex16, HeaderChecksum())              * "Header Checksum",
    "src"         / IPv4Address                                * "Source Address",
    "dst"         / IPv4Address                                * "Destination Address",
    "options"     / Options(this.hdr_len - 20, OPTIONS, prefix="ip.opt.", paths=("ip.opt.type", "ip.opt.len"),
                            kinds="ip.opt.type", limit=40, limit_why="the header length field counts to 15 words (RFC 791 3.1)")
                                                               * "Options",
    Payload(size=either(this.len == 0, left, this.len - this.hdr_len), by={"proto": "ip.proto"}),
    "addr"        / Derived(Ends("src", "dst"), IPv4Address.format) * "Source or Destination Address",
    over={"ethertype": 0x0800, "ip.proto": 4, "icmp.type": (3, 4, 5, 11, 12), "null.family": 2, "linktype": (228,)},
    osi=3,
    rfc="RFC 791 3.1",
    aliases={"ip.rec_rt": "opt.rec_rt", "ip.src_rt": "opt.src_rt"},
    pseudo=PseudoHeader(Struct("src" / Bytes(4), "dst" / Bytes(4), "zero" / Default(U8, 0), "protocol" / U8, "length" / U16)),
    amends=final_destination,
    fragment=Fragment(offset=this.frag_offset, more=this.flags & 1),
    checks=[
        (this.version == 4, "the version is {version}, not 4", "RFC 791 3.1", "error", True),
        (this.hdr_len >= 20, "the header says {hdr_len} bytes: 20 is the least", "RFC 791 3.1", "error", True),
        ((this.len == 0) | (this.len >= this.hdr_len), "says {len} bytes, its header alone takes {hdr_len}",
         "RFC 791 3.1", "error", True),
        (this.len != 0, "0: left to segmentation offload, the payload is what is left", "RFC 791 3.1", "chat"),
        (this.flags < 4, "the reserved bit is set", "RFC 791 3.1", "note"),
        (this.ttl > 0, "0: it should have been dropped", "RFC 791 3.1", "note"),
        (((this.flags & 1) == 0) | (this._payload % 8 == 0), "more fragments follow, but this one does not carry a multiple of "
         "8 bytes", "RFC 791 3.2", "note"),
        (this.frag_offset * 8 + this.hdr_len + this._payload <= 65535, "the fragment ends beyond 65535 bytes, the most that a "
         "packet can have", "RFC 791 3.2", "note"),
    ],
    short="IPv4",
    meaning={
        "version": "The form of this header: 4. IPv6 begins with 6 in the same four bits; RFC 791 3.1",
        "hdr_len": "Where the data begins. On the wire it counts words of 4 bytes, so that it is 20 bytes at least and 60 at most; "
                   "RFC 791 3.1",
        "dsfield": "How routers on the way should treat the packet, and whether they were congested. It was once the type of service; "
                   "RFC 2474 3",
        "dsfield.dscp": "The treatment that is asked for: 0 is the ordinary one, 46 the expedited one of telephony; RFC 2474 3",
        "dsfield.ecn": "Whether the sender understands congestion marks (1 or 2), and whether a router set one (3); RFC 3168 5",
        "len": "Bytes of header and data together. What stands behind them in the frame is padding; RFC 791 3.1",
        "id": "A number that the fragments of one packet share, so that the receiver knows which belong together; RFC 6864 4",
        "flags": "Whether the packet may be broken into fragments, and whether more of them follow; RFC 791 3.1",
        "flags.rb": "Kept for later: zero; RFC 791 3.1",
        "flags.df": "No router may break the packet up: it is dropped where it is too long, and an ICMP message says so. Path MTU "
                    "discovery works that way; RFC 791 3.1",
        "flags.mf": "This is a fragment, and not the last one; RFC 791 3.1",
        "frag_offset": "Where in the whole packet the data of this fragment belongs, in units of 8 bytes; RFC 791 3.1",
        "ttl": "How many more routers may pass the packet on: each takes one off, and at zero it is dropped. That ends loops, and "
               "traceroute lives on it; RFC 791 3.1",
        "proto": "Which protocol the data is: 1 ICMP, 6 TCP, 17 UDP; RFC 791 3.1",
        "checksum": "A sum over the header alone. Each router works it out anew, since it changes the TTL; RFC 791 3.1",
        "src": "The host that sent the packet. It stays the same all the way, unless a NAT rewrites it; RFC 791 3.1",
        "dst": "The host that is to get the packet. Routers look at it to choose the next hop; RFC 791 3.1",
        "options": "Seldom used: a recorded or a prescribed way, time stamps, an alert to routers; RFC 791 3.1",
        "addr": "Source and destination, to find a host whichever way it talks",
    },
    title_of="{src} → {dst}",
    info="{src} → {dst}",
)  # fmt: skip
