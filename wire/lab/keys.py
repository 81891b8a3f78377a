"""The keys of a scenario, `client.isn=223 delay=0.02`: what they are called, how they are written, what they set.

A key of an end is written `NAME.key=value`, or without a name for all ends. `KEYS` is the table: adding a key is adding
a row.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path
from typing import Any, Literal

from ..machine.profiles import ALL, PROFILES

Place = Literal["setting", "node", "lane", "all", "script"]
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
SECOND = 1_000_000_000
UNITS = {"ns": 1, "us": 1000, "µs": 1000, "ms": 10**6, "s": SECOND, "min": 60 * SECOND, "h": 3600 * SECOND}


class KeyProblem(ValueError):
    """A key that does not exist, or a value that it cannot have: which, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: where it goes (a machine setting, a network card, the lane that this end sends on, the whole lab, or the
    script), under which name there, how its text is read, and what it does."""

    place: Place
    target: str
    read: Callable[[str], Any]
    text: str
    form: str


def number(low: int, high: int) -> Callable[[str], int]:
    """Whole numbers in a range, decimal or 0x."""

    def read(text: str) -> int:
        try:
            value = int(text, 0)
        except ValueError:
            raise ValueError("is no number") from None
        if not low <= value <= high:
            raise ValueError(f"must be from {low} to {high}")
        return value

    return read


def duration(text: str) -> int:
    """Nanoseconds: `0.01` (seconds), `10ms`, `2min`."""
    match = re.fullmatch(r"([0-9]*\.?[0-9]+)([a-zµ]*)", text)
    if not match or (match[2] or "s") not in UNITS:
        raise ValueError("is no time: write seconds (0.01) or a number with ns, us, ms, s, min or h")
    return round(float(match[1]) * UNITS[match[2] or "s"])


def probability(text: str) -> float:
    """0.3 or 30%."""
    if not re.fullmatch(r"[0-9]*\.?[0-9]+%?", text):
        raise ValueError("is no share: 0.3 or 30%")
    value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= value <= 1:
        raise ValueError("must be from 0 to 1, or from 0% to 100%")
    return value


def switch(text: str) -> bool:
    """on or off."""
    if text not in ("on", "off"):
        raise ValueError("must be on or off")
    return text == "on"


def isns(text: str) -> tuple[int, ...]:
    """One or several, used in turn."""
    return tuple(number(0, 2**32 - 1)(part) for part in text.split(","))


def numbers(text: str) -> frozenset[int]:
    """`2` or `2,5` or nothing."""
    return frozenset(number(1, 10**6)(part) for part in text.split(",") if part)


def delays(text: str) -> dict[int, int]:
    """`3:0.015,4:0.02`: packet and how much later."""
    pairs = (part.partition(":") for part in text.split(",") if part)
    return {number(1, 10**6)(name): duration(late) for name, _, late in pairs}


def mac(text: str) -> str:
    """02:00:00:00:00:01, - also between."""
    text = text.lower().replace("-", ":")
    if not MAC.fullmatch(text):
        raise ValueError("is no MAC address (02:00:00:00:00:01)")
    return text


def address(text: str) -> str:
    """An IPv4 address, or nothing."""
    return str(IPv4Address(text)) if text else ""


def interface(text: str) -> IPv4Interface:
    """10.0.0.1/24, 10.0.0.1/255.255.255.0; without a mask 24 bits."""
    if ":" in text:
        raise ValueError("is an IPv6 address; the ends of a scenario speak IPv4")
    return IPv4Interface(text if "/" in text else f"{text}/24")


def mask(text: str) -> str:
    """255.255.255.0 or 24."""
    IPv4Interface(f"0.0.0.0/{text}")
    return text


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return read


def scale(text: str) -> int | None:
    """0 to 14, or off."""
    return None if text == "off" else number(0, 14)(text)


def data(text: str) -> bytes:
    """Text, hex:0102ff, @file, or N bytes as *N."""
    if text.startswith("hex:"):
        try:
            return bytes.fromhex(text[4:])
        except ValueError:
            raise ValueError("is no hex: two digits 0-9 or a-f for each byte, as in hex:0102ff") from None
    if text.startswith("@"):
        try:
            return Path(text[1:]).read_bytes()
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror or error}") from None
    if text.startswith("*"):
        return pattern(number(0, 10**7)(text[1:]))
    return text.encode("utf-8", "surrogateescape")


def pattern(size: int) -> bytes:
    """So many bytes to look at: the alphabet in lines."""
    return (b"abcdefghijklmnopqrstuvwxyz\n" * (size // 27 + 1))[:size]


def rate(text: str) -> int | None:
    """bits per second: 1000000, 1M, 100k; off for no limit."""
    if text == "off":
        return None
    if not re.fullmatch(r"[0-9]*\.?[0-9]+[kMG]?", text):
        raise ValueError("is no rate: bits per second, 1000000 or 1M")
    factor = {"k": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:], 1)
    return round(float(text.rstrip("kMG")) * factor)


# fmt: off
KEYS: dict[str, Key] = {
    # The ends' TCP
    "isn": Key("setting", "isn", isns, "initial sequence numbers, one for each connection", "N[,N]"),
    "profile": Key("setting", "profile", one_of(*ALL), "whose habits this end has", "|".join(ALL)),
    "mss": Key("setting", "mss", number(1, 65535), "largest segment it takes", "BYTES"),
    "win": Key("setting", "window", number(1, 1 << 30), "receive buffer: the window it offers", "BYTES"),
    "wscale": Key("setting", "window_scale", scale, "window scale that it offers", "0-14|off"),
    "sack": Key("setting", "sack", switch, "selective acknowledgments", "on|off"),
    "ts": Key("setting", "timestamps", switch, "timestamps", "on|off"),
    "ecn": Key("setting", "ecn", one_of("off", "accept", "request"), "congestion notification", "off|accept|request"),
    "tfo": Key("setting", "fast_open", switch, "TCP Fast Open", "on|off"),
    "nagle": Key("setting", "nagle", switch, "Nagle's algorithm (off: TCP_NODELAY)", "on|off"),
    "delack": Key("setting", "delayed_ack", duration, "how long an ACK may wait for company; 0: never", "TIME"),
    "finack": Key("setting", "fin_ack", one_of("now", "delayed"), "may the ACK of a FIN wait", "now|delayed"),
    "reads": Key("setting", "auto_read", switch, "the application takes data as they come", "on|off"),
    "rto": Key("setting", "rto_initial", duration, "retransmission timeout before anything was measured", "TIME"),
    "rtomin": Key("setting", "rto_min", duration, "shortest retransmission timeout", "TIME"),
    "msl": Key("setting", "msl", duration, "maximum segment lifetime; TIME-WAIT lasts two", "TIME"),
    "iw": Key("setting", "initial_window", number(1, 1000), "segments sent before the first ACK", "N"),
    "keepalive": Key("setting", "keepalive", switch, "ask whether the peer is alive", "on|off"),
    "idle": Key("setting", "keepalive_idle", duration, "silence before the first keep-alive probe", "TIME"),
    "interval": Key("setting", "keepalive_interval", duration, "between keep-alive probes", "TIME"),
    "probes": Key("setting", "keepalive_probes", number(1, 1000), "keep-alive probes before it gives up", "N"),
    # The ends' cards
    "ip": Key("node", "interface", interface, "address; its mask says who is on the same network", "A.B.C.D[/N]"),
    "mask": Key("node", "mask", mask, "netmask", "N|A.B.C.D"),
    "gateway": Key("node", "gateway", address, "router for other networks", "A.B.C.D"),
    "mac": Key("node", "mac", mac, "MAC address", "XX:…:XX"),
    "port": Key("node", "port", number(1, 65535), "port", "N"),
    "ttl": Key("node", "ttl", number(1, 255), "time to live of its packets", "N"),
    "df": Key("node", "df", switch, "don't fragment", "on|off"),
    "id": Key("node", "next_id", number(0, 65535), "IP identification of its first packet", "N"),
    "mtu": Key("node", "mtu", number(68, 65535), "largest IP packet on its network", "BYTES"),
    # The road
    "delay": Key("lane", "delay", duration, "how long a packet is under way", "TIME"),
    "rate": Key("lane", "rate", rate, "bits per second", "N[k|M|G]|off"),
    "loss": Key("lane", "loss", probability, "how many are lost", "P"),
    "lose": Key("lane", "lose", numbers, "which ones are lost, counted at their sender", "N[,N]"),
    "fragment": Key("node", "lost_fragments", numbers, "which fragments of a lost packet; all if not said", "N[,N]"),
    "reorder": Key("lane", "reorder", probability, "how many come late", "P"),
    "late": Key("lane", "late", delays, "which ones come how much later", "N:TIME[,…]"),
    "duplicate": Key("lane", "duplicate", probability, "how many come twice", "P"),
    "double": Key("lane", "double", numbers, "which ones come twice", "N[,N]"),
    "corruption": Key("lane", "corruption", probability, "how many are damaged", "P"),
    "corrupt": Key("lane", "corrupt", numbers, "which ones are damaged", "N[,N]"),
    "mark": Key("lane", "mark", numbers, "which ones a router marks: congestion", "N[,N]"),
    # The whole
    "arp": Key("all", "arp", switch, "begin with empty ARP tables", "on|off"),
    "switch": Key("all", "switch", switch, "a switch between the ends", "on|off"),
    "tap": Key("all", "tap", str, "whose capture is written", "NAME"),
    "until": Key("all", "until", duration, "when it is over at the latest", "TIME"),
}
# fmt: on

DEFAULTS = {
    "profile": "rfc",
    "ttl": "64",
    "df": "on",
    "loss": "0",
    "arp": "off",
    "switch": "off",
    "until": "4h",
    "reads": "on",
    "delay": "0.010",
    "mtu": "1500",
}


class Values:
    """The keys of one run: a scenario's defaults, and over them what was asked for."""

    def __init__(self, defaults: Mapping[str, str], names: Iterable[str], extra: Mapping[str, str]) -> None:
        """`names` are the ends, `extra` the script's own keys with their defaults."""
        self.names = list(names)
        self.extra = dict(extra)
        self.texts = DEFAULTS | dict(extra) | dict(defaults)
        self.given: dict[str, str] = {}
        self.several: dict[str, list[str]] = {}  # the script's own keys, if given more than once

    def ask(self, key: str, text: str) -> None:
        """Take one key from the user. KeyProblem if there is none of that name, with the nearest."""
        end, dot, name = key.rpartition(".")
        end = next((one for one in self.names if one.lower() == end.lower()), end)
        if dot and (end not in self.names or KEYS.get(name, KEYS["tap"]).place == "all"):
            raise KeyProblem(self.unknown(key))
        if not dot and key in self.extra:
            pass
        elif name not in KEYS:
            raise KeyProblem(self.unknown(key))
        whole = f"{end}.{name}" if dot else name
        self.check(whole, text)
        self.given[whole] = text
        if whole in self.extra:
            self.several.setdefault(whole, []).append(text)

    def unknown(self, key: str) -> str:
        """Why there is no such key."""
        known = [*self.extra, *KEYS, *(f"{end}.{name}" for end in self.names for name in KEYS)]
        near = difflib.get_close_matches(key, known, 1, 0.5)
        return f"no key {key!r}" + (f": did you mean {near[0]!r}?" if near else "")

    def check(self, key: str, text: str) -> Any:
        """The value of a text; KeyProblem says what is allowed."""
        name = key.rpartition(".")[2]
        try:
            return data(text) if key in self.extra else KEYS[name].read(text)
        except KeyProblem:
            raise
        except (ValueError, OSError) as error:
            form = "" if key in self.extra else f" ({name}={KEYS[name].form})"
            raise KeyProblem(f"{key}={text}: {error}{form}") from None

    def text(self, key: str, end: str = "") -> str | None:
        """The text of a key for an end: what was asked for it, for all; else the scenario's default for it, for all."""
        for texts in (self.given, self.texts):
            for whole in (f"{end}.{key}", key) if end else (key,):
                if whole in texts:
                    return texts[whole]
        return None

    def get(self, key: str, end: str = "") -> Any:
        """The value of a key; None if nothing says one."""
        text = self.text(key, end)
        return None if text is None else self.check(key, text)

    def writes(self, name: str) -> list[bytes]:
        """The values of one of the script's own keys: one, or as many as were given."""
        texts = self.several.get(name, [self.texts[name]])
        return [self.check(name, text) for text in texts]

    def of(self, place: Place, end: str) -> dict[str, Any]:
        """All values that go to one place of an end, by their name there."""
        found = {key.target: self.get(name, end) for name, key in KEYS.items() if key.place == place}
        return {name: value for name, value in found.items() if value is not None}

    def settings(self, end: str) -> tuple[str, dict[str, Any]]:
        """The profile of an end and the settings that differ from it."""
        changes = self.of("setting", end)
        profile = changes.pop("profile", "rfc")
        if "rto_initial" in changes and "rto_min" not in changes:
            changes["rto_min"] = min(changes["rto_initial"], PROFILES["rto_min"][ALL.index(profile)])
        return profile, changes
