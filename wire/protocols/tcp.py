"""Transmission Control Protocol -- RFC 9293; its options each name their own RFC."""

from __future__ import annotations

from collections.abc import Iterator

from ..options import Options
from ..packet import Layer, Note
from ..rules import SegmentChecksum, header_length
from ..schema import (
    U8,
    U16,
    U24,
    U32,
    Auto,
    Bits,
    Bytes,
    Cases,
    Default,
    Derived,
    Ends,
    Flags,
    Format,
    Named,
    Payload,
    Protocol,
    Record,
    Repeat,
    Scaled,
    When,
    about,
    ahead16,
    left,
    this,
)
from ..types import Count, Hex16, HexData, Raw, TCPPort, of


class Shift(Format):
    """A window scale: how far windows are shifted."""

    def about(self, value: int) -> str:
        return f"multiply by {1 << min(value, 14)}"


SYN, RST, ACK = 0x002, 0x004, 0x010

BLOCK = Record("block", "SACK block", "sack_le" / U32 * "Left edge", "sack_re" / U32 * "Right edge",
               meaning={"sack_le": "The first byte that arrived; RFC 2018 3", "sack_re": "The byte after the last one that arrived; RFC 2018 3"})

EXID = "experimental.exid" / When(left >= 2, Named(Hex16, "tcp.options.experimental.exid")) * "Experiment identifier"
COUNTERS = {name: f"acc_ecn.{name}" / When(left >= 3, U24) * label for name, label in
            (("ee0b", "ECT(0) bytes"), ("eceb", "CE bytes"), ("ee1b", "ECT(1) bytes"))}  # fmt: skip
ORDER_0 = [COUNTERS[name] for name in ("ee0b", "eceb", "ee1b")]
ORDER_1 = ORDER_0[::-1]
EXPERIMENT = Cases(ahead16, {  # two options have ExIDs from the time before they had kinds of their own
    0xF989: (EXID, "tfo.cookie" / Raw * "Cookie"),  # RFC 7413 appendix A
    0xACC0: (EXID, *ORDER_0),
    0xACC1: (EXID, *ORDER_1),
}, default=(EXID, "experimental.data" / Raw * "Data"))  # fmt: skip

OPTIONS = {
    0:   Record("eol",       "End of Option List (EOL)", "padding" / Raw * "Padding", rfc="RFC 9293 3.2",
                checks=[lambda eol: after_end(eol)]),
    1:   Record("nop",       "No-Operation (NOP)", rfc="RFC 9293 3.2"),
    2:   Record("mss",       "Maximum segment size", "mss_val" / of(Count("bytes"), U16) * "MSS Value", once=True, rfc="RFC 9293 3.7.1",
                meaning={"mss_val": "The most data in one segment that the sender of this SYN can take. Where the option is missing it is "
                                    "536 over IPv4, 1220 over IPv6; RFC 9293 3.7.1"}),
    3:   Record("wscale",    "Window scale",
                "wscale.shift" / of(Shift(), U8) * "Shift count",
                "wscale.multiplier" / Derived(lambda option: 1 << min(option.values.get("wscale.shift", 0), 14)) * "Multiplier",
                checks=[(this["wscale.shift"] <= 14, "shift {wscale_shift} exceeds 14", "RFC 7323 2.3", "warn")],
                alias=("ws",), once=True, rfc="RFC 7323 2.2",
                meaning={"wscale.shift": "By how many bits the windows that this end will send are to be shifted to the left. It counts "
                                         "only if both SYNs carry it; RFC 7323 2.2"}),
    4:   Record("sack_perm", "SACK permitted", alias=("sackok", "sack_ok"), once=True, rfc="RFC 2018 2",
                meaning={"sack_perm": "The sender of this SYN understands SACK, and may be sent it; RFC 2018 2"}),
    5:   Record("sack",      "SACK", "blocks" / Repeat(BLOCK) * "Blocks", once=True, rfc="RFC 2018 3",
                meaning={"blocks": "Runs of bytes that arrived beyond a gap: the sender need only send again what is missing; RFC 2018 3"}),
    6:   Record("echo",      "Echo", "echo" / U32 * "Info to be echoed", rfc="RFC 1072"),
    7:   Record("echoreply", "Echo reply", "echoreply" / U32 * "Echoed info", rfc="RFC 1072"),
    8:   Record("ts",        "Timestamps",
                "timestamp.tsval" / U32 * "TSval",
                "timestamp.tsecr" / U32 * "TSecr",
                alias=("timestamps", "timestamp"), once=True, rfc="RFC 7323 3.2",
                meaning={"timestamp.tsval": "What the sender's clock said when it sent this segment; RFC 7323 3.2",
                         "timestamp.tsecr": "A TSval of the other end, sent back, so that it can measure the round trip; RFC 7323 3.2"}),
    19:  Record("md5",       "TCP MD5 signature", "md5.digest" / of(HexData(), Bytes(16)) * "MD5 digest", once=True, rfc="RFC 2385"),
    27:  Record("qs",        "Quick-Start response",
                "qs.reserved" / Bits(4) * "Reserved", "qs.rate" / Bits(4) * "QS Rate", "qs.ttl_diff" / U8 * "TTL Diff",
                "qs.nonce" / U32 * "QS Nonce and reserved", rfc="RFC 4782"),
    28:  Record("uto",       "User timeout",
                "user_to_granularity" / Bits(1) * "Granularity (1: minutes)", "user_to_val" / Bits(15) * "User Timeout",
                once=True, rfc="RFC 5482"),
    29:  Record("ao",        "TCP authentication option",
                "ao.keyid" / U8 * "Key ID", "ao.rnextkeyid" / U8 * "Next key ID wanted", "ao.mac" / Raw * "MAC",
                once=True, rfc="RFC 5925"),
    30:  Record("mptcp",     "Multipath TCP",
                "mptcp.subtype" / Named(Bits(4), "mptcp.subtype") * "Subtype",
                "mptcp.low" / Bits(4) * "Version, flags or reserved",
                "mptcp.data" / Raw * "Data", rfc="RFC 8684 3"),
    34:  Record("tfo",       "TCP Fast Open", "tfo.cookie" / Raw * "Cookie", alias=("fo", "fastopen"), once=True, rfc="RFC 7413 4.1.1"),
    172: Record("accecn0",   "Accurate ECN order 0", *ORDER_0, rfc="RFC 9768 3.2.3"),
    174: Record("accecn1",   "Accurate ECN order 1", *ORDER_1, rfc="RFC 9768 3.2.3"),
    253: Record("exp253",    "RFC3692-style experiment 1", EXPERIMENT, alias=("exp",), rfc="RFC 6994"),
    254: Record("exp254",    "RFC3692-style experiment 2", EXPERIMENT, rfc="RFC 6994"),
}  # fmt: skip


def segment_len(tcp: Layer) -> int | None:
    """Bytes of data on the wire; None where nobody knows where they begin."""
    header = tcp.values.get("hdr_len", 0)
    return max(0, tcp.wire_stop - tcp.start - header) if header >= 20 else None


def after_end(eol: Layer) -> Iterator[Note]:
    """Bytes after the end of the list are padding, and padding is zero (RFC 9293 section 3.1)."""
    padding = eol.values.get("padding", b"")
    if any(padding):
        first, end = eol.span("padding")
        yield Note("note", "option.after_end", f"{len(padding)} bytes after the end of the option list are not all zero",
                   "tcp", "tcp.options.padding", (first, end), 0, None, "tcp.hdr_len", "RFC 9293 3.1")  # fmt: skip


@about("mss", "wscale", "sack_perm")
def syn_only(tcp: Layer) -> Iterator[Note]:
    """Options that only a SYN may carry (RFC 9293 3.7.1, RFC 7323 2.2, RFC 2018 2)."""
    if tcp.values.get("flags", SYN) & SYN or "options" not in tcp.values:
        return
    for option in tcp["options"]:
        if option.name in ("mss", "wscale", "sack_perm") and not option.faults:
            yield Note("note", "option.syn_only", f"option {option.record.title} belongs on a SYN: here it means nothing",
                       "tcp", f"tcp.options.{option.name}", (option.start * 8, option.end * 8), None, None, "tcp.flags.syn",
                       option.record.rfc)  # fmt: skip


@about("sack")
def duplicate_sack(tcp: Layer) -> Iterator[Note]:
    """A first block at or below the acknowledgment, or inside the second, reports a duplicate (RFC 2883 section 4)."""
    for option in tcp.values.get("options", ()):
        blocks = [(block["sack_le"], block["sack_re"]) for block in option.values.get("blocks", ()) if not block.faults]
        if not blocks:
            continue
        (low, high), *others = blocks
        old = (high - tcp["ack"]) % (1 << 32) > 1 << 31 or high == tcp["ack"]
        inside = bool(others) and others[0][0] <= low and high <= others[0][1]
        if old or inside:
            yield Note("chat", "option.dsack", f"D-SACK: bytes {low} to {high} arrived twice", "tcp", "tcp.options.sack",
                       (option.start * 8, option.end * 8), None, None, "", "RFC 2883 4")  # fmt: skip


def info(tcp: Layer) -> str:
    """`[SYN] Seq=0 Win=65535 Len=0 MSS=1460`, as tshark writes it after the ports."""
    if "flags" not in tcp.values:
        return "(cut short)"
    field, flags = tcp.record.find("flags"), tcp["flags"]
    texts = [f"[{', '.join(field.set_names(flags)) or '<None>'}] Seq={tcp['seq']}"]  # type: ignore[union-attr]
    if flags & ACK:
        texts.append(f"Ack={tcp['ack']}")
    texts += [f"{label}={tcp[name]}" for label, name in (("Win", "window"), ("Urg", "urgent_pointer"))
              if name in tcp.values and (label == "Win" or flags & 0x20)]  # fmt: skip
    if "len" in tcp:
        texts.append(f"Len={tcp['len']}")
    for option in tcp.values.get("options", ()):
        if option.complete:
            texts += option_info(option)
    return " ".join(texts)


def option_info(option: Layer) -> list[str]:
    """What tshark's summaries say of an option that was read whole."""
    values = option.values
    if option.name == "mss":
        return [f"MSS={values['mss_val']}"]
    if option.name == "sack_perm":
        return ["SACK_PERM"]
    if option.name == "ts":
        return [f"TSval={values['timestamp.tsval']} TSecr={values['timestamp.tsecr']}"]
    if option.name == "wscale":
        return [f"WS={option.get('wscale.multiplier')}"]
    if option.name == "sack":
        whole = [block.values for block in values["blocks"] if not block.faults]
        return [f"SLE={block['sack_le']} SRE={block['sack_re']}" for block in whole]
    return []


tcp = Protocol("tcp", "Transmission Control Protocol",
    "srcport"        / TCPPort                                      * "Source Port",
    "dstport"        / TCPPort                                      * "Destination Port",
    "seq"            / U32                                          * "Sequence Number",
    "ack"            / U32                                          * "Acknowledgment Number",
    "hdr_len"        / Auto(Scaled(Bits(4), 4), header_length)      * "Header Length",
    "flags"          / Flags(
        "res"        / Bits(3)                                      * "Reserved",
        "ae"         / Bits(1)                                      * "Accurate ECN",
        "cwr"        / Bits(1)                                      * "Congestion Window Reduced",
        "ece"        / Bits(1)                                      * "ECN-Echo",
        "urg"        / Bits(1)                                      * "Urgent",
        "ack"        / Bits(1)                                      * "Acknowledgment",
        "push"       / Bits(1)                                      * "Push",
        "reset"      / Bits(1)                                      * "Reset",
        "syn"        / Bits(1)                                      * "Syn",
        "fin"        / Bits(1)                                      * "Fin",
        short="reserved AE CWR ECE URG ACK PSH RST SYN FIN", letters="- e W E U A. P R S F")
                                                                    * "Flags",
    "window"         / Default(U16, 65535)                          * "Window",
    "checksum"       / Auto(Hex16, SegmentChecksum())               * "Checksum",
    "urgent_pointer" / U16                                          * "Urgent Pointer",
    "options"        / Options(this.hdr_len - 20, OPTIONS, prefix="tcp.options.", paths=("tcp.option_kind", "tcp.option_len"),
                               kinds="tcp.option_kind", limit=40,
                               limit_why="the header length field counts to 15 words, and 5 are the header's own (RFC 9293 3.1)")
                                                                    * "Options",
    Payload(by={"dstport": "tcp.port", "srcport": "tcp.port"}),
    "len"            / Derived(segment_len, columns=lambda tcp: (tcp.wire_stop - tcp.end).astype("u4")) * "TCP Segment Len",
    "port"           / Derived(Ends("srcport", "dstport"))          * "Source or Destination Port",
    over={"ip.proto": 6},
    osi=4,
    rfc="RFC 9293 3.1",
    aliases={"tcp.seq_raw": "seq", "tcp.ack_raw": "ack", "tcp.window_size_value": "window"},
    checks=[
        (this.hdr_len >= 20, "the header says {hdr_len} bytes: 20 is the least", "RFC 9293 3.1", "error", True),
        ((this.flags & 0xE00) == 0, "reserved bits are set", "RFC 9293 3.1", "note"),
        ((this.flags & 0xFFF) != 0, "no flag at all is set: no TCP sends that", "RFC 9293 3.10.7", "note"),
        ((this.flags & 0x003) != 3, "SYN and FIN together: nothing opens and closes at once", "RFC 9293 3.10.7", "note"),
        ((this.flags & 0x006) != 6, "SYN and RST together: nothing opens and aborts at once", "RFC 9293 3.10.7", "note"),
        (((this.flags & 0x016) != 0) | ((this.flags & 0xFFF) == 0), "neither SYN, ACK nor RST is set: it is dropped unread",
         "RFC 9293 3.10.7.4", "note"),
        ((this.urgent_pointer == 0) | ((this.flags & 0x20) != 0), "{urgent_pointer}, but URG is not set", "RFC 9293 3.1", "note"),
        ((this.ack == 0) | ((this.flags & 0x10) != 0), "{ack}, but ACK is not set", "RFC 9293 3.1", "note"),
        syn_only,
        duplicate_sack,
    ],
    remarks={
        "ack":            ((this.flags & 0x10) == 0, "ACK is not set"),
        "urgent_pointer": ((this.flags & 0x20) == 0, "URG is not set"),
    },
    meaning={
        "srcport": "The port that sent the segment. With both addresses and the other port it names the connection; RFC 9293 3.1",
        "dstport": "The port that the segment is for: a server listens on one that its clients know; RFC 9293 3.1",
        "seq": "The number of the first byte of data in this segment; every byte of a connection has one. In a SYN it is the initial "
               "sequence number, and the first byte of data comes one later; RFC 9293 3.4",
        "ack": "The number that the sender expects next: all bytes before it have arrived. It counts only while ACK is set; "
               "RFC 9293 3.4",
        "hdr_len": "Where the data begins, also called data offset. On the wire it counts words of 4 bytes, so that it is 20 bytes at "
                   "least and 60 at most; RFC 9293 3.1",
        "flags": "What the segment does besides carrying data: opening, closing, acknowledging, aborting; RFC 9293 3.1",
        "flags.res": "Kept for later: a sender writes zeros, a receiver looks past them; RFC 9293 3.1",
        "flags.ae": "With CWR and ECE the third bit of a counter of congestion marks; in a SYN it offers that counter. Its place was "
                    "once the nonce sum's; RFC 9768 3.1",
        "flags.cwr": "The sender has slowed down because it was told of congestion; RFC 3168 6.1",
        "flags.ece": "A packet with a congestion mark arrived here: slow down. In a SYN it offers to understand such marks; RFC 3168 6.1",
        "flags.urg": "The urgent pointer counts. New programs should not use it; RFC 9293 3.8.5",
        "flags.ack": "The acknowledgment number counts. Every segment but the first SYN has it set; RFC 9293 3.1",
        "flags.push": "Hand the data up now, and do not wait for more; RFC 9293 3.9.1",
        "flags.reset": "The connection is aborted, or there is none: no data after this, and no farewell; RFC 9293 3.5.2",
        "flags.syn": "Synchronize: opens a connection and says where the sender's numbering starts. It takes up one sequence number; "
                     "RFC 9293 3.5",
        "flags.fin": "The sender has no more data: its half of the connection closes. It takes up one sequence number; RFC 9293 3.6",
        "window": "How many bytes from the acknowledgment number on the sender is ready to take. When both SYNs carried window scale, "
                  "it is shifted by that much, except in the SYNs themselves; RFC 9293 3.8.6",
        "checksum": "A sum over pseudo header, header and data, which every sender must write and every receiver check; RFC 9293 3.1",
        "urgent_pointer": "Where urgent data ends, counted from the sequence number; it counts only while URG is set; RFC 9293 3.8.5",
        "options": "What the two ends tell each other besides: 40 bytes at most, filled up to whole words; RFC 9293 3.2",
        "len": "Bytes of data in the segment; no header says it, it is what the network layer's length leaves",
        "port": "Both ports, to find a connection whichever way it talks",
    },
    title_of="{srcport} → {dstport} [{flags}]",
    info=info,
)  # fmt: skip
