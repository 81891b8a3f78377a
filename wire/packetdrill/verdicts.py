"""What a call returned against what the script says, and reasons in words."""

from __future__ import annotations

from ..machine import Why
from .calls import Answer
from .syntax import Array, Call, Ellipsis_, Struct
from .values import number


def answer_difference(call: Call, answer: Answer) -> str:
    """What differs first between a call's answer and the script's; "" if nothing."""
    if call.result is None or isinstance(call.result, Ellipsis_):
        return ""
    wanted = number(call.result)
    if wanted is not None and wanted != answer.value:
        return f"it returned {answer}"
    if call.error and call.error != answer.error:
        return f"it returned {answer}"
    if call.name == "poll" and isinstance(call.arguments[0], Array):
        return _poll(call.arguments[0], answer)
    for place, value in answer.wrote.items():
        argument = call.arguments[place] if place < len(call.arguments) else None
        if isinstance(argument, Array) and len(argument.items) == 1:
            argument = argument.items[0]
        told = number(argument)
        if told is not None and told != value:
            return f"it told {value}" + (f" ({answer.note})" if answer.note else "")
    return ""


def _poll(entries: Array, answer: Answer) -> str:
    for place, entry in enumerate(entries.items):
        wanted = number(entry.get("revents")) if isinstance(entry, Struct) else None
        if wanted is not None and wanted != answer.wrote.get(place, 0):
            return f"revents is {answer.wrote.get(place, 0):#x}, expected {wanted:#x}"
    return ""


def reason_of(why: Why | None) -> str:
    """The reason and where it stands."""
    return f"{why.text} ({why.rfc})" if why is not None else ""


def seconds(time: int) -> str:
    """Nanoseconds as seconds: 0.1 s."""
    return f"{time / 1_000_000_000:.6f}".rstrip("0").rstrip(".") + " s"
