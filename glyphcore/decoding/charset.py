"""A model of the labels that fonts draw together, with a few numbers per font.

A font that draws ``tteh`` draws the other letters of Urdu too; a font without Arabic has no isolated heh beside its
``o``. So the labels that were read with certainty predict the probability of every other label, by a logistic model
with a hidden vector per font:

    P(label l is drawn)  =  σ(common[l] + told[l] · z),    z = Σ seen[m] over labels m that were read / √their number

The model is fitted to train fonts by denoising (Vincent et al. 2008): from a part of a font's labels, mixed with some
wrong labels, to all its labels. So it also works for fonts of which a document holds only a few glyphs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NUMBERS = 16
"""Length of ``z``; 8 to 48 give the same result on val."""
KEPT = (1.0, 0.7, 0.4, 0.15)
"""Shares of a font's labels that are kept; each font is used once with each share."""
WRONG = 0.01
"""Average share of all labels that are added although the font does not have them."""
RIDGE = 1e-3
"""Weight of the squared parameters relative to the loss of a font, which is summed over labels."""
STEPS = 300
SURE = 0.3
"""Probability from which a reading counts as evidence about the repertoire."""


@dataclass(frozen=True)
class Charset:
    """The fitted model over C labels; float32."""

    seen: np.ndarray
    """[C, k]: contribution to ``z`` of each label that was read."""
    told: np.ndarray
    """[C, k]: weights of ``z`` in the log-odds of each label."""
    common: np.ndarray
    """[C]: log-odds of a label when nothing was read."""

    def log_p(self, top: np.ndarray, top_p: np.ndarray) -> np.ndarray:
        """Return log-probabilities [C] that the font draws each label, from the candidates int [n, k] of its glyphs and
        their probabilities [n, k]; zeros when nothing was read with certainty."""
        read = np.zeros(len(self.common))
        np.maximum.at(read, top.ravel(), np.where(top_p >= SURE, top_p, 0).ravel())
        if not read.any():
            return read
        z = read @ self.seen / np.sqrt(max(read.sum(), 1))
        return -np.logaddexp(0, -(self.told @ z + self.common))


def fit(label: np.ndarray, font: np.ndarray, classes: int, numbers: int = NUMBERS) -> Charset:
    """Fit n glyphs: ``label`` int [n] in 0 … classes − 1, ``font`` [n] equal within a font.

    The same glyphs give the same result.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    random = np.random.default_rng(0)
    _, f = np.unique(font, return_inverse=True)
    drawn = np.zeros((f.max() + 1, classes))
    drawn[f, label] = 1
    read = np.concatenate([_disturbed(drawn, kept, random) for kept in KEPT])
    read = (read / np.sqrt(np.maximum(read.sum(1, keepdims=True), 1))).astype(np.float32)
    drawn = np.tile(drawn, (len(KEPT), 1)).astype(np.float32)
    share = drawn.mean(0).clip(0.02, 0.98)
    start = np.concatenate([0.02 * random.standard_normal(2 * classes * numbers), np.log(share / (1 - share))])

    def parts(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        seen, told, common = np.split(at.astype(np.float32), [classes * numbers, 2 * classes * numbers])
        return seen.reshape(-1, numbers), told.reshape(-1, numbers), common

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        seen, told, common = parts(at)
        z = read @ seen
        odds = z @ told.T + common
        off = (expit(odds) - drawn) / len(drawn)
        value = (np.logaddexp(0, odds) - drawn * odds).sum() / len(drawn) + RIDGE * ((seen**2).sum() + (told**2).sum())
        back = off @ told
        slope = [read.T @ back + 2 * RIDGE * seen, off.T @ z + 2 * RIDGE * told, off.sum(0)]
        return float(value), np.concatenate([gradient.ravel() for gradient in slope]).astype(np.float64)

    return Charset(*parts(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x))


def _disturbed(drawn: np.ndarray, kept: float, random: np.random.Generator) -> np.ndarray:
    """Return a possible reading of fonts that draw ``drawn`` [fonts, C]: some labels are missing, and a few wrong ones
    are added."""
    wrong = random.random(drawn.shape) < random.uniform(0, 2 * WRONG, (len(drawn), 1))
    return np.maximum(drawn * (random.random(drawn.shape) < kept), wrong)
