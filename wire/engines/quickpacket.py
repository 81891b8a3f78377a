"""Packets of the scalar engine: their layers are in slots, and they become ordinary ones when more is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from ..packet import Layer, Note, Packet
from ..protocols import unclaimed
from ..schema import Field, Rest
from .codegen import Uncompilable
from .quick import Quick, full, more_of, move, quick, slot_of, storage

OF_META = {"number", "time", "interface", "comment", "link"}  # asked of `meta`: what a capture has of the packet
UNSET: dict[str, Any] = {"number": None, "time": None, "interface": None, "comment": None, "link": None, "meta": None,
                         "fcs_len": 0, "_fresh": None}  # fmt: skip


class QuickPacket(Packet):
    """A packet whose layers are in slots.  It becomes an ordinary one when something asks for more."""

    __slots__ = ()
    __init__ = object.__init__

    chain: ClassVar[tuple[str, ...]] = ()  # the names of its layers

    def __getattr__(self, name: str) -> Any:
        if name in UNSET:
            value = UNSET[name]
            if name in OF_META and self.meta is not None:
                value = getattr(self.meta, name)
                value = None if name == "link" and value < 0 else value
            setattr(self, name, value)
            return value
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"no {name} layer in this packet: it has {', '.join(self.chain)}")

    @property
    def layers(self) -> list[Layer]:  # type: ignore[override]
        return [getattr(self, name) for name in self.slots_]

    slots_: ClassVar[tuple[str, ...]] = ()

    @property
    def wire_len(self) -> int:  # type: ignore[override]
        return len(self.raw)

    @property
    def first(self) -> str:  # type: ignore[override]
        return self.chain[0]

    @property
    def fixed(self) -> list[str]:
        return self.settled().fixed

    @fixed.setter
    def fixed(self, value: list[str]) -> None:
        self.settled().fixed = value

    @property
    def edited(self) -> bool:
        found = more_of(self.layer0).full
        return found is not None and found.edited

    @edited.setter
    def edited(self, value: bool) -> None:
        self.settled().edited = value

    @property
    def payload(self) -> bytes:
        last = getattr(self, self.slots_[-1])
        return last.raw if last.record is unclaimed() else last.payload  # type: ignore[no-any-return]

    def settled(self) -> Packet:
        """This packet as an ordinary one, with the layers that it has handed out."""
        root, layers = self.layer0, self.layers
        found = full(root)
        for depth, layer in enumerate(layers):
            move(found.layers[depth], layer)
            layer.packet = self
        kept = {name: getattr(self, name) for name in (*UNSET, "verified")}
        self.__class__ = Packet  # type: ignore[assignment]
        Packet.__init__(self, found.raw, layers, found.wire_len)
        for name, value in kept.items():
            setattr(self, name, value)
        self.edited = found.edited
        more_of(root).full = self
        return self

    def touched(self) -> None:
        self.settled().touched()

    @property
    def fresh(self) -> Packet:
        return self.settled().fresh

    @property
    def notes(self) -> list[Note]:
        if isinstance(self.layer0, Quick) and self.verified and self.proof(self):
            return []
        return self.settled().notes

    def __bytes__(self) -> bytes:
        return bytes(self.settled())

    def __str__(self) -> str:
        return str(self.settled())


@cache
def packet_class(names: tuple[str, ...], bytes_left: bool = False) -> type[Any]:
    """Packets with these layers: each is an attribute, the outermost where a name stands twice."""
    body: dict[str, Any] = {"__slots__": (), "chain": names, "__contains__": frozenset(names).__contains__}
    slots = [f"layer{depth}" for depth in range(len(names))]
    if bytes_left:
        slots[-1] = "data_"
        body["data_"] = property(data_layer(len(names) - 1))
    body["slots_"] = tuple(slots)
    for depth in range(len(names) - 1, -1, -1):
        attribute = names[depth].replace(".", "_")
        if not hasattr(Packet, attribute):
            body[attribute] = body[slots[depth]] if slots[depth] == "data_" else Packet.__dict__[slots[depth]]
    return type("Packet", (QuickPacket,), body)


def data_layer(depth: int) -> Callable[[Any], Any]:
    """What makes the layer of bytes that nobody claims, when it is asked for."""
    record = unclaimed()
    field = record.rows[0]
    if record.rows != (field,) or not isinstance(field, Field) or field.core is not Rest:
        raise Uncompilable(f"{record.name} is more than bytes")
    values, here, name = storage(record), quick(record, [field], depth, {}), slot_of(field)
    slot = Packet.__dict__[f"layer{depth}"]
    below = Packet.__dict__[f"layer{depth - 1}"]

    def data(packet: Any) -> Any:
        made: Any = slot.__get__(packet)
        if type(made) is int:  # where it ends
            stop, start = made, below.__get__(packet).end
            made = values()
            made.start, made.end, made.stop = start, stop, stop
            made.outer_ = packet.layer0
            setattr(made, name, packet.raw[start:stop])
            made.__class__ = here
            slot.__set__(packet, made)
        return made

    return data
