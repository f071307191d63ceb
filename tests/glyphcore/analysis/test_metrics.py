"""Figures of a results file small enough for counting by hand."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from glyphcore.analysis import metrics
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.metrics import METRICS, aggregate, table
from glyphcore.config import reading
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphRow
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import OUTCOMES
from glyphcore.results.store import Batch, ResultsMeta, ResultsWriter

LABELS = LabelMap(
    labels=("beh_isol", "beh_init", "latin_o", "digit_zero", "fatha_diacritic", "kasra_diacritic"),
    base=("ب", "ب", "O", "0", "َ", "ِ"),
    char_class=("arabic", "arabic", "latin", "digit", "diacritic", "diacritic"),
    twin_of=("", "", "digit_zero", "", "", ""),
    codepoint=("U+0628", "U+0628", "U+004F", "U+0030", "U+064E", "U+0650"),
)
TRAIN, VAL, TEST = 1, 2, 3
"""Three fonts, one per split."""
SPLIT = {TRAIN: "train", VAL: "val", TEST: "test"}

KEYS = [
    "n", "label_top1", "unicode_top1", "twin_top1", "label_top5", "label_macro", "diacritic_n", "diacritic_top1",
    "primitive_cells", "primitive_accuracy",
]  # fmt: skip
"""Keys that results files of other programs have, too."""

Said = tuple[str, str, int, int, int, int]
"""Label, prediction, rank of the label, font, cells right, cells with ink."""
SAID: list[Said] = [
    ("beh_isol", "beh_isol", 1, VAL, 3, 4),
    ("beh_isol", "beh_init", 2, VAL, 1, 4),  # another form of the letter
    ("beh_init", "beh_init", 1, VAL, 0, 0),
    ("beh_init", "beh_init", 1, TEST, 0, 0),
    ("latin_o", "digit_zero", 2, TEST, 2, 2),  # a twin
    ("digit_zero", "latin_o", 5, VAL, 0, 0),  # a twin, in the other direction
    ("digit_zero", "digit_zero", 1, VAL, 4, 4),
    ("fatha_diacritic", "kasra_diacritic", 6, VAL, 0, 2),
    ("fatha_diacritic", "fatha_diacritic", 1, TEST, 0, 0),
    ("kasra_diacritic", "kasra_diacritic", 1, TEST, 1, 1),
    ("beh_isol", "beh_isol", 1, TRAIN, 5, 5),
    ("martian", "latin_o", 0, VAL, 9, 9),  # not a label of the map
]


def written(path: Path, said: list[Said]) -> Path:
    """Write a results file that is not finished, as it is when the figures are computed."""
    meta = ResultsMeta("hand", "hand.ckpt", "0" * 16, "tiny.db", "1" * 16, LABELS.to_plain(), 1)
    writer = ResultsWriter(path, meta, np.zeros((1024, 8, 8), np.uint8))
    n = len(said)
    target, primitive = np.zeros((n, 256), int), np.zeros((n, 256), int)
    top = np.zeros((n, 5), int)
    glyphs = []
    for i, (label, pred, _, font, right, inked) in enumerate(said):
        glyphs.append(
            GlyphRow(
                glyph_id=i + 1, label=label, f_id=font, split=SPLIT[font], gid=None, name=None, char_class=None,
                advance=None, upem=None, box=None, family=None, style=None, licence=None, package=None, version=None,
                contours=None,
            )
        )  # fmt: skip
        target[i, :inked] = 7
        primitive[i, :inked] = np.where(np.arange(inked) < right, 7, 8)
        first = LABELS.index[pred]
        top[i] = [first, *(j for j in range(len(LABELS)) if j != first)][:5]
    if n:
        floats = np.full(n, 0.5, np.float32)
        rank = np.array([each[2] for each in said])
        share = np.full((n, 256), 0.5, np.float32)
        top_p = np.tile(np.array([0.5, 0.2, 0.1, 0.1, 0.1], np.float32), (n, 1))
        embedding = np.zeros((n, 4), np.float16)
        writer.append(Batch(top, top_p, floats, floats, rank, primitive, target, share, embedding, glyphs, target))
    writer.close()
    return path


@pytest.fixture
def figures(tmp_path: Path) -> dict:
    return aggregate(written(tmp_path / "a.db", SAID), {str(TRAIN)})


def test_the_headline_is_over_known_labels_of_fonts_not_trained_on(figures: dict) -> None:
    assert list(figures)[: len(KEYS)] == KEYS
    assert {key: figures[key] for key in KEYS} == pytest.approx(
        {
            "n": 10,
            "label_top1": 6 / 10,
            "unicode_top1": 7 / 10,
            "twin_top1": 8 / 10,
            "label_top5": 9 / 10,
            "label_macro": (1 / 2 + 1 + 0 + 1 / 2 + 1 / 2 + 1) / 6,
            "diacritic_n": 3,
            "diacritic_top1": 2 / 3,
            "primitive_cells": 17,
            "primitive_accuracy": 11 / 17,
        }
    )


def test_what_the_headline_leaves_out_is_counted(figures: dict) -> None:
    assert figures["trained_on"] == 1
    assert figures["outside_label_map"] == 1


def test_splits_hold_every_known_label_trained_on_or_not(figures: dict) -> None:
    splits = figures["by_split"]
    assert {name: group["n"] for name, group in splits.items()} == {"train": 1, "val": 6, "test": 4}
    assert list(splits) == ["train", "val", "test"]
    assert splits["train"]["label_top1"] == 1
    assert splits["val"]["label_top1"] == 3 / 6
    assert splits["val"]["unicode_top1"] == 4 / 6
    assert splits["test"]["label_top1"] == 3 / 4
    assert splits["val"]["primitive_cells"] == 14, "the unknown label's cells are not in it"


def test_classes_hold_what_the_headline_holds(figures: dict) -> None:
    classes = figures["by_class"]
    assert {name: group["n"] for name, group in classes.items()} == {
        "arabic": 4, "latin": 1, "digit": 2, "diacritic": 3
    }  # fmt: skip
    assert classes["latin"]["label_top1"] == 0
    assert classes["latin"]["twin_top1"] == 1
    assert classes["diacritic"]["diacritic_top1"] == classes["diacritic"]["label_top1"] == 2 / 3
    assert classes["arabic"]["label_top1"] == 3 / 4


def test_an_empty_sample_has_no_figure(figures: dict) -> None:
    digits = figures["by_class"]["digit"]
    assert (digits["diacritic_n"], digits["diacritic_top1"]) == (0, None)


def test_cells_without_ink_are_no_sample(tmp_path: Path) -> None:
    figures = aggregate(written(tmp_path / "a.db", SAID[2:4]), ())
    assert (figures["primitive_cells"], figures["primitive_accuracy"]) == (0, None)
    assert figures["label_top1"] == 1


@pytest.mark.parametrize(
    ("said", "trained", "outside"),
    [([], 0, 0), ([SAID[-1]], 0, 1), ([SAID[-2]], 1, 0)],
    ids=["none", "unknown", "trained"],
)
def test_nothing_to_measure_is_none_and_not_nan(tmp_path: Path, said: list[Said], trained: int, outside: int) -> None:
    figures = aggregate(written(tmp_path / "a.db", said), {str(TRAIN)})
    counts = {key for key in KEYS if key.endswith(("n", "cells"))}
    assert {key: figures[key] for key in KEYS} == {key: 0 if key in counts else None for key in KEYS}
    assert (figures["trained_on"], figures["outside_label_map"]) == (trained, outside)
    assert figures["by_class"] == {}
    assert list(figures["by_split"]) == ["train"] * trained


def test_a_font_trained_on_that_is_not_here_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.db", SAID)
    assert aggregate(path, {"99"}) == aggregate(path, ())
    assert aggregate(path, ())["n"] == 11


def test_the_table(figures: dict) -> None:
    text = table({"all": figures, "digits": figures["by_class"]["digit"]})
    assert text.splitlines() == [
        "| | n | Label accuracy | Unicode accuracy | Accuracy up to confusables | Top-5 accuracy | Macro accuracy "
        "| Mark accuracy (n) | Primitive accuracy |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        "| all | 10 | 60.0 | 70.0 | 80.0 | 90.0 | 58.3 | 66.7 (3) | 64.7 |",
        "| digits | 2 | 50.0 | 50.0 | 100.0 | 100.0 | 50.0 | – (0) | 100.0 |",
    ]


def test_every_criterion_has_its_metric_and_may_be_asked_for() -> None:
    for key, criterion in CRITERIA.items():
        assert METRICS[key].errors == criterion.errors
        assert criterion.errors in OUTCOMES
    assert tuple(CRITERIA) == reading.CRITERIA


def test_every_metric_means_one_thing_in_one_sentence() -> None:
    for metric in METRICS.values():
        assert re.fullmatch(r"[A-Z][^.]*\.", metric.meaning), metric.title
    for names in ({metric.key for metric in METRICS.values()}, {metric.title for metric in METRICS.values()}):
        assert len(names) == len(METRICS), "no two metrics are called the same"


def test_what_older_results_did_not_measure_is_a_dash(figures: dict) -> None:
    older = {key: value for key, value in figures.items() if not key.startswith(("diacritic", "label_macro"))}
    assert table({"old": older}).splitlines()[-1] == "| old | 10 | 60.0 | 70.0 | 80.0 | 90.0 | – | – (0) | 64.7 |"


def test_large_counts_are_grouped(figures: dict) -> None:
    assert "| many | 1,234,567 |" in table({"many": {**figures, "n": 1_234_567}})


def test_parts_without_any_word_fit_together(
    store: ResultsStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million rows are read in parts; one of them may have fonts that nobody knows, or no rows."""
    path = Path(shutil.copy(store.path, tmp_path))
    whole = aggregate(path, set())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE predictions SET f_id = '' WHERE glyph_id <= 100")
    monkeypatch.setattr(metrics, "CHUNK", 50)
    assert aggregate(path, set()) == whole
    none = pd.DataFrame({name: pd.Series([], dtype=object) for name in metrics._COLUMNS})
    real = pd.read_sql_query

    def with_an_empty_part(*query: Any, **how: Any) -> Iterator[pd.DataFrame]:
        yield none.copy()
        yield from real(*query, **how)

    monkeypatch.setattr(metrics.pd, "read_sql_query", with_an_empty_part)
    assert aggregate(path, set()) == whole
