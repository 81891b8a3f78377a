"""Stories and state machines as Mermaid, which many editors and forges draw."""

from __future__ import annotations

from ..lang import translate
from ..story import Graph, Story
from .telling import localized, title


def sequence(story: Story, language: str = "en") -> str:
    """A sequence diagram: arrows, states as notes over the ends, calls and timers as notes beside them."""
    heading = title(story, language)
    story = localized(story, language)
    names = {one.name: f"P{index}" for index, one in enumerate(story.lifelines)}
    lines = ["sequenceDiagram", f"    %% {heading}"]
    for one in story.lifelines:
        label = f"{one.name}<br/>{one.address}" if one.address else one.name
        lines.append(f"    participant {names[one.name]} as {label}")
    last = story.lifelines[-1].name
    for moment in story.moments:
        arrow = moment.arrow
        clock = f"{moment.time / 10**9:.3f} s"
        if moment.kind == "sent" and arrow:
            head = "-x" if arrow.fate != "arrived" else "->>"
            fate = f" ({translate(arrow.fate, language)})" if arrow.fate != "arrived" else ""
            text = f"{arrow.number}: {' '.join([*arrow.label, *arrow.details])}{fate}"
            lines.append(f"    {names[arrow.sender]}{head}{names[arrow.receiver]}: {plain(text)}")
        elif moment.text:
            side = "right" if moment.who == last else "left"
            lines.append(f"    Note {side} of {names[moment.who]}: {plain(f'{clock} {moment.text}')}")
        for who, state in moment.states.items():
            lines.append(f"    Note over {names[who]}: {state}")
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Text without what Mermaid takes for its own."""
    return text.translate({ord("#"): "#35;", ord(";"): "#59;", ord("\n"): " "})


def state_diagram(graph: Graph) -> str:
    """A state diagram; each arrow says the event, and what is sent."""
    ids = {name: name.replace("-", "_") for name in graph.places}
    lines = ["stateDiagram-v2", f"    %% {graph.title}"]
    lines += [f'    state "{name}" as {ids[name]}' for name in graph.places if name != ids[name]]
    lines.append(f"    [*] --> {ids[graph.start]}")
    lines += [f"    {ids[before]} --> {ids[after]}: {event} / {send}" for before, after, event, send in graph.edges]
    return "\n".join(lines) + "\n"
