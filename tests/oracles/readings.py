"""Two readings of one packet, ours and tshark's, in one form."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import wire
from wire import types
from wire.options import Options
from wire.packet import Layer, Packet
from wire.protocols import load
from wire.schema import Extra, Field, Part, Record, Repeat

Said = dict[str, list[str]]  # what tshark prints for each field: every occurrence, in order
Row = Field | Part | Extra

# As the oracles were made: checksums verified, nothing reassembled; analysis would give opinions on a conversation.
OPTIONS = ("ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE", "ip.defragment:FALSE",
           "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE", "tcp.analyze_sequence_numbers:FALSE",
           "tcp.relative_sequence_numbers:FALSE")  # fmt: skip


@cache
def known_fields() -> dict[str, str]:
    """Every field that the installed tshark has, and its type."""
    listed = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True).stdout
    rows = (line.split("\t") for line in listed.splitlines())
    return {row[2]: row[3] for row in rows if row[0] == "F"}


def ours_only(folder: Path) -> Path:
    """A profile in `folder` with which tshark knows the protocols that wire has, and no others."""
    listed = subprocess.run(["tshark", "-G", "protocols"], capture_output=True, text=True, check=True).stdout
    kept = {protocol.prefix[:-1] for protocol in load().values()} | {"ethertype", "mptcp"}
    inside = ("tcp.options.", "ip.options.", "ipv6.routing.", "_ws.")
    names = [line.split("\t")[2] for line in listed.splitlines()]
    others = [name for name in names if name not in kept and not name.startswith(inside)]
    (folder / "disabled_protos").write_text("\n".join(others) + "\n")
    return folder


def tshark(path: Path, fields: list[str], *more: str, profile: Path | None = None) -> Iterator[Said]:
    """What the installed tshark prints for these fields, frame by frame; with `profile` as `ours_only` makes it."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=/t", "-E", "aggregator=\x1f", *more]
    command += [word for option in OPTIONS for word in ("-o", option)]
    command += [word for name in fields for word in ("-e", name)]
    environment = os.environ | {"TZ": "UTC", "LC_ALL": "C.UTF-8"}
    if profile:
        environment["WIRESHARK_CONFIG_DIR"] = str(profile)
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert done.stdout, done.stderr.decode(errors="replace")
    for line in done.stdout.decode(errors="replace").split("\n")[:-1]:
        texts = zip(fields, line.split("\t"), strict=True)
        yield {name: text.split("\x1f") for name, text in texts if text}


def oracle(captures: Path, name: str) -> Iterator[Said]:
    """What the tshark of the captures' oracles printed for a capture."""
    with gzip.open(captures / "oracle" / f"{name}.tshark.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield {field: one if isinstance(one, list) else [one] for field, one in json.loads(line).items()}


def pairs(path: Path, said: Iterator[Said]) -> Iterator[tuple[Packet, Said]]:
    """Our packets beside tshark's frames, as far as both can read.

    tshark gives a number to pcapng blocks without a packet too; so does wire, but it does not call them packets.
    """
    theirs = iter(said)
    try:
        for packet in wire.open(path):
            for one in theirs:
                if int(one["frame.number"][0]) == packet.number:
                    yield packet, one
                    break
                assert one["frame.protocols"] == ["data"] and "frame.encap_type" not in one, f"{path.name}: {one}"
    except wire.CaptureError:
        return


@cache
def rows() -> dict[str, Row]:
    """Every field that wire has, by the name that Wireshark might have for it."""
    found: dict[str, Row] = {}
    for protocol in load().values():
        for record in records(protocol):
            parts = [part for field in record.fields for part in field.parts]
            listed: list[Row] = [*record.fields, *parts, *record.extras]
            for one in listed:
                found.setdefault(one.path, one)
        for name, other in protocol.aliases.items():
            found.setdefault(name, found[f"{protocol.prefix}{other}"])
    return found


def records(record: Record) -> Iterator[Record]:
    """A record and those inside it."""
    yield record
    for field in record.fields:
        core = field.core
        if isinstance(core, Options):
            for inner in (*core.records.values(), core.unknown, core.malformed):
                yield from records(inner)
        elif isinstance(core, Repeat) and isinstance(core.item, Record):
            yield from records(core.item)


def ours(packet: Packet, field: str) -> list[tuple[Layer, Any]]:
    """Every value of ours with the layer, or the option, that holds it."""
    return [(layer, one) for layer, value in packet.all_of(field) for one in plain(layer, field, value) if one != ""]


def plain(layer: Layer, field: str, value: Any) -> list[Any]:
    """A value of ours as a list: numbers as numbers, bytes as hex digits, a region of options as its bytes."""
    if isinstance(value, (bytes, bytearray)):
        return [value.hex()]
    if isinstance(value, Decimal):
        return [f"{value:f}"]
    if isinstance(value, list):
        if value and isinstance(value[0], Layer):
            return [layer.bytes(field.removeprefix(layer.record.prefix)).hex()]
        return [item for one in value for item in plain(layer, field, one)]
    form, row = known_fields().get(field), rows()[field]
    if form == "FT_BOOLEAN":
        return [int(bool(value))]
    if form == "FT_BYTES" and isinstance(row, Field):
        return [value.to_bytes(row.bits // 8, "big").hex()]
    return [value]


EMPTY = ("<MISSING>", "<none>")  # what tshark prints for a field without a byte


def theirs(said: Said, field: str) -> list[Any]:
    read = reader(field)
    return [read(text) for text in said.get(field, ()) if text not in EMPTY]


@cache
def reader(field: str) -> Callable[[str], Any]:
    """How tshark's text for a field is read into the form of `plain`."""
    row = rows()[field]
    element = row.core.element if isinstance(row, Field) and isinstance(row.core, Repeat) else None
    shown = (element or row).format
    octets = shown.textual or isinstance(shown, types.HexData)

    def read(text: str) -> Any:
        if known_fields().get(field) == "FT_BYTES":
            return text.replace(":", "")
        try:
            return shown.read(text).hex() if octets else int(text, 0)
        except ValueError:
            return text

    return read


@dataclass
class Difference:
    """One field of one frame that two programs read differently."""

    field: str
    held: list[tuple[Layer, Any]]
    theirs: list[Any]
    packet: Packet
    said: Said

    @property
    def ours(self) -> list[Any]:
        return [value for _, value in self.held]

    def __str__(self) -> str:
        return f"{self.field}: {self.ours} here, {self.theirs} there, in {' '.join(self.said['frame.protocols'])}"


def differences(packet: Packet, said: Said, fields: list[str]) -> Iterator[Difference]:
    for field in fields:
        found, told = ours(packet, field), theirs(said, field)
        if [value for _, value in found] != told:
            yield Difference(field, found, told, packet, said)
