"""The states of both ends, told from packets alone: as `ss` showed them, and as the machine that made them had them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import wire
from wire.analysis.conversation import Telling
from wire.analysis.reading import Reading, read
from wire.lab import every
from wire.packet import Packet
from wire.story import Story

SAMPLES = Path(__file__).parents[2] / "samples"
SS = {"ESTAB": "ESTABLISHED", "SYN-RECV": "SYN-RECEIVED"}

# What one capture cannot show: (capture, frames so far, end): why
UNSEEN = {
    ("tcp-lost-8080.client.pcap", 16, "server"): "its FIN was lost before the client's capture",
    ("tcp-both-close-8080.client.pcap", 10, "server"): "its FIN was lost before the client's capture",
    ("tcp-both-close-8080.client.pcap", 11, "server"): "the same; and this FIN, repeated again, looks lost from here",
    (
        "tcp-both-close-8080.client.pcap",
        15,
        "server",
    ): "it was CLOSING, which the lost FIN alone showed; LAST-ACK ends it",
}


def read_sample(name: str) -> Reading:
    with wire.open(str(SAMPLES / name)) as source:
        return read(source)


def tell(reading: Reading) -> Story:
    return Telling(reading.events, "it", False, None).story()


def states_after(story: Story, frames: int) -> dict[str, str]:
    """Each end's state when so many frames have been captured."""
    shown: dict[str, str] = {}
    number = 0
    for moment in story.moments:
        number = moment.arrow.number if moment.arrow else number
        if number <= frames:
            shown |= moment.states
    return shown


def stages(name: str) -> list[tuple[int, list[set[str]]]]:
    """(frames so far, the states of each host that `ss` listed), stage by stage."""
    found = []
    for stage in (SAMPLES / name).read_text(encoding="utf-8").split("\n== ")[1:]:
        count = re.search(r"(\d+) frames captured", stage)
        tables = re.findall(r"^\w+# ss -tan\nState.*\n((?:[A-Z].*\n?)*)", stage, re.M)
        hosts = [{SS.get(state, state) for state in re.findall(r"^\S+", table, re.M)} for table in tables]
        if count and hosts:
            found.append((int(count[1]), hosts))
    return found


SCENES = {
    "tcp-hello-8080.pcap": "tcp-hello-8080",
    "tcp-lost-8080.client.pcap": "tcp-lost-8080",
    "tcp-both-close-8080.client.pcap": "tcp-both-close-8080",
    "tcp-refused-8080.pcap": "tcp-refused-8080",
    "server-first-9999.pcap": "server-first-9999",
    "tcp-hello-loopback.pcap": "tcp-hello-loopback",
}


@pytest.mark.parametrize("name", SCENES)
def test_the_states_that_ss_showed(name: str) -> None:
    story = tell(read_sample(name))
    compared, unseen = 0, set()
    for frames, hosts in stages(f"{SCENES[name]}.states.txt"):
        shown = states_after(story, frames)
        for index, end in enumerate(("client", "server")):
            listed = hosts[min(index, len(hosts) - 1)]
            compared += 1
            # no socket is CLOSED; a listening one stands beside its connections
            fits = shown[end] in listed or (shown[end] == "CLOSED" and len(hosts) == 2 and listed <= {"LISTEN"})
            fits = fits or (shown[end] == "CLOSED" and len(hosts) == 1 and len(listed) < 2)
            if not fits:
                unseen.add((name, frames, end))
    assert compared >= 2
    assert unseen == {key for key in UNSEEN if key[0] == name}


def test_what_the_server_saw_of_losses() -> None:
    """Its own states are told whole from its own capture."""
    lines = [moment.states["server"] for moment in tell(read_sample("tcp-lost-8080.server.pcap")).moments
             if "server" in moment.states]  # fmt: skip
    assert lines == ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"]
    both = tell(read_sample("tcp-both-close-8080.server.pcap"))
    states = [moment.states["server"] for moment in both.moments if "server" in moment.states]
    assert states == ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "CLOSING", "TIME-WAIT"]
    assert both.ends == {"client": "TIME-WAIT", "server": "TIME-WAIT"}


# Scenarios whose ends' states no capture at the client shows: why
HIDDEN = {
    "why-not-two": "the client aborts, which sends nothing",
    "port-in-time-wait": "2 MSL are over, which sends nothing",
    "keep-alive-dead": "the server is unplugged, and the client gives up: nothing is sent",
    "syn-backlog": "several connections", "syn-flood": "several connections", "fast-open": "several connections",
    "half-open": "the restarted side's crash sends nothing", "half-open-data": "a crash sends nothing",
    "reuse-address": "that it listens again is not on the road", "old-duplicate-syn": "several connections", "zero-window": "the last ACK", "lost-ack-silence": "",
}  # fmt: skip


def crafted(name: str, **keys: str) -> tuple[Story, Story]:
    """What the machine tells, and what its capture does."""
    story = wire.craft(name, keys)
    return story, tell(read(story.packets))


def courses(story: Story) -> dict[str, list[str]]:
    """Each end's states one after the other, from its first move on, without what sends nothing: listen(), 2 MSL."""
    found: dict[str, list[str]] = {}
    for _, who, state in story.states:
        found.setdefault(who, []).append(state)
    for course in found.values():
        if course[:2] == ["CLOSED", "LISTEN"]:
            del course[0]
        if course[-2:] == ["TIME-WAIT", "CLOSED"]:
            del course[-1]
    return found


@pytest.mark.parametrize("tap", ["client", "server"])
@pytest.mark.parametrize("name", [one.name for one in every() if one.name not in HIDDEN and "client" in one.programs])
def test_as_the_machine_had_them(name: str, tap: str) -> None:
    """Every state of both ends, in order, told from the capture at either of them."""
    made, told = crafted(name, tap=tap)
    assert courses(told) == courses(made)


def test_opening_from_both_sides() -> None:
    made, told = crafted("simultaneous-open", tap="A")
    assert sorted(courses(told).values()) == sorted(courses(made).values())
    assert "SYN-RECEIVED" in str(courses(told))


@pytest.mark.parametrize(
    "name", ["lost-syn", "lost-syn-ack", "lost-data", "lost-fin", "lost-last-ack", "lost-ack-silence"]
)
def test_losses(name: str) -> None:
    """What the road lost is drawn as lost, where the capture holds it and it was missed."""
    tap = "server" if name == "lost-syn-ack" else "client"
    made, told = crafted(name, tap=tap)
    lost = [arrow.label[0] for arrow in made.arrows if arrow.fate == "lost"]
    assert [arrow.label[0] for arrow in told.arrows if arrow.fate == "lost"] == lost != []


def cut(packets: list[Packet], first: int) -> Story:
    return tell(read(packets[first:]))


def test_unknown_where_the_beginning_was_not_captured() -> None:
    packets = wire.craft("session", {"client.isn": 100, "server.isn": 200}).packets
    story = cut(packets, 3)  # from the first data on
    assert states_after(story, 3) == {"A": "?", "B": "?"}
    assert [state for _, _, state in story.states if state == "FIN-WAIT-1"]
    assert story.ends == {"A": "TIME-WAIT", "B": "CLOSED"}
    assert "? is a state" not in str(story.closing)
    nothing = cut(packets, len(packets) - 1)
    assert set(nothing.ends.values()) == {"?"}
    assert any("?" in sentence.template for sentence in nothing.closing)


def test_only_steps_of_the_table() -> None:
    """No end goes from one known state to another that figure 5 does not lead to in a step or two."""
    from wire.machine.states import TRANSITIONS

    steps = {(before.value, after.value) for (before, _), (_, after) in TRANSITIONS.items()}
    twice = {(a, d) for a, b in steps for c, d in steps if b == c}
    for one in every():
        if one.name in HIDDEN:
            continue
        story = crafted(one.name)[1]
        for who in {end for _, end, _ in story.states}:
            states = [state for _, end, state in story.states if end == who and state != "?"]
            assert all(pair in steps | twice for pair in pairwise(states)), (one.name, who, states)
