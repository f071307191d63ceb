"""Fonts that compose Arabic letters from parts: a bowl and its dots are glyphs of their own.

Such a bowl looks like the archaic letter without dots, and its dot like a full stop. Neither is a text by itself: ب is
both, and only what shapes the text knows which dots belong to which bowl.
"""

from __future__ import annotations

import numpy as np

from glyphcore.data.labels import LabelMap, is_arabic

BOWLS = frozenset("ٮٯڡ")
"""Letters without dots that hardly any text has."""
DOTTED = frozenset("بتثپنيیفقچجخشضظذزغ")
"""Letters that are one of these, or another one, with dots."""
DOTS = frozenset(".·•۔٠∙")
"""What dots are taken for."""
SURE = 0.5
MANY = 5
LIKE = 0.9
"""Bowls to each dotted letter from which a font of :data:`MANY` bowls composes: 0.95 to 21 in fonts of the corpus that
do, 0.7 at most in those that draw all letters whole."""


def parts(top: np.ndarray, top_p: np.ndarray, labels: LabelMap) -> np.ndarray:
    """Which of a font's n glyphs are bowls and dots that it composes letters from, bool [n]; mostly none.

    ``top`` int [n, k] and ``top_p`` [n, k]: what each glyph alone was read as, best first.
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
