"""What a script says about its host: options, shell text, and facts that its own lines take for granted.

Shell text is never run. It is searched for the settings that it names, and what our endpoint has is set; all the rest
is passed over with a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..machine.profiles import MS, S
from .syntax import Array, Call, NotSupported, Script, Symbol, TcpPacket

Changes = dict[str, Any]


@dataclass(slots=True)
class World:
    """Where our endpoint lives: what is not the endpoint's own, and what is to change in its settings.

    tolerance  nanoseconds by which a segment or a call may come early or late
    """

    tolerance: int = 10 * MS
    percent: float = 1.0
    ipv6: bool = False
    mtu: int = 1500
    fast_open_client: bool = True
    fast_open_listeners: bool = False  # every listener, without TCP_FASTOPEN
    fast_open_without_cookie: bool = False
    changes: Changes = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def headers(self) -> int:
        """Bytes of the IP and TCP headers without options."""
        return 60 if self.ipv6 else 40


Reader = Callable[[list[int]], Changes]


def _flag(name: str) -> Reader:
    return lambda numbers: {name: bool(numbers[0])}


def _count(name: str) -> Reader:
    return lambda numbers: {name: numbers[0]}


def _time(name: str, unit: int) -> Reader:
    return lambda numbers: {name: numbers[0] * unit}


def _linux_memory(numbers: list[int]) -> Changes:
    return {"window_scale": max(0, min(14, numbers[2].bit_length() - 16))} if len(numbers) == 3 else {}


def _linux_scaling(numbers: list[int]) -> Changes:
    return {} if numbers[0] else {"window_scale": None}


def _ecn(numbers: list[int]) -> Changes:
    if numbers[0] > 2:
        raise NotSupported(0, "Accurate ECN (RFC 9768)")
    return {"ecn": ("off", "request", "accept")[numbers[0]]}


def _rfc1323(numbers: list[int]) -> Changes:
    scaling = {} if numbers[0] in (1, 2) else {"window_scale": None}
    return {"timestamps": numbers[0] in (1, 3), **scaling}


LINUX: dict[str, Reader] = {
    "tcp_timestamps": _flag("timestamps"),
    "tcp_sack": _flag("sack"),
    "tcp_window_scaling": _linux_scaling,
    "tcp_ecn": _ecn,
    "tcp_rmem": _linux_memory,
    "tcp_syn_retries": _count("syn_retries"),
    "tcp_synack_retries": _count("syn_ack_retries"),
    "tcp_retries2": _count("retries"),
    "tcp_fin_timeout": _time("orphan_timeout", S),
    "tcp_keepalive_time": _time("keepalive_idle", S),
    "tcp_keepalive_intvl": _time("keepalive_interval", S),
    "tcp_keepalive_probes": _count("keepalive_probes"),
    "tcp_early_retrans": lambda numbers: {"tail_loss_probe": numbers[0] >= 3},
    "tcp_rfc1337": lambda numbers: {"reset_ends_time_wait": not numbers[0]},
    "tcp_rto_min_us": _time("rto_min", 1000),
    "tcp_rto_max_ms": _time("rto_max", MS),
}
BSD: dict[str, Reader] = {
    "rfc1323": _rfc1323,
    "sack.enable": _flag("sack"),
    "ecn.enable": _ecn,
    "insecure_rst": lambda numbers: {"challenge_acks": not numbers[0]},
    "insecure_syn": lambda numbers: {"challenge_acks": not numbers[0]},
    "drop_synfin": lambda numbers: {"syn_fin": "drop" if numbers[0] else "syn"},
    "delayed_ack": lambda numbers: {} if numbers[0] else {"delayed_ack": 0},
    "delacktime": _time("delayed_ack", MS),
    "keepidle": _time("keepalive_idle", MS),
    "keepintvl": _time("keepalive_interval", MS),
    "keepcnt": _count("keepalive_probes"),
    "msl": _time("msl", MS),
    "rexmit_initial": _time("rto_initial", MS),
    "rexmit_min": _time("rto_min", MS),
    "initcwnd_segments": _count("initial_window"),
    "finwait2_timeout": _time("orphan_timeout", MS),
    "tolerate_missing_ts": lambda numbers: {"no_timestamp": "accept" if numbers[0] else "drop"},
}

# What the defaults.sh of the public scripts sets before each of them (google/packetdrill, and Linux's own copy). The
# one under common/ also has Fast Open at every listener (tcp_fastopen=0x70403).
DEFAULTS = {
    "tcp_rmem": [4096, 540000, 15 << 20],
    "tcp_timestamps": [1],
    "tcp_sack": [1],
    "tcp_ecn": [0],
    "tcp_early_retrans": [4],
    "tcp_syn_retries": [5],
    "tcp_synack_retries": [5],
}

_SETTINGS = (
    re.compile(
        r"(?:net[./]ipv[46]|net[./]inet6?[./]tcp|kern[./]ipc|net[./]core)[./][\w./]+\s*=\s*"
        r"(?:\"[^\"]*\"|'[^']*'|\S+)"
    ),
    re.compile(r"echo\s+(?P<value>[^>\n]+?)\s*>\s*/proc/sys/(?P<name>[\w/]+)"),
)


def read_shell(world: World, line: int, text: str) -> Changes:
    """The settings that shell text names; what it changes of the world is changed, the rest noted."""
    changes: Changes = {}
    said: list[str] = []
    for found in _SETTINGS[0].finditer(text):
        name, _, value = found[0].partition("=")
        said.append(found[0])
        changes |= _setting(world, line, name.strip().replace("/", "."), value.strip().strip("\"'"))
    for found in _SETTINGS[1].finditer(text):
        said.append(found[0])
        changes |= _setting(world, line, found["name"].replace("/", "."), found["value"].strip("\"' "))
    if defaults := re.search(r"(common/)?defaults\.sh\b", text):
        world.notes.append((line, f"{defaults[0]} is not run; what it is known to set is set"))
        world.fast_open_listeners = bool(defaults[1])
        changes = {name: value for one in DEFAULTS for name, value in LINUX[one](DEFAULTS[one]).items()} | changes
    elif not said and text.strip():
        world.notes.append((line, f"shell text is never run: {_short(text)}"))
    return changes


def _setting(world: World, line: int, name: str, value: str) -> Changes:
    short = re.sub(r"^net\.(ipv[46]|inet6?\.tcp)\.", "", name)
    numbers = [int(word, 0) for word in value.split() if re.fullmatch(r"-?(0[xX][0-9a-fA-F]+|\d+)", word)]
    if short == "tcp_fastopen" and numbers:
        world.fast_open_client = bool(numbers[0] & 1)
        world.fast_open_listeners = numbers[0] & 0x402 == 0x402
        world.fast_open_without_cookie = bool(numbers[0] & 0x4)
        return {"fast_open_needs_cookie": not numbers[0] & 0x200}
    reader = (BSD if ".inet" in name else LINUX).get(short)
    if reader is None or not numbers:
        world.notes.append((line, f"no such setting here: {name}={value}"))
        return {}
    try:
        return reader(numbers)
    except NotSupported as problem:
        raise NotSupported(line, f"{problem.what} ({name}={value})") from None


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:57] + "..."


def read_options(world: World, script: Script) -> None:
    """`--name=value` lines."""
    for line, name, value in script.options:
        match name:
            case "ip_version":
                world.ipv6 = value == "ipv6"
            case "tolerance_usecs":
                world.tolerance = int(value) * 1000
            case "tolerance_percent":
                world.percent = float(value)
            case "mtu":
                world.mtu = int(value)
            case _:
                world.notes.append((line, f"option passed over: --{name}" + (f"={value}" if value else "")))
    world.changes["mss"] = world.mtu - world.headers


def take_for_granted(world: World, script: Script) -> None:
    """Facts about the host's memory and link that a script only shows by what it expects.

    The window scale (buffer sizes set it), the MSS (the link's MTU does) and the first window of our first SYN, and
    the receive buffer that getsockopt is to tell: these are no behaviour of TCP, and without them the scripts of
    another machine could not be compared at all. Each one taken is noted.
    """
    shell = " ".join(text for _, text in script.init)
    calls = [event.what for event in script.events if isinstance(event.what, Call)]
    own_mss = any(Symbol("TCP_MAXSEG") in call.arguments for call in calls)
    first = next(
        (e for e in script.events if isinstance(e.what, TcpPacket) and not e.what.inbound and e.what.has("S")), None
    )
    if first is not None and isinstance(first.what, TcpPacket):
        mtu_is_given = any(name == "mtu" for _, name, _ in script.options)
        for option in first.what.options or ():
            size = int(option.words[0]) if option.words and option.words[0].isdecimal() else None
            if option.name == "wscale" and size is not None and "tcp_rmem" not in shell:
                _granted(world, first.line, "window_scale", size)
            elif option.name == "mss" and size and not own_mss and not mtu_is_given:
                _granted(world, first.line, "mss", size)
        if first.what.window:
            _granted(world, first.line, "window", first.what.window)
    for event in script.events:
        what = event.what
        if isinstance(what, Call) and what.name == "getsockopt" and Symbol("SO_RCVBUF") in what.arguments[:3]:
            told = what.arguments[3] if len(what.arguments) > 3 else None
            if isinstance(told, Array) and told.items and isinstance(told.items[0], int):
                _granted(world, event.line, "window", told.items[0])


def _granted(world: World, line: int, name: str, value: int) -> None:
    if world.changes.get(name) != value:
        world.changes[name] = value
        world.notes.append((line, f"taken from the script, as its host's own: {name.replace('_', ' ')} {value}"))
