"""Linux cooked capture, version 2, which names the interface too -- tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.

Wireshark has both versions under the name `sll`, and so have the fields here: a filter on `sll.etype`
finds either.  As a protocol it needs a name of its own, since one can be built without the other.
"""

from ..schema import U8, U16, U32, Bytes, Cases, Default, Named, Payload, Protocol, When, ahead16, either, this
from ..types import Hex16, HexData, IPv4Address, MACAddress, Raw, of
from .sll import LTYPES

sll2 = Protocol("sll2", "Linux cooked capture v2",
    Cases((ahead16 >= 0) & (ahead16 <= 1500), {
        True: (
    "ltype"         / Named(Hex16, LTYPES)                                  * "Protocol",
        ),
    }, default=(
    "etype"         / Named(Hex16, "ethertype")                             * "Protocol",
    )),
    "reserved"      / Hex16                                                 * "Reserved",
    "ifindex"       / U32                                                   * "Interface index",
    "hatype"        / Default(Named(U16, "sll.hatype"), 1)                  * "Link-layer address type",
    "pkttype"       / Named(U8, "sll.pkttype")                              * "Packet type",
    "halen"         / Default(U8, 6)                                        * "Link-layer address length",
    Cases(this.halen, {
        0: (),
        4: ("src.ipv4"  / IPv4Address                                       * "Source",),
        6: ("src.eth"   / MACAddress                                        * "Source",),
    }, default=(
            "src.other" / of(HexData(), Bytes(either(this.halen < 8, this.halen, 8))) * "Source",
    )),
    "unused"        / When(this.halen < 8, of(HexData(), Bytes(8 - this.halen))) * "Unused",
    Payload(by={"etype": "ethertype", "ltype": "sll.ltype"}, spoken="ethertype"),
    "trailer"       / Raw                                                   * "Trailer",
    path="sll",
    short="SLL",
    over={"linktype": 276},
    osi=2,
    checks=[
        (this.reserved == 0, "not zero", "", "note"),
        (this.halen <= 8, "{halen}: only 8 bytes of the address are here", "", "chat"),
    ],
    meaning={
        "pkttype": "Whether it was sent to us, to all, to a group, to somebody else, or by us",
        "hatype": "What kind of device it came through, as the kernel's ARPHRD numbers say",
        "halen": "How many bytes of the address that follows count",
        "src.eth": "The sender's MAC address",
        "src.ipv4": "The sender's address, where it has 4 bytes",
        "src.other": "The sender's address on that link",
        "unused": "What is left of the 8 bytes that are kept for the address",
        "etype": "Which protocol is inside, by EtherType",
        "ltype": "Which form of frame is inside, by Linux's own numbers",
        "reserved": "Kept for later: zero",
        "ifindex": "Which interface it came through, by the kernel's number",
    },
    title_of="{pkttype}, interface {ifindex}",
    info="{pkttype}",
)  # fmt: skip
