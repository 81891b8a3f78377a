"""Raw IP: no link layer at all, the first four bits tell IPv4 from IPv6 -- tcpdump.org/linktypes LINKTYPE_RAW.

A packet's own bytes are `p.raw`, so this layer is `p["raw"]`.
"""

from collections.abc import Iterator

from ..packet import Layer, Note
from ..schema import Payload, Protocol, ahead8, either

VERSION = ahead8 >> 4


def neither(raw: Layer) -> Iterator[Note]:
    """There has to be a version, and it has to be known."""
    first = raw.packet.raw[raw.start : raw.stop][:1] if raw.packet else b""
    if not first and raw.cut:
        yield Note("note", "cut.capture", "nothing of the packet was captured", "raw", limited_by="capture")
    elif not first:
        yield Note("warn", "raw.empty", "there is no packet: not a byte", "raw", rfc="RFC 791 3.1")
    elif first[0] >> 4 not in (4, 6):
        yield Note("note", "raw.version", f"the first four bits are {first[0] >> 4}: neither IPv4 nor IPv6", "raw", None,
                   (raw.start * 8, raw.start * 8 + 4), rfc="RFC 791 3.1")  # fmt: skip


raw = Protocol("raw", "Raw packet data",
    Payload(also={"ethertype": either(VERSION == 4, 0x0800, either(VERSION == 6, 0x86DD, -1))}),
    over={"linktype": (101, 12, 14)},
    osi=2,
    checks=[neither],
    title_of="no link-layer header",
    info="Raw packet data",
)  # fmt: skip
