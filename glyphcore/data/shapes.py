"""Keys that tell which glyphs look exactly alike, and sizes of glyphs: a few bytes per glyph, made once from the packed
rasters.

Two glyphs with the same ``raster`` key have the same pixels. With the same ``geometry`` key they also have the same box
and advance in their em. Keys are 64-bit hashes: among a million glyphs, the probability that any two collide is one in
thirty million.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glyphcore.data.cache import PackedRasters
from glyphcore.data.geometry import KNOWN
from glyphcore.data.raster import POLICY
from glyphcore.data.store import GlyphStore
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing

FORMAT = 1
CHUNK = 4096
"""Number of glyphs whose pixels are in memory at the same time."""


@dataclass(frozen=True)
class Shapes:
    """Keys and sizes of the readable glyphs of a database, in the order of glyph ids."""

    glyph_id: np.ndarray
    """int64 [n]."""
    raster: np.ndarray
    """uint64 [n]: equal for equal pixels."""
    geometry: np.ndarray
    """uint64 [n]: equal for equal box and advance in em; all glyphs of unknown geometry share one key."""
    extent: np.ndarray
    """float32 [n]: longer side of the box in em; NaN when unknown."""

    @classmethod
    def of(cls, store: GlyphStore, folder: Path) -> Shapes | None:
        """Return the shapes of ``store`` from the cache ``folder``; make them from its packed rasters if they do not
        exist.

        None where these rasters do not exist either. Where the folder cannot be written, nothing is stored.
        """
        path = folder / f"shapes-{POLICY.version}-{FORMAT}-{store.fingerprint}.npz"
        try:
            with path.open("rb") as stored, np.load(stored, allow_pickle=False) as arrays:
                shapes = cls(**arrays)
            if [(value.dtype.str, value.shape) for value in vars(shapes).values()] != [
                (kind, shapes.glyph_id.shape) for kind in ("<i8", "<u8", "<u8", "<f4")
            ]:
                raise ValueError("arrays")
            return shapes
        except CORRUPT_FILE_ERRORS:
            rasters = PackedRasters.existing(store, folder)
        if rasters is None:
            return None
        known = rasters.geometry[:, KNOWN] > 0
        made = cls(
            glyph_id=rasters.glyph_id,
            raster=_keys(row for chunk in _chunks(len(rasters.glyph_id)) for row in rasters.take(chunk)[0]),
            geometry=_keys(rasters.geometry),
            extent=np.where(known, rasters.geometry[:, :2].max(1, initial=0), np.nan).astype(np.float32),
        )
        try:
            with replacing(path) as temporary, temporary.open("wb") as file:
                np.savez(file, **vars(made))
        except OSError:
            pass
        return made

    def rows(self, glyph_id: np.ndarray) -> np.ndarray:
        """Return int64 [m]: row of each of the glyphs ``glyph_id`` [m], -1 for a missing glyph."""
        if not len(self.glyph_id):
            return np.full(len(glyph_id), -1)
        rows = np.searchsorted(self.glyph_id, glyph_id).clip(0, len(self.glyph_id) - 1)
        return np.where(self.glyph_id[rows] == glyph_id, rows, -1)


def _chunks(n: int) -> Iterator[np.ndarray]:
    return (np.arange(start, min(start + CHUNK, n)) for start in range(0, n, CHUNK))


def _keys(rows: Iterable[np.ndarray]) -> np.ndarray:
    """Return uint64 [n]: hash of each row."""
    digests = b"".join(hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, np.uint64)
