#!/usr/bin/env bash
# HarfBuzz 15.0.0 (uharfbuzz 0.57.0) against FreeType 2.13.2 and fontTools 4.68.0: Arabic, joined, out of a font that
# maps no Arabic.
#
# Expected: a font with only a symbol cmap (platform 3, encoding 0; codes U+F000 and up) and without GSUB knows no
# Arabic: U+0628 gives.notdef, and nothing joins.
# Seen: with version 0 of OS/2 and 0xB2 or 0xB3 in the upper byte of fsSelection, as in Arabic fonts of the nineties
# ("simplified" and "traditional"), HarfBuzz translates Arabic letters and their presentation forms to private codes
# of its own knowledge, and then joins by them: salam comes out as three glyphs with the lam-alef in one. It knows 201
# Arabic characters in one page, 257 in the other; U+0041, which it finds in any other symbol font, is gone. FreeType
# finds the private codes alone, and fontTools' getBestCmap() says None.
# Matters: "no usable cmap" is a matter of the library; such fonts sit in old documents, and HarfBuzz can say what
# their glyphs are.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: uharfbuzz==0.57.0 freetype-py==2.5.1 fonttools==4.68.0
"$room/venv/bin/python" - 2>/dev/null <<'PYTHON'
import io

import freetype
import uharfbuzz as hb
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

CODES = range(0xF000, 0xF300)
NAMES = [".notdef", *(f"{code:04X}" for code in CODES)]
SALAM = "\u0633\u0644\u0627\u0645"


def font(page):
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(NAMES)
    builder.setupCharacterMap({})
    builder.setupGlyf({name: TTGlyphPen(None).glyph() for name in NAMES})
    builder.setupHorizontalMetrics({name: (500, 0) for name in NAMES})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Symbol"})
    builder.setupOS2(version=0)
    builder.setupPost()
    builder.font["OS/2"].fsSelection = page << 8 | 0x40
    symbol = CmapSubtable.newSubtable(4)
    symbol.platformID, symbol.platEncID, symbol.language = 3, 0, 0
    symbol.cmap = dict(zip(CODES, NAMES[1:]))
    builder.font["cmap"].tables = [symbol]
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


seen = {}
for page in (0x00, 0xB2, 0xB3):
    data = font(page)
    shaper, face = hb.Font(hb.Face(data)), freetype.Face(io.BytesIO(data))
    face.set_charmap(face.charmaps[0])
    buffer = hb.Buffer()
    buffer.add_str(SALAM)
    buffer.direction, buffer.script, buffer.language = "rtl", "Arab", "ar"
    hb.shape(shaper, buffer)
    shaped = [NAMES[info.codepoint] for info in buffer.glyph_infos]
    arabic = sum(bool(shaper.get_nominal_glyph(code)) for code in (*range(0x600, 0x700), *range(0xFB50, 0xFF00)))
    latin = bool(shaper.get_nominal_glyph(0x41))
    others = sum(face.get_char_index(ord(c)) for c in SALAM), TTFont(io.BytesIO(data)).getBestCmap()
    seen[page] = arabic > 100, latin, len(set(shaped)), others
    print(
        f"page {page:02X}: HarfBuzz finds {arabic} Arabic characters, U+0041: {latin}; salam is {shaped}; FreeType and fontTools: {others}"
    )
assert seen[0x00] == (False, True, 1, (0, None)), seen
assert seen[0xB2] == seen[0xB3] == (True, False, 3, (0, None)), seen
PYTHON
