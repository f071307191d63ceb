"""Rates as functions of the progress of a run; ``done`` is the share of steps already made, in [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def learning_rate(done: float, warmup: float) -> float:
    """Return the factor of the peak rate: linear warm-up, then a cosine down to 1%."""
    if done < warmup:
        return max(done / warmup, 0.01)
    rest = min((done - warmup) / max(1 - warmup, 1e-9), 1.0)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * rest))


def through(points: Sequence[float], done: float) -> float:
    """Return the value at ``done`` of ``points`` at equally spaced moments of the run, with linear interpolation."""
    return float(np.interp(done, np.linspace(0, 1, len(points)), points))
