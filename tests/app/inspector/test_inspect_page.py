"""Inspect's panels as Streamlit runs them, with a real, tiny model. The browser tests check the drawing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_fixtures import fake_results, turn_to
from components import drawn
from streamlit.testing.v1 import AppTest

from glyphcore.config import EvaluateConfig
from glyphcore.data.cache import glyph_geometry
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import evaluate
from glyphcore.results.browse import ResultsStore
from glyphcore.runtime.edits import edited, probabilities
from glyphcore.runtime.models import model_file
from glyphcore.runtime.predictor import Predictor

ROOT = Path(__file__).resolve().parents[3]
MAIN = str(ROOT / "app" / "main.py")
INSPECT = "inspector/page.py"
GLYPH = 40


@pytest.fixture(scope="module")
def folder(model_db: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tiny model's results, and invented ones with another codebook, in any order of age."""
    folder = tmp_path_factory.mktemp("inspect")
    evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, folder, cache=folder / "cache"))
    fake_results(model_db, folder)
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> Path:
    return next(folder.glob("tiny*.db"))


@pytest.fixture
def app(folder: Path, results: Path, model_db: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GLYPHCORE_DB", str(model_db))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(folder))
    return AppTest.from_file(MAIN, default_timeout=120)


def look(app: AppTest, **query: object) -> dict[str, Any]:
    """Open Inspect with these parameters; return the data of its component."""
    app.run()
    turn_to(app, "inspect")
    for name, value in {"split": "all", "outcome": "all", "glyph": GLYPH, **query}.items():
        app.query_params[name] = value if isinstance(value, list) else str(value)
    app.run()
    assert not app.exception
    return drawn(app, "inspector")


def test_the_basic_view_loads_no_panel(app: AppTest, results: Path) -> None:
    data = look(app, results=results.name)
    assert data["panel"] == {"kind": ""}
    assert data["outline"] is None
    assert data["drawable"]


def test_a_link_with_edits_shows_what_the_model_says_to_them(app: AppTest, results: Path, model_db: Path) -> None:
    store = ResultsStore(results)
    details, meta = store.details(GLYPH), store.meta
    cell = int(details.occupied.nonzero()[0][3])
    data = look(app, results=results.name, panel="edit", edit=f"{cell}-0.0-5")
    file = model_file(meta.checkpoint_file, meta.checkpoint_fingerprint, meta.model["training"], results.parent)
    grids = np.stack([details.primitive, edited(details.primitive, [(cell, 0), (0, 5)], 32)])
    before, after = probabilities(Predictor(file.path), grids, glyph_geometry(GlyphStore(model_db).glyphs([GLYPH])[0]))
    panel = data["panel"]
    assert data["state"]["edits"] == [[cell, 0], [0, 5]]
    assert [move["label"] for move in panel["moves"][:5]] == np.argsort(-after, kind="stable")[:5].tolist()
    for move in panel["moves"]:
        assert move["before"] == pytest.approx(before[move["label"]], abs=1e-6)
        assert move["after"] == pytest.approx(after[move["label"]], abs=1e-6)
    assert panel["remark"] == "", "the checkpoint itself was asked: unedited it says what is stored"
    assert panel["primitives"] == 32
    assert {0, 5} <= set(panel["used"])
    assert len(panel["offered"][str(cell)]) == 6
    assert 0 not in panel["offered"][str(cell)]


def test_sensitivity(app: AppTest, results: Path) -> None:
    row, details = ResultsStore(results).rows([GLYPH])[0], ResultsStore(results).details(GLYPH)
    panel = look(app, results=results.name, panel="sensitivity")["panel"]
    assert panel["cells"] == details.occupied.nonzero()[0].tolist()
    assert panel["watched"][0]["truth"]
    assert panel["watched"][0]["p"] == pytest.approx(np.exp(-row.loss), abs=1e-4)
    assert len(panel["watched"]) == 2 - row.correct
    assert len(panel["after"]) == len(panel["becomes"]) == len(panel["cells"])


def test_the_smallest_edit_says_what_was_searched(app: AppTest, results: Path) -> None:
    wrong = next(row for row in ResultsStore(results).rows(range(1, 361)) if not row.correct)
    panel = look(app, results=results.name, panel="fix", glyph=wrong.glyph_id)["panel"]
    assert (panel["cells"], panel["depth"], panel["right"]) == (wrong.cells_total, 4, False)
    assert panel["singles"] >= panel["cells"]
    assert len(panel["edits"]) <= 4
    assert panel["enough"] or panel["wider"] > 0


def test_checkpoints_beside_each_other(app: AppTest, folder: Path, results: Path) -> None:
    other = next(folder.glob("fake*.db"))
    panel = look(app, results=results.name, panel="models", beside=[other.name, "nowhere.db"])["panel"]
    assert panel["files"][0] == {"file": results.name, "name": "tiny", "chosen": True}
    assert [each["name"] for each in panel["files"]] == ["tiny", "fake"]
    first, second = panel["predictions"]
    assert (first["differs"], first["translated"], second["translated"]) == ([], False, True)
    assert second["differs"]
    assert len(second["top"]) == 5


@pytest.mark.parametrize(("near", "families"), [("", "others"), ("all", "any"), ("train", "others")])
def test_similar_glyphs(app: AppTest, results: Path, near: str, families: str) -> None:
    data = look(app, results=results.name, panel="near", near=near)
    items = data["panel"]["items"]
    assert len(items) == 36
    assert data["panel"]["sprite"].startswith("data:image/png")
    assert items == sorted(items, key=lambda each: -each["cosine"])
    if families == "others":
        assert data["row"]["family"] not in {each["family"] for each in items}
    if near == "train":
        assert {each["split"] for each in items} == {"train"}


def test_the_label_across_families_and_the_outline(app: AppTest, results: Path) -> None:
    data = look(app, results=results.name, panel="families", outline=1)
    panel = data["panel"]
    assert panel["items"][0]["id"] == GLYPH
    assert len(panel["items"]) == panel["total"] == 6
    assert data["outline"]["path"].startswith("M")
    assert data["outline"]["lines"]["ascender"] == -900
    assert data["outline"]["file"].startswith("<svg")


@pytest.mark.parametrize(
    "query", [{"panel": "<b>"}, {"edit": "x-y.999-1"}, {"outline": "2", "near": "q"}, {"beside": ["", "../x.db"]}]
)
def test_malformed_parameters_are_the_default(app: AppTest, results: Path, query: dict[str, Any]) -> None:
    data = look(app, results=results.name, **query)
    assert data["panel"] == {"kind": ""}
    assert data["state"]["edits"] == []


def test_a_primitive_that_there_is_not_is_one_line(app: AppTest, results: Path) -> None:
    panel = look(app, results=results.name, panel="edit", edit="3-999")["panel"]
    assert "There is no primitive 999" in panel["problem"]


def test_without_the_checkpoint_its_export_is_asked_or_nobody(
    app: AppTest, model_db: Path, tiny_checkpoint: Path, tiny_reader: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    checkpoint = tmp_path / "gone.ckpt"
    shutil.copy(tiny_checkpoint, checkpoint)
    evaluate.run(EvaluateConfig(checkpoint, model_db, tmp_path / "results", cache=tmp_path))
    checkpoint.unlink()
    monkeypatch.setattr("glyphcore.config.CHECKPOINTS", tmp_path)
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path / "results"))
    panel = look(app, panel="sensitivity")["panel"]
    assert "gone.ckpt was removed or changed" in panel["problem"]
    shutil.copy(tiny_reader, tmp_path / "gone.reader")
    panel = look(app, panel="sensitivity")["panel"]
    assert panel["remark"].startswith("gone.ckpt no longer exists: its export gone.reader is used")
    assert panel["cells"]


def test_without_the_database_it_says_so(
    app: AppTest, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(results, tmp_path / results.name)
    with closing(sqlite3.connect(tmp_path / results.name)) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'dataset'", (json.dumps(str(tmp_path / "gone.db")),))
        connection.commit()
    monkeypatch.setenv("GLYPHCORE_DB", str(tmp_path / "gone.db"))
    monkeypatch.setenv("GLYPHCORE_RESULTS", str(tmp_path))
    for panel in ("edit", "sensitivity", "fix"):
        assert "database was removed or changed" in look(app, panel=panel)["panel"]["problem"]
    data = look(app, panel="near", outline=1)
    assert data["panel"]["items"]
    assert (data["panel"]["sprite"], data["outline"], data["drawable"]) == ("", None, False)
    assert look(app, panel="families")["panel"]["items"]


def test_looking_at_everything_loads_no_torch(folder: Path, results: Path, model_db: Path) -> None:
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({MAIN!r}, default_timeout=60).run()\n"
        f"app.switch_page({INSPECT!r})\n"
        "for panel in ('', 'edit', 'models', 'near', 'families'):\n"
        f"    app.query_params.update(results={results.name!r}, glyph='40', panel=panel, outline='1')\n"
        "    app.run()\n    assert not app.exception\n"
        "print(sorted({'torch', 'lightning', 'sklearn', 'onnxruntime'} & set(sys.modules)))"
    )
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "GLYPHCORE_DB": str(model_db),
        "GLYPHCORE_RESULTS": str(folder),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
