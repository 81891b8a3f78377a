"""Generic Routing Encapsulation -- RFC 2784; key and sequence number -- RFC 2890; version 1, of PPTP -- RFC 2637 section 4.1."""

from ..rules import MessageChecksum
from ..schema import U16, U32, Auto, Bits, Named, Payload, Protocol, When, either, this
from ..types import Hex16, Hex32

CHECKSUM, KEY, SEQUENCE, ACK = (this[f"flags.{name}"] == 1 for name in ("checksum", "key", "sequence_number", "ack"))
EOIP = 0x6400  # MikroTik's Ethernet over IP, which is no EtherType
PPTP = this["flags.version"] == 1

gre = Protocol("gre", "Generic Routing Encapsulation",
    "flags.checksum"            / Bits(1)                                         * "Checksum is there",
    "flags.routing"             / Bits(1)                                         * "Routing is there",
    "flags.key"                 / Bits(1)                                         * "Key is there",
    "flags.sequence_number"     / Bits(1)                                         * "Sequence number is there",
    "flags.strict_source_route" / Bits(1)                                         * "Strict source route",
    "flags.recursion_control"   / Bits(3)                                         * "Recursion control",
    "flags.ack"                 / Bits(1)                                         * "Acknowledgment number is there",
    "flags.reserved"            / Bits(4)                                         * "Reserved",
    "flags.version"             / Bits(3)                                         * "Version",
    "proto"                     / Named(Hex16, "ethertype")                       * "Protocol Type",
    "checksum"                  / When(CHECKSUM, Auto(Hex16, MessageChecksum()))  * "Checksum",
    "offset"                    / When(CHECKSUM, U16)                             * "Offset",
    "key"                       / When(KEY & (this["flags.version"] != 1), Hex32) * "Key",
    "key.payload_length"        / When(KEY & PPTP, U16)                           * "Payload Length",
    "key.call_id"               / When(KEY & PPTP, U16)                           * "Call ID",
    "sequence_number"           / When(SEQUENCE, U32)                             * "Sequence Number",
    "ack_number"                / When(ACK & PPTP, U32)                           * "Acknowledgment Number",
    Payload(by={"proto": "ethertype"}, also={"ethertype": either(this.proto == EOIP, 0x6558, 0)}),
    over={"ip.proto": 47},
    osi=3,
    short="GRE",
    rfc="RFC 2784 2",
    checks=[
        (this["flags.routing"] == 0, "source routes are there, which RFC 2784 gave up: what follows is not read", "RFC 2784 2.2",
         "warn", True),
        (this["flags.version"] <= 1, "version {flags_version} is not known", "RFC 2784 2.2", "error", True),
    ],
    meaning={
        "flags.checksum": "Whether a checksum follows, over header and payload; RFC 2784 2.2",
        "flags.key": "Whether a key follows, which tells apart what goes through one tunnel; RFC 2890 2.1",
        "flags.sequence_number": "Whether a sequence number follows, so that the far end can drop what comes out of order; RFC 2890 2.2",
        "flags.version": "0; 1 is PPTP's; RFC 2784 2.2",
        "proto": "Which protocol is inside, by its EtherType; RFC 2784 2.4",
        "checksum": "The Internet checksum over header and payload; RFC 2784 2.5",
        "key": "The number of a flow inside the tunnel; RFC 2890 2.1",
        "sequence_number": "Counts the packets that the tunnel has sent; RFC 2890 2.2",
    },
    title_of="{proto}",
    info="Encapsulated {proto}",
)  # fmt: skip
