"""The road and the log: times, losses by name, faults, and what a ladder needs."""

from typing import Any

import pytest

from wire.machine import ProtocolError, Segment, State, settings
from wire.machine import segment as seg
from wire.machine.events import CallReturned, Happening, Retransmitted, TimerExpired, Why
from wire.machine.host import Host
from wire.machine.network import Arrived, Called, Departed, Happened, Lane, Network, Road

MS = 1_000_000
SECOND = 1_000_000_000
SERVER = ("10.0.0.2", 8080)


def talk(lane: Lane | None = None, size: int = 0, **changes: Any) -> Network:
    """A client (ISN 223) opens to a server (ISN 521) and sends `size` bytes; only the client's lane is `lane`."""
    road = Road(1)
    if lane is not None:
        road.lanes["client"] = lane
    network = Network(road=road)
    client = network.host("client", "10.0.0.1", settings(isn=223, **changes))
    server = network.host("server", "10.0.0.2", settings(isn=521, auto_read=True, **changes))

    def send(endpoint: object, event: Happening) -> None:
        if size and isinstance(event, CallReturned):
            client.connections[0].send(bytes(size), network.now)

    network.on("client", CallReturned, send)
    network.at(0, lambda: server.listen(8080), "server", "listen()")
    network.at(0, lambda: client.connect(SERVER, network.now, port=40000), "client", "connect()")
    network.run(60 * SECOND)
    return network


def rows(network: Network) -> list[str]:
    """The log as a ladder would show it."""
    lines = []
    for entry in network.log:
        time = f"{entry.time / SECOND:.3f} {entry.host}"
        if isinstance(entry, Departed):
            lines.append(f"{time} {entry.crossing.sender_state} sends {entry.crossing.segment}")
        elif isinstance(entry, Arrived):
            crossing = entry.crossing
            lines.append(f"{time} {crossing.receiver_before}->{crossing.receiver_after} gets {crossing.number}")
        elif isinstance(entry, Called):
            lines.append(f"{time} {entry.call}")
        elif isinstance(entry.event, CallReturned):
            lines.append(f"{time} {entry.event.call}() returns")
    return lines


def test_handshake_to_the_digit() -> None:
    assert rows(talk()) == [
        "0.000 server listen()",
        "0.000 client connect()",
        "0.000 client SYN-SENT sends SYN seq=223",
        "0.010 server LISTEN->SYN-RECEIVED gets 1",
        "0.010 server SYN-RECEIVED sends SYN,ACK seq=521 ack=224",
        "0.020 client SYN-SENT->ESTABLISHED gets 2",
        "0.020 client connect() returns",
        "0.020 client ESTABLISHED sends ACK seq=224 ack=522",
        "0.030 server SYN-RECEIVED->ESTABLISHED gets 3",
        "0.030 server accept() returns",
    ]


def test_a_named_segment_is_lost_and_sent_again_after_the_timeout() -> None:
    network = talk(Lane(lose={1}))
    crossings = [entry.crossing for entry in network.log if isinstance(entry, Departed)]
    assert [(c.number, c.fate, c.sent_at) for c in crossings[:2]] == [(1, "lost", 0), (2, "arrived", SECOND)]
    assert crossings[1].segment == crossings[0].segment
    assert crossings[1].why is Why.TIMEOUT
    expired = [e.event for e in network.log if isinstance(e, Happened) and isinstance(e.event, TimerExpired)]
    assert [(event.name, event.after) for event in expired] == [("RTO", SECOND)]


def test_lost_syn_ack_is_answered_once() -> None:
    """Client's SYN and server's timer meet at 1.010: the SYN comes first, and there is one SYN,ACK, not two."""
    road = Road()
    road.lanes["server"] = Lane(lose={1})
    network = Network(road=road)
    client, server = network.host("client", "10.0.0.1"), network.host("server", "10.0.0.2")
    server.listen(8080)
    client.connect(SERVER, 0)
    network.run()
    sent = [(e.time // MS, e.crossing.why) for e in network.log if isinstance(e, Departed) and e.host == "server"]
    assert sent == [(10, Why.OPEN_ANSWER), (1010, Why.SYN_AGAIN)]


def test_corruption_is_noticed_by_nobody_but_the_timer() -> None:
    network = talk(Lane(corrupt={3}), size=10)
    bad = [entry.crossing for entry in network.log if isinstance(entry, Arrived) and entry.crossing.fate == "corrupted"]
    assert len(bad) == 1
    assert bad[0].receiver_before is None
    assert any(isinstance(e, Happened) and isinstance(e.event, Retransmitted) for e in network.log)


def test_duplicates_are_copies_in_the_log() -> None:
    network = talk(Lane(double={1}))
    arrived = [entry.crossing for entry in network.log if isinstance(entry, Arrived) and entry.crossing.number == 1]
    assert [crossing.copy for crossing in arrived] == [False, True]


def test_a_named_segment_is_late_and_overtaken() -> None:
    network = talk(Lane(late={3: 5 * MS}), size=4380)
    numbers = [e.crossing.of_sender for e in network.log if isinstance(e, Arrived) and e.host == "server"]
    assert numbers[:5] == [1, 2, 4, 5, 3]


def test_rate_makes_segments_queue() -> None:
    network = talk(Lane(rate=1_000_000), size=2920, initial_window=4)
    times = [e.time for e in network.log if isinstance(e, Arrived) and e.host == "server" and e.crossing.segment.data]
    assert times[1] - times[0] == 1500 * 8 * 1000  # 1500 bytes at 1 Mbit/s: 12 ms


def test_path_mtu_is_found() -> None:
    network = talk(Lane(mtu=1000), size=3000)
    fates = [e.crossing.fate for e in network.log if isinstance(e, Departed) and e.crossing.segment.data]
    sizes = [len(e.crossing.segment.data) for e in network.log if isinstance(e, Arrived) and e.host == "server"]
    assert "too big" in fates
    assert max(sizes) == 960
    assert sum(sizes) == 3000


def test_a_marked_packet_is_echoed() -> None:
    network = talk(Lane(mark={3}), size=10, ecn="request")
    sent = [e.crossing.segment for e in network.log if isinstance(e, Departed) and e.host == "server"]
    echoes = [segment for segment in sent if segment.has(seg.ECE)]
    assert len(echoes) == 2  # the SYN,ACK agrees, the ACK echoes


def test_a_failed_call_is_logged_and_raised_unless_it_may_fail() -> None:
    network = Network()
    host = network.host("host", "10.0.0.1")
    host.listen(80)
    network.at(5, lambda: host.listen(80), "host", "listen()", may_fail=True)
    network.run()
    called = [entry for entry in network.log if isinstance(entry, Called)]
    assert [(entry.time, entry.call) for entry in called] == [(5, "listen()")]
    assert called[0].error.startswith("bind to port 80: address already in use")
    network.at(6, lambda: host.listen(80), "host", "listen()")
    with pytest.raises(ProtocolError):
        network.run()


def test_a_segment_from_the_past() -> None:
    network = Network()
    client: Host = network.host("client", "10.0.0.1", settings(isn=100))
    server = network.host("server", "10.0.0.2", settings(isn=(300, 400)))
    server.listen(8080)
    network.at(0, lambda: client.connect(SERVER, network.now, port=40000))
    network.inject(0, "10.0.0.1", "10.0.0.2", Segment(seq=90, flags=seg.SYN, source=40000, target=8080))
    network.run()
    assert [end.state for end in server.connections] == [State.ESTABLISHED]
    assert any("RST seq=91" in line for line in rows(network))
