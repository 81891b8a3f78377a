"""Where a capture is written: a file comes into being beside its name, which it takes only when it is complete."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeAlias

from .model import CaptureError
from .stream import Stream, need_zstandard, open_stream

__all__ = ["Output", "Target", "replacing"]

Target: TypeAlias = "str | os.PathLike[str] | IO[bytes]"

PACKED = {".gz": "gzip", ".zst": "zstd"}


class Output:
    """A path, "-" (standard output) or an open binary file, to be written to inside `with`.

    format    what to write, one of `formats`: as said, or as the name's ending says
    packing   "gzip" or "zstd", if that follows
    size      bytes that are out, uncompressed
    kept      bytes that are out can be read again
    seekable  they can be written over
    """

    def __init__(self, target: Target, format: str, formats: Sequence[str]) -> None:
        named = isinstance(target, (str, os.PathLike))
        self.name = os.fspath(target) if isinstance(target, (str, os.PathLike)) else str(getattr(target, "name", ""))
        stem, ending = os.path.splitext(self.name.lower())
        self.packing = PACKED.get(ending, "")
        self.format = format or os.path.splitext(stem if self.packing else self.name.lower())[1][1:]
        if self.format not in formats:
            endings = ", ".join(f".{one}" for one in formats)
            raise CaptureError(f"its name does not say what to write ({endings}; {' or '.join(PACKED)} may follow)",
                               self.name, todo="give it such an ending, or say the format")  # fmt: skip
        if self.packing == "zstd":
            need_zstandard(self.name)  # before anything is written
        path = Path(self.name).resolve() if named and target != "-" else None
        self.path = path if path and (path.is_file() or not path.exists()) else None  # else a device or a named pipe
        self.device = path is not None and self.path is None
        self.target = target
        self.files: list[IO[bytes]] = []
        self.size = 0
        self.kept = self.path is not None
        self.seekable = self.kept and not self.packing

    def __enter__(self) -> Output:
        self.begin()
        return self

    def begin(self) -> None:
        """Have an empty file to write to."""
        if self.path:
            part = self.path.with_name(f".{self.path.name}.{os.getpid()}.{len(self.files)}.part")
            try:
                self.file: IO[bytes] = open(part, "w+b")  # noqa: SIM115 (closed on the way out)
            except OSError as error:  # the file beside is nobody's business
                raise type(error)(error.errno, error.strerror, str(self.path)) from None
            self.files.append(self.file)
        elif self.device:
            self.file = open(self.name, "wb")  # noqa: SIM115
            self.files.append(self.file)
        else:
            self.file = sys.stdout.buffer if isinstance(self.target, (str, os.PathLike)) else self.target
        self.size = 0
        self.sink = packed(self.file, self.packing, self.name)

    def write(self, data: bytes) -> None:
        self.sink.write(data)
        self.size += len(data)

    def patch(self, offset: int, data: bytes) -> None:
        """Write over bytes that are out; only where `seekable`."""
        self.file.seek(offset)
        self.file.write(data)
        self.file.seek(0, os.SEEK_END)

    def again(self) -> Stream | None:
        """What was written so far, to be read; writing starts anew.  None where it is not `kept`."""
        if not self.kept:
            return None
        self.end()
        written = self.file
        written.seek(0)
        self.begin()
        return open_stream(written, self.name)

    def end(self) -> None:
        """Nothing more comes into the present file."""
        if self.sink is not self.file:
            self.sink.close()
        self.file.flush()

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            self.end()
            if self.path and error is None:
                self.file.close()
                if self.path.exists():
                    os.chmod(self.file.name, self.path.stat().st_mode & 0o7777)
                os.replace(self.file.name, self.path)
        finally:
            for file in self.files:
                file.close()
                if self.path:
                    with suppress(FileNotFoundError):
                        os.unlink(file.name)


def replacing(target: Target) -> Output:
    """Any file, to be written to inside `with`, that takes its name only when all of it was written."""
    return Output(target, "bytes", ["bytes"])


def packed(file: IO[bytes], packing: str, name: str) -> Any:
    """A file that packs what is written to it into `file`."""
    if packing == "gzip":
        from gzip import GzipFile

        return GzipFile("", "wb", fileobj=file, mtime=0)
    if packing == "zstd":
        return need_zstandard(name).ZstdCompressor().stream_writer(file, closefd=False)
    return file
