"""Ethernet II, and IEEE 802.3 with a length -- IEEE 802.3 section 3."""

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
    ahead16,
    at,
    either,
    fcs,
    left,
    this,
)
from ..types import Hex16, Hex32, HexData, MACAddress, of

eth = Protocol("eth", "Ethernet II",
    "dst"     / MACAddress                                  * "Destination",
    "src"     / MACAddress                                  * "Source",
    Cases((ahead16 >= 0) & (ahead16 < 0x0600), {
        True: (
    "len"     / Auto(U16, payload_length)                   * "Length",
    Payload(size=this.len, by={"len": "eth.len"}),
        ),
    }, default=(
    "type"    / Named(Hex16, "ethertype")                   * "Type",
    Payload(size=left - fcs, by={"type": "ethertype"}, spoken="ethertype"),
    )),
    "padding" / of(HexData(), Bytes(either((at < 60) & (at + left - fcs >= 60), 60 - at, 0))) * "Padding",
    "trailer" / of(HexData(), Bytes(left - fcs))            * "Trailer",
    "fcs"     / When(fcs == 4, Auto(Hex32, FrameCheck()))   * "Frame check sequence",
    "addr"    / Derived(Ends("dst", "src"), MACAddress.format) * "Address",
    over={"linktype": (1,)},
    osi=2,
    short="Ethernet",
    title_of="{src} → {dst}",
    info="{src} → {dst}",
)  # fmt: skip
