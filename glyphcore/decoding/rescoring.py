"""Rescore a glyph's candidates by the rest of its font.

Each candidate is weighed by how well box and advance fit it in this font rather than in any font, and by how likely a
font that draws the other glyphs draws this label too. Both are estimated from the candidates themselves, the sure ones;
the sizes in two rounds. With few glyphs the estimates stay uncertain, and then they change little.
"""

from __future__ import annotations

import numpy as np

from glyphcore.data.geometry import KNOWN
from glyphcore.decoding.font_priors import USED, FontPriors, solve

WEIGHT = 0.5
"""Of the evidence: values of one glyph are not independent of each other. Chosen on val, as are the others."""
CHARSET = 0.3
"""The same of which labels go together."""
SURE = 0.1
"""Probability from which a candidate says something about its font; of all glyphs read alike, only the surest does."""
FREEDOM = 4.0
"""Of Student's t, whose tails forgive glyphs that are drawn in another size."""
ROUNDS = 2
OUTLIER = 2.0
"""Standard deviations from which a value counts less (Huber's weights)."""


def rescore(top: np.ndarray, top_p: np.ndarray, geometry: np.ndarray, priors: FontPriors) -> np.ndarray:
    """Return new probabilities of the same candidates of one font's n glyphs, float64 [n, k].

    ``top`` int [n, k], ``top_p`` [n, k]: candidates, the best first, and their probabilities; ``geometry`` float
    [n, 6]; a glyph without known geometry neither gives nor gets evidence of size. The sum over a glyph's candidates
    does not change; the best candidate need not be the first any more.
    """
    before = np.log(np.maximum(top_p.astype(np.float64), 1e-12))
    mass = np.logaddexp.reduce(before, axis=1, keepdims=True)
    before += CHARSET * priors.charset.log_p(top, top_p)[top]
    before += mass - np.logaddexp.reduce(before, axis=1, keepdims=True)
    known = geometry[:, KNOWN] > 0
    if not known.any():
        return np.exp(before)
    values = geometry[:, USED].astype(np.float64)
    mean, basis, within = (table[top].astype(np.float64) for table in (priors.mean, priors.basis, priors.within))
    apart = values[:, None] - mean  # [n, k, 4]
    alone = _fit(apart, np.sqrt(within**2 + (basis**2).sum(-1)))
    now = before
    for _ in range(ROUNDS):
        best = now.argmax(1)
        rows = np.arange(len(top))
        sure = known & (np.exp(now[rows, best]) >= SURE)
        chosen = np.flatnonzero(sure)[np.argsort(-now[rows, best][sure], kind="stable")]
        chosen = chosen[np.unique(top[chosen, best[chosen]], return_index=True)[1]]  # small capitals read as capitals
        pick = chosen, best[chosen]
        z, covariance = _robust(basis[pick], within[pick], apart[pick])
        expected = basis @ z  # [n, k, 4]
        unsure = np.einsum("nckz,zy,ncky->nck", basis, covariance, basis)
        gain = WEIGHT * (_fit(apart - expected, np.sqrt(within**2 + unsure)) - alone)
        now = before + np.where(known[:, None], gain, 0)
        now += mass - np.logaddexp.reduce(now, axis=1, keepdims=True)
    return np.exp(now)


def _fit(apart: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Log-likelihood of values that far away, summed over the last axis, up to a constant."""
    return -(np.log(scale) + (FREEDOM + 1) / 2 * np.log1p((apart / scale) ** 2 / FREEDOM)).sum(-1)


def _robust(basis: np.ndarray, within: np.ndarray, apart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z of the font and its covariance, from glyphs of which some are not what they seem."""
    off = apart / within
    for _ in range(3):
        weight = 1 / np.maximum(1, np.abs(off) / OUTLIER)
        z, covariance = solve(basis, within, apart, weight)
        off = (apart - basis @ z) / within
    return z, covariance
