"""Calibration: whether a confidence of 0.9 means 90% correct, and the gain from abstaining below a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np

from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.analysis.intervals import of_groups
from glyphcore.config import InferConfig
from glyphcore.results.buckets import BUCKETS, tenths

POINTS = 200
"""Largest number of points of a curve."""
SURE = InferConfig.ok
"""Confidence from which an answer counts as sure: the flag OK of ``infer``."""


def reliability(subset: EvaluationSlice, criterion: str) -> dict[str, Any]:
    """Return the reliability of the confidence.

    ``bins``: tenths of confidence that contain glyphs, each with ``low``, ``high``, ``n``, ``right``, mean ``p``,
    ``share`` right, its ``interval`` over families (None for one family), and the ``filters`` of its errors. ``ece``:
    expected calibration error over these tenths, the mean of |p - share| weighted by glyphs (Naeini et al., 2015).
    ``p`` and ``share`` are over all ``n`` glyphs.
    """
    right, tenth = subset.right[criterion], tenths(subset.p)
    n = np.bincount(tenth, minlength=BUCKETS)
    hits = np.bincount(tenth, right, BUCKETS)
    p = np.bincount(tenth, subset.p, BUCKETS)
    intervals = of_groups(right, tenth, BUCKETS, subset.family)
    bins = [
        {
            "low": i / BUCKETS,
            "high": (i + 1) / BUCKETS,
            "n": int(n[i]),
            "right": int(hits[i]),
            "p": float(p[i] / n[i]),
            "share": float(hits[i] / n[i]),
            "interval": intervals[i],
            "filters": subset.filters(outcome=CRITERIA[criterion].errors, p_min=i / BUCKETS, p_max=(i + 1) / BUCKETS),
        }
        for i in np.flatnonzero(n).tolist()
    ]
    return {
        "n": len(subset),
        "p": float(subset.p.mean()),
        "share": float(right.mean()),
        "ece": float(np.abs(p - hits).sum() / len(subset)),
        "bins": bins,
    }


def coverage(subset: EvaluationSlice) -> dict[str, list[float]]:
    """Return curves over falling confidence, at most :data:`POINTS` points: ``threshold``, ``coverage`` (share of
    glyphs with at least that confidence), and for each criterion the share of these glyphs that is right."""
    order = np.argsort(-subset.p, kind="stable")
    p, n = subset.p[order], len(subset)
    last = np.flatnonzero(np.r_[p[1:] != p[:-1], True])  # glyphs of equal confidence are answered together
    last = last[np.unique(np.linspace(0, len(last) - 1, POINTS).astype(int))]
    curves = {"threshold": p[last].tolist(), "coverage": ((last + 1) / n).tolist()}
    for criterion in CRITERIA:
        curves[criterion] = (np.cumsum(subset.right[criterion][order])[last] / (last + 1)).tolist()
    return curves


def rejection(subset: EvaluationSlice) -> dict[str, Any] | None:
    """Return what thresholds keep of the glyphs with a label, and what they let pass of glyphs that are none of the
    labels; None where there is no such glyph.

    ``known`` and ``unknown``: numbers of glyphs. For ``p``, the confidence of the first candidate, and for ``final_p``,
    the one that is left because a glyph may be none of the labels (None where nothing tells that): curves of at most
    :data:`POINTS` points over falling ``threshold``, ``kept`` and ``passed``, and under ``at`` the same two shares at
    :data:`SURE`.
    """
    if not subset.outside:
        return None
    curves: dict[str, Any] = {"known": len(subset), "unknown": subset.outside, "final_p": None}
    curves["p"] = _rejected(subset.p, subset.unknown_p[0])
    if subset.judged:
        curves["final_p"] = _rejected(subset.final_p, subset.unknown_p[1])
    return curves


def _rejected(known: np.ndarray, unknown: np.ndarray) -> dict[str, Any]:
    known, unknown = np.sort(known), np.sort(unknown)
    thresholds = np.unique(np.quantile(np.r_[known, unknown], np.linspace(0, 1, POINTS)))[::-1]

    def above(values: np.ndarray, least: np.ndarray) -> np.ndarray:
        return np.asarray(1 - np.searchsorted(values, least, side="left") / len(values))

    sure = np.array([SURE], np.float32)
    return {
        "threshold": thresholds.tolist(), "kept": above(known, thresholds).tolist(),
        "passed": above(unknown, thresholds).tolist(),
        "at": {"threshold": SURE, "kept": float(above(known, sure)[0]), "passed": float(above(unknown, sure)[0])},
    }  # fmt: skip


def operating_point(subset: EvaluationSlice, threshold: float) -> dict[str, Any]:
    """Return the effect of a threshold: ``answered`` of ``n`` glyphs (``coverage``). For each criterion it has the
    number of answered glyphs that are correct, under ``_share`` their share (None for no glyphs), and under
    ``_filters`` the filters of the errors. ``left_filters`` select the glyphs without an answer."""
    answered = subset.p >= np.float32(threshold)
    count = int(answered.sum())
    record: dict[str, Any] = {"threshold": threshold, "n": len(subset), "answered": count,
                             "coverage": count / len(subset)}  # fmt: skip
    for name, criterion in CRITERIA.items():
        record[name] = int(subset.right[name][answered].sum())
        record[f"{name}_share"] = record[name] / count if count else None
        record[f"{name}_filters"] = subset.filters(outcome=criterion.errors, p_min=threshold)
    record["left_filters"] = subset.filters(p_max=threshold)
    return record
