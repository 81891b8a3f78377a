"""Ethernet II, and IEEE 802.3 with a length -- IEEE 802.3 section 3; RFC 894 and RFC 1042 for what it carries."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from ..packet import Layer, Note
from ..rules import FrameCheck, payload_length
from ..schema import (
    U16,
    Auto,
    Bytes,
    Cases,
    Derived,
    Ends,
    Named,
    Payload,
    Protocol,
    When,
    about,
    ahead16,
    at,
    either,
    fcs,
    left,
    this,
)
from ..types import Hex16, Hex32, HexData, MACAddress, of

# 1 to 1500 is a length, 1536 and more a type (IEEE 802.3 3.2.6); Wireshark reads 0 as a type too
TYPE, LENGTH, NEITHER = 0, 1, 2
GROUP = this.src[0] & 1  # type: ignore[index]  # of the sender's address
DATA = either(left > fcs, left - fcs, 0)  # what is left, but for the frame check sequence
FORM = either(ahead16 < 1, TYPE, either(ahead16 <= 1500, LENGTH, either(ahead16 < 1536, NEITHER, TYPE)))


@about("padding", "trailer")
def filling(eth: Layer) -> Iterator[Note]:
    """What stands behind the payload: padding should be zeros, and a frame check sequence may hide in the trailer."""
    padding, trailer = eth.values.get("padding", b""), eth.values.get("trailer", b"")
    if any(padding):
        yield Note("note", "eth.padding", f"{len(padding)} bytes of padding are not all zero: the sender sent what its "
                   "memory held, or they are a trailer", "eth", "eth.padding", eth.span("padding"), rfc="RFC 894")  # fmt: skip
    if len(trailer) >= 4 and eth.packet:
        first, end = eth.span("trailer")
        if int.from_bytes(trailer[-4:], "little") == crc32(eth.packet.raw[eth.start : end // 8 - 4]):
            yield Note("chat", "eth.trailer", "its last 4 bytes are the right frame check sequence, although the capture does "
                       "not say that it has one", "eth", "eth.trailer", (max(first, end - 32), end), 4, len(trailer), "capture",
                       "IEEE 802.3 3.2.9")  # fmt: skip


def form(eth: Layer) -> str:
    return "IEEE 802.3 Ethernet" if "len" in eth.values else ""


eth = Protocol("eth", "Ethernet II",
    "dst"             / MACAddress                                  * "Destination",
    "src"             / MACAddress                                  * "Source",
    Cases(FORM, {
        LENGTH: (
    "len"             / Auto(U16, payload_length)                   * "Length",
    Payload(size=this.len, by={"len": "eth.len"}),
        ),
        NEITHER: (
    "invalid_lentype" / Hex16                                       * "Invalid length/type",
    Payload(size=DATA),
        ),
    }, default=(
    "type"            / Named(Hex16, "ethertype")                   * "Type",
    Payload(size=DATA, by={"type": "ethertype"}, spoken="ethertype"),
    )),
    "padding"         / of(HexData(), Bytes(either((at < 60) & (at + left - fcs >= 60), 60 - at, 0))) * "Padding",
    "trailer"         / of(HexData(), Bytes(DATA))                  * "Trailer",
    "fcs"             / When(fcs == 4, Auto(Hex32, FrameCheck()))   * "Frame check sequence",
    "addr"            / Derived(Ends("dst", "src"), MACAddress.format) * "Address",
    over={"linktype": 1, "ethertype": 0x6558, "ip.proto": 143, "sll.ltype": 3},
    osi=2,
    short="Ethernet",
    rfc="IEEE 802.3 3.1",
    checks=[
        (this.invalid_lentype >= 1536, "{invalid_lentype} is neither a length (1500 at most) nor a type (1536 at least)",
         "IEEE 802.3 3.2.6", "warn"),
        (GROUP == 0, "is a group address: nobody can be its sender", "IEEE 802.3 3.2.3", "warn"),
        filling,
    ],
    meaning={
        "dst": "Whose interface is to take the frame: one station's, a group's, or everybody's (ff:ff:ff:ff:ff:ff). It comes first, "
               "so that a switch can forward before it has the rest; IEEE 802.3 3.2.4",
        "src": "The interface that sent the frame. From it a switch learns behind which port that station is; IEEE 802.3 3.2.5",
        "len": "How many bytes of data follow, without padding: values up to 1500 are a length; IEEE 802.3 3.2.6",
        "invalid_lentype": "Values from 1501 to 1535 are neither a length nor a type; IEEE 802.3 3.2.6",
        "type": "Which protocol is inside: values from 1536 (0x0600) on are a type; IEEE 802.3 3.2.6",
        "padding": "Bytes that fill a short frame up to 60, without the check sequence 4 less than the 64 that Ethernet asks for; "
                   "IEEE 802.3 3.2.8",
        "trailer": "Bytes behind what the inner lengths say and behind the padding: no header speaks of them",
        "fcs": "A CRC-32 over the whole frame. The receiving hardware drops a frame that does not match, and seldom hands the four "
               "bytes on: most captures do not have them; IEEE 802.3 3.2.9",
        "addr": "Destination and source, to find a station whichever way it talks",
    },
    form=form,
    title_of="{src} → {dst}",
    info="{src} → {dst}",
)  # fmt: skip
