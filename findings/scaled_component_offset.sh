#!/usr/bin/env bash
# FreeType 2.13.2, HarfBuzz 15.0.0, fontTools 4.68.0: one mirrored component, three places; fontTools alone has two of
# them.
#
# Expected: a composite glyph is exactly specified, so all libraries put its parts at the same points.
# Seen: with SCALED_COMPONENT_OFFSET (Apple's rule, offset times scale) a part that is mirrored, turned or skewed as
# well lands elsewhere. HarfBuzz sends the offset through the whole matrix, FreeType multiplies it by the matrix's
# lengths, so that a mirror moves nothing. fontTools' glyph.getCoordinates() agrees with HarfBuzz, but drawing the
# same glyph with a pen from the same fontTools ignores the flag, even for a plain scale of a half, where FreeType and
# HarfBuzz agree.
# Matters: dots, hamzas and mirrored brackets are such parts: a letter's dot can lie above it in one reader and beside
# it in another.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: uharfbuzz==0.57.0 freetype-py==2.5.1 fonttools==4.68.0
"$room/venv/bin/python" - <<'PYTHON'
import io

import freetype
import uharfbuzz as hb
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

NAMES = [".notdef", "bar", "part"]


def font(matrix):
    """`part` is `bar` (200 by 100, at the origin), transformed, at the offset (300, 40), which is to be scaled."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 100), (200, 100), (200, 0)):
        pen.lineTo(point)
    pen.closePath()
    component, part = GlyphComponent(), Glyph()
    component.glyphName, component.x, component.y, component.transform = "bar", 300, 40, matrix
    component.flags = 0x800 | 0x2  # SCALED_COMPONENT_OFFSET, ARGS_ARE_XY_VALUES
    part.numberOfContours, part.components = -1, [component]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(NAMES)
    builder.setupCharacterMap({0x61: "part"})
    builder.setupGlyf(dict(zip(NAMES, (TTGlyphPen(None).glyph(), pen.glyph(), part))))
    left = min(x for x, _ in builder.font["glyf"]["part"].getCoordinates(builder.font["glyf"])[0])
    builder.setupHorizontalMetrics({".notdef": (500, 0), "bar": (500, 0), "part": (500, int(left))})
    for setup in (builder.setupHorizontalHeader, builder.setupPost, builder.setupOS2):
        setup()
    builder.setupNameTable({"familyName": "Part"})
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def left(data):
    """Where the part begins, by each library."""
    points = []
    draw = hb.DrawFuncs()
    draw.set_move_to_func(lambda x, y, to: to.append(x))
    draw.set_line_to_func(lambda x, y, to: to.append(x))
    hb.Font(hb.Face(data)).draw_glyph(2, draw, points)
    face = freetype.Face(io.BytesIO(data))
    face.load_glyph(2, freetype.FT_LOAD_NO_SCALE)
    tables = TTFont(io.BytesIO(data))
    pen = ControlBoundsPen(tables.getGlyphSet())
    tables.getGlyphSet()["part"].draw(pen)
    coordinates = tables["glyf"]["part"].getCoordinates(tables["glyf"])[0]
    return min(points), min(x for x, _ in face.glyph.outline.points), min(x for x, _ in coordinates), pen.bounds[0]


matrices = {
    "halved": [[0.5, 0], [0, 0.5]],
    "mirrored": [[-1, 0], [0, 1]],
    "turned": [[0, 1], [-1, 0]],
    "skewed": [[1, 0], [0.5, 1]],
}
print("left edge of the part  HarfBuzz  FreeType  getCoordinates  pen")
seen = {name: tuple(round(x) for x in left(font(matrix))) for name, matrix in matrices.items()}
for name, (a, b, c, d) in seen.items():
    print(f"{name:21}  {a:8}  {b:8}  {c:14}  {d:3}")
assert seen["halved"] == (150, 150, 150, 300) and seen["mirrored"] == (-500, 100, -500, 100), seen
assert len(set(seen["turned"][:2])) == len(set(seen["skewed"][:2])) == 2
PYTHON
