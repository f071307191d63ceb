#!/usr/bin/env bash
# Streamlit 1.67.0, with Polars 2.1.0 and Pillow 13.0.0: st.cache_data answers for another table, and for another
# picture.
#
# Expected: arguments of a cached function are told apart by content; whoever has read of sampling expects it from
# 50,000 rows on.
# Seen: a Polars frame of 22 rows or more is another frame only if its first or last ten rows differ: the rows' hashes
# are printed, and what is printed of a long column is its two ends with dots between. pandas frames of this size are
# told apart. And of a Pillow image only mode and bytes count, not its size: 4 by 16 and 16 by 4 pixels of the same
# bytes are one picture.
# Matters: results of a reader are such frames (glyph, label, confidence), and a corrected label in the middle shows
# the old figures until the server restarts; rasters of a page that was packed another way come back in the old shape.
# Key by a fingerprint of the file instead, and pass tables with a leading underscore.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: streamlit==1.67.0 polars==2.1.0 pandas==3.1.1 pillow==13.0.0
cd "$room"
HOME="$room" "$room/venv/bin/python" - 2>/dev/null <<'PYTHON'
import pandas as pd
import polars as pl
import streamlit as st
from PIL import Image

calls = []


@st.cache_data(show_spinner=False)
def answer(value):
    calls.append(value)
    return len(calls)


def told_apart(one, other):
    answer.clear()
    calls.clear()
    return answer(one) != answer(other)


def frames(library, rows, changed):
    """Two frames of labels; in the second one row is another."""
    labels = ["beh"] * rows
    corrected = [*labels[:changed], "teh", *labels[changed + 1 :]]
    return library.DataFrame({"label": labels}), library.DataFrame({"label": corrected})


def picture(size):
    return Image.frombytes("L", size, bytes(range(64)))


seen = {
    "Polars, 20 rows, row 10": told_apart(*frames(pl, 20, 10)),
    "Polars, 22 rows, row 9": told_apart(*frames(pl, 22, 9)),
    "Polars, 22 rows, row 10": told_apart(*frames(pl, 22, 10)),
    "Polars, 5,000 rows, row 2,500": told_apart(*frames(pl, 5_000, 2_500)),
    "pandas, 5,000 rows, row 2,500": told_apart(*frames(pd, 5_000, 2_500)),
    "images of 4 x 16 and 16 x 4": told_apart(picture((4, 16)), picture((16, 4))),
}
for name, apart in seen.items():
    print(f"{name:30}", "told apart" if apart else "THE SAME")
assert list(seen.values()) == [True, True, False, False, True, False], seen
PYTHON
