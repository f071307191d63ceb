#!/usr/bin/env bash
# FreeType 2.13.2, Pillow 13.0.0, skia-python 144.1, matplotlib 3.11.2: one square, 8 by 8 pixels, has 81, 81, 64 or
# 72 of them.
#
# Expected: rasterisers without anti-aliasing agree on a shape that needs no rounding: 8 x 8 = 64 pixels, for an edge
# that runs through centres belongs to one of its two sides (the half-open rule of graphics hardware), else shapes
# that touch would overlap.
# Seen: moved by half a pixel, so that its edges run through centres, the square covers 81 pixels in FreeType (both
# edges belong to it) and in Pillow, 64 in Skia, and 72 by matplotlib's contains_points, which counts one axis open
# and the other closed. Moved by a quarter, it has 64 in all but Pillow, which has 81 still.
# Matters: round coordinates on round sizes put stems on centres all the time (8 units a pixel, say): a stem is then
# an eighth thicker in one renderer than in another, and the ink of a raster is no measure of an outline's area.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: numpy==2.4.6 freetype-py==2.5.1 pillow==13.0.0 skia-python==144.1 matplotlib==3.11.2
"$room/venv/bin/python" - <<'PYTHON'
import ctypes

import freetype
import freetype.raw as ft
import numpy as np
import skia
from matplotlib.path import Path
from PIL import Image, ImageDraw


def square(at):
    return [(at, at), (at + 8, at), (at + 8, at + 8), (at, at + 8)]


def by_freetype(corners):
    held = (
        (ft.FT_Vector * 4)(*[(int(x * 64), int(y * 64)) for x, y in corners]),
        (ctypes.c_ubyte * 4)(1, 1, 1, 1),
        (ctypes.c_short * 1)(3),
    )
    shape, bitmap, buffer = ft.FT_Outline(), ft.FT_Bitmap(), np.zeros((16, 2), np.uint8)
    shape.n_points, shape.n_contours, shape.flags = 4, 1, 0x100  # high precision
    shape.points = ctypes.cast(held[0], type(shape.points))
    shape.tags = ctypes.cast(held[1], type(shape.tags))
    shape.contours = ctypes.cast(held[2], type(shape.contours))
    bitmap.rows = bitmap.width = 16
    bitmap.pitch, bitmap.pixel_mode = 2, freetype.FT_PIXEL_MODE_MONO
    bitmap.buffer = buffer.ctypes.data_as(type(bitmap.buffer))
    assert not ft.FT_Outline_Get_Bitmap(freetype.get_handle(), ctypes.byref(shape), ctypes.byref(bitmap))
    return int(np.unpackbits(buffer).sum())


def by_pillow(corners):
    image = Image.new("1", (16, 16))
    ImageDraw.Draw(image).polygon(corners, fill=1)
    return int(np.asarray(image).sum())


def by_skia(corners):
    surface = skia.Surface(16, 16)
    surface.getCanvas().clear(0xFFFFFFFF)
    (left, top), (right, bottom) = corners[0], corners[2]
    path = skia.Path()
    path.addRect(skia.Rect.MakeLTRB(left, top, right, bottom))
    surface.getCanvas().drawPath(path, skia.Paint(AntiAlias=False, Color=0xFF000000))
    return int((surface.makeImageSnapshot().toarray()[..., 0] == 0).sum())


def by_matplotlib(corners):
    y, x = np.mgrid[:16, :16] + 0.5
    return int(Path([*corners, corners[0]]).contains_points(np.column_stack([x.ravel(), y.ravel()])).sum())


print("pixels of an 8 by 8 square at   2.25  2.5")
seen = {}
for name, draw in {"FreeType": by_freetype, "Pillow": by_pillow, "Skia": by_skia, "matplotlib": by_matplotlib}.items():
    seen[name] = draw(square(2.25)), draw(square(2.5))
    print(f"{name:30}", *("%5d" % n for n in seen[name]))
assert seen == {"FreeType": (64, 81), "Pillow": (81, 81), "Skia": (64, 64), "matplotlib": (64, 72)}, seen
PYTHON
