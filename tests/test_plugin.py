"""A protocol from another package is found through the entry point group `wire.protocols`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MODULE = '''
from wire.schema import U16, Protocol

ping = Protocol("pingpong", "Ping Pong", "count" / U16 * "Count", over={"udp.port": 40123}, info="count {count}")
'''

ENTRY_POINTS = "[wire.protocols]\npingpong = pingpong_package\n"
METADATA = "Metadata-Version: 2.1\nName: pingpong\nVersion: 1.0\n"

USE = """
import wire
built = wire.build("eth / ip src=10.0.0.1 dst=10.0.0.2 / udp srcport=1 / pingpong count=7")
p = wire.decode(built)
print([layer.name for layer in p], p.udp.dstport, p.pingpong.count, p.get("pingpong.count"), wire.pingpong.name)
"""


def test_a_protocol_from_another_package(tmp_path: Path) -> None:
    (tmp_path / "pingpong_package.py").write_text(MODULE, encoding="utf-8")
    info = tmp_path / "pingpong-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA, encoding="utf-8")
    (info / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parent.parent}"}
    done = subprocess.run([sys.executable, "-c", USE], env=env, capture_output=True, text=True)
    assert done.stdout == "['eth', 'ip', 'udp', 'pingpong'] 40123 7 7 pingpong\n", done.stderr
