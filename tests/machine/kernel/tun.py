"""Our host on a TUN device: what the kernel routes to it comes in as packets, what it sends goes out as packets.

Packets are read by `wire.decode` and built from the codec's layers; `loss` of them, each way, is lost at our end.
"""

import fcntl
import os
import random
import select
import struct
import subprocess
import time
from collections.abc import Callable

import wire
from wire.lab import drafts
from wire.machine import Endpoint, Host, Segment, State
from wire.machine import events as happened
from wire.machine import segment as seg

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
KERNEL, OURS = "10.7.0.1", "10.7.0.2"
SECOND = 1_000_000_000


def open_tun(name: str) -> int:
    """Make a TUN device whose other end is the kernel at 10.7.0.1/24; returns its descriptor."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    for command in (f"addr add {KERNEL}/24 dev {name}", f"link set {name} up"):
        subprocess.run(["ip", *command.split()], check=True)
    return tun


def to_segment(tcp: wire.Layer, data: bytes, ecn: int) -> Segment:
    """A decoded TCP layer as the machine's segment."""
    return Segment(
        tcp["seq"],
        tcp["ack"],
        tcp["flags"],
        tcp["window"],
        tcp["urgent_pointer"],
        tuple(to_option(option) for option in tcp["options"]),
        data,
        tcp["srcport"],
        tcp["dstport"],
        ecn,
    )


def to_option(option: wire.Layer) -> seg.Option:
    """A decoded TCP option as the machine's."""
    match option.name:
        case "nop" | "eol":
            return seg.NoOperation()
        case "mss":
            return seg.MaximumSegmentSize(option["mss_val"])
        case "wscale":
            return seg.WindowScale(option["wscale.shift"])
        case "sack_perm":
            return seg.SackPermitted()
        case "sack":
            return seg.Sack(tuple((block["sack_le"], block["sack_re"]) for block in option["blocks"]))
        case "ts":
            return seg.Timestamps(option["timestamp.tsval"], option["timestamp.tsecr"])
        case name:
            raise ValueError(f"the kernel sent an option that this test does not know: {name}")


class OurHost:
    """A `Host` with a real clock and a real, lossy road."""

    def __init__(self, tun: int, host: Host, loss: float, seed: int) -> None:
        self.tun, self.host, self.loss = tun, host, loss
        self.random = random.Random(seed)
        self.ident = 0
        self.counts = {"received": 0, "sent": 0, "lost": 0, "wrong checksums": 0, "sent again": 0}
        self.errors: list[str] = []
        self.start = time.monotonic_ns()

    @property
    def now(self) -> int:
        return time.monotonic_ns() - self.start

    def until(self, done: Callable[[], bool], seconds: float) -> None:
        """Serve the device and the clock until `done()`; RuntimeError after so many seconds."""
        limit = self.now + round(seconds * SECOND)
        self.flush()
        while not done():
            if self.now > limit:
                raise RuntimeError(f"not done after {seconds} s; {self.host.connections} {self.counts} {self.errors}")
            due = self.host.next_timer()
            wait = min(0.01, max(0, (due - self.now) / SECOND)) if due is not None else 0.01
            if select.select([self.tun], [], [], wait)[0]:
                self.receive(os.read(self.tun, 65536))
            self.host.tick(self.now)
            self.flush()

    def receive(self, octets: bytes) -> None:
        """A packet from the kernel; what is not TCP over IPv4 is not for us (the kernel looks for IPv6 neighbours)."""
        if octets[0] >> 4 != 4:
            return
        packet = wire.decode(octets, first="ip")
        if "tcp" not in packet:
            return
        self.counts["received"] += 1
        wrong = any(note.code == "checksum.wrong" for note in packet.notes)
        # Linux writes 0xffff where the sum is 0: the same number to RFC 1071, whatever a reader calls it
        self.counts["wrong checksums"] += wrong and packet["tcp"]["checksum"] != 0xFFFF
        if self.random.random() < self.loss:
            self.counts["lost"] += 1
            return
        tcp = packet["tcp"]
        data = octets[tcp.end : packet["ip"].stop]
        self.host.receive(KERNEL, to_segment(tcp, data, packet["ip"]["dsfield_ecn"]), self.now)

    def flush(self) -> None:
        """Send what the host has to send."""
        for _, target, event in self.host.drain():
            if isinstance(event, happened.Reset | happened.TimedOut | happened.Refused):
                self.errors.append(type(event).__name__)
            self.counts["sent again"] += isinstance(event, happened.Retransmitted)
            if not isinstance(event, happened.Sent):
                continue
            self.counts["sent"] += 1
            if self.random.random() < self.loss:
                self.counts["lost"] += 1
                continue
            self.ident = (self.ident + 1) & 0xFFFF
            segment = event.segment
            packet = drafts.Datagram(OURS, target, self.ident, 64, True, drafts.tcp(segment), segment.ecn)
            os.write(self.tun, bytes(packet.stack()))


def kernel_state(port: int) -> str:
    """What `ss` shows for the connection that has `port` at either end, "" if it shows none."""
    lines = subprocess.run(["ss", "-tanH"], check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        state, _, _, local, remote, *_ = line.split()
        if state != "LISTEN" and f":{port}" in local + " " + remote:
            return state
    return ""


SS_NAMES = {State.ESTABLISHED: "ESTAB", State.SYN_RECEIVED: "SYN-RECV"}


def as_ss(endpoint: Endpoint) -> str:
    """Our state under the name that `ss` has for it."""
    return SS_NAMES.get(endpoint.state, endpoint.state.value)
