"""The known dump formats whose rows begin with an offset, as data: one table, read by one reader (`block.py`).

The first layout that fits a packet's rows and reads them without a contradiction gives the format its name.
"""

from collections.abc import Callable
from typing import NamedTuple

from .display import DOT, GRAPH, LATIN, QUESTION, SEVEN, Display
from .items import Items, Order
from .rows import Block, is_ruler


class Layout(NamedTuple):
    """How one tool writes rows.

    `mark`, `colon`, `digits`: the offset, with 0x before and a colon behind, and its least number of digits.
    `widths`: digits of an item (None: any even number); `base`: of its digits. `radices`: of the offset.
    `orders`: byte orders that an item of more than one byte may have; `usual` means that the first one holds unless the
    text column contradicts it or the bytes make more sense otherwise.
    `final`: a last line with the length always follows (True), never does (False) or may (None); `pads`: the last item
    is filled up with zeros.
    """

    name: str
    mark: bool = False
    colon: bool = False
    digits: tuple[int, ...] = (4,)
    widths: tuple[int, ...] | None = (2,)
    base: int = 16
    radices: tuple[int, ...] = (16,)
    orders: tuple[Order, ...] = ("big",)
    usual: bool = False
    displays: tuple[Display, ...] = (DOT,)
    final: bool | None = False
    pads: bool = False
    when: Callable[[Block], bool] | None = None
    little_name: str = ""

    def fits(self, block: Block, width: int) -> bool:
        return (
            block.offset_digits in self.digits
            and block.style == (self.mark, self.colon)
            and (width in self.widths if self.widths else width > 0 and width % 2 == 0)
            and (self.when is None or self.when(block))
        )

    def items(self, width: int, order: Order) -> Items:
        return Items(self.base, width, order)

    def called(self, order: Order) -> str:
        return self.little_name if order == "little" and self.little_name else self.name

    def described(self, order: Order, radix: int) -> str:
        """The name, with the byte order where several are possible, and an unusual base of the offsets."""
        parts = [f"{order}-endian"] if len(self.orders) > 1 else []
        if radix != self.radices[0]:
            parts.append({8: "octal", 10: "decimal", 16: "hexadecimal"}[radix] + " offsets")
        return f"{self.called(order)} ({', '.join(parts)})" if parts else self.name


def _labelled(block: Block) -> bool:
    return bool(block.label)


def _addressed(block: Block) -> bool:
    return block.is_addressed


def _binary(block: Block) -> bool:
    return all(not row.line.text[row.start:].split()[0].strip("01") for row in block.rows)


def _tabbed(block: Block) -> bool:
    return "\t" in block.rows[0].line.text or any("->" in line.text for line in block.before[-3:])


def _ruled(block: Block) -> bool:
    return any(is_ruler(line) for line in block.before)


def _barred(block: Block) -> bool:
    return block.rows[0].line.text.rstrip().endswith("|")


def _upper(block: Block) -> bool:
    """Whether the items' letters are capitals (Scapy's are)."""
    for row in block.rows:
        for token in row.line.text[row.start:].split()[:8]:
            if token != token.lower() and len(token) == 2:
                return True
            if token != token.upper() and len(token) == 2:
                return False
    return False


def _spaced(block: Block) -> bool:
    """Whether three blanks follow the offset (Wireshark's "Copy…as a Hex Dump")."""
    row = block.rows[0]
    return row.line.text[row.start:row.start + 3] == "   "


_OD_HEX = (2, 4, 8, 16)
_ALL_RADICES = (16, 8, 10)
_BOTH: tuple[Order, ...] = ("big", "little")
_HOST: tuple[Order, ...] = ("little", "big")

LAYOUTS = (
    Layout("tcpdump -x", mark=True, colon=True, widths=None, displays=(GRAPH, DOT)),
    Layout("FortiGate sniffer", mark=True, widths=None, displays=(DOT, GRAPH), when=_tabbed),
    Layout("Cisco ASA capture dump", mark=True, widths=None, displays=(DOT, GRAPH)),
    Layout("kernel print_hex_dump", colon=True, digits=(8, 16), widths=_OD_HEX, orders=_HOST, usual=True,
           when=_labelled),
    Layout("Cisco IOS capture dump", colon=True, digits=(8,), widths=(8,), displays=(SEVEN, DOT), when=_addressed),
    Layout("xxd -b", colon=True, digits=(8,), widths=(8, 16, 24, 32, 48, 64), base=2, when=_binary),
    Layout("xxd -g4", colon=True, digits=(8,), widths=(8,), radices=(16, 10), orders=_BOTH, little_name="xxd -e"),
    Layout("xxd -g8", colon=True, digits=(8,), widths=(16,), radices=(16, 10), orders=_BOTH, little_name="xxd -e -g8"),
    Layout("xxd", colon=True, digits=(8,), widths=(4,), radices=(16, 10), orders=_BOTH, usual=True,
           little_name="xxd -e -g2"),
    Layout("xxd", colon=True, digits=(8,), widths=None, radices=(16, 10)),
    Layout("Cisco IOS-XE capture dump", colon=True, widths=(8,)),
    Layout("hex dump", colon=True, digits=(3, 4, 5, 6, 7), widths=None, radices=(16, 10), displays=(DOT, GRAPH)),
    Layout("kernel print_hex_dump", colon=True, digits=(16,), widths=_OD_HEX, orders=_HOST, usual=True),
    Layout("hexdump", digits=(7,), widths=(4,), orders=_HOST, usual=True, final=True, pads=True),
    Layout("od -x", digits=(7,), widths=(4,), radices=(8, 10), orders=_HOST, usual=True, final=True, pads=True),
    Layout("od", digits=(7,), widths=(6,), base=8, radices=_ALL_RADICES, orders=_HOST, usual=True, final=True,
           pads=True),
    Layout("od -b", digits=(7,), widths=(3,), base=8, radices=_ALL_RADICES, final=True),
    Layout("od -to4", digits=(7,), widths=(11, 22), base=8, radices=_ALL_RADICES, orders=_HOST, usual=True, final=True,
           pads=True),
    Layout("hexdump -d", digits=(7,), widths=(5,), base=10, orders=_HOST, usual=True, final=True, pads=True),
    Layout("od -tx1", digits=(7,), widths=(2,), radices=(8, 10, 16), usual=True, final=True),
    Layout("od -tx", digits=(7,), widths=(8, 16), radices=_ALL_RADICES, orders=_HOST, usual=True, final=True,
           pads=True),
    Layout("od -Ax -tx1", digits=(6,), widths=(2,), final=True),
    Layout("od -Ax -tx", digits=(6,), widths=(4, 8, 16), orders=_HOST, usual=True, final=True, pads=True),
    Layout("od -Ax", digits=(6,), widths=(6,), base=8, orders=_HOST, usual=True, final=True, pads=True),
    Layout("od -Ax -b", digits=(6,), widths=(3,), base=8, final=True),
    Layout("PowerShell Format-Hex", digits=(8,), displays=(DOT, QUESTION, LATIN), when=_ruled),
    Layout("PowerShell Format-Hex", digits=(16,), displays=(LATIN, DOT)),
    Layout("hexdump -C", digits=(8,), final=True, when=_barred),
    Layout("hex dump", digits=(8,), final=None),
    Layout("Scapy hexdump", when=_upper),
    Layout("Wireshark hex dump", when=_spaced),
    Layout("tshark -x"),
    Layout("hex dump", digits=(5,)),
)
