"""Stored predictions decoded again with their fonts: expected changes, and values that must stay."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glyphcore.analysis import in_font as module
from glyphcore.analysis.in_font import in_font
from glyphcore.analysis.metrics import figures_of, predictions
from glyphcore.config import EvaluateConfig
from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.decoding.charset import Charset
from glyphcore.decoding.decode import decode_each
from glyphcore.decoding.font_priors import shipped
from glyphcore.decoding.glyph_order import fit as fit_order
from glyphcore.jobs import evaluate
from glyphcore.results.browse import ResultsStore


def geometry(n: int) -> np.ndarray:
    return np.tile(np.array([0.5, 0.5, 0, 0.5, 0.6, 1], np.float32), (n, 1))


def test_second_candidates_that_come_first_count(
    store: ResultsStore, labels: LabelMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = predictions(store.path)
    ids = rows["glyph_id"].to_numpy()
    assert (rows["rank"] == 2).any()
    assert (rows["f_id"] != "").all()
    second_first = [1, 0, 2, 3, 4]
    monkeypatch.setattr(
        module, "decode", lambda top, p, *_, **__: decode_each(top[:, second_first], p[:, second_first])
    )
    found = in_font(store.path, labels, ids, geometry(len(ids)), np.full(len(ids), -1), shipped())
    assert found["correct"].tolist() == (rows["rank"] == 2).tolist()
    assert (found["rank"][rows["rank"] == 1] == 2).all()
    assert (found["rank"][rows["rank"] > 5] == rows["rank"][rows["rank"] > 5]).all()
    assert (found["unicode_correct"] | ~found["correct"]).all()
    assert figures_of(found, set())["label_top1"] == pytest.approx((rows["rank"] == 2).mean())


@pytest.mark.parametrize("known", ["geometry alone", "what else it draws", "order", "nothing"])
def test_what_is_unknown_changes_nothing(store: ResultsStore, labels: LabelMap, known: str) -> None:
    rows = predictions(store.path)
    ids = rows["glyph_id"].to_numpy()
    priors = shipped()
    if known != "what else it draws":
        priors = replace(priors, charset=Charset(*(0 * each for each in vars(priors.charset).values())))
    gid = -np.ones(len(ids), int)
    if known == "order":
        index = [labels.index.get(label, 0) for label in rows["label"]]
        font = np.unique(rows["f_id"], return_inverse=True)[1]
        priors = replace(priors, order=fit_order(np.array(index), font, font, rows.index.to_numpy(), len(labels)))
        gid = rows.index.to_numpy()
    its = geometry(len(ids)) if known == "geometry alone" else np.zeros((len(ids), WIDTH), np.float32)
    found = in_font(store.path, labels, ids, its, gid, priors)
    assert (found["pred"].tolist() == rows["pred"].tolist()) is (known == "nothing")
    unknown = in_font(store.path, labels, ids[:0], its[:0], gid[:0], priors)
    assert (unknown["pred"].tolist() == rows["pred"].tolist()) is (known != "what else it draws")


def test_a_database_that_knows_fonts_but_no_sizes_is_read_with_them(
    model_db: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.db"
    path.write_bytes(model_db.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE fonts SET upem = 0")
        connection.execute("ALTER TABLE glyphs DROP COLUMN advance_width")
    figures = evaluate.run(EvaluateConfig(tiny_checkpoint, path, tmp_path, cache=tmp_path / "cache"))
    assert figures["in_font"]["n"] == figures["n"]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE glyphs DROP COLUMN f_id")
    figures = evaluate.run(EvaluateConfig(tiny_checkpoint, path, tmp_path, cache=tmp_path / "cache"))
    assert "in_font" not in figures


def test_evaluation_says_both(model_db: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    figures = evaluate.run(EvaluateConfig(tiny_checkpoint, model_db, tmp_path, cache=tmp_path / "cache"))
    assert set(figures["in_font"]["by_split"]) == set(figures["by_split"])
    assert figures["in_font"]["n"] == figures["n"]
    assert "each font as a whole" in evaluate.report(figures)
