#!/usr/bin/env bash
# HarfBuzz 15.0.0 (uharfbuzz 0.57.0): the extents of a glyph are the box of its ink in TrueType, nearly, and far too
# big in CFF.
#
# Expected: hb_font_get_glyph_extents says where the ink is, whatever the format; people crop and scale rasters by it.
# Seen: one and the same curve, 750 units tall, has extents of 760 as quadratics in a `glyf` table (the box in the
# glyph's header, for which fontTools counts control points, too) and of 1,000 as cubics in a `CFF ` table, for there
# HarfBuzz takes the box of all control points, and those of a cubic lie a third further out.
# Matters: letters fitted into a raster by these extents come out smaller and off centre when their font is CFF, so
# one letter has two pictures; the exact box is that of the drawn curve's extrema (fontTools' BoundsPen,
# FT_Outline_Get_BBox).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: uharfbuzz==0.57.0 fonttools==4.68.0
"$room/venv/bin/python" - <<'PYTHON'
import io

import uharfbuzz as hb
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen


def lens(pen):
    """Two arcs whose controls reach a third further than the curve: y from -125 to 625."""
    pen.moveTo((0, 250))
    pen.curveTo((0, 750), (500, 750), (500, 250))
    pen.curveTo((500, -250), (0, -250), (0, 250))
    pen.closePath()


def font(cff):
    builder = FontBuilder(1000, isTTF=not cff)
    builder.setupGlyphOrder([".notdef", "lens"])
    builder.setupCharacterMap({0x6D: "lens"})
    if cff:
        pen, empty = T2CharStringPen(500, None), T2CharStringPen(500, None)
        lens(pen)
        builder.setupCFF("Lens", {}, {".notdef": empty.getCharString(), "lens": pen.getCharString()}, {})
    else:
        pen = TTGlyphPen(None)
        lens(Cu2QuPen(pen, max_err=0.5))
        builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "lens": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "lens": (500, 0)})
    for setup in (builder.setupHorizontalHeader, builder.setupPost, builder.setupOS2):
        setup()
    builder.setupNameTable({"familyName": "Lens"})
    file = io.BytesIO()
    builder.save(file)
    return hb.Font(hb.Face(file.getvalue()))


pen = BoundsPen(None)
lens(pen)
print("the curve itself: y from", pen.bounds[1], "to", pen.bounds[3])
seen = {}
for name, cff in (("glyf", False), ("CFF", True)):
    extents = font(cff).get_glyph_extents(1)
    seen[name] = (extents.y_bearing + extents.height, extents.y_bearing)
    print(f"extents by HarfBuzz, {name:4}: y from {seen[name][0]} to {seen[name][1]}")
assert pen.bounds[1::2] == (-125, 625)
assert seen == {"glyf": (-130, 630), "CFF": (-250, 750)}, seen
PYTHON
