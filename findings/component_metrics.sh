#!/usr/bin/env bash
# FreeType 2.13.2 and HarfBuzz 15.0.0 (uharfbuzz 0.57.0) on Inter 4.1 and Roboto Flex 3.200: one glyph, two advance
# widths.
#
# Expected: a glyph's advance in font units is one number: that of `hmtx`, and of HVAR at a place of a variable font.
# Seen: where a composite glyph takes its metrics from a part (USE_MY_METRICS, which font compilers set by what is
# true of the default weight), FreeType gives that part's advance, HarfBuzz the composite's own. At the default they
# agree; at Inter's heaviest weight U+0243 is 1,368 units wide in one and 1,448 in the other, and ten glyphs of Roboto
# Flex differ, one by a fifth. A static instance made by fontTools 4.68.0 keeps the quarrel, now against its own
# `hmtx`.
# Matters: an advance is a feature when glyphs are read (a narrow one makes a small mark) and the width in a PDF;
# numbers of the two libraries must not be mixed, and "same outline, other width" does not mean another glyph.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: uharfbuzz==0.57.0 freetype-py==2.5.1 fonttools==4.68.0 fontpkg-inter==4.1.post1 fontpkg-roboto-flex==3.200
"$room/venv/bin/python" - <<'PYTHON'
import io
import sysconfig
from pathlib import Path

import freetype
import uharfbuzz as hb
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

packages = Path(sysconfig.get_path("purelib"))
fonts = {
    "Inter": packages / "fontpkg_inter/files/Inter[opsz,wght].ttf",
    "Roboto Flex": next((packages / "fontpkg_roboto_flex/files").glob("RobotoFlex*.ttf")),
}


def advances(data, place=None):
    """Advance of each glyph by HarfBuzz and by FreeType, at a place of a variable font (axis -> value)."""
    shaper, face = hb.Font(hb.Face(data)), freetype.Face(io.BytesIO(data))
    if place:
        shaper.set_variations(place)
        face.set_var_design_coords(list(place.values()))
    for gid in range(face.num_glyphs):
        face.load_glyph(gid, freetype.FT_LOAD_NO_SCALE)
        yield shaper.get_glyph_h_advance(gid), face.glyph.metrics.horiAdvance


seen = {}
for family, path in fonts.items():
    data = path.read_bytes()
    tables = TTFont(io.BytesIO(data))
    default = {axis.axisTag: axis.defaultValue for axis in tables["fvar"].axes}
    heavy = default | {"wght": {axis.axisTag: axis.maxValue for axis in tables["fvar"].axes}["wght"]}
    for name, place in (("default weight", default), ("heaviest weight", heavy)):
        differ = {
            tables.getGlyphName(gid): pair for gid, pair in enumerate(advances(data, place)) if pair[0] != pair[1]
        }
        seen[family, name] = differ
        print(
            f"{family}, {name}: {len(differ)} of {tables['maxp'].numGlyphs} glyphs differ (HarfBuzz, FreeType):",
            dict(list(differ.items())[:3]),
        )
    if family == "Inter":
        file = io.BytesIO()
        instancer.instantiateVariableFont(tables, heavy).save(file)
        static = {
            tables.getGlyphName(gid): pair for gid, pair in enumerate(advances(file.getvalue())) if pair[0] != pair[1]
        }
        print("the static instance:", static, "hmtx:", {name: TTFont(file)["hmtx"][name][0] for name in static})
assert not seen["Inter", "default weight"] and not seen["Roboto Flex", "default weight"]
assert seen["Inter", "heaviest weight"]["uni0243"] == static["uni0243"] == (1448, 1368)
assert max(abs(a - b) / a for a, b in seen["Roboto Flex", "heaviest weight"].values()) > 0.2
PYTHON
