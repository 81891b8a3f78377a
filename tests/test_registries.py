"""Number registries: the form of the files, what they say, and what tshark 4.0 says about the same numbers."""

import re
import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from wire import registries
from wire.registries import name, names

FILES = sorted(registries.FOLDER.glob("*.tsv"))


def rows(path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first number, last number and the texts of every row, read without the loader."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            numbers, *texts = line.split("\t")
            ends = [int(number, 0) for number in numbers.split("-")]
            yield ends[0], ends[-1], texts


# The files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0].startswith("# "), "the first line names the source"
    assert lines.pop() == "", "the last line ends"
    assert all(line and line == line.rstrip() for line in lines)

    previous, expected = -1, {}
    for first, last, texts in rows(path):
        assert previous < first <= last, f"{first} is out of order"
        assert 1 <= len(texts) <= 2
        assert all(text and text == text.strip() for text in texts)
        expected.update({number: texts[0] for number in range(first, last + 1)})
        previous = last
    assert dict(names(path.stem)) == expected
    assert expected


def test_lean() -> None:
    assert sum(path.stat().st_size for path in FILES) < 60_000


# The loader


def test_unknown_registry_is_empty() -> None:
    assert dict(names("no.such.registry")) == {}
    assert name("no.such.registry", 0) is None
    assert name("icmp.code.200", 0) is None


def test_unknown_number_has_no_name() -> None:
    assert name("ip.proto", 200) is None
    assert name("tcp.port", 49152) is None


def test_names_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        names("ip.proto")[6] = "changed"  # type: ignore[index]


def test_shared_tables() -> None:
    assert names("sll.hatype") == names("arp.hw.type")
    assert name("llc.ssap", 0xAA) == "SNAP"
    assert name("tcp.options.mptcp.subtype", 0) == "Multipath Capable"
    assert all((registries.FOLDER / f"{registry}.tsv").is_file() for registry in registries.SHARED.values())


def test_reads_only_the_table_asked_for_and_says_where_a_file_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good.tsv").write_text("# source\n1\tone\n0x10-0x12\tsome\n")
    (tmp_path / "no-tab.tsv").write_text("# source\n1\tone\n2 two\n")
    (tmp_path / "no-number.tsv").write_text("# source\ntwo\t2\n")
    monkeypatch.setattr(registries, "FOLDER", tmp_path)
    names.cache_clear()
    try:
        assert dict(names("good")) == {1: "one", 16: "some", 17: "some", 18: "some"}
        with pytest.raises(ValueError, match=r"no-tab\.tsv, line 3: '2 two'"):
            names("no-tab")
        with pytest.raises(ValueError, match=r"no-number\.tsv, line 2"):
            names("no-number")
    finally:
        names.cache_clear()


@pytest.mark.parametrize(
    ("registry", "number", "expected"),
    [
        ("ethertype", 0x0800, "IPv4"),
        ("ethertype", 0x0806, "ARP"),
        ("ethertype", 0x8100, "802.1Q Virtual LAN"),
        ("ethertype", 0x86DD, "IPv6"),
        ("ip.proto", 1, "ICMP"),
        ("ip.proto", 6, "TCP"),
        ("ip.proto", 17, "UDP"),
        ("ip.proto", 58, "ICMPv6"),
        ("ip.proto", 146, "Homa"),
        ("ip.proto", 255, "Reserved"),
        ("tcp.port", 80, "http"),
        ("tcp.port", 443, "https"),
        ("tcp.port", 514, "shell"),
        ("tcp.port", 6010, "x11"),
        ("tcp.port", 8080, "http-alt"),
        ("udp.port", 53, "domain"),
        ("udp.port", 514, "syslog"),
        ("udp.port", 4789, "vxlan"),
        ("arp.opcode", 3, "reverse request"),
        ("arp.hw.type", 1, "Ethernet"),
        ("icmp.type", 8, "Echo (ping) request"),
        ("icmp.type", 25, "Reserved (for robustness experiment)"),
        ("icmp.code.3", 4, "Fragmentation needed"),
        ("icmpv6.type", 135, "Neighbor Solicitation"),
        ("icmpv6.code.4", 1, "unrecognized Next Header type encountered"),
        ("icmpv6.opt.type", 1, "Source link-layer address"),
        ("igmp.type", 0x22, "Membership Report"),
        ("tcp.option_kind", 2, "Maximum Segment Size"),
        ("tcp.option_kind", 69, "Encryption Negotiation (TCP-ENO)"),
        ("tcp.option_kind", 174, "Accurate ECN Order 1"),
        ("tcp.options.experimental.exid", 0xF989, "Fast Open"),
        ("mptcp.subtype", 2, "Data Sequence Signal"),
        ("ip.opt.type", 148, "Router Alert"),
        ("ip.dsfield.dscp", 0, "Default"),
        ("ip.dsfield.dscp", 46, "Expedited Forwarding"),
        ("ip.dsfield.ecn", 2, "ECT(0)"),
        ("ipv6.opt.type", 0xC2, "Jumbo Payload"),
        ("ipv6.routing.type", 4, "Segment Routing"),
        ("llc.dsap", 0xAA, "SNAP"),
        ("llc.control", 0x03, "UI"),
        ("sll.pkttype", 4, "Sent by us"),
        ("null.family", 30, "IPv6"),
        ("linktype", 1, "ETHERNET"),
        ("linktype", 101, "RAW"),
        ("linktype", 113, "LINUX_SLL"),
        ("linktype", 276, "LINUX_SLL2"),
        ("oui", 0x00005E, "IANA"),
    ],
)
def test_spot(registry: str, number: int, expected: str) -> None:
    assert name(registry, number) == expected


# The same numbers in tshark. Names change between its versions; the files follow 4.0.

TSHARK = shutil.which("tshark")

SAME_FIELD = {
    "ethertype": "eth.type",
    "ip.proto": "ip.proto",
    "arp.hw.type": "arp.hw.type",
    "arp.opcode": "arp.opcode",
    "icmpv6.type": "icmpv6.type",
    "icmpv6.opt.type": "icmpv6.opt.type",
    "igmp.type": "igmp.type",
    "tcp.option_kind": "tcp.option_kind",
    "tcp.options.experimental.exid": "tcp.options.experimental.exid",
    "mptcp.subtype": "tcp.options.mptcp.subtype",
    "ip.dsfield.dscp": "ip.dsfield.dscp",
    "ipv6.opt.type": "ipv6.opt.type",
    "ipv6.routing.type": "ipv6.routing.type",
    "llc.dsap": "llc.dsap",
    "sll.hatype": "sll.hatype",
    "sll.pkttype": "sll.pkttype",
    "null.family": "null.family",
}

OURS_ALONE: Mapping[str, set[int]] = {
    "ethertype": {0x0804, 0x880B, 0x880C, 0x893B, 0x8946},
    "ip.proto": {253, 254, 255},
    "icmpv6.opt.type": {39, 40, 41, 144},
    "igmp.type": {0x15, 0x30, 0x31, 0x32},
    "tcp.option_kind": {31, 32, 33, 69, 70, 77},
    "mptcp.subtype": {15},
    "ipv6.opt.type": {0x11, 0x12, 0x23},
}
"""Numbers that IANA names and tshark 4.0 does not."""

REWORDED: Mapping[str, set[int]] = {
    "ethertype": {0x88BA},
    "ip.proto": {144, 145, 146},
    "tcp.options.experimental.exid": {0xE2D4},
}
"""Misspelt by tshark 4.0, or assigned since."""


def tshark(*arguments: str, home: Path) -> str:
    """Return what tshark prints, without anybody's preferences."""
    assert TSHARK
    environment = {"WIRESHARK_CONFIG_DIR": str(home), "LC_ALL": "C.UTF-8"}
    return subprocess.run([TSHARK, *arguments], env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tshark")
    if not TSHARK:
        pytest.skip("tshark is not installed")
    version = tshark("--version", home=folder).split("\n")[0]
    if "TShark (Wireshark) 4.0." not in version:
        pytest.skip(f"the names are those of tshark 4.0, this is {version}")
    return folder


@pytest.fixture(scope="module")
def values(home: Path) -> Mapping[str, Mapping[int, str]]:
    """tshark's own tables: field -> number -> text."""
    tables: dict[str, dict[int, str]] = defaultdict(dict)
    wanted = set(SAME_FIELD.values()) | {"ip.dsfield.ecn"}
    for line in tshark("-G", "values", home=home).splitlines():
        match line.split("\t"):
            case ["V", field, number, text] if field in wanted:
                tables[field][int(number, 0)] = text
    return tables


@pytest.mark.parametrize("registry", SAME_FIELD)
def test_same_as_tshark_values(registry: str, values: Mapping[str, Mapping[int, str]]) -> None:
    ours, theirs = names(registry), values[SAME_FIELD[registry]]
    assert theirs
    assert set(ours) - set(theirs) == OURS_ALONE.get(registry, set())
    assert {n for n in set(ours) & set(theirs) if ours[n] != theirs[n]} == REWORDED.get(registry, set())
    if registry == "ip.proto":
        assert set(theirs) - set(ours) == set(range(147, 225)), "unassigned, and two that nobody assigned: 173, 224"
    elif registry != "ethertype":
        assert set(theirs) <= set(ours)


def write_pcap(path: Path, linktype: int, frames: list[bytes]) -> None:
    records = (struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame for frame in frames)
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, linktype) + b"".join(records))


def printed(home: Path, frames: list[bytes], protocol: str, linktype: int = 101) -> list[str]:
    """Return the text of each frame, all layers closed but that of the protocol; ports get their names."""
    write_pcap(home / "frames.pcap", linktype, frames)
    texts = tshark("-N", "t", "-r", str(home / "frames.pcap"), "-O", protocol, home=home).split("\nFrame ")
    assert len(texts) == len(frames)
    return texts


def ipv4(protocol: int, payload: bytes, dsfield: int = 0, options: bytes = b"") -> bytes:
    header_length = 20 + len(options)
    first = struct.pack(">BBHHH", 0x40 | header_length // 4, dsfield, header_length + len(payload), 1, 0)
    return first + struct.pack(">BBH4s4s", 64, protocol, 0, b"\xc0\0\2\1", b"\xc0\0\2\2") + options + payload


def ipv6(next_header: int, payload: bytes) -> bytes:
    address = b"\x20\x01\x0d\xb8" + bytes(12)
    return struct.pack(">IHBB", 6 << 28, len(payload), next_header, 64) + address + address + payload


def found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None


def test_icmp_types_as_printed(home: Path) -> None:
    # Code 1: with code 0 type 9 is "Mobile IP Advertisement".
    texts = printed(home, [ipv4(1, bytes([kind, 1, 0, 0]) + bytes(44)) for kind in range(256)], "icmp")
    theirs = {kind: found(r"Type: \d+ \((.*)\)\n", text) for kind, text in enumerate(texts)}
    known = {kind: text for kind, text in theirs.items() if text and not text.startswith("Unknown")}
    ours = names("icmp.type")
    assert known == {kind: ours[kind] for kind in set(ours) - {*range(20, 30), 253, 254}}


CODES_OURS_ALONE = {("icmpv6", 1): {8}, ("icmpv6", 4): set(range(4, 11))}


@pytest.mark.parametrize("protocol", ["icmp", "icmpv6"])
def test_icmp_codes_as_printed(protocol: str, home: Path) -> None:
    kinds = [int(path.stem.rpartition(".")[2]) for path in FILES if path.stem.startswith(f"{protocol}.code.")]
    assert kinds
    cases = [(kind, code) for kind in kinds for code in range(256)]
    bodies = [bytes([kind, code, 0, 0]) + bytes(44) for kind, code in cases]
    texts = printed(home, [ipv4(1, body) if protocol == "icmp" else ipv6(58, body) for body in bodies], protocol)
    known: dict[int, dict[int, str]] = defaultdict(dict)
    for (kind, code), text in zip(cases, texts, strict=True):
        theirs = found(r"Code: \d+ \((.*)\)\n", text)
        if theirs and not theirs.startswith("Unknown"):
            known[kind][code] = theirs
    for kind in kinds:
        ours = names(f"{protocol}.code.{kind}")
        alone = CODES_OURS_ALONE.get((protocol, kind), set())
        assert known[kind] == {code: ours[code] for code in set(ours) - alone}


def test_ip_options_as_printed(home: Path) -> None:
    options = [bytes(4), bytes([1, 1, 1, 1]), *(bytes([kind, 4, 0, 0]) for kind in range(2, 256))]
    texts = printed(home, [ipv4(253, bytes(8), options=option) for option in options], "ip")
    # An option that has a fixed length is printed with that one, whatever its length octet says.
    theirs = {kind: found(r"IP Option - (.*?)(?: \(\d+ bytes\).*)?\n", text) for kind, text in enumerate(texts)}
    without = {10, 15, 30, 94, 142, 144, 145, 147, 151, 152, 158, 205, 222}
    known = {kind: text for kind, text in theirs.items() if text and not text.startswith("Unknown")}
    ours = names("ip.opt.type")
    assert known == {kind: ours[kind] for kind in set(ours) - without}


def test_ds_field_as_printed(home: Path, values: Mapping[str, Mapping[int, str]]) -> None:
    short_dscp = {first: texts[1] for first, _, texts in rows(registries.FOLDER / "ip.dsfield.dscp.tsv")}
    long_ecn = {first: texts[1] for first, _, texts in rows(registries.FOLDER / "ip.dsfield.ecn.tsv")}
    texts = printed(home, [ipv4(253, bytes(8), dsfield=n) for n in range(256)], "ip")
    for dsfield, text in enumerate(texts):
        assert found(r"ECN: (.*)\)\n", text) == name("ip.dsfield.ecn", dsfield & 3)
        dscp = found(r"DSCP: (.*), ECN", text)
        assert (None if dscp == "Unknown" else dscp) == {46: "EF PHB"}.get(dsfield >> 2, short_dscp.get(dsfield >> 2))
    assert long_ecn == values["ip.dsfield.ecn"]


def test_llc_control_as_printed(home: Path) -> None:
    ours = names("llc.control")
    ethernet = bytes.fromhex("020000000002 020000000001 002e")
    commands, responses = (
        printed(home, [ethernet + bytes([0x02, ssap, control]) + bytes(43) for control in ours], "llc", linktype=1)
        for ssap in (0x02, 0x03)
    )
    for control, command, response in zip(ours, commands, responses, strict=True):
        assert ours[control] in {found(r"func=(\w+)", command), found(r"func=(\w+)", response)}


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_ports_as_printed(protocol: str, home: Path) -> None:
    ours = names(f"{protocol}.port")
    ports = sorted({*range(1024), *ours})
    if protocol == "tcp":
        frames = [ipv4(6, struct.pack(">HHIIBBHHH", port, 65000, 1, 0, 0x50, 2, 100, 0, 0)) for port in ports]
    else:
        frames = [ipv4(17, struct.pack(">HHHH", port, 65000, 8, 0)) for port in ports]
    theirs = {
        port: found(rf"Source Port: (\S+) \({port}\)", text)
        for port, text in zip(ports, printed(home, frames, protocol), strict=True)
    }
    assert theirs == {port: ours.get(port, str(port)) for port in ports}
