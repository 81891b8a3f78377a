"""Streams and what was lost or repeated, frame by frame against tshark's readings of captures nobody here made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import wire
from wire.analysis.expert import Expert, Kind
from wire.analysis.streams import Streams

from ..oracles.readings import Said, oracle, pairs

# Where wire says something else on purpose
DELIBERATE = {
    "suricata-verify__detect-ipopts_input.pcap": "tshark takes the end of a source route for the destination, and so sees "
    "another stream; wire takes the destination address, to which the packet goes at the moment",
}


class Frame:
    """A frame as both read it."""

    def __init__(self, packet: wire.Packet, said: Said, streams: Streams, experts: dict[int, Expert]) -> None:
        members = streams.of(packet)
        self.number = packet.number or 0
        self.streams = {name: [one.stream for one in members if one.protocol == name] for name in ("tcp", "udp")}
        self.theirs = {name: [int(one) for one in listed(said.get(f"{name}.stream"))] for name in ("tcp", "udp")}
        self.kinds: set[Kind] = set()
        for one in members:
            if one.seen is not None:
                judged = experts.setdefault(one.stream, Expert()).judge(one.seen)
                self.kinds |= {finding.kind for finding in judged}
                self.kinds |= {Kind.REUSED_PORTS} if one.reused else set()
        self.their_kinds = {kind for kind in Kind if f"tcp.analysis.{kind.value}" in said}

    def same_layers(self, name: str) -> bool:
        """Whether both found as many transport layers: not behind a protocol that only one of them decodes."""
        return len(self.streams[name]) == len(self.theirs[name])


def listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def frames(captures: Path) -> Iterator[tuple[str, list[Frame]]]:
    for path in sorted((captures / "captures").iterdir()):
        streams, experts = Streams(), dict[int, Expert]()
        said = oracle(captures, path.name)
        yield path.name, [Frame(packet, one, streams, experts) for packet, one in pairs(path, said)]


def renumbered(streams: Iterable[int]) -> list[int]:
    """Numbers by first sight, as they are where every frame counts."""
    seen: dict[int, int] = {}
    return [seen.setdefault(one, len(seen)) for one in streams]


def test_streams(captures: Path) -> None:
    compared = 0
    for name, found in frames(captures):
        for protocol in ("tcp", "udp"):
            both = [frame for frame in found if frame.same_layers(protocol)]
            ours = renumbered(one for frame in both for one in frame.streams[protocol])
            theirs = renumbered(one for frame in both for one in frame.theirs[protocol])
            assert (ours == theirs) == (name not in DELIBERATE or protocol == "udp"), (name, protocol)
            if len(both) == len(found) and name not in DELIBERATE:  # then the numbers themselves are the same
                assert [one for frame in both for one in frame.streams[protocol]] == [
                    one for frame in both for one in frame.theirs[protocol]
                ], (name, protocol)
            compared += len(ours)
    assert compared > 5500


def test_analysis(captures: Path) -> None:
    """In every stream whose frames both decode, both say the same of every frame."""
    agreed, differing = Counter[Kind](), []
    for name, found in frames(captures):
        obscure = {one for frame in found if not frame.same_layers("tcp") for one in frame.theirs["tcp"]}
        for frame in found:
            if not frame.same_layers("tcp") or obscure & set(frame.theirs["tcp"]):
                continue
            agreed.update(frame.kinds & frame.their_kinds)
            if frame.kinds != frame.their_kinds and name not in DELIBERATE:
                differing.append((name, frame.number, frame.their_kinds ^ frame.kinds))
    assert not differing, f"{len(differing)} frames:\n" + "\n".join(map(str, differing[:30]))
    least = {Kind.RETRANSMISSION: 140, Kind.DUPLICATE_ACK: 90, Kind.LOST_SEGMENT: 25, Kind.KEEP_ALIVE: 25,
             Kind.FAST_RETRANSMISSION: 16, Kind.SPURIOUS_RETRANSMISSION: 16, Kind.OUT_OF_ORDER: 5, Kind.ZERO_WINDOW: 2,
             Kind.WINDOW_FULL: 2, Kind.WINDOW_UPDATE: 3, Kind.ACK_LOST_SEGMENT: 20, Kind.KEEP_ALIVE_ACK: 5}  # fmt: skip
    assert all(agreed[kind] >= count for kind, count in least.items()), agreed
