"""Fonts that compose Arabic letters from parts: a bowl and its dots are separate glyphs.

Such a bowl looks like the archaic letter without dots, and its dot looks like a full stop. Neither is a text by itself:
ب is both, and only the program that shapes the text knows which dots belong to which bowl.
"""

from __future__ import annotations

import numpy as np

from glyphcore.data.labels import LabelMap, is_arabic

BOWLS = frozenset("ٮٯڡ")
"""Letters without dots, which hardly any text has."""
DOTTED = frozenset("بتثپنيیفقچجخشضظذزغ")
"""Letters that consist of a bowl, of these or another one, and dots."""
DOTS = frozenset(".·•۔٠∙")
"""Readings of dots."""
SURE = 0.5
MANY = 5
LIKE = 0.9
"""Ratio of bowls to each dotted letter from which a font with :data:`MANY` bowls counts as composing letters. It is
0.95 to 21 in fonts of the corpus that compose, and 0.7 at most in fonts that draw all letters whole."""


def parts(top: np.ndarray, top_p: np.ndarray, labels: LabelMap) -> np.ndarray:
    """Return bool [n]: which of a font's n glyphs are bowls and dots that it composes letters from; usually none.

    ``top`` int [n, k] and ``top_p`` [n, k]: candidates of each glyph alone, best first.
    """
    nothing = np.zeros(len(top), bool)
    if not len(top):
        return nothing
    base = np.array([labels.base[i] for i in top[:, 0]])
    sure = top_p[:, 0] >= SURE
    bowl, dotted, dot = (np.isin(base, list(characters)) & sure for characters in (BOWLS, DOTTED, DOTS))
    arabic = sum(any(map(is_arabic, text)) for text in base[sure & ~dot])
    latin = sum(labels.char_class[i] == "latin" for i in top[sure & ~dot, 0])
    composed = bowl.sum() > 0 and (dotted.sum() == 0 or (bowl.sum() >= MANY and bowl.sum() >= LIKE * dotted.sum()))
    return bowl | dot if composed and dot.any() and arabic > latin else nothing
