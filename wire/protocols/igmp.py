"""Internet Group Management Protocol -- RFC 2236; version 3 -- RFC 3376."""

from ..rules import MessageChecksum
from ..schema import (
    U8,
    U16,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Named,
    Payload,
    Protocol,
    Record,
    Repeat,
    When,
    left,
    this,
)
from ..types import Hex8, Hex16, HexData, IPv4Address, of

RECORDS = {1: "Mode Is Include", 2: "Mode Is Exclude", 3: "Change To Include Mode", 4: "Change To Exclude Mode",
           5: "Allow New Sources", 6: "Block Old Sources"}  # fmt: skip

GROUP = Record("group", "Group record",
    "record_type"  / Named(U8, RECORDS)                               * "Record Type",
    "aux_data_len" / U8                                               * "Aux Data Len in words of 4",
    "num_src"      / U16                                              * "Num Src",
    "maddr"        / IPv4Address                                      * "Multicast Address",
    "saddr"        / Repeat(IPv4Address, count=this.num_src)          * "Source Addresses",
    "aux_data"     / When(this.aux_data_len > 0, of(HexData(), Bytes(this.aux_data_len * 4))) * "Aux Data",
)  # fmt: skip

igmp = Protocol("igmp", "Internet Group Management Protocol",
    "type"         / Default(Named(Hex8, "igmp.type"), 0x16)          * "Type",
    Cases(this.type, {(0x12, 0x22): (
    "reserved"     / of(HexData(), Bytes(1))                          * "Reserved",
    )}, default=(
    "max_resp"     / U8                                               * "Max Resp Time (1/10 s)",
    )),
    "checksum"     / Auto(Hex16, MessageChecksum())                   * "Checksum",
    Cases(this.type, {0x22: (
    "reserved2"    / of(HexData(), Bytes(2))                          * "Reserved",
    "num_grp_recs" / U16                                              * "Num Group Records",
    "records"      / Repeat(GROUP, count=this.num_grp_recs)           * "Group Records",
    )}, default=(
    "maddr"        / IPv4Address                                      * "Multicast Address",
    Cases((this.type == 0x11) & (left >= 4), {True: (
    "reserved4"    / Bits(4)                                          * "Reserved",
    "s"            / Bits(1)                                          * "Suppress Router-Side Processing",
    "qrv"          / Bits(3)                                          * "Querier's Robustness Variable",
    "qqic"         / U8                                               * "Querier's Query Interval Code",
    "num_src"      / U16                                              * "Num Src",
    "saddr"        / Repeat(IPv4Address, count=this.num_src)          * "Source Addresses",
    )}),
    )),
    Payload(),
    over={"ip.proto": 2},
    osi=3,
    rfc="RFC 2236 2",
    meaning={
        "type": "A question of a router (0x11), or a host that joins or leaves a group; RFC 2236 2.1",
        "max_resp": "Within which time hosts should answer a question, in tenths of a second; RFC 2236 2.2",
        "checksum": "A sum over the whole message; RFC 2236 2.3",
        "maddr": "The group. Zero in a question for all groups; RFC 2236 2.4",
        "num_grp_recs": "How many groups the report speaks of; RFC 3376 4.2.3",
        "records": "A group each, and whose traffic is wanted there; RFC 3376 4.2.4",
        "s": "Other routers should not start their timers anew because of this question; RFC 3376 4.1.5",
        "qrv": "How often the querier's messages are repeated in case some are lost; RFC 3376 4.1.6",
        "qqic": "How long the querier waits between its questions; RFC 3376 4.1.7",
        "num_src": "How many senders are listed; RFC 3376 4.1.8",
        "saddr": "The senders that are asked for; RFC 3376 4.1.9",
    },
    title_of=lambda layer: layer.show("type") or "",
    info=lambda layer: layer.show("type") or "",
)  # fmt: skip
