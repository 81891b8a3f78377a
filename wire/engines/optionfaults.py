"""What is wrong with the length of an option, as a measurement."""

from __future__ import annotations

from ..options import Options
from ..packet import Layer, Note
from ..schema import Record, Repeat


def option_faults(core: Options, item: Layer, claimed: int | None, stop: int, rfc: str) -> list[Note]:
    """Faults of an option that was read from a region which ends at `stop`.

    claimed  where its own length says that it ends; None where that makes no sense
    rfc      where the region is described, for options that have no RFC of their own
    """
    kind, length = item.values.get("kind", 0), item.values.get("length")
    record = core.record_of(kind)
    limit = core.prefix[:-1]
    path, bits = core.prefix + record.name, (item.start * 8, item.end * 8)
    size, left = item.end - item.start, stop - item.start
    if item.record is core.malformed and length is None:
        text = f"option {kind} has no length byte: the options end after its kind"
        return [Note("error", "option.cut", text, limit, path, bits, core.head, size, limit, record.rfc or rfc)]
    if claimed is None:
        said = (length or 0) * core.unit
        text = f"option {kind} says that it is {plural(said)} long: {core.head} is the least, nothing after it is read"
        return [Note("error", "option.length", text, limit, path, bits, core.head, said, limit, record.rfc or rfc)]
    if claimed > stop:
        need = claimed - item.start
        text = f"option {kind} says {plural(need)}, {left} are left of the options"
        return [Note("error", "option.beyond", text, limit, path, bits, need, left, limit, record.rfc or rfc)]
    if item.faults or "rest" in item.values:
        due = due_length(core, item.record, size)
        text = f"option {record.title} should have length {due}, not {length}"
        limit_path = core.paths[1] or limit
        return [Note("error", "option.size", text, limit, path, bits, due, length, limit_path, record.rfc or rfc)]
    return []


def due_length(core: Options, record: Record, size: int) -> int:
    """The length that a record's fields take: for repeated values, the next whole number of them."""
    fixed = sum(field.bits for field in record.fields if field.bits > 0) // 8
    for field in record.fields:
        if isinstance(field.core, Repeat):
            each = field.core.item.sizeof()
            return int(fixed + max(1, -(-(size - fixed) // each)) * each)
    return fixed


def plural(count: int, unit: str = "byte") -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"
