"""A story as a picture for slides and worksheets: time runs down, arrows slope, states stand outside."""

from __future__ import annotations

from ..lang import translate
from ..story import Arrow, Moment, Story
from .lines import width
from .svg import CELL, box, document, line, text
from .telling import closing, localized, title

ROW, TOP, SIDE, GAP = 26.0, 116.0, 200.0, 460.0


class Picture:
    """Lays one story out: a row for each moment, whatever time lies between (times are written, not drawn)."""

    def __init__(self, story: Story, language: str) -> None:
        """Places for the lifelines and for every moment."""
        self.story, self.language = localized(story, language), language
        longest = max((width(" ".join(self.said_of(one))) + 2 for one in story.arrows), default=0)
        gap = max(GAP, longest * CELL + 40) if len(story.lifelines) == 2 else 290.0
        self.x = {one.name: SIDE + index * gap for index, one in enumerate(story.lifelines)}
        self.width = SIDE * 2 + gap * (len(story.lifelines) - 1)
        self.y: dict[int, float] = {}
        y = TOP + ROW
        for moment in self.story.moments:
            self.y[id(moment)] = y
            y += ROW
        self.bottom = y
        self.lines: list[str] = []
        self.words: list[str] = []  # above all lines

    def draw(self) -> str:
        """The picture."""
        self.frame()
        arrivals = {id(one.arrow): one for one in self.story.moments if one.kind == "arrived"}
        for moment in self.story.moments:
            y = self.y[id(moment)]
            if moment.kind != "arrived" or moment.states:
                self.words.append(text(12, y + 4, f"{moment.time / 10**9:.3f}", "dim"))
            if moment.kind == "sent" and moment.arrow:
                self.arrow(moment.arrow, y, arrivals.get(id(moment.arrow)))
            elif moment.kind == "arrived" and moment.arrow and moment.arrow.copy:
                self.copy(moment.arrow, y)
            elif moment.text:
                self.said(moment, y)
            self.states(moment, y)
        y = self.bottom + ROW
        for words in closing(self.story, self.language, 100):
            self.words.append(text(self.width / 2, y, words, anchor="middle"))
            y += ROW
        return document(self.width, y, title(self.story, self.language), [*self.lines, *self.words])

    def frame(self) -> None:
        """Title, names, addresses, lifelines."""
        head, _, rest = title(self.story, self.language).partition("；" if self.language == "zh" else "; ")
        self.words += [
            text(self.width / 2, 24, head, "strong", "middle"),
            text(self.width / 2, 44, rest, "dim", "middle"),
        ]
        for one in self.story.lifelines:
            x = self.x[one.name]
            self.words += [text(x, 76, one.name, "strong", "middle"), text(x, 96, one.address, "dim", "middle")]
            self.lines.append(line(x, TOP - 10, x, self.bottom))

    def arrow(self, arrow: Arrow, y: float, arrival: Moment | None) -> None:
        """From where it was sent to where it arrives; what is lost ends on the way."""
        start, end = self.x[arrow.sender], self.x[arrow.receiver]
        words, fate = self.said_of(arrow)
        if arrival is None:
            stop = start + (end - start) * 0.8
            self.lines.append(line(start, y, stop, y + ROW * 0.4, "lost"))
        else:
            self.lines.append(line(start, y, end, self.y[id(arrival)], "lost" if fate else "arrow", head=True))
        self.label(start, end, y, words, fate)

    def said_of(self, arrow: Arrow) -> tuple[str, str]:
        """What stands above an arrow, and what became of it where it did not arrive."""
        fate = "" if arrow.fate == "arrived" else f"✗ {translate(arrow.fate, self.language)}"
        return f"{arrow.number}  {' '.join([*arrow.label, *arrow.details])}", fate

    def label(self, start: float, end: float, y: float, words: str, fate: str = "") -> None:
        """Words above the beginning of an arrow, and what became of it."""
        room, more = CELL * width(words), CELL * (width(fate) + 2) if fate else 0.0
        x = start + 14 if end > start else max(2.0, start - 14 - room - more)
        self.words += [box(x - 2, y - 18, room + more + 4, 15), text(x, y - 6, words)]
        if fate:
            self.words.append(text(x + room + 2 * CELL, y - 6, fate, "bad"))

    def copy(self, arrow: Arrow, y: float) -> None:
        """What the road made twice comes from the middle of it."""
        start, end = self.x[arrow.sender], self.x[arrow.receiver]
        self.lines.append(line((start + end) / 2, y - ROW / 2, end, y, "arrow", head=True))
        self.label((start + end) / 2, end, y, f"{arrow.number} {translate('copy', self.language)}")

    def said(self, moment: Moment, y: float) -> None:
        """A call, a timer, an event: inside, at its end's line."""
        last = moment.who == self.story.lifelines[-1].name
        room = CELL * width(moment.text)
        x = self.x[moment.who] + (-10 - room if last else 10)
        kind = "note" if moment.kind == "timer" else ""
        self.words += [box(x - 2, y - 8, room + 4, 16), text(x, y + 4, moment.text, kind)]

    def states(self, moment: Moment, y: float) -> None:
        """States outside the first and the last line, beside the others."""
        first, last = self.story.lifelines[0].name, self.story.lifelines[-1].name
        for who, state in moment.states.items():
            left = who == first and who != last
            x = self.x[who] + (-10 if left else 10)
            x += CELL * (width(moment.text) + 2) if who not in (first, last) and moment.text else 0
            self.words.append(text(x, y + 4, state, "strong", "end" if left else "start"))


def svg(story: Story, language: str = "en") -> str:
    """The picture of a story."""
    return Picture(story, language).draw()
