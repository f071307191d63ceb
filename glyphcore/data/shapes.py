"""Which glyphs look exactly alike, and how large they are: a few bytes a glyph, made once from the packed rasters.

Two glyphs with one ``raster`` key have the same pixels; with one ``geometry`` key as well, the same box and advance in
their em. Keys are 64-bit hashes: among a million glyphs, a chance of one in thirty million that any two collide.
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
"""Glyphs whose pixels are in memory at once."""


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
        """Shapes of ``store`` from the cache ``folder``, made from its packed rasters when they are not there yet.

        None where those rasters are not there either; where the folder takes no file, nothing is kept.
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
        """Return int64 [m]: place of each of the glyphs ``glyph_id`` [m], -1 for one that is not here."""
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
