"""Address Resolution Protocol, with RARP, DRARP and InARP -- RFC 826, 903, 1931, 2390; probes and announcements -- RFC 5227."""

from __future__ import annotations

from collections.abc import Iterator

from ..packet import Layer, Note
from ..registries import name as name_in
from ..schema import U8, U16, Bytes, Cases, Default, Derived, Named, Protocol, When, this
from ..types import Hex16, HexData, IPv4Address, MACAddress, of

REQUEST, REPLY = 1, 2
ETHERNET, IEEE802, IPV4 = 1, 6, 0x0800

MAC_SIZED = (this["hw.size"] == 6) & ((this["hw.type"] == ETHERNET) | (this["hw.type"] == IEEE802))
IPV4_SIZED = (this["proto.size"] == 4) & (this["proto.type"] == IPV4)

INFO = {
    0:  "Reserved opcode 0",
    1:  "Who has {dst_proto}? Tell {src_proto}",
    2:  "{src_proto} is at {src_hw}",
    3:  "Who is {dst_hw}? Tell {src_hw}",
    4:  "{dst_hw} is at {dst_proto}",
    5:  "Who is {dst_hw}? Tell {src_hw}",
    6:  "{dst_hw} is at {dst_proto}",
    7:  "DRARP Error",
    8:  "Who is {dst_hw}? Tell {src_hw}",
    9:  "{src_hw} is at {src_proto}",
    10: "ARP NAK",
    24: "Experimental 1 ( opcode 24 )",
    25: "Experimental 2 ( opcode 25 )",
}  # fmt: skip


def gratuitous(arp: Layer) -> int | None:
    """It speaks of its sender's own address, unasked (RFC 5227 section 3)."""
    own = "src.proto_ipv4" in arp and arp.get("src.proto_ipv4") == arp.get("dst.proto_ipv4")
    return 1 if own and arp["opcode"] in (REQUEST, REPLY) else None


def announcement(arp: Layer) -> int | None:
    """A request for the sender's own address: it will be used from now on (RFC 5227 section 2.3)."""
    return 1 if gratuitous(arp) and arp["opcode"] == REQUEST and not any(target(arp)) else None


def probe(arp: Layer) -> int | None:
    """A request without a sender's address: is anybody using that one? (RFC 5227 section 2.1.1)"""
    nobody = not any(arp.get("src.proto_ipv4") or b"\1") and any(arp.get("dst.proto_ipv4") or b"")
    return 1 if nobody and arp["opcode"] == REQUEST and not any(target(arp)) else None


def target(arp: Layer) -> bytes:
    """The target's hardware address, whatever its size."""
    return bytes(arp.get("dst.hw_mac") or arp.get("dst.hw") or b"")


def info(arp: Layer) -> str:
    """`Who has 10.0.0.2? Tell 10.0.0.1`, as tshark writes it."""
    if "opcode" not in arp:
        return "(cut short)"
    own = arp.show("dst.proto_ipv4")
    if probe(arp):
        return f"Who has {own}? (ARP Probe)"
    if announcement(arp):
        return f"ARP Announcement for {own}"
    if gratuitous(arp):
        return f"Gratuitous ARP for {own} ({'Request' if arp['opcode'] == REQUEST else 'Reply'})"
    text = INFO.get(arp["opcode"])
    if text is None:
        return name_in("arp.opcode", arp["opcode"]) or f"Unknown ARP opcode 0x{arp['opcode']:04x}"
    return text.format(**{f"{side}_{kind}": address(arp, side, kind) for side in ("src", "dst") for kind in ("hw", "proto")})


def address(arp: Layer, side: str, kind: str) -> str:
    """An address as people write it, under whichever name it is there."""
    known = {"hw": "hw_mac", "proto": "proto_ipv4"}[kind]
    return arp.show(f"{side}.{known}") or arp.show(f"{side}.{kind}") or "<No address>"


def purpose(arp: Layer) -> Iterator[Note]:
    """Requests and replies that are not about somebody else's address."""
    own = arp.show("dst.proto_ipv4")
    for found, code, text, rfc in (
        (probe, "arp.probe", f"a probe: is anybody using {own}?", "RFC 5227 2.1.1"),
        (announcement, "arp.announcement", f"an announcement: the sender uses {own} from now on", "RFC 5227 2.3"),
        (gratuitous, "arp.gratuitous", f"gratuitous: the sender says, unasked, that {own} is its own", "RFC 5227 3"),
    ):
        if found(arp):
            yield Note("chat", code, text, "arp", "arp.opcode", arp.span("opcode"), rfc=rfc)
            return


def other_sender(arp: Layer) -> Iterator[Note]:
    """The frame's sender and ARP's should be the same: else somebody speaks for another (a proxy, or a liar)."""
    below = arp.packet.layers[: arp.packet.layers.index(arp)] if arp.packet else []
    sender = next((layer.values["src"] for layer in reversed(below) if layer.name == "eth" and "src" in layer), None)
    said = arp.get("src.hw_mac")
    if sender is not None and said is not None and sender != said:
        yield Note("note", "arp.src.hw_mac", f"is not the frame's sender, {MACAddress.format.show(sender)}: it speaks for "
                   "another", "arp", "arp.src.hw_mac", arp.span("src.hw_mac"), rfc="RFC 826")  # fmt: skip


arp = Protocol("arp", "Address Resolution Protocol",
    "hw.type"               / Default(Named(U16, "arp.hw.type"), ETHERNET)          * "Hardware type",
    "proto.type"            / Default(Named(Hex16, "ethertype"), IPV4)              * "Protocol type",
    "hw.size"               / Default(U8, 6)                                        * "Hardware size",
    "proto.size"            / Default(U8, 4)                                        * "Protocol size",
    "opcode"                / Default(Named(U16, "arp.opcode"), REQUEST)            * "Opcode",
    Cases(MAC_SIZED, {True: (
        "src.hw_mac"        / MACAddress                                            * "Sender MAC address",
    )}, default=(
        "src.hw"            / When(this["hw.size"] > 0, of(HexData(), Bytes(this["hw.size"])))       * "Sender hardware address",
    )),
    Cases(IPV4_SIZED, {True: (
        "src.proto_ipv4"    / IPv4Address                                           * "Sender IP address",
    )}, default=(
        "src.proto"         / When(this["proto.size"] > 0, of(HexData(), Bytes(this["proto.size"]))) * "Sender protocol address",
    )),
    Cases(MAC_SIZED, {True: (
        "dst.hw_mac"        / MACAddress                                            * "Target MAC address",
    )}, default=(
        "dst.hw"            / When(this["hw.size"] > 0, of(HexData(), Bytes(this["hw.size"])))       * "Target hardware address",
    )),
    Cases(IPV4_SIZED, {True: (
        "dst.proto_ipv4"    / IPv4Address                                           * "Target IP address",
    )}, default=(
        "dst.proto"         / When(this["proto.size"] > 0, of(HexData(), Bytes(this["proto.size"]))) * "Target protocol address",
    )),
    "isgratuitous"          / Derived(gratuitous)                                   * "Is gratuitous",
    "isannouncement"        / Derived(announcement)                                 * "Is announcement",
    "isprobe"               / Derived(probe)                                        * "Is probe",
    over={"ethertype": (0x0806, 0x8035)},
    osi=2,
    rfc="RFC 826",
    checks=[
        ((this["hw.size"] == 6) | (this["hw.type"] != ETHERNET), "{hw_size}: Ethernet's addresses have 6 bytes", "RFC 826", "note"),
        ((this["proto.size"] == 4) | (this["proto.type"] != IPV4), "{proto_size}: IPv4's addresses have 4 bytes", "RFC 826", "note"),
        purpose,
        other_sender,
    ],
    meaning={
        "hw.type": "What kind of link the hardware addresses are of: 1 is Ethernet; RFC 826",
        "proto.type": "What kind of network the protocol addresses are of, numbered as EtherTypes are: 0x0800 is IPv4; RFC 826",
        "hw.size": "How many bytes a hardware address has: 6 for Ethernet; RFC 826",
        "proto.size": "How many bytes a protocol address has: 4 for IPv4; RFC 826",
        "opcode": "A question (1, request: who has this address?) or the answer to it (2, reply); RFC 826",
        "src.hw_mac": "The MAC address of the one who sends this: in a reply it is the answer; RFC 826",
        "src.hw": "The hardware address of the one who sends this; RFC 826",
        "src.proto_ipv4": "The IP address of the one who sends this. Who hears it may learn both from it; RFC 826",
        "src.proto": "The protocol address of the one who sends this; RFC 826",
        "dst.hw_mac": "The MAC address of the one it is for. In a request it is not known yet: zeros; RFC 826",
        "dst.hw": "The hardware address of the one it is for; RFC 826",
        "dst.proto_ipv4": "The IP address that is asked for; in a reply that of the one who asked; RFC 826",
        "dst.proto": "The protocol address that is asked for; RFC 826",
        "isgratuitous": "Whether somebody tells of his own address unasked: sender and target address are the same; RFC 5227 3",
        "isannouncement": "Whether somebody claims the address as his from now on; RFC 5227 2.3",
        "isprobe": "Whether somebody asks if an address is taken before he uses it: his own is still all zeros; RFC 5227 2.1.1",
    },
    title_of=lambda arp: arp.show("opcode") or "",
    info=info,
)  # fmt: skip
