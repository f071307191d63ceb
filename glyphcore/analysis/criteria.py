"""The criteria of a correct answer, one row each. Columns, links, options and pages read them from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glyphcore.data.labels import LabelMap


@dataclass(frozen=True)
class Criterion:
    """One definition of a correct prediction."""

    title: str
    column: str
    """Column of a results file that tells whether a prediction is correct."""
    errors: str
    """Its errors as an outcome of the filters (:data:`glyphcore.results.filters.OUTCOMES`)."""
    same: Callable[[LabelMap], np.ndarray]
    """Label map → int [classes]: equal for labels that may replace each other."""


CRITERIA = {
    "label": Criterion("Label", "correct", "wrong", lambda labels: np.arange(len(labels))),
    "unicode": Criterion("Unicode", "unicode_correct", "unicode_wrong", lambda labels: labels.base_index),
    "twin": Criterion("Up to confusables", "twin_correct", "twin_wrong", lambda labels: labels.twin_index),
}
"""The criteria by their keys in links, options and JSON."""
