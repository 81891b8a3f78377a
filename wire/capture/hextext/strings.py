"""String literals: Python bytes, C and Go strings with escapes, and quoted hexadecimal digits or base64."""

import re
from dataclasses import dataclass

from .base64text import decode, looks_like_base64
from .model import Dump
from .patterns import regex
from .source import Source, Token

_OPENING = regex(r"([A-Za-z]*)([\"'])")
_ESCAPE = regex(rb"\\(?:x([0-9A-Fa-f]{2})|x|u00([0-9A-Fa-f]{2})|([0-7]{1,3})|(\r?\n)|(.)|)", re.DOTALL)
_SIMPLE = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"e": b"\x1b",
           b"\\": b"\\", b"'": b"'", b'"': b'"', b"?": b"?", b"/": b"/"}
_NUMERIC = regex(r"\\(?:x|u00|[0-7])")
_HEX_TEXT = regex(r"[0-9A-Fa-f]{2}(?:[\s:.\-]?[0-9A-Fa-f]{2})*")
_BETWEEN = regex(r"[\s:.\-]")
_WORD = regex(r"[A-Za-z0-9+/_-]+={0,2}")
_DECODERS = {"fromhex", "unhexlify", "a2b_hex", "from", "DecodeString", "decode", "hex2bin", "parseHex",
             "FromHexString"}
_ENCODED = {"b64decode", "atob", "urlsafe_b64decode", "FromBase64String"}
_LEAST = 14


@dataclass(frozen=True, slots=True)
class _Literal:
    """Adjacent string literals, which languages join: their tokens, the word before them ("fromhex"), and whether a
    bracket is open there."""

    tokens: list[Token]
    caller: str
    bracketed: bool

    @property
    def prefix(self) -> str:
        found = _OPENING.match(self.tokens[0].text)
        return found[1].lower() if found else ""

    def contents(self) -> list[tuple[str, int]]:
        """The texts between the quotes, and where each begins in the source."""
        parts = []
        for token in self.tokens:
            found = _OPENING.match(token.text)
            skip = found.end() if found else 1
            parts.append((token.text[skip:-1], token.at + skip))
        return parts


def read_strings(source: Source) -> list[Dump] | None:
    """The packets written as string literals; None if no literal holds data."""
    dumps: list[Dump] = []
    for literal in _literals(source):
        if "b" in literal.prefix or any(_NUMERIC.search(text) for text, _ in literal.contents()):
            dumps.append(_escaped(source, literal))
        else:
            dumps += _encoded(source, literal)
    return dumps or None


def _literals(source: Source) -> list[_Literal]:
    found: list[_Literal] = []
    tokens = source.tokens
    last = 0
    for index, token in enumerate(tokens):
        if token.kind == "broken" and ("b" in token.text[:2].lower() or _NUMERIC.search(token.text)):
            raise source.error("the string is not closed: it is cut off", token.at)
        if token.kind != "string":
            continue
        between = {other.text for other in tokens[last + 1:index]}
        if found and _are_joined(found[-1], between, source.text[tokens[last].end:token.at]):
            found[-1].tokens.append(token)
        else:
            bracket = tokens[index - 1].text if index and tokens[index - 1].text in ("(", "[") else ""
            caller = tokens[index - 2].text if index > 1 and bracket == "(" else ""
            found.append(_Literal([token], caller, bool(bracket)))
        last = index
    return found


def _are_joined(literal: _Literal, between: set[str], text: str) -> bool:
    """Whether another literal is a part of this one: nothing stands between them but a `+`, a line end or a continued
    line. Python's bytes go on in the next line only within brackets."""
    if between - {"\\", "+"} or text.count("\n") > 1:
        return False
    return bool(between) or literal.bracketed or "b" not in literal.prefix or "\n" not in text


def _escaped(source: Source, literal: _Literal) -> Dump:
    """The bytes of a literal with escapes; rows of `\\x` escapes must be of one length."""
    parts = [(_unescape(source, text, at), text, at) for text, at in literal.contents()]
    rows = [part for part in parts if part[1]]
    uniform = len(rows) > 2 and all(len(text) == 4 * len(data) for data, text, _ in rows)
    width = len(rows[0][0]) if rows else 0
    if uniform:
        wrong = next((row for row in rows[:-1] if len(row[0]) != width), None) or (
            rows[-1] if len(rows[-1][0]) > width else None)
        if wrong is not None:
            raise source.error(f"the row holds {len(wrong[0])} bytes where {width} were expected", wrong[2])
    name = "Python bytes" if "b" in literal.prefix else "escaped string"
    if literal.caller == "bytearray":
        name = "Python bytearray"
    line, _ = source.line(literal.tokens[0].at)
    return Dump(b"".join(data for data, _, _ in parts), name, line.number, checked=("row width",) if uniform else ())


def _unescape(source: Source, text: str, at: int) -> bytes:
    """The bytes of one literal: `\\xNN` has two digits, as in Python, Go and JavaScript; octal escapes up to three."""
    if not text.isascii():
        index = next(index for index, char in enumerate(text) if ord(char) > 0x7F)
        raise source.error(f"{text[index]!r} is not ASCII: nothing says which bytes it stands for", at + index)
    octal = {len(digits) for digits in re.findall(r"(?<!\\)(?:\\\\)*\\([0-7]{1,3})", text)}

    def one(found: re.Match[bytes]) -> bytes:
        byte, unicode, digits, newline, simple = found.groups()
        if byte or unicode:
            return bytes([int(byte or unicode, 16)])
        if digits:
            if int(digits, 8) > 0xFF or (3 in octal and len(digits) < 3):
                shown = digits.decode("ascii")
                reason = (f"'\\{shown}' does not fit into a byte" if int(digits, 8) > 0xFF else
                          f"'\\{shown}' has {len(digits)} octal digits where the other escapes have 3")
                raise source.error(reason, at + found.start())
            return bytes([int(digits, 8)])
        if newline:
            return b""
        if simple not in _SIMPLE:
            shown = found.group().decode("ascii")
            raise source.error(f"{shown!r} is no escape: digits are missing or wrong", at + found.start())
        return _SIMPLE[simple]

    return _ESCAPE.sub(one, text.encode("ascii"))


def _encoded(source: Source, literal: _Literal) -> list[Dump]:
    """A quoted text of hexadecimal digits or base64; nothing if it is neither."""
    contents = literal.contents()
    joined = "".join(text for text, _ in contents)
    line, _ = source.line(contents[0][1])
    digits = _HEX_TEXT.fullmatch(joined) is not None
    if literal.caller in _ENCODED or (not digits and _WORD.fullmatch(joined) and looks_like_base64(joined)):
        return [Dump(decode(joined, line), "base64", line.number, checked=("groups of four",))]
    if digits and (literal.caller in _DECODERS or len(joined) >= 2 * _LEAST or len(source.tokens) == 1):
        return [Dump(bytes.fromhex(_BETWEEN.sub("", joined)), "quoted hex", line.number)]
    if literal.caller in _DECODERS and contents[0][0]:
        raise source.error("the quoted text is not pairs of hexadecimal digits", contents[0][1])
    return []
