"""Data that Inspect loads only on request: an outline, other checkpoints, similar glyphs, and the model itself.

The model is loaded at the first edit and cached by file and stamp, only a few models at a time. Browsing never needs
the model. Its answers are cached, so that going back and forth between edits never asks the same question twice.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from app.shared import pictures, sources
from app.shared.replaced import let_go_with_results
from app.shared.sources import Source
from glyphcore import config
from glyphcore.analysis.checkpoint_predictions import CheckpointPrediction
from glyphcore.analysis.checkpoint_predictions import checkpoint_predictions as predictions_of
from glyphcore.analysis.verdict import Evidence, Verdict, causes_of_split, evidence_of
from glyphcore.analysis.verdict import verdict as weigh
from glyphcore.data.cache import glyph_geometry
from glyphcore.data.edits import Edit, Found, Move, Repair, Sensitivity
from glyphcore.data.shapes import Shapes
from glyphcore.data.store import GlyphStore
from glyphcore.data.vector import Vector, heights, vector
from glyphcore.errors import CheckpointError, GlyphError
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.families import SameLabel, same_label
from glyphcore.results.inspection import Inspection
from glyphcore.results.neighbours import nearest_by_embedding
from glyphcore.runtime import EXPORTED_SUFFIX, Predictor
from glyphcore.runtime.counterfactual import choices, smallest_edit
from glyphcore.runtime.edits import edited, moves, probabilities, sensitivity
from glyphcore.runtime.models import ModelFile, model_file
from glyphcore.runtime.repair import repaired

NEAREST = 36
FAMILIES = 96
"""Most thumbnails in a panel."""
MODELS = 3
"""Most models kept in memory; each takes about 30 MB, besides torch itself."""

_loading = threading.Lock()


def outline(source: Source, glyph: int) -> Vector | None:
    """Return the outline with its font's heights; None if there is no outline to draw."""
    if source.database is None or not source.database.has_contours:
        return None
    return _outline(sources.stamp(source.database.path), glyph, source.database)


def comparable_results(source: Source) -> list[tuple[str, str]]:
    """Return finished results on the same database: file name and checkpoint, the current one first."""
    fingerprint = source.store.meta.dataset_fingerprint
    files = [file for file in sources.files() if file.complete and file.dataset_fingerprint == fingerprint]
    files.sort(key=lambda file: file.path.name != source.file.path.name)
    return [(file.path.name, file.checkpoint) for file in files]


def checkpoint_predictions(source: Source, names: Sequence[str], glyph: int) -> list[CheckpointPrediction]:
    """Return the predictions for a glyph by the current checkpoint and by known ones of ``names``."""
    comparable_names = {name for name, _ in comparable_results(source)} - {source.file.path.name}
    paths = [source.file.path.with_name(name) for name in names if name in comparable_names]
    return predictions_of([source.store, *(sources.open_results(path) for path in paths)], glyph)


def nearest(source: Source, row: ResultRow, scope: str) -> tuple[list[ResultRow], list[float], str]:
    """Return the nearest glyphs, their cosines and their sprite. ``scope``: as :data:`app.inspector.state.NEAR`."""
    return _nearest(sources.stamp(source.file.path), row.glyph_id, row.family, scope, source)


def same_label_families(source: Source, glyph: int) -> tuple[SameLabel, str]:
    """Return the glyph's label across families, and the sprite of these glyphs."""
    same = same_label(source.store, glyph, FAMILIES)
    return same, pictures.sprite(source, [family.row.glyph_id for family in same.families])


def model(source: Source) -> ModelFile:
    """Return the model file to ask. Raises CheckpointError if there is none, or no geometry."""
    if source.database is None:
        raise CheckpointError("The glyph database was removed or changed, so the model cannot be asked again.")
    stamps = tuple(
        sources.stamp(path)
        for kind in ("*.ckpt", f"*{EXPORTED_SUFFIX}")
        for path in sorted(config.CHECKPOINTS.glob(kind))
    )
    return _model(sources.stamp(source.file.path), stamps, source.store)


def model_loaded(source: Source) -> bool:
    """Return whether the model is in memory. Raises CheckpointError if the model cannot be used at all."""
    return sources.stamp(model(source).path) in _models()


def load_model(source: Source) -> Predictor:
    """Return the model; loading takes seconds at the first call. Raises CheckpointError if it cannot be used."""
    stamp = sources.stamp(model(source).path)
    with _loading:
        models = _models()
        if stamp not in models:
            while len(models) >= MODELS:
                models.pop(next(iter(models)))
            models[stamp] = Predictor(model(source).path)
        return models[stamp]


def edit_effect(source: Source, inspection: Inspection, edits: Edit) -> tuple[list[Move], float]:
    """Return the moves of the labels, and the difference between the unedited model and the stored probabilities.

    Raises GlyphError for a primitive that the codebook does not have.
    """
    return _edit_effect(_key(source), inspection.row.glyph_id, edits, source, inspection)


def occlusion(source: Source, inspection: Inspection) -> Sensitivity:
    """Return how each cell affects the truth (if the model knows its label) and the prediction."""
    return _occlusion(_key(source), inspection.row.glyph_id, source, inspection)


def counterfactual(source: Source, inspection: Inspection) -> Found:
    """Return the smallest edit that makes the model read the truth. Raises GlyphError if it does not know the label."""
    if inspection.row.label_index < 0:
        raise GlyphError(
            f"This checkpoint does not know the label {inspection.row.label}, so no edit can correct the prediction."
        )
    return _counterfactual(_key(source), inspection.row.glyph_id, source, inspection)


def verdict(source: Source, inspection: Inspection) -> tuple[Verdict, str]:
    """Return the cause of a reading, and the model file that must be loaded for a full verdict (empty for none).

    The model is asked only if it is in memory. If there is no model, the sentence of the verdict says why."""
    missing, name, repair = "", "", None
    row, target = inspection.row, inspection.target
    misread = target is not None and bool((inspection.details.primitive != target).any())
    if not row.correct and row.label_index >= 0 and misread:
        try:
            if model_loaded(source):
                repair = _repair(_key(source), row.glyph_id, source, inspection)
            else:
                name = model(source).path.name
        except GlyphError as error:
            missing = f" {error}"
    found = weigh(_evidence(sources.stamp(source.file.path), row.glyph_id, repair, source, inspection),
                  source.store.labels)  # fmt: skip
    if found.blame != "open":
        return found, ""
    return replace(found, text=f"{found.text}{missing}"), name


def _key(source: Source) -> tuple:
    return sources.stamp(source.file.path), sources.stamp(model(source).path)


def _geometry(source: Source, glyph: int) -> np.ndarray:
    assert source.database is not None  # model() has checked it
    return glyph_geometry(source.database.glyphs([glyph])[0])


@st.cache_resource(max_entries=1, show_spinner=False)
def _models() -> dict[tuple[str, int], Predictor]:
    return {}


@st.cache_data(max_entries=8, show_spinner=False)
def _model(stamp: tuple[str, int], stamps: tuple, _store: ResultsStore) -> ModelFile:
    meta = _store.meta
    training = meta.model.get("training", {})
    return model_file(meta.checkpoint_file, meta.checkpoint_fingerprint, training, config.CHECKPOINTS)


@st.cache_data(max_entries=64, show_spinner=False)
def _outline(stamp: tuple[str, int], glyph: int, _database: GlyphStore) -> Vector | None:
    rows = _database.glyphs([glyph])
    if not rows:
        return None
    try:
        drawn = vector(rows[0].outline(), rows[0], _heights(stamp, rows[0].f_id, _database))
    except GlyphError:
        return None
    return drawn if drawn.points else None


@st.cache_data(max_entries=512, show_spinner=False)
def _heights(stamp: tuple[str, int], f_id: int | str | None, _database: GlyphStore) -> dict[str, float]:
    return heights(_database, f_id)


@st.cache_data(max_entries=64, show_spinner=False)
def _nearest(
    stamp: tuple[str, int], glyph: int, family: str, scope: str, _source: Source
) -> tuple[list[ResultRow], list[float], str]:
    split = ("train",) if scope == "train" else ()
    store = _source.store
    ids, cosine = nearest_by_embedding(
        store.path, store.columns, glyph, NEAREST, split=split, exclude_family="" if scope == "all" else family
    )  # fmt: skip
    return store.rows(ids.tolist()), cosine.tolist(), pictures.sprite(_source, ids.tolist())


@st.cache_data(max_entries=256, show_spinner=False)
def _edit_effect(
    key: tuple, glyph: int, edits: Edit, _source: Source, _inspection: Inspection
) -> tuple[list[Move], float]:
    predictor, details = load_model(_source), _inspection.details
    changed = edited(details.primitive, edits, len(_source.store.codebook))
    p = probabilities(predictor, np.stack([details.primitive, changed]), _geometry(_source, glyph))
    return moves(*p), float(np.abs(p[0][details.top] - details.top_p).max())


@st.cache_data(max_entries=128, show_spinner=False)
def _occlusion(key: tuple, glyph: int, _source: Source, _inspection: Inspection) -> Sensitivity:
    row = _inspection.row
    label_ids = list(dict.fromkeys(label_id for label_id in (row.label_index, row.pred_index) if label_id >= 0))
    return sensitivity(load_model(_source), _inspection.details.primitive, _geometry(_source, glyph), label_ids)


@st.cache_data(max_entries=256, show_spinner=False)
def _repair(key: tuple, glyph: int, _source: Source, _inspection: Inspection) -> Repair:
    target = _inspection.target
    assert target is not None  # verdict() has checked it
    return repaired(
        load_model(_source), _inspection.details.primitive, target, _geometry(_source, glyph),
        _inspection.row.label_index,
    )  # fmt: skip


@st.cache_data(max_entries=256, show_spinner=False)
def _evidence(
    stamp: tuple[str, int], glyph: int, repair: Repair | None, _source: Source, _inspection: Inspection
) -> Evidence:
    row, database = _inspection.row, _source.database
    if row.correct or row.label_index < 0:
        return evidence_of(_source.store, _inspection)
    rasters = None if database is None else pictures.packed(database)
    cause = _causes(stamp, row.split, _source).get(glyph, "")
    return evidence_of(_source.store, _inspection, cause=cause, rasters=rasters, repair=repair)


@let_go_with_results
@st.cache_resource(max_entries=4, show_spinner=False)
def _causes(stamp: tuple[str, int], split: str, _source: Source) -> dict[int, str]:
    shapes = None if _source.database is None else Shapes.of(_source.database, config.CACHE)
    return causes_of_split(_source.store, shapes, split)


@st.cache_data(max_entries=128, show_spinner=False)
def _counterfactual(key: tuple, glyph: int, _source: Source, _inspection: Inspection) -> Found:
    details = _inspection.details
    candidates = choices(details.primitive, details.runner_up, _inspection.target)
    return smallest_edit(
        load_model(_source), details.primitive, _geometry(_source, glyph), _inspection.row.label_index, candidates
    )
