"""Linux cooked capture: what the pseudo-device `any` captures -- tcpdump.org/linktypes/LINKTYPE_LINUX_SLL."""

from ..schema import U16, Bytes, Cases, Default, Named, Payload, Protocol, When, ahead16, either, this
from ..types import Hex16, HexData, IPv4Address, MACAddress, Raw, of

GRE = 778  # ARPHRD_IPGRE: the protocol is GRE's, not Ethernet's

ETYPE, LTYPE, GRETYPE = 0, 1, 2
FORM = either(this.hatype == GRE, GRETYPE, either((ahead16 >= 0) & (ahead16 <= 1500), LTYPE, ETYPE))
LTYPES = {1: "Novell 802.3 without 802.2", 3: "Ethernet", 4: "802.2 LLC", 7: "PPP HDLC", 0xC: "CAN", 0xD: "CAN FD"}

sll = Protocol("sll", "Linux cooked capture v1",
    "pkttype"       / Named(U16, "sll.pkttype")                             * "Packet type",
    "hatype"        / Default(Named(U16, "sll.hatype"), 1)                  * "Link-layer address type",
    "halen"         / Default(U16, 6)                                       * "Link-layer address length",
    Cases(this.halen, {
        0: (),
        4: ("src.ipv4"  / IPv4Address                                       * "Source",),
        6: ("src.eth"   / MACAddress                                        * "Source",),
    }, default=(
            "src.other" / of(HexData(), Bytes(either(this.halen < 8, this.halen, 8))) * "Source",
    )),
    "unused"        / When(this.halen < 8, of(HexData(), Bytes(8 - this.halen))) * "Unused",
    Cases(FORM, {
        LTYPE: (
    "ltype"         / Named(Hex16, LTYPES)                                  * "Protocol",
    Payload(by={"ltype": "sll.ltype"}),
        ),
        GRETYPE: (
    "gretype"       / Named(Hex16, "ethertype")                             * "Protocol",
    Payload(also={"ethertype": this.gretype}),
        ),
    }, default=(
    "etype"         / Named(Hex16, "ethertype")                             * "Protocol",
    Payload(by={"etype": "ethertype"}, spoken="ethertype"),
    )),
    "trailer"       / Raw                                                   * "Trailer",
    over={"linktype": 113},
    osi=2,
    checks=[
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
        "gretype": "Which protocol is inside, by the number in the GRE header that was there",
    },
    title_of="{pkttype}",
    info="{pkttype}",
)  # fmt: skip
