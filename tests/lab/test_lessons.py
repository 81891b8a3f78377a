"""What each lesson must show: states, numbers, who says what; Part 1 of the cases, on real packets."""

from __future__ import annotations

from typing import Any

import pytest

from wire.lab import KeyProblem, Scenario, craft, every, play, scenario
from wire.lab.scenario import SCENARIOS
from wire.story import Story

A = {"A.isn": 100, "B.isn": 300}


def labels(story: Story) -> list[str]:
    """`client FIN,ACK seq=224 ack=522` for every packet."""
    return [f"{arrow.sender} {' '.join(arrow.label)}" for arrow in story.arrows]


def states(story: Story, who: str) -> list[str]:
    return [state for _, name, state in story.states if name == who]


@pytest.mark.parametrize("one", every(), ids=lambda one: one.name)
def test_every_scenario(one: Scenario) -> None:
    """Every packet of every scenario decodes, with every checksum right, at every tap; the same again is the same."""
    for tap in one.programs:
        story = craft(one.name, {"tap": tap})
        for packet in story.packets:
            serious = [note for note in packet.notes if note.severity == "error" or note.code == "checksum.wrong"]
            assert not serious, f"{packet.number}: {serious}"
        again = craft(one.name, {"tap": tap})
        assert [(p.raw, p.time, p.comment) for p in story.packets] == [
            (p.raw, p.time, p.comment) for p in again.packets
        ]
        assert [p.time for p in story.packets] == sorted(p.time or 0 for p in story.packets)


def test_figure_6_and_textbook_numbers() -> None:
    story = craft("handshake", {"client.isn": 223, "server.isn": 521})
    assert labels(story) == ["client SYN seq=223", "server SYN,ACK seq=521 ack=224", "client ACK seq=224 ack=522"]
    assert story.ends == {"client": "ESTABLISHED", "server": "ESTABLISHED"}


def test_figure_7_simultaneous_open() -> None:
    story = craft("simultaneous-open", A)
    assert labels(story) == ["A SYN seq=100", "B SYN seq=300", "B SYN,ACK seq=300 ack=101", "A SYN,ACK seq=100 ack=301"]
    for end in "AB":
        assert states(story, end) == ["CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]


def test_figure_8_old_duplicate_syn() -> None:
    assert labels(craft("old-duplicate-syn")) == [
        "A SYN seq=90", "A SYN seq=100", "B SYN,ACK seq=300 ack=91", "A RST seq=91",
        "B SYN,ACK seq=400 ack=101", "A ACK seq=101 ack=401",
    ]  # fmt: skip


def test_figure_9_half_open() -> None:
    story = craft("half-open")
    assert labels(story)[3:] == [
        "A SYN seq=400", "B ACK seq=300 ack=100", "A RST seq=100", "A SYN seq=400", "B SYN,ACK seq=700 ack=401",
        "A ACK seq=401 ack=701",
    ]  # fmt: skip
    assert (250_000_000, "B", "recv() fails: connection reset by peer") in story.calls


def test_figure_10_the_living_side_sends() -> None:
    assert labels(craft("half-open-data"))[3:] == ["B PSH,ACK seq=300 ack=100", "A RST seq=100"]


def test_figure_12_the_close_with_u_and_w() -> None:
    u, w = 1000, 2000
    story = craft("four-segment-close", {"client.isn": u - 1, "server.isn": w - 1})
    assert labels(story)[3:] == [
        f"client FIN,ACK seq={u} ack={w}", f"server ACK seq={w} ack={u + 1}", f"server FIN,ACK seq={w} ack={u + 1}",
        f"client ACK seq={u + 1} ack={w + 1}",
    ]  # fmt: skip
    assert states(story, "client")[3:] == ["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"]
    assert states(story, "server")[4:] == ["CLOSE-WAIT", "LAST-ACK", "CLOSED"]
    assert story.duration == 120_050_000_000, "2 MSL after the last FIN came"


def test_half_close_with_data() -> None:
    u, v = 1000, 2000
    story = craft("half-close", {"client.isn": u - 1, "server.isn": v - 1})
    w = v + sum(arrow.size for arrow in story.arrows)
    assert w > v and labels(story)[-2:] == [
        f"server FIN,ACK seq={w} ack={u + 1}",
        f"client ACK seq={u + 1} ack={w + 1}",
    ]
    assert all(arrow.sender == "server" for arrow in story.arrows if arrow.size)


def test_three_segment_close_and_fin_on_data() -> None:
    three = labels(craft("three-segment-close", {"client.isn": 0, "server.isn": 0}))[3:]
    assert three == ["client FIN,ACK seq=1 ack=1", "server FIN,ACK seq=1 ack=2", "client ACK seq=2 ack=2"]
    riding = craft("fin-on-data").arrows
    assert any("FIN" in arrow.label[0] and arrow.size for arrow in riding)


def test_figure_13_simultaneous_close() -> None:
    story = craft("simultaneous-close")
    for end in ("client", "server"):
        assert states(story, end)[-4:] == ["FIN-WAIT-1", "CLOSING", "TIME-WAIT", "CLOSED"]


@pytest.mark.parametrize(
    "name", ["lost-syn", "lost-syn-ack", "lost-ack-silence", "lost-data", "lost-fin", "lost-last-ack"]
)
def test_what_is_lost_is_sent_again(name: str) -> None:
    story = craft(name)
    assert [arrow.fate for arrow in story.arrows].count("lost") == 1
    assert any("sent again" in text for _, _, text in story.events)


def test_lost_last_ack_starts_2_msl_again() -> None:
    story = craft("lost-last-ack", {"msl": "1"})
    waits = [time for time, _, text in story.events if text.startswith("waits 2 MSL")]
    assert len(waits) == 2 and story.duration == waits[1] + 2_000_000_000


def test_fast_retransmit_waits_for_no_timer() -> None:
    story = craft("fast-retransmit")
    assert not any("RTO" in text for _, _, text in story.events)
    assert any("sack=" in word for arrow in story.arrows for word in arrow.details)


def test_the_application_is_told() -> None:
    told = {name: [text for _, _, text in craft(name).calls] for name in (
        "refused", "abort", "port-in-time-wait", "reuse-address", "reuse-too-late", "short-read", "small-writes",
        "keep-alive-dead", "process-exit-unread",
    )}  # fmt: skip
    assert "connect() fails: connection refused" in told["refused"]
    assert "recv() fails: connection reset by peer" in told["abort"]
    assert told["port-in-time-wait"][-2:] == ["listen() fails: address already in use", "listen()"]
    assert not any("fails" in text for text in told["reuse-address"])
    assert 'recvfrom(5) returns "first"; 9 bytes are lost' in told["short-read"]
    assert told["reuse-too-late"][-1] == "listen(5, SO_REUSEADDR) fails: address already in use"
    assert "recv() returns 13 bytes" in told["small-writes"] or 'recv() returns "one two three"' in told["small-writes"]
    assert "recv() fails: connection timed out" in told["keep-alive-dead"]
    assert "recv() fails: connection reset by peer" in told["process-exit-unread"]


def test_queues_of_a_listener() -> None:
    story = craft("syn-backlog")
    assert story.ends["server"] == "6 × ESTABLISHED", "listen(5) admits six"
    assert sum("accept queue full" in text for _, _, text in story.events) == 1
    assert sum("SYN queue full" in text for _, _, text in craft("syn-flood").events) == 2


def test_a_closed_window_is_probed_and_then_opened() -> None:
    """Zero window, probe, zero window again, update; only then data."""
    story = craft("zero-window")
    closed = [any("win=0" in word for word in arrow.details) for arrow in story.arrows]
    first = closed.index(True)
    probe, answer, update, data = story.arrows[first + 1 : first + 5]
    assert (probe.sender, probe.size) == ("client", 1) and "win=0" in answer.details
    assert (update.sender, update.details) == ("server", ("win=2920",)) and update.label[1:] == answer.label[1:]
    assert (data.sender, data.size, data.label[1]) == ("client", 1460, probe.label[1]), "the probe's byte goes again"


def test_only_a_connected_udp_socket_is_told_of_a_closed_port() -> None:
    story = craft("udp-closed-port")
    assert story.calls[-1][1:] == ("client", "recv() fails: connection refused")
    told = [time for time, _, text in story.events if "not told" in text]
    assert len(told) == 1 and told[0] < story.calls[1][0]
    assert sum("icmp" in packet for packet in story.packets) == 2


def test_a_listener_that_came_later_stays_in_sight() -> None:
    """An earlier connection's end of TIME-WAIT is not the new listener's."""
    assert craft("reuse-address").ends["server"] == "LISTEN"
    assert craft("reuse-too-late").ends["server"] == "CLOSED"


def test_why_not_two() -> None:
    story = craft("why-not-two", {"client.isn": 90, "server.isn": 300})
    assert labels(story) == ["client SYN seq=90", "server SYN,ACK seq=300 ack=91", "client RST seq=91"]
    assert states(story, "server")[-2:] == ["SYN-RECEIVED", "LISTEN"]


def test_a_router_changes_mac_and_ttl_and_no_address() -> None:
    for end, ttl in (("client", 64), ("server", 63)):
        sent = [p for p in craft("encapsulation", {"tap": end}).packets if p.tcp.dstport == 8080]
        assert {(p.ip.src, p.ip.dst, p.ip.ttl) for p in sent} == {("172.16.10.1", "10.0.0.2", ttl)}
        assert len({(p.eth.src, p.eth.dst) for p in sent}) == 1


def test_who_is_on_the_same_network_comes_from_the_mask() -> None:
    wide = craft("handshake", {"server.ip": "10.0.9.2/16", "client.mask": 16})
    apart = craft("handshake", {"server.ip": "10.0.9.2"})
    assert wide.packets[0].eth.dst == "02:00:00:00:00:02"
    assert apart.packets[0].eth.dst == "02:00:00:00:00:fe"


def test_fragments_fit_and_path_mtu_is_found() -> None:
    pieces = craft("fragments", {"tap": "server"}).packets
    assert [(p.ip.frag_offset, p.ip.flags_mf) for p in pieces] == [(0, 1), (72, 1), (144, 0)]
    assert all(p.ip.len <= 600 for p in pieces)
    story = craft("path-mtu")
    assert [p.icmp.mtu for p in story.packets if "icmp" in p] == [1000]
    assert max(arrow.size for arrow in story.arrows if arrow.fate == "arrived") == 960


@pytest.mark.parametrize(("keys", "fates"), [
    ({}, ["arrived", "lost", "lost", "lost"]), ({"client.fragment": 1}, ["arrived", "lost", "arrived", "arrived"]),
    ({"client.fragment": "2,3"}, ["arrived", "arrived", "lost", "lost"]),
])  # fmt: skip
def test_lost_fragments(keys: dict[str, Any], fates: list[str]) -> None:
    """Of a lost packet all fragments are lost, or those that are named; either way nobody reads it."""
    story = craft("fragments", {"client.lose": 1, **keys})
    assert [arrow.fate for arrow in story.arrows] == fates
    assert not any("recvfrom" in text for _, _, text in story.calls)
    taken = craft("fragments", {"client.lose": 1, "tap": "server", **keys}).packets
    assert len(taken) == fates.count("arrived") - 1


def test_a_packet_that_is_not_cut_is_lost_whole() -> None:
    story = craft("lost-data", {"client.fragment": 7})
    assert [arrow.fate for arrow in story.arrows].count("lost") == 1


def test_arp_only_where_asked() -> None:
    assert not any("arp" in p for p in craft("handshake").packets)
    asked = craft("handshake", {"arp": "on"})
    assert ["arp" in p for p in asked.packets] == [True, True, False, False, False]
    assert asked.ends == {"client": "ESTABLISHED", "server": "ESTABLISHED"}
    assert sum("arp" in p for p in craft("arp").packets) == 2, "the second datagram needs no question"


def test_a_switch_learns() -> None:
    texts = [text for _, who, text in craft("switch").events if who == "switch"]
    assert texts[0].endswith("floods to B, C") and "forwards to A" in texts[1] and texts[2] == "forwards to C"
    assert [p.eth.dst for p in craft("switch", {"tap": "B"}).packets if "udp" in p] == [
        "ff:ff:ff:ff:ff:ff",
        "01:00:5e:01:02:03",
    ]


def test_nobody_answers_a_broadcast_to_a_closed_port() -> None:
    assert not any("icmp" in p for tap in "ABC" for p in craft("broadcast", {"tap": tap}).packets)


def test_chance_follows_from_the_seed() -> None:
    keys = {"loss": "30%", "data": "*20000", "iw": 4}
    runs = [craft("large-write", keys, seed) for seed in (1, 1, 2)]
    raws = [[p.raw for p in story.packets] for story in runs]
    assert raws[0] == raws[1] != raws[2]
    assert all("lost" in {arrow.fate for arrow in story.arrows} for story in runs)


def test_damage_is_seen_by_the_receiver_alone() -> None:
    def wrong(tap: str) -> int:
        packets = craft("session", {"client.corrupt": 3, "tap": tap}).packets
        return sum(any(note.code == "checksum.wrong" for note in packet.notes) for packet in packets)

    assert (wrong("client"), wrong("server")) == (0, 1)


@pytest.mark.parametrize(("keys", "text"), [
    ({"clinet.isn": 1}, "did you mean 'client.isn'"), ({"client.isn": "x"}, "client.isn=x: is no number"),
    ({"server.ttl": 300}, "from 1 to 255"), ({"delay": "soon"}, "is no time"),
    ({"tap": "nobody"}, "must be one of client, server"),
    ({"client.tap": "client"}, "no key"), ({"mac": "zz"}, "no MAC address"),
    ({"loss": 2}, "from 0 to 1"), ({"isn": -1}, "from 0 to"), ({"client.ip": "2001:db8::1"}, "speak IPv4"),
])  # fmt: skip
def test_wrong_keys_are_named(keys: dict[str, Any], text: str) -> None:
    with pytest.raises(KeyProblem, match=text):
        craft("handshake", keys)


def test_data_forms(tmp_path: Any) -> None:
    (tmp_path / "said").write_bytes(b"\x00from a file")
    for form, data in (
        ("text", b"text"),
        ("hex:00ff", b"\x00\xff"),
        (f"@{tmp_path / 'said'}", b"\x00from a file"),
        (b"\x01", b"\x01"),
    ):
        packets = craft("session", {"data": form}).packets
        assert data in [p.payload for p in packets if p.tcp.dstport == 8080]


def test_any_number_of_writes_each_way() -> None:
    keys = {"data": ["one", "hex:0203", "*3000"], "reply": ["yes", "no"], "nagle": "off"}
    story = craft("session", keys)
    sent = [text for _, who, text in story.calls if text.startswith("send") and who == "client"]
    assert sent == ['send("one")', "send(2 bytes)", "send(3000 bytes)"]
    assert sum(arrow.size for arrow in story.arrows) == 3005 + 5
    assert story.ends == {"client": "CLOSED", "server": "CLOSED"}


def test_a_new_scenario_takes_a_few_lines() -> None:
    mine = scenario("mine", "Two questions", "client.lose=4", data={"ask": "ping", "answer": "pong"},
                    client="connect; send $ask; recv; send $ask; recv; close",
                    server="listen; accept; recv; send $answer; recv; send $answer; eof; close")  # fmt: skip
    try:
        story = play(mine, {"client.isn": 1})
        assert craft("mine", {"client.isn": 1}).packets == story.packets
        assert story.ends == {"client": "CLOSED", "server": "CLOSED"}
        assert [arrow.size for arrow in story.arrows if arrow.size].count(4) >= 4
    finally:
        del SCENARIOS["mine"]
