"""Draws an outline as 128×128 bits by the one raster policy, and splits it into a 16×16 grid of 8×8 cells.

The policy (version 1): tight fit, top-left anchored. The longer side of the outline's exact bounding box becomes 128
pixels, or 64 for a small mark, so that a dot is not enlarged to the size of a letter. The fill rule is non-zero
winding, because 9% of real glyphs overlap themselves. FreeType's monochrome rasteriser fills: a pixel is ink when its
centre is inside, and drop-out control keeps hairlines that pass between centres. Its output, one bit per pixel with the
most significant bit on the left, is also the packed form in caches: 2,048 bytes per glyph.

The raster intentionally does not show size (see :class:`glyphcore.data.geometry`): an outline is fitted, not placed.
"""

from __future__ import annotations

import ctypes
import io
from dataclasses import dataclass
from pathlib import Path

import freetype
import freetype.raw as ft
import numpy as np

from glyphcore.data.outline import Outline
from glyphcore.errors import EmptyOutlineError, GlyphError, OutlineError

SIZE = 128
CELL = 8
GRID = SIZE // CELL
PACKED = SIZE * SIZE // 8
"""Number of bytes of a packed raster."""


@dataclass(frozen=True)
class RasterPolicy:
    """The rules for drawing an outline as pixels. A checkpoint stores its policy and is refused if the policy
    differs."""

    version: int = 1
    size: int = SIZE
    """Pixels of the longer side of a main glyph, and of the raster."""
    small_size: int = 64
    """Pixels of the longer side of a small mark."""
    small_advance: float = 0.1
    """A glyph with an advance width below this, in em, is a small mark."""
    small_extent: float = 0.15
    """A glyph whose longer side is below this, in em, is a small mark."""

    def side(self, extent: float, advance: float | None, upem: float | None) -> int:
        """Return the number of pixels of the longer side. ``extent``: longer side in font units; unknown metrics make a
        main glyph."""
        if not upem:
            return self.size
        small = extent < self.small_extent * upem or (advance is not None and advance < self.small_advance * upem)
        return self.small_size if small else self.size


POLICY = RasterPolicy()

_library = freetype.get_handle()


def bounds(outline: Outline) -> tuple[float, float, float, float]:
    """Return the exact bounding box ``(x_min, y_min, x_max, y_max)`` in font units: extrema of the curves, not of the
    control points.

    Raises EmptyOutlineError when the outline is empty or encloses no area (a side is zero), OutlineError when it is
    malformed.
    """
    if outline.empty:
        raise EmptyOutlineError("Outline is empty.")
    box = ft.FT_BBox()
    points = np.rint(outline.points * 64).astype(np.int64)
    shape, _keep = freetype_outline(points, outline)
    if ft.FT_Outline_Get_BBox(ctypes.byref(shape), ctypes.byref(box)):
        raise OutlineError("Outline is malformed.")
    x_min, y_min, x_max, y_max = box.xMin / 64, box.yMin / 64, box.xMax / 64, box.yMax / 64
    if x_max <= x_min or y_max <= y_min:
        raise EmptyOutlineError("Outline encloses no area.")
    return x_min, y_min, x_max, y_max


def rasterize(outline: Outline, advance: float | None = None, upem: float | None = None) -> np.ndarray:
    """Draw an outline as a packed raster, uint8 [2048]; ink is 1.

    ``advance`` and ``upem`` are in font units; without them no glyph counts as a small mark. Raises OutlineError for an
    outline that is empty, malformed or without area.
    """
    x_min, y_min, x_max, y_max = bounds(outline)
    extent = max(x_max - x_min, y_max - y_min)
    scale = 64 * POLICY.side(extent, advance, upem) / extent
    points = np.rint((outline.points - (x_min, y_max)) * scale).astype(np.int64)
    points[:, 1] += 64 * POLICY.size
    return fill(points, outline)


def fill(points: np.ndarray, outline: Outline) -> np.ndarray:
    """Fill ``points`` (int64 [points, 2], 1/64 pixel, y up) with the tags and contours of ``outline``."""
    packed = np.zeros(PACKED, dtype=np.uint8)
    bitmap = ft.FT_Bitmap()
    bitmap.rows = bitmap.width = SIZE
    bitmap.pitch = SIZE // 8
    bitmap.pixel_mode = freetype.FT_PIXEL_MODE_MONO
    bitmap.buffer = packed.ctypes.data_as(type(bitmap.buffer))
    shape, _keep = freetype_outline(points, outline)
    if ft.FT_Outline_Get_Bitmap(_library, ctypes.byref(shape), ctypes.byref(bitmap)):
        raise OutlineError("Outline is malformed and cannot be filled.")
    return packed


def freetype_outline(points: np.ndarray, outline: Outline) -> tuple[ft.FT_Outline, tuple]:
    """Return FreeType's view of the arrays, and the arrays, which must live longer than the view."""
    points = np.ascontiguousarray(points)
    tags = np.ascontiguousarray(outline.tags)
    ends = np.ascontiguousarray(outline.ends)
    shape = ft.FT_Outline()
    shape.n_points, shape.n_contours = len(points), len(ends)
    shape.points = ctypes.cast(points.ctypes.data, type(shape.points))
    shape.tags = ctypes.cast(tags.ctypes.data, type(shape.tags))
    shape.contours = ctypes.cast(ends.ctypes.data, type(shape.contours))
    shape.flags = 0  # neither even-odd filling nor drop-out control is switched off
    return shape, (points, tags, ends)


def unpack(packed: np.ndarray) -> np.ndarray:
    """Convert packed rasters uint8 [..., 2048] to uint8 [..., 128, 128] of 0 and 1."""
    return np.unpackbits(packed, axis=-1).reshape(*packed.shape[:-1], SIZE, SIZE)


def pack(raster: np.ndarray) -> np.ndarray:
    """Convert uint8 or bool [..., 128, 128] (non-zero is ink) to packed uint8 [..., 2048]."""
    return np.packbits(raster.reshape(*raster.shape[:-2], SIZE * SIZE) != 0, axis=-1)


def cells(packed: np.ndarray) -> np.ndarray:
    """Convert packed rasters uint8 [..., 2048] to packed cells uint8 [..., 256, 8], row-major, one byte per row of 8
    pixels.

    The 64 pixels of a cell are its 8 bytes, so equal cells are equal ``uint64``; an empty cell is zero.
    """
    grid = packed.reshape(*packed.shape[:-1], GRID, CELL, GRID)
    return np.ascontiguousarray(np.swapaxes(grid, -1, -2)).reshape(*packed.shape[:-1], GRID * GRID, CELL)


def write_png(path: Path, packed: np.ndarray) -> None:
    """Write one raster as a 1-bit PNG, ink white."""
    from PIL import Image  # reading a font needs no pictures, and starts a fiftieth of a second faster

    image = Image.frombytes("1", (SIZE, SIZE), packed.tobytes())
    image.save(path, format="PNG", optimize=False)


def png(packed: np.ndarray) -> bytes:
    """Return one raster as a 1-bit PNG for a page: ink black, the rest transparent."""
    from PIL import Image

    image = Image.frombytes("1", (SIZE, SIZE), np.invert(packed).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", transparency=1)
    return buffer.getvalue()


def read_png(path: Path) -> np.ndarray:
    """Read a raster from another source: uint8 [128, 128] of grey values, for thresholding by the caller.

    Raises GlyphError naming the file when it is unreadable or not 128×128.
    """
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as image:  # for some other formats Pillow starts programs
            if image.size != (SIZE, SIZE):
                raise GlyphError(
                    f"{path.name} is {image.width}×{image.height}, not {SIZE}×{SIZE}; skipped.", subject=path
                )
            if image.mode.startswith("I;16"):  # converting would clip, not scale
                return (np.asarray(image) >> 8).astype(np.uint8)
            # Ink drawn on a transparent ground; a palette can be transparent too.
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                flat = image.convert("RGBA").getchannel("A")
                if flat.getextrema() == (255, 255):
                    flat = image.convert("L")
            else:
                flat = image.convert("L")
            return np.asarray(flat, dtype=np.uint8)
    except GlyphError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise GlyphError(f"{path.name} is not a readable image; skipped.", subject=path) from error
