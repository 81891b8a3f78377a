"""The reference pages in docs/ are what the tables say today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "reference"


def test_the_pages_are_fresh(tmp_path: Path) -> None:
    """Written anew by a process of its own, so that protocols of other tests are not in them."""
    subprocess.run(
        [sys.executable, "-m", "wire.views.reference", str(tmp_path)], cwd=ROOT, check=True, capture_output=True
    )
    now = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()}
    stale = sorted(name for name in now.keys() | kept.keys() if now.get(name) != kept.get(name))
    assert not stale, f"write them anew: python -m wire.views.reference {PAGES.relative_to(ROOT)}"


def test_links_lead_somewhere() -> None:
    import re

    for path in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert (PAGES / target).is_file(), f"{path.name}: {target}"
