"""Languages: a catalogue of translations for each, keyed by the English sentence, in gettext's .po form.

Adding a language is adding `wire/lang/<code>.po`; a test says which sentences it lacks.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


def languages() -> list[str]:
    """The codes of the languages there are: "en" and one for each catalogue."""
    return ["en", *sorted(path.stem for path in HERE.glob("*.po"))]


@cache
def catalogue(language: str) -> dict[str, str]:
    """All translations into a language, by English sentence. ValueError for a language without a catalogue."""
    if language == "en":
        return {}
    path = HERE / f"{language}.po"
    if language not in languages():
        raise ValueError(f"no language {language!r}: there are {', '.join(languages())}")
    return read(path.read_text(encoding="utf-8"))


def read(text: str) -> dict[str, str]:
    """The entries of a .po file: msgid and msgstr, each a string that may go on over several lines."""
    found: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    current = ""
    for line in [*text.splitlines(), 'msgid ""']:
        word, _, rest = line.partition(" ")
        if word in parts:
            if word == "msgid" and parts["msgid"] and parts["msgstr"]:
                found[parts["msgid"]] = parts["msgstr"]
            if word == "msgid":
                parts = {"msgid": "", "msgstr": ""}
            current, line = word, rest
        if line.startswith('"'):
            parts[current] += ast.literal_eval(line)
    return found


def translate(sentence: str, language: str) -> str:
    """The sentence in that language; in English where it has no translation."""
    return catalogue(language).get(sentence, sentence)
