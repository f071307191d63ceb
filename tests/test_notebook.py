"""The notebook: seven cells that train a short time on a few glyphs, and a checkpoint that every command opens."""

from __future__ import annotations

import ast
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import DATASET, EvaluateConfig
from glyphcore.data.cache import glyph_raster
from glyphcore.data.labels import load_labels
from glyphcore.data.raster import write_png
from glyphcore.data.store import GlyphStore
from glyphcore.jobs import evaluate

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "glyph-recognition-unified-mlp.ipynb"
CELLS = ["".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]]
EACH = 192
"""Glyphs a split."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run all cells on a few shipped glyphs and return the folder."""
    folder = tmp_path_factory.mktemp("notebook")
    data = folder / "data"
    (data / "rasters").mkdir(parents=True)
    (data / "chars.csv").write_bytes((DATASET / "chars.csv").read_bytes())
    (data / "glyphs.db").symlink_to(DATASET / "glyphs.db")
    labels = GlyphStore(DATASET / "glyphs.db").labels()
    ids = [glyph for _, rows in labels.groupby("split") for glyph in rows["glyph_id"].head(EACH)]
    _draw(ids, data / "rasters")
    settings = {"data": str(data), "work": str(folder), "epochs": 1}
    environment = os.environ | {"NOTEBOOK": json.dumps(settings), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", "\n".join(CELLS)], cwd=folder, env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"{EACH} test" in done.stdout
    return folder


def _draw(ids: list[int], folder: Path) -> None:
    for row in GlyphStore(DATASET / "glyphs.db").glyphs(ids):
        write_png(folder / f"{row.glyph_id}.png", glyph_raster(row))


def test_it_is_short_and_plain() -> None:
    assert len(CELLS) == 7
    assert sum(len(source.splitlines()) for source in CELLS) <= 150
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse("\n".join(CELLS)))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else
                     [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    }  # fmt: skip
    assert "glyphcore" not in imported
    assert {"torch", "lightning"} <= imported


def test_its_outputs_are_kept() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    printed = ["".join(text for out in cell["outputs"] for text in out.get("text", [])) for cell in cells]
    assert "22,967 train" in printed[1], "run in full, on everything that ships"
    assert "val_top1" in printed[4]
    assert any("image/png" in out.get("data", {}) for out in cells[5]["outputs"])
    assert "label top-1" in printed[6]
    assert not any(out["output_type"] == "error" for cell in cells for out in cell["outputs"])


def test_it_writes_a_submission(ran: Path) -> None:
    table = pd.read_csv(ran / "submission.csv", keep_default_na=False)
    assert len(table) == EACH
    assert set(table["label"]) <= set(load_labels().labels)
    assert table["probability"].between(0, 1).all()


def test_its_checkpoint_is_one_of_ours(ran: Path) -> None:
    checkpoint = load_checkpoint(ran / "glyphs.ckpt")
    assert checkpoint.labels.fingerprint == load_labels().fingerprint
    net = checkpoint.net()
    assert sum(weights.numel() for weights in net.parameters() if weights.requires_grad) < 3_000_000
    trained = checkpoint.training["trained_fonts"]
    hashes = {hashed[:16] for hashed in GlyphStore(DATASET / "glyphs.db").font_hashes().values()}
    assert trained
    assert set(trained) <= hashes


def test_glyphcore_reads_with_it_as_it_does_itself(ran: Path, tmp_path: Path) -> None:
    labels = GlyphStore(DATASET / "glyphs.db").labels()
    said = pd.read_csv(ran / "submission.csv", keep_default_na=False)
    config = EvaluateConfig(ran / "glyphs.ckpt", _some(said["glyph_id"].tolist(), tmp_path), tmp_path / "results")
    figures = evaluate.run(config)
    truth = labels.set_index("glyph_id").loc[said["glyph_id"], "label"].to_numpy()
    assert figures["by_split"]["test"]["n"] == EACH
    own = float(np.mean(said["label"].to_numpy() == truth))
    assert figures["by_split"]["test"]["label_top1"] == pytest.approx(own, abs=2 / EACH)


def _some(ids: list[int], folder: Path) -> Path:
    """Copy the shipped database and keep only these glyphs."""
    path = folder / "some.db"
    path.write_bytes((DATASET / "glyphs.db").read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"DELETE FROM glyphs WHERE glyph_id NOT IN ({','.join(map(str, ids))})")
    return path
