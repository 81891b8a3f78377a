"""Internet Protocol version 4 -- RFC 791; DSCP and ECN -- RFC 2474, RFC 3168."""

from __future__ import annotations

from ..options import Options
from ..packet import Layer
from ..rules import HeaderChecksum, PseudoHeader, header_length, total_length
from ..schema import (
    U8,
    U16,
    Auto,
    Bits,
    Bytes,
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
    either,
    left,
    this,
)
from ..types import Hex16, Id16, IPv4Address, Raw

OPTIONS = {
    0:   Record("eol",  "End of options list", "padding" / Raw * "Padding"),
    1:   Record("nop",  "No operation"),
    7:   Record("rr",   "Record route", "ptr" / Default(U8, 4) * "Pointer", "rec_rt" / Repeat(IPv4Address) * "Recorded route"),
    68:  Record("ts",   "Timestamp",
         "ptr"    / Default(U8, 5)                          * "Pointer",
         "oflw"   / Bits(4)                                 * "Overflow",
         "flag"   / Named(Bits(4), {0: "timestamps only", 1: "timestamp and address", 3: "prespecified addresses"}) * "Flag",
         "data"   / Raw                                     * "Timestamps"),
    130: Record("sec",  "Security", "data" / Raw * "Security"),
    131: Record("lsrr", "Loose source route", "ptr" / Default(U8, 4) * "Pointer", "rec_rt" / Repeat(IPv4Address) * "Route"),
    136: Record("sid",  "Stream identifier", "sid" / U16 * "Stream identifier"),
    137: Record("ssrr", "Strict source route", "ptr" / Default(U8, 4) * "Pointer", "rec_rt" / Repeat(IPv4Address) * "Route"),
    148: Record("ra",   "Router alert", "ra" / Named(U16, {0: "Router shall examine packet"}) * "Router alert", rfc="RFC 2113"),
}  # fmt: skip


def final_destination(ip: Layer) -> dict[str, bytes]:
    """Where a source route ends: checksums above count with that address (RFC 1122 section 3.2.1.8)."""
    for option in ip.values.get("options", ()):
        hops = option.values.get("rec_rt")
        if option.name in ("lsrr", "ssrr") and hops and option.values["ptr"] <= option.values["length"]:
            return {"dst": hops[-1]}
    return {}


ip = Protocol("ip", "Internet Protocol Version 4",
    "version"     / Default(Bits(4), 4)                        * "Version",
    "hdr_len"     / Auto(Scaled(Bits(4), 4), header_length)    * "Header Length",
    "dsfield"     / Parts(
        "dscp"    / Named(Bits(6), "ip.dsfield.dscp")          * "Differentiated Services Codepoint",
        "ecn"     / Named(Bits(2), "ip.dsfield.ecn")           * "Explicit Congestion Notification",
    )                                                          * "Differentiated Services Field",
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
    pseudo=PseudoHeader(Struct("src" / Bytes(4), "dst" / Bytes(4), "zero" / Default(U8, 0), "protocol" / U8, "length" / U16)),
    amends=final_destination,
    fragment=Fragment(offset=this.frag_offset, more=this.flags & 1),
    checks=[
        (this.version == 4, "the version is {version}, not 4", "RFC 791 3.1", "error"),
        (this.hdr_len >= 20, "the header says {hdr_len} bytes: 20 is the least", "RFC 791 3.1", "error", True),
        (either(this.len == 0, 20, this.len) >= this.hdr_len, "says {len} bytes, its header alone takes {hdr_len}",
         "RFC 791 3.1", "error", True),
        (this.len != 0, "0: left to segmentation offload, the payload is what is left", "RFC 791 3.1", "chat"),
        (this.flags < 4, "the reserved bit is set", "RFC 791 3.1", "note"),
        (this.ttl > 0, "0: it should have been dropped", "RFC 791 3.1", "note"),
    ],
    short="IPv4",
    title_of="{src} → {dst}",
    info="{src} → {dst}",
)  # fmt: skip
