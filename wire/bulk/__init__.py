"""The optional libraries for bulk work: NumPy, pyarrow and DuckDB, which the extra `bulk` installs."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

__all__ = ["MissingExtra", "need", "thrifty"]


class MissingExtra(ImportError):
    """A library that the extra `bulk` installs is not there."""


def need(what: str, *names: str) -> Any:
    """Import libraries; the first one comes back.  MissingExtra says in one line what to install."""
    try:
        found = [import_module(name) for name in names]
    except ImportError as error:
        install = f"pip install {' '.join(names)}"
        raise MissingExtra(f"{what} needs {error.name}, which is not installed: {install}") from None
    return found[0]


def thrifty() -> None:
    """Have NumPy start no threads for linear algebra: for programs of our own, before NumPy is imported."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
