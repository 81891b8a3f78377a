"""What can be wrong with a conversation that should follow a script: every kind of mistake, as one table.

A sentence is filled with what was found ({got}) and what the script asks for ({want}), numbers as in the capture.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..story import Phrase


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake: its code, its sentence, and where the rule stands."""

    code: str
    sentence: str
    rfc: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A mistake in a capture.

    frame  where it shows; 0: after the last one
    step   the script's step, from 1
    what   the step in words: `the client's ACK`
    """

    mistake: Mistake
    frame: int
    step: int
    what: str
    got: str = ""
    want: str = ""

    @property
    def code(self) -> str:
        """The mistake's code."""
        return self.mistake.code

    @property
    def words(self) -> Phrase:
        """One line: where, what, why, and where the rule stands."""
        place = Phrase("frame {frame}", frame=self.frame) if self.frame else Phrase("at the end")
        said = Phrase(self.mistake.sentence, got=self.got, want=self.want)
        return Phrase("{place}, step {step} ({what}): {said} [{rfc}] ({code})", place=place, step=self.step,
                      what=self.what, said=said, rfc=self.mistake.rfc, code=self.code)  # fmt: skip

    def __str__(self) -> str:
        return str(self.words)


_ROWS = (
    # What is there at all
    ("capture.empty", "nothing of it is in the capture: expected {want}", "RFC 9293 3.5"),
    ("capture.short", "the capture ends here: expected {want}", "RFC 9293 3.3.2"),
    ("capture.long", "the script is over, and there is {got} as well", "RFC 9293 3.3.2"),
    ("protocol", "is {got}, expected {want}", "RFC 1122 1.1.3"),
    ("segment.missing", "is {got}; {want} is missing before it", "RFC 9293 3.10.7"),
    ("segment.extra", "{got} is too much: expected {want}", "RFC 9293 3.10.7"),
    ("segment.other", "is {got}, expected {want}", "RFC 9293 3.10.7"),
    ("order", "is {got}, expected {want}: the two changed places", "RFC 9293 3.4"),
    ("direction", "is {got}, expected {want}: it goes the wrong way", "RFC 9293 3.3.2"),
    # Opening
    ("syn.missing", "begins with {got}: a connection opens with {want}", "RFC 9293 3.5"),
    ("handshake.unanswered", "is {got}; the SYN was not answered with {want}", "RFC 9293 3.5"),
    ("handshake.third", "{want} is missing: without it the server does not know that its SYN arrived", "RFC 9293 3.5"),
    ("handshake.apart", "ACK and SYN go apart: one SYN,ACK says both", "RFC 9293 3.5"),
    ("isn", "the initial sequence number is {got}, expected {want}", "RFC 9293 3.4.1"),
    # Flags
    ("flag.syn-missing", "SYN is not set: flags are {got}, expected {want}", "RFC 9293 3.5"),
    ("flag.syn", "SYN is set, which only opens: flags are {got}, expected {want}", "RFC 9293 3.5"),
    ("flag.ack-missing", "ACK is not set: only the first SYN goes without; flags are {got}, expected {want}",
     "RFC 9293 3.1"),
    ("flag.ack", "ACK is set, and there is nothing to acknowledge yet: flags are {got}, expected {want}",
     "RFC 9293 3.5"),
    ("flag.fin-missing", "FIN is not set: nothing closes; flags are {got}, expected {want}", "RFC 9293 3.6"),
    ("flag.fin", "FIN is set too early: flags are {got}, expected {want}", "RFC 9293 3.6"),
    ("flag.rst-missing", "RST is not set: flags are {got}, expected {want}", "RFC 9293 3.5.2"),
    ("flag.rst", "RST is set: flags are {got}, expected {want}", "RFC 9293 3.5.2"),
    ("flag.urg", "URG and the script differ: flags are {got}, expected {want}", "RFC 9293 3.8.5"),
    ("flag.ecn", "the ECN flags differ: flags are {got}, expected {want}", "RFC 3168 6.1"),
    # Sequence numbers
    ("seq.syn", "seq is {got}, expected {want}: SYN consumes one", "RFC 9293 3.4"),
    ("seq.fin", "seq is {got}, expected {want}: FIN consumes one", "RFC 9293 3.4"),
    ("seq.data", "seq is {got}, expected {want}: every byte that was sent consumes one", "RFC 9293 3.4"),
    ("seq.ack", "seq is {got}, expected {want}: an ACK alone consumes none", "RFC 9293 3.4"),
    ("seq.repeat", "seq is {got}, expected {want}: what is sent again keeps its number", "RFC 9293 3.8.1"),
    ("seq.reset", "seq is {got}, expected {want}: a reset carries the number that its receiver expects",
     "RFC 9293 3.5.2"),
    ("seq.wrong", "seq is {got}, expected {want}", "RFC 9293 3.4"),
    ("numbers.swapped", "seq and ack changed places: {got}, expected {want}", "RFC 9293 3.4"),
    # Acknowledgment numbers
    ("ack.syn", "ack is {got}, expected {want}: SYN consumes one", "RFC 9293 3.4"),
    ("ack.fin", "ack is {got}, expected {want}: FIN consumes one", "RFC 9293 3.4"),
    ("ack.data", "ack is {got}, expected {want}: it counts every byte that arrived", "RFC 9293 3.4"),
    ("ack.last", "ack is {got}, expected {want}: it names the next byte, not the last one that arrived",
     "RFC 9293 3.4"),
    ("ack.own", "ack is {got}, expected {want}: it counts the peer's bytes, not its own", "RFC 9293 3.4"),
    ("ack.unsent", "ack is {got}, expected {want}: so much was never sent", "RFC 9293 3.10.7.4"),
    ("ack.duplicate", "ack is {got}, expected {want}: with a gap before it, the same number again", "RFC 5681 3.2"),
    ("ack.old", "ack is {got}, expected {want}: that was acknowledged before", "RFC 9293 3.4"),
    ("ack.wrong", "ack is {got}, expected {want}", "RFC 9293 3.4"),
    # Data
    ("data.missing", "carries no data: expected {want}", "RFC 9293 3.7"),
    ("data.extra", "carries {got}: expected none", "RFC 9293 3.7"),
    ("data.length", "carries {got}, expected {want}", "RFC 9293 3.7"),
    ("data.mss", "carries {got}: the peer takes no more than {want}", "RFC 9293 3.7.1"),
    ("data.content", "the bytes are not the script's: {got}, expected {want}", "RFC 9293 3.7"),
    ("data.after-fin", "{got} after its FIN: who has closed sends no more", "RFC 9293 3.6"),
    # Closing
    ("close.merged", "ACK and FIN are one segment: expected {want} by itself", "RFC 9293 3.6"),
    ("close.apart", "{got} goes by itself: expected {want}, both in one", "RFC 9293 3.6"),
    ("close.fin", "{want} is missing: this direction was never closed", "RFC 9293 3.6"),
    ("close.last-ack", "{want} is missing: the last FIN is not acknowledged", "RFC 9293 3.6"),
    ("close.early", "{got} already: expected {want} first", "RFC 9293 3.6"),
    ("reset.unexpected", "{got}: the connection is torn down, expected {want}", "RFC 9293 3.5.3"),
    ("reset.missing", "is {got}; {want} is missing", "RFC 9293 3.5.2"),
    # Loss
    ("repeat.missing", "is {got}; {want}, sent again, is missing", "RFC 9293 3.8.1"),
    ("repeat.extra", "{got} comes again: in the script nothing is lost here", "RFC 9293 3.8.1"),
    ("duplicate.missing", "is {got}; a duplicate ACK, {want}, is missing before it", "RFC 5681 4.2"),
    # Options, windows
    ("option.missing", "the option {want} is missing", "RFC 9293 3.2"),
    ("option.value", "the option is {got}, expected {want}", "RFC 9293 3.2"),
    ("option.place", "the option {got} belongs on a SYN", "RFC 9293 3.2"),
    ("option.unasked", "the option {got} answers nothing: the SYN did not have it", "RFC 7323 1.3"),
    ("sack.missing", "reports no block of what arrived beyond the gap: expected {want}", "RFC 2018 4"),
    ("sack.wrong", "reports {got}, expected {want}", "RFC 2018 4"),
    ("window.open", "the window is {got}, expected 0: the buffer is full", "RFC 9293 3.8.6"),
    ("window.closed", "the window is 0, expected it open", "RFC 9293 3.8.6"),
    ("window.value", "the window is {got}, expected {want}", "RFC 9293 3.1"),
    ("urgent.pointer", "the urgent pointer is {got}, expected {want}", "RFC 9293 3.8.5"),
    ("timing", "comes {got} after the packet before it, expected {want}", "RFC 9293 3.10.8"),
    # Ends and sums
    ("port", "port {got}, expected {want}: the connection is named by both", "RFC 9293 3.4.1"),
    ("address", "address {got}, expected {want}: the connection is named by both", "RFC 9293 3.4.1"),
    ("checksum", "the checksum is wrong: {got}", "RFC 9293 3.1"),
    # Other protocols
    ("udp.port", "goes to port {got}, expected {want}", "RFC 768"),
    ("udp.length", "carries {got}, expected {want}", "RFC 768"),
    ("arp.opcode", "the opcode is {got}, expected {want}", "RFC 826"),
    ("arp.broadcast", "goes to {got}: a question goes to everybody, {want}", "RFC 826"),
    ("arp.unicast", "goes to everybody: an answer goes to {want}", "RFC 826"),
    ("arp.address", "is about {got}, expected {want}", "RFC 826"),
    ("icmp.type", "says {got}, expected {want}", "RFC 792"),
)  # fmt: skip

MISTAKES = {code: Mistake(code, sentence, rfc) for code, sentence, rfc in _ROWS}


def page() -> str:
    """docs/checking.md: how to check, and every kind of mistake."""
    head = [*HEAD.strip().splitlines(), "", "| code | what is said | where the rule stands |", "|---|---|---|"]
    rows = [f"| `{one.code}` | {one.sentence.format(got='…', want='…')} | {one.rfc} |" for one in MISTAKES.values()]
    return "\n".join([*head, *rows, ""])


HEAD = """
# Checking a capture against a script

`wire check CAPTURE --against SCENARIO key=value…` asks whether a capture follows a scenario of `wire craft`: a
student's worksheet, or the trace of a stack. `--against FILE.pkt` takes a packetdrill script, with our endpoint as its
kernel; a script has no keys, but `--profile rfc`, `linux` or `freebsd`.

    wire check homework.pcap --against handshake client.isn=223 server.isn=521

The first difference is named, one line a mistake, and the exit status is 1; it is 0 where the capture follows, and 2
where the command itself is wrong.

What counts is the meaning: who sends, flags, sequence and acknowledgment numbers, how many bytes, the options that the
script needs, the order. Addresses, ports and initial sequence numbers may be any, unless they are given as keys; the
same is true of the data's bytes, the MSS and the window. PSH, identifications, TTLs, padding and further options
do not count. Numbers are said as the capture has them. Packets of protocols that the script does not have (ARP before
a handshake) are passed over, and so are other connections: `--stream N` chooses one.

Times count if they are asked for: `--timing SECONDS` says by how much the time between a packet and the one before it
may differ from the script's (packetdrill calls it `--tolerance_usecs`). A capture has the times of the end where it was
taken, so `tap=server` belongs with a capture of the server.

    wire check trace.pcap --against lost-syn --timing 0.05
"""
