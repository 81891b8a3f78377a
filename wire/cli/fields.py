"""`wire decode -T fields`: chosen fields, one line a packet, as tshark writes them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from .inputs import Source as Named
from .inputs import opened
from .output import Failure, Misuse

if TYPE_CHECKING:
    from ..sources import Content
    from ..views.fields import Fields

    Choose = Callable[[Iterable[Content]], Iterator[Content]]

__all__ = ["print_fields"]


def print_fields(sources: Sequence[Named], names: Sequence[str], options: Sequence[str], first: str | None,
                 choose: Choose, where: str | None, every: bool) -> None:  # fmt: skip
    """Print the fields of all packets.

    options  tshark's -E options
    choose   the packets that are asked for;  every: they all are, in one way and from plain captures
    where    a display filter
    """
    from ..filter import FilterError, compile_filter
    from ..views.fields import Fields, Layout

    if not names:
        raise Misuse("-T fields needs fields: -e ip.src -e tcp.srcport")
    try:
        fields = Fields(names, Layout.of(options))
        meant = compile_filter(where).matches if where else None
    except LookupError as error:
        raise Misuse(f"-e: {error.args[0]}") from None
    except FilterError as error:
        raise Misuse(f"-Y: {error}") from None
    except ValueError as error:
        raise Misuse(f"-E: {error}") from None
    if fields.layout.header:
        print(fields.header)
    failures = []
    for source in sources:
        try:
            if every and fast(source):
                columns(source, fields, where)
            else:
                lines(source, fields, first, choose, meant)
        except Failure as error:
            failures.append(str(error))
    if failures:
        raise Failure("\nwire: ".join(failures))


def fast(source: Named) -> bool:
    """Whether the columns engine can read it: a capture in a file, and NumPy is there."""
    from ..capture.files import is_capture, open_origin

    if source.text is not None or source.name == "standard input":
        return False
    if not find_spec("numpy"):
        return False
    stream, file = open_origin(source.name)
    try:
        return is_capture(stream)
    finally:
        if file:
            file.close()


def columns(source: Named, fields: Fields, where: str | None) -> None:
    from ..bulk import thrifty

    thrifty()
    from ..bulk.text import Lines
    from ..capture import CaptureError

    sys.stdout.flush()
    out = sys.stdout.buffer
    try:
        for text in Lines(fields.names, fields.layout, where).lines(source.name):
            out.write(text)
    except CaptureError as error:
        raise Failure(f"{source.name}: {error}") from None
    finally:
        out.flush()


def lines(source: Named, fields: Fields, first: str | None, choose: Choose, meant: Callable[..., bool] | None) -> None:
    from ..capture import CaptureError
    from ..packet import Packet

    write = sys.stdout.write
    try:
        for item in choose(opened(source, first).items()):
            if isinstance(item, Packet) and (meant is None or meant(item)):
                write(fields.line(item) + "\n")
    except CaptureError as error:
        raise Failure(f"{source.name}: {error}") from None
