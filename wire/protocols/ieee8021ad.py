"""802.1ad service tag, around the customer's 802.1Q tag (Q-in-Q) -- IEEE 802.1Q section 9.6."""

from ..rules import payload_length
from ..schema import U16, Auto, Bits, Cases, Named, Payload, Protocol, ahead16, this
from ..types import Hex16

ieee8021ad = Protocol("ieee8021ad", "IEEE 802.1ad",
    "priority" / Bits(3)                            * "Priority",
    "dei"      / Bits(1)                            * "DEI",
    "id"       / Bits(12)                           * "ID",
    Cases((ahead16 >= 0) & (ahead16 <= 1500), {
        True: (
    "len"      / Auto(U16, payload_length)          * "Length",
    Payload(size=this.len, by={"len": "eth.len"}, keeps=False),
        ),
    }, default=(
    "etype"    / Named(Hex16, "ethertype")          * "Type",
    Payload(by={"etype": "ethertype"}, keeps=False, spoken="ethertype"),
    )),
    over={"ethertype": 0x88A8},
    osi=2,
    rfc="IEEE 802.1Q 9.6",
    short="802.1AD",
    aliases={"ieee8021ah.etype": "etype"},  # Wireshark's name for it
    checks=[
        (this.id != 0xFFF, "4095 is reserved: it may not be sent", "IEEE 802.1Q 9.6", "note"),
    ],
    remarks={
        "dei": (this.dei == 1, "may be dropped first"),
    },
    meaning={
        "priority": "How urgent the frame is, from 0 to 7: 1 is the least, 0 the ordinary, 7 the most; IEEE 802.1Q 9.6",
        "dei": "Drop eligible indicator: where there is congestion, this frame may go first; IEEE 802.1Q 9.6",
        "id": "Which service of the provider the frame belongs to: 1 to 4094. The customer's own tag may stand inside; IEEE 802.1Q 9.6",
        "len": "How many bytes of data follow: values up to 1500 are a length; IEEE 802.3 3.2.6",
        "etype": "Which protocol is inside, as the type behind an untagged frame's addresses; IEEE 802.3 3.2.6",
    },
    title_of="ID {id}, priority {priority}",
    info="PRI: {priority}  DROP: {dei} ID: {id}",
)  # fmt: skip
