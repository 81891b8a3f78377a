"""What the lines round a dump say about a packet: when, which way, how long, and from which data source."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from .lines import Line
from .model import Clock, Direction
from .patterns import regex
from .times import find_time

# tshark -x with more than one data source: "Frame (74 bytes):", "Reassembled TCP (158 bytes):".
_SOURCE = regex(r"([A-Za-z][^()]*(?:\([^()]*\)[^()]*)*?) \((\d+) bytes?\):\s*")
_CAPTURED = regex(r"(\d+) bytes? on wire \(\d+ bits\), (\d+) bytes? captured")
# wire's own screens: "syn.txt: one packet of 74 bytes in …", "74 bytes = 14 Ethernet + …"; pretty-hex: "Length: 74 (…".
_OWN_LENGTH = regex(r"(?:.*\bone packet of (\d+) bytes\b|\s*(\d+) bytes = \d+ |\s*Length: (\d+) \(0x)")
_LINK_LENGTH = regex(r"(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|Broadcast)(?: \([^)]*\))?,? ethertype [^,(]*"
                     r"\(0x[0-9a-f]+\), length (\d+): ")
_ANY_INTERFACE = regex(r"(?:\S+ +){1,3}(In|Out|B|M|P) +\S")
_FORTIGATE = regex(r"\S+(?: \S+)? \S+ (in|out|--) \S+ -> ")
_CONTROLLER = regex(r"\s*([rt])x len=\d+\b")
_PAYLOAD = regex(r"(?:Flags \[.*|UDP), length (\d+)(?=$|:)")
_WAYS: dict[str, Direction] = {"In": "in", "B": "in", "M": "in", "Out": "out", "in": "in", "out": "out", "r": "in",
                               "t": "out"}


@dataclass(slots=True)
class Facts:
    """`captured` and `wire` are lengths in bytes of the packet in the dump and on the wire; `payload` is what tcpdump
    says that TCP or UDP carries; `summary` is the packet's line of text."""

    time: int | None = None
    clock: Clock | None = None
    direction: Direction | None = None
    captured: int | None = None
    captured_at: Line | None = None
    wire: int | None = None
    payload: int | None = None
    source: str | None = None
    summary: str = ""
    remarks: list[str] = field(default_factory=list)


def gather(before: Sequence[Line]) -> Facts:
    """The facts in the lines before a packet's first row; the nearest line counts most."""
    facts = Facts()
    texts = [line for line in before if line.text.strip()]
    if texts and (source := _SOURCE.fullmatch(texts[-1].text)):
        facts.source, facts.captured, facts.captured_at = source[1], int(source[2]), texts[-1]
    timed = False
    for line in reversed(texts):
        text = line.text
        if not timed and (time := find_time(text)):
            facts.time, facts.clock = time.value, time.clock
            facts.remarks += [time.remark] if time.remark else []
            facts.summary = text
            timed = True
        _lengths(line, facts)
        if facts.direction is None and (way := _way(text)):
            facts.direction = _WAYS.get(way)
    facts.summary = facts.summary or (texts[-1].text if texts else "")
    _tcpdump(texts, facts)
    return facts


def names_source(line: Line) -> bool:
    """Whether the line is tshark's heading of a data source ("Frame (74 bytes):")."""
    return _SOURCE.fullmatch(line.text) is not None


def declared_after(after: Sequence[Line]) -> tuple[int, Line] | None:
    """The length that wire's own last line declares."""
    for line in after:
        if found := _OWN_LENGTH.match(line.text):
            return int(next(group for group in found.groups() if group)), line
    return None


def _lengths(line: Line, facts: Facts) -> None:
    if facts.captured is not None:
        return
    if found := _CAPTURED.search(line.text):
        facts.wire, facts.captured, facts.captured_at = int(found[1]), int(found[2]), line
    elif found := _OWN_LENGTH.match(line.text):
        facts.captured, facts.captured_at = int(next(group for group in found.groups() if group)), line


def _way(text: str) -> str | None:
    for pattern in (_ANY_INTERFACE, _FORTIGATE, _CONTROLLER):
        if found := pattern.match(text):
            return found[1]
    return None


def _tcpdump(texts: Sequence[Line], facts: Facts) -> None:
    """Lengths in tcpdump's summary: of the frame (-e) and of the TCP or UDP payload."""
    summary = facts.summary
    if length := _LINK_LENGTH.search(summary):
        facts.wire = facts.wire if facts.wire is not None else int(length[1])
        summary = summary[length.end():]
    last = texts[-1].text if texts else ""
    network = summary if last == facts.summary else summary + last
    if network.count(" > ") == 1 and "bad" not in network and (found := _PAYLOAD.search(network)):
        facts.payload = int(found[1])
