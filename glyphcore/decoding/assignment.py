"""Assign labels to the glyphs of a font: it rarely draws one label twice, so two glyphs that want the same one compete.

The answer is the cheapest assignment of glyphs to labels. A label costs its negative log-probability; a label that
another glyph has costs ``reuse`` on top. It is a penalty, not a ban, because fonts do repeat themselves: small
capitals, stylistic sets, old and new forms.
"""

from __future__ import annotations

import importlib
import threading

import numpy as np


def get_ready() -> None:
    """Begin to load what :func:`assign` needs, a fifth of a second, while the glyphs are still being read."""
    threading.Thread(target=importlib.import_module, args=("scipy.sparse.csgraph",), daemon=True).start()


def assign(top: np.ndarray, top_p: np.ndarray, reuse: float) -> np.ndarray:
    """Return which candidate each glyph of one font gets: places in ``top``, int64 [n], 0 where it keeps its best.

    ``top``: class indices int [n, k], best first; ``top_p``: their probabilities [n, k]; ``reuse``: nats, what a label
    costs when another glyph has it (0 changes nothing).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    n, k = top.shape
    if not n:
        return np.zeros(0, np.int64)
    cost = -np.log(np.maximum(top_p.astype(np.float64), 1e-12))
    labels, column = np.unique(top, return_inverse=True)
    column = column.reshape(n, k)
    # One column a label, and one for each row alone: its best label once more. What costs as much as that is no choice.
    # All weights are raised by 1, because a sparse matrix cannot tell a weight of 0 from no edge; every row takes one
    # edge, so the optimum is the same.
    own = cost[:, 0] + reuse
    row, place = np.nonzero(cost < own[:, None])
    weight = np.concatenate([cost[row, place], own]) + 1
    to = np.concatenate([column[row, place], len(labels) + np.arange(n)])
    graph = csr_array((weight, (np.concatenate([row, np.arange(n)]), to)))
    taken = min_weight_full_bipartite_matching(graph)[1]
    return (column == taken[:, None]).argmax(1)  # no hit: the row's own column, its best label, place 0
