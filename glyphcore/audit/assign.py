"""Reading a whole font at once: a font rarely draws one label twice, so two glyphs that want the same one compete.

The cheapest assignment of glyphs to labels, where a label costs its negative log-probability and is free once; whoever
uses a label that is taken pays ``reuse`` on top. It is a penalty, not a ban, because fonts do repeat themselves: small
capitals, stylistic sets, old and new forms. Glyphs with the same pixels and place are one and never compete.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Hashable, Sequence

import numpy as np

CANDIDATES = 10
"""Labels a glyph may move to; beyond them the log-probability is far past any useful ``reuse``."""


def get_ready() -> None:
    """Begin to load what :func:`assign` needs, a fifth of a second, while the glyphs are still being read."""
    threading.Thread(target=importlib.import_module, args=("scipy.sparse.csgraph",), daemon=True).start()


def assign(top: np.ndarray, top_p: np.ndarray, shape: Sequence[Hashable], reuse: float) -> np.ndarray:
    """Places in ``top`` that the glyphs of one font get together: int64 [n], 0 where the best candidate stays.

    ``top``: class indices int [n, k], best first; ``top_p``: their probabilities [n, k]; ``shape``: equal for glyphs
    that look alike; ``reuse``: nats, what a label costs when another glyph has it (0 changes nothing).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    n, k = top.shape
    if not n:
        return np.zeros(0, np.int64)
    number: dict[Hashable, int] = {}
    member = np.array([number.setdefault(each, len(number)) for each in shape])
    first = np.unique(member, return_index=True)[1]  # look-alikes got the same candidates: one speaks for all
    cost = -np.log(np.maximum(top_p[first].astype(np.float64), 1e-12))
    rows = len(first)
    labels, column = np.unique(top[first], return_inverse=True)
    # One column a label, and one for each row alone: its best label once more. All weights are raised by 1, because a
    # sparse matrix cannot tell a weight of 0 from no edge; every row takes one edge, so the optimum is the same.
    weight = np.concatenate([cost.ravel(), cost[:, 0] + reuse]) + 1
    to = np.concatenate([column.ravel(), len(labels) + np.arange(rows)])
    graph = csr_array((weight, (np.concatenate([np.repeat(np.arange(rows), k), np.arange(rows)]), to)))
    taken = min_weight_full_bipartite_matching(graph)[1]
    hit = column.reshape(rows, k) == taken[:, None]
    return hit.argmax(1)[member]  # no hit: the row's own column, which is its best label, place 0
