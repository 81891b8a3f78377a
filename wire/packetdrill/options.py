"""TCP options between a script's words and the machine's values."""

from __future__ import annotations

from collections.abc import Callable

from ..machine.segment import (
    FastOpen,
    MaximumSegmentSize,
    NoOperation,
    Option,
    OtherOption,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)
from .syntax import NotSupported, ScriptError, TcpOption

MD5, EXPERIMENT = 19, 254
# The cookie that the public scripts take for the good one; it is what their key gives for their addresses.
PUBLIC_COOKIE = bytes.fromhex("3021b9d889017eeb")
Number = Callable[[int], int]
Cookie = Callable[[], bytes]


def to_machine(options: tuple[TcpOption, ...], line: int, sack: Number, echo: Number, cookie: Cookie) -> list[Option]:
    """The options of a segment that is injected.

    `sack` and `echo` turn the script's sequence numbers and echoed timestamps into those of the wire; `cookie` gives
    our host's Fast Open cookie for a name that stands for it. End-of-list becomes padding.
    """
    return [_option(option, line, sack, echo, cookie) for option in options]


def _option(option: TcpOption, line: int, sack: Number, echo: Number, cookie: Cookie) -> Option:
    words = option.words
    try:
        match option.name:
            case "nop" | "eol":
                return NoOperation()
            case "mss":
                return MaximumSegmentSize(_number(words[0]))
            case "wscale":
                return WindowScale(_number(words[0]))
            case "sackok":
                return SackPermitted()
            case "sack":
                edges = [word.partition(":")[::2] for word in words]
                return Sack(tuple((sack(_number(left)), sack(_number(right))) for left, right in edges))
            case "ts":
                named = dict(zip(words[::2], words[1::2], strict=True))
                return Timestamps(_number(named["val"]), echo(_number(named["ecr"])))
            case "fo" | "foexp":  # the machine knows one kind; see `same`
                return FastOpen(_cookie(words, cookie))
            case "md5":
                return OtherOption(MD5, _bytes(words[0]) if words and words[0] != "valid" else bytes(16))
            case "exp" | "exp-option":
                return OtherOption(EXPERIMENT, b"".join(map(_bytes, words)))
    except (IndexError, KeyError, ValueError) as error:
        raise ScriptError(line, f"TCP option {_said(option)!r} cannot be read ({error})") from None
    if option.name in ("accecn", "accecn0", "accecn1", "e0b", "e1b", "ceb", "acc-ecn"):
        raise NotSupported(line, "the Accurate ECN option")
    raise NotSupported(line, f"TCP option {_said(option)!r}")


def _number(word: str) -> int:
    number = int(word, 0)
    if number < 0:
        raise ValueError(f"{word} is negative")
    return number


def _bytes(word: str) -> bytes:
    return bytes.fromhex(word.removeprefix("0x"))


def _cookie(words: tuple[str, ...], cookie: Cookie) -> bytes:
    if not words:
        return b""
    try:
        written = bytes.fromhex(words[0])
    except ValueError:
        # TFO_COOKIE, which packetdrill's command line defines; others (TFO_COOKIE_ZERO) are of another key
        return cookie() if words[0] == "TFO_COOKIE" else bytes(8)
    return cookie() if written == PUBLIC_COOKIE else written


def _said(option: TcpOption) -> str:
    return " ".join((option.name, *option.words))


def without_padding(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Without the no-operations at the end: they fill the last word."""
    end = len(options)
    while end and isinstance(options[end - 1], NoOperation):
        end -= 1
    return options[:end]


def same(expected: list[Option], sent: tuple[Option, ...]) -> bool:
    """Whether the script's options are those that were sent.

    The order counts, and the padding between them; what fills up the end does not. Our own clock in a timestamp is not
    compared: a script cannot know it.
    """
    wanted, got = without_padding(tuple(expected)), without_padding(sent)
    if len(wanted) != len(got):
        return False
    for one, other in zip(wanted, got, strict=True):
        if isinstance(one, Timestamps) and isinstance(other, Timestamps):
            if one.echo != other.echo:
                return False
        elif one != other:
            return False
    return True


def words(options: tuple[Option, ...], sack: Number) -> str:
    """The options as a script writes them; `sack` turns numbers of the wire into the script's."""
    return ",".join(_words(option, sack) for option in options)


def _words(option: Option, sack: Number) -> str:
    match option:
        case NoOperation():
            return "nop"
        case MaximumSegmentSize(size):
            return f"mss {size}"
        case WindowScale(shift):
            return f"wscale {shift}"
        case SackPermitted():
            return "sackOK"
        case Sack(blocks):
            return "sack " + " ".join(f"{sack(left)}:{sack(right)}" for left, right in blocks)
        case Timestamps(value, echo):
            return f"TS val {value} ecr {echo}"
        case FastOpen(cookie):
            return f"FO {cookie.hex()}".strip()
        case OtherOption(kind, data):
            return f"md5 {data.hex()}" if kind == MD5 else f"kind {kind} {data.hex()}"
