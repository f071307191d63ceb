"""The causes of misread glyphs: each error has one cause, the first that applies."""

from __future__ import annotations

import numpy as np
import pytest
from slices import cut, shapes

from glyphcore.analysis.error_causes import CAUSES, cause_of, error_causes
from glyphcore.analysis.evaluation_slice import EvaluationSlice, evaluation_slice
from glyphcore.analysis.report import glyphs_of_figure
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.results.browse import ResultsStore


@pytest.fixture(scope="module")
def few(store: ResultsStore, database: GlyphStore) -> EvaluationSlice:
    whole = evaluation_slice(store, database)
    index, labels = whole.labels.index, whole.labels
    beh, medial, fatha, kasra = (index[name] for name in ("beh_init", "beh_medi", "fatha_diacritic", "kasra_diacritic"))
    twin = next(i for i, other in enumerate(labels.twin_of) if other and labels.base[i] != labels.base[index[other]])
    truth = [fatha, kasra, twin, beh, fatha, beh, beh, beh, beh, beh]
    pred = [kasra, fatha, index[labels.twin_of[twin]], medial, beh, twin, twin, beh, beh, beh]
    found = cut(whole, truth=truth, pred=pred)
    return EvaluationSlice(**{
        **vars(found), "font": np.arange(10) // 2, "rank": np.array([2, 2, 2, 2, 9, 3, 7, 1, 1, 1]),
        "family": np.array([0, 0, 0, 0, 1, 0, 0, 0, 0, 0]), "families": ("usual", "odd"),
    })  # fmt: skip


SHAPES = shapes([1, 1, *range(2, 10)], [1, 1, *range(2, 10)])


def named(few: EvaluationSlice, *given: object) -> list[str | None]:
    return [list(CAUSES)[code] if code >= 0 else None for code in cause_of(few, *given)]  # type: ignore[arg-type]


def test_the_first_cause_that_holds_counts(few: EvaluationSlice) -> None:
    expected = ["tied", "tied", "twin", "form", "design", "second", "far", None, None, None]
    # One family of ten glyphs with three right ones would be odd in this small sample, so the glyphs get more families.
    few = EvaluationSlice(**{**vars(few), "family": np.array([0, 2, 3, 4, 1, 5, 5, 5, 5, 0])})
    found = named(few, SHAPES, None)
    assert found[:3] == expected[:3]
    assert found[4] == "design"
    assert found[5:] == expected[5:]


def test_place_tells_apart_what_pixels_do_not(few: EvaluationSlice) -> None:
    moved = shapes([1, 1, *range(2, 10)], list(range(10)))
    assert named(few, moved, None)[:2] == ["place", "place"]
    assert "place" not in named(few, None, None)


def test_rare_labels_need_counts(few: EvaluationSlice) -> None:
    counts = [100] * len(few.labels)
    counts[few.truth[6]] = 3
    odd = EvaluationSlice(**{**vars(few), "family": np.array([0, 0, 0, 5, 0, 5, 5, 5, 5, 5])})
    assert named(odd, SHAPES, counts)[6] == "rare"
    assert named(odd, SHAPES, None)[6] == "far"


def test_every_error_has_one_cause_and_can_be_looked_at(few: EvaluationSlice) -> None:
    found = error_causes(few, SHAPES, [100] * len(few.labels))
    assert [row["name"] for row in found] == list(CAUSES)
    assert sum(row["n"] for row in found) == int(few.wrong("label").sum()) == 7
    assert {row["name"] for row in error_causes(few, None, None)} == set(CAUSES) - {"tied", "place", "rare"}
    for row in found:
        assert len(glyphs_of_figure(few, SHAPES, "label", f"cause {row['name']}")) == row["n"]
    with pytest.raises(StoreError, match="names no glyphs"):
        glyphs_of_figure(few, SHAPES, "label", "cause weather")
