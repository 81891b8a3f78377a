"""The TCP machine: RFC 9293 as a literal table, endpoints that speak it, and a road between them.

No I/O and no real clock: times are integer nanoseconds that the caller gives. `Endpoint` is one end of a connection,
`Host` owns ports and queues, `Network` lets hosts talk over a simulated `Road` and keeps a log that a ladder can
draw. What happens inside is told in typed events (`wire.machine.events`), each with a reason and the place in the
RFC.
"""

from .endpoint import Endpoint
from .events import Happening, Why
from .host import AddressInUse, Host
from .listener import Listener
from .network import Arrived, Called, Carrier, Crossing, Departed, Entry, Happened, Lane, Network, Passage, Road
from .profiles import PROFILES, Settings, settings
from .segment import Option, Segment
from .states import TRANSITIONS, Event, ProtocolError, Send, State, figure_5
from .timers import Timer

__all__ = [
    "PROFILES",
    "TRANSITIONS",
    "AddressInUse",
    "Arrived",
    "Called",
    "Carrier",
    "Crossing",
    "Departed",
    "Endpoint",
    "Entry",
    "Event",
    "Happened",
    "Happening",
    "Host",
    "Lane",
    "Listener",
    "Network",
    "Option",
    "Passage",
    "ProtocolError",
    "Road",
    "Segment",
    "Send",
    "Settings",
    "State",
    "Timer",
    "Why",
    "figure_5",
    "settings",
]
