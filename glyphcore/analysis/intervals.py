"""Confidence intervals of a share.

Errors within one family are correlated. For several families the interval therefore resamples whole families with
replacement (percentile bootstrap, seeded). For one group of glyphs it is Wilson's score interval, which takes glyphs as
independent and is therefore somewhat too narrow.
"""

from __future__ import annotations

import numpy as np

RESAMPLES = 2000
COVER = 95.0
"""Per cent."""
_Z = 1.959964


def draws(families: int) -> np.ndarray:
    """Return float32 [RESAMPLES, families]: how often each family is drawn."""
    counts = np.random.default_rng(0).multinomial(families, np.full(families, 1 / families), RESAMPLES)
    return counts.astype(np.float32)


def over_families(numerator: np.ndarray, denominator: np.ndarray, drawn: np.ndarray) -> list[float] | None:
    """95% interval of sum(numerator) / sum(denominator) over drawn families; None with fewer than two that count.

    ``numerator`` and ``denominator``: a sum a family [families]; ``drawn`` from :func:`draws`.
    """
    if np.count_nonzero(denominator) < 2:
        return None
    below = drawn @ denominator.astype(np.float32)
    return percentiles((drawn @ numerator.astype(np.float32))[below > 0] / below[below > 0])


def percentiles(values: np.ndarray) -> list[float]:
    """Return the interval that holds 95% of ``values``."""
    low, high = np.percentile(values, [(100 - COVER) / 2, (100 + COVER) / 2])
    return [float(low), float(high)]


def wilson(right: int, n: int) -> list[float] | None:
    """95% score interval of ``right`` of ``n``; None for an empty sample."""
    if not n:
        return None
    p, z2 = right / n, _Z * _Z
    middle, half = p + z2 / (2 * n), _Z * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return [float(max(0.0, (middle - half) / (1 + z2 / n))), float(min(1.0, (middle + half) / (1 + z2 / n)))]
