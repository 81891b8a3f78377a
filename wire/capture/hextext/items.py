"""Items: the groups of digits in a row, from one byte to eight, in any base and byte order."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Order = Literal["big", "little"]

_OCTAL_SIZES = {3: 1, 6: 2, 11: 4, 22: 8}
_DECIMAL_SIZES = {5: 2}
_DIGITS = {2: "[01]", 8: "[0-7]", 10: "[0-9]", 16: "[0-9A-Fa-f]"}
# What may stand between items: blanks, "│" where a layer ends, a dash or a bar in the middle of a row.
_BETWEEN = r"(?:[ \t]+(?:│[ \t]*)?|[│|-][ \t]*)"
_GAPS = dict.fromkeys(map(ord, "│|-"), " ")


class Token(NamedTuple):
    """An item as it stands in a line: its digits, where they begin and end, and the blanks before it."""

    text: str
    start: int
    end: int
    gap: str


class Items(NamedTuple):
    """How items are written: the base of their digits, how many digits one has, and its byte order."""

    base: int
    width: int
    order: Order

    @property
    def size(self) -> int:
        """Bytes in an item."""
        if self.base == 8:
            return _OCTAL_SIZES[self.width]
        if self.base == 10:
            return _DECIMAL_SIZES[self.width]
        return self.width // self.digits_per_byte

    @property
    def digits_per_byte(self) -> int:
        return 8 if self.base == 2 else 2

    def last_width(self, total: int) -> int:
        """Digits of the last item of a row that holds `total` bytes."""
        left = total % self.size
        return left * self.digits_per_byte if left else self.width

    def is_partial(self, digits: int) -> bool:
        """Whether an item with fewer digits can be the last of a row."""
        return self.base in (2, 16) and 0 < digits < self.width and digits % self.digits_per_byte == 0

    def bytes_of(self, text: str) -> bytes:
        """The bytes of some items with whatever stands between them; ValueError where a number is too great."""
        if self.base != 16:
            return b"".join(self._number(token) for token in text.translate(_GAPS).split())
        try:
            data = bytes.fromhex(text)
        except ValueError:
            data = bytes.fromhex(text.translate(_GAPS))
        if self.order == "big" or self.size == 1:
            return data
        whole = len(data) - len(data) % self.size
        swapped = bytearray(whole)
        for place in range(self.size):
            swapped[place::self.size] = data[self.size - 1 - place:whole:self.size]
        return bytes(swapped) + data[whole:][::-1]

    def _number(self, token: str) -> bytes:
        size = len(token) // 8 if self.base == 2 else self.size
        try:
            return int(token, self.base).to_bytes(size, self.order)
        except OverflowError:
            raise ValueError(f"{token} does not fit into {8 * size} bits") from None

    def row(self, total: int) -> re.Pattern[str]:
        """A pattern for the items of a row with exactly `total` bytes."""
        return _row_pattern(self.base, self.width, -(-total // self.size), self.last_width(total))

    def tokens(self, text: str, start: int, most: int) -> list[Token]:
        """The run of groups of digits from `start`, up to what is none, or to `most` bytes."""
        pattern = _token_pattern(self.base)
        found: list[Token] = []
        limit = -(-most // self.size)
        while len(found) < limit and (match := pattern.match(text, start)):
            found.append(Token(match[2], match.start(2), match.end(2), match[1]))
            start = match.end()
        return found


@lru_cache(maxsize=256)
def _row_pattern(base: int, width: int, count: int, last: int) -> re.Pattern[str]:
    digit = _DIGITS[base]
    items = f"(?:{digit}{{{width}}}{_BETWEEN}){{{count - 1}}}" if count > 1 else ""
    return re.compile(f"[ \\t]+({items}{digit}{{{last}}})(?=[ \\t│|<>-]|$)")


@lru_cache(maxsize=8)
def _token_pattern(base: int) -> re.Pattern[str]:
    return re.compile(f"({_BETWEEN})({_DIGITS[base]}+)(?=[ \\t│|-]|$)")
