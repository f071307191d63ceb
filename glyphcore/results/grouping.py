"""Limits the number of glyphs per group: keeps the first glyphs in an order and counts the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def at_most(most: int, keys: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the first ``most`` glyphs of each group, for glyphs in a given order.

    ``keys``: codes, integer [n] each; glyphs with the same codes are one group. Returns bool [n]: which glyphs are
    among the first of their group; and int32 [n]: at the last of these, the number of glyphs of its group after it, 0
    elsewhere.
    """
    n = len(keys[0])
    kept, more = np.zeros(n, bool), np.zeros(n, np.int32)
    if n:
        by_group = np.lexsort(tuple(keys))  # stable; codes of 16 bits are sorted by radix
        begins = np.ones(n, bool)
        begins[1:] = np.logical_or.reduce([np.diff(key[by_group]) != 0 for key in keys])
        first = np.flatnonzero(begins)
        sizes = np.diff(np.append(first, n))
        kept[by_group] = np.arange(n) - np.repeat(first, sizes) < most
        longer = sizes > most
        more[by_group[first[longer] + most - 1]] = sizes[longer] - most
    return kept, more
