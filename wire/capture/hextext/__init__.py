"""Packets out of pasted text: every common hex dump, source-code literal and encoding, read exactly or refused.

How it works:

1. `lines` takes off what terminals, mail, Markdown and web pages put round a text: colours, `> ` quoting, fences,
   indentation, line ends. Every line remembers where it stood, so that errors name the place in the text as given.
2. The family is recognised by evidence, the strictest first:

   - `wireshark`: Wireshark's export as C arrays;
   - `screen`: what `wire decode` prints, whole or in part;
   - `rowdumps`: rows that begin with an offset. `rows` finds them and gathers those of one packet, `layouts` is the
     table of all known formats (how offsets and items are written, the text column's rules), `block` reads any of
     them strictly, `explain` says why a row cannot be read, and `strays` guards the lines between; `facts`, `times`,
     `tcpdump` and `kernel` read what stands round the rows: times, directions, lengths, link layers;
   - `bare`: digits without offsets;
   - `strings`, `arrays` (with `values`): literals of programming languages, on the tokens of `source`;
   - `base64text`.

3. Every redundancy is used: offsets must advance by exactly the bytes of the row before, the text column must show the
   bytes, items must have their digits, rows their width, packets their declared length. `Dump.checked` names what
   vouched for the bytes. What contradicts itself is a HexError with line, column and reason; nothing is mended.
4. What the text leaves open (the byte order of words, the base of offsets or numbers, one packet or several) is put to
   the caller's judge, who says how well each reading decodes (`choose`). A tie is a HexError that names the readings,
   except where a tool nearly always means one of them: then that one is taken, and a remark says so.

A new row format is one more row in `layouts`. All work is linear in the length of the text.
"""

from collections.abc import Sequence
from dataclasses import replace

from .lines import Line, read_lines
from .model import Clock, Direction, Dump, HexError, Judge, Judgement
from .rowdumps import read_rows
from .screen import read_screens
from .strays import refuse_rows
from .wireshark import read_exported

__all__ = ["Clock", "Direction", "Dump", "HexError", "Judge", "Judgement", "read_hex"]

# These notice lost digits, but a changed one passes.
_WEAK = {"item width", "row width", "groups of four"}


def read_hex(text: str, judge: Judge | None = None) -> list[Dump]:
    """The packets in a pasted text, in order; at least one.

    `judge` says how well layers decode from bytes; it is asked where the text itself leaves several readings open, and
    its complaint becomes a remark where nothing in the text vouches for the values of the bytes. HexError if the text
    holds no packet, is damaged, or can be read in more than one way.
    """
    lines = read_lines(text)
    dumps = _read(lines, judge)
    if not dumps:
        raise HexError(_nothing(lines))
    return [_complained(dump, judge) for dump in dumps]


def _read(lines: Sequence[Line], judge: Judge | None) -> list[Dump] | None:
    found = read_exported(lines) or read_screens(lines, judge) or read_rows(lines, judge)
    if found:
        return found
    from .bare import read_bare, refuse_damage

    found = read_bare(lines, judge)
    if found:
        return found
    refuse_rows(lines)
    from .arrays import read_arrays  # the rest is imported where the text is none of the above: imports take time
    from .base64text import read_base64
    from .source import Source
    from .strings import read_strings

    source = Source(lines)
    found = read_strings(source) or read_arrays(source, judge) or read_base64(lines)
    if not found:
        for line in lines:
            refuse_damage(line)
    return found


def _complained(dump: Dump, judge: Judge | None) -> Dump:
    if judge is None or not _WEAK.issuperset(dump.checked):
        return dump
    complaint = judge(dump.data).complaint
    return replace(dump, remarks=(*dump.remarks, complaint)) if complaint else dump


def _nothing(lines: Sequence[Line]) -> str:
    first = next((line.text.strip() for line in lines if line.text.strip()), "")
    if not first:
        return "the text is empty"
    shown = first if len(first) <= 40 else first[:39] + "…"
    return ("no packet was found: looked for rows with offsets (tcpdump, tshark, xxd, hexdump, od, router and kernel "
            "dumps), hexadecimal digits, byte strings, lists of numbers and base64; the text begins with "
            f"{shown!r}")
