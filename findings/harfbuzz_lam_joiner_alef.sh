#!/usr/bin/env bash
# HarfBuzz 15.0.0 (uharfbuzz 0.57.0), Tajawal 1.700 and DejaVu Sans 2.37: ZERO WIDTH JOINER takes lam-alef apart.
#
# Expected: the joiner asks for a closer form (Unicode: it requests a ligature where there is one), and lam-alef is
# obligatory in Arabic; the *non*-joiner is what parts them. A shaper skips such invisible characters when it looks
# for ligatures.
# Seen: lam + joiner + alef gives an initial lam and a final alef, two glyphs, in every font; COMBINING GRAPHEME
# JOINER, which is said to have no effect on joining, leaves the ligature whole. A vowel on the lam does in DejaVu,
# and in Tajawal it parts them, too.
# Matters: to reach a form, letters are shaped beside joiners (joiner + lam + alef is the final lam-alef); a joiner
# inside a ligature's letters reaches other glyphs, and a fully vowelled text shows forms that its unvowelled twin
# never does.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: uharfbuzz==0.57.0 fonttools==4.68.0 fontpkg-tajawal==1.700
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: --no-deps matplotlib==3.11.2  # for its copy of DejaVu Sans only
"$room/venv/bin/python" - <<'PYTHON'
import sysconfig
from pathlib import Path

import uharfbuzz as hb
from fontTools.ttLib import TTFont

packages = Path(sysconfig.get_path("purelib"))
fonts = {
    "Tajawal": packages / "fontpkg_tajawal/files/Tajawal-Regular.ttf",
    "DejaVu Sans": packages / "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf",
}
LAM, ALEF, FATHA = "\u0644", "\u0627", "\u064e"
texts = {
    "": LAM + ALEF,
    "joiner": LAM + "\u200d" + ALEF,
    "non-joiner": LAM + "\u200c" + ALEF,
    "grapheme joiner": LAM + "\u034f" + ALEF,
    "vowel": LAM + FATHA + ALEF,
}
seen = {}
for family, path in fonts.items():
    font, names = hb.Font(hb.Face(hb.Blob.from_file_path(str(path)))), TTFont(path, lazy=True).getGlyphOrder()
    for between, text in texts.items():
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.script, buffer.language = "rtl", "Arab", "ar"
        buffer.flags = hb.BufferFlags.REMOVE_DEFAULT_IGNORABLES
        hb.shape(font, buffer)
        glyphs = [names[info.codepoint] for info in buffer.glyph_infos]
        seen[family, between] = [name for name in glyphs if name != "uni064E"]
        print(f"{family:12} lam {'+ ' + between + ' ' if between else ''}+ alef:", *glyphs)
for family in fonts:
    assert seen[family, ""] == seen[family, "grapheme joiner"] == ["uniFEFB"]
    assert seen[family, "joiner"] == ["uniFE8E", "uniFEDF"]  # final alef, initial lam
    assert seen[family, "non-joiner"] == ["uni0627", "uni0644"]
assert seen["DejaVu Sans", "vowel"] == ["uniFEFB"] and seen["Tajawal", "vowel"] == ["uniFE8E", "uniFEDF"]
PYTHON
