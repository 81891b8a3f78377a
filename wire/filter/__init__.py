"""The display filter: Wireshark's language, compiled.

>>> from wire.filter import compile_filter
>>> chosen = compile_filter("tcp.flags.syn == 1 and ip.addr == 10.0.0.0/8")
>>> chosen.fields
('tcp.flags.syn', 'ip.addr')

`chosen.matches(packet)` says whether a packet is meant; `chosen.tree` is the filter as typed nodes,
from which other back ends are written.

The language is that of Wireshark 4.0 (wireshark-filter(4)), as tshark 4.0 reads it: a field that stands
in a packet more than once matches if any value does (`!=`: if all do), packets quoted inside ICMP count
as layers, slices and len() of a protocol see its header, `contains` and `matches` see what it carries too.
Different on purpose:

* `tcp.seq` and `tcp.ack` are the numbers on the wire.
* More is understood: `xor`, literals on either side, arithmetic and functions wherever a value stands,
  ports by their service, quoted addresses, flags and protocols as names of numbers in any case.
* What could never match is an error, not an empty answer: bytes with half a byte (`eth.src[0] == 192`),
  `contains ""`, `ip.src#0`, ranges of networks.
* Words are protocols only if they are known here: `ff` is a byte.  Host names are not looked up, and
  there are no macros and no references to a selected packet.
* Arithmetic is exact, whatever the width of the fields.  Patterns are Python's: Perl's that it lacks
  (`\\K`, `\\R`) are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import FilterError

if TYPE_CHECKING:
    from ..packet import Packet
    from .access import Access
    from .tree import Test

__all__ = ["Filter", "FilterError", "compile_filter"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A display filter, ready to use.

    text      as it was written
    tree      what it says
    fields    the full names that it looks at, in order
    matches   whether a packet is meant
    source    the Python function behind `matches`
    """

    text: str
    tree: Test
    fields: tuple[str, ...]
    matches: Callable[[Packet], bool] = field(compare=False, repr=False)
    source: str = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.text


def compile_filter(text: str, access: Access | None = None) -> Filter:
    """The filter that a text says.

    access   what reads fields of packets, instead of `access.getter`
    FilterError: the text means nothing; the message says what is wrong, with the column, and has the nearest names.
    """
    from .access import getter  # lark is imported when a filter is used, and not before
    from .check import check
    from .compile import compile_tree, refs
    from .parse import parse

    tree = check(parse(text), text)
    matches, source = compile_tree(tree, access or getter)
    return Filter(text, tree, tuple(dict.fromkeys(ref.target.path for ref in refs(tree))), matches, source)
