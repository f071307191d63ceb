"""Assigns labels to the glyphs of a font. A font rarely draws one label twice, so glyphs with the same best label
compete.

The result is the cheapest assignment of glyphs to labels. A label costs its negative log-probability. A label that
another glyph has costs ``duplicate_penalty`` more. This is a penalty and not a ban, because fonts do repeat labels:
small capitals, stylistic sets, old and new forms.

The surest glyph of each label gets it at first. Only glyphs that could take a label from another glyph need a search
for a shortest augmenting path (Jonker and Volgenant 1987). The search ends after few steps, because no path is longer
than ``duplicate_penalty``. Plain Python takes milliseconds; importing scipy's solver takes longer than reading a small
font.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

import numpy as np

NOBODY = -1


def assign_labels(top: np.ndarray, top_p: np.ndarray, duplicate_penalty: float) -> np.ndarray:
    """Return which candidate each glyph of one font gets: indices into the columns of ``top``, int64 [n], 0 where a
    glyph keeps its best candidate.

    ``top``: class indices int [n, k], best first; ``top_p``: their probabilities [n, k]; ``duplicate_penalty``: the
    cost in nats of a label that another glyph has (0 changes nothing). Between glyphs with equal claims, the earlier
    glyph wins.
    """
    n = len(top)
    if not n:
        return np.zeros(0, np.int64)
    cost = -np.log(np.maximum(top_p.astype(np.float64), 1e-12))
    labels, column = np.unique(top, return_inverse=True)
    column = column.reshape(n, -1)
    more = cost - cost[:, :1]
    lead = more[:, 1] if more.shape[1] > 1 else np.full(n, inf)
    surest = np.argsort(-lead, kind="stable")
    wanted, first = np.unique(column[surest, 0], return_index=True)
    owner = np.full(len(labels), NOBODY)
    owner[wanted] = surest[first]
    # An owner whose second label costs more than a label used twice never moves, and a glyph for which all labels that
    # cost less have such owners uses its best label again.
    settled = np.zeros(len(labels), bool)
    settled[wanted] = lead[owner[wanted]] >= duplicate_penalty
    placed = (settled[column] | (more >= duplicate_penalty)).all(1)
    placed |= np.isin(np.arange(n), owner[wanted])
    matching = Matching(cost.tolist(), column.tolist(), owner.tolist(), duplicate_penalty)
    for row in np.flatnonzero(~placed).tolist():
        matching.place(row)
    owner = np.array(matching.owner)
    taken = np.full(n, NOBODY)
    taken[owner[owner != NOBODY]] = np.flatnonzero(owner != NOBODY)
    return (column == taken[:, None]).argmax(1)  # no match: the best label of the row is used again, index 0


class Matching:
    """The cheapest matching of some rows, to which rows can be added. Rows are glyphs, columns are labels. Each row
    also has a column of its own, which stands for using its best label again.

    Cost − row price − column price is 0 for matched pairs and never negative, which proves that no matching is cheaper.
    """

    def __init__(
        self, cost: list[list[float]], column: list[list[int]], owner: list[int], duplicate_penalty: float
    ) -> None:
        """``cost`` and ``column``: the candidates of each row, cheapest first. ``owner``: the row that has each column,
        which is the cheapest column of that row, or NOBODY."""
        self.owner = owner
        self._cost, self._column, self._reuse = cost, column, duplicate_penalty
        self._row_price = [costs[0] for costs in cost]
        self._column_price = [0.0] * len(owner)

    def place(self, start: int) -> None:
        """Add the row ``start``: find the cheapest path by Dijkstra's algorithm, and move every row on the path."""
        # column → length of the path, and the row before the column
        shortest, before = dict[int, float](), dict[int, int]()
        left = dict[int, int]()  # row on the path → the column that it has now
        passed = dict[int, float]()  # column with an owner → length of the path
        heap = list[tuple[float, int]]()
        row, length = start, 0.0
        end, end_row, end_column = inf, start, NOBODY
        while True:
            costs, so_far = self._cost[row], length - self._row_price[row]
            again = costs[0] + self._reuse
            if so_far + again < end:
                end, end_row, end_column = so_far + again, row, NOBODY
            for cost, column in zip(costs, self._column[row], strict=True):
                if cost >= again:
                    break  # using the best label again costs no more, so this is not a choice
                there = so_far + cost - self._column_price[column]
                if column not in passed and there < min(end, shortest.get(column, inf)):
                    shortest[column], before[column] = there, row
                    heappush(heap, (there, column))
            while heap and heap[0][1] in passed:
                heappop(heap)
            if not heap or heap[0][0] >= end:
                break
            length, column = heappop(heap)
            row = self.owner[column]
            if row == NOBODY:
                end, end_row, end_column = length, before[column], column
                break
            left[row], passed[column] = column, length
        self._row_price[start] += end
        for column, length in passed.items():
            self._row_price[self.owner[column]] += end - length
            self._column_price[column] -= end - length
        row, column = end_row, end_column
        while True:
            if column != NOBODY:
                self.owner[column] = row
            if row == start:
                return
            column = left[row]
            row = before[column]
