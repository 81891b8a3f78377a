"""setsockopt and getsockopt: which option is which setting of our endpoint."""

from __future__ import annotations

import errno
from collections.abc import Callable

from ..machine.profiles import MS, S, Settings
from .socket_table import Socket, SocketTable
from .syntax import Array, NotSupported, Struct
from .values import Arguments, number

# option -> (setting, what its number is multiplied by; 0: a truth value)
SETTINGS: dict[str, tuple[str, int]] = {
    "SO_KEEPALIVE": ("keepalive", 0),
    "TCP_KEEPIDLE": ("keepalive_idle", S),
    "TCP_KEEPINTVL": ("keepalive_interval", S),
    "TCP_KEEPCNT": ("keepalive_probes", 1),
    "TCP_USER_TIMEOUT": ("user_timeout", MS),
    "TCP_SYNCNT": ("syn_retries", 1),
    "TCP_MAXSEG": ("mss", 1),
    "SO_RCVBUF": ("window", 1),
    "SO_RCVBUFFORCE": ("window", 1),
    "TCP_FASTOPEN": ("fast_open", 0),
    "TCP_LINGER2": ("orphan_timeout", S),
    "TCP_RTO_MAX_MS": ("rto_max", MS),
    "TCP_RTO_MIN_US": ("rto_min", 1000),
}


def set_option(table: SocketTable, socket: Socket, name: str, arguments: Arguments, now: int) -> str:
    """Set it; returns a note if the option has no meaning here."""
    if name == "SO_LINGER":
        value = arguments.at(3)
        struct = value.items[0] if isinstance(value, Array) and value.items else value
        if isinstance(struct, Struct):
            on = number(struct.get("onoff", "l_onoff")) or 0
            socket.linger = (number(struct.get("linger", "l_linger")) or 0) if on else None
            return ""
        if isinstance(value, Array) and len(value.items) == 2:
            socket.linger = number(value.items[1]) if number(value.items[0]) else None
            return ""
    special: dict[str, Callable[[int], None]] = {
        "SO_REUSEADDR": lambda one: setattr(socket, "reuse", bool(one)),
        "TCP_CORK": lambda one: _cork(table, socket, now, bool(one)),
        "TCP_NOPUSH": lambda one: _cork(table, socket, now, bool(one)),
        "TCP_FASTOPEN_CONNECT": lambda one: setattr(socket, "fast_open_connect", bool(one)),
        "TCP_NODELAY": lambda one: _change(table, socket, now, nagle=not one),
        "TCP_QUICKACK": lambda one: _change(table, socket, now, quick_acks=1 << 30 if one else 0),
    }
    if name in special:
        special[name](arguments.number(3))
        return ""
    if name == "TCP_NOOPT" and arguments.number(3):
        raise NotSupported(arguments.line, "TCP_NOOPT: a SYN without any option")
    if name not in SETTINGS:
        return f"setsockopt({name}) has no meaning here"
    setting, unit = SETTINGS[name]
    size = arguments.number(3)
    wanted: object = bool(size) if unit == 0 else size * unit
    if setting == "user_timeout" and not size:
        wanted = None
    _change(table, socket, now, **{setting: wanted})
    return ""


def _cork(table: SocketTable, socket: Socket, now: int, on: bool) -> None:
    socket.cork = on
    _change(table, socket, now, cork=on)


def _change(table: SocketTable, socket: Socket, now: int, **changes: object) -> None:
    socket.changes |= changes
    if socket.endpoint is not None:
        socket.endpoint.configure(now, **changes)
        if "mss" in changes and isinstance(changes["mss"], int):
            socket.endpoint.sender.use_mss(min(socket.endpoint.sender.mss, changes["mss"]))
    elif socket.listening:
        listener = table.host.listeners[socket.port or 0]
        listener.settings = listener.settings.change(**changes)


def get_option(table: SocketTable, socket: Socket, name: str) -> int | None:
    """What getsockopt tells; None where it would tell of a kernel's insides, which are not compared."""
    settings = _settings(table, socket)
    if name == "TCP_MAXSEG" and socket.endpoint is not None and socket.connected:
        return socket.endpoint.sender.mss
    if name == "TCP_MAXSEG":
        return int(socket.changes.get("mss", 536))
    if name == "SO_REUSEADDR":
        return int(socket.reuse)
    if name == "TCP_NODELAY":
        return int(not settings.nagle)
    if name in ("TCP_CORK", "TCP_NOPUSH"):
        return int(socket.cork)
    if name in SETTINGS and name not in ("SO_RCVBUF", "SO_RCVBUFFORCE", "TCP_FASTOPEN"):
        setting, unit = SETTINGS[name]
        value = getattr(settings, setting)
        return int(value or 0) // (unit or 1)
    return None


def _settings(table: SocketTable, socket: Socket) -> Settings:
    if socket.endpoint is not None:
        return socket.endpoint.settings
    return table.host.settings.change(**socket.changes)


def error_number(name: str) -> int:
    """The number of an errno's name, 0 for none."""
    return int(getattr(errno, name)) if name else 0
