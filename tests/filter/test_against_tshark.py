"""Every filter in expressions.txt selects the frames that tshark selects.

The ordinary run asks two of every five, of a few captures and all samples; with WIRE_LONG=1 all are
asked, of every capture.  Frames that wire and tshark read differently, for reasons that have nothing to
do with filters, are left out there: those of protocols that wire does not know, and those in DIFFERENT.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

import wire
from wire.filter import compile_filter

from .tshark import fields, merged, selected

LONG = os.environ.get("WIRE_LONG") == "1"
HERE = Path(__file__).parent
SAMPLES = sorted((HERE.parent.parent / "samples").glob("*.pcap*"))
EXPRESSIONS = [line for line in (HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
               if line and not line.startswith("#")]  # fmt: skip
SOME = [text for place, text in enumerate(EXPRESSIONS) if place % 5 < 2]

CAPTURES = [
    "arkime__cloudshark-bgp-md5.pcap",
    "arkime__http-content-zip.pcap",
    "arkime__v6-http.pcap",
    "arkime__wireshark-dhcp.pcap",
    "libpcap__ipv6_ext_headers.pcap",
    "packetfu__vlan-pcapr.cap",
    "packetnet__ipv6_redirect.pcap",
    "pcapflowlab__01_llc_snap_ipv4_tcp.pcap",
    "pcapplusplus__IcmpPackets.pcap",
    "pcapplusplus__ip4_fragments.pcap",
    "tcpdump__802.1ad_QinQ.pcap",
    "tcpdump__icmpv6.pcap",
    "tcpdump__mptcp-v1.pcap",
    "tcpdump__ssh.pcap",
    "trex__hlt_4vlans.pcap",
    "trex__udp_1pkt_range_clients_split_garp.pcap",
]

DIFFERENT: dict[str, set[int] | None] = {  # captures: frames, or all of them
    "pcapflowlab__13_tcp_option_length_zero_malformed.pcap": None,  # the kind of an option without a length
    "pcapflowlab__16_ipv4_option_length_past_ihl_malformed.pcap": None,
    "tcpdump__mptcp-dss-oobr.pcap": None,
    "tcpdump__ipv4_invalid_hdr_length.pcap": None,  # tshark shows nothing of that header
    "tcpdump__udp-length-heapoverflow.pcap": None,
    "tcpdump__ipv4_tcp_http_xml_tso.pcap": None,  # a total length of 0 that tshark replaces
    "pcapplusplus__ipv4-options.pcap": None,  # source routes: tshark's destination is the last hop
    "suricata-verify__detect-ipopts_input.pcap": None,
    "tcpdump__accecn_handshake.pcap": None,  # tshark shows no ECE and CWR beside AccECN
    "tcpdump__time_2106_overflow.pcapng": None,  # times that do not survive mergecap
    "pcapplusplus__pcapng-example.pcapng": None,
    "pcapnggen__le_test202.pcapng": None,  # a record without a packet, which tshark counts
    "arkime__arkime_synthetic.pcap": {818},  # a checksum that is not checked
    "arkime__socks5-http-302-frag.pcap": {6, 8, 10, 28},  # lengths of first fragments
    "pcapflowlab__pcap_flow_lab_showcase.pcap": {1433},  # an Ethernet header cut short
    "tcpdump__arp-oobr.pcap": {47, 178, 232, 431, 481, 526, 652, 850, 988, 1106, 1166, 1173, 1470, 1694, 1710, 1777,
                               1786, 1968, 1999, 2022, 2206, 2268},  # ARP of other hardware
}  # fmt: skip

pytestmark = pytest.mark.skipif(not shutil.which("tshark") or not shutil.which("mergecap"), reason="tshark is not here")


def disagreements(capture: Path, filters: Iterable[str], names: list[tuple[str, int]]) -> list[str]:
    """What wire selects and tshark does not, and the other way round."""
    packets = list(wire.open(str(capture)))
    spoken = {int(number): chain for number, chain in fields(capture, "frame.number", "frame.protocols")}
    assert len(packets) == len(spoken) == len(names)
    known = {*wire.Protocol.known, "ethertype"} - {"data"}
    alike, same = set(), set()
    for packet in packets:
        number, own = packet.number or 0, packet.frame.protocols
        name, place = names[number - 1]
        if place in (DIFFERENT.get(name) or ()):
            continue
        if [one for one in own.split(":") if one in known] == [
            one for one in spoken[number].split(":") if one in known
        ]:
            alike.add(number)
        if own == spoken[number]:
            same.add(number)
    assert LONG or len(alike) == len(packets), "choose captures that both read alike"
    wrong = []
    for text, theirs in selected(capture, filters).items():
        compared = same if "frame.protocols" in text else alike
        chosen = compile_filter(text)
        ours = {packet.number or 0 for packet in packets if chosen.matches(packet)}
        for more, who in ((ours - theirs, "only wire"), (theirs - ours, "only tshark")):
            frames = [names[number - 1] for number in sorted(more & compared)]
            if frames:
                wrong.append(f"{text}: {who} selects {len(frames)}: {frames[:4]}")
    return wrong


def test_as_tshark(captures: Path, tmp_path: Path) -> None:
    folder = captures / "captures"
    every = [path for path in sorted(folder.iterdir()) if DIFFERENT.get(path.name, set()) is not None]
    files = every if LONG else [folder / name for name in CAPTURES]
    names = merged([*files, *SAMPLES], tmp_path / "merged.pcapng")
    wrong = disagreements(tmp_path / "merged.pcapng", EXPRESSIONS if LONG else SOME, names)
    assert not wrong, f"{len(wrong)} disagree:\n" + "\n".join(wrong)


def test_samples_as_tshark(tmp_path: Path) -> None:
    names = merged(SAMPLES, tmp_path / "samples.pcapng")
    wrong = disagreements(tmp_path / "samples.pcapng", EXPRESSIONS[3::40], names)
    assert not wrong, "\n".join(wrong)


def test_expressions_are_many_and_different() -> None:
    assert len(set(EXPRESSIONS)) == len(EXPRESSIONS) > 400 and len(SOME) > 150
