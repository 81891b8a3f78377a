"""packetdrill's notation, read into `syntax`: a scanner with one small function for each thing that can stand in a
script.

The language has no keywords and no line ends: `.5` is half a second in one place and a flag with a number in another,
so each function says for itself what may come next.
"""

from __future__ import annotations

import re

from .syntax import (
    ANY,
    Apply,
    Array,
    Call,
    Code,
    Event,
    Flags,
    IcmpPacket,
    Script,
    ScriptError,
    Shell,
    Struct,
    Symbol,
    TcpOption,
    TcpPacket,
    Time,
    Unsupported,
    Value,
    What,
)

SECOND = 1_000_000_000
LARGEST = 1 << 20  # bytes of data of one segment as written; a large one stands for several

_SPACE = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_SHELL = re.compile(r"`([^`]*)`")
_CODE = re.compile(r"%\{(.*?)\}%", re.DOTALL)
_OPTION = re.compile(r"--([\w-]+)(?:=(\"[^\"]*\"|\S+))?")
_SECONDS = re.compile(r"\d+\.\d+|\.\d+|\d+(?:\.(?!\.))?")
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FLAGS = re.compile(r"(?:(-)|([FSRPEWAUC.]+)([0-7]?)|([0-7]))(?=\s)")
_NUMBERS = re.compile(r"(\d+):(\d+)\s*\(\s*(\d+)\s*\)|(\d+)\s*\(\s*(\d+)\s*\)")
_ECN = re.compile(r"\[\s*(?:ecn\s+)?(noecn|ect01|ect0|ect1|ce)\s*\]|\(\s*(noecn|ect01|ect0|ect1|ce)\s*\)")
_QUOTED = re.compile(r"\[([^\]]*)\](?=\s*icmp)")  # the segment that an ICMP message is about: old scripts, before it
_QUOTED_AFTER = re.compile(r"\[([^\]]*)\]")
_ICMP = re.compile(r"icmp(?:v6)?\b")
_OTHER = re.compile(r"(ipv4|ipv6|udp|udplite|sctp|gre|mpls|esp|psp)\b[^\n]*|[\[(][^\n]*")
_OPTION_WORD = re.compile(r"[^\s,<>]+")
_NOTE = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_FIELD = re.compile(r"([A-Za-z_][\w.]*)\s*(?:\([^()]*\))?\s*[=:](?!=)")
_ERROR = re.compile(r"E[A-Z0-9]+\b")


def parse(text: str) -> Script:
    """The script in `text`. Raises ScriptError, which names the line, for what is not packetdrill's notation."""
    return _Scanner(text).script()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    # The small tools

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        if found:
            self.at = found.end()

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.skip()
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def sign(self, *signs: str) -> str:
        self.skip()
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        return ""

    def need(self, sign: str, place: str) -> None:
        if not self.sign(sign):
            raise self.error(f"expected {sign!r} {place}")

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def error(self, problem: str) -> ScriptError:
        self.skip()
        rest = self.text[self.at :].split("\n", 1)[0].strip()[:40]
        return ScriptError(self.line, f"{problem}, found {rest!r}" if rest else f"{problem}, found the end")

    # The script

    def script(self) -> Script:
        options: list[tuple[int, str, str]] = []
        init: list[tuple[int, str]] = []
        events: list[Event] = []
        while True:
            self.skip()
            line = self.line
            if self.at >= len(self.text):
                return Script(tuple(options), tuple(events), tuple(init))
            if option := self.take(_OPTION):
                options.append((line, option[1], (option[2] or "").strip('"')))
            elif shell := self.take(_SHELL):
                if events:  # the closing command: it restores settings
                    events.append(Event(line, Time("relative"), Shell(shell[1])))
                else:
                    init.append((line, shell[1]))
            else:
                events.append(self.event(line))

    def event(self, line: int) -> Event:
        time = self.time()
        until = self.until()
        return Event(line, time, self.what(until))

    def time(self) -> Time:
        if self.sign("*"):
            return Time("any")
        relative = bool(self.sign("+"))
        start = self.seconds("expected a time (+0.1, 0.1 or *)")
        if self.sign("~"):
            self.sign("+")
            return Time("relative" if relative else "absolute", start, self.seconds("expected the range's end"))
        return Time("relative" if relative else "absolute", start)

    def until(self) -> Time | None:
        if not self.sign("..."):
            return None
        self.sign("+")  # the end of a call is always counted as its beginning is
        return Time("relative", self.seconds("expected when the call returns"))

    def seconds(self, problem: str) -> int:
        found = self.take(_SECONDS)
        if not found:
            raise self.error(problem)
        whole, _, part = found[0].partition(".")
        return int(whole or 0) * SECOND + int(part[:9].ljust(9, "0"))

    def what(self, until: Time | None) -> What:
        if shell := self.take(_SHELL):
            return Shell(shell[1])
        if code := self.take(_CODE):
            return Code(code[1])
        direction = self.sign("<", ">")
        if direction:
            return self.packet(direction == "<")
        return self.call(until)

    # Packets

    def packet(self, inbound: bool) -> What:
        begin = self.at
        mark = self.take(_ECN)
        quoted = self.take(_QUOTED)
        if self.take(_ICMP):
            return self.icmp(inbound, quoted[1] if quoted else "")
        if other := self.take(_OTHER):
            return Unsupported(f"{other[0].split()[0].rstrip(':')} packets")
        flags, count = self.flags()
        seq, length = self.numbers()
        fields: dict[str, int] = {}
        while word := self.take(re.compile(r"(ack|win|urg)\b")):
            fields[word[1]] = self.number(f"expected a number after {word[1]}")
        options = self.options()
        return TcpPacket(
            inbound,
            flags,
            seq,
            length,
            fields.get("ack"),
            fields.get("win"),
            fields.get("urg"),
            options,
            (mark[1] or mark[2]) if mark else "",
            count,
            " ".join(self.text[begin : self.at].split()),
        )

    def flags(self) -> tuple[str, int | None]:
        found = self.take(_FLAGS)
        if not found:
            raise self.error("expected TCP flags (S F R P . E W A U, or -)")
        count = found[3] or found[4]
        return (found[2] or "").replace("C", "W"), int(count) if count else None

    def numbers(self) -> tuple[int, int]:
        found = self.take(_NUMBERS)
        if not found:
            raise self.error("expected sequence numbers (1:1001(1000))")
        length = int(found[3] or found[5])
        if length > LARGEST:
            raise self.error(f"a segment of {length} bytes is too large (at most {LARGEST})")
        if found[4] is not None:
            return int(found[4]), length
        first, end = int(found[1]), int(found[2])
        if (end - first) % (1 << 32) != length:
            raise self.error(f"{first}:{end}({length}) does not add up: {end} - {first} is {end - first}")
        return first, length

    def number(self, problem: str) -> int:
        found = self.take(_NUMBER)
        if not found:
            raise self.error(problem)
        return int(found[0], 0)

    def options(self) -> tuple[TcpOption, ...] | None:
        # `<` also begins the next event's packet, but there a time stands before it
        if not self.sign("<"):
            return ()
        if self.sign("..."):
            self.need(">", "after <...")
            return None
        options: list[TcpOption] = []
        while not self.sign(">"):
            words = []
            while word := self.take(_OPTION_WORD):
                words.append(word[0])
            if words:
                options.append(TcpOption(words[0].lower(), tuple(words[1:])))
            if not self.sign(",") and not words:
                raise self.error("expected a TCP option, or '>' after them")
        return tuple(options)

    def icmp(self, inbound: bool, quoted: str) -> What:
        begin = self.at
        words = []
        mtu: int | None = None
        while word := self.take(_NAME):
            if word[0] == "mtu":
                mtu = self.number("expected the MTU")
            else:
                words.append(word[0])
        if after := self.take(_QUOTED_AFTER):
            quoted = after[1]
        found = _NUMBERS.search(quoted)
        seq = int(found[1] or found[4]) if found else None
        if not inbound:
            return Unsupported("ICMP messages that we send")
        kind, code = words[0] if words else "", words[1] if len(words) > 1 else ""
        return IcmpPacket(kind, code, mtu, seq, "icmp " + " ".join(self.text[begin : self.at].split()))

    # Calls

    def call(self, until: Time | None) -> What:
        begin = self.at
        name = self.take(_NAME)
        if not name:
            raise self.error("expected a packet, a call, `shell text` or %{ code }%")
        self.need("(", f"after {name[0]}")
        arguments = self.sequence(")")
        result: Value | None = None
        error = ""
        if self.sign("="):
            result = ANY if self.sign("?") else self.value()
            found = self.take(_ERROR)
            error = found[0] if found else ""
            self.take(_NOTE)
        text = " ".join(self.text[begin : self.at].split())
        return Call(name[0], arguments, result, error, until, text)

    def sequence(self, end: str) -> tuple[Value, ...]:
        values: list[Value] = []
        while not self.sign(end):
            values.append(self.value())
            if not self.sign(","):
                self.need(end, "after a value")
                break
        return tuple(values)

    def value(self) -> Value:
        parts = [self.single()]
        while self.sign("|"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else Flags(tuple(parts))

    def single(self) -> Value:
        if self.sign("..."):
            return ANY
        if number := self.take(_NUMBER):
            value = int(number[0], 8) if re.fullmatch(r"0[0-7]+", number[0]) else int(number[0], 0)
            return value << min(64, self.number("expected a number after <<")) if self.sign("<<") else value
        if text := self.take(_TEXT):
            return text[1].encode().decode("unicode_escape")
        if self.sign("["):
            return Array(self.sequence("]"))
        if self.sign("{"):
            return self.struct()
        if self.sign("("):  # a cast or brackets: what stands in them is what counts
            value_ = self.value()
            self.need(")", "after a value in brackets")
            return value_
        if name := self.take(_NAME):
            return Apply(name[0], self.sequence(")")) if self.sign("(") else Symbol(name[0])
        raise self.error("expected a value")

    def struct(self) -> Struct:
        fields: list[tuple[str, Value]] = []
        items: list[Value] = []
        while not self.sign("}"):
            if name := self.take(_FIELD):
                fields.append((name[1], self.value()))
            else:
                items.append(self.value())
            if not self.sign(","):
                self.need("}", "after a field")
                break
        return Struct(tuple(fields), tuple(items))
