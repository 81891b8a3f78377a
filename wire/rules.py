"""Rules for Auto fields: how a length or a checksum follows from the bytes around it.

A rule looks at a `Seal` and answers with the value that the field must have.  The encoder fills
that in; the decoder holds what it found against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from zlib import crc32

from construct import Struct

GOOD, BAD, UNVERIFIED, ABSENT, ILLEGAL = 1, 0, 2, 3, 4  # Wireshark's numbers for *.checksum.status


@dataclass
class Seal:
    """What a rule may look at.

    header   the layer's header, the field in question counted as zero
    payload  what the layer carries, as far as it was captured
    before   every byte of the layer before the field (for a field that follows the payload)
    pseudo   the pseudo header that a layer below lends (None: nobody does)
    found    the value that the packet has (None when encoding)
    cut      why the bytes are not all there ("" if they are)
    needed   the layer below does not allow the checksum to be left out
    sound    the header was read whole, and its length makes sense
    """

    header: bytes
    payload: bytes
    before: bytes = b""
    pseudo: bytes | None = b""
    found: int | None = None
    cut: str = ""
    needed: bool = False
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a field found: Wireshark's status, the value due, and in words."""

    status: int
    due: int | None
    kind: str  # "right", "wrong", "offload", "absent", "illegal", "unchecked"
    why: str = ""


class Rule:
    """Works out a value.

    late     it covers the others' answers and is asked last
    verdict  what is found can be right or wrong
    covers_payload, borrows  it looks at the payload, at a pseudo header
    """

    late: ClassVar[bool] = False
    verdict: ClassVar[bool] = False
    covers_payload: bool = False
    borrows: ClassVar[bool] = False
    rfc = ""

    def due(self, seal: Seal) -> int:
        raise TypeError("a rule must say what is due")

    def verify(self, seal: Seal) -> Verdict | None:
        """None: nothing to hold against it (a length shapes what it counts)."""
        return None

    @staticmethod
    def status_of(name: str) -> Callable[[Any], int | None]:
        """The status of a layer's field, as `tcp.checksum.status` has it."""

        def status(layer: Any) -> int | None:
            verdict = layer.verdicts.get(name)
            return verdict.status if verdict else None

        return status


@dataclass(frozen=True)
class Length(Rule):
    """How many bytes the header, the payload or both take, less `minus`, in units of `unit`."""

    header: bool
    payload: bool
    minus: int = 0
    unit: int = 1

    @property
    def covers_payload(self) -> bool:  # type: ignore[override]
        return self.payload

    def due(self, seal: Seal) -> int:
        size = self.header * len(seal.header) + self.payload * len(seal.payload) - self.minus
        if size % self.unit:
            raise ValueError(f"{size + self.minus} bytes are no whole number of units of {self.unit}: fill them up")
        return size // self.unit


header_length = Length(header=True, payload=False)
payload_length = Length(header=False, payload=True)
total_length = Length(header=True, payload=True)


class Checksum(Rule):
    """A value that only damage or deceit makes wrong."""

    late: ClassVar[bool] = True
    verdict: ClassVar[bool] = True
    covers_payload = True
    algorithm: ClassVar[str] = "the Internet checksum (RFC 1071)"

    def covers(self, seal: Seal) -> bytes:
        return seal.header + seal.payload

    def due(self, seal: Seal) -> int:
        return internet_checksum(self.covers(seal))

    def verify(self, seal: Seal) -> Verdict:
        if seal.cut:
            return Verdict(UNVERIFIED, None, "unchecked", seal.cut)
        due = self.due(seal)
        return Verdict(GOOD, due, "right") if self.agree(due, seal.found) else Verdict(BAD, due, "wrong")

    @staticmethod
    def agree(due: int, found: int | None) -> bool:
        """Whether the receiver's sum comes out as all ones; both zeros of ones' complement do that (RFC 1071)."""
        return due == found or {due, found} == {0, 0xFFFF}


class HeaderChecksum(Checksum):
    """Over the header alone (RFC 791 section 3.1)."""

    rfc = "RFC 791 3.1"
    covers_payload = False

    def covers(self, seal: Seal) -> bytes:
        return seal.header

    def verify(self, seal: Seal) -> Verdict:
        if seal.sound:
            seal.cut = ""  # whatever became of the payload
        elif not seal.cut:
            seal.cut = "where its header ends is not certain"
        return super().verify(seal)


class MessageChecksum(Checksum):
    """Over header and payload (RFC 792)."""

    rfc = "RFC 792"


@dataclass(frozen=True)
class SegmentChecksum(Checksum):
    """Over pseudo header, header and payload.

    optional   zero means that the sender left it out, so a sum of zero is sent as all ones (RFC 768)
    offloaded  senders may leave it to the network card, which starts from the pseudo header's sum
    """

    rfc: str = "RFC 9293 3.1"
    optional: bool = False
    offloaded: bool = True
    borrows: ClassVar[bool] = True

    def covers(self, seal: Seal) -> bytes:
        if seal.pseudo is None:
            raise ValueError("a checksum needs the pseudo header of a network layer below it: none is there")
        return seal.pseudo + seal.header + seal.payload

    def due(self, seal: Seal) -> int:
        due = super().due(seal)
        return due or 0xFFFF if self.optional else due

    def verify(self, seal: Seal) -> Verdict:
        if self.optional and seal.found == 0:
            return Verdict(ILLEGAL, None, "illegal") if seal.needed else Verdict(ABSENT, None, "absent")
        if seal.pseudo is None:
            return Verdict(UNVERIFIED, None, "unchecked", "no network layer lends a pseudo header")
        verdict = super().verify(seal)
        if verdict.kind == "wrong" and self.offloaded and seal.found == ones_sum(seal.pseudo):
            return Verdict(BAD, verdict.due, "offload")
        return verdict


class FrameCheck(Checksum):
    """Ethernet's CRC-32 over all of the frame before it, low byte first (IEEE 802.3 3.2.9)."""

    rfc = "IEEE 802.3 3.2.9"
    algorithm = "CRC-32"

    def due(self, seal: Seal) -> int:
        return int.from_bytes(crc32(seal.before).to_bytes(4, "little"), "big")

    @staticmethod
    def agree(due: int, found: int | None) -> bool:
        return due == found


def ones_sum(data: bytes) -> int:
    """The ones' complement sum of 16-bit words; a last odd byte counts as the high one (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big")
    return total % 0xFFFF or (0xFFFF if total else 0)


def internet_checksum(data: bytes) -> int:
    """What makes all 16-bit words, itself too, add up to all ones (RFC 1071)."""
    return ones_sum(data) ^ 0xFFFF


@dataclass(frozen=True)
class PseudoHeader:
    """What a network layer lends to checksums above: fields of its own, and `protocol` and `length`.

    layout   a construct over those names
    needed   UDP may not leave its checksum out over this layer (RFC 8200 section 8.1)
    """

    layout: Struct
    needed: bool = False

    def build(self, values: Mapping[str, Any], protocol: int, length: int) -> bytes:
        most = (1 << 8 * self.layout.length.sizeof()) - 1
        if length > most:
            raise ValueError(f"{length} bytes are too many: the length in the pseudo header holds 0 to {most}")
        return bytes(self.layout.build({**values, "protocol": protocol, "length": length}))
