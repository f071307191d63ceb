"""Reading a font leaves nothing in the home folder and reports nothing: the packages below could do both."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

IN_PYTHON = "import glyphcore, sys; print(len(glyphcore.read(sys.argv[1])))"


@pytest.mark.parametrize(
    "words", [["-m", "glyphcore", "infer", "--quiet"], ["-c", IN_PYTHON]], ids=["command", "Python"]
)
def test_nothing_is_written_at_home(words: list[str], font_folder: Path, tmp_path: Path) -> None:
    private = ("XDG_", "ORT_", "GLYPHCORE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(private)}
    command = [sys.executable, *words, str(font_folder / "TinySans-Regular.ttf")]
    done = subprocess.run(
        command, env=environment | {"HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert list(tmp_path.rglob("*")) == []


def test_a_home_that_cannot_be_written_is_no_harm(font_folder: Path) -> None:
    command = [sys.executable, "-m", "glyphcore", "infer", "-q", str(font_folder / "TinySans-Regular.ttf")]
    done = subprocess.run(command, env=os.environ | {"HOME": "/proc"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
