"""User Datagram Protocol -- RFC 768; over IPv6 -- RFC 8200 section 8.1; jumbograms -- RFC 2675 section 4."""

from __future__ import annotations

from collections.abc import Iterator

from ..packet import Layer, Note
from ..rules import SegmentChecksum, total_length
from ..schema import U16, Auto, Derived, Ends, Payload, Protocol, either, left, this
from ..types import Hex16, UDPPort


def no_length(udp: Layer) -> Iterator[Note]:
    """A length of zero is a jumbogram's, which only IPv6 carries, and which has more than 65535 bytes."""
    if udp.values.get("length") != 0 or not udp.packet:
        return
    size = udp.wire_stop - udp.start
    jumbo = any(layer.values.get("plen") == 0 for layer in udp.packet.layers)
    if size <= 65535 or not jumbo:
        yield Note("error", "udp.length", f"0: only a jumbogram over IPv6 says that, here are {size} bytes", "udp", "udp.length",
                   udp.span("length"), 8, 0, "udp.length", "RFC 2675 4")  # fmt: skip


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
        no_length,
    ],
    meaning={
        "srcport": "The port that sent the datagram, and where an answer goes. Zero where none is expected; RFC 768",
        "dstport": "The port that the datagram is for: on the receiving host it names the program; RFC 768",
        "length": "Bytes of header and data together: 8 at least; RFC 768",
        "checksum": "A sum over pseudo header, header and data. Over IPv4 zero says that there is none, over IPv6 it has to be there; "
                    "RFC 768",
        "port": "Both ports, to find a program whichever way it talks",
    },
    title_of="{srcport} → {dstport}",
    info="Len={length}",
)  # fmt: skip
