"""RFC 9293's figure 5 for drawing: the machine's own table, and where each state stands on paper."""

from __future__ import annotations

from ..machine import State, figure_5
from ..story import Graph

# As in the figure: the client's way at the left, the server's at the right; (column, row).
PLACES = {
    State.CLOSED: (1.0, 0.0),
    State.LISTEN: (1.0, 1.2),
    State.SYN_RECEIVED: (0.0, 2.2),
    State.SYN_SENT: (2.0, 2.2),
    State.ESTABLISHED: (1.0, 3.2),
    State.FIN_WAIT_1: (0.0, 4.2),
    State.CLOSE_WAIT: (2.0, 4.2),
    State.FIN_WAIT_2: (0.0, 5.6),
    State.CLOSING: (1.0, 5.2),
    State.LAST_ACK: (2.0, 5.6),
    State.TIME_WAIT: (1.0, 6.4),
}


def graph() -> Graph:
    """The eleven states and the arrows between them."""
    edges = [(before.value, after.value, event.value, send.value) for before, event, send, after in figure_5()]
    places = {state.value: place for state, place in PLACES.items()}
    return Graph("TCP's states (RFC 9293, figure 5)", State.CLOSED.value, places, edges)
