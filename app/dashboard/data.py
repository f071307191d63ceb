"""The parts of a report for the Dashboard, each computed once for results, split and criterion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from app.shared import glyphs, pictures, sources
from app.shared.replaced import let_go_with_results
from app.shared.sources import Source
from glyphcore import config
from glyphcore.analysis import calibration
from glyphcore.analysis.ceiling import ceiling
from glyphcore.analysis.confusions import class_matrix, confusions, matrix
from glyphcore.analysis.diacritics import pairs, precomposed, sizes
from glyphcore.analysis.error_causes import error_causes as causes_of_errors
from glyphcore.analysis.evaluation_slice import EvaluationSlice, evaluation_slice, splits_of
from glyphcore.analysis.groups import breakdown
from glyphcore.analysis.report import glyphs_of_figure, in_font, label_counts, sees_geometry, training
from glyphcore.analysis.scores import scores
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.results import sets
from glyphcore.results.filters import EVERYTHING, Filters

BY = "by "
_PARTS: dict[str, Callable[[EvaluationSlice, str], Any]] = {
    "scores": lambda evaluation_slice, criterion: scores(evaluation_slice),
    "confusions": confusions,
    "matrix": matrix,
    "class matrix": class_matrix,
    "pairs": pairs,
    "precomposed": precomposed,
    "reliability": calibration.reliability,
    "coverage": lambda evaluation_slice, criterion: calibration.coverage(evaluation_slice),
    "rejection": lambda evaluation_slice, criterion: calibration.rejection(evaluation_slice),
}


def splits(source: Source) -> list[str]:
    """Return the splits that the page can show, the default first."""
    return splits_of(source.store, source.database)


class Cut(NamedTuple):
    """The glyphs that the page shows: the glyphs of a split that pass filters, which have no split and no outcome."""

    split: str
    filters: Filters = EVERYTHING


def evaluation_sample(source: Source, cut: Cut) -> EvaluationSlice:
    """Return the glyphs that the page shows. Raises StoreError when there are none."""
    glyphs.ready(source, cut.filters)
    return _sample(_key(source, cut), source)


def count(source: Source, cut: Cut) -> int:
    """Return the number of glyphs of the split that pass the filters."""
    whole = evaluation_sample(source, Cut(cut.split))
    glyphs.ready(source, cut.filters)
    rows = np.searchsorted(source.store.columns.data["glyph_id"], whole.glyph_id)
    return int(np.count_nonzero(source.store.selector.mask(cut.filters)[rows]))


def parts(source: Source, cut: Cut, criterion: str, *names: str) -> list[Any]:
    """Return parts of :func:`glyphcore.analysis.report.report`; ``by`` and a name is a grouping. Raises StoreError like
    :func:`evaluation_sample`."""
    subset, key = evaluation_sample(source, cut), _key(source, cut)
    return [_part(key, criterion, name, subset) for name in names]


def headline(source: Source, cut: Cut, criterion: str) -> tuple[list[dict[str, Any]], dict[str, float] | None]:
    """Return scores, and accuracies of font-level decoding by criterion; None if they were not computed."""
    (headline_scores,) = parts(source, cut, criterion, "scores")
    return headline_scores, in_font(source.store, evaluation_sample(source, cut))


def limits(source: Source, cut: Cut) -> dict[str, Any] | None:
    """Return the upper bounds from equal shapes; None without rasters."""
    shapes = _shapes_of(source)
    return None if shapes is None else _ceiling(_key(source, cut), evaluation_sample(source, cut), shapes)


def error_causes(source: Source, cut: Cut) -> list[dict[str, Any]]:
    """Return the errors by label, each counted under its first cause, for all causes that can be determined."""
    counts = label_counts(source.store)
    return _causes(_key(source, cut), evaluation_sample(source, cut), _shapes_of(source), counts)


def diacritic_sizes(source: Source, cut: Cut, criterion: str) -> list[dict[str, Any]] | None:
    """Return marks by size; None without rasters."""
    shapes = _shapes_of(source)
    return None if shapes is None else sizes(evaluation_sample(source, cut), shapes, criterion)


def geometry(source: Source) -> bool | None:
    """Return whether the checkpoint sees more than the raster."""
    return sees_geometry(source.store)


def threshold_effect(source: Source, cut: Cut, threshold: float) -> dict[str, Any]:
    """Return the effect of a confidence threshold."""
    return calibration.operating_point(evaluation_sample(source, cut), threshold)


def training_run(source: Source) -> dict[str, Any]:
    """Return the facts about the training of the checkpoint."""
    return training(source.store)


def save_glyph_set(source: Source, cut: Cut, criterion: str, figure: str) -> str:
    """Store the glyphs that a figure counts and return the key of the set. Raises StoreError for an unknown figure."""
    ids = glyphs_of_figure(
        evaluation_sample(source, cut), _shapes_of(source), criterion, figure, label_counts(source.store)
    )
    return sets.save(source.file.path.parent, ids.tolist())


def thumbnails(source: Source, ids: list[int]) -> tuple[tuple[str, int], dict[int, tuple[int, int]]]:
    """Return the sprite of glyphs (data URL, thumbnails per row), and each glyph's position in it: column, row."""
    glyph_ids, columns = list(dict.fromkeys(ids)), pictures.SPRITE_COLUMNS
    places = {glyph: (i % columns, i // columns) for i, glyph in enumerate(glyph_ids)}
    return (pictures.sprite(source, glyph_ids), columns), places


def _key(source: Source, cut: Cut) -> tuple:
    """Return the cache key of the glyphs of a cut."""
    return sources.stamp(source.file.path), cut, glyphs.selection_state(source, cut.filters)


def _shapes_of(source: Source) -> Shapes | None:
    if source.database is None:
        return None
    return _shapes(sources.stamp(source.database.path), sources.stamp(config.CACHE), source.database)


@st.cache_resource(max_entries=2, show_spinner=False)
def _shapes(database: tuple[str, int], folder: tuple[str, int], _database: GlyphStore) -> Shapes | None:
    return Shapes.of(_database, config.CACHE)


@let_go_with_results
@st.cache_resource(max_entries=8, show_spinner=False)
def _sample(key: tuple, _source: Source) -> EvaluationSlice:
    _, cut, _ = key
    around = None if cut.filters == EVERYTHING else evaluation_sample(_source, Cut(cut.split))
    return evaluation_slice(_source.store, _source.database, cut.split, cut.filters, around)


@st.cache_data(max_entries=256, show_spinner=False)
def _part(key: tuple, criterion: str, name: str, _sample: EvaluationSlice) -> Any:
    if name.startswith(BY):
        return breakdown(_sample, name.removeprefix(BY), criterion)
    return _PARTS[name](_sample, criterion)


@st.cache_data(max_entries=32, show_spinner=False)
def _ceiling(key: tuple, _sample: EvaluationSlice, _shapes: Shapes) -> dict[str, Any]:
    return ceiling(_sample, _shapes)


@st.cache_data(max_entries=32, show_spinner=False)
def _causes(
    key: tuple, _sample: EvaluationSlice, _shapes: Shapes | None, _counts: list[int] | None
) -> list[dict[str, Any]]:
    return causes_of_errors(_sample, _shapes, _counts)
