"""The headline of a report: each figure with its sample size and what it is worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from glyphcore.analysis.groups import naming
from glyphcore.analysis.intervals import draws, over_families, percentiles
from glyphcore.analysis.sample import Sample
from glyphcore.results.details import TOP
from glyphcore.results.filters import Filters

NAMES = {
    "label": "label_top1", "unicode": "unicode_top1", "twin": "twin_top1", "top5": "label_top5", "macro": "label_macro",
    "marks": "diacritic_top1", "primitives": "primitive_accuracy",
}  # fmt: skip
"""Scores → what :func:`glyphcore.analysis.metrics.metrics` calls them."""
OUTCOMES = {"label": "wrong", "unicode": "unicode_wrong", "twin": "twin_wrong", "top5": "beyond_top5", "marks": "wrong"}
"""Scores → the outcome that their errors have."""


def scores(sample: Sample) -> list[dict[str, Any]]:
    """For each of :data:`NAMES`: ``name``, ``value``, ``right`` of ``n``, and ``interval``, 95% over drawn families.

    ``n`` counts glyphs, for ``macro`` labels (``right`` is None), for ``primitives`` cells with ink. ``value`` is None
    for an empty sample, ``interval`` with fewer than two families. ``filters`` name its errors, None where they cannot
    (then :func:`errors` does).
    """
    families = len(sample.families)
    drawn = draws(families)
    ones = np.ones(len(sample), bool)
    counted = {
        "label": (sample.right["label"], ones),
        "unicode": (sample.right["unicode"], ones),
        "twin": (sample.right["twin"], ones),
        "top5": ((sample.rank > 0) & (sample.rank <= TOP), ones),
        "marks": (sample.right["label"] & sample.is_mark, sample.is_mark),
        "primitives": (sample.cells_right, sample.cells_total),
    }
    found = {}
    for name, (right, n) in counted.items():
        numerator = np.bincount(sample.family, right, families)
        denominator = np.bincount(sample.family, n, families)
        total, its = int(denominator.sum()), int(numerator.sum())
        found[name] = {
            "name": name,
            "value": its / total if total else None,
            "right": its,
            "n": total,
            "interval": over_families(numerator, denominator, drawn),
            "filters": _filters(sample, name),
        }
    found["macro"] = _macro(sample, drawn)
    return [found[name] for name in NAMES]


def _macro(sample: Sample, drawn: np.ndarray) -> dict[str, Any]:
    """Mean over labels of their accuracy; a label that no drawn family has does not count in that draw."""
    used, label = np.unique(sample.truth, return_inverse=True)
    shape = len(sample.families), len(used)
    cell = sample.family * shape[1] + label
    n = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    right = np.bincount(cell, sample.right["label"], shape[0] * shape[1]).reshape(shape).astype(np.float32)
    interval = None
    if shape[0] > 1:
        below = drawn @ n
        share = np.divide(drawn @ right, below, out=np.zeros_like(below), where=below > 0)
        interval = percentiles(share.sum(1) / (below > 0).sum(1))
    value = float((right.sum(0) / n.sum(0)).mean())
    return {"name": "macro", "value": value, "right": None, "n": shape[1], "interval": interval, "filters": None}


def errors(sample: Sample, name: str) -> np.ndarray:
    """bool [n]: the errors of one of :data:`OUTCOMES`."""
    if name == "top5":
        return (sample.rank == 0) | (sample.rank > TOP)
    return sample.wrong("label") & sample.is_mark if name == "marks" else sample.wrong(name)


def _filters(sample: Sample, name: str) -> Filters | None:
    if name not in OUTCOMES:
        return None
    marks = naming(sample, sample.is_mark, sample.wrong("label")) if name == "marks" else {}
    return None if marks is None else sample.filters(outcome=OUTCOMES[name], **marks)
