"""Ports, the two queues of a listener, TIME-WAIT and SO_REUSEADDR, closed ports, crashes: hosts on a road of 10 ms."""

import pytest

from wire.machine import Endpoint, Segment, State, settings
from wire.machine import segment as seg
from wire.machine.events import Dropped, EndOfStream, Refused, Reset, StateChange, Why
from wire.machine.host import AddressInUse, Host
from wire.machine.network import Happened, Network

MS = 1_000_000
SECOND = 1_000_000_000
SERVER = ("10.0.0.2", 80)


def two() -> tuple[Network, Host, Host]:
    network = Network()
    return network, network.host("client", "10.0.0.1"), network.host("server", "10.0.0.2")


def dropped(network: Network, why: Why) -> int:
    entries = (entry.event for entry in network.log if isinstance(entry, Happened))
    return sum(isinstance(event, Dropped) and event.why is why for event in entries)


def connected(network: Network, client: Host, server: Host, *, port: int = 40000) -> tuple[Endpoint, Endpoint]:
    ours = client.connect(SERVER, network.now, port=port)
    network.run(network.now + 100 * MS)
    theirs = server.accept(80)
    assert theirs is not None
    return ours, theirs


def test_listen_5_admits_six() -> None:
    network, client, server = two()
    server.listen(80, backlog=5)
    ends = []
    for _ in range(8):
        ends.append(client.connect(SERVER, network.now))
        network.run(network.now + 100 * MS)
    assert [end.state for end in ends] == [State.ESTABLISHED] * 6 + [State.SYN_SENT] * 2
    assert len(server.listeners[80].ready) == 6
    assert dropped(network, Why.DROP_ACCEPT_QUEUE) == 2
    assert server.accept(80) is not None
    network.run(network.now + 5 * SECOND)  # the SYNs come again, and one finds room
    assert [end.state for end in ends].count(State.ESTABLISHED) == 7


def test_a_full_accept_queue_leaves_the_client_believing() -> None:
    """Both SYNs are let in, but only one of the third segments finds room: that client believes alone."""
    network, client, server = two()
    server.listen(80, backlog=0, syn_backlog=5)
    first, second = client.connect(SERVER, 0), client.connect(SERVER, 0)
    network.run(100 * MS)
    assert (first.state, second.state) == (State.ESTABLISHED, State.ESTABLISHED)
    assert [end.state for end in server.connections] == [State.ESTABLISHED, State.SYN_RECEIVED]
    assert dropped(network, Why.DROP_ACCEPT_QUEUE) == 1
    server.accept(80)
    network.run(3 * SECOND)  # SYN,ACK again, ACK again: now there is room
    assert [end.state for end in server.connections] == [State.ESTABLISHED, State.ESTABLISHED]


def test_half_open_connections_fill_the_syn_queue() -> None:
    network, client, server = two()
    server.listen(80, backlog=2)
    for number in range(4):  # from addresses where nobody is
        network.inject(0, f"203.0.113.{number}", "10.0.0.2", Segment(flags=seg.SYN, source=1000, target=80))
    network.run(10 * MS)
    assert len(server.listeners[80].half_open) == 2
    honest = client.connect(SERVER, network.now)
    network.run(500 * MS)
    assert honest.state is State.SYN_SENT
    assert dropped(network, Why.DROP_SYN_QUEUE) == 3


def close_both(network: Network, first: Endpoint, second: Endpoint) -> None:
    first.close(network.now)
    network.run(network.now + 100 * MS)
    second.close(network.now)
    network.run(network.now + 100 * MS)


@pytest.mark.parametrize(
    ("earlier", "later", "works"),
    [(False, False, False), (False, True, False), (True, False, False), (True, True, True)],
)
def test_so_reuseaddr_counts_only_if_both_set_it(earlier: bool, later: bool, works: bool) -> None:
    """The server closed first, so its port is in TIME-WAIT; it restarts."""
    network, client, server = two()
    server.listen(80, reuse=earlier)
    ours, theirs = connected(network, client, server)
    close_both(network, theirs, ours)
    server.close_listener(80, network.now)
    assert [end.state for end in server.connections] == [State.TIME_WAIT]
    if works:
        server.listen(80, reuse=later)
    else:
        with pytest.raises(AddressInUse, match=r"bind to port 80: address already in use \(TIME-WAIT"):
            server.listen(80, reuse=later)
    network.run(network.now + 121 * SECOND)
    assert not server.connections
    if not works:
        server.listen(80, reuse=later)


def test_two_listeners_never_share_a_port() -> None:
    _, _, server = two()
    server.listen(80, reuse=True)
    with pytest.raises(AddressInUse, match="a socket is bound"):
        server.listen(80, reuse=True)


def test_a_client_port_in_time_wait_cannot_reach_the_same_server_again() -> None:
    network, client, server = two()
    server.listen(80)
    ours, theirs = connected(network, client, server)
    close_both(network, ours, theirs)
    assert ours.state is State.TIME_WAIT
    with pytest.raises(AddressInUse, match="TIME-WAIT with the same peer"):
        client.connect(SERVER, network.now, port=40000)
    assert client.connect(SERVER, network.now).local[1] == 49152


@pytest.mark.parametrize(("isn", "reopened"), [(1 << 20, True), (5, False)])
def test_a_higher_syn_opens_a_new_incarnation(isn: int, reopened: bool) -> None:
    """The server is in TIME-WAIT when the same client port asks again: a higher number gets in, a lower one an ACK."""
    network, client, server = two()
    server.listen(80)
    ours = client.connect(SERVER, 0, port=40000, isn=1000)
    network.run(100 * MS)
    theirs = server.accept(80)
    assert theirs is not None
    close_both(network, theirs, ours)
    assert (ours.state, theirs.state) == (State.CLOSED, State.TIME_WAIT)
    again = client.connect(SERVER, network.now, port=40000, isn=isn)
    network.run(network.now + 21 * MS)
    changes = [e.event.why for e in network.log if isinstance(e, Happened) and isinstance(e.event, StateChange)]
    assert (Why.NEW_INCARNATION in changes) == reopened
    assert again.state is (State.ESTABLISHED if reopened else State.SYN_SENT)
    network.run(network.now + 5 * SECOND)  # otherwise ACK, RST, SYN again
    assert again.state is State.ESTABLISHED


def test_a_closed_port_refuses() -> None:
    network, client, _ = two()
    end = client.connect(SERVER, 0)
    network.run()
    assert end.state is State.CLOSED
    assert any(isinstance(entry, Happened) and isinstance(entry.event, Refused) for entry in network.log)
    assert network.now == 20 * MS


def test_half_open_discovery_after_a_crash() -> None:
    network, client, server = two()
    server.listen(80)
    ours, _ = connected(network, client, server)
    server.crash()
    ours.send(b"are you there?", network.now)
    network.run()
    assert ours.state is State.CLOSED
    assert any(isinstance(entry, Happened) and isinstance(entry.event, Reset) for entry in network.log)


def test_closing_a_listener_resets_what_nobody_accepted() -> None:
    network, client, server = two()
    server.listen(80)
    ours = client.connect(SERVER, 0)
    network.run(100 * MS)
    server.close_listener(80, network.now)
    network.run()
    assert ours.state is State.CLOSED


def test_fast_open_needs_a_first_visit() -> None:
    network = Network()
    client = network.host("client", "10.0.0.1", settings(fast_open=True))
    server = network.host("server", "10.0.0.2", settings(fast_open=True, auto_read=True))
    server.listen(80)
    client.connect(SERVER, 0, data=b"first")
    network.run(SECOND)
    assert client.cookies.keys() == {"10.0.0.2"}
    first, second = network.now, client.connect(SERVER, network.now, data=b"second")
    network.run(first + 10 * MS)
    child = next(end for end in server.connections if end.remote == second.local)
    assert child.state is State.SYN_RECEIVED
    assert child.receiver.nxt == child.receiver.irs + 1 + len(b"second")
    network.run(first + 20 * MS)
    assert second.state is State.ESTABLISHED


def test_isns_of_a_listener_are_used_in_turn_and_then_made_from_the_seed() -> None:
    network, client, server = two()
    server.listen(80, isn=(521, 700))
    ends = [client.connect(SERVER, 0) for _ in range(3)]
    network.run(SECOND)
    isns = [end.receiver.irs for end in ends]
    assert isns[:2] == [521, 700]
    assert isns[2] not in (521, 700)


def test_process_exit_with_data_unread() -> None:
    network, client, server = two()
    server.listen(80)
    ours, theirs = connected(network, client, server)
    ours.send(b"nobody reads this", network.now)
    network.run(network.now + 50 * MS)
    theirs.close(network.now)
    network.run()
    assert (ours.state, theirs.state) == (State.CLOSED, State.CLOSED)
    assert not any(isinstance(e, Happened) and isinstance(e.event, EndOfStream) for e in network.log)
