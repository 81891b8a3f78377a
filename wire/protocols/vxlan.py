"""Virtual eXtensible Local Area Network: Ethernet frames over UDP -- RFC 7348 section 5."""

from ..schema import U8, U16, U24, Default, Parts, Payload, Protocol, this
from ..schema import Bits as B
from ..types import Hex, of

vxlan = Protocol("vxlan", "Virtual eXtensible Local Area Network",
    "flags"     / Default(of(Hex(4), Parts(
        "g"         / B(1)  * "Group policy is there",
        "r1"        / B(3)  * "Reserved",
        "i"         / B(1)  * "Network identifier is there",
        "r2"        / B(4)  * "Reserved",
        "d"         / B(1)  * "Do not learn",
        "r3"        / B(2)  * "Reserved",
        "a"         / B(1)  * "Policy applied",
        "r4"        / B(3)  * "Reserved")), 0x0800)     * "Flags",
    "gbp"       / U16                                   * "Group Policy ID",
    "vni"       / U24                                   * "Network Identifier (VNI)",
    "reserved8" / U8                                    * "Reserved",
    Payload(also={"ethertype": 0x6558}),
    over={"udp.port": 4789},
    osi=2,
    short="VXLAN",
    rfc="RFC 7348 5",
    checks=[
        ((this.flags & 0x0800) != 0, "the flag I is not set: the identifier means nothing, the frame is to be dropped", "RFC 7348 5", "warn"),
        (this.reserved8 == 0, "{reserved8}: reserved bits are set", "RFC 7348 5", "note"),
    ],
    meaning={
        "flags": "I says that the identifier counts; the rest is for later, or for the group policy extension; RFC 7348 5",
        "vni": "Which of 16 million networks the frame belongs to: machines of another one never see it; RFC 7348 5",
    },
    title_of="VNI {vni}",
    info="VNI {vni}",
)  # fmt: skip
