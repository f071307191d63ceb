"""Breakdown of errors: every error gets the first cause that applies. Causes that no model can avoid come first, causes
that training can remove come last.

The order is that of :data:`CAUSES`. The cause "rare" needs a checkpoint that records how often it saw each label.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from glyphcore.analysis.ceiling import tied
from glyphcore.analysis.evaluation_slice import EvaluationSlice
from glyphcore.data.shapes import Shapes

CAUSES = {
    "tied": "its font draws another label with the same pixels, size and place",
    "place": "its font draws another label in the same shape, but in another size or place",
    "twin": "predicted as a confusable, a label that most fonts draw identically",
    "form": "predicted as another form of the same character",
    "design": "most glyphs of its family are wrong",
    "rare": "fewer than 20 train glyphs have its label",
    "second": "the true label is the second to fifth candidate",
    "far": "the true label is not among the first five candidates",
}
"""Names of the causes and their meanings, in the order in which they are tested."""
HARDLY = 0.5
"""A family with a smaller share of right glyphs is an unusual design."""
FEW = 20
"""Number of train glyphs below which a label is rare."""


def error_causes(
    subset: EvaluationSlice, shapes: Shapes | None, label_counts: list[int] | None
) -> list[dict[str, Any]]:
    """Return one dict for each of :data:`CAUSES` that can be known: ``name``, ``meaning``, ``n`` errors and their
    ``share`` of the sample (by label, including the form)."""
    code = cause_of(subset, shapes, label_counts)
    unknown = {"tied", "place"} if shapes is None else set()
    unknown |= {"rare"} if label_counts is None else set()
    return [
        {"name": name, "meaning": meaning, "n": int((code == i).sum()), "share": float((code == i).mean())}
        for i, (name, meaning) in enumerate(CAUSES.items())
        if name not in unknown
    ]


def cause_of(subset: EvaluationSlice, shapes: Shapes | None, label_counts: list[int] | None) -> np.ndarray:
    """Return int [n]: index into :data:`CAUSES`, −1 for correct glyphs.

    ``label_counts``: train glyphs of each label, in class order; None when the checkpoint does not record them.
    """
    wrong, labels = subset.wrong("label"), subset.labels
    nothing = np.zeros(len(subset), bool)
    whole = subset.around or subset  # all glyphs of a family decide whether it is an unusual design
    right = np.bincount(whole.family, ~whole.wrong("label")) / np.maximum(np.bincount(whole.family), 1)
    if subset.around is not None:
        right = right[np.searchsorted(whole.families, subset.families)]
    known = subset.pred >= 0
    holds = {
        "tied": nothing if shapes is None else tied(subset, shapes, geometry=True),
        "place": nothing if shapes is None else tied(subset, shapes, geometry=False),
        "twin": known & (labels.twin_index[subset.pred] == labels.twin_index[subset.truth]),
        "form": known & (labels.base_index[subset.pred] == labels.base_index[subset.truth]),
        "design": right[subset.family] < HARDLY,
        "rare": nothing if label_counts is None else np.asarray(label_counts)[subset.truth] < FEW,
        "second": (subset.rank > 1) & (subset.rank <= 5),
    }
    far = len(CAUSES) - 1
    return np.where(wrong, np.select([holds[name] for name in list(CAUSES)[:far]], list(range(far)), far), -1)
