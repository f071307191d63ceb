#!/usr/bin/env bash
# FreeType 2.13.2 (freetype-py 2.5.1): in black and white, a contour without any area is drawn as a line.
#
# Expected: a path that goes from one point to another and back encloses nothing, so it leaves no ink, in black and
# white as in grey.
# Seen: the grey rasteriser draws nothing; the black-and-white one draws the whole line, one pixel thick. Its drop-out
# control takes the path for a stem too thin to hold a pixel's centre. FT_OUTLINE_IGNORE_DROPOUTS turns it off, and
# hairlines with it. A contour of one point, as fonts use for anchors, draws nothing in either.
# Matters: guide lines and collapsed contours left in real fonts, invisible on every screen, become strokes of the
# letter for whoever reads rasters; a test for "has area" must look at the contours, not at the pixels.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv --without-pip "$room/venv"
python3 -m pip --python "$room/venv/bin/python" install -qq --no-compile --only-binary :all: numpy==2.4.6 freetype-py==2.5.1
"$room/venv/bin/python" - <<'PYTHON'
import ctypes

import freetype
import freetype.raw as ft
import numpy as np

library = freetype.get_handle()


def ink(points, mode, flags=0):
    """Pixels of one contour (in 1/64 of them) that are not white, of 32 by 32."""
    n = len(points)
    held = (ft.FT_Vector * n)(*points), (ctypes.c_ubyte * n)(*[1] * n), (ctypes.c_short * 1)(n - 1)
    shape, bitmap, buffer = ft.FT_Outline(), ft.FT_Bitmap(), np.zeros((32, 32), np.uint8)
    shape.n_points, shape.n_contours, shape.flags = n, 1, flags
    shape.points = ctypes.cast(held[0], type(shape.points))
    shape.tags = ctypes.cast(held[1], type(shape.tags))
    shape.contours = ctypes.cast(held[2], type(shape.contours))
    bitmap.rows = bitmap.width = bitmap.pitch = 32
    bitmap.num_grays, bitmap.pixel_mode = 256, mode
    bitmap.buffer = buffer.ctypes.data_as(type(bitmap.buffer))
    assert not ft.FT_Outline_Get_Bitmap(library, ctypes.byref(shape), ctypes.byref(bitmap))
    return int((np.unpackbits(buffer[:, :4], axis=1) if mode == freetype.FT_PIXEL_MODE_MONO else buffer > 0).sum())


MONO, GREY, IGNORE_DROPOUTS = freetype.FT_PIXEL_MODE_MONO, freetype.FT_PIXEL_MODE_GRAY, 0x8
lines = {
    "upright": [(320, 320), (320, 1280)],
    "level": [(320, 330), (1280, 330)],
    "sloping, there and back": [(320, 330), (1280, 830), (320, 330)],
    "one point": [(320, 330)],
}
print("pixels of ink            grey  mono  mono without drop-out control")
seen = {}
for name, points in lines.items():
    seen[name] = ink(points, GREY), ink(points, MONO), ink(points, MONO, IGNORE_DROPOUTS)
    print(f"{name:24}", *("%5d" % n for n in seen[name]))
assert all(grey == 0 for grey, _, _ in seen.values())
assert all(seen[name][1] >= 10 for name in list(lines)[:3]) and seen["one point"][1] == 0
assert all(without <= 1 for _, _, without in seen.values())
PYTHON
