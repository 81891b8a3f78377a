"""Fixtures that many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SYN = bytes.fromhex(  # Ethernet, IPv4, TCP: one SYN with five options, every checksum right
    "020000000002020000000001080045" "00003c1c4640004006323fc0000201c6336402c00000501234567800000000a002"
    "faf033f30000020405b40402080a000003e80000000001030307"
)  # fmt: skip


@pytest.fixture
def syn() -> bytes:
    return SYN


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of real captures and their oracles; tests that need it are skipped where it is not named."""
    folder = os.environ.get("WIRE_CAPTURES")
    if not folder:
        pytest.skip("WIRE_CAPTURES names no folder of captures")
    return Path(folder)
