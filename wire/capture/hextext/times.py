"""Times in the lines round a dump: dates, times of day, seconds since the epoch or since the machine started."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .model import Clock
from .patterns import regex

_SECOND = 1_000_000_000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ZONE = r"(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![0-9A-Za-z]))?"

# tcpdump -tttt, FortiGate, journals; Cisco IOS; dmesg -T; tshark's "Arrival Time".
_DATES = tuple(regex(pattern) for pattern in (
    rf"\s*(?:\[\s*)?(?P<y>\d{{4}})[-/](?P<mo>\d\d)[-/](?P<d>\d\d)[ T]{_CLOCK}{_ZONE}",
    rf"\s*[*.]?{_CLOCK} (?P<zone>[A-Z]{{2,5}}) {_MONTH} +(?P<d>\d{{1,2}}) (?P<y>\d{{4}})",
    rf"\s*(?:\S+: )?\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} +(?P<d>\d{{1,2}}) {_CLOCK} (?P<y>\d{{4}})\]",
    rf"\s*Arrival Time: {_MONTH} +(?P<d>\d{{1,2}}), (?P<y>\d{{4}}) {_CLOCK}{_ZONE}",
))
_EPOCH = regex(r"\s*(?:Epoch (?:Arrival )?Time: )?(?P<s>\d{9,11})\.(?P<f>\d{6}|\d{9})(?=\s)")
_BOOT = regex(r"[^\[]{0,80}\[\s*(?P<s>\d+)\.(?P<f>\d{6})\]")
_SYSLOG = regex(rf"\s*{_MONTH} +\d{{1,2}} {_CLOCK} ")
# A number or none before the time: tcpdump --number, ASA. A blank or a sign right before it means that tcpdump counts
# from the packet before (-ttt) or from the first one (-ttttt).
_DAY = regex(rf"(?P<lead>\s*)(?P<number>\d+(?::\s+|\s\s))?(?P<sign>[ -]?){_CLOCK}(?=\s)")


class Time(NamedTuple):
    """Nanoseconds since what `clock` says, with a remark where the text leaves something open."""

    value: int | None
    clock: Clock | None
    remark: str | None = None


def find_time(text: str) -> Time | None:
    """The time with which a line begins; None if there is none."""
    for pattern in _DATES:
        if found := pattern.match(text):
            return _date(found)
    if found := _EPOCH.match(text):
        return Time(int(found["s"]) * _SECOND + _fraction(found["f"]), "epoch")
    if found := _BOOT.match(text):
        return Time(int(found["s"]) * _SECOND + _fraction(found["f"]), "boot")
    if found := _SYSLOG.match(text):
        return Time(_of_day(found), "day", "the log's dates have no year: only the time of day is kept")
    found = _DAY.match(text)
    if found is None or not found["f"]:
        return None
    if found["sign"] or (found["lead"] and not found["number"]):
        return Time(None, None, "the time counts from another packet (-ttt or -ttttt) and is left out")
    return Time(_of_day(found), "day")


def _fraction(digits: str | None) -> int:
    return int((digits or "0").ljust(9, "0"))


def _of_day(found: re.Match[str]) -> int:
    return (int(found["h"]) * 3600 + int(found["m"]) * 60 + int(found["s"])) * _SECOND + _fraction(found["f"])


def _date(found: re.Match[str]) -> Time | None:
    parts = found.groupdict()
    month = int(parts["mo"]) if parts.get("mo") else _MONTHS.index(parts["month"].lower()) + 1
    zone = parts.get("zone") or ""
    try:
        midnight = datetime(int(parts["y"]), month, int(parts["d"]), tzinfo=UTC)
    except ValueError:
        return None
    seconds = int((midnight - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1))
    value = seconds * _SECOND + _of_day(found)
    if zone in ("Z", "UTC", "GMT"):
        return Time(value, "epoch")
    if zone[:1] in ("+", "-"):
        sign = 1 if zone[0] == "-" else -1
        return Time(value + sign * (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60) * _SECOND, "epoch")
    return Time(value, "epoch", f"the time zone {zone} is not known here: the time is read as UTC" if zone else
                "the date has no time zone: it is read as UTC")
