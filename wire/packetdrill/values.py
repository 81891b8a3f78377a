"""Names and numbers in the arguments of calls."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from .syntax import ANY, Apply, Array, Ellipsis_, Flags, NotSupported, Struct, Symbol, Value

# poll(2)'s bits, and fcntl's, as Linux numbers them; a script uses the names.
NUMBERS = {
    "POLLIN": 0x1,
    "POLLPRI": 0x2,
    "POLLOUT": 0x4,
    "POLLERR": 0x8,
    "POLLHUP": 0x10,
    "POLLNVAL": 0x20,
    "POLLRDNORM": 0x40,
    "POLLWRNORM": 0x100,
    "POLLRDHUP": 0x2000,
    "O_RDONLY": 0,
    "O_WRONLY": 1,
    "O_RDWR": 2,
    "O_NONBLOCK": 0x800,
    "SHUT_RD": 0,
    "SHUT_WR": 1,
    "SHUT_RDWR": 2,
    "INFINITE_TIMEOUT": -1,
}

LARGEST = 1 << 28  # bytes of one call


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call's arguments; `line` is for complaints."""

    line: int
    call: str
    values: tuple[Value, ...]

    def __len__(self) -> int:
        return len(self.values)

    def at(self, index: int) -> Value:
        """The argument; NotSupported if there are too few."""
        if index >= len(self.values):
            raise NotSupported(self.line, f"{self.call} with {len(self.values)} arguments")
        return self.values[index]

    def names(self, index: int) -> frozenset[str]:
        """The names that argument joins with `|`; none if there is no such argument."""
        value = self.values[index] if index < len(self.values) else ANY
        parts = value.parts if isinstance(value, Flags) else (value,)
        return frozenset(part.name for part in parts if isinstance(part, Symbol))

    def number(self, index: int) -> int:
        """The argument as a number: written as one, by name, or in `[ ]`."""
        value = self.at(index)
        if isinstance(value, Array) and len(value.items) == 1:
            value = value.items[0]
        found = number(value)
        if found is None:
            raise NotSupported(self.line, f"argument {index + 1} of {self.call}: a number is needed")
        return found

    def size(self, index: int) -> int:
        """The argument as a number of bytes; NotSupported for what nobody writes or reads at once."""
        value = self.number(index)
        if not 0 <= value <= LARGEST:
            raise NotSupported(self.line, f"{self.call} of {value} bytes")
        return value

    def struct(self, index: int) -> Struct:
        """The argument as a struct."""
        value = self.at(index)
        if isinstance(value, Array) and len(value.items) == 1:
            value = value.items[0]
        if not isinstance(value, Struct):
            raise NotSupported(self.line, f"argument {index + 1} of {self.call}: a {{struct}} is needed")
        return value

    def address(self, index: int) -> tuple[str | None, int | None] | None:
        """A sockaddr's address and port; None for `...`, None for a part that is not given."""
        value = self.at(index)
        if isinstance(value, Ellipsis_):
            return None
        struct = self.struct(index)
        port, host = struct.get("sin_port", "sin6_port"), struct.get("sin_addr", "sin6_addr")
        return _host(host), None if port is None else number(port)


def number(value: Value | None) -> int | None:
    """What a value counts: names that are known, `|`, htons(); None for everything else."""
    match value:
        case int():
            return value
        case Symbol(name):
            return NUMBERS.get(name)
        case Flags(parts):
            numbers = [number(part) for part in parts]
            return None if None in numbers else _joined([one for one in numbers if one is not None])
        case Apply("htons" | "htonl" | "ntohs" | "ntohl", (inside,)):
            return number(inside)
        case _:
            return None


def _joined(numbers: list[int]) -> int:
    total = 0
    for one in numbers:
        total |= one
    return total


def _host(value: Value | None) -> str | None:
    match value:
        case str():
            text = value
        case Apply("inet_addr" | "inet_pton" | "inet6_addr", arguments) if arguments and isinstance(arguments[-1], str):
            text = arguments[-1]
        case _:
            return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if address.is_unspecified else str(address)
