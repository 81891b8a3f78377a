"""Runs a script against our endpoint, which plays the kernel: `<` is injected, `>` is what it must send.

Time is simulated: a script of an hour takes no longer than its segments.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ..machine import Endpoint, Host, Segment, State
from ..machine import events as happened
from ..machine import segment as seg
from ..machine.opening import make_cookie
from ..machine.profiles import MS, settings
from . import icmp
from .calls import Answer, Calls, Waiting
from .flow import Flow
from .host_settings import World, read_options, read_shell, take_for_granted
from .match import describe, difference
from .outcome import Exchanged, Made, Note, Outcome
from .parse import parse
from .socket_table import SocketTable
from .syntax import Call, Code, Event, IcmpPacket, NotSupported, Script, ScriptError, Shell, TcpPacket, Time
from .verdicts import answer_difference, reason_of, seconds

ADDRESSES = {False: ("192.168.0.1", "192.0.2.1"), True: ("fd3d:fa7b:d17d::1", "fd3d:fa7b:d17d:8888::1")}
LONGEST = 86400 * 1_000 * MS  # how long `*` waits
PATIENCE = 100_000  # segments and timers between two events


def run(text: str, name: str = "", profile: str = "linux") -> Outcome:
    """Run the script in `text` against an endpoint with the settings of `profile`.

    Never raises for what a script says: what cannot be read or is not supported is an outcome, too. ValueError for a
    profile that does not exist.
    """
    settings(profile)
    try:
        script = parse(text)
    except ScriptError as error:
        return Outcome(name, profile, "not supported", error.line, reason=error.problem)
    if not script.events:
        return Outcome(name, profile, "not supported", reason="nothing happens in it: it has no events")
    runner = Runner(script, profile)
    status, line, expected, actual, reason = "passed", 0, "", "", ""
    try:
        runner.run()
    except Difference as found:
        status, line, expected, actual, reason = "failed", found.line, found.expected, found.actual, found.reason
    except (NotSupported, ScriptError) as problem:
        status, line, reason = "not supported", problem.line, getattr(problem, "what", str(problem))
    return Outcome(
        name,
        profile,
        status,  # type: ignore[arg-type]
        line,
        expected,
        actual,
        reason,
        tuple(Note(at, words) for at, words in sorted(runner.world.notes, key=lambda note: note[0])),
        tuple(runner.exchanged),
        tuple(runner.made),
        ADDRESSES[runner.world.ipv6],
    )


class Difference(Exception):
    """The endpoint did something else than the script says."""

    def __init__(self, line: int, expected: str, actual: str, reason: str) -> None:
        super().__init__(f"line {line}: {actual}, expected {expected}")
        self.line, self.expected, self.actual, self.reason = line, expected, actual, reason


@dataclass(slots=True)
class Outgoing:
    """A segment that our endpoint sent and no line has claimed yet."""

    time: int
    segment: Segment
    place: int  # in `Runner.exchanged`


@dataclass(slots=True)
class Pending:
    """A call that waits."""

    event: Event
    call: Call
    began: int
    until: int
    ask: Waiting
    place: int


class Runner:
    """The script's world: one host, one clock, and the other side, which is the script."""

    def __init__(self, script: Script, profile: str) -> None:
        """Nothing has happened; read_options and the settings come with `run`."""
        self.script = script
        self.profile = profile
        self.world = World()
        self.now = 0
        self.scheduled = 0  # when the last event was to be
        self.flow = Flow()
        self.sent: deque[Outgoing] = deque()
        self.exchanged: list[Exchanged] = []
        self.made: list[Made] = []
        self.pending: Pending | None = None
        self.lately: list[happened.Happening] = []  # since the last injection
        self.states: dict[Endpoint, State] = {}

    def run(self) -> None:
        """Play all events. Difference, NotSupported or ScriptError if one cannot be."""
        read_options(self.world, self.script)
        take_for_granted(self.world, self.script)
        for line, text in self.script.init:
            self.world.changes |= read_shell(self.world, line, text)
        self.ours, self.peer = ADDRESSES[self.world.ipv6]
        try:
            self.host = Host("kernel", self.ours, settings(self.profile, **self.world.changes))
        except ValueError as error:
            raise NotSupported(0, str(error)) from None
        self.table = SocketTable(self.host)
        self.calls = Calls(self.table, self.world, self.peer)
        for event in self.script.events:
            self.play(event)
        if self.pending is not None:
            self._wait_for_call()

    def play(self, event: Event) -> None:
        """One event."""
        what = event.what
        if isinstance(what, TcpPacket) and not what.inbound:
            self._expect(event, what)
            return
        start = self._start(event.time)
        if isinstance(what, Call) and self.pending is not None:
            self._wait_for_call()
        self._advance(max(start, self.now))
        match what:
            case TcpPacket():
                self._inject(event, what)
            case IcmpPacket():
                self._icmp(event, what)
            case Call():
                self._call(event, what)
            case Shell(text):
                self._shell(event, text)
            case Code(text):
                words = " ".join(text.split())
                self.world.notes.append((event.line, f"code is never run: {words[:60]}"))
            case _:
                raise NotSupported(event.line, what.what)
        self._collect()

    # The clock

    def _start(self, time: Time) -> int:
        base = self.scheduled if time.kind == "relative" else 0
        self.scheduled = self.now if time.kind == "any" else base + time.start
        return self.scheduled

    def _advance(self, time: int) -> None:
        """Let timers run out until `time`."""
        for _ in range(PATIENCE):
            due = self.host.next_timer()
            if due is None or due > time:
                self.now = max(self.now, time)
                self._collect()
                return
            self._tick(due)
        raise NotSupported(0, "a script that keeps our endpoint busy without end")

    def _tick(self, due: int) -> None:
        self.now = max(self.now, due)
        self.calls.now = self.now
        self.host.tick(self.now)
        self._collect()

    def _collect(self) -> None:
        """Take what the host did: segments, errors; ask the call that waits."""
        self.calls.now = self.now
        for endpoint, _, event in self.host.drain():
            self.lately.append(event)
            before = self.states.get(endpoint) if endpoint is not None else None
            if isinstance(event, happened.Sent):
                self._sent(endpoint, event, before)
            else:
                self.table.hear(endpoint, event, before)
            if isinstance(event, happened.StateChange) and endpoint is not None and event.new is not State.CLOSED:
                self.states[endpoint] = event.new
        pending = self.pending
        if pending is not None:
            answer = pending.ask()
            if answer is not None:
                self.pending = None
                self._returned(pending.event, pending.call, answer, pending)
                self._collect()

    def _sent(self, endpoint: Endpoint | None, event: happened.Sent, before: State | None) -> None:
        segment = event.segment
        ours = (segment.source, segment.target)
        if segment.has(seg.SYN) and not segment.has(seg.ACK) and ours != (self.flow.target, self.flow.source):
            self.flow = Flow()
            self.flow.ours = segment.seq
            self.flow.target, self.flow.source = ours
            self.sent.clear()
        elif segment.has(seg.SYN):
            self.flow.ours = segment.seq
        said = self.flow.outbound(segment)
        state = endpoint.state if endpoint is not None else None
        record = Exchanged(self.now, ">", 0, segment, describe(said), event.why, before, state)
        if ours == (self.flow.target, self.flow.source):  # the script speaks of one connection at a time
            self.sent.append(Outgoing(self.now, said, len(self.exchanged)))
        self.exchanged.append(record)

    # Segments

    def _expect(self, event: Event, packet: TcpPacket) -> None:
        before = self.scheduled
        start = self._start(event.time)
        end = start + ((event.time.end or event.time.start) - event.time.start)
        slack = max(self.world.tolerance, int((start - before) * self.world.percent / 100))
        limit = self.now + LONGEST if event.time.kind == "any" else end + slack
        taken = [self._next(event, packet, limit)]
        while sum(len(one.segment.data) for one in taken) < packet.length and taken[-1].segment.data:
            more = self._more(limit)
            if more is None or not more.segment.data:
                break
            taken.append(self.sent.popleft())
        run_ = [one.segment for one in taken]
        if packet.has("S"):
            self.flow.base = packet.seq
            run_ = [replace(one, seq=(one.seq + packet.seq) % (1 << 32)) for one in run_]
        problem = difference(packet, run_, event.line, self._cookie)
        sent = self.exchanged[taken[0].place]
        for one in taken:
            self.exchanged[one.place] = _claimed(self.exchanged[one.place], event.line)
        if problem:
            said = ", then ".join(self.exchanged[one.place].text for one in taken[:3])
            said += f" and {len(taken) - 3} more" if len(taken) > 3 else ""
            raise Difference(event.line, f"> {packet.text}", f"{said}: {problem}", reason_of(sent.why))
        if event.time.kind == "any":
            self.scheduled = taken[0].time
        elif not start - slack <= taken[0].time <= end + slack:
            said = f"{sent.text} at {seconds(taken[0].time)}"
            raise Difference(event.line, f"> {packet.text} at {seconds(start)}", said, reason_of(sent.why))
        self._learn_clock(packet, taken[0].segment)
        self._advance(max(self.now, self.scheduled))

    def _next(self, event: Event, packet: TcpPacket, limit: int) -> Outgoing:
        found = self._more(limit)
        if found is None:
            raise Difference(
                event.line,
                f"> {packet.text} at {seconds(self.scheduled)}",
                f"nothing was sent until {seconds(limit)}",
                self._lately(),
            )
        return self.sent.popleft()

    def _more(self, limit: int) -> Outgoing | None:
        for _ in range(PATIENCE):
            if self.sent:
                return self.sent[0]
            due = self.host.next_timer()
            if due is None or due > limit:
                return None
            self._tick(due)
        return None

    def _learn_clock(self, packet: TcpPacket, segment: Segment) -> None:
        stamp = segment.option(seg.Timestamps)
        written = next((option for option in packet.options or () if option.name == "ts"), None)
        if stamp is not None and written is not None:
            self.flow.clock[int(written.words[1], 0)] = stamp.value

    def _current(self) -> Endpoint | None:
        for endpoint in self.host.connections:
            if endpoint.local[1] == self.flow.target and endpoint.remote == (self.peer, self.flow.source):
                return endpoint
        return None

    def _inject(self, event: Event, packet: TcpPacket) -> None:
        if not self.flow.target:
            ports = [*self.host.listeners, *(one.port for one in self.table.open.values() if one.port is not None)]
            self.flow.target = ports[-1] if ports else 8080
        current = self._current()
        if packet.has("S") and not packet.has("R"):
            fresh = current is None or not current.heard
            if fresh and not packet.has("."):
                listens = current is None and self.flow.target not in self.host.listeners and self.host.listeners
                self.flow.target = next(iter(self.host.listeners)) if listens else self.flow.target
                current = self._current()
                ours = self.flow.ours if current is not None else 0
                self.flow.begin(packet.seq)
                self.flow.ours = ours
            elif fresh:
                self.flow.theirs = packet.seq
        segment = self.flow.inbound(packet, event.line, self._cookie)
        if current is not None and current.may_make_room(segment) and self.flow.target in self.host.listeners:
            self.flow.begin(packet.seq)
        self.lately.clear()
        before = current.state if current is not None else self._listening()
        self.host.receive(self.peer, segment, self.now)
        after = self._current()
        state = after.state if after is not None else self._listening()
        text = f"< {packet.text}"
        self.exchanged.append(Exchanged(self.now, "<", event.line, segment, text, None, before, state))

    def _listening(self) -> State | None:
        return State.LISTEN if self.flow.target in self.host.listeners else None

    def _icmp(self, event: Event, message: IcmpPacket) -> None:
        self.lately.clear()
        endpoint = self._current()
        if endpoint is not None:
            endpoint.tick(self.now)
        note = icmp.receive(self.table, endpoint, message, self.flow.ours + (message.seq or 0), self.world.headers)
        if note:
            self.world.notes.append((event.line, note))

    def _cookie(self) -> bytes:
        return make_cookie(self.host.settings.seed, self.peer)

    def _lately(self) -> str:
        """What the endpoint says about what came in last."""
        return " ".join(reason_of(event.why) for event in self.lately if isinstance(event, _TELLING))

    # Calls

    def _call(self, event: Event, call: Call) -> None:
        answer = self.calls.make(call, event.line)
        if call.name == "listen" and isinstance(answer, Answer) and not answer.error:
            self.flow = self.flow.another(self.calls.listened)
        if isinstance(answer, Answer):
            self._returned(event, call, answer, None)
            return
        if call.until is None:
            raise Difference(event.line, call.text, "the call waits", "nothing has happened that would let it return")
        place = len(self.made)
        self.made.append(Made(self.now, event.line, call.text, None, ""))
        until = self.now + call.until.start - event.time.start  # both count from the event before
        self.pending = Pending(event, call, self.now, until, answer, place)
        self._collect()

    def _wait_for_call(self) -> None:
        """Let time pass until the call that waits returns."""
        pending = self.pending
        if pending is None:
            return
        self._advance(pending.until)
        if self.pending is not None and self.host.next_timer() is not None:
            self._advance(pending.until + self.world.tolerance)
        if self.pending is not None:
            said = f"it still waits at {seconds(self.now)}"
            raise Difference(pending.event.line, pending.call.text, said, "nothing happened that lets it return")

    def _returned(self, event: Event, call: Call, answer: Answer, pending: Pending | None) -> None:
        record = Made(pending.began if pending else self.now, event.line, call.text, self.now, str(answer))
        if pending is not None:
            self.made[pending.place] = record
        else:
            self.made.append(record)
        if answer.note:
            self.world.notes.append((event.line, answer.note))
        problem = answer_difference(call, answer)
        if problem:
            raise Difference(event.line, call.text, problem, self._lately())
        if pending is not None:
            late = self.now - pending.until
            if abs(late) > self.world.tolerance:
                said = f"it returned at {seconds(self.now)}, expected {seconds(pending.until)}"
                raise Difference(event.line, call.text, said, "")

    def _shell(self, event: Event, text: str) -> None:
        changes = read_shell(self.world, event.line, text)
        try:
            self.host.settings.change(**changes)
        except ValueError as error:
            raise NotSupported(event.line, str(error)) from None
        if changes:
            self.host.settings = self.host.settings.change(**changes)
            for listener in self.host.listeners.values():
                listener.settings = listener.settings.change(**changes)
            for endpoint in self.host.connections:
                endpoint.configure(self.now, **changes)


def _claimed(record: Exchanged, line: int) -> Exchanged:
    return Exchanged(
        record.time, record.direction, line, record.segment, record.text, record.why, record.before, record.after
    )


_TELLING = (
    happened.Dropped,
    happened.OutOfWindow,
    happened.Duplicate,
    happened.Refused,
    happened.Reset,
    happened.TimedOut,
)
