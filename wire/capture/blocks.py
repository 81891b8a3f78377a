"""The blocks of pcapng files -- draft-ietf-opsawg-pcapng; each in the file's own byte order."""

from __future__ import annotations

from collections.abc import Mapping

from ..options import Options
from ..rules import Length
from ..schema import (
    U8,
    U16,
    U32,
    U64,
    Auto,
    Bits,
    Bytes,
    Default,
    Format,
    Named,
    Parts,
    Record,
    Rest,
    Shown,
    left,
    this,
)
from ..types import Hex32, IPv4Address, IPv6Address, MACAddress, Raw
from .model import Order

__all__ = ["COUNTED", "EPB", "IDB", "MAGIC", "OPTIONS", "PB", "RECORDS", "SHB", "SPB", "record_of"]

MAGIC = 0x1A2B3C4D
SHB, IDB, PB, SPB, NRB, ISB, EPB, JOURNAL, DSB = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 9, 10
CUSTOM, CUSTOM_KEPT = 0xBAD, 0x40000BAD  # the second is not to be copied by programs that change the file
COUNTED = {JOURNAL, CUSTOM, CUSTOM_KEPT}  # Wireshark numbers these blocks among the packets

KINDS = {
    SHB: "Section Header", IDB: "Interface Description", PB: "Packet (obsolete)", SPB: "Simple Packet",
    NRB: "Name Resolution", ISB: "Interface Statistics", EPB: "Enhanced Packet", 7: "IRIG Timestamp",
    8: "ARINC 429 in AFDX", JOURNAL: "systemd Journal Export", DSB: "Decryption Secrets",
    CUSTOM: "Custom, may be copied", CUSTOM_KEPT: "Custom, not to be copied",
}  # fmt: skip
SECRETS = {0x544C534B: "TLS key log", 0x57474B4C: "WireGuard key log", 0x5A4E574B: "ZigBee NWK key",
           0x5A415053: "ZigBee APS key", 0x5353484B: "SSH key log"}  # fmt: skip


class Text(Format):
    """UTF-8; what is none is shown escaped."""

    textual = True

    def show(self, value: bytes) -> str:
        return bytes(value).rstrip(b"\0").decode("utf-8", "backslashreplace")

    def read(self, text: str) -> bytes:
        return text.encode()


class Signed(Format):
    """A number of 64 bits, the first of which is the sign."""

    def show(self, value: int) -> str:
        return str(value - (value >> 63 << 64))

    def read(self, text: str) -> int:
        return int(text, 0) % (1 << 64)


TEXT = Shown(Rest, Text())
CUSTOM_DATA = ("pen" / U32 * "Private enterprise number", "data" / Raw * "Data")

COMMON = {
    0:     Record("end",      "End of options", "after" / Raw * "After the end"),
    1:     Record("comment",  "Comment", "text" / TEXT * "Comment"),
    2988:  Record("custom_text", "Custom text", *CUSTOM_DATA),
    2989:  Record("custom_data", "Custom data", *CUSTOM_DATA),
    19372: Record("custom_text_kept", "Custom text, not to be copied", *CUSTOM_DATA),
    19373: Record("custom_data_kept", "Custom data, not to be copied", *CUSTOM_DATA),
}  # fmt: skip


def text(name: str, label: str) -> Record:
    return Record(name, label, "text" / TEXT * label)


def number(name: str, label: str, con: object = U64) -> Record:
    return Record(name, label, "value" / con * label)  # type: ignore[operator]


def time(name: str, label: str) -> Record:
    return Record(name, label, "high" / U32 * "High half", "low" / U32 * "Low half")


def options(own: Mapping[int, Record], before: int = 4) -> Options:
    """The options of a block, up to the `before` bytes that end it."""
    return Options(left - before, {**COMMON, **own}, prefix="pcapng.options.", paths=("pcapng.options.option.code",
                   "pcapng.options.option.length"), kind=U16, length=U16, alone=(), whole=False, step=4)  # fmt: skip


OF_SECTION = options({
    2: text("hardware", "Hardware"),
    3: text("os", "Operating system"),
    4: text("userappl", "Program"),
})  # fmt: skip

RESOLUTION = Parts("binary" / Bits(1) * "Base (0: 10, 1: 2)", "exponent" / Bits(7) * "Negative exponent")

OF_INTERFACE = options({
    2:  text("name", "Name"),
    3:  text("description", "Description"),
    4:  Record("ipv4addr", "IPv4 address", "address" / IPv4Address * "Address", "mask" / IPv4Address * "Netmask"),
    5:  Record("ipv6addr", "IPv6 address", "address" / IPv6Address * "Address", "prefix" / U8 * "Prefix length"),
    6:  Record("macaddr", "MAC address", "address" / MACAddress * "Address"),
    7:  number("euiaddr", "EUI-64 address"),
    8:  number("speed", "Speed in bit/s"),
    9:  Record("tsresol", "Resolution of times", "value" / RESOLUTION * "Resolution"),
    10: number("tzone", "Time zone", U32),
    11: Record("filter", "Capture filter", "code" / U8 * "Kind of filter", "text" / TEXT * "Filter"),
    12: text("os", "Operating system"),
    13: number("fcslen", "FCS length", U8),
    14: number("tsoffset", "Seconds to add to times", Shown(U64, Signed())),
    15: text("hardware", "Hardware"),
    16: number("txspeed", "Speed sending, bit/s"),
    17: number("rxspeed", "Speed receiving, bit/s"),
    18: text("iana_tzname", "Time zone's name"),
})  # fmt: skip

FLAGS = Parts(
    "errors"    / Bits(16) * "Link-layer errors",
    "reserved"  / Bits(7)  * "Reserved",
    "fcs_len"   / Bits(4)  * "FCS length in bytes (0: not known)",
    "reception" / Named(Bits(3), {1: "unicast", 2: "multicast", 3: "broadcast", 4: "promiscuous"}) * "Reception",
    "direction" / Named(Bits(2), {1: "inbound", 2: "outbound"}) * "Direction",
)  # fmt: skip

OF_PACKET = options({
    2: Record("flags", "Link-layer flags", "value" / FLAGS * "Flags"),
    3: Record("hash", "Hash", "algorithm" / Named(U8, {2: "CRC32", 3: "MD-5", 4: "SHA-1", 5: "Toeplitz"}) * "Algorithm",
              "value" / Raw * "Hash"),
    4: number("dropcount", "Packets lost since the last one"),
    5: number("packetid", "Packet identifier"),
    6: number("queue", "Queue", U32),
    7: Record("verdict", "Verdict", "kind" / U8 * "Kind", "value" / Raw * "Verdict"),
    8: Record("processid_threadid", "Process and thread", "pid" / U32 * "Process", "tid" / U32 * "Thread"),
})  # fmt: skip

OF_STATISTICS = options({
    2: time("starttime", "Start of the capture"), 3: time("endtime", "End of the capture"),
    4: number("ifrecv", "Packets received"), 5: number("ifdrop", "Packets dropped by the interface"),
    6: number("filteraccept", "Packets accepted by the filter"), 7: number("osdrop", "Packets dropped by the system"),
    8: number("usrdeliv", "Packets delivered"),
})  # fmt: skip

OF_NAMES = options({
    2: text("dnsname", "DNS server"),
    3: Record("dnsip4addr", "DNS server", "address" / IPv4Address * "Address"),
    4: Record("dnsip6addr", "DNS server", "address" / IPv6Address * "Address"),
}, before=0)  # fmt: skip

NAMES = Options(left - 4, {
    0: Record("end", "End of names", "options" / OF_NAMES * "Options"),  # they stand after the last name
    1: Record("ipv4", "IPv4 address", "address" / IPv4Address * "Address", "names" / TEXT * "Names"),
    2: Record("ipv6", "IPv6 address", "address" / IPv6Address * "Address", "names" / TEXT * "Names"),
}, prefix="pcapng.records.", kind=U16, length=U16, alone=(), whole=False, step=4)  # fmt: skip


TOTAL = Auto(U32, Length(header=True, payload=False))


def block(kind: int | None, name: str, *rows: object) -> Record:
    """A block: its kind and length in front, and its length again at the end."""
    type_ = Named(Hex32, KINDS)
    return Record(f"pcapng.{name}", KINDS.get(kind or 0, "Unknown"),
                  "type"         / (type_ if kind is None else Default(type_, kind)) * "Block type",
                  "length"       / TOTAL * "Block length",
                  *rows,
                  "length_again" / TOTAL * "Block length again",
                  rfc="draft-ietf-opsawg-pcapng 4")  # fmt: skip


STAMP = ("ts_high" / U32 * "Time, high half", "ts_low" / U32 * "Time, low half")
PACKET = ("cap_len" / U32 * "Captured length", "orig_len" / U32 * "Length on the wire",
          "data" / Bytes(this.cap_len) * "Packet", "padding" / Bytes(-this.cap_len % 4) * "Padding",
          "options" / OF_PACKET * "Options")  # fmt: skip

BLOCKS = {
    SHB: block(SHB, "section",
        "magic"          / Default(Hex32, MAGIC)            * "Byte-order magic",
        "major"          / Default(U16, 1)                  * "Major version",
        "minor"          / U16                              * "Minor version",
        "section_length" / Default(U64, (1 << 64) - 1)      * "Section length",
        "options"        / OF_SECTION                       * "Options"),
    IDB: block(IDB, "interface",
        "link"           / Named(U16, "linktype")           * "Link type",
        "reserved"       / U16                              * "Reserved",
        "snaplen"        / U32                              * "Snapshot length",
        "options"        / OF_INTERFACE                     * "Options"),
    PB: block(PB, "packet",
        "interface"      / U16                              * "Interface",
        "drops"          / Default(U16, 0xFFFF)             * "Packets lost since the last one",
        *STAMP, *PACKET),
    SPB: block(SPB, "simple",
        "orig_len"       / U32                              * "Length on the wire",
        "data"           / Bytes(left - 4)                  * "Packet and padding"),
    NRB: block(NRB, "names",
        "records"        / NAMES                            * "Names"),
    ISB: block(ISB, "statistics",
        "interface"      / U32                              * "Interface",
        *STAMP,
        "options"        / OF_STATISTICS                    * "Options"),
    EPB: block(EPB, "enhanced",
        "interface"      / U32                              * "Interface",
        *STAMP, *PACKET),
    JOURNAL: block(JOURNAL, "journal",
        "entry"          / Shown(Bytes(left - 4), Text())   * "Entry"),
    DSB: block(DSB, "secrets",
        "secrets_type"   / Named(Hex32, SECRETS)            * "Kind of secrets",
        "secrets_len"    / U32                              * "Length of secrets",
        "secrets"        / Bytes(this.secrets_len)          * "Secrets",
        "padding"        / Bytes(-this.secrets_len % 4)     * "Padding",
        "options"        / options({})                      * "Options"),
    CUSTOM: block(CUSTOM, "custom",
        "pen"            / U32                              * "Private enterprise number",
        "data"           / Bytes(left - 4)                  * "Data"),
    CUSTOM_KEPT: block(CUSTOM_KEPT, "custom",
        "pen"            / U32                              * "Private enterprise number",
        "data"           / Bytes(left - 4)                  * "Data"),
    -1: block(None, "unknown",
        "data"           / Bytes(left - 4)                  * "Data"),
}  # fmt: skip

RECORDS: dict[Order, dict[int, Record]] = {
    "big": BLOCKS,
    "little": {kind: record.swapped() for kind, record in BLOCKS.items()},
}
OPTIONS: dict[Order, Options] = {"big": OF_PACKET, "little": OF_PACKET.swapped()}


def record_of(kind: int, order: Order) -> Record:
    """The table of a kind of block."""
    return RECORDS[order].get(kind, RECORDS[order][-1])
