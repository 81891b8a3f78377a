"""The Linux kernel judges: our endpoint speaks with a kernel socket over a TUN device.

In a network namespace of its own, which is gone when the program ends. 1 MB each way with packets lost at our end,
a half-close with data still coming, a close; `ss` must show for the kernel's end what its peer's state demands.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def missing() -> str:
    """Why the kernel cannot judge here; "" if it can."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root, for a network namespace and a TUN device"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "needs /dev/net/tun"
    for tool in ("unshare", "ip", "ss"):
        if shutil.which(tool) is None:
            return f"needs the program {tool}"
    trial = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True)
    return f"no network namespace here: {trial.stderr.strip()}" if trial.returncode else ""


@pytest.fixture(scope="module", autouse=True)
def a_kernel() -> None:
    if why := missing():
        pytest.skip(why)


def play(role: str, seed: int) -> dict[str, Any]:
    command = ["unshare", "--net", sys.executable, "-m", "tests.machine.kernel.judge", role, str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize(
    ("role", "states"),
    [
        ("client", {"half-closed": ["FIN-WAIT-2", "CLOSE-WAIT"], "closed": ["TIME-WAIT", ""]}),
        ("server", {"half-closed": ["CLOSE-WAIT", "FIN-WAIT-2"], "closed": ["CLOSED", "TIME-WAIT"]}),
    ],
)
def test_the_kernel_agrees(role: str, states: dict[str, list[str]]) -> None:
    """Each stage: our state, then the kernel's as `ss` shows it."""
    result = play(role, seed=1)
    assert {stage: both for stage, *both in result["states"]} == {"open": ["ESTAB", "ESTAB"], **states}
    assert result["kernel has all"] and result["we have all"]
    assert result["errors"] == []
    assert result["counts"]["wrong checksums"] == 0
    assert result["counts"]["lost"] > 10 and result["counts"]["sent again"] > 0  # there was something to repair
