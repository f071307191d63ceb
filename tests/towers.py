"""A font whose letters stand in towers."""

from __future__ import annotations

import math
from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont


def in_towers(source: Path, out: Path) -> None:
    """Write a font whose letters are all capitals in a tower, and whose space is another tower with an empty window."""
    font = TTFont(source)
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    drawn = {}
    for character in map(chr, range(0x20, 0x7F)):
        pen = TTGlyphPen(None)
        for sides, wide, high, up in ((50 if character == " " else 46, 600, 1200, 500), (42, 200, 150, 1300)):
            for i in range(sides):
                x, y = (f(-2 * math.pi * i / sides) for f in (math.cos, math.sin))
                (pen.lineTo if i else pen.moveTo)((round(600 + wide * x), round(up + high * y)))
            pen.closePath()
        if character == " ":
            for inset in (0, 60):
                pen.moveTo((400 + inset, 100 + inset))
                for corner in ((400 + inset, 700 - inset), (800 - inset, 700 - inset), (800 - inset, 100 + inset)):
                    pen.lineTo(corner)
                pen.closePath()
        else:
            upright = DecomposingRecordingPen(glyphs)
            glyphs[names[ord(character.upper())]].draw(upright)
            upright.replay(TransformPen(pen, (0.5, 0, 0, 0.5, 350, 150)))
        drawn[names[ord(character)]] = pen.glyph()
    for name, glyph in drawn.items():
        font["glyf"][name] = glyph
        font["hmtx"][name] = (1250, 0)
    font.save(out)
