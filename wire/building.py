"""Packets from text: `eth / ip dst=10.0.0.2 / tcp dstport=80 flags=SYN / "hello"`."""

from __future__ import annotations

import re

from .packet import Stack
from .protocols import find
from .schema import Protocol

WORD = re.compile(r"""(?:[^\s"']+|"(?:\\.|[^"\\])*"|'[^']*')+""")
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.S)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def parse_stack(text: str) -> Stack:
    """The stack that a text describes: layers outermost first, ` / ` between them, bytes last.

    A layer is a protocol's name and `field=value` words; bytes are text in quotes (with \\n, \\x00 …)
    or hex after `0x`.  ValueError says which word is not understood.
    """
    parts: list[list[str]] = [[]]
    position = 0
    for match in WORD.finditer(text):
        if text[position : match.start()].strip():
            raise ValueError(f"column {position + 1}: a quote is not closed")
        position = match.end()
        if match.group() == "/":
            parts.append([])
        else:
            parts[-1].append(match.group())
    if text[position:].strip():
        raise ValueError(f"column {position + 1}: a quote is not closed: {text[position:].strip()}")
    stack = Stack()
    for words in parts:
        if not words:
            raise ValueError("a layer is missing: write NAME field=value, with ` / ` between layers")
        stack = stack / (payload(words) if is_payload(words[0]) else layer(words))
    return stack


def is_payload(word: str) -> bool:
    return word[0] in "\"'" or bool(re.fullmatch(r"0x(?:[0-9a-fA-F]{2})*", word))


def payload(words: list[str]) -> bytes:
    return b"".join(payload_bytes(word) for word in words)


def payload_bytes(word: str) -> bytes:
    return bytes.fromhex(word[2:]) if word.startswith("0x") else unquoted(word).encode("utf-8", "surrogateescape")


def unquoted(word: str) -> str:
    """A word without its quotes; escapes count inside double ones."""
    pieces = re.findall(r""""(?:\\.|[^"\\])*"|'[^']*'|[^"']+""", word)
    return "".join(ESCAPE.sub(escape, piece[1:-1]) if piece[0] == '"' else piece.strip("'") for piece in pieces)


def escape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] == "x" and len(code) == 3:
        value = int(code[1:], 16)
        return chr(value) if value < 128 else chr(0xDC00 + value)  # a byte, as surrogateescape writes it
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    return ESCAPES.get(code, code)


def layer(words: list[str]) -> object:
    name, *pairs = words
    try:
        protocol: Protocol = find(name)
    except LookupError as error:
        raise ValueError(f"{error.args[0]} (text to send goes in quotes)") from None
    values = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"{name}: {pair!r} is no field=value")
        field = field.removeprefix(protocol.prefix)
        if field in values:
            raise ValueError(f"{name}: {field} is given twice")
        values[field] = unquoted(value)
    try:
        return protocol().put(values)
    except TypeError as error:
        raise ValueError(str(error)) from None


def build(stack: str | Stack) -> bytes:
    """The bytes of a stack, or of a text that describes one; what is left out is worked out."""
    return bytes(parse_stack(stack) if isinstance(stack, str) else stack)
