"""Rescores the candidates of a glyph by the rest of its font.

Each candidate is weighed by how much better its box and advance fit in this font than in any font, and by the
probability that a font with the other glyphs draws this label too. Both are estimated from the candidates that are
certain; the sizes in two rounds. With few glyphs the estimates are uncertain, and then they change little.
"""

from __future__ import annotations

import numpy as np

from glyphcore.data.geometry import KNOWN
from glyphcore.decoding.font_priors import USED, FontPriors, solve

WEIGHT = 0.5
"""Weight of the evidence of size: the values of one glyph are not independent. Chosen on val, like the other
constants."""
CHARSET = 0.3
"""Weight of the evidence about labels that occur together."""
SURE = 0.1
"""Probability from which a candidate counts as evidence about its font; of glyphs with the same reading, only the most
certain counts."""
FREEDOM = 4.0
"""Degrees of freedom of Student's t, whose tails tolerate glyphs that are drawn in another size."""
ROUNDS = 2
OUTLIER = 2.0
"""Standard deviations from which a value counts less (Huber's weights)."""


def rescore(top: np.ndarray, top_p: np.ndarray, geometry: np.ndarray, priors: FontPriors) -> np.ndarray:
    """Return new probabilities of the same candidates of one font's n glyphs, float64 [n, k].

    ``top`` int [n, k], ``top_p`` [n, k]: candidates, best first, and their probabilities; ``geometry`` float [n, 6]. A
    glyph without known geometry neither gives nor gets evidence of size. The sum over a glyph's candidates does not
    change; the best candidate may no longer be the first.
    """
    before = np.log(np.maximum(top_p.astype(np.float64), 1e-12))
    mass = _total(before)
    before += CHARSET * priors.charset.log_p(top, top_p)[top]
    before += mass - _total(before)
    known = geometry[:, KNOWN] > 0
    if not known.any():
        return np.exp(before)
    values = geometry[:, USED].astype(np.float32)  # exact enough for this evidence
    mean, basis, within = (table[top] for table in (priors.mean, priors.basis, priors.within))
    apart = values[:, None] - mean  # [n, k, 4]
    alone = _fit(apart, np.sqrt(within**2 + _squares(basis)))
    now = before
    for _ in range(ROUNDS):
        best = now.argmax(1)
        rows = np.arange(len(top))
        sure = known & (np.exp(now[rows, best]) >= SURE)
        chosen = np.flatnonzero(sure)[np.argsort(-now[rows, best][sure], kind="stable")]
        # skips small capitals that were read as capitals
        chosen = chosen[np.unique(top[chosen, best[chosen]], return_index=True)[1]]
        pick = chosen, best[chosen]
        z, covariance = _robust(*(table[pick].astype(np.float64) for table in (basis, within, apart)))
        # one product over all values: a product for each glyph takes several times as long
        both = basis.reshape(-1, len(z)) @ np.column_stack([z, np.linalg.cholesky(covariance)]).astype(np.float32)
        expected, unsure = both[:, 0].reshape(apart.shape), _squares(both[:, 1:]).reshape(apart.shape)
        gain = WEIGHT * (_fit(apart - expected, np.sqrt(within**2 + unsure)) - alone)
        now = before + np.where(known[:, None], gain, 0)
        now += mass - _total(now)
    return np.exp(now)


def _fit(apart: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of these distances, summed over the last axis, up to a constant."""
    off = np.log(scale) + (FREEDOM + 1) / 2 * np.log1p((apart / scale) ** 2 / FREEDOM)
    return off @ np.full(off.shape[-1], -1, off.dtype)


def _squares(values: np.ndarray) -> np.ndarray:
    """Return the sum of squares over the last axis, which is short: einsum is several times as fast as ``sum``."""
    return np.einsum("...i,...i->...", values, values)


def _total(log_p: np.ndarray) -> np.ndarray:
    """Return the logarithm of the sum of probabilities over the last axis, which stays as an axis of one."""
    most = log_p.max(1, keepdims=True)
    return most + np.log(np.exp(log_p - most).sum(1, keepdims=True))


def _robust(basis: np.ndarray, within: np.ndarray, apart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return z of the font and its covariance; some of the glyphs may have a wrong reading."""
    off = apart / within
    for _ in range(3):
        weight = 1 / np.maximum(1, np.abs(off) / OUTLIER)
        z, covariance = solve(basis, within, apart, weight)
        off = (apart - basis @ z) / within
    return z, covariance
