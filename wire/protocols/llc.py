"""Logical Link Control, and the SNAP header that names an EtherType behind it -- IEEE 802.2; RFC 1042."""

from __future__ import annotations

from ..packet import Layer
from ..registries import name as name_in
from ..schema import (
    U24,
    Bits,
    Cases,
    Default,
    Derived,
    Format,
    Named,
    Parts,
    Payload,
    Protocol,
    ahead8,
    either,
    swapped,
    this,
)
from ..types import Hex, Hex16, of

SNAP, IP = 0xAA, 0x06  # service access points
UNNUMBERED, SUPERVISORY = 3, 1  # the last two bits of the control field; in information frames the last one is 0
ETHERNET, BRIDGED = 0x000000, 0x0000F8  # organisations whose protocol identifiers are EtherTypes
INFORMATION = ((this.control & 1) == 0) | (this.control == 0x03)  # a numbered frame, or UI: others ask and answer
CAST, ROLE = {0: "Individual", 1: "Group"}, {0: "Command", 1: "Response"}
ORDERS = {0: "RR", 1: "RNR", 2: "REJ", 3: "SREJ"}


class OUI(Format):
    """An organisation, as the first half of its MAC addresses."""

    def show(self, value: int) -> str:
        return value.to_bytes(3, "big").hex(":")

    def read(self, text: str) -> int:
        return int(text.replace(":", "").replace("-", ""), 16)

    def tshark(self, value: int) -> str:
        return str(value)


def polls(llc: Layer) -> int | None:
    """The P/F bit where it is set and asks for an answer: in commands, and in all information frames."""
    return 1 if llc.get("control.pf") and not answers(llc) else None


def answers(llc: Layer) -> int | None:
    """The P/F bit where it is set and is an answer: in responses."""
    return 1 if llc.get("control.pf") and llc.get("ssap.cr") and "control.n_s" not in llc else None


def modifier(llc: Layer) -> int | None:
    """What an unnumbered frame asks or answers: the five bits on both sides of P/F, itself counted as 0."""
    high = llc.get("control.modifier_high")
    return None if high is None else high << 3 | llc["control.modifier_low"]


def info(llc: Layer) -> str:
    """`U, func=UI; SNAP, OUI 00:00:0c, PID 0x2000`, as tshark writes it."""
    if "control" not in llc.values:
        return "(cut short)"
    mark = " P" if polls(llc) else " F" if answers(llc) else ""
    if "control.n_s" in llc:
        texts = [f"I{mark}", f"N(R)={llc['control.n_r']}", f"N(S)={llc['control.n_s']}"]
    elif "control.n_r" in llc:
        texts = [f"S{mark}", f"func={ORDERS[llc['control.s_ftype']]}", f"N(R)={llc['control.n_r']}"]
    else:
        texts = [f"U{mark}", f"func={name_in('llc.control', llc['control']) or 'Unknown'}"]
    if "oui" in llc.values:
        pid = llc.get("pid") if "pid" in llc.values else llc.get("type")
        where = f"SNAP, OUI {OUI().show(llc['oui'])}, PID {'?' if pid is None else f'0x{pid:04x}'}"
    else:
        where = f"DSAP {point(llc['dsap'], CAST)}, SSAP {point(llc['ssap'], ROLE)}"
    return f"{', '.join(texts)}; {where}"


def point(number: int, last: dict[int, str]) -> str:
    """A service access point, and what its last bit says."""
    return f"{name_in('llc.dsap', number & 0xFE) or f'0x{number & 0xFE:02x}'} {last[number & 1]}"


llc = Protocol("llc", "Logical-Link Control",
    "dsap"              / Default(Named(of(Hex(2), Parts(
        "sap"           / Bits(7)                                       * "SAP",
        "ig"            / Named(Bits(1), CAST)                          * "IG Bit",
    )), "llc.dsap"), SNAP)                                              * "DSAP",
    "ssap"              / Default(Named(of(Hex(2), Parts(
        "sap"           / Bits(7)                                       * "SAP",
        "cr"            / Named(Bits(1), ROLE)                          * "CR Bit",
    )), "llc.ssap"), SNAP)                                              * "SSAP",
    Cases(ahead8 & 3, {
        UNNUMBERED: (
    "control"           / Default(Named(of(Hex(4), Parts(
        "modifier_high" / Bits(3)                                       * "Modifier, high bits",
        "pf"            / Bits(1)                                       * "Poll/Final",
        "modifier_low"  / Bits(2)                                       * "Modifier, low bits",
        "ftype"         / Named(Bits(2), {3: "Unnumbered frame"})       * "Frame type",
    )), "llc.control"), 0x03)                                           * "Control field",
        ),
        SUPERVISORY: (
    "control"           / swapped(of(Hex(4), Parts(
        "n_r"           / Bits(7)                                       * "N(R)",
        "pf"            / Bits(1)                                       * "Poll/Final",
        "reserved"      / Bits(4)                                       * "Reserved",
        "s_ftype"       / Named(Bits(2), ORDERS)                        * "Supervisory frame type",
        "ftype"         / Named(Bits(2), {1: "Supervisory frame"})      * "Frame type",
    )))                                                                 * "Control field",
        ),
    }, default=(
    "control"           / swapped(of(Hex(4), Parts(
        "n_r"           / Bits(7)                                       * "N(R)",
        "pf"            / Bits(1)                                       * "Poll/Final",
        "n_s"           / Bits(7)                                       * "N(S)",
        "ftype"         / Named(Bits(1), {0: "Information frame"})      * "Frame type",
    )))                                                                 * "Control field",
    )),
    Cases((this.dsap == SNAP) & (this.ssap == SNAP), {
        True: (
    "oui"               / Named(of(OUI(), U24), "oui")                  * "Organization Code",
    Cases(this.oui, {
        (ETHERNET, BRIDGED): (
    "type"              / Named(Hex16, "ethertype")                     * "Type",
    Payload(by={"type": "ethertype"}, keeps=False),
        ),
    }, default=(
    "pid"               / Hex16                                         * "PID",
    Payload(keeps=False),
    )),
        ),
    }, default=(
    Payload(also={"ethertype": either((this.dsap == IP) & INFORMATION, 0x0800, -1)}, keeps=False),
    )),
    "control.p"         / Derived(polls)                                * "Poll",
    "control.f"         / Derived(answers)                              * "Final",
    "control.u_modifier_cmd"  / Derived(lambda llc: None if llc.get("ssap.cr") else modifier(llc), Hex(2)) * "Command",
    "control.u_modifier_resp" / Derived(lambda llc: modifier(llc) if llc.get("ssap.cr") else None, Hex(2)) * "Response",
    over={"eth.len": None, "sll.ltype": 4},
    osi=2,
    rfc="IEEE 802.2 3.2",
    meaning={
        "dsap": "Which protocol of the receiver the frame is for: 0xaa says that a SNAP header follows; IEEE 802.2 3.3.1",
        "ssap": "Which protocol of the sender it comes from; IEEE 802.2 3.3.1",
        "control": "Plain data (0x03, unnumbered), or numbered data and acknowledgments as HDLC has them; IEEE 802.2 3.3.2",
        "oui": "Who gives out the number that follows; zero: it is an EtherType; IEEE 802 9",
        "type": "Which protocol is inside, by EtherType; RFC 1042",
        "pid": "Which protocol is inside, by the numbers of that organization; IEEE 802 9",
    },
    title_of=lambda llc: info(llc).rpartition("; ")[2],
    info=info,
)  # fmt: skip
