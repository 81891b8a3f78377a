"""A story as a ladder: a line for each end, an arrow for each packet, states outside, calls and timers inside.

Two rows a packet: where it is sent and where it arrives; in between its arrow waits at its bend. A bend that stands in
a label's way moves towards the receiver; what still does not fit goes on the rows below. Widths are terminal cells.

Addresses that do not fit beside their lines stand below the ladder; a story of more ends than there is room for lines
has a row for each moment instead (`ladder_rows`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..lang import translate
from ..story import Arrow, Lifeline, Moment, Story
from .ladder_rows import rows_of
from .lines import Line, cut, width, wrap
from .telling import localized

NUMBER, STATE, NAME, GAP = 2, 12, 16, 12  # cells; a name takes at most so many, the space between two lines at least
LEAST = 80


@dataclass(slots=True)
class Row:
    """One row being painted: a cell each, the second cell of a wide character empty."""

    cells: list[str]
    styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.styles = [""] * len(self.cells)

    def put(self, at: int, text: str, style: str = "") -> None:
        """Paint over."""
        missing = at + width(text) - len(self.cells)
        if missing > 0:
            self.cells += [" "] * missing
            self.styles += [""] * missing
        for char in text:
            for offset in range(width(char)):
                self.cells[at + offset] = "" if offset else char
                self.styles[at + offset] = style
            at += width(char)

    def line(self) -> Line:
        """The row as (text, style) pieces."""
        made: Line = []
        for char, style in zip(self.cells, self.styles, strict=True):
            if made and made[-1][1] == style:
                made[-1] = (made[-1][0] + char, style)
            else:
                made.append((char, style))
        return made


@dataclass(slots=True)
class Flight:
    """An arrow under way: the column of its bend (None: there was no room), and details that wait for its arrival."""

    arrow: Arrow
    bend: int | None
    details: list[str]


class Ladder:
    """Paints one story."""

    def __init__(self, story: Story, columns: int, language: str = "en") -> None:
        """`columns`: cells of the terminal, at least 80."""
        self.story = story = localized(story, language)
        self.language = language
        self.columns = max(LEAST, columns)
        self.digits = 3 if all(moment.time % 10**6 == 0 for moment in story.moments) else 6
        self.stateful = bool(story.ends)
        clock = max([4, *(len(self.clock(moment.time)) for moment in story.moments)])
        number = max(NUMBER, len(str(max([0, *(arrow.number for arrow in story.arrows)]))))
        names = [one.name for one in story.lifelines]
        self.title = {name: cut(name, NAME) for name in names}
        names_wide = [width(title) for title in self.title.values()]
        room = max([STATE, *names_wide]) if self.stateful else names_wide[0]
        self.edge = max(number + 1 + clock, 9) if self.stateful else number + 1 + clock
        first = max(self.edge + 1 + room, 23 if self.stateful else 0) + 1
        last = self.columns - 2 - max(STATE + 1 if self.stateful else 0, names_wide[-1])
        gaps = len(names) - 1
        self.at = {name: first + (last - first) * index // gaps for index, name in enumerate(names)}
        self.gap = (last - first) // gaps
        self.number = number
        self.flying: dict[int, Flight] = {}
        self.before: Moment | None = None
        self.shown: dict[str, str] = {}  # every end's state, as last shown

    def clock(self, time: int) -> str:
        """Seconds."""
        return f"{time / 10**9:.{self.digits}f}"

    def word(self, fate: str) -> str:
        """What became of a packet, in the ladder's language."""
        return translate(fate, self.language)

    @property
    def narrow(self) -> bool:
        """Whether there is too little room between the lines: for a state, for a label, for what was lost."""
        arrows = self.story.arrows
        lost = max([0, *(width(self.word(arrow.fate)) + 3 for arrow in arrows if arrow.arrived_at is None)])
        label = max([0, *(width(arrow.label[0]) for arrow in arrows)])
        states = STATE + 3 if self.stateful and len(self.at) > 2 else 0
        return self.gap < max(GAP, states, label + 6 + lost)

    # Rows

    def blank(self, time: int | None = None, number: int | None = None) -> Row:
        """A row with its number and time, the lifelines, and the bends of what is under way."""
        row = Row([" "] * self.columns)
        if number is not None:
            row.put(self.number - len(str(number)), str(number), "dim")
        if time is not None:
            clock = self.clock(time)
            row.put(self.edge - len(clock), clock, "dim")
        for at in self.at.values():
            row.put(at, "│", "dim")
        for flight in self.flying.values():
            if flight.bend is not None:
                row.put(flight.bend, "│")
        return row

    def lines(self) -> Iterator[Line]:
        """The header, then the rows, then the addresses that had no place above."""
        if self.narrow:
            yield from rows_of(self.story, self.columns, self.clock, self.word)
            return
        yield from (row.line() for row in self.header())
        for moment in self.story.moments:
            yield from (row.line() for row in self.rows(moment))
        yield from self.legend()

    def rows(self, moment: Moment) -> list[Row]:
        """The rows of one moment; moments are to be given in order."""
        if moment.kind == "sent" and moment.arrow:
            rows = self.sent(moment, moment.arrow)
        elif moment.kind == "arrived" and moment.arrow:
            rows = self.arrived(moment, moment.arrow)
        else:
            rows = self.said(moment)
        self.before = moment
        self.shown |= moment.states
        return rows

    def header(self) -> list[Row]:
        """Names outside or above, addresses inside; the last one on a row of its own where they would touch."""
        lines = self.story.lifelines
        first, *middle, last = lines
        names = Row([" "] * self.columns)
        names.put(self.edge - 4, "time", "dim")
        names.put(self.at[first.name] - 1 - width(self.title[first.name]), self.title[first.name], "strong")
        for one in (*middle, last):
            names.put(self.at[one.name] + 2, self.title[one.name], "strong")
        apart = bool(middle) or width(first.address) + width(last.address) + 4 > self.gap
        fitting = [one for one in lines if self.fits(one)]
        rows = [names, *(Row([" "] * self.columns) for _ in range(2 if apart and fitting else 0))]
        for row in rows:
            for at in self.at.values():
                row.put(at, "│", "dim")
        for one in fitting:
            if one is last:
                rows[-1].put(self.at[last.name] - 1 - width(last.address), last.address)
            else:
                rows[min(1, len(rows) - 1)].put(self.at[one.name] + 2, one.address)
        return rows

    def fits(self, one: Lifeline) -> bool:
        """Whether an address has a place beside its line."""
        return width(one.address) + 3 <= self.gap

    def legend(self) -> Iterator[Line]:
        """The addresses without a place above, and the names that were cut."""
        for one in self.story.lifelines:
            if not self.fits(one) or self.title[one.name] != one.name:
                yield from ([(text, "")] for text in wrap(f"{one.name}  {one.address}".rstrip(), self.columns))

    def said(self, moment: Moment) -> list[Row]:
        """A call, a timer or an event at its end's line; or a state alone."""
        rows = [self.blank(moment.time)]
        if moment.text:
            left, right = self.room(moment.who)
            at = self.at[moment.who]
            texts = wrap(moment.text, right - left)
            rows += [self.blank() for _ in texts[1:]]
            for row, text in zip(rows, texts, strict=True):
                row.put(left if left > at else right - width(text), text, "note" if moment.kind == "timer" else "")
        if moment.text and self.between(moment.who) and moment.states:
            rows.append(self.blank())
        self.states(rows[-1] if self.between(moment.who) else rows[0], moment)
        return rows

    def between(self, who: str) -> bool:
        """Whether somebody's line is neither the first nor the last: words and states then share a place."""
        return self.at.get(who) not in (min(self.at.values()), max(self.at.values()), None)

    def room(self, who: str) -> tuple[int, int]:
        """From where to where somebody's words may stand: to the right of the line, of the last line to its left."""
        places = sorted(self.at.values())
        at = self.at[who]
        if at == places[-1]:
            return places[-2] + 2, at - 1
        return at + 2, places[places.index(at) + 1] - 1

    def states(self, row: Row, moment: Moment) -> None:
        """The states that changed, outside; those of ends in the middle right of their line."""
        places = sorted(self.at.values())
        for who, state in moment.states.items():
            at = self.at[who]
            if at == places[0]:
                row.put(at - 1 - width(state), state, "strong")
            elif at == places[-1]:
                row.put(at + 2, state, "strong")
            else:
                row.put(at + 2, state, "strong")

    def changed(self, rows: list[Row], moment: Moment, who: str, taken: bool) -> None:
        """The same for an arrow's rows: the first, or one more if the arrow has the place right of a middle line."""
        if taken and self.between(who) and moment.states:
            rows.append(self.blank())
            self.states(rows[-1], moment)
        else:
            self.states(rows[0], moment)

    # Arrows

    def ends(self, arrow: Arrow) -> tuple[int, int, int]:
        """Its first and last cell, and the direction."""
        start, end = self.at[arrow.sender], self.at[arrow.receiver]
        way = 1 if end > start else -1
        return start + way, end - way, way

    def sent(self, moment: Moment, arrow: Arrow) -> list[Row]:
        """The row where it is sent."""
        start, end, way = self.ends(arrow)
        row = self.blank(moment.time, arrow.number)
        lost = arrow.arrived_at is None
        if lost:
            rest = self.lost(row, start, end, way, arrow)
            self.fated(row, arrow)
            rows = [row, *self.below(rest, start, way, abs(end - start) - 3)]
            self.changed(rows, moment, arrow.sender, way > 0)
            return rows
        for words in range(len(arrow.label), 0, -1):  # what does not fit moves down
            label, down = worded(arrow.label[:words]), arrow.label[words:]
            bend = self.bend(start, end, way, width(label) + 4)
            if bend is not None:
                break
        self.line(row, start, bend if bend is not None else end - way, way)
        self.text(row, start, way, label)
        self.corner(row, bend, way, "╮╭") if bend is not None else row.put(end - way, "…")
        self.node(row, start - way, way)
        self.flying[id(arrow)] = Flight(arrow, bend, [*down, *arrow.details])
        rows = [row]
        self.changed(rows, moment, arrow.sender, way > 0)
        return rows

    def bend(self, start: int, end: int, way: int, taken: int) -> int | None:
        """A free column for the bend, the usual one first, then inward, then outward; None if there is none."""
        span = abs(end - start)
        usual = end - way * min(8, max(1, (span + 1) // 5)) if span >= 12 else end - way
        busy = {flight.bend for flight in self.flying.values()}
        inward = [usual - way * step for step in range(span)]
        outward = [usual + way * step for step in range(1, span)]
        for column in inward + outward:
            far = (column - start) * way
            if taken <= far <= span - 1 and column not in busy and column not in self.at.values():
                return column
        return None

    def line(self, row: Row, first: int, last: int, way: int) -> None:
        """A horizontal line; lines that it crosses stay to be seen."""
        for column in range(first, last + way, way):
            row.put(column, "┼" if row.cells[column] in "│┼" else "─")

    def text(self, row: Row, start: int, way: int, label: str) -> None:
        """A label on an arrow, at its sender."""
        text = f" {label} "
        row.put(start + 1 if way > 0 else start - width(text), text, "strong")

    def corner(self, row: Row, bend: int, way: int, pair: str) -> None:
        """A bend: the first of the pair for arrows to the right."""
        row.put(bend, pair[0] if way > 0 else pair[1])

    def node(self, row: Row, at: int, way: int) -> None:
        """Where an arrow begins."""
        row.put(at, "├" if way > 0 else "┤", "dim")

    def lost(self, row: Row, start: int, end: int, way: int, arrow: Arrow) -> str:
        """An arrow that does not arrive; returns what of its label did not fit. A size is said if there is room."""
        fate = self.word(arrow.fate)
        word = f"✗ {fate}" if way > 0 else f"{fate} ✗"
        room = abs(end - start) - width(word) - 5
        label = worded(arrow.label)
        if arrow.size and width(f"{label} len={arrow.size}") <= room:
            label = f"{label} len={arrow.size}"
        rest = ""
        while width(label) > room and " " in label:
            label, _, word_ = label.rpartition(" ")
            label, rest = label.rstrip(), f"{word_} {rest}".rstrip()
        least = start + way * (width(label) + 4)
        mark = end - way * (min(8, (abs(end - start) + 1) // 5) + width(word))
        mark = mark if (mark - least) * way >= 0 else least
        self.line(row, start, mark - way, way)
        self.text(row, start, way, label)
        row.put(mark if way > 0 else mark - width(word) + 1, word, "warn")
        self.node(row, start - way, way)
        return rest

    def below(self, words: str, start: int, way: int, room: int) -> list[Row]:
        """Rows for words that did not fit, none if there are none."""
        rows = []
        for text in wrap(words, room) if words else []:
            rows.append(self.blank())
            rows[-1].put(start + 2 if way > 0 else start - 1 - width(text), text)
        return rows

    def fated(self, row: Row, arrow: Arrow) -> None:
        """What was lost changes nothing at the other end: its state stands there, as it was."""
        places = sorted(self.at.values())
        at = self.at[arrow.receiver]
        state = self.shown.get(arrow.receiver, "")
        if state and at in (places[0], places[-1]) and self.stateful:
            row.put(at + 2 if at == places[-1] else at - 1 - width(state), state, "dim")

    def arrived(self, moment: Moment, arrow: Arrow) -> list[Row]:
        """The row where it arrives."""
        start, end, way = self.ends(arrow)
        flight = self.flying.pop(id(arrow), Flight(arrow, None, [self.word("copy"), *arrow.details]))
        before = self.before
        overtaken = before is None or before.kind != "sent" or before.arrow is not arrow
        row = self.blank(moment.time, arrow.number if overtaken else None)
        bend = flight.bend
        fate = "damaged" if arrow.fate == "corrupted" else arrow.fate
        words = flight.details + ([] if fate in ("arrived", "lost") else [self.word(fate)])
        begin = bend if bend is not None else end - way * 6
        self.line(row, begin, end, way)
        self.corner(row, begin, way, "╰╯") if bend is not None else row.put(begin, "…")
        row.put(end, ("▶" if way > 0 else "◀") if arrow.fate in ("arrived", "lost") else "✗")
        room = (begin - start) * way - 3
        rows, rest = [row], words
        while rest:
            fitting: list[str] = []
            while rest and width(" ".join([*fitting, rest[0]])) <= room:
                fitting.append(rest.pop(0))
            if not fitting:
                pieces = wrap(rest.pop(0), max(8, abs(end - start) - 4))
                fitting, rest = [pieces[0]], pieces[1:] + rest
                if rows[-1] is row:
                    rows.append(self.blank())
            text = " ".join(fitting)
            put_clear(rows[-1], start + 2 if way > 0 else start - 1 - width(text), text, way, room - width(text))
            if rest:
                rows.append(self.blank())
                room = abs(end - start) - 4
        self.changed(rows, moment, arrow.receiver, way < 0)
        return rows


def put_clear(row: Row, at: int, text: str, way: int, spare: int) -> None:
    """Put a text where it covers no line, moved by up to `spare` cells; where there is no such place, over the line."""
    for moved in range(spare + 1):
        first = at + way * moved
        if not set(row.cells[first - 1 : first + width(text) + 1]) & set("│┼╭╮╰╯├┤"):
            row.put(first, text)
            return
    row.put(at, text)


def worded(words: tuple[str, ...]) -> str:
    """`SYN,ACK  seq=521 ack=224`."""
    return "  ".join([words[0], " ".join(words[1:])]) if len(words) > 1 else words[0]


def ladder(story: Story, columns: int = 80, language: str = "en") -> Iterator[Line]:
    """The rows of a story's ladder, `columns` cells wide (80 at least)."""
    return Ladder(story, columns, language).lines()
