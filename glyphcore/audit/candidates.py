"""What a prediction looks like to a program: candidates with their characters, and how far to trust the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glyphcore.data.labels import LabelMap


def candidates(top: Sequence[int], top_p: Sequence[float], labels: LabelMap) -> list[dict[str, Any]]:
    """Class indices, best first, with their probabilities → ``rank`` (from 1), ``label``, ``base``, ``prob``."""
    return [
        {"rank": rank, "label": labels.labels[i], "base": labels.base[i], "prob": round(float(p), 6)}
        for rank, (i, p) in enumerate(zip(top, top_p, strict=True), 1)
    ]


def flags(p1: float, p2: float, *, ok: float, low: float, ambiguous: float) -> list[str]:
    """``OK``, ``LOW_CONF`` or ``VERY_LOW`` by the best probability; ``AMBIGUOUS`` too when the second is that close."""
    confidence = "OK" if p1 >= ok else "LOW_CONF" if p1 >= low else "VERY_LOW"
    return [confidence, "AMBIGUOUS"] if p1 - p2 < ambiguous else [confidence]
