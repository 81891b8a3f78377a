"""The words for a field: its label, its value, and what is right or wrong with it.

Trees, screens and explanations all say it the same way; this is where they learn how.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..options import Options, show_value
from ..packet import Layer, Leaf, Note
from ..schema import Field, Part, evaluate, names_in
from .lines import quoted, safe

VERDICTS = {"right": "correct", "wrong": "wrong: should be {due}", "absent": "absent: the sender left it out",
            "offload": "left to offload: only the pseudo header is summed, should be {due}",
            "illegal": "zero: over this network layer it may not be left out",
            "unchecked": "not checkable: {why}"}  # fmt: skip

OSI = ("", "physical", "data link", "network", "transport", "session", "presentation", "application")


def value_text(leaf: Leaf, brief: bool = False) -> str:
    """The value as a tree has it; `brief` leaves out what is only said beside it."""
    field, value, beside = leaf.field, leaf.value, leaf.layer.values
    remark = leaf.layer.record.remarks.get(field.name)
    if remark and all(name in beside for name in names_in(remark[0])) and evaluate(remark[0], beside):
        return f"{field.show(value, beside)} ({remark[1]})"
    if isinstance(value, list):
        return safe(show_value(field, value)) if not isinstance(field.core, Options) else ""
    if isinstance(value, bytes) and not field.format.textual:
        return bytes_text(value)
    return safe(field.show(value, beside) if brief and field.format.textual else field.say(value, beside))


def bytes_text(value: bytes, most: int = 32) -> str:
    """Bytes as hex, cut where they are long."""
    return value.hex() if len(value) <= most else f"{value[:most].hex()}… ({len(value)} bytes)"


def payload_text(data: bytes, most: int = 4096) -> str | None:
    """Bytes as text in quotes, where they are text (UTF-8, but for a character cut at the end)."""
    text = decoded(data[: most + 4])
    return quoted(text) if text else None


def decoded(data: bytes) -> str | None:
    """Bytes as text, if they are text: UTF-8, no control characters but line ends and tabs."""
    for end in range(len(data), max(len(data) - 4, -1), -1):  # a last character may have been cut
        try:
            text = data[:end].decode()
        except UnicodeDecodeError:
            continue
        good = all(char.isprintable() or char in "\r\n\t" for char in text)
        return text if text and good else None
    return None


def part_lines(field: Field, value: int) -> Iterator[tuple[str, str]]:
    """(bit pattern, text) for each part of a field: `.... ..1.`, `Syn: Set`."""
    for part in field.parts:
        number = part.get(value)
        if part.owner.flags:
            text = f"{part.label}: {'Set' if number else 'Not set'}"
        else:
            text = f"{part.label}: {part.say(number)}"
        yield pattern(field.bits, field.bits - part.shift - part.bits, part.bits, number), text


def pattern(width: int, first: int, bits: int, value: int) -> str:
    """Wireshark's picture of some bits among others: `010. .... .... ....`."""
    picture = "." * first + f"{value:0{bits}b}" + "." * (width - first - bits)
    return " ".join(picture[at : at + 4] for at in range(0, width, 4))


def option_text(item: Layer) -> str:
    """An option in one line: `Maximum segment size: 1460 bytes`."""
    name = item.record.title
    if item.name in ("unknown", "malformed") and "kind" in item.values:
        kind = item.record.find("kind")
        assert isinstance(kind, Field)
        known = kind.name_of(item.values["kind"])
        name = f"{known} ({item.values['kind']})" if known else f"{name}, kind {item.values['kind']}"
    said = []
    body = [leaf for leaf in item.leaves() if leaf.field.name not in ("kind", "length")]
    for leaf in body:
        text = value_text(leaf)
        if text or len(body) > 1:
            said.append(f"{leaf.field.label} {text}" if len(body) > 1 else text)
    return f"{name}: {', '.join(said)}" if said else name


def remarks_of(layer: Layer, path: str, notes: list[Note], name: str) -> list[str]:
    """What stands in brackets behind a field: the verdict on a checksum, and the notes on it."""
    texts = []
    verdict = layer.verdicts.get(name)
    if verdict:
        field = layer.record.find(name)
        assert isinstance(field, Field)
        due = "" if verdict.due is None else field.format.show(verdict.due)
        texts.append(VERDICTS[verdict.kind].format(due=due, why=verdict.why))
    texts += [safe(note.text) if note.severity == "chat" else f"{note.severity}: {safe(note.text)}"
              for note in notes if note.field == path and not note.code.startswith("checksum.")]  # fmt: skip
    return texts


def severity_of(layer: Layer, path: str, notes: list[Note]) -> str:
    """The worst severity among the notes on a field, "" without one."""
    order = ("chat", "note", "warn", "error")
    found = [order.index(note.severity) for note in notes if note.field == path]
    return order[max(found)] if found else ""


def label_of(one: Field | Part) -> str:
    return one.label
