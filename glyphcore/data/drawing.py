"""Draws many outlines as rasters like :mod:`glyphcore.data.raster`, five times as fast.

FreeType fills a glyph in a few microseconds; preparing its structures one by one takes ten times as long. Here numpy
prepares the structures of all glyphs at once, and only two calls per glyph remain.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import freetype
import freetype.raw as ft
import numpy as np

from glyphcore.data.outline import Outline
from glyphcore.data.raster import PACKED, POLICY, SIZE
from glyphcore.errors import EmptyOutlineError, OutlineError

TOGETHER = 500_000
"""Number of points that are drawn together, from any number of glyphs; it limits memory."""
NOTHING = Outline(np.zeros((0, 2)), np.zeros(0, np.uint8), np.zeros(0, np.int16))
_library = freetype.get_handle()


def rasterize_each(
    outlines_or_errors: Sequence[Outline | OutlineError],
    advances: Sequence[float | None],
    upem: float | Sequence[float | None] | None,
) -> tuple[np.ndarray, np.ndarray, list[OutlineError | None]]:
    """Return packed rasters uint8 [n, 2048], exact boxes float64 [n, 4] (``x_min, y_min, x_max, y_max``), and errors.

    Pixels and boxes are those of :func:`raster.rasterize` and :func:`raster.bounds`. So is the error of an outline that
    is empty, malformed or without area; its raster is blank. Inputs that are errors stay errors. Lengths are in font
    units; ``upem`` is that of all glyphs, or one for each.
    """
    outlines = [outline if isinstance(outline, Outline) else NOTHING for outline in outlines_or_errors]
    n = len(outlines)
    ems = upem if isinstance(upem, Sequence) else [upem] * n
    packed = np.zeros((n, PACKED), dtype=np.uint8)
    if not n:
        return packed, np.zeros((0, 4)), []
    if n > 1 and sum(len(outline.points) for outline in outlines) > TOGETHER:
        halves = (slice(0, n // 2), slice(n // 2, n))
        (a, a_box, a_bad), (b, b_box, b_bad) = (
            rasterize_each(outlines_or_errors[h], advances[h], ems[h]) for h in halves
        )
        return np.concatenate([a, b]), np.concatenate([a_box, b_box]), a_bad + b_bad
    points = np.concatenate([outline.points for outline in outlines])
    tags = np.concatenate([outline.tags for outline in outlines])
    ends = np.concatenate([outline.ends for outline in outlines])
    sizes = np.array([(len(outline.points), len(outline.ends)) for outline in outlines])
    shapes = np.zeros(n, dtype=_layout(ft.FT_Outline))
    shapes["n_points"], shapes["n_contours"] = sizes.T
    first_point, first_contour = (np.cumsum(sizes, 0) - sizes).T
    shapes["tags"] = tags.ctypes.data + first_point * tags.itemsize
    shapes["contours"] = ends.ctypes.data + first_contour * ends.itemsize

    fixed = np.rint(points * 64).astype(np.int64)
    shapes["points"] = fixed.ctypes.data + first_point * fixed.strides[0]
    measured = np.zeros((n, 4), dtype=np.int64)  # each row is an FT_BBox
    failed = [ft.FT_Outline_Get_BBox(shape, box) for shape, box in zip(_rows(shapes), _rows(measured), strict=True)]
    boxes = measured / 64
    sides = boxes[:, 2:] - boxes[:, :2]
    thin = np.any(sides <= 0, axis=1)
    problems = [
        outline if isinstance(outline, OutlineError)
        else EmptyOutlineError("Outline is empty.") if not contours
        else OutlineError("Outline is malformed.") if fault
        else EmptyOutlineError("Outline encloses no area.") if flat
        else None
        for outline, (_, contours), fault, flat in zip(
            outlines_or_errors, sizes.tolist(), failed, thin.tolist(), strict=True
        )
    ]  # fmt: skip

    extent = np.where(thin, 1, sides.max(1))
    longer = [POLICY.side(*measures) for measures in zip(extent.tolist(), advances, ems, strict=True)]
    scale, origin = 64 * np.array(longer) / extent, boxes[:, [0, 3]]
    fixed = np.rint((points - np.repeat(origin, sizes[:, 0], 0)) * np.repeat(scale, sizes[:, 0])[:, None])
    fixed = fixed.astype(np.int64)
    fixed[:, 1] += 64 * POLICY.size
    shapes["points"] = fixed.ctypes.data + first_point * fixed.strides[0]
    bitmaps = np.zeros(n, dtype=_layout(ft.FT_Bitmap))
    bitmaps["rows"] = bitmaps["width"] = SIZE
    bitmaps["pitch"] = SIZE // 8
    bitmaps["pixel_mode"] = freetype.FT_PIXEL_MODE_MONO
    bitmaps["buffer"] = packed.ctypes.data + np.arange(n) * PACKED
    for i, (shape, bitmap) in enumerate(zip(_rows(shapes), _rows(bitmaps), strict=True)):
        if problems[i] is None and ft.FT_Outline_Get_Bitmap(_library, shape, bitmap):
            problems[i] = OutlineError("Outline is malformed and cannot be filled.")
    return packed, boxes, problems


def _layout(structure: type[ctypes.Structure]) -> np.dtype:
    """Return a C structure as a numpy dtype; every field is an unsigned number, pointers too."""
    fields = {field[0]: getattr(structure, field[0]) for field in structure._fields_}
    return np.dtype(
        {
            "names": list(fields),
            "formats": [f"u{field.size}" for field in fields.values()],
            "offsets": [field.offset for field in fields.values()],
            "itemsize": ctypes.sizeof(structure),
        }
    )


def _rows(array: np.ndarray) -> list[ctypes.c_void_p]:
    """Return the address of each row."""
    start, step = array.ctypes.data, array.strides[0]
    return [ctypes.c_void_p(address) for address in range(start, start + len(array) * step, step)]
