"""A random user in a real browser: two hundred gestures, and a check of all rules after each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import SystemRandom

import pytest
from app_fixtures import fake_results, tiny_database

ROOT = Path(__file__).resolve().parents[2]
SEEDS, GESTURES = 4, 50


@pytest.mark.browser
def test_a_random_user_breaks_nothing(tmp_path: Path, chromium: str) -> None:
    """Each run has fresh seeds; GLYPHCORE_WALK_SEED repeats the seeds from that number on."""
    first = int(os.environ.get("GLYPHCORE_WALK_SEED", SystemRandom().randrange(1, 10**6)))
    database = tiny_database(tmp_path / "glyphs.db")
    for number, name in enumerate(("one", "other")):
        fake_results(database, tmp_path / "results", name=name, seed=number)
    command = [sys.executable, "benchmarks/walk.py", "--db", str(database), "--results", str(tmp_path / "results"),
               "--seeds", str(SEEDS), "--gestures", str(GESTURES), "--first-seed", str(first), "--workers", str(SEEDS),
               "--chromium", chromium]  # fmt: skip
    environment = os.environ | {"GLYPHCORE_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"GLYPHCORE_WALK_SEED={first}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}", pytrace=False)
