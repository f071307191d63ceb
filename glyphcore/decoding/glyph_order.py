"""Which labels stand beside each other in fonts.

Fonts keep their glyphs in some order, mostly that of their characters: after ``a`` comes ``b``, after the final form
the initial one, after an Arabic digit the next and not a Persian one. That order survives when names and mappings are
lost, and when a document keeps a part of the glyphs only. So it is counted how often a label comes right after another
one in the glyph order of train fonts, and in random parts of them; a family counts once, however many weights it has.

To decode a font, its glyphs are a chain whose states are their candidates, and each glyph gets its exact marginal
probabilities by the forward-backward algorithm (Rabiner 1989). How far the order is trusted follows from the font
itself: where sure neighbours do not stand as in other fonts, as when somebody has shuffled them, it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

KEPT = (1.0, 1.0, 0.5, 0.3)
"""Shares of a font's glyphs that are left; each font is counted once with each."""
NEAR = 3
"""Glyph indices from one glyph to the next beside it, at most, where all are kept; glyphs of no label lie between."""
PRIOR = 5.0
"""How many families' worth of doubt there is about what follows a label."""
WEIGHT = 0.6
"""Of the evidence; chosen on val, where 0.5 and 0.7 differ by less than a tenth."""
SURE = 0.5
"""Probability from which two neighbours say whether the font has an order."""
ORDERED = (-1.0, 1.0)
"""Mean log-lift of sure neighbours at which the order begins to count, and counts in full. Fonts of val have −0.2 to
5.1, with their glyphs shuffled −1.3 at most."""
ENOUGH = 20
"""Sure neighbours from which a font's order counts in full."""
MOST = 65_535
"""Glyphs of a font; more are no font, whatever a database says, and in no order."""


@dataclass(frozen=True)
class GlyphOrder:
    """m pairs of labels that were seen beside each other."""

    before: np.ndarray
    """int [m]: class index of the first."""
    after: np.ndarray
    """int [m]: of the second."""
    families: np.ndarray
    """float32 [m]: train families that have the pair, in parts where not all fonts of a family have it."""
    classes: int

    @classmethod
    def unknown(cls, classes: int) -> GlyphOrder:
        """No pair was seen: every label is as likely after any other."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), classes)

    @cached_property
    def lift(self) -> np.ndarray:
        """float32 [C, C]: how many times likelier the second label is after the first than anywhere."""
        counts = np.zeros((self.classes, self.classes), np.float32)
        counts[self.before, self.after] = self.families
        anywhere = (counts.sum(0) + 0.5) / (counts.sum() + 0.5 * self.classes)
        return (counts / anywhere + PRIOR) / (counts.sum(1, keepdims=True) + PRIOR)


def fit(label: np.ndarray, font: np.ndarray, family: np.ndarray, gid: np.ndarray, classes: int) -> GlyphOrder:
    """Count n glyphs: ``label`` int [n] in 0 … classes − 1, ``font`` and ``family`` [n], ``gid`` int [n] glyph indices,
    −1 where unknown. The same glyphs give the same result, in whatever order they come."""
    random = np.random.default_rng(0)
    rows = np.lexsort((gid, font, family))
    rows = rows[gid[rows] >= 0]
    counts = np.zeros(classes * classes)
    for run in _runs(family, rows):
        fonts = _runs(font, run)
        pairs = [_beside(label, gid, font, kept, random) for font in fonts for kept in KEPT]
        code, times = np.unique(np.concatenate(pairs) @ [classes, 1], return_counts=True)
        counts[code] += np.minimum(times / (len(KEPT) * len(fonts)), 1)
    seen = np.flatnonzero(counts)
    return GlyphOrder(seen // classes, seen % classes, counts[seen].astype(np.float32), classes)


def _runs(key: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """``rows``, which are sorted by ``key``, cut where it changes."""
    return np.split(rows, np.flatnonzero(key[rows[1:]] != key[rows[:-1]]) + 1) if len(rows) else []


def _beside(
    label: np.ndarray, gid: np.ndarray, rows: np.ndarray, kept: float, random: np.random.Generator
) -> np.ndarray:
    """Labels int [m, 2] that stand beside each other when a share of one font's glyphs, sorted, is left."""
    kept_rows = rows[random.random(len(rows)) < kept]
    apart = np.diff(gid[kept_rows])
    near = np.flatnonzero((apart > 0) & (apart <= NEAR / kept))
    return np.stack([label[kept_rows[near]], label[kept_rows[near + 1]]], 1)


def in_order(top: np.ndarray, p: np.ndarray, order: GlyphOrder) -> np.ndarray:
    """Probabilities of the same candidates with the neighbours known, float64 [n, k].

    ``top`` int [n, k]: candidates of one font's glyphs, in glyph order; ``p`` float [n, k]: their probabilities. What
    all candidates of a glyph have together stays.
    """
    p = p.astype(np.float64)
    weight = WEIGHT * trust(top, p, order)
    if not weight:
        return p
    mass = p.sum(1, keepdims=True)
    own = p / mass  # [n, k]
    step = order.lift[top[:-1, :, None], top[1:, None, :]].astype(np.float64) ** weight  # [n − 1, k, k]
    forward, backward = own.copy(), np.ones_like(own)
    for i in range(1, len(own)):
        message = own[i] * (forward[i - 1] @ step[i - 1])
        forward[i] = message / message.sum()
    for i in range(len(own) - 2, -1, -1):
        message = step[i] @ (own[i + 1] * backward[i + 1])
        backward[i] = message / message.sum()
    both = forward * backward
    return both * (mass / both.sum(1, keepdims=True))


def trust(top: np.ndarray, p: np.ndarray, order: GlyphOrder) -> float:
    """How far a font's order is that of other fonts, 0 to 1; arguments as for :func:`in_order`."""
    if len(top) > MOST:
        return 0.0
    rows, best = np.arange(len(top)), p.argmax(1)
    label, sure = top[rows, best], p[rows, best] >= SURE
    beside = sure[:-1] & sure[1:] & (label[:-1] != label[1:])
    if not beside.any():
        return 0.0
    found = float(np.log(order.lift[label[:-1], label[1:]][beside]).mean())
    low, high = ORDERED
    return min(max((found - low) / (high - low), 0.0), 1.0) * min(beside.sum() / ENOUGH, 1.0)
