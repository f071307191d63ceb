"""Rasters and outlines that are read on demand, for a database larger than the disk or the memory.

Nothing is written to disk. A share of the values stays in memory: first in, first out. Opening such a cache reads the
database once, to find the glyphs that can be drawn. Afterwards both classes return the same values as the files of
:mod:`glyphcore.data.cache`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

import numpy as np

from glyphcore.data.cache import PngFolder, glyph_geometry, glyph_raster
from glyphcore.data.geometry import WIDTH
from glyphcore.data.outline import Outline
from glyphcore.data.outline_arrays import Drawable
from glyphcore.data.raster import PACKED, bounds
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress, Silent

V = TypeVar("V")


class FifoCache(Generic[V]):
    """The last ``size`` values that were read, by key."""

    def __init__(self, read: Callable[[list[int]], list[V]], size: int) -> None:
        """``read`` returns the values of several keys at once, in their order."""
        self.size = size
        self._read = read
        self._kept: dict[int, V] = {}  # in order of arrival

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, keys: Sequence[int]) -> list[V]:
        """Return the values of ``keys``, in their order; missing values are read together."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._kept]
        if missing:
            self._kept.update(zip(missing, self._read(missing), strict=True))
        values = [self._kept[key] for key in keys]
        for oldest in list(islice(self._kept, max(len(self._kept) - self.size, 0))):
            del self._kept[oldest]
        return values


class FifoRasters:
    """Replacement for :class:`~glyphcore.data.cache.PackedRasters`."""

    def __init__(
        self, store: GlyphStore, share: float, *, pngs: PngFolder | None = None, progress: Progress | None = None
    ) -> None:
        self.glyph_id = _usable(store, lambda row: glyph_raster(row, pngs), progress or Silent())
        self._cache = FifoCache(
            lambda ids: [(glyph_raster(row, pngs), glyph_geometry(row)) for row in store.glyphs(ids)],
            max(1, int(share * len(self.glyph_id))),
        )

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return packed rasters uint8 [n, 2048] and geometry float32 [n, 6] of rows of ``glyph_id``."""
        rasters = self._cache.get(self.glyph_id[rows].tolist())
        packed, shapes = np.zeros((len(rasters), PACKED), np.uint8), np.zeros((len(rasters), WIDTH), np.float32)
        for i, (raster, shape) in enumerate(rasters):
            packed[i], shapes[i] = raster, shape
        return packed, shapes


class FifoOutlines:
    """Replacement for :class:`~glyphcore.data.outline_arrays.OutlineArrays`."""

    def __init__(self, store: GlyphStore, share: float, *, progress: Progress | None = None) -> None:
        self.glyph_id = _usable(store, lambda row: bounds(row.outline()), progress or Silent())
        self._cache = FifoCache(
            lambda ids: [_drawable(row) for row in store.glyphs(ids)],
            max(1, int(share * len(self.glyph_id))),
        )

    def take(self, rows: np.ndarray) -> list[Drawable]:
        """Return the outline, advance and em of rows of ``glyph_id``."""
        return self._cache.get(self.glyph_id[rows].tolist())


def _drawable(row: GlyphRow) -> Drawable:
    """Return a row in the precision of the cached arrays, so that both give the same pixels."""
    outline = row.outline()
    points = outline.points.astype(np.float32).astype(np.float64)
    advance, upem = (None if value is None else float(np.float32(value)) for value in (row.advance, row.upem))
    return Outline(points, outline.tags, outline.ends), advance, upem


def _usable(store: GlyphStore, draw: Callable[[GlyphRow], object], progress: Progress) -> np.ndarray:
    """Return keys int64 [n] of the glyphs for which ``draw`` does not fail."""
    usable = []
    for row in progress.track(store.rows(), total=store.count(), what="reading"):
        try:
            draw(row)
        except GlyphError:
            continue
        usable.append(row.glyph_id)
    return np.array(usable, dtype=np.int64)
