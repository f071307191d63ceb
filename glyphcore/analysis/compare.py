"""Compares checkpoints on exactly the same glyphs: their differences, and whether a difference is more than chance.

Glyphs of fonts that any of the checkpoints was trained on are left out, so that no checkpoint is judged by its training
data. Glyphs with a label that any checkpoint does not know are left out too. A difference comes with its flips,
McNemar's exact test over them, and an interval from resampling families: errors within one family are correlated, so
its glyphs are not independent samples.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import bdtr

from glyphcore.analysis.alignment import AlignedResults
from glyphcore.analysis.criteria import CRITERIA
from glyphcore.analysis.intervals import draws, over_families
from glyphcore.analysis.metrics import METRICS, figures
from glyphcore.data.store import SPLITS

GROUPS = {"by_class": "char_class", "by_family": "family", "by_label": "label"}
"""Names of figures → the column whose values they are grouped by."""


def compare(aligned: AlignedResults) -> dict[str, Any]:
    """Return all parts of a comparison as plain types, under their names below."""
    slices = [aligned.slice(i) for i in range(len(aligned.names))]
    splits = {split: aligned.of_split(split) for split in SPLITS}
    every = [figures(glyphs) for glyphs in slices]
    return {
        "n": aligned.n,
        "left_out": aligned.left_out,
        "models": [
            {**model, "figures": model_figures, "delta": delta(model_figures, every[0]),
             "by_split": {split: figures(glyphs.where(of)) for split, of in splits.items() if of.any()}}
            for model, model_figures, glyphs in zip(aligned.models, every, slices, strict=True)
        ],
        "pairs": [
            {"a": aligned.names[a], "b": aligned.names[b],
             **{criterion: pair(aligned, a, b, criterion) for criterion in CRITERIA}}
            for a, b in itertools.combinations(range(len(slices)), 2)
        ],
        "agreement": agreement(aligned),
        **{name: by_group(aligned, column) for name, column in GROUPS.items()},
    }  # fmt: skip


def pair(aligned: AlignedResults, a: int, b: int, criterion: str = "label") -> dict[str, Any]:
    """Return :func:`flips` of two of the models by one of :data:`CRITERIA`."""
    return flips(aligned.right(a, criterion), aligned.right(b, criterion), aligned.column(0, "family"))


def flips(a: ArrayLike, b: ArrayLike, family: ArrayLike) -> dict[str, Any]:
    """Compare two models by their correct answers (bool or 0/1 [n], the same glyphs), and test the difference.

    ``fixed`` (wrong in ``a``, right in ``b``), ``broken``, ``both_right``, ``both_wrong`` are counts. ``difference``: b
    − a in accuracy. ``p``: McNemar's exact two-sided test. ``interval``: 95% of the difference over ``families``
    resampled (percentile bootstrap, seeded), None with fewer than two families. ``family``: names or codes [n].
    """
    before, after = np.asarray(a, bool), np.asarray(b, bool)
    fixed, broken = int((~before & after).sum()), int((before & ~after).sum())
    n = len(before)
    code, names = pd.factorize(np.asarray(family))
    change, size = np.bincount(code, after.astype(float) - before), np.bincount(code)
    return {
        "n": n,
        "fixed": fixed,
        "broken": broken,
        "both_right": int((before & after).sum()),
        "both_wrong": int((~before & ~after).sum()),
        "difference": (fixed - broken) / n,
        "p": float(mcnemar(fixed, broken)),
        "interval": over_families(change, size, _draws(len(names))),
        "families": len(names),
    }


def mcnemar(fixed: ArrayLike, broken: ArrayLike) -> np.ndarray:
    """Return the exact two-sided p of a split between ``fixed`` and ``broken`` at least this uneven by chance; 1
    without flips."""
    fixed, broken = np.asarray(fixed), np.asarray(broken)
    return np.where(fixed + broken, np.minimum(1.0, 2 * bdtr(np.minimum(fixed, broken), fixed + broken, 0.5)), 1.0)


def agreement(aligned: AlignedResults) -> list[list[float]]:
    """Return the share of glyphs to which two models give the same label, right or wrong: [models][models]."""
    return [[float((one == other).mean()) for other in aligned.predictions] for one in aligned.predictions]


def by_group(aligned: AlignedResults, column: str) -> list[dict[str, Any]]:
    """Return one dict per value of a column: ``name``, ``n``, label accuracy of each model, and compared with the first
    model ``delta``, ``fixed`` and ``broken``, lists with one entry per model. Sorted by the largest change of any
    model."""
    words, code = aligned.words(0, column), aligned.column(0, column)
    right = [aligned.right(i) for i in range(len(aligned.names))]

    def count(chosen: np.ndarray) -> list[int]:
        return np.bincount(code[chosen], minlength=len(words)).tolist()

    n = np.bincount(code, minlength=len(words)).tolist()
    counts = [count(model_right) for model_right in right]
    fixed, broken = (
        [count(~right[0] & model_right) for model_right in right],
        [count(right[0] & ~model_right) for model_right in right],
    )
    models = range(len(right))
    tests = []
    for group in np.flatnonzero(n).tolist():
        accuracy = [counts[i][group] / n[group] for i in models]
        tests.append(
            {
                "name": words[group],
                "n": n[group],
                "label_top1": accuracy,
                "delta": [value - accuracy[0] for value in accuracy],
                "fixed": [fixed[i][group] for i in models],
                "broken": [broken[i][group] for i in models],
            }
        )
    return sorted(tests, key=lambda row: (-max(map(abs, row["delta"])), row["name"]))


def delta(model_figures: dict[str, Any], first: dict[str, Any]) -> dict[str, float | None]:
    """Return the differences between the :func:`~glyphcore.analysis.metrics.figures` of two models, by the keys of
    metrics."""
    keys = [metric.key for metric in METRICS.values()]
    return {key: None if None in (model_figures[key], first[key]) else model_figures[key] - first[key] for key in keys}


_draws = lru_cache(maxsize=8)(draws)
"""Cached, because all pairs of a comparison have the same families."""
