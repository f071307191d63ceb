"""A model of the labels that are neighbours in fonts.

Fonts keep their glyphs in some order, mostly that of their characters: ``b`` comes after ``a``, the initial form after
the final form, and an Arabic digit is followed by the next Arabic digit and not by a Persian one. This order survives
when names and mappings are lost, and when a document keeps only a part of the glyphs. So this module counts how often
one label comes right after another in the glyph order of train fonts, and in random parts of them. A family counts
once, however many weights it has.

For decoding, the glyphs of a font form a chain whose states are their candidates, and each glyph gets its exact
marginal probabilities by the forward-backward algorithm (Rabiner 1989). The font itself decides how far the order is
trusted: where glyphs read with certainty are not in the order of other fonts, for example because they were shuffled,
the order changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

KEPT = (1.0, 1.0, 0.5, 0.3)
"""Shares of a font's glyphs that are kept; each font is counted once with each share."""
NEAR = 3
"""Largest difference of glyph indices between neighbours when all glyphs are kept; glyphs without a label lie between
them."""
PRIOR = 5.0
"""Strength, in families, of the prior on what follows a label."""
WEIGHT = 0.6
"""Weight of the evidence; chosen on val, where 0.5 and 0.7 differ by less than a tenth."""
SURE = 0.5
"""Probability from which two neighbours count as evidence for the order of the font."""
ORDERED = (-1.0, 1.0)
"""Mean log-lift of certain neighbours at which the order begins to count, and at which it counts in full. Fonts of val
have −0.2 to 5.1; with shuffled glyphs they have −1.3 at most."""
ENOUGH = 20
"""Number of certain neighbours from which a font's order counts in full."""
MOST_IN_TABLE = 2_000
"""Largest number of different candidates of a font whose pairs are looked up in a table, of 16 MB then."""
SEGMENTS, SHORTEST = 64, 32
"""Largest number of segments into which a font is cut, and the smallest number of glyphs of a segment."""
EXACT = 1e-9
"""Difference in probability below which two messages are the same."""
MOST = 65_535
"""Largest number of glyphs of a font; a larger set is not one font, whatever a database says, and has no order."""


@dataclass(frozen=True)
class GlyphOrder:
    """m pairs of labels that were seen as neighbours, sorted by the first label, then by the second."""

    before: np.ndarray
    """int [m]: class index of the first label."""
    after: np.ndarray
    """int [m]: class index of the second label."""
    families: np.ndarray
    """float32 [m]: number of train families with the pair; a fraction where not all fonts of a family have it."""
    classes: int

    @classmethod
    def unknown(cls, classes: int) -> GlyphOrder:
        """Return an order without pairs: every label is equally likely after any other."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), classes)

    def lift(self, before: np.ndarray | int, after: np.ndarray | int) -> np.ndarray:
        """Return how many times likelier the label ``after`` is after the label ``before`` than elsewhere, float32.

        Pairs are looked up, because a table of all of them would have 75 MB for 4,315 labels.
        """
        code = np.asarray(before) * self.classes + after
        families = np.zeros(code.shape, np.float32)
        if len(self.before):
            codes, anywhere, followed = self._counted
            at = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
            families[...] = np.where(codes[at] == code, self.families[at], 0)
        else:
            anywhere, followed = np.ones(self.classes, np.float32), np.zeros(self.classes, np.float32)
        return (families / anywhere[after] + PRIOR) / (followed[before] + PRIOR)

    def steps(self, top: np.ndarray, weight: float) -> np.ndarray:
        """Return the lift from each candidate of a glyph to each candidate of the next glyph, to the power of
        ``weight``: float32 [n − 1, k, k]. ``top`` int [n, k]."""
        drawn = np.zeros(self.classes, bool)
        drawn[top] = True
        labels = np.flatnonzero(drawn)
        if not len(self.before) or len(labels) > MOST_IN_TABLE:
            return self.lift(top[:-1, :, None], top[1:, None, :]) ** np.float32(weight)
        _, anywhere, followed = self._counted
        place = np.zeros(self.classes, np.int64)
        place[labels] = np.arange(len(labels))
        pairs = np.flatnonzero(drawn[self.before] & drawn[self.after])
        before, after = self.before[pairs], self.after[pairs]
        table = np.full((len(labels), len(labels)), PRIOR**weight, np.float32)
        table[place[before], place[after]] = (self.families[pairs] / anywhere[after] + PRIOR) ** np.float32(weight)
        table *= (followed[labels, None] + PRIOR) ** np.float32(-weight)
        at = place[top]
        return table[at[:-1, :, None], at[1:, None, :]]

    @cached_property
    def _counted(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs as numbers, ascending, int64 [m]; the share of each label among those that follow any label, and
        the number of families in which it is followed by a label, both float32 [C]."""
        seen = np.bincount(self.after, self.families, self.classes)
        anywhere = (seen + 0.5) / (seen.sum() + 0.5 * self.classes)
        followed = np.bincount(self.before, self.families, self.classes)
        codes = self.before.astype(np.int64) * self.classes + self.after
        return codes, anywhere.astype(np.float32), followed.astype(np.float32)


def fit(label: np.ndarray, font: np.ndarray, family: np.ndarray, gid: np.ndarray, classes: int) -> GlyphOrder:
    """Count n glyphs: ``label`` int [n] in 0 … classes − 1, ``font`` and ``family`` [n], ``gid`` int [n] glyph indices,
    −1 where unknown. The same glyphs give the same result in any order."""
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
    """Split ``rows``, which are sorted by ``key``, where the key changes."""
    return np.split(rows, np.flatnonzero(key[rows[1:]] != key[rows[:-1]]) + 1) if len(rows) else []


def _beside(
    label: np.ndarray, gid: np.ndarray, rows: np.ndarray, kept: float, random: np.random.Generator
) -> np.ndarray:
    """Return label pairs int [m, 2] that are neighbours when a share of one font's sorted glyphs is kept."""
    kept_rows = rows[random.random(len(rows)) < kept]
    apart = np.diff(gid[kept_rows])
    near = np.flatnonzero((apart > 0) & (apart <= NEAR / kept))
    return np.stack([label[kept_rows[near]], label[kept_rows[near + 1]]], 1)


def in_order(top: np.ndarray, p: np.ndarray, order: GlyphOrder) -> np.ndarray:
    """Return probabilities of the same candidates given their neighbours, float64 [n, k].

    ``top`` int [n, k]: candidates of one font's glyphs, in glyph order; ``p`` float [n, k]: their probabilities. The
    sum over the candidates of a glyph does not change.
    """
    p = p.astype(np.float64)
    weight = WEIGHT * trust(top, p, order)
    if not weight:
        return p
    mass = p.sum(1, keepdims=True)
    own = p / mass  # [n, k]
    step = order.steps(top, weight)
    forward = _messages(own, step)
    after = _messages(own[::-1], step[::-1].transpose(0, 2, 1))[::-1]
    both = forward
    both[:-1] *= np.einsum("nab,nb->na", step, after[1:])
    return both * (mass / both.sum(1, keepdims=True))


def _messages(own: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return what each glyph knows from itself and from all glyphs before it, float64 [n, k], rows of sum 1.

    ``own`` float [n, k]: probabilities by themselves; ``step`` float [n − 1, k, k]. The chain is cut into segments that
    run side by side. Each starts from a guess of what comes before it, and those whose guess was wrong run again, so
    the result is that of one long chain.
    """
    n, k = own.shape
    count = max(1, min(SEGMENTS, n // SHORTEST))
    length = -(-n // count)
    padded = np.ones((count * length, k))
    padded[:n] = own
    into = np.ones((count * length, k, k), step.dtype)
    into[1:n] = step
    own, into = padded.reshape(count, length, k), into.reshape(count, length, k, k)
    known = np.empty((count, length, k))
    start = np.roll(own[:, -1], 1, axis=0)
    run = np.arange(count)
    while len(run):
        message = start[run]
        for i in range(length):
            message = own[run, i] * np.einsum("sa,sab->sb", message, into[run, i])
            message /= message.sum(1, keepdims=True)
            known[run, i] = message
        ends = np.roll(known[:, -1], 1, axis=0)
        run = np.flatnonzero(np.abs(ends - start).max(1) > EXACT)
        run = run[run > 0]  # nothing comes before the first segment
        start = ends
    return known.reshape(-1, k)[:n]


def trust(top: np.ndarray, p: np.ndarray, order: GlyphOrder) -> float:
    """Return how far a font's order agrees with that of other fonts, 0 to 1; the arguments are those of
    :func:`in_order`."""
    if len(top) > MOST:
        return 0.0
    rows, best = np.arange(len(top)), p.argmax(1)
    label, sure = top[rows, best], p[rows, best] >= SURE
    beside = sure[:-1] & sure[1:] & (label[:-1] != label[1:])
    if not beside.any():
        return 0.0
    found = float(np.log(order.lift(label[:-1], label[1:])[beside]).mean())
    low, high = ORDERED
    return min(max((found - low) / (high - low), 0.0), 1.0) * min(beside.sum() / ENOUGH, 1.0)
