"""Upper bounds of accuracy: a font may draw different labels with exactly the same shape.

For example, a font may draw fatha and kasra with one outline, in two places. Fitted to the raster, both have the same
pixels. A model that sees only the pixels must give both the same label, so one of them is wrong. Among glyphs *of one
font* with equal rasters and different labels, only the most frequent label can be right; no model that looks at one
glyph at a time can get the others right. Geometry (box and advance in the em) tells many of them apart, so there are
two ceilings: for models that see only the raster, and for models that see raster and geometry. Font-level decoding can
do better, because it uses the other glyphs of the font.

The ceilings are upper bounds: rasters that are merely similar, or equal in two fonts, cause more errors.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.data.shapes import Shapes

PAIRS = 12
"""Number of sets of labels that are named."""


def ceiling(subset: EvaluationSlice, shapes: Shapes) -> dict[str, Any]:
    """Return the ceilings ``raster`` and ``geometry`` (raster and geometry known).

    Each has ``tied``: number of glyphs that share their shape with another label of their font. For each criterion it
    has ``value``: the ceiling, ``lost``: errors that no model can avoid, and ``errors``: errors of this checkpoint
    among the tied glyphs. ``pairs`` has the ``labels`` that are drawn alike most often, ``n`` tied glyphs with these
    labels, and ``filters`` of all errors with these labels. ``n`` is the number of glyphs, ``unknown`` the number of
    glyphs without a picture, which count as alone in their shape. Glyphs of a selection are tied to all glyphs of their
    font, also outside the selection.
    """
    unknown = int((shapes.rows(subset.glyph_id) < 0).sum())
    result: dict[str, Any] = {"n": len(subset), "unknown": unknown}
    result["raster"] = _bound(subset, *_alike(subset, shapes, geometry=False))
    result["geometry"] = _bound(subset, *_alike(subset, shapes, geometry=True))
    return result


def tied(subset: EvaluationSlice, shapes: Shapes, geometry: bool) -> np.ndarray:
    """Return bool [n]: glyphs that share their raster (and their geometry) with another label of their font."""
    row = _alike(subset, shapes, geometry)[2]
    mask = np.zeros(len(subset), bool)
    mask[row[row >= 0]] = True
    return mask


def _alike(subset: EvaluationSlice, shapes: Shapes, geometry: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return glyphs that share their shape with another label of their font, in the sample or outside it. The result
    has three arrays int [tied]: the number of their group, their label, and their row in the sample, −1 outside it."""
    whole = subset.around or subset
    rows = shapes.rows(whole.glyph_id)
    seen = np.flatnonzero(rows >= 0)
    keys = [whole.font[seen].astype(np.uint64), shapes.raster[rows[seen]]]
    if geometry:
        keys.append(shapes.geometry[rows[seen]])
    group, inside = _groups(whole.truth[seen], keys)
    seen = seen[inside]
    row = np.full(len(whole), -1)
    row[np.searchsorted(whole.glyph_id, subset.glyph_id)] = np.arange(len(subset))
    return group[inside], whole.truth[seen], row[seen]


def _bound(subset: EvaluationSlice, group: np.ndarray, truth: np.ndarray, row: np.ndarray) -> dict[str, Any]:
    labels, in_subset = subset.labels, row >= 0
    result: dict[str, Any] = {"tied": int(in_subset.sum()), "pairs": _pairs(subset, group, truth, in_subset)}
    group, rows = group[in_subset], row[in_subset]
    for key, criterion in CRITERIA.items():
        lost = len(rows) - _most_frequent(group, criterion.same(labels)[subset.truth[rows]])
        result[key] = {
            "value": 1 - lost / len(subset),
            "lost": lost,
            "errors": int(subset.wrong(key)[rows].sum()),
        }
    return result


def _groups(truth: np.ndarray, keys: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return a group number for each glyph, equal for equal keys, int [n]; and bool [n]: whether the group has several
    labels."""
    if not len(truth):
        return np.zeros(0, int), np.zeros(0, bool)
    order = np.lexsort((truth, *reversed(keys)))
    new = np.zeros(len(truth), bool)
    for key in keys:
        new[1:] |= np.diff(key[order]) != 0
    ordered = np.cumsum(new)
    other = np.r_[False, np.diff(truth[order]) != 0] & ~new  # within a group, true labels are sorted
    several = np.bincount(ordered, other) > 0
    group, inside = np.empty(len(truth), int), np.empty(len(truth), bool)
    group[order], inside[order] = ordered, several[ordered]
    return group, inside


def _most_frequent(group: np.ndarray, name: np.ndarray) -> int:
    """Return the number of glyphs that have the most frequent name of their group."""
    if not len(group):
        return 0
    pairs, counts = np.unique(np.stack([group, name], 1), axis=0, return_counts=True)
    first = np.r_[True, np.diff(pairs[:, 0]) != 0]
    return int(np.maximum.reduceat(counts, np.flatnonzero(first)).sum())


def _pairs(
    subset: EvaluationSlice, group: np.ndarray, truth: np.ndarray, in_subset: np.ndarray
) -> list[dict[str, Any]]:
    pair_counts: Counter[tuple[int, ...]] = Counter()
    order = np.lexsort((truth, group))
    group, truth, in_subset = group[order], truth[order], in_subset[order]
    starts = np.flatnonzero(np.r_[True, np.diff(group) != 0]) if len(group) else np.zeros(0, int)
    listed = truth.tolist()
    for start, end in itertools.pairwise([*starts.tolist(), len(listed)]):
        if n := int(in_subset[start:end].sum()):
            pair_counts[tuple(dict.fromkeys(listed[start:end]))] += n
    ranked = sorted(pair_counts.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    names = [tuple(subset.labels.labels[i] for i in labels) for labels, _ in ranked]
    return [
        {"labels": list(label_names), "n": n, "filters": subset.filters(label=label_names, outcome="wrong")}
        for label_names, (_, n) in zip(names, ranked, strict=True)
    ]
