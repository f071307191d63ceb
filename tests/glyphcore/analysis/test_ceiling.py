"""The cost of equal shapes under different labels, on fonts small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest
from slices import cut, shapes

from glyphcore.analysis.ceiling import ceiling, tied
from glyphcore.analysis.evaluation_slice import EvaluationSlice, evaluation_slice
from glyphcore.data.store import GlyphStore
from glyphcore.results.browse import ResultsStore


@pytest.fixture(scope="module")
def whole(store: ResultsStore, database: GlyphStore) -> EvaluationSlice:
    return evaluation_slice(store, database)


def test_one_label_of_each_group_can_be_right(whole: EvaluationSlice) -> None:
    index = whole.labels.index
    fatha, kasra, beh = (index[name] for name in ("fatha_diacritic", "kasra_diacritic", "beh_init"))
    # Two fathas and a kasra of font 0 share one shape; in font 1 only one glyph has that shape.
    few = cut(whole, truth=[fatha, fatha, kasra, beh, kasra], pred=[fatha, kasra, kasra, beh, fatha])
    few = EvaluationSlice(**{**vars(few), "font": np.array([0, 0, 0, 0, 1])})
    found = ceiling(few, shapes([7, 7, 7, 8, 7], [1, 1, 2, 1, 2]))
    pixels = found["raster"]
    assert (pixels["tied"], pixels["label"]["lost"], pixels["label"]["errors"]) == (3, 1, 1)
    assert pixels["label"]["value"] == pytest.approx(4 / 5)
    assert pixels["pairs"][0]["labels"] == [whole.labels.labels[i] for i in sorted((fatha, kasra))]
    assert pixels["pairs"][0]["n"] == 3
    assert found["geometry"]["tied"] == 0, "they sit in different places"
    assert found["geometry"]["label"]["value"] == 1
    assert tied(few, shapes([7, 7, 7, 8, 7], [1, 1, 2, 1, 2]), geometry=False).tolist() == [True] * 3 + [False] * 2


def test_forms_and_twins_need_no_telling_apart_where_they_count_as_right(whole: EvaluationSlice) -> None:
    index, labels = whole.labels.index, whole.labels
    initial, medial = index["beh_init"], index["beh_medi"]
    twin = next(i for i, other in enumerate(labels.twin_of) if other and labels.base[i] != labels.base[index[other]])
    few = cut(whole, truth=[initial, medial, twin, index[labels.twin_of[twin]]], pred=[initial] * 4)
    found = ceiling(few, shapes([1, 1, 2, 2], [0, 0, 0, 0]))["raster"]
    assert (found["label"]["lost"], found["unicode"]["lost"], found["twin"]["lost"]) == (2, 1, 1)


def test_glyphs_without_a_picture_count_as_alone(whole: EvaluationSlice) -> None:
    found = ceiling(cut(whole, truth=[1, 2], pred=[1, 1]), shapes([], []))
    assert (found["unknown"], found["raster"]["tied"], found["raster"]["label"]["value"]) == (2, 0, 1)
