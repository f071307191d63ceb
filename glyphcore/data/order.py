"""Which labels stand beside each other in fonts.

Fonts keep their glyphs in some order, mostly that of their characters: after ``a`` comes ``b``, after the final form
the initial one, after an Arabic digit the next and not a Persian one. That order survives when names and mappings are
lost, and when a document keeps a part of the glyphs only. So it is counted how often a label comes right after another
one in the glyph order of train fonts, and in random parts of them; a family counts once, however many weights it has.
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


@dataclass(frozen=True)
class Order:
    """m pairs of labels that were seen beside each other."""

    before: np.ndarray
    """int [m]: class index of the first."""
    after: np.ndarray
    """int [m]: of the second."""
    families: np.ndarray
    """float32 [m]: train families that have the pair, in parts where not all fonts of a family have it."""
    classes: int

    @classmethod
    def unknown(cls, classes: int) -> Order:
        """No pair was seen: every label is as likely after any other."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), classes)

    @cached_property
    def lift(self) -> np.ndarray:
        """float32 [C, C]: how many times likelier the second label is after the first than anywhere."""
        counts = np.zeros((self.classes, self.classes), np.float32)
        counts[self.before, self.after] = self.families
        anywhere = (counts.sum(0) + 0.5) / (counts.sum() + 0.5 * self.classes)
        return (counts / anywhere + PRIOR) / (counts.sum(1, keepdims=True) + PRIOR)


def fit(label: np.ndarray, font: np.ndarray, family: np.ndarray, gid: np.ndarray, classes: int) -> Order:
    """Count n glyphs: ``label`` int [n] in 0 … classes − 1, ``font`` and ``family`` [n], ``gid`` int [n] glyph indices,
    −1 where unknown. The same glyphs give the same result, in whatever order they come."""
    random = np.random.default_rng(0)
    rows = np.lexsort((gid, font, family))
    rows = rows[gid[rows] >= 0]
    counts = np.zeros(classes * classes)
    for its in _runs(family, rows):
        fonts = _runs(font, its)
        pairs = [_beside(label, gid, each, kept, random) for each in fonts for kept in KEPT]
        code, times = np.unique(np.concatenate(pairs) @ [classes, 1], return_counts=True)
        counts[code] += np.minimum(times / (len(KEPT) * len(fonts)), 1)
    seen = np.flatnonzero(counts)
    return Order(seen // classes, seen % classes, counts[seen].astype(np.float32), classes)


def _runs(key: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
    """``rows``, which are sorted by ``key``, cut where it changes."""
    return np.split(rows, np.flatnonzero(key[rows[1:]] != key[rows[:-1]]) + 1) if len(rows) else []


def _beside(
    label: np.ndarray, gid: np.ndarray, rows: np.ndarray, kept: float, random: np.random.Generator
) -> np.ndarray:
    """Labels int [m, 2] that stand beside each other when a share of one font's glyphs, sorted, is left."""
    some = rows[random.random(len(rows)) < kept]
    apart = np.diff(gid[some])
    near = np.flatnonzero((apart > 0) & (apart <= NEAR / kept))
    return np.stack([label[some[near]], label[some[near + 1]]], 1)
