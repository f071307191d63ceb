"""The preparations of the server beside its first page."""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import app

PREPARED = """
import json, sys
from app import server
server.DRAWING_SECONDS = 0
server.prepare()
from app.shared import sources
opened = [str(file.path) for file in sources.files()]
print(json.dumps([sorted(name for name in sys.modules if name.startswith("app.")), opened]))
"""


def prepared(folder: Path) -> tuple[set[str], list[str]]:
    """Return the modules of the app that are loaded in a new process, and the results that it sees."""
    environment = {
        **os.environ, "GLYPHCORE_DB": str(folder / "glyphs.db"), "GLYPHCORE_RESULTS": str(folder / "results"),
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", PREPARED], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded, opened = json.loads(done.stdout)
    return set(loaded), opened


def test_modules_of_all_pages_are_imported_and_no_page_is_drawn(folder: Path) -> None:
    loaded, _ = prepared(folder)
    modules = {module.name for module in pkgutil.walk_packages(app.__path__, "app.")}
    assert {"app.compare.data", "app.primitives.codebook", "app.pdf.page"} <= modules
    drawing = {name for name in modules if name.endswith(".page") or name == "app.main"}
    assert modules - loaded == drawing


def test_damaged_results_and_a_missing_database_are_left_to_the_page(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    (file,) = (tmp_path / "results").glob("*.db")
    file.write_bytes(file.read_bytes()[:5000])
    loaded, opened = prepared(tmp_path)
    assert opened
    assert "app.compare.data" in loaded
