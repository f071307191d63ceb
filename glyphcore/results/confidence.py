"""Confidence in tenths, as filters, facets and calibration count it."""

from __future__ import annotations

import numpy as np

BUCKETS = 10


def tenths(p: np.ndarray) -> np.ndarray:
    """int8 [n]: the tenth, from 0, that each confidence float32 [n] falls into; 1 falls into the last."""
    # A hair above the edge, so that a stored 0.3 (0.30000001 as float32) and a typed 0.3 fall into the same tenth.
    return np.clip((p * BUCKETS + 1e-6).astype(np.int8), 0, BUCKETS - 1)
