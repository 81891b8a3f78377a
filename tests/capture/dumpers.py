"""Writers of every dump format that the importer reads: a frame in, the text of the tool out.

They are written after what the tools print and know nothing of the reader. `DUMPERS` holds them, each with the damage
that the format's own redundancy must reveal.
"""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

TEXT = "text"  # a text column: a digit that changes what is shown is noticed
WIDTH = "width"  # items of fixed width: a lost digit is noticed
OFFSETS = "offsets"  # lost, repeated and swapped rows are noticed
LENGTH = "length"  # a declared length: a cut end is noticed, by an error or a remark


def printable(data: bytes, space: str = " ") -> str:
    return "".join(space if byte == 0x20 else chr(byte) if 0x20 < byte < 0x7F else "." for byte in data)


def seven_bits(data: bytes) -> str:
    return printable(bytes(byte & 0x7F for byte in data))


def graphic(data: bytes) -> str:
    return printable(data, ".")


def latin(data: bytes) -> str:
    return "".join(" " if byte == 0 else "�" if byte < 0x20 or 0x7F <= byte < 0xA0 else chr(byte) for byte in data)


@dataclass(frozen=True)
class Dumper:
    """A format: how it is written, what its redundancy guards against, what its text column shows for bytes, and the
    frames for which it says what they are: of `least` bytes, beginning with `first`."""

    name: str
    write: Callable[[bytes], str]
    guards: frozenset[str] = frozenset()
    shows: Callable[[bytes], str] = printable
    least: int = 1
    first: bytes = b""


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at:at + size] for at in range(0, len(data), size)]


def in_order(chunk: bytes) -> str:
    return chunk.hex()


def reversed_hex(chunk: bytes) -> str:
    return chunk[::-1].hex()


def rows(
    data: bytes, offset: str, *, item: int = 1, width: int = 16, between: str = " ", middle: str = "",
    show: Callable[[bytes], str] = in_order, column: str = "", text: Callable[[bytes], str] | None = None,
    digits: int | None = None, blank_before: bool = False, squeeze: bool = False,
) -> list[str]:  # fmt: skip
    """Rows of `width` bytes in items of `item` bytes, the text column (`{}` in `column`) lined up below itself.

    `middle` stands before the second half; `blank_before` puts a short last item at the right of its place, as
    little-endian dumps do; `squeeze` writes `*` for repeated rows.
    """
    digits = 2 * item if digits is None else digits
    full = len(between.join(["x" * digits] * -(-width // item))) + len(middle)
    found = []
    before, starred = b"", False
    for at in range(0, len(data), width):
        row = data[at:at + width]
        if squeeze and row == before and at + width < len(data):
            if not starred:
                found.append("*")
            starred = True
            continue
        before, starred = row, False
        items = [show(chunk) for chunk in chunks(row, item)]
        if blank_before:
            items[-1] = items[-1].rjust(digits)
        half = width // item // 2
        shown = between.join(items[:half]) + between + middle + between.join(items[half:]) if (
            middle and len(items) > half) else between.join(items)
        line = offset.format(at) + shown
        if text is not None:
            line = offset.format(at) + shown.ljust(full) + column.format(text(row))
        found.append(line)
    return found


def lines(found: Iterable[str], *more: str) -> str:
    return "".join(f"{line}\n" for line in [*found, *more])


SUMMARY = "09:20:47.149112 IP 192.0.2.1 > 198.51.100.2: ICMP echo request, id 1, seq 1"


def tcpdump(data: bytes) -> str:
    return lines([SUMMARY, *rows(data, "\t0x{:04x}:  ", item=2)])


def tcpdump_text(data: bytes) -> str:
    return lines([SUMMARY, *rows(data, "\t0x{:04x}:  ", item=2, column="  {}", text=graphic)])


def xxd(data: bytes) -> str:
    return lines(rows(data, "{:08x}: ", item=2, column="  {}", text=printable))


def xxd_upper(data: bytes) -> str:
    return lines(rows(data, "{:08x}: ", item=2, column="  {}", text=printable, show=lambda chunk: chunk.hex().upper()))


def xxd_of(item: int, width: int) -> Callable[[bytes], str]:
    return lambda data: lines(rows(data, "{:08x}: ", item=item, width=width, column="  {}", text=printable))


def xxd_little(item: int) -> Callable[[bytes], str]:
    return lambda data: lines(rows(data, "{:08x}: ", item=item, show=reversed_hex, blank_before=True, column="  {}",
                                   text=printable))


def xxd_bits(data: bytes) -> str:
    return lines(rows(data, "{:08x}: ", width=6, digits=8, show=lambda chunk: f"{chunk[0]:08b}", column="  {}",
                      text=printable))


def xxd_plain(data: bytes) -> str:
    return lines(chunk.hex() for chunk in chunks(data, 30))


def c_rows(data: bytes, per_row: int = 12) -> list[str]:
    shown = [", ".join(f"0x{byte:02x}" for byte in chunk) for chunk in chunks(data, per_row)]
    return [f"  {row}," for row in shown[:-1]] + [f"  {shown[-1]}"]


def xxd_include(data: bytes) -> str:
    return lines(["unsigned char f_bin[] = {", *c_rows(data), "};", f"unsigned int f_bin_len = {len(data)};"])


def words(data: bytes) -> bytes:
    """The data filled up to whole 16-bit words, as od and hexdump do."""
    return data + bytes(len(data) % 2)


def hexdump(data: bytes) -> str:
    return lines(rows(words(data), "{:07x} ", item=2, show=reversed_hex, squeeze=True), f"{len(data):07x}")


def hexdump_canonical(data: bytes) -> str:
    return lines(rows(data, "{:08x}  ", middle=" ", column="  |{}|", text=printable, squeeze=True), f"{len(data):08x}")


def hexdump_format(data: bytes) -> str:
    return lines(f"{chunk.hex(' ')} " if len(chunk) == 16 else chunk.hex(" ").ljust(48) for chunk in chunks(data, 16))


def od(data: bytes) -> str:
    shown = rows(words(data), "{:07o} ", item=2, show=lambda chunk: f"{int.from_bytes(chunk, 'little'):06o}",
                 squeeze=True)
    return lines(shown, f"{len(data):07o}")


def od_bytes(data: bytes) -> str:
    return lines(rows(data, "{:07o} ", squeeze=True), f"{len(data):07o}")


def od_hex_offsets(data: bytes) -> str:
    return lines(rows(data, "{:06x} ", squeeze=True), f"{len(data):06x}")


def od_with_text(data: bytes) -> str:
    return lines(rows(data, "{:07o} ", column="  >{}<", text=printable, squeeze=True), f"{len(data):07o}")


def od_little(item: int) -> Callable[[bytes], str]:
    def write(data: bytes) -> str:
        filled = data + bytes(-len(data) % item)
        return lines(rows(filled, "{:07o} ", item=item, show=reversed_hex, squeeze=True), f"{len(data):07o}")

    return write


def od_bare(data: bytes) -> str:
    return lines(f" {chunk.hex(' ')}" for chunk in chunks(data, 16))


def tshark(data: bytes) -> str:
    return lines(rows(data, "{:04x}  ", column="   {}", text=printable), "")


def tshark_sources(data: bytes) -> str:
    other = b"reassembled" + data
    return lines([f"Frame ({len(data)} bytes):", *rows(data, "{:04x}  ", column="   {}", text=printable),
                  f"Reassembled TCP ({len(other)} bytes):", *rows(other, "{:04x}  ", column="   {}", text=printable)])


def wireshark(data: bytes) -> str:
    return "\n".join(rows(data, "{:04x}   ", column="   {}", text=printable))


def wireshark_hex(data: bytes) -> str:
    return "\n".join(rows(data, "{:04x}   "))


def wireshark_escapes(data: bytes) -> str:
    shown = ['"' + "".join(f"\\x{byte:02x}" for byte in chunk) + '"' for chunk in chunks(data, 16)]
    return " \\\n".join(shown) + "\n"


def octal_escape(byte: int) -> str:
    named = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 0x22: '\\"', 0x5C: "\\\\"}
    return named.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}")


def wireshark_string(data: bytes) -> str:
    return '"' + "".join(map(octal_escape, data)) + '"'


def wireshark_array(data: bytes) -> str:
    return "unsigned char bytes[] = {" + ", ".join(f"0x{byte:x}" for byte in data) + "};"


def wireshark_export(comment: str) -> Callable[[bytes], str]:
    def write(data: bytes) -> str:
        found = [f"/* Frame ({len(data)} bytes) */", f"static const unsigned char pkt1[{len(data)}] = {{"]
        parts = chunks(data, 8)
        for index, chunk in enumerate(parts):
            items = ", ".join(f"0x{byte:02x}" for byte in chunk)
            end = " " * 6 * (8 - len(chunk)) + "  " if index == len(parts) - 1 else ", "
            found.append(items + end + comment.format(printable(chunk)))
        return lines(found, "};", "")

    return write


def c_array(data: bytes) -> str:
    return lines([f"const uint8_t packet[{len(data)}] = {{", *c_rows(data, 16), "};"])


def go_literal(data: bytes) -> str:
    return "pkt := []byte{" + ", ".join(f"0x{byte:02x}" for byte in data) + "}\n"


def rust_array(data: bytes) -> str:
    return f"const PACKET: [u8; {len(data)}] = [" + ", ".join(f"0x{byte:02x}" for byte in data) + "];\n"


def javascript_array(data: bytes) -> str:
    return f"Uint8Array({len(data)}) [ " + ", ".join(map(str, data)) + " ]\n"


def java_bytes(data: bytes) -> str:
    return "byte[] packet = {" + ", ".join(str(byte - 256 if byte > 127 else byte) for byte in data) + "};\n"


def base64_wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode("ascii")


def ios(data: bytes) -> str:
    """Cisco IOS: the packet begins in the middle of the first row of memory."""
    address, lead = 0x0F1A2C00, min(8, len(data))
    found = ["22:45:44.700 UTC Nov 27 2021 : IPv4 LES CEF    : Gi0/1 None", ""]
    for at, chunk in [(0, data[:lead]), *((16 + n * 16, part) for n, part in enumerate(chunks(data[lead:], 16)))]:
        groups = " ".join(part.hex().upper() for part in chunks(chunk, 4))
        shown = seven_bits(chunk)
        if at == 0 and len(data) > 8:
            groups, shown = groups.rjust(35), shown.rjust(16)
        found.append(f"{address + at:08X}: {groups.ljust(35)}  {shown}")
    return lines(found, "")


def ios_xe(data: bytes) -> str:
    return lines(["0", *rows(data, "  {:04X}:  ", item=4, show=lambda chunk: chunk.hex().upper(), column="   {}",
                             text=printable), ""])


def asa(data: bytes) -> str:
    return lines(["1 packet captured", "", "   1: 20:40:01.108469       192.0.2.1.49152 > 198.51.100.2.80: S 1:1(0)",
                  *rows(data, "0x{:04x} ", item=2, column=" {}", text=printable), "1 packet shown"])


def access_point(data: bytes) -> str:
    return lines(["22:35:17.1669188 IP 192.0.2.1 > 239.255.255.250: udp", *rows(data, "0x{:04x}: ", item=2)])


def fortigate(data: bytes) -> str:
    return lines(["2025-09-30 00:04:12.778280 port1 in 192.0.2.1.49152 -> 198.51.100.2.80: syn 305419896",
                  *rows(data, "0x{:04x}\t ", item=2, column="\t{}", text=graphic), ""])


def scapy(data: bytes) -> str:
    return lines(rows(data, "{:04x}  ", show=lambda chunk: chunk.hex().upper(), column="  {}", text=printable))


def scapy_line(data: bytes) -> str:
    return f"{data.hex(' ').upper()}  {printable(data)}\n"


def scapy_list(data: bytes) -> str:
    return ", ".join(f"{byte:#04x}" for byte in data) + "\n"


def kernel(data: bytes) -> str:
    found = rows(data, "rx: {:08x}: ", column="  {}", text=printable)
    return lines(f"[   12.{345670 + index:06d}] {row}" for index, row in enumerate(found))


def skb_dump(data: bytes) -> str:
    found = [f"skb len={len(data)} headroom=32 headlen={len(data)} tailroom=16",
             "mac=(18,14) mac_len=14 net=(32,20) trans=52",
             *rows(bytes(32), "skb headroom: {:08x}: "), *rows(data, "skb linear:   {:08x}: "),
             *rows(b"\xa5" * 16, "skb tailroom: {:08x}: ")]
    return lines(f"[  239.704150] {row}" for row in found)


def powershell(data: bytes) -> str:
    found = rows(data, "{:08X}   ", show=lambda chunk: chunk.hex().upper(), column="  {}", text=printable)
    return lines(["           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", "", *found])


def powershell_7(data: bytes) -> str:
    found = rows(data, "{:016X} ", show=lambda chunk: chunk.hex().upper(), column=" {}", text=latin)
    return lines(["", "   Label: Byte[] (System.Byte[]) <28873E25>", "",
                  "          Offset Bytes                                           Ascii",
                  "                 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F",
                  "          ------ ----------------------------------------------- -----", *found, ""])


def screen(data: bytes) -> str:
    """A `wire decode` screen: fields of one to nine bytes with continuation lines, and the dump below."""
    return lines([f"x.txt: one packet of {len(data)} bytes in an xxd dump, read as Ethernet", "", *tree(data),
                  "─" * 100, *screen_rows(data), "", f"{len(data)} bytes = 14 Ethernet + 20 IPv4.  No faults."])


def tree(data: bytes) -> list[str]:
    found = ["── Ethernet II, 02:00:00:00:00:01 → 02:00:00:00:00:02 ─────────────── data link, OSI 2 · 14 bytes ──"]
    at, size = 0, 6
    while at < len(data):
        field = data[at:at + size]
        for offset in range(0, len(field), 8):
            name = "Type: IPv4 (0x0800)" if at % 3 else "0100 .... = Version: 4"
            shown = field[offset:offset + 8].hex(" ")
            found.append(f"{at + offset:04x}  {shown.ljust(24)} {name if not offset else ''}".rstrip())
        if size == 1:
            found.append(" " * 31 + ".... 0101 = Header Length: 20 bytes (5 words of 4)")
        at, size = at + size, size % 9 + 1
    return found


def screen_rows(data: bytes) -> list[str]:
    found = rows(data, "{:04x}  ", middle=" ", column="   {}", text=printable)
    return [f"{row[:48]}│{row[49:]}" if index == 0 and len(data) > 14 else row for index, row in enumerate(found)]


def wire_tree(data: bytes) -> str:
    return lines([*tree(data), "", f"{len(data)} bytes = 14 Ethernet + 20 IPv4.  No faults."])


def quoted(write: Callable[[bytes], str], mark: str = "> ") -> Callable[[bytes], str]:
    return lambda data: "".join(f"{mark}{line}\n" for line in write(data).splitlines())


_ROWS = frozenset({OFFSETS, WIDTH})
_FULL = frozenset({OFFSETS, WIDTH, TEXT})
_FINAL = frozenset({OFFSETS, WIDTH, LENGTH})
_DECLARED = frozenset({LENGTH, WIDTH})

DUMPERS = [
    Dumper("tcpdump -x", tcpdump, _ROWS),
    Dumper("tcpdump -X", tcpdump_text, _FULL, graphic),
    Dumper("xxd", xxd, _FULL),
    Dumper("xxd -u", xxd_upper, _FULL),
    Dumper("xxd -g1", xxd_of(1, 16), _FULL),
    Dumper("xxd -g4", xxd_of(4, 16), _FULL),
    Dumper("xxd -g8", xxd_of(8, 16), _FULL),
    Dumper("xxd -c8", xxd_of(2, 8), _FULL),
    Dumper("xxd -c 7 -g 3", xxd_of(3, 7), _FULL),
    Dumper("xxd -g0 -c 40", xxd_of(40, 40), _FULL),
    Dumper("xxd -e", xxd_little(4), _FULL),
    Dumper("xxd -e -g2", xxd_little(2), _FULL),
    Dumper("xxd -e -g8", xxd_little(8), _FULL),
    Dumper("xxd -b", xxd_bits, _FULL),
    Dumper("xxd -p", xxd_plain, least=5),
    Dumper("xxd -i", xxd_include, _DECLARED),
    Dumper("hexdump", hexdump, _FINAL),
    Dumper("hexdump -C", hexdump_canonical, _FULL | {LENGTH}),
    Dumper("hexdump -e", hexdump_format, frozenset({WIDTH})),
    Dumper("od", od, _FINAL),
    Dumper("od -tx1", od_bytes, _FINAL),
    Dumper("od -tx1z", od_with_text, _FULL | {LENGTH}),
    Dumper("od -Ax -tx1", od_hex_offsets, _FINAL),
    Dumper("od -tx2", od_little(2), _FINAL),
    Dumper("od -tx4", od_little(4), _FINAL),
    Dumper("od -An -tx1", od_bare, frozenset({WIDTH})),
    Dumper("tshark -x", tshark, _FULL),
    Dumper("tshark -x with two sources", tshark_sources, _FULL | {LENGTH}),
    Dumper("Wireshark hex and text", wireshark, _FULL),
    Dumper("Wireshark hex", wireshark_hex, _ROWS),
    Dumper("hex stream", bytes.hex, least=5),
    Dumper("Wireshark escaped string", wireshark_escapes, frozenset({WIDTH})),
    Dumper("Wireshark C string", wireshark_string, first=b"\0"),
    Dumper("Wireshark C array", wireshark_array),
    Dumper("Wireshark C arrays", wireshark_export("/* {} */"), frozenset({TEXT, WIDTH, LENGTH})),
    Dumper("Wireshark C arrays, new", wireshark_export("// |{}|"), frozenset({TEXT, WIDTH, LENGTH})),
    Dumper("C array", c_array, _DECLARED),
    Dumper("Go literal", go_literal, frozenset({WIDTH})),
    Dumper("Rust array", rust_array, _DECLARED),
    Dumper("JavaScript array", javascript_array, frozenset({LENGTH})),
    Dumper("Java bytes", java_bytes),
    Dumper("Python bytes", lambda data: repr(data) + "\n"),
    Dumper("Python bytearray", lambda data: repr(bytearray(data)) + "\n"),
    Dumper("Python fromhex", lambda data: f"bytes.fromhex('{data.hex()}')\n", least=5),
    Dumper("Python list", lambda data: f"{list(data)}\n"),
    Dumper("Python tuple", lambda data: f"{tuple(data)}\n"),
    Dumper("base64 wrapped", base64_wrapped, least=15),
    Dumper("Cisco IOS", ios, _FULL, seven_bits, least=8),
    Dumper("Cisco IOS-XE", ios_xe, _FULL),
    Dumper("Cisco ASA", asa, _FULL, graphic),
    Dumper("Cisco AP", access_point, _ROWS),
    Dumper("FortiGate", fortigate, _FULL, graphic),
    Dumper("Scapy hexdump", scapy, _FULL),
    Dumper("Scapy linehexdump", scapy_line, frozenset({TEXT, WIDTH})),
    Dumper("Scapy chexdump", scapy_list, frozenset({WIDTH})),
    Dumper("kernel print_hex_dump", kernel, _FULL),
    Dumper("kernel skb_dump", skb_dump, _FINAL),
    Dumper("PowerShell 5", powershell, _FULL),
    Dumper("PowerShell 7", powershell_7, _FULL, latin),
    Dumper("colons", lambda data: data.hex(":") + "\n", frozenset({WIDTH}), least=4),
    Dumper("dashes", lambda data: data.hex("-") + "\n", frozenset({WIDTH})),
    Dumper("blanks", lambda data: data.hex(" ") + "\n", frozenset({WIDTH})),
    Dumper("dots", lambda data: ".".join(chunk.hex() for chunk in chunks(data, 2)) + "\n", frozenset({WIDTH}), least=3),
    Dumper("0x", lambda data: f"0x{data.hex()}\n", least=5),
    Dumper("\\x", lambda data: "".join(f"\\x{byte:02x}" for byte in data) + "\n", frozenset({WIDTH})),
    Dumper("wire decode", screen, _FULL | {LENGTH}),
    Dumper("wire decode, tree only", wire_tree, _FINAL),
    Dumper("mail", quoted(wireshark), _FULL),
    Dumper("mail, quoted twice", quoted(hexdump_canonical, ">> "), _FULL | {LENGTH}),
]
