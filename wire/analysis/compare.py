"""Two steps that are the same one, number by number: what in the capture's is not as the script's, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ..machine import segment as seg
from ..machine.sequence import later
from .segments import Seen
from .steps import Script, Step

WRAP = 1 << 32
Fault = tuple[str, str, str]  # code, what there is, what there should be


class Comparison:
    """Compares step after step, and remembers what it needs of those before."""

    def __init__(self, script: Script) -> None:
        """Nothing compared yet."""
        self.script = script
        self.base: dict[str, tuple[int, int]] = {}  # a role's first number: the script's, the capture's
        self.sent: dict[str, list[Seen]] = {}  # what each role sent in the capture
        self.asked: dict[str, list[Seen]] = {}  # and in the script
        self.ports: dict[tuple[str, int], int] = {}  # the capture's, by role and the script's
        self.addresses: dict[str, bytes] = {}

    def step(self, want: Step, got: Step) -> list[Fault]:
        """The mistakes of a step."""
        found = list(self.faults(want, got))
        if want.seen and got.seen:
            self.sent.setdefault(got.sender, []).append(got.seen)
            self.asked.setdefault(want.sender, []).append(want.seen)
        return found

    def faults(self, want: Step, got: Step) -> Iterator[Fault]:
        """What is wrong, the ends first and the sums last."""
        if want.seen and got.seen:
            self.bases(want, got)
            yield from self.ends(want, got)
            yield from self.flags(want.seen, got.seen)
            yield from self.numbers(want, got)
            yield from self.data(want, got)
            yield from self.options(want, got)
            yield from self.windows(want, got)
        elif want.kind == "udp":
            yield from self.datagram(want, got)
        elif want.kind == "arp":
            yield from arp(want, got)
        elif want.event and got.event and want.event.layer.get("code") != got.event.layer.get("code"):
            yield "icmp.type", got.event.layer.info, want.event.layer.info
        yield from sums(got)

    # Ends

    def bases(self, want: Step, got: Step) -> None:
        """Where each role's numbers begin, as soon as it is known."""
        assert want.seen and got.seen
        if want.flags & seg.SYN or want.sender not in self.base:
            if not self.sent.get(got.sender) or (want.flags & seg.SYN and not self.again(want)):
                self.base[want.sender] = want.seen.segment.seq, got.seen.segment.seq
        if want.flags & seg.ACK and want.receiver not in self.base:
            self.base[want.receiver] = want.seen.segment.ack, got.seen.segment.ack

    def again(self, want: Step) -> bool:
        """Whether the script sends these numbers a second time."""
        assert want.seen
        return want.seen.length > 0 and any(
            one.length and one.segment.seq == want.seen.segment.seq for one in self.asked.get(want.sender, ())
        )

    def ends(self, want: Step, got: Step) -> Iterator[Fault]:
        """Ports and addresses stay what they were, and are those that were asked for."""
        assert want.seen and got.seen
        for role, wanted, had in ((got.sender, want.seen.source, got.seen.source),
                                  (got.receiver, want.seen.target, got.seen.target)):  # fmt: skip
            port = wanted[1] if self.script.asks("port", role) else self.ports.setdefault((role, wanted[1]), had[1])
            if had[1] != port:
                yield "port", str(had[1]), str(port)
            address = wanted[0] if self.script.asks("ip", role) else self.addresses.setdefault(role, had[0])
            if had[0] != address:
                yield "address", dotted(had[0]), dotted(address)

    # Header

    def flags(self, want: Seen, got: Seen) -> Iterator[Fault]:
        """URG, and ECN where the script has it."""
        names = seg.flag_names(got.segment.flags), seg.flag_names(want.segment.flags)
        if want.segment.has(seg.URG) != got.segment.has(seg.URG):
            yield "flag.urg", *names
        elif want.segment.has(seg.URG) and want.segment.urgent != got.segment.urgent:
            yield "urgent.pointer", str(got.segment.urgent), str(want.segment.urgent)
        ecn = seg.ECE | seg.CWR
        speaks = any(one.seen and one.seen.segment.has(ecn) for one in self.script.steps)
        if speaks and (want.segment.flags ^ got.segment.flags) & ecn:
            yield "flag.ecn", *names

    def translated(self, role: str, number: int) -> int:
        """A number of the script as the capture should have it."""
        script, capture = self.base.get(role, (0, 0))
        return (number - script + capture) % WRAP

    def numbers(self, want: Step, got: Step) -> Iterator[Fault]:
        """Sequence and acknowledgment number."""
        assert want.seen and got.seen
        mine, asked = got.seen.segment, want.seen.segment
        if asked.has(seg.SYN) and self.script.asks("isn", want.sender) and mine.seq != asked.seq:
            yield "isn", str(mine.seq), str(asked.seq)
            return
        seq = self.translated(want.sender, asked.seq) if want.sender in self.base else mine.seq
        if asked.has(seg.RST) and asked.seq == 0 and asked.has(seg.ACK):
            seq = 0  # it answers what had no ACK (3.10.7.1)
        ack = self.translated(want.receiver, asked.ack) if asked.has(seg.ACK) else mine.ack
        if mine.seq != seq and mine.ack != ack and (mine.seq, mine.ack) == (ack, seq):
            yield "numbers.swapped", f"seq {mine.seq} ack {mine.ack}", f"seq {seq} ack {ack}"
            return
        if mine.seq != seq:
            yield self.why_seq(want, got, seq), str(mine.seq), str(seq)
        if mine.ack != ack:
            yield self.why_ack(want, got, ack), str(mine.ack), str(ack)

    def why_seq(self, want: Step, got: Step, seq: int) -> str:
        """What was forgotten in a sequence number."""
        assert got.seen
        off = (got.seen.segment.seq - seq) % WRAP
        if want.flags & seg.RST:
            return "seq.reset"
        if self.again(want):
            return "seq.repeat"
        last = self.sent.get(got.sender, [])[-1:]
        if last and off == WRAP - 1 and last[0].segment.has(seg.SYN):
            return "seq.syn"
        if last and off == WRAP - 1 and last[0].segment.has(seg.FIN):
            return "seq.fin"
        if off == 1 and last and not last[0].length:
            return "seq.ack"
        sizes = {one.size for one in last if one.size} | {sum(one.size for one in self.sent.get(got.sender, ()))}
        if off and WRAP - off in sizes:
            return "seq.data"
        return "seq.wrong"

    def why_ack(self, want: Step, got: Step, ack: int) -> str:
        """What was forgotten in an acknowledgment number."""
        assert got.seen
        mine = got.seen.segment
        off = (mine.ack - ack) % WRAP
        heard, own = self.sent.get(got.receiver, []), self.sent.get(got.sender, [])
        last = heard[-1] if heard else None
        if off == WRAP - 1 and last:
            return "ack.syn" if last.segment.has(seg.SYN) else "ack.fin" if last.segment.has(seg.FIN) else "ack.last"
        if mine.ack in (mine.seq, got.seen.end) and mine.ack != ack:
            return "ack.own"
        if self.duplicate(want):
            return "ack.duplicate"
        if heard and all(later(mine.ack, one.end) for one in heard):
            return "ack.unsent"
        if own and own[-1].segment.has(seg.ACK) and later(own[-1].segment.ack, mine.ack):
            return "ack.old"
        if last and last.size and off in (WRAP - last.size, WRAP - last.length):
            return "ack.data"
        return "ack.wrong"

    def duplicate(self, want: Step) -> bool:
        """Whether the script repeats an acknowledgment here."""
        before = self.asked.get(want.sender, ())
        return bool(want.seen and not want.seen.length and before and not before[-1].length
                    and before[-1].segment.ack == want.seen.segment.ack)  # fmt: skip

    # Data, options, windows

    def data(self, want: Step, got: Step) -> Iterator[Fault]:
        """How many bytes; which ones, if the script's were given."""
        assert want.seen and got.seen
        peer = next((one.segment.option(seg.MaximumSegmentSize) for one in self.sent.get(got.receiver, ())
                     if one.segment.has(seg.SYN)), None)  # fmt: skip
        if peer and got.size > peer.size:
            yield "data.mss", f"{got.size} bytes", f"{peer.size} bytes"
        elif want.size != got.size:
            yield "data.length", f"{got.size} bytes", f"{want.size} bytes"
        elif self.given_data and got.seen.segment.data[: got.size] != want.seen.segment.data[: want.size]:
            had, wanted = got.seen.segment.data[:20], want.seen.segment.data[:20]
            yield "data.content", repr(had)[1:], repr(wanted)[1:]

    @property
    def given_data(self) -> bool:
        """Whether the script's data were given: a key that is no setting of an end."""
        from ..lab.keys import KEYS

        return any(key.rpartition(".")[2] not in KEYS for key in self.script.given)

    def options(self, want: Step, got: Step) -> Iterator[Fault]:
        """Options that the script needs, and those that may not be."""
        assert want.seen and got.seen
        asked, mine = want.seen.segment, got.seen.segment
        if not mine.has(seg.SYN):
            for kind in SYN_ONLY:
                if mine.option(kind):
                    yield "option.place", NAMES[kind], ""
            yield from self.sack(want, got)
        else:
            offer = next((one.segment for one in self.sent.get(got.receiver, ()) if one.segment.has(seg.SYN)), None)
            for kind in AGREED:
                if offer and mine.has(seg.ACK) and mine.option(kind) and not offer.option(kind):
                    yield "option.unasked", NAMES[kind], ""
        for kind, key in KEYS_OF.items():
            wanted, had = asked.option(kind), mine.option(kind)
            needed = kind is not seg.MaximumSegmentSize or self.script.asks(key, want.sender)
            if wanted and not had and needed:
                yield "option.missing", "", NAMES[kind]
            elif wanted and had and wanted != had and self.script.asks(key, want.sender) and key in ("mss", "wscale"):
                yield "option.value", f"{NAMES[kind]} {valued(had)}", valued(wanted)

    def sack(self, want: Step, got: Step) -> Iterator[Fault]:
        """The blocks of a SACK option, in the capture's numbers."""
        assert want.seen and got.seen
        wanted, had = want.seen.segment.option(seg.Sack), got.seen.segment.option(seg.Sack)
        if not wanted:
            return
        blocks = [tuple(self.translated(want.receiver, edge) for edge in block) for block in wanted.blocks]
        said = ", ".join(f"{left}-{right}" for left, right in blocks)
        if not had:
            yield "sack.missing", "", said
        elif list(had.blocks) != blocks:
            yield "sack.wrong", ", ".join(f"{left}-{right}" for left, right in had.blocks), said

    def windows(self, want: Step, got: Step) -> Iterator[Fault]:
        """Closed or open; its size only if that was given."""
        assert want.seen and got.seen
        asked, mine = want.seen.segment.window, got.seen.segment.window
        if want.flags & seg.RST:
            return
        if (asked == 0) != (mine == 0):
            yield ("window.open", str(mine), "0") if asked == 0 else ("window.closed", "0", str(asked))
        elif asked != mine and self.script.asks("win", want.sender):
            yield "window.value", str(mine), str(asked)

    # Other protocols

    def datagram(self, want: Step, got: Step) -> Iterator[Fault]:
        """A datagram's size, and a port that stays."""
        if want.event and got.event and want.event.member and got.event.member:
            asked, had = want.event.member.target[1], got.event.member.target[1]
            port = self.ports.setdefault((got.receiver, asked), had)
            port = asked if self.script.asks("port", want.receiver) else port
            self.ports.setdefault((got.sender, want.event.member.source[1]), got.event.member.source[1])
            if had != port:
                yield "udp.port", str(had), str(port)
        if want.size != got.size:
            yield "udp.length", f"{got.size} bytes", f"{want.size} bytes"
        elif self.given_data and want.event and got.event and want.event.layer.payload != got.event.layer.payload:
            yield "data.content", repr(got.event.layer.payload[:20])[1:], repr(want.event.layer.payload[:20])[1:]


NAMES: dict[type, str] = {
    seg.MaximumSegmentSize: "MSS", seg.WindowScale: "window scale", seg.SackPermitted: "SACK permitted",
    seg.Timestamps: "timestamps", seg.FastOpen: "Fast Open",
}  # fmt: skip
KEYS_OF: dict[type[seg.Option], str] = {
    seg.MaximumSegmentSize: "mss", seg.WindowScale: "wscale", seg.SackPermitted: "sack", seg.Timestamps: "ts",
    seg.FastOpen: "tfo",
}  # fmt: skip
SYN_ONLY: tuple[type[seg.Option], ...] = (seg.MaximumSegmentSize, seg.WindowScale, seg.SackPermitted)
AGREED: tuple[type[seg.Option], ...] = (seg.WindowScale, seg.SackPermitted, seg.Timestamps)


def valued(option: seg.Option) -> str:
    """The number in an option."""
    return str(option.size if isinstance(option, seg.MaximumSegmentSize) else getattr(option, "shift", ""))


def dotted(address: bytes) -> str:
    """An address as people write it."""
    from .reading import text

    return text(address)


def arp(want: Step, got: Step) -> Iterator[Fault]:
    """Questions go to everybody, answers to one; both are about the address of the one who has it."""
    if not (want.event and got.event):
        return
    frames = [next((layer for layer in one.event.packet.layers if layer.name == "eth"), None)
              for one in (want, got) if one.event]  # fmt: skip
    if frames[0] and frames[1]:
        asked, had = frames[0].dst, frames[1].dst
        everybody = "ff:ff:ff:ff:ff:ff"
        if asked == everybody != had:
            yield "arp.broadcast", had, everybody
        elif had == everybody != asked:
            yield "arp.unicast", had, f"the one who asked, {got.event.layer.show('dst.hw_mac')}"
    if got.receiver != want.receiver:
        yield "arp.address", got.event.target, want.receiver


def sums(got: Step) -> Iterator[Fault]:
    """Checksums that are wrong, in the capture's own words; those left to a network card are not."""
    if got.event:
        for note in got.event.packet.notes:
            if note.code == "checksum.wrong":
                yield "checksum", str(note), ""
