"""A TCP segment in the machine's own words.

Header fields, options and data as plain values: no checksums, no offsets, no bytes on the wire. Another module turns a
`Segment` into a packet and back. Numbers are those of the wire (32 bits).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = 0x001, 0x002, 0x004, 0x008, 0x010, 0x020, 0x040, 0x080, 0x100
FLAG_NAMES = {SYN: "SYN", FIN: "FIN", RST: "RST", PSH: "PSH", ACK: "ACK", URG: "URG", ECE: "ECE", CWR: "CWR", AE: "AE"}

# The two ECN bits of the IP header, which TCP asks for and reads (RFC 3168 5).
NOT_ECT, ECT_1, ECT_0, CE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class NoOperation:
    """Padding between options (kind 1, RFC 9293 3.2)."""

    length = 1


@dataclass(frozen=True, slots=True)
class MaximumSegmentSize:
    """The largest segment the sender of this option can take, in bytes of data (kind 2, RFC 9293 3.2)."""

    size: int
    length = 4


@dataclass(frozen=True, slots=True)
class WindowScale:
    """The sender of this option shifts its windows right by `shift` bits (kind 3, RFC 7323 2)."""

    shift: int
    length = 3


@dataclass(frozen=True, slots=True)
class SackPermitted:
    """The sender of this option understands selective acknowledgments (kind 4, RFC 2018 2)."""

    length = 2


@dataclass(frozen=True, slots=True)
class Sack:
    """Blocks [left, right) that arrived beyond the acknowledgment number (kind 5, RFC 2018 3; D-SACK: RFC 2883)."""

    blocks: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        """Bytes on the wire."""
        return 2 + 8 * len(self.blocks)


@dataclass(frozen=True, slots=True)
class Timestamps:
    """The sender's clock and the last clock it saw of its peer (kind 8, RFC 7323 3)."""

    value: int
    echo: int
    length = 10


@dataclass(frozen=True, slots=True)
class FastOpen:
    """A Fast Open cookie, or the request for one when empty (kind 34, RFC 7413 4.1.1)."""

    cookie: bytes = b""

    @property
    def length(self) -> int:
        """Bytes on the wire."""
        return 2 + len(self.cookie)


@dataclass(frozen=True, slots=True)
class OtherOption:
    """An option that the machine carries without understanding it (kind 19, the MD5 signature of RFC 2385, for one)."""

    kind: int
    data: bytes = b""

    @property
    def length(self) -> int:
        """Bytes on the wire."""
        return 2 + len(self.data)


Option: TypeAlias = (
    NoOperation | MaximumSegmentSize | WindowScale | SackPermitted | Sack | Timestamps | FastOpen | OtherOption
)
OptionType = TypeVar("OptionType", bound=Option)

MD5_SIGNATURE = 19


@dataclass(frozen=True, slots=True)
class Segment:
    """One TCP segment (RFC 9293 3.1).

    `window` is the number in the header, not yet scaled; `urgent` the urgent pointer; `ecn` the two ECN bits of the IP
    header that carries it; `source` and `target` are ports.
    """

    seq: int = 0
    ack: int = 0
    flags: int = 0
    window: int = 65535
    urgent: int = 0
    options: tuple[Option, ...] = ()
    data: bytes = field(default=b"", repr=False)
    source: int = 0
    target: int = 0
    ecn: int = NOT_ECT

    def __len__(self) -> int:
        """SEG.LEN: the sequence numbers that it uses, data plus one each for SYN and FIN (RFC 9293 3.4)."""
        return len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)

    def __bool__(self) -> bool:
        """A segment is something even when it uses no sequence number."""
        return True

    def has(self, flags: int) -> bool:
        """True if any of `flags` is set."""
        return bool(self.flags & flags)

    def option(self, kind: type[OptionType]) -> OptionType | None:
        """The first option of that kind, or None."""
        for option in self.options:
            if isinstance(option, kind):
                return option
        return None

    def __str__(self) -> str:
        """As a ladder writes it: `SYN,ACK seq=521 ack=224`, `PSH,ACK seq=1 ack=1 len=22`."""
        words = [flag_names(self.flags), f"seq={self.seq}"]
        if self.flags & ACK:
            words.append(f"ack={self.ack}")
        if self.data:
            words.append(f"len={len(self.data)}")
        return " ".join(words)


def flag_names(flags: int) -> str:
    """The flags as people write them, SYN and FIN first: `SYN,ACK`; `-` when none is set."""
    return ",".join(name for bit, name in FLAG_NAMES.items() if flags & bit) or "-"


def options_length(options: Iterable[Option]) -> int:
    """Bytes of the option field, padded to whole 4-byte words (RFC 9293 3.1)."""
    return (sum(option.length for option in options) + 3) // 4 * 4
