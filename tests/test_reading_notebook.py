"""The notebook that reads a font in Python: it runs from top to bottom, and its output is stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CELLS = json.loads((ROOT / "notebooks" / "reading-a-font.ipynb").read_text(encoding="utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]


def test_it_runs(font_folder: Path, tiny_checkpoint: Path, model_db: Path, tmp_path: Path) -> None:
    environment = os.environ | {
        "FONT": str(font_folder / "TinySans-Regular.ttf"), "CHECKPOINT": str(tiny_checkpoint), "DB": str(model_db),
        "GLYPHCORE_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    code = "\n".join("".join(cell["source"]) for cell in CODE)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "glyphs have a text" in done.stdout


def test_its_outputs_are_kept() -> None:
    outputs = [output for cell in CODE for output in cell["outputs"]]
    assert all(cell["outputs"] for cell in CODE)
    assert not any(output["output_type"] == "error" for output in outputs)
    pages = ["".join(output["data"].get("text/html", "")) for output in outputs if "data" in output]
    assert sum("<figure" in page for page in pages) == 2, "a contact sheet and one glyph"
