"""Reading a font's glyphs in their order: what a neighbour is says what a glyph may be (:mod:`glyphcore.data.order`).

The glyphs are a chain whose states are their candidates, and each gets its marginal probabilities, exactly, by the
forward-backward algorithm (Rabiner 1989). How far the order is trusted follows from the font itself: where sure
neighbours do not stand as in other fonts, as when somebody has shuffled them, it says nothing.
"""

from __future__ import annotations

import numpy as np

from glyphcore.data.order import Order

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


def in_order(top: np.ndarray, p: np.ndarray, order: Order) -> np.ndarray:
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
        told = own[i] * (forward[i - 1] @ step[i - 1])
        forward[i] = told / told.sum()
    for i in range(len(own) - 2, -1, -1):
        told = step[i] @ (own[i + 1] * backward[i + 1])
        backward[i] = told / told.sum()
    both = forward * backward
    return both * (mass / both.sum(1, keepdims=True))


def trust(top: np.ndarray, p: np.ndarray, order: Order) -> float:
    """How far a font's order is that of other fonts, 0 to 1; arguments as for :func:`in_order`."""
    if len(top) > MOST:
        return 0.0
    each, best = np.arange(len(top)), p.argmax(1)
    label, sure = top[each, best], p[each, best] >= SURE
    beside = sure[:-1] & sure[1:] & (label[:-1] != label[1:])
    if not beside.any():
        return 0.0
    found = float(np.log(order.lift[label[:-1], label[1:]][beside]).mean())
    low, high = ORDERED
    return min(max((found - low) / (high - low), 0.0), 1.0) * min(beside.sum() / ENOUGH, 1.0)
