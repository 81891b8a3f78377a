"""IP authentication header -- RFC 4302."""

from ..rules import Length
from ..schema import U8, U32, Auto, Bytes, Default, Named, Payload, Protocol, either, this
from ..types import Hex32, HexData, of

ah = Protocol("ah", "Authentication Header",
    "next_header" / Default(Named(U8, "ip.proto"), 59)                               * "Next Header",
    "length"      / Auto(U8, Length(header=True, payload=False, minus=8, unit=4))    * "Length in words of 4 beyond the second",
    "reserved"    / of(HexData(), Bytes(2))                                          * "Reserved",
    "spi"         / Hex32                                                            * "Security Parameters Index",
    "sequence"    / U32                                                              * "Sequence",
    "icv"         / of(HexData(), Bytes(either(this.length >= 1, this.length * 4 - 4, 0))) * "Integrity Check Value",
    Payload(by={"next_header": "ip.proto"}),
    over={"ip.proto": 51},
    osi=3,
    rfc="RFC 4302 2",
    checks=[(this.length >= 1, "{length} words: 1 is the least, as 12 bytes stand in any header", "RFC 4302 2.2", "error", True)],
    meaning={
        "next_header": "What comes after this header; RFC 4302 2.1",
        "length": "How long the header is, in words of 4 bytes, less 2; RFC 4302 2.2",
        "reserved": "Kept for later: zero; RFC 4302 2.3",
        "spi": "Which of the keys and methods that both ends agreed on was used; RFC 4302 2.4",
        "sequence": "Counts the packets of this agreement, so that one that is sent again by a stranger is noticed; RFC 4302 2.5",
        "icv": "A keyed sum over all of the packet that does not change on the way: who lacks the key cannot forge it; RFC 4302 2.6",
    },
    title_of="SPI {spi}, sequence {sequence}",
)  # fmt: skip
