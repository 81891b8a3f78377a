"""Internet Control Message Protocol for IPv6 -- RFC 4443; neighbour discovery -- RFC 4861; MLD -- RFC 2710, RFC 3810."""

from __future__ import annotations

from ..options import Options
from ..packet import Layer
from ..rules import SegmentChecksum
from ..schema import (
    U8,
    U16,
    U24,
    U32,
    U64,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Flags,
    Named,
    Parts,
    Payload,
    Protocol,
    Record,
    Repeat,
    When,
    ahead8,
    at,
    left,
    payload_end,
    this,
)
from ..types import Hex16, HexData, IPv6Address, MACAddress, Raw, of
from .icmp import kind, quote

PREFERENCES = {0: "Medium", 1: "High", 2: "Reserved", 3: "Low"}
RECORDS = {1: "Include", 2: "Exclude", 3: "Changed to include", 4: "Changed to exclude", 5: "Allow new sources",
           6: "Block old sources"}  # fmt: skip

LINK_ADDRESS = Cases(left, {6: ("linkaddr" / MACAddress * "Link-layer address",)},
                     default=("linkaddr" / Raw * "Link-layer address",))  # fmt: skip

OPTIONS = {
    1:  Record("src_linkaddr",    "Source link-layer address", LINK_ADDRESS, alias=("slla",), rfc="RFC 4861 4.6.1"),
    2:  Record("target_linkaddr", "Target link-layer address", LINK_ADDRESS, alias=("tlla",), rfc="RFC 4861 4.6.1"),
    3:  Record("prefix",          "Prefix information",
        "prefix.length"             / U8                                  * "Prefix Length",
        "prefix.flag"               / Flags(
            "l"                     / Bits(1)                             * "On-link",
            "a"                     / Bits(1)                             * "Autonomous address-configuration",
            "r"                     / Bits(1)                             * "Router address",
            "reserved"              / Bits(5)                             * "Reserved")
                                                                          * "Flags",
        "prefix.valid_lifetime"     / U32                                 * "Valid Lifetime (s)",
        "prefix.preferred_lifetime" / U32                                 * "Preferred Lifetime (s)",
        "reserved"                  / of(HexData(), Bytes(4))             * "Reserved",
        "prefix"                    / IPv6Address                         * "Prefix", rfc="RFC 4861 4.6.2"),
    4:  Record("redirected",      "Redirected header",
        "reserved"                  / of(HexData(), Bytes(6))             * "Reserved",
        "redirected_packet"         / Raw                                 * "Redirected Packet", rfc="RFC 4861 4.6.3"),
    5:  Record("mtu",             "MTU",
        "reserved"                  / of(HexData(), Bytes(2))             * "Reserved",
        "mtu"                       / U32                                 * "MTU", rfc="RFC 4861 4.6.4"),
    7:  Record("adv_interval",    "Advertisement interval",
        "reserved"                  / of(HexData(), Bytes(2))             * "Reserved",
        "advertisement_interval"    / U32                                 * "Advertisement Interval (ms)", rfc="RFC 6275 7.3"),
    8:  Record("home_agent",      "Home agent information",
        "reserved"                  / of(HexData(), Bytes(2))             * "Reserved",
        "home_agent_preference"     / U16                                 * "Home Agent Preference",
        "home_agent_lifetime"       / U16                                 * "Home Agent Lifetime (s)", rfc="RFC 6275 7.4"),
    13: Record("timestamp",       "Timestamp",
        "reserved"                  / of(HexData(), Bytes(6))             * "Reserved",
        "timestamp"                 / U64                                 * "Timestamp (2^-16 s)", rfc="RFC 3971 5.3.1"),
    14: Record("nonce",           "Nonce", "nonce" / Raw * "Nonce", rfc="RFC 3971 5.3.2"),
    24: Record("route_info",      "Route information",
        "prefix.length"             / U8                                  * "Prefix Length",
        "route_info.flag"           / Parts(
            "reserved"              / Bits(3)                             * "Reserved",
            "route_preference"      / Named(Bits(2), PREFERENCES)         * "Route Preference",
            "reserved2"             / Bits(3)                             * "Reserved")
                                                                          * "Flags",
        "route_lifetime"            / U32                                 * "Route Lifetime (s)",
        "prefix"                    / Raw                                 * "Prefix", rfc="RFC 4191 2.3"),
    25: Record("rdnss",           "Recursive DNS server",
        "reserved"                  / of(HexData(), Bytes(2))             * "Reserved",
        "rdnss.lifetime"            / U32                                 * "Lifetime (s)",
        "rdnss"                     / Repeat(IPv6Address)                 * "Servers", rfc="RFC 8106 5.1"),
    31: Record("dnssl",           "DNS search list",
        "reserved"                  / of(HexData(), Bytes(2))             * "Reserved",
        "dnssl.lifetime"            / U32                                 * "Lifetime (s)",
        "dnssl"                     / Raw                                 * "Domain Names", rfc="RFC 8106 5.2"),
}  # fmt: skip

MEMBERSHIP = Record("mar", "Multicast address record",
    "mldr.mar.record_type"       / Named(U8, RECORDS)                                       * "Record Type",
    "mldr.mar.aux_data_len"      / U8                                                       * "Aux Data Len in words of 4",
    "mldr.mar.nb_sources"        / U16                                                      * "Number of Sources",
    "mldr.mar.multicast_address" / IPv6Address                                              * "Multicast Address",
    "mldr.mar.source_address"    / Repeat(IPv6Address, count=this["mldr.mar.nb_sources"])   * "Source Addresses",
    "mldr.mar.auxiliary_data"    / When(this["mldr.mar.aux_data_len"] > 0,
                                        of(HexData(), Bytes(this["mldr.mar.aux_data_len"] * 4))) * "Auxiliary Data",
)  # fmt: skip


def options(until: int | None = None) -> Options:
    """Neighbour discovery options up to the end of the message, their lengths in units of 8 (RFC 4861 section 4.6)."""
    return Options(left, OPTIONS, prefix="icmpv6.opt.", paths=("icmpv6.opt.type", "icmpv6.opt.length"),
                   kinds="icmpv6.opt.type", alone=(), end=None, unit=8, until=until)  # fmt: skip


def info(icmpv6: Layer) -> str:
    """`Neighbor Solicitation for 2001:db8::1`, as tshark writes it."""
    if "echo.sequence_number" in icmpv6.values:
        return f"{kind(icmpv6)} id=0x{icmpv6['echo.identifier']:04x}, seq={icmpv6['echo.sequence_number']}"
    for name in ("nd.ns.target_address", "nd.na.target_address", "nd.rd.target_address"):
        if name in icmpv6.values:
            return f"{kind(icmpv6)} {'is at' if name == 'nd.rd.target_address' else 'for'} {icmpv6.show(name)}"
    return kind(icmpv6)


icmpv6 = Protocol("icmpv6", "Internet Control Message Protocol v6",
    "type"                           / Default(Named(U8, "icmpv6.type"), 128)    * "Type",
    "code"                           / Named(U8, "icmpv6.code.{type}")           * "Code",
    "checksum"                       / Auto(Hex16, SegmentChecksum(rfc="RFC 4443 2.3", offloaded=False)) * "Checksum",
    Cases(this.type, {
        (1, 3): (
    "length"                         / U8                                        * "Length of original datagram in units of 8",
    "unused"                         / U24                                       * "Unused",
    *quote("icmpv6.type", 8),
        ),
        2: (
    "mtu"                            / U32                                       * "MTU",
    Payload(by={"type": "icmpv6.type"}),
        ),
        4: (
    "pointer"                        / U32                                       * "Pointer",
    Payload(by={"type": "icmpv6.type"}),
        ),
        (128, 129): (
    "echo.identifier"                / Hex16                                     * "Identifier",
    "echo.sequence_number"           / U16                                       * "Sequence",
    Payload(),
        ),
        (130, 131, 132): (
    "mld.maximum_response_delay"     / U16                                       * "Maximum Response Delay (ms) or Code",
    "reserved"                       / of(HexData(), Bytes(2))                   * "Reserved",
    "mld.multicast_address"          / IPv6Address                               * "Multicast Address",
    Cases((this.type == 130) & (left >= 4), {True: (
    "mld.flag"                       / Parts(
        "reserved"                   / Bits(4)                                   * "Reserved",
        "s"                          / Bits(1)                                   * "Suppress Router-Side Processing",
        "qrv"                        / Bits(3)                                   * "Querier's Robustness Variable")
                                                                                 * "Flags",
    "mld.qqi"                        / U8                                        * "Querier's Query Interval Code",
    "mld.nb_sources"                 / U16                                       * "Number of Sources",
    "mld.source_address"             / Repeat(IPv6Address, count=this["mld.nb_sources"]) * "Source Addresses",
    )}),
    Payload(),
        ),
        133: (
    "reserved"                       / of(HexData(), Bytes(4))                   * "Reserved",
    "options"                        / options()                                 * "Options",
        ),
        134: (
    "nd.ra.cur_hop_limit"            / Default(U8, 64)                           * "Cur hop limit",
    "nd.ra.flag"                     / Flags(
        "m"                          / Bits(1)                                   * "Managed address configuration",
        "o"                          / Bits(1)                                   * "Other configuration",
        "h"                          / Bits(1)                                   * "Home Agent",
        "prf"                        / Named(Bits(2), PREFERENCES)               * "Default Router Preference",
        "p"                          / Bits(1)                                   * "Proxy",
        "rsv"                        / Bits(2)                                   * "Reserved")
                                                                                 * "Flags",
    "nd.ra.router_lifetime"          / U16                                       * "Router lifetime (s)",
    "nd.ra.reachable_time"           / U32                                       * "Reachable time (ms)",
    "nd.ra.retrans_timer"            / U32                                       * "Retrans timer (ms)",
    "options"                        / options()                                 * "Options",
        ),
        135: (
    "reserved"                       / of(HexData(), Bytes(4))                   * "Reserved",
    "nd.ns.target_address"           / IPv6Address                               * "Target Address",
    "options"                        / options()                                 * "Options",
        ),
        136: (
    "nd.na.flag"                     / Flags(
        "r"                          / Bits(1)                                   * "Router",
        "s"                          / Bits(1)                                   * "Solicited",
        "o"                          / Bits(1)                                   * "Override",
        "rsv"                        / Bits(29)                                  * "Reserved")
                                                                                 * "Flags",
    "nd.na.target_address"           / IPv6Address                               * "Target Address",
    "options"                        / options()                                 * "Options",
        ),
        137: (
    "reserved"                       / of(HexData(), Bytes(4))                   * "Reserved",
    "nd.rd.target_address"           / IPv6Address                               * "Target Address",
    "rd.na.destination_address"      / IPv6Address                               * "Destination Address",
    "options"                        / options(until=4)                          * "Options",
    Cases(ahead8, {4: (
    "opt.type"                       / Default(Named(U8, "icmpv6.opt.type"), 4)  * "Redirected header",
    "opt.length"                     / Default(U8, 1)                            * "Length in units of 8",
    "opt.reserved"                   / of(HexData(), Bytes(6))                   * "Reserved",
    Payload(size=this["opt.length"] * 8 - 8, by={"type": "icmpv6.type"}),
    "padding"                        / of(HexData(), Bytes(payload_end - at))    * "Padding",
    "options2"                       / options()                                 * "Options behind it",
    )}),
        ),
        143: (
    "reserved"                       / of(HexData(), Bytes(2))                   * "Reserved",
    "mldr.nb_mcast_records"          / U16                                       * "Number of Multicast Address Records",
    "mldr.mar"                       / Repeat(MEMBERSHIP, count=this["mldr.nb_mcast_records"]) * "Records",
    Payload(),
        ),
    }, default=(
    Payload(),
    )),
    over={"ip.proto": 58},
    osi=3,
    rfc="RFC 4443 2.1",
    quotes=True,
    checks=[
        (this["opt.length"] >= 1, "{opt.length} units: its first 8 bytes alone are one", "RFC 4861 4.6", "error", True),
    ],
    meaning={
        "type": "What sort of message it is: below 128 an error, from 128 on information; RFC 4443 2.1",
        "code": "What it says more exactly, within its type; RFC 4443 2.1",
        "checksum": "A sum over pseudo header and message: unlike ICMP's it covers the addresses, since IPv6 has no checksum; RFC 4443 2.3",
        "length": "How much of the packet is quoted, in units of 8 bytes, where extensions follow it; RFC 4884 4",
        "mtu": "The longest packet that the next link takes: only the sender can break packets up, so it has to know; RFC 4443 3.2",
        "pointer": "Which byte of the quoted packet is wrong, counted from 0; RFC 4443 3.4",
        "echo.identifier": "Which question an answer belongs to: ping gives each of its runs a number of its own; RFC 4443 4.1",
        "echo.sequence_number": "Counts the questions of one run; RFC 4443 4.1",
        "mld.maximum_response_delay": "Within which time hosts should answer a question; RFC 2710 3",
        "mld.multicast_address": "The group. Zero in a question for all groups; RFC 2710 3",
        "mld.flag": "How routers on the link should take the question; RFC 3810 5.1",
        "mld.qqi": "How long the querier waits between its questions; RFC 3810 5.1.9",
        "mld.nb_sources": "How many senders are listed; RFC 3810 5.1.10",
        "mld.source_address": "The senders that are asked for; RFC 3810 5.1.11",
        "mldr.nb_mcast_records": "How many groups the report speaks of; RFC 3810 5.2.3",
        "mldr.mar": "A group each, and whose traffic is wanted there; RFC 3810 5.2.4",
        "nd.ra.cur_hop_limit": "The hop limit that hosts should begin with; zero: the router does not say; RFC 4861 4.2",
        "nd.ra.flag": "What hosts should get from DHCPv6, and how much this router is preferred; RFC 4861 4.2",
        "nd.ra.flag.m": "Addresses are to be had from DHCPv6; RFC 4861 4.2",
        "nd.ra.flag.o": "Other settings, as DNS servers, are to be had from DHCPv6; RFC 4861 4.2",
        "nd.ra.flag.prf": "How much this router is preferred to others; RFC 4191 2.2",
        "nd.ra.router_lifetime": "For how long hosts may use it as their default router; zero: not at all; RFC 4861 4.2",
        "nd.ra.reachable_time": "How long a neighbour counts as reachable after it was heard from; RFC 4861 4.2",
        "nd.ra.retrans_timer": "How long to wait before a solicitation is sent again; RFC 4861 4.2",
        "nd.ns.target_address": "The address whose owner is sought: this is what ARP asks in IPv4; RFC 4861 4.3",
        "nd.na.flag": "Who answers, and how the answer is to be taken; RFC 4861 4.4",
        "nd.na.flag.r": "The one who answers is a router; RFC 4861 4.4",
        "nd.na.flag.s": "It answers a question; RFC 4861 4.4",
        "nd.na.flag.o": "What was known before is to be replaced; RFC 4861 4.4",
        "nd.na.target_address": "The address that the answer is about; RFC 4861 4.4",
        "nd.rd.target_address": "The better first hop for that destination; RFC 4861 4.5",
        "rd.na.destination_address": "The destination that is to be reached by the target from now on; RFC 4861 4.5",
        "options": "Link-layer addresses, prefixes, the MTU of the link and more; RFC 4861 4.6",
        "opt.type": "The option that quotes the packet; RFC 4861 4.6.3",
        "opt.length": "How long that option is, in units of 8 bytes; RFC 4861 4.6",
    },
    title_of=kind,
    info=info,
)  # fmt: skip
