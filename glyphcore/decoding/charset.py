"""Which labels fonts draw together, as a few numbers a font.

A font that draws ``tteh`` draws the other letters of Urdu, one without Arabic has no isolated heh beside its ``o``. So
the labels that were read surely say how likely every other one is, by a logistic model with a hidden vector a font:

    P(label l is drawn)  =  σ(common[l] + told[l] · z),    z = Σ seen[m] over labels m that were read / √their number

fitted to train fonts by denoising (Vincent et al. 2008): from a part of a font's labels, with some wrong ones among
them, to all of them; so it serves fonts of which a document holds a few glyphs only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NUMBERS = 16
"""Length of ``z``; 8 to 48 serve alike on val."""
KEPT = (1.0, 0.7, 0.4, 0.15)
"""Shares of a font's labels that are left; each font is learned from once with each."""
WRONG = 0.01
"""Share of the labels that are taken for read and are not there, on average."""
RIDGE = 1e-3
"""Weight of the squared numbers beside the loss of a font, summed over labels."""
STEPS = 300
SURE = 0.3
"""Probability from which a reading says something about the repertoire."""


@dataclass(frozen=True)
class Charset:
    """The fitted model over C labels; float32."""

    seen: np.ndarray
    """[C, k]: what a label that was read says."""
    told: np.ndarray
    """[C, k]: what that makes of a label."""
    common: np.ndarray
    """[C]: log-odds of a label when nothing was read."""

    def log_p(self, top: np.ndarray, top_p: np.ndarray) -> np.ndarray:
        """Log-probabilities [C] that the font draws each label, from its glyphs' candidates int [n, k] and their
        probabilities [n, k]; zeros when nothing was read surely."""
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
    """What might be read of fonts that draw this [fonts, C]: some labels are missing, a few wrong ones among them."""
    wrong = random.random(drawn.shape) < random.uniform(0, 2 * WRONG, (len(drawn), 1))
    return np.maximum(drawn * (random.random(drawn.shape) < kept), wrong)
