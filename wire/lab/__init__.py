"""The laboratory: packets around the TCP machine.

Hosts with network cards, ARP, IP with fragments, switch and router, UDP sockets; applications that are lists of socket
calls; scenarios that are a few lines each; and `craft`, which plays one and tells its `wire.story.Story`.
"""

from .crafting import craft, play
from .keys import KeyProblem
from .scenario import Scenario, every, scenario

__all__ = ["KeyProblem", "Scenario", "craft", "every", "play", "scenario"]
