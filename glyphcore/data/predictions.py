"""Predictions for glyphs: arrays between the predictor and the results, and records for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glyphcore.data.labels import LabelMap


@dataclass(frozen=True)
class Predictions:
    """Predictions for n glyphs; the first axis of every array is n."""

    top: np.ndarray
    """int64 [n, k]: class indices, best first."""
    top_p: np.ndarray
    """float32 [n, k]: probabilities of ``top``."""
    entropy: np.ndarray
    """float32 [n]: entropy of the label distribution, in nats."""
    loss: np.ndarray
    """float32 [n]: −log p of the truth; NaN where no truth was given."""
    rank: np.ndarray
    """int64 [n]: rank of the truth from 1; 0 where no truth was given."""
    primitive: np.ndarray
    """uint16 [n, 256]: primitive IDs, row-major; 0 is EMPTY."""
    runner_up: np.ndarray
    """uint16 [n, 256]: second choices; 0 in empty cells."""
    primitive_p: np.ndarray
    """float32 [n, 256]: probability of the primitive; 1 in empty cells."""
    embedding: np.ndarray
    """float16 [n, width]: pooled embedding."""
    p: np.ndarray | None = field(default=None, kw_only=True)
    """float32 [n, classes]: probabilities of all classes; None where they were not requested."""


def candidates(top: Sequence[int], top_p: Sequence[float], labels: LabelMap) -> list[dict[str, Any]]:
    """Convert class indices, best first, and their probabilities to ``rank`` (from 1), ``label``, ``base``,
    ``prob``."""
    return [
        {"rank": rank, "label": labels.labels[i], "base": labels.base[i], "prob": round(float(p), 6)}
        for rank, (i, p) in enumerate(zip(top, top_p, strict=True), 1)
    ]


def flags(p: float, rival: float, *, ok: float, low: float, ambiguous: float) -> list[str]:
    """Return flags of trust in an answer: ``OK``, ``LOW_CONF`` or ``VERY_LOW`` by its probability ``p``.

    ``AMBIGUOUS`` is added where the probability ``rival`` of the likeliest other candidate is that close or higher.
    """
    confidence = "OK" if p >= ok else "LOW_CONF" if p >= low else "VERY_LOW"
    return [confidence, "AMBIGUOUS"] if p - rival < ambiguous else [confidence]
