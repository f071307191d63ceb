"""docs/api.md and docs/commands.md agree with docstrings and settings, and the examples of docs/api.md run."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_fonts import DESIGNS, build

import glyphcore

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [block for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.M | re.S) if "glyphcore." in block]


def test_the_page_is_what_the_docstrings_say() -> None:
    assert runpy.run_path(str(ROOT / "docs" / "api.py"))["text"]() == PAGE, "run: python docs/api.py"


@pytest.mark.parametrize("name", glyphcore.__all__)
def test_everything_that_is_offered_is_on_the_page(name: str) -> None:
    assert f"## glyphcore.{name}\n" in PAGE
    assert getattr(glyphcore, name).__doc__


def test_there_is_no_other_name() -> None:
    assert set(glyphcore.__all__) <= set(dir(glyphcore))
    with pytest.raises(AttributeError, match="no attribute 'raed'"):
        glyphcore.raed  # noqa: B018


def test_its_examples_run(tmp_path: Path, model_db: Path, tiny_checkpoint: Path) -> None:
    """The examples run in order, in one session and one folder, as a user would run them."""
    design = next(each for each in DESIGNS if each.file.endswith(".ttf"))
    build(design).save(tmp_path / "broken.ttf")
    shutil.copy(model_db, tmp_path / "mine.db")
    shutil.copy(tiny_checkpoint, tmp_path / "mine.ckpt")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GLYPHCORE")}
    environment = kept | {"GLYPHCORE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    assert len(EXAMPLES) >= 8
    done = subprocess.run([sys.executable, "-c", "\n".join(EXAMPLES)], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "glyph.png").exists()
    assert (tmp_path / "broken.cmap").read_text().startswith("/CIDInit")


def test_the_page_of_commands_is_what_the_settings_say() -> None:
    """The page is made without the variables that tests set, because they name other paths."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("GLYPHCORE", "PYTHON"))}
    code = "import runpy; print(runpy.run_path('docs/commands.py')['text'](), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept | {"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), "run: python docs/commands.py"
