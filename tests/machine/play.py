"""A player for short scripts against one endpoint: what goes in, what must come out, which state follows.

One step a line. Numbers are relative: both initial sequence numbers are 0.

    start STATE            bring a fresh endpoint there with the ordinary segments ("SYN-RECEIVED active" after
    crossing SYNs) < F. 1 ack 1           a segment reaches us: flags, sequence number (or 1:1001 with data), ack,
    win, options > . 1 ack 2            we must send this; nothing may be sent that no line expects ! close
    a call: listen, connect, send N, read, shutdown read|write|both, close, abort + 1.5                  seconds pass
    = CLOSE-WAIT           the state now ? Reset                this kind of event has happened since the last `?`

Flags: S F R P U E (ECE) W (CWR), `.` for ACK, `-` for none. Options: mss=1460 wscale=7 sackok ts=1,2 sack=1:5,7:9
cookie=hex md5. In an expectation, window and options count only if they are written; `plain` says that there are none.
"""

import re
from dataclasses import replace
from typing import Any

from wire.machine import Endpoint, Segment, settings
from wire.machine import segment as seg

FLAGS = {"S": seg.SYN, "F": seg.FIN, "R": seg.RST, "P": seg.PSH, ".": seg.ACK, "U": seg.URG, "E": seg.ECE, "W": seg.CWR}
SECOND = 1_000_000_000

STARTS = {
    "CLOSED": "",
    "LISTEN": "! listen",
    "SYN-SENT": "! connect\n> S 0",
    "SYN-RECEIVED": "! listen\n< S 0\n> S. 0 ack 1",
    "SYN-RECEIVED active": "! connect\n> S 0\n< S 0\n> S. 0 ack 1",
    "ESTABLISHED": "! connect\n> S 0\n< S. 0 ack 1 {options}\n> . 1 ack 1",
    "FIN-WAIT-1": "start ESTABLISHED\n! close\n> F. 1 ack 1",
    "FIN-WAIT-2": "start FIN-WAIT-1\n< . 1 ack 2",
    "CLOSING": "start FIN-WAIT-1\n< F. 1 ack 1\n> . 2 ack 2",
    "TIME-WAIT": "start FIN-WAIT-2\n< F. 1 ack 2\n> . 2 ack 2",
    "CLOSE-WAIT": "start ESTABLISHED\n< F. 1 ack 1\n> . 1 ack 2",
    "LAST-ACK": "start CLOSE-WAIT\n! close\n> F. 1 ack 2",
}


class Play:
    """Plays one script; AssertionError names the line."""

    def __init__(self, profile: str = "rfc", options: str = "mss=1460", **changes: Any) -> None:
        """`options`: those of the peer's SYN in `start ESTABLISHED`; `changes`: settings of our endpoint."""
        self.us = Endpoint(settings(profile, **({"isn": 0} | changes)), ("192.0.2.1", 1), ("192.0.2.2", 2))
        self.options = options
        self.now = 0
        self.sent: list[Segment] = []
        self.read = b""

    def run(self, script: str) -> "Play":
        """Play the lines of `script`."""
        for line in script.format(options=self.options).splitlines():
            words = line.split("#")[0].split()
            if words:
                try:
                    self.step(words[0], words[1:])
                except AssertionError as problem:
                    raise AssertionError(f"{line.strip()}: {problem}") from None
        self.quiet()
        return self

    def step(self, kind: str, words: list[str]) -> None:
        """One line."""
        if kind != ">":
            self.quiet()
        if kind == "start":
            self.run(STARTS[" ".join(words)])
        elif kind == "<":
            self.us.receive(parse(words), self.now)
        elif kind == ">":
            self.expect(words)
        elif kind == "!":
            self.call(words)
        elif kind == "+":
            self.wait(round(float(words[0]) * SECOND))
        elif kind == "=":
            state = self.us.state.value
            assert state == words[0], f"the state is {state}"
        elif kind == "?":
            names = [type(event).__name__ for event in self.us.events]
            assert words[0] in names, f"only {names} happened"
            self.us.events.clear()
        else:
            raise ValueError(f"no such step: {kind}")
        self.sent += self.us.outbox
        self.us.outbox.clear()

    def wait(self, time: int) -> None:
        """Let time pass, timer by timer."""
        end = self.now + time
        while (due := self.us.next_timer()) is not None and due <= end:
            self.us.tick(due)
        self.now = end
        self.us.tick(end)

    def call(self, words: list[str]) -> None:
        """A call of the application."""
        us, now = self.us, self.now
        match words:
            case ["listen"]:
                us.listen(now)
            case ["connect"]:
                us.connect(now=now)
            case ["connect", size]:
                us.connect(now=now, data=bytes(int(size)))
            case ["send", size]:
                us.send(bytes(index % 251 for index in range(int(size))), now)
            case ["urgent", size]:
                us.send(bytes(int(size)), now, urgent=True)
            case ["read"]:
                self.read += us.read(None, now)
            case ["shutdown", ("read" | "write" | "both") as how]:
                us.shutdown(how, now)
            case ["close"]:
                us.close(now)
            case ["abort"]:
                us.abort(now)
            case _:
                raise ValueError(f"no such call: {words}")

    def quiet(self) -> None:
        """Nothing was sent that no line expected."""
        sent, self.sent = self.sent, []
        assert not sent, f"sent {', '.join(map(str, sent))} before it"

    def expect(self, words: list[str]) -> None:
        """The next segment that was sent is this one."""
        plain = "plain" in words
        wanted = parse([word for word in words if word != "plain"])
        assert self.sent, "nothing was sent"
        got = self.sent.pop(0)
        near = replace(wanted, source=got.source, target=got.target, ecn=got.ecn, urgent=got.urgent, data=got.data)
        if not any(word == "win" for word in words):
            near = replace(near, window=got.window)
        if not wanted.options and not plain:
            near = replace(near, options=got.options)
        else:
            got = replace(got, options=tuple(o for o in got.options if not isinstance(o, seg.NoOperation)))
        if not got.has(seg.ACK):
            near = replace(near, ack=got.ack)
        assert got == near and len(got.data) == len(wanted.data), f"sent {got} win {got.window} {got.options}"


def parse(words: list[str]) -> Segment:
    """`F. 1:1001 ack 1 win 10 mss=1460` as a Segment from port 2 to port 1."""
    flags = sum(FLAGS[letter] for letter in words[0] if letter != "-")
    first, _, end = words[1].partition(":")
    data = bytes((index - 1) % 251 for index in range(int(first), int(end or first)))
    fields: dict[str, int] = {"ack": 0, "win": 65535, "urg": 0}
    options: list[seg.Option] = []
    rest = iter(words[2:])
    for word in rest:
        if word in fields:
            fields[word] = int(next(rest))
        else:
            options.append(option(word))
    return Segment(
        int(first), fields["ack"], flags, fields["win"], fields["urg"], tuple(options), data, source=2, target=1
    )


def option(word: str) -> seg.Option:
    """`mss=1460` and its like."""
    name, _, value = word.partition("=")
    numbers = [int(number) for number in re.findall(r"\d+", value)] if name != "cookie" else []
    match name:
        case "mss":
            return seg.MaximumSegmentSize(numbers[0])
        case "wscale":
            return seg.WindowScale(numbers[0])
        case "sackok":
            return seg.SackPermitted()
        case "ts":
            return seg.Timestamps(numbers[0], numbers[1])
        case "sack":
            return seg.Sack(tuple(zip(numbers[::2], numbers[1::2], strict=True)))
        case "cookie":
            return seg.FastOpen(bytes.fromhex(value))
        case "md5":
            return seg.OtherOption(19, bytes(16))
        case _:
            raise ValueError(f"no such option: {word}")
