"""A story in words: its title, how it ended, and why each step was as it was, in English or another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..lang import translate
from ..story import Arrow, Phrase, Sentence, Story
from .lines import Line, width

NAMED = ("client", "server", "router", "switch")
WIDE, RFC_COLUMN, WRAP = 80, 60, 78
CLOSING = "，。；：、！？）」"  # never at the beginning of a line


def filled(sentence: Sentence, language: str = "en") -> str:
    """A sentence with its values, in that language."""
    values = {
        name: named(value, language) if name in ("who", "peer") else value for name, value in sentence.values.items()
    }
    for name in ("who", "peer"):
        if name in values:
            values[name.capitalize()] = values[name][:1].upper() + values[name][1:]
    if "title" in values:
        values["title"] = spoken(values["title"], language)
    return translate(sentence.template, language).format_map(values)


def spoken(words: str, language: str) -> str:
    """Words of a ladder in that language; what is no phrase and has no translation, as a call's name, as it is."""
    if not isinstance(words, Phrase):
        return translate(words, language)
    values = {name: spoken(value, language) if isinstance(value, Phrase) else value
              for name, value in words.values.items()}  # fmt: skip
    return translate(words.template, language).format_map(values)


def localized(story: Story, language: str) -> Story:
    """The same story with its labels, calls and events in that language; states, flags and numbers stay."""
    if language == "en":
        return story
    arrows: dict[int, Arrow] = {}
    moments = []
    for moment in story.moments:
        arrow = moment.arrow
        if arrow and id(arrow) not in arrows:
            label, details = (tuple(spoken(word, language) for word in words) for words in (arrow.label, arrow.details))
            arrows[id(arrow)] = replace(arrow, label=label, details=details)
        moments.append(replace(moment, text=spoken(moment.text, language), arrow=arrow and arrows[id(arrow)]))
    return replace(story, moments=moments)


def named(name: object, language: str) -> str:
    """`the client`, `客户端`; an end called A is A."""
    return translate(f"the {name}", language) if name in NAMED else str(name)


def title(story: Story, language: str = "en") -> str:
    """The first line of a ladder."""
    return filled(story.remark, language) if story.remark else translate(story.title, language)


def closing(story: Story, language: str = "en", columns: int = WRAP) -> list[str]:
    """The last lines: what happened all in all; then what is to be learned."""
    facts = [filled(one, language) for one in story.closing if one.values]
    morals = [filled(one, language) for one in story.closing if not one.values]
    gap = " " if language == "en" else ""
    return [line for text in (gap.join(facts), *morals) for line in broken(text, columns)]


def reasons(story: Story, language: str = "en") -> Iterator[Line]:
    """A numbered paragraph for each step that has a reason; the RFC's sections stand at the right."""
    told: set[int] = set()
    for arrow in story.arrows:
        if arrow.why is None or arrow.number in told:
            continue
        told.add(arrow.number)
        yield from reason(arrow.number, arrow.why, language)


def reason(number: int, why: Sentence, language: str = "en") -> Iterator[Line]:
    """One step's paragraph."""
    head = f"{number:<3}" if number < 100 else f"{number} "
    rows = [row for part in filled(why, language).split("\n") for row in broken(part, WRAP - len(head))]
    for index, row in enumerate(rows):
        begin = head if index == 0 else " " * len(head)
        line: Line = [(begin, "dim"), (row, "")]
        if index == len(rows) - 1 and why.rfc:
            used = len(begin) + width(row)
            column = min(RFC_COLUMN, WIDE - len(why.rfc))
            if used + 2 > column:
                yield line
                line, used = [], 0
            line.append((" " * (column - used) + why.rfc, "dim"))
        yield line


def broken(text: str, cells: int) -> list[str]:
    """Text in lines of at most so many cells: broken at spaces, and between Chinese characters."""
    pieces = re.findall(r"\s+|[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+", text)
    lines = [""]
    for piece in pieces:
        if width(lines[-1].rstrip() if piece.isspace() else lines[-1]) + width(piece) > cells and piece not in CLOSING:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        if lines[-1] or not piece.isspace():
            lines[-1] += piece
    return [line.rstrip() for line in lines]
