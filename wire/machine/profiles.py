"""Everything that can be set on an endpoint, and what differs between stacks.

`Settings` is what an endpoint asks; its field's comments say units. `PROFILES` is the literal table of what RFC 9293
says (as a course teaches it), what Linux does and what FreeBSD does, one difference a row. `settings("linux",
mss=1000)` takes a column and changes it. Nothing else in the machine asks which stack it is.

The `rfc` column holds the defaults for teaching: MSS 1460 the only option, window 65535, no scaling, SACK or timestamps
unless asked for, delayed ACK off, RTO 1 s, and an MSL of 60 s (the RFC's own is 2 minutes, so that TIME-WAIT would
take 4).
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

MS = 1_000_000
S = 1_000_000_000
ALL = ("rfc", "linux", "freebsd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one endpoint. Times are nanoseconds, sizes bytes unless said."""

    profile: str
    seed: int  # of ISNs, cookies
    isn: int | tuple[int, ...] | None  # used in turn; then, or if None, RFC 6528 with `seed`
    mss: int  # what we can take, and never send more than
    window: int  # receive buffer
    window_scale: int | None  # shift 0 to 14; None: not offered
    sack: bool
    timestamps: bool
    timestamp_base: int  # TSval at time 0; it counts milliseconds
    ecn: Literal["off", "accept", "request"]
    fast_open: bool
    fast_open_cookie: bytes | None  # the client's, from an earlier visit
    fast_open_needs_cookie: bool  # the server's: no data beside a SYN without the good one
    nagle: bool
    cork: bool  # only full segments leave (TCP_CORK, TCP_NOPUSH)
    delayed_ack: int  # 0: off
    quick_acks: int  # so many first data segments are acknowledged at once
    # "delayed" lets ACK and FIN merge if the application closes at once; "after data": only if data came before
    fin_ack: Literal["now", "delayed", "after data"]
    auto_read: bool  # the application always waits in receive(): data go to it as they come
    rto_initial: int
    rto_min: int
    rto_max: int
    rto_min_of: Literal["timeout", "variance"]  # what rto_min bounds
    syn_retries: int
    syn_ack_retries: int
    retries: int
    user_timeout: int | None
    msl: int
    orphan_timeout: int | None  # FIN-WAIT-2 with nobody to read
    keepalive: bool
    keepalive_idle: int
    keepalive_interval: int
    keepalive_probes: int
    window_probe: Literal["octet", "empty"]
    congestion_control: bool
    initial_window: int  # segments (RFC 6928: 10; RFC 5681: 3 of 1460 bytes)
    limited_transmit: bool
    tail_loss_probe: bool
    backoff_percent: int  # of the flight that may stay on the road after a loss (RFC 5681: 50; CUBIC, RFC 9438: 70)
    challenge_acks: bool
    reset_ends_time_wait: bool  # RFC 1337 says no
    syn_ack_in_listen: Literal["reset", "ignore"]
    syn_fin: Literal["syn", "drop"]
    syn_text: Literal["keep", "drop"]  # data beside a SYN, without Fast Open
    ack_of_unsent: Literal["ack", "ignore"]
    no_timestamp: Literal["drop", "accept"]  # agreed on and missing
    md5_unasked: Literal["drop", "accept"]
    reset_on_unread_close: bool
    deaf_after: Literal["close", "shutdown"]  # from when on data that arrive after our FIN are answered with RST
    fin_again_when_closing: bool
    # Each group is padded in front with NOPs to a whole word; SACK-permitted alone, where `sack_padding` says.
    syn_options: tuple[tuple[str, ...], ...]
    sack_padding: Literal["front", "end"]

    def __post_init__(self) -> None:
        """Reject what no TCP can mean. Raises ValueError naming the setting and what is allowed."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ValueError(f"{name} = {value}: must be from {low} to {high}")
        if self.window_scale is not None and self.window >> self.window_scale == 0:
            raise ValueError(f"window = {self.window}: scaled by {self.window_scale} it could only be offered as 0")
        for isn in self.given_isns:
            if not 0 <= isn < 1 << 32:
                raise ValueError(f"isn = {isn}: must be from 0 to {(1 << 32) - 1}")

    @property
    def given_isns(self) -> tuple[int, ...]:
        """The initial sequence numbers that were given, to be used in turn."""
        return (self.isn,) if isinstance(self.isn, int) else self.isn or ()

    def change(self, **changes: Any) -> "Settings":
        """A copy with other values. Raises ValueError for a name that does not exist, suggesting the nearest."""
        return _build({name: getattr(self, name) for name in NAMES}, changes)


_RANGES = (
    ("mss", 1, 65535),
    ("window", 1, 1 << 30),
    ("window_scale", 0, 14),
    ("initial_window", 1, 1000),
    ("backoff_percent", 1, 99),
    ("delayed_ack", 0, S // 2),  # RFC 9293 3.8.6.3: less than half a second
    ("rto_initial", 1, 3600 * S),
    ("rto_min", 1, 3600 * S),
    ("rto_max", 1, 3600 * S),
    ("msl", 0, 3600 * S),
)
NAMES = tuple(field.name for field in fields(Settings))

_LINUX_ORDER = (("mss",), ("sack", "timestamps"), ("wscale",), ("fast_open",))
_BSD_ORDER = (("mss",), ("wscale",), ("sack", "timestamps"), ("fast_open",))

# fmt: off
PROFILES: dict[str, tuple[Any, Any, Any]] = {
    # setting                  rfc            linux          freebsd
    "seed":                   (0,             0,             0),
    "isn":                    (None,          None,          None),
    "mss":                    (1460,          1460,          1460),
    "window":                 (65535,         64240,         65535),
    "window_scale":           (None,          7,             6),
    "sack":                   (False,         True,          True),
    "timestamps":             (False,         True,          True),
    "timestamp_base":         (0,             0,             0),
    "ecn":                    ("off",         "accept",      "accept"),
    "fast_open":              (False,         False,         False),
    "fast_open_cookie":       (None,          None,          None),
    "fast_open_needs_cookie": (True,          True,          True),
    "nagle":                  (True,          True,          True),
    "cork":                   (False,         False,         False),
    "delayed_ack":            (0,             40 * MS,       40 * MS),
    "quick_acks":             (0,             16,            0),
    "fin_ack":                ("now",         "after data",  "now"),
    "auto_read":              (False,         False,         False),
    "rto_initial":            (1 * S,         1 * S,         1 * S),
    "rto_min":                (1 * S,         200 * MS,      30 * MS),
    "rto_max":                (60 * S,        120 * S,       64 * S),
    "rto_min_of":             ("timeout",     "variance",    "timeout"),
    "syn_retries":            (7,             6,             5),
    "syn_ack_retries":        (7,             5,             3),
    "retries":                (15,            15,            12),
    "user_timeout":           (None,          None,          None),
    "msl":                    (60 * S,        30 * S,        30 * S),
    "orphan_timeout":         (None,          60 * S,        60 * S),
    "keepalive":              (False,         False,         False),
    "keepalive_idle":         (7200 * S,      7200 * S,      7200 * S),
    "keepalive_interval":     (75 * S,        75 * S,        75 * S),
    "keepalive_probes":       (9,             9,             8),
    "window_probe":           ("octet",       "empty",       "octet"),
    "congestion_control":     (True,          True,          True),
    "initial_window":         (3,             10,            10),
    "limited_transmit":       (True,          True,          True),
    "tail_loss_probe":        (False,         True,          False),
    "backoff_percent":        (50,            70,            50),
    "challenge_acks":         (True,          True,          True),
    "reset_ends_time_wait":   (True,          True,          False),
    "syn_ack_in_listen":      ("reset",       "reset",       "ignore"),
    "syn_fin":                ("syn",         "drop",        "syn"),
    "syn_text":               ("keep",        "drop",        "keep"),
    "ack_of_unsent":          ("ack",         "ignore",      "ack"),
    "no_timestamp":           ("drop",        "accept",      "drop"),
    "md5_unasked":            ("accept",      "drop",        "drop"),
    "reset_on_unread_close":  (True,          True,          False),
    "deaf_after":             ("close",       "shutdown",    "close"),
    "fin_again_when_closing": (False,         False,         True),
    "syn_options":            (_BSD_ORDER,    _LINUX_ORDER,  _BSD_ORDER),
    "sack_padding":           ("front",       "front",       "end"),
}
# fmt: on


def settings(profile: str = "rfc", **changes: Any) -> Settings:
    """The settings of a profile ("rfc", "linux", "freebsd") with some of them changed.

    Raises ValueError for an unknown profile or setting, or a value out of range.
    """
    if profile not in ALL:
        raise ValueError(f"no profile {profile!r}: there are {', '.join(ALL)}")
    column = ALL.index(profile)
    return _build({"profile": profile} | {name: row[column] for name, row in PROFILES.items()}, changes)


def _build(values: Mapping[str, Any], changes: Mapping[str, Any]) -> Settings:
    for name in changes:
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1)
            raise ValueError(f"no setting {name!r}" + (f": did you mean {near[0]!r}?" if near else ""))
    return Settings(**{**values, **changes})
