"""A training run in a process of its own, with the settings of :mod:`tiny_model`: for tests that kill or multiply it.

    python tests/tiny_run.py DB FOLDER KILL_AT_STEP NAME=VALUE …

With ``KILL_AT_STEP`` ≥ 0 the process kills itself (SIGKILL, without cleaning up) when that step begins.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))  # else tests/glyphcore would be taken for the package

from tiny_model import tiny_training

from glyphcore.config.recipe import changed, given
from glyphcore.jobs import train
from glyphcore.training.module import GlyphModule


def start(db: Path, folder: Path, *settings: str, kill_at: int = -1) -> subprocess.Popen:
    """Start the process; ``settings`` are ``NAME=VALUE``."""
    words = [sys.executable, __file__, str(db), str(folder), str(kill_at), *settings]
    return subprocess.Popen(words, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE, text=True)


def main(db: str, folder: str, kill_at: str, *settings: str) -> None:
    original = GlyphModule.training_step

    def step(self: GlyphModule, *batch: object):
        if self.global_step == int(kill_at):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, *batch)  # type: ignore[arg-type]

    GlyphModule.training_step = step  # type: ignore[method-assign, assignment]
    train.run(changed(tiny_training(Path(db), Path(folder)), given(settings)))


if __name__ == "__main__":
    main(*sys.argv[1:])
