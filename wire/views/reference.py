"""A protocol's reference, from its table: a page of Markdown, and the pages of all protocols for the documentation.

`python -m wire.views.reference docs/reference` writes them.  The listings for the terminal are in listing.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from .. import protocols
from ..packet import Draft
from ..schema import Protocol
from .describe import OSI
from .diagram import diagram
from .facts import (
    Option,
    Place,
    Row,
    carried,
    carriers,
    checks,
    example,
    fields,
    is_real,
    number_text,
    options,
    others,
)
from .listing import index, numbers, table

__all__ = ["index", "page", "pages", "table", "write"]

GENERATED = "<!-- Generated from the protocols' tables: python -m wire.views.reference docs/reference -->"
INTRODUCTION = (
    "One page each, generated from its table: its place in the stack, its header, its fields, its options, what is "
    "noted, and how to build one."
)
HEX_ROW = 64


def page(protocol: Protocol) -> str:
    """The reference page of one protocol, in Markdown."""
    parts = [f"# {protocol.title} (`{protocol.name}`)", GENERATED, *sits(protocol)]
    parts += ["## Header", fenced(diagram(protocol))]
    rows = list(fields(protocol))
    if rows:
        head = ("field", "label", "bits", "type", "when building", "meaning")
        parts += ["## Fields", rows_of(head, map(cells, rows))]
    found = options(protocol)
    if found:
        named = ("kind", "name", "option", "bytes", "fields and their bits", "source")
        parts += ["## Options", rows_of(named, map(option_cells, found)), others(protocol)]
    rules = list(checks(protocol))
    if rules:
        parts += ["## What is noted", rows_of(("note", "severity", "source"), rules)]
    if is_real(protocol):
        parts += built(protocol)
    return "\n\n".join(parts) + "\n"


def sits(protocol: Protocol) -> Iterator[str]:
    """Its layer, its source, its numbers, and what it carries."""
    layer = "It has no number of its own"
    if is_real(protocol):
        layer = f"{OSI[protocol.osi].capitalize()} layer, OSI {protocol.osi}"
    yield "; ".join(filter(None, [layer, protocol.rfc])) + "."
    places = carriers(protocol) if is_real(protocol) else []
    lines = [f"* Carried by {numbers(place, '`')}{carriers_of(place)}" for place in places]
    for place in carried(protocol):
        said = " or ".join(name if " " in name else f"`{name}`" for name in place.having)
        who = ", ".join(f"{link(name)} {number_text(place.registry, number)}" for number, name in sorted_numbers(place))
        lines.append(f"* Carries, by `{place.registry}` ({said}): {who or 'nobody here yet'}")
    if lines:
        yield "\n".join(lines)


def carriers_of(place: Place) -> str:
    return f" in {', '.join(map(link, place.having))}" if place.having else ", as the outermost layer"


def sorted_numbers(place: Place) -> list[tuple[int | None, str]]:
    return sorted(place.who.items(), key=lambda item: (item[0] is None, item[0] or 0))


def link(name: str) -> str:
    return f"[{name}]({name}.md)"


def cells(row: Row) -> tuple[str, ...]:
    name = "&nbsp;&nbsp;" * row.depth + f"`{row.path}`"
    meaning = f"{row.meaning} {row.rfc}".strip()
    return name, row.label, row.bits, row.kind, row.default, meaning


def option_cells(one: Option) -> tuple[str, ...]:
    has = ", ".join(f"{label} `{path}` {bits}" for path, label, bits in one.fields)
    return str(one.kind), f"`{one.name}`", one.title, one.length, has, one.rfc


def rows_of(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in (" | ".join(head), " | ".join("---" for _ in head), *lines))


def fenced(lines: Iterable[str], language: str = "text") -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def built(protocol: Protocol) -> Iterator[str]:
    """How to build one, and the bytes that come of it."""
    stack = example(protocol)
    whole = bytes(stack).hex()
    yield "## Building one"
    yield "What is left out is worked out or has its default; the addresses are those kept for documentation."
    yield fenced(["import wire", "", f"stack = {' / '.join(map(called, stack))}", "bytes(stack).hex()"], "python")
    yield fenced([f"wire build '{' / '.join(map(spoken, stack))}'"], "sh")
    yield fenced([whole[at : at + HEX_ROW] for at in range(0, len(whole), HEX_ROW)] or ["(no bytes)"])


def called(draft: Draft) -> str:
    """A draft as Python writes it: `wire.ip(src="192.0.2.1")`."""
    record = draft.record
    given = ", ".join(f'{name}="{text}"' for name, text in shown(draft))
    return f"wire.{record.name.replace('.', '_')}({given})"


def spoken(draft: Draft) -> str:
    """A draft as the command line takes it: `ip src=192.0.2.1`."""
    return " ".join([draft.record.name, *(f"{name}={text}" for name, text in shown(draft))])


def shown(draft: Draft) -> Iterator[tuple[str, str]]:
    for one in draft.record.fields:
        if one.name in draft.values:
            yield one.name, one.format.show(draft.values[one.name])


# -- the documentation ----------------------------------------------------------------


def own() -> list[Protocol]:
    """The protocols of this package, without those of plugins, in order of layer and name."""
    modules = [import_module(f"{protocols.__name__}.{module.name}") for module in iter_modules(protocols.__path__)]
    found = {id(one): one for module in modules for one in vars(module).values() if isinstance(one, Protocol)}
    return sorted(found.values(), key=lambda one: (one.osi, one.name))


def pages() -> dict[str, str]:
    """Every page by its file name, the list of all of them first."""
    head = "\n\n".join(["# Protocols", GENERATED, INTRODUCTION])
    rows = []
    for one in own():
        by = "; ".join(numbers(place, "`") for place in carriers(one)) if is_real(one) else ""
        rows.append((link(one.name), one.title, str(one.osi) if is_real(one) else "", by, one.rfc))
    first = f"{head}\n\n{rows_of(('name', 'what it is', 'OSI', 'carried by', 'source'), rows)}\n"
    return {"README.md": first} | {f"{one.name}.md": page(one) for one in own()}


def write(folder: Path) -> list[Path]:
    """Writes every page into a folder, and removes the pages of protocols that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = pages()
    for old in folder.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m wire.views.reference FOLDER")
    print(f"{len(write(Path(sys.argv[1])))} pages in {sys.argv[1]}")
