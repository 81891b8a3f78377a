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
    "max_resp"     / U8                                               * "Max Resp Time (1/10 s) or reserved",
    "checksum"     / Auto(Hex16, MessageChecksum())                   * "Checksum",
    Cases(this.type, {0x22: (
    "reserved"     / of(HexData(), Bytes(2))                          * "Reserved",
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
    title_of=lambda layer: layer.show("type") or "",
    info=lambda layer: layer.show("type") or "",
)  # fmt: skip
