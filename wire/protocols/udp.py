"""User Datagram Protocol -- RFC 768."""

from ..rules import SegmentChecksum, total_length
from ..schema import U16, Auto, Derived, Ends, Payload, Protocol, either, left, this
from ..types import Hex16, UDPPort

udp = Protocol("udp", "User Datagram Protocol",
    "srcport"  / UDPPort                                                                    * "Source Port",
    "dstport"  / UDPPort                                                                    * "Destination Port",
    "length"   / Auto(U16, total_length)                                                    * "Length",
    "checksum" / Auto(Hex16, SegmentChecksum(rfc="RFC 768", optional=True))                 * "Checksum",
    Payload(size=either(this.length == 0, left, this.length - 8), by={"dstport": "udp.port", "srcport": "udp.port"}),
    "port"     / Derived(Ends("srcport", "dstport"))                                        * "Source or Destination Port",
    over={"ip.proto": 17},
    osi=4,
    rfc="RFC 768",
    checks=[
        (either(this.length == 0, 8, this.length) >= 8, "says {length} bytes, its header alone takes 8", "RFC 768",
         "error", True),
    ],
    title_of="{srcport} → {dstport}",
    info="Len={length}",
)  # fmt: skip
