"""The names that IANA, IEEE and tcpdump.org give to numbers: one table per file, read when it is first asked for.

A registry is the file ``<registry>.tsv`` beside this module: ``number<TAB>name[<TAB>another form of the name]`` with
numbers ascending, decimal or 0x hexadecimal, ``a-b`` for a run that shares one name, and lines that begin with ``#``
for the source and for what deliberately differs from it. Names are what tshark 4.0 prints. Where a field's numbers mean
something else for each value of another field, the value is part of the name: ``icmp.code.3``, ``icmpv6.code.1``.
The third column is for people who read the file; it is not loaded.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

__all__ = ["name", "names"]

FOLDER = Path(__file__).parent

SHARED = {
    "llc.ssap": "llc.dsap",
    "sll.hatype": "arp.hw.type",
    "tcp.options.mptcp.subtype": "mptcp.subtype",
}
"""Fields whose numbers are those of another registry: field -> registry."""


@cache
def names(registry: str) -> Mapping[int, str]:
    """Return all names of a registry, number -> name, read-only, in ascending order.

    A registry that is not kept here gives an empty mapping. A file that cannot be understood raises ValueError, which
    says where.
    """
    path = FOLDER / f"{SHARED.get(registry, registry)}.tsv"
    if not path.is_file():
        return MappingProxyType({})
    return MappingProxyType(_read(path))


def name(registry: str, number: int) -> str | None:
    """Return the name that a registry gives to a number, None where it (or the registry) has none."""
    return names(registry).get(number)


def _read(path: Path) -> dict[int, str]:
    table: dict[int, str] = {}
    for line_number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        try:
            numbers, text, *_ = line.split("\t")
            first, dash, last = numbers.partition("-")
            if dash:
                table.update(dict.fromkeys(range(int(first, 0), int(last, 0) + 1), text))
            else:
                table[int(first, 0)] = text
        except ValueError as error:
            where = f"{path.name}, line {line_number}"
            raise ValueError(f"{where}: {line!r} should be a number (17, 0x11, 20-29), a tab and a name") from error
    return table
