#!/usr/bin/env bash
# FreeType 2.13.2 (freetype-py 2.5.1): a black-and-white raster depends on which way round its contours run.
#
# Expected: with non-zero winding, a contour run backwards fills the same set of points, so the same pixels; at 128
# pixels a few ties at most. FT_OUTLINE_HIGH_PRECISION is for sizes below 24 pixels, as FT_Load_Glyph uses it.
# Seen: without that flag, which is what FT_Outline_Get_Bitmap is usually given, nine in ten glyphs of a font change
# when their contours are reversed, by up to 18 of 16,384 pixels. It is no matter of curves: random pentagons do the
# same. With the flag, one glyph in ten changes, by one pixel.
# Matters: TrueType and CFF run their contours in opposite directions, so the same letter out of both gives other
# pixels: no hash or exact comparison of rasters may cross formats, and the flag is part of what a raster is.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: numpy==2.4.6 freetype-py==2.5.1 fonttools==4.68.0 fontpkg-tajawal==1.700
"$room/venv/bin/python" - <<'PYTHON'
import ctypes
from pathlib import Path

import fontpkg_tajawal
import freetype
import freetype.raw as ft
import numpy as np

HIGH = 0x100  # FT_OUTLINE_HIGH_PRECISION
library = freetype.get_handle()


def ink(points, tags, ends, flags):
    n = len(points)
    held = (
        (ft.FT_Vector * n)(*[(int(x), int(y)) for x, y in points]),
        (ctypes.c_ubyte * n)(*tags),
        (ctypes.c_short * len(ends))(*ends),
    )
    shape, bitmap, buffer = ft.FT_Outline(), ft.FT_Bitmap(), np.zeros((128, 16), np.uint8)
    shape.n_points, shape.n_contours, shape.flags = n, len(ends), flags
    shape.points = ctypes.cast(held[0], type(shape.points))
    shape.tags = ctypes.cast(held[1], type(shape.tags))
    shape.contours = ctypes.cast(held[2], type(shape.contours))
    bitmap.rows = bitmap.width = 128
    bitmap.pitch, bitmap.pixel_mode = 16, freetype.FT_PIXEL_MODE_MONO
    bitmap.buffer = buffer.ctypes.data_as(type(bitmap.buffer))
    assert not ft.FT_Outline_Get_Bitmap(library, ctypes.byref(shape), ctypes.byref(bitmap))
    return np.unpackbits(buffer, axis=1)


def backwards(ends):
    starts = [0] + [end + 1 for end in ends[:-1]]
    return [i for start, end in zip(starts, ends) for i in (start, *range(end, start, -1))]


face = freetype.Face(str(Path(fontpkg_tajawal.__file__).parent / "files/Tajawal-Regular.ttf"))
shares = {}
for name, flags in (("plain", 0), ("FT_OUTLINE_HIGH_PRECISION", HIGH)):
    differ = []
    for gid in range(face.num_glyphs):
        face.load_glyph(gid, freetype.FT_LOAD_NO_SCALE)
        outline = face.glyph.outline
        points, tags, ends = (
            np.array(outline.points, float).reshape(-1, 2),
            [t & 3 for t in outline.tags],
            outline.contours,
        )
        if len(points) < 3 or not np.ptp(points, 0).max():
            continue
        points = np.rint((points - points.min(0)) * 128 * 64 / np.ptp(points, 0).max())
        order = backwards(ends)
        differ.append(
            (ink(points, tags, ends, flags) != ink(points[order], [tags[i] for i in order], ends, flags)).sum()
        )
    shares[name] = np.mean(np.array(differ) > 0)
    random = np.random.default_rng(0).integers(0, 8192, (500, 5, 2))
    pentagons = np.mean([(ink(p, [1] * 5, [4], flags) != ink(p[::-1], [1] * 5, [4], flags)).any() for p in random])
    print(
        f"{name}: {shares[name]:.0%} of {len(differ)} glyphs change when reversed, at most {max(differ)} pixels; "
        f"{pentagons:.0%} of random pentagons"
    )
assert shares["plain"] > 0.7 and shares["FT_OUTLINE_HIGH_PRECISION"] < 0.2
PYTHON
