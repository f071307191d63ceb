"""Confidence intervals of a share.

Errors of glyphs of one family are correlated. So intervals are over families, not glyphs: whole families are drawn with
replacement (percentile bootstrap, seeded), both for a headline and for the whiskers of a group. Where every draw gives
the same share, all right or all wrong, the interval is Wilson's score interval with the number of families as sample
size. One family has no interval.
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
    """Return the 95% interval of sum(numerator) / sum(denominator) over drawn families; None with fewer than two
    families that count.

    ``numerator`` and ``denominator``: one sum per family [families]; ``drawn`` comes from :func:`draws`.
    """
    if np.count_nonzero(denominator) < 2:
        return None
    below = drawn @ denominator.astype(np.float32)
    return percentiles((drawn @ numerator.astype(np.float32))[below > 0] / below[below > 0])


def of_share(right: np.ndarray, counted: np.ndarray, drawn: np.ndarray) -> list[float] | None:
    """Return the 95% interval of a share over families; None with fewer than two families that count.

    ``right`` and ``counted``: one sum per family [families]; ``drawn`` comes from :func:`draws`.
    """
    families, total = int(np.count_nonzero(counted)), float(right.sum())
    if families > 1 and total in (0.0, float(counted.sum())):
        return wilson(families if total else 0, families)
    return over_families(right, counted, drawn)


def of_groups(right: np.ndarray, group: np.ndarray, groups: int, family: np.ndarray) -> list[list[float] | None]:
    """Return the 95% interval of the share right of each group of glyphs, over the families of the group.

    ``right``: bool [n]; ``group``: codes int [n], negative for a glyph in none of the ``groups``; ``family``: codes int
    [n].
    """
    inside, families = group >= 0, int(family.max(initial=-1)) + 1
    cell = family[inside] * groups + group[inside]
    counted, hits = (
        np.bincount(cell, weights, families * groups).reshape(families, groups)
        for weights in (None, right[inside].astype(float))
    )
    drawn = draws(families) if families else np.zeros((0, 0), np.float32)
    return [of_share(hits[:, i], counted[:, i], drawn) for i in range(groups)]


def percentiles(values: np.ndarray) -> list[float]:
    """Return the interval that holds 95% of ``values``."""
    low, high = np.percentile(values, [(100 - COVER) / 2, (100 + COVER) / 2])
    return [float(low), float(high)]


def wilson(right: int, n: int) -> list[float] | None:
    """Return the 95% score interval of ``right`` of ``n``; None for an empty sample."""
    if not n:
        return None
    p, z2 = right / n, _Z * _Z
    middle, half = p + z2 / (2 * n), _Z * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return [float(max(0.0, (middle - half) / (1 + z2 / n))), float(min(1.0, (middle + half) / (1 + z2 / n)))]
