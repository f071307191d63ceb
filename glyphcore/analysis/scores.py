"""The headline of a report: every metric with its sample size, its interval, and the filters of its errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.analysis.groups import naming
from glyphcore.analysis.intervals import draws, of_share, percentiles
from glyphcore.analysis.metrics import METRICS, Metric, measured
from glyphcore.results.filters import Filters


def scores(subset: EvaluationSlice) -> list[dict[str, Any]]:
    """Return one dict for each of :data:`METRICS`: ``name``, ``value``, ``right`` of ``n`` (in the metric's unit;
    ``right`` is None for a mean over labels), and ``interval``, 95% over drawn families.

    ``value`` is None for an empty sample, ``interval`` is None with fewer than two families. ``filters`` describe its
    errors; they are None where no filters do (:func:`errors` selects them then).
    """
    drawn, families = draws(len(subset.families)), len(subset.families)
    rows = []
    for name, metric in METRICS.items():
        right, counted = metric.count(subset.slice)
        value, n = measured(metric, subset.slice, right, counted)
        if metric.unit == "labels":
            interval = _over_labels(subset, right, counted, drawn)
        else:
            numerator, denominator = (np.bincount(subset.family, weights, families) for weights in (right, counted))
            interval = of_share(numerator, denominator, drawn)
        rows.append(
            {
                "name": name,
                "value": value,
                "right": None if metric.unit == "labels" else int(right.sum()),
                "n": n,
                "interval": interval,
                "filters": _filters(subset, metric, right, counted),
            }
        )
    return rows


def errors(subset: EvaluationSlice, name: str) -> np.ndarray:
    """Return bool [n]: the errors of a metric that counts glyphs. Raises KeyError for any other metric."""
    metric = METRICS[name]
    if metric.unit != "glyphs":
        raise KeyError(name)
    right, counted = metric.count(subset.slice)
    return counted & ~right


def _over_labels(
    subset: EvaluationSlice, right: np.ndarray, counted: np.ndarray, drawn: np.ndarray
) -> list[float] | None:
    """Return the interval of a mean over labels; a label that no drawn family has is left out of that draw."""
    used, label = np.unique(subset.truth, return_inverse=True)
    shape = len(subset.families), len(used)
    if shape[0] < 2:
        return None
    cell = subset.family * shape[1] + label
    n, hits = (
        np.bincount(cell, weights, shape[0] * shape[1]).reshape(shape).astype(np.float32)
        for weights in (counted, right)
    )
    below = drawn @ n
    share = np.divide(drawn @ hits, below, out=np.zeros_like(below), where=below > 0)
    return percentiles(share.sum(1) / (below > 0).sum(1))


def _filters(subset: EvaluationSlice, metric: Metric, right: np.ndarray, counted: np.ndarray) -> Filters | None:
    if not metric.errors:
        return None
    named = naming(subset, counted, counted & ~right) if metric.of_some else {}
    return None if named is None else subset.filters(outcome=metric.errors, **named)
