"""Field by field, and note by note, against tshark's readings of captures that nobody here made.

Every occurrence of every field is compared, in order.  What differs has a reason with a name
(tests/oracles/reasons.py) and a line in docs/differences.md, or it is a fault.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from .oracles.readings import Said, differences, oracle, ours_only, pairs, tshark
from .oracles.reasons import REASONS, explained

FIELDS = """
frame.number frame.len frame.cap_len frame.time_epoch frame.protocols eth.src eth.dst eth.type eth.len null.family
sll.pkttype sll.etype vlan.id vlan.priority vlan.etype ieee8021ad.id arp.hw.type arp.proto.type arp.opcode
arp.src.hw_mac arp.src.proto_ipv4 arp.dst.hw_mac arp.dst.proto_ipv4 ip.version ip.hdr_len ip.dsfield ip.len ip.id
ip.flags ip.frag_offset ip.ttl ip.proto ip.checksum ip.checksum.status ip.src ip.dst ip.opt.type tcp.srcport
tcp.dstport tcp.seq_raw tcp.ack_raw tcp.hdr_len tcp.flags tcp.window_size_value tcp.checksum tcp.checksum.status
tcp.urgent_pointer tcp.options tcp.option_kind tcp.option_len tcp.options.mss_val tcp.options.wscale.shift
tcp.options.timestamp.tsval tcp.options.timestamp.tsecr tcp.options.sack_le tcp.options.sack_re
tcp.options.mptcp.subtype tcp.options.tfo.cookie tcp.options.md5.digest tcp.len udp.srcport udp.dstport udp.length
udp.checksum udp.checksum.status icmp.type icmp.code icmp.checksum.status ipv6.src ipv6.dst ipv6.plen ipv6.nxt
ipv6.hlim ipv6.tclass ipv6.flow ipv6.fraghdr.offset icmpv6.type icmpv6.code icmpv6.checksum.status
""".split()  # noqa: SIM905 (one a line would be a page)

USED_HERE = {"other_protocols", "damaged", "unclaimed", "nothing_inside", "sum_in_pieces", "length_left_to_offload",
             "source_route", "end_of_options", "sack_relative", "length_in_fragment", "raw_802_3",
             "fraction_beyond_a_second"}  # fmt: skip

EXPERT = ["frame.number", "frame.protocols", "frame.encap_type", "_ws.expert.severity", "_ws.malformed"]
SERIOUS = {"8388608", "6291456"}  # tshark's numbers for Error and Warning


def test_fields(captures: Path) -> None:
    compared, used, faults = 0, Counter[str](), []
    for path in sorted((captures / "captures").iterdir()):
        for packet, said in pairs(path, oracle(captures, path.name)):
            compared += 1
            for difference in differences(packet, said, FIELDS):
                reason = explained(difference)
                used[reason] += 1
                if not reason:
                    faults.append(f"{path.name} frame {packet.number} {difference}")
    assert compared > 9000
    assert not faults, f"{len(faults)} differences that nothing explains:\n" + "\n".join(faults[:50])
    assert set(used) == USED_HERE, "a reason that explains nothing any more, or one that explains more than it did"


# Where wire is the stricter one, on purpose: the note's code, and what tshark says of it
STRICTER = {"option.length": "an option shorter than its own kind and length: tshark has no word for it in MPTCP"}


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_severities(captures: Path, tmp_path: Path) -> None:
    """A frame of which tshark, with checksums on, has nothing serious to say shows no error and no warning here."""
    profile, compared, faults, used = ours_only(tmp_path), 0, [], set()
    for path in sorted((captures / "captures").iterdir()):
        for packet, said in pairs(path, tshark(path, EXPERT, profile=profile)):
            compared += 1
            if serious(said):
                continue
            for note in packet.notes:
                if note.severity in ("error", "warn"):
                    used.add(note.code)
                    if note.code not in STRICTER:
                        faults.append(f"{path.name} frame {packet.number}: {note.severity}: {note}")
    assert compared > 9000
    assert not faults, "\n".join(faults[:50])
    assert used == set(STRICTER)


def serious(said: Said) -> bool:
    return "_ws.malformed" in said or not SERIOUS.isdisjoint(said.get("_ws.expert.severity", ()))


def test_every_reason_is_explained() -> None:
    """docs/differences.md names each reason."""
    page = (Path(__file__).parent.parent / "docs" / "differences.md").read_text(encoding="utf-8")
    missing = [reason.name for reason in REASONS if f"`{reason.name}`" not in page]
    assert not missing, f"docs/differences.md says nothing of {', '.join(missing)}"
