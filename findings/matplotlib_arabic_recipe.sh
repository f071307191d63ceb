#!/usr/bin/env bash
# matplotlib 3.11.2 with arabic-reshaper 3.1.0 and python-bidi 0.6.12: the recipe that everybody uses now spells
# Arabic backwards.
#
# Expected: matplotlib draws the characters of a string from left to right, unjoined; so Arabic goes through
# get_display(reshape(text)) first, as every answer of the last ten years says.
# Seen: since 3.11 text is laid out by libraqm: plain Arabic is joined and runs from right to left by itself, pixel
# for pixel what reshape(text) alone gives. The full recipe, already turned once, is turned again: the word's letters
# stand in the wrong order, each in a form that does not fit its neighbours. No warning; the picture still looks like
# Arabic to who cannot read it.
# Matters: sheets of Arabic glyphs and confusion tables drawn with labels are how a reader of glyphs is checked by
# eye.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: matplotlib==3.11.2 arabic-reshaper==3.1.0 python-bidi==0.6.12
MPLCONFIGDIR="$room" MPLBACKEND=agg "$room/venv/bin/python" - <<'PYTHON'
import io

import matplotlib.pyplot as plt
import numpy as np
from arabic_reshaper import reshape
from bidi import get_display

plt.rcParams["font.family"] = "DejaVu Sans"
SALAM = "\u0633\u0644\u0627\u0645"  # seen, lam, alef, meem


def ink(text):
    figure = plt.figure(figsize=(3, 1), dpi=80)
    figure.text(0.1, 0.3, text, fontsize=40)
    raw = io.BytesIO()
    figure.savefig(raw, format="raw")
    plt.close(figure)
    return np.frombuffer(raw.getvalue(), np.uint8).reshape(80, 240, 4)[..., 0] < 128


def picture(page):
    rows, columns = np.flatnonzero(page.any(1)), np.flatnonzero(page.any(0))
    return "\n".join(
        "".join("#" if pixel else " " for pixel in page[row, columns[0] : columns[-1] + 1 : 2])
        for row in range(rows[0], rows[-1], 3)
    )


def heights(page):
    """Lowest row of ink in the leftmost and the rightmost third of the word: meem reaches below the line, seen does not."""
    columns = np.flatnonzero(page.any(0))
    parts = np.array_split(np.arange(columns[0], columns[-1] + 1), 3)
    return [np.flatnonzero(page[:, part].any(1)).max() for part in (parts[0], parts[-1])]


plain, reshaped, recipe = ink(SALAM), ink(reshape(SALAM)), ink(get_display(reshape(SALAM)))
print("plain text", picture(plain), "the recipe", picture(recipe), sep="\n")
(plain_left, plain_right), (recipe_left, recipe_right) = heights(plain), heights(recipe)
print("last row of ink, left and right: plain", plain_left, plain_right, "- the recipe", recipe_left, recipe_right)
assert (plain == reshaped).all() and (plain != recipe).any()
assert plain_left > plain_right + 3 and recipe_right > recipe_left + 3  # meem, the last letter: left, and right
PYTHON
