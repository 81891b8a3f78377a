"""The numbers of a list as bytes: their base, their sign, and the digits that each should have."""

from collections.abc import Sequence

from .choose import Reading
from .model import HexError
from .patterns import regex
from .source import Source, Token

ITEM = regex(r"[-+]?\w+")
_HEX = regex(r"0[xX]([0-9A-Fa-f]+)(?:[uU]?[lL]{0,2}|[ui]8)")
_DECIMAL = regex(r"([-+]?\d+)(?:[uU]?[lL]{0,2}|[ui]8)")
_PAIR = regex(r"[0-9A-Fa-f]{2}")


class Numbers:
    """The numbers of some runs, with the places where they stand."""

    def __init__(self, source: Source, runs: Sequence[Token]) -> None:
        self.source = source
        self.runs = runs
        self.texts = [text for run in runs for text in ITEM.findall(run.text)]

    def error(self, reason: str, index: int) -> HexError:
        """An error at the number with this index."""
        places = [run.at + found.start() for run in self.runs for found in ITEM.finditer(run.text)]
        return self.source.error(reason, places[index])

    def readings(self, bracketed: bool, padded: bool) -> list[Reading[bytes]]:
        """The numbers as bytes in every base in which they may be meant: one, where that is clear.

        `bracketed` lists are source code; `padded` says that the tool always writes two digits after 0x.
        """
        if all(text[:2] in ("0x", "0X") for text in self.texts):
            return [self._reading("hexadecimal", self._hex_values(padded))]
        if any(text[:2] in ("0x", "0X") for text in self.texts):
            # Without brackets a last "0" may be the beginning of a number that was cut off.
            if not bracketed:
                index = next(index for index, text in enumerate(self.texts) if text[:2] not in ("0x", "0X"))
                raise self.error(f"'{self.texts[index]}' is not a number with 0x like the others", index)
            return [self._reading("mixed", self._mixed_values())]
        decimals = [match[1] if (match := _DECIMAL.fullmatch(text)) else "" for text in self.texts]
        zeros = any(len(text) > 1 and text[0] == "0" for text in decimals)
        paired = all(_PAIR.fullmatch(text) for text in self.texts)
        found: list[Reading[bytes]] = []
        if all(decimals) and not (zeros and paired):
            found.append(self._reading("decimal", list(map(int, decimals))))
        if paired and (zeros or not all(decimals) or not bracketed):
            found.append(self._reading("hexadecimal", [int(text, 16) for text in self.texts]))
        if all(decimals) and zeros and not set("".join(decimals)) - set("01234567"):
            found.append(self._reading("octal", [int(text, 8 if text[0] == "0" else 10) for text in decimals]))
        if not found:
            index = decimals.index("")
            raise self.error(f"'{self.texts[index]}' is not a number like the others", index)
        return found

    @property
    def have_fixed_width(self) -> bool:
        """Whether all numbers have two hexadecimal digits, so that a lost one is noticed."""
        return all(len(text) == (4 if text[:2] in ("0x", "0X") else 2) for text in self.texts)

    def _hex_values(self, always_padded: bool) -> list[int]:
        digits = [found[1] if (found := _HEX.fullmatch(text)) else "" for text in self.texts]
        if "" in digits:
            index = digits.index("")
            raise self.error(f"'{self.texts[index]}' is not a hexadecimal number", index)
        # Either all numbers are padded to two digits (0x02), or none is (0x2).
        padded = [index for index, text in enumerate(digits) if len(text) == 2 and text[0] == "0"]
        short = [index for index, text in enumerate(digits) if len(text) == 1]
        if short and (padded or always_padded):
            index = short[0] if always_padded else min(padded, short, key=len)[0]
            raise self.error(f"'{self.texts[index]}' has {len(digits[index])} digit{'s'[:len(digits[index]) - 1]}, "
                             "unlike the others: one is missing or too many", index)
        return [int(text, 16) for text in digits]

    def _mixed_values(self) -> list[int]:
        values = []
        for index, text in enumerate(self.texts):
            decimal = _DECIMAL.fullmatch(text)
            hexadecimal = _HEX.fullmatch(text)
            if hexadecimal:
                values.append(int(hexadecimal[1], 16))
            elif decimal and (decimal[1] == "0" or decimal[1].lstrip("+-")[0] != "0"):
                values.append(int(decimal[1]))
            else:
                raise self.error(f"'{text}' is not a number like the others", index)
        return values

    def _reading(self, base: str, values: list[int]) -> Reading[bytes]:
        try:
            data = bytes(values)
        except ValueError:
            signed = min(values) < 0
            low, high = (-128, 127) if signed else (0, 255)
            wrong = next((index for index, value in enumerate(values) if not low <= value <= high), None)
            if wrong is not None:
                raise self.error(f"{self.texts[wrong]} does not fit into a {'signed ' if signed else ''}byte",
                                 wrong) from None
            data = bytes(value & 0xFF for value in values)
        return Reading(f"{base} numbers", (data,), data)
