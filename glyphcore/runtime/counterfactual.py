"""Minimal counterfactuals: the smallest edit of a grid that changes the prediction to another label.

The search tries all single cells with the given choices. If no single cell is enough, it extends the closest edits by
one cell at a time, using the choices that helped most (a beam search). So an edit of several cells is not proven to be
the smallest. The result counts the tried edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from glyphcore.data.edits import Edit, Found
from glyphcore.data.primitives import EMPTY
from glyphcore.runtime.edits import logits_of
from glyphcore.runtime.predictor import Predictor

DEPTH, BEAM, KEPT = 4, 4, 40
"""Largest number of cells of an edit; number of edits that are extended at each size; number of single choices that are
used for extending."""


def choices(ids: np.ndarray, runner_up: np.ndarray, target: np.ndarray | None) -> dict[int, list[int]]:
    """Return other primitives for each cell with ink: the model's second choice, the nearest patch, EMPTY.

    Grids uint16 [256]; ``target`` is None where there is no picture.
    """
    by_cell = {}
    for cell in np.flatnonzero(ids != EMPTY).tolist():
        wanted = [int(runner_up[cell]), EMPTY if target is None else int(target[cell]), EMPTY]
        by_cell[cell] = [label for label in dict.fromkeys(wanted) if label != int(ids[cell])]
    return by_cell


def smallest_edit(
    predictor: Predictor,
    ids: np.ndarray,
    geometry: np.ndarray,
    goal: int,
    what: Mapping[int, Sequence[int]],
    *,
    depth: int = DEPTH,
) -> Found:
    """Search for the edit with the fewest cells after which ``goal`` (a class index) is the likeliest label.

    ``ids``: grid uint16 [256]; ``geometry``: float32 [6]; ``what``: primitives to try for each cell, from
    :func:`choices`. Among edits of the same size, the edit with the largest lead is taken.
    """
    singles: list[Edit] = [((cell, primitive),) for cell, tried in what.items() for primitive in tried]
    states: list[Edit] = [()]
    steps, wider = singles, 0
    best: Edit = ()
    best_lead, best_p = (float(values[0]) for values in _lead(predictor, ids, geometry, goal, [()]))
    for size in range(1, depth + 1):
        edits = [] if best_lead > 0 else _widened(states, steps)
        if not edits:
            break
        wider += len(edits) if size > 1 else 0
        lead, p = _lead(predictor, ids, geometry, goal, edits)
        order = np.argsort(-lead, kind="stable")
        if lead[order[0]] > best_lead:
            best, best_lead, best_p = edits[order[0]], float(lead[order[0]]), float(p[order[0]])
        if best_lead > 0:
            others = int((lead > 0).sum()) - 1
            return Found(best, True, best_p, others, len(what), len(singles), wider, depth)
        states = [edits[i] for i in order[:BEAM]]
        if size == 1:
            steps = [singles[i] for i in order[:KEPT]]
    return Found(best, best_lead > 0, best_p, 0, len(what), len(singles), wider, depth)


def _widened(states: list[Edit], steps: list[Edit]) -> list[Edit]:
    """Return every state combined with every step on a cell that the state does not change, without duplicates."""
    edits_by_cells: dict[frozenset[tuple[int, int]], Edit] = {}
    for state, step in product(states, steps):
        if step[0][0] not in {cell for cell, _ in state}:
            edits_by_cells.setdefault(frozenset(state + step), state + step)
    return list(edits_by_cells.values())


def _lead(
    predictor: Predictor, ids: np.ndarray, geometry: np.ndarray, goal: int, edits: list[Edit]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lead of the goal over the best other label after each edit (in logits), and its probability; float32
    [n]."""
    grids = np.tile(np.asarray(ids, np.uint16), (len(edits), 1))
    for grid, edit in zip(grids, edits, strict=True):
        for cell, primitive in edit:
            grid[cell] = primitive
    logits = logits_of(predictor, grids, geometry)
    of_goal = logits[:, goal].copy()
    total = np.exp(logits - logits.max(1, keepdims=True)).sum(1)
    p = np.exp(of_goal - logits.max(1)) / total
    logits[:, goal] = -np.inf
    return of_goal - logits.max(1), p
