"""Made frames, sound and damaged, read by wire and by the installed tshark: every field that both have.

A few hundred frames in the ordinary run; WIRE_LONG=1 takes thousands.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from .oracles.generator import frames, write
from .oracles.readings import differences, known_fields, ours_only, pairs, rows, tshark
from .oracles.reasons import REASONS, explained

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")

LONG = bool(os.environ.get("WIRE_LONG"))
COUNT, SEED = (6000, 7) if LONG else (400, 7)

UNCOMPARED = {
    "FT_NONE",           # a tree without a value of its own
    "FT_ABSOLUTE_TIME",  # a date there, the wire's number here
}  # fmt: skip
OTHERWISE = {
    "tcp.seq", "tcp.ack",  # a setting decides whether these are relative; tcp.seq_raw and tcp.ack_raw are compared
    "data.text",           # shown by a setting only
}  # fmt: skip
MORE = ["_ws.malformed", "_ws.unreassembled", "vlan.trailer", "ip.cur_rt", "ip.empty_rt"]  # what the reasons look at
ELSEWHERE = {"sack_relative", "raw_802_3", "fraction_beyond_a_second"}  # only in the captures


def test_made_frames(tmp_path: Path) -> None:
    path = write(tmp_path / "made.pcapng", frames(COUNT, SEED))
    types = known_fields()
    fields = [name for name in rows() if types.get(name, "FT_NONE") not in UNCOMPARED and name not in OTHERWISE]
    assert len(fields) > 300
    first = ["frame.number", "frame.protocols"]
    asked = [*first, *MORE, *(name for name in fields if name not in first)]
    compared, used, faults = 0, Counter[str](), []
    for packet, said in pairs(path, tshark(path, asked, profile=ours_only(tmp_path))):
        compared += 1
        for difference in differences(packet, said, fields):
            reason = explained(difference)
            used[reason] += 1
            if not reason:
                faults.append(f"frame {packet.number} {difference}")
    assert compared == COUNT
    assert not faults, f"{len(faults)} differences that nothing explains:\n" + "\n".join(faults[:50])
    if LONG:
        assert used.keys() >= {reason.name for reason in REASONS} - ELSEWHERE, "a reason that explains nothing any more"
