"""Counterfactual edits: predict again with other primitives in some cells. The label depends only on the grid of IDs,
so the model can answer.

A grid is uint16 [256], row-major, 0 is EMPTY. An edit is a cell and its new primitive. Geometry does not change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glyphcore.data.edits import Edits, Move, Sensitivity
from glyphcore.data.primitives import EMPTY
from glyphcore.errors import GlyphError
from glyphcore.runtime.predictor import TOP, Predictor

CELLS = 256


def edited(ids: np.ndarray, edits: Edits, primitives: int) -> np.ndarray:
    """Return a grid uint16 [256] after ``edits``. Raises GlyphError for a cell or a primitive that does not exist."""
    changed = np.array(ids, dtype=np.uint16)
    for cell, primitive in edits:
        if not 0 <= cell < CELLS:
            raise GlyphError(f"There is no cell {cell}.", subject=cell, remedy=f"Cells go from 0 to {CELLS - 1}.")
        if not 0 <= primitive < primitives:
            raise GlyphError(
                f"There is no primitive {primitive}.", subject=primitive, remedy=f"IDs go from 0 to {primitives - 1}."
            )
        changed[cell] = primitive
    return changed


def logits_of(predictor: Predictor, grids: np.ndarray, geometry: np.ndarray) -> np.ndarray:
    """Return label logits float32 [n, classes] of grids uint16 [n, 256] that share one geometry float32 [6]."""
    return predictor.classify_grids(grids, np.tile(np.asarray(geometry, np.float32), (len(grids), 1)))[0]


def probabilities(predictor: Predictor, grids: np.ndarray, geometry: np.ndarray) -> np.ndarray:
    """Return label probabilities float32 [n, classes]; see :func:`logits_of`."""
    logits = logits_of(predictor, grids, geometry)
    p = np.exp(logits - logits.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def moves(before: np.ndarray, after: np.ndarray, n: int = TOP) -> list[Move]:
    """Return the ``n`` likeliest labels after an edit, best first, then labels that were among the ``n`` likeliest only
    before.

    ``before`` and ``after``: probabilities float32 [classes].
    """
    ranks = []
    for p in (before, after):
        rank = np.empty(len(p), np.int64)
        rank[np.argsort(-p, kind="stable")] = np.arange(1, len(p) + 1)
        ranks.append(rank)
    shown = np.flatnonzero((ranks[0] <= n) | (ranks[1] <= n))
    shown = shown[np.argsort(ranks[1][shown])]
    return [Move(int(i), float(before[i]), float(after[i]), int(ranks[0][i]), int(ranks[1][i])) for i in shown]


def sensitivity(predictor: Predictor, ids: np.ndarray, geometry: np.ndarray, watched: Sequence[int]) -> Sensitivity:
    """Mask each cell with ink in turn, all in one batch. ``watched``: class indices whose probabilities are
    recorded."""
    cells = np.flatnonzero(ids != EMPTY)
    grids = np.tile(np.asarray(ids, np.uint16), (len(cells) + 1, 1))
    grids[np.arange(len(cells)) + 1, cells] = EMPTY
    p = probabilities(predictor, grids, geometry)
    best = p.argmax(1)
    columns = list(watched)
    return Sensitivity(cells, tuple(columns), p[0, columns], p[1:][:, columns], int(best[0]), best[1:])
