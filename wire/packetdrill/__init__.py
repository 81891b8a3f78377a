"""packetdrill scripts against our endpoint, which plays the kernel.

    outcome = run(Path("close.pkt").read_text(), "close.pkt", profile="linux")
    outcome.passed, outcome.line, outcome.reason

Scripts are data: shell text and code in them are never run. What is not supported is named with its line.
"""

from .outcome import Exchanged, Made, Note, Outcome
from .parse import parse
from .run import run
from .syntax import NotSupported, Script, ScriptError

__all__ = ["Exchanged", "Made", "NotSupported", "Note", "Outcome", "Script", "ScriptError", "parse", "run"]
