"""``glyphcore db outside`` on tiny fonts: it learns from the listed fonts, and gives the same result each time."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from tiny_fonts import DESIGNS

from glyphcore.config import OutsideConfig
from glyphcore.decoding import outside
from glyphcore.errors import StoreError
from glyphcore.jobs import db_outside
from glyphcore.runtime import Predictor

FILES = {each.family: each.file for each in DESIGNS if not each.file.endswith(".ttc")}


@pytest.fixture
def config(font_folder: Path, tiny_reader: Path, tmp_path: Path) -> OutsideConfig:
    """Tiny Serif is val, Tiny Web test, the others train; the list of outsiders is empty."""
    listed = []
    (tmp_path / "fonts").mkdir()
    for family, file in FILES.items():
        content = (font_folder / file).read_bytes()
        entry = {"path": file, "weight": 400, "subset": "all", "sha256": hashlib.sha256(content).hexdigest()}
        shutil.copy(font_folder / file, tmp_path / "fonts" / f"{entry['sha256'][:12]}-{Path(file).name}")
        about = {"source": "npm", "package": "p", "version": "1", "family": family, "licence": "MIT"}
        listed.append(about | {"files": [entry]})
    (tmp_path / "fonts.json").write_text(json.dumps(listed))
    (tmp_path / "outsiders.json").write_text("[]")
    with closing(sqlite3.connect(tmp_path / "glyphs.db")) as connection, connection:
        connection.execute("CREATE TABLE fonts (family TEXT, split TEXT)")
        connection.executemany("INSERT INTO fonts VALUES (?, ?)", [("Tiny Serif", "val"), ("Tiny Web", "test")])
    return OutsideConfig(
        tiny_reader, tmp_path / "fonts.json", tmp_path / "outsiders.json", tmp_path / "fonts", tmp_path / "glyphs.db",
        tmp_path / "cache", tmp_path / "outside.npz",
    )  # fmt: skip


def test_it_is_fitted_to_the_model_and_ends_the_same_from_the_cache(
    config: OutsideConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError, match="almost no labels"):  # the model was trained for seconds
        db_outside.run(config)
    monkeypatch.setattr(db_outside, "HARDLY", 0.0)
    db_outside.run(config)
    found = outside.load(config.out)
    model = Predictor(config.checkpoint)
    assert found.model == outside.model_of(model.about.training)
    assert found.labels == model.labels.fingerprint
    kept = sorted((config.cache).rglob("*.npz"))
    assert len(kept) == len(FILES) - 1, "a font of test is not even read"
    first = {path: path.stat().st_mtime_ns for path in kept}
    db_outside.run(config)
    again = outside.load(config.out)
    for part in ("kinds", "alone", "font"):
        for name in ("mean", "scale", "first", "second"):
            values = getattr(getattr(found, part), name)
            assert np.isfinite(values).all()
            np.testing.assert_array_equal(values, getattr(getattr(again, part), name))
    assert first == {path: path.stat().st_mtime_ns for path in kept}, "what was read is read once"


def test_fonts_without_strangers_are_refused(config: OutsideConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glyphcore.decoding.documents.kind_of", lambda *_: 0)
    with pytest.raises(StoreError, match="No glyph outside the labels"):
        db_outside.run(config)
    assert not config.out.exists()


def test_one_family_is_too_few(config: OutsideConfig) -> None:
    config.corpus.write_text(json.dumps(json.loads(config.corpus.read_text())[:1]))
    with pytest.raises(StoreError, match="families"):
        db_outside.run(config)
