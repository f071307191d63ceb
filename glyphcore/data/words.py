"""Whole words as glyphs, drawn with the letters of an Arabic font, as in fonts for pages of the Quran.

No font of that kind has a licence for training, so similar glyphs are made here.
"""

from __future__ import annotations

import numpy as np

from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import FontFace
from glyphcore.data.geometry import geometry_each
from glyphcore.data.outline import Outline
from glyphcore.data.sources import Glyph

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
SHORTEST, LONGEST = 2, 7
"""Smallest and largest number of letters of a word."""


def words(face: FontFace, count: int, random: np.random.Generator) -> list[Glyph]:
    """Return up to ``count`` words of random letters, numbered from 0; none where the font lacks letters."""
    if not {ord(letter) for letter in LETTERS} <= set(face.cmap):
        return []
    outlines, advances = [], []
    for _ in range(count):
        letters = random.choice(list(LETTERS), random.integers(SHORTEST, LONGEST + 1))
        drawn, x = list[Outline](), 0.0
        for gid in face.shape("".join(letters)):
            outline = face.outline(gid)
            drawn.append(Outline(outline.points + np.array([x, 0.0]), outline.tags, outline.ends))
            x += face.advance(gid)
        outlines.append(beside(drawn))
        advances.append(x)
    packed, boxes, faults = rasterize_each(outlines, advances, face.upem)
    described = geometry_each(boxes, np.array(advances), face.upem)
    return [
        Glyph(i, None, advances[i], tuple(boxes[i].tolist()), packed[i], described[i])
        for i in range(count)
        if faults[i] is None
    ]


def beside(outlines: list[Outline]) -> Outline:
    """Join several outlines into one."""
    starts = np.cumsum([0, *(len(outline.points) for outline in outlines)])
    return Outline(
        np.concatenate([outline.points for outline in outlines]),
        np.concatenate([outline.tags for outline in outlines]),
        np.concatenate([outline.ends + start for outline, start in zip(outlines, starts, strict=False)]).astype(
            np.int16
        ),
    )
