"""Outlines of a glyph database in flat arrays, for varying them before fitting; made once, like the rasters."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from pathlib import Path

import numpy as np

from glyphcore.data.ahead import chunks
from glyphcore.data.outline import Outline
from glyphcore.data.raster import bounds
from glyphcore.data.store import GlyphStore, outlines_of
from glyphcore.errors import OutlineError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing
from glyphcore.progress import Progress, Silent

FORMAT = 1
TOGETHER = 512
"""Number of glyphs that are parsed together."""
Drawable = tuple[Outline, float | None, float | None]
"""An outline, its advance and its em in font units."""


@dataclass(frozen=True)
class OutlineArrays:
    """Outlines of many glyphs in flat arrays, so that workers share one copy."""

    glyph_id: np.ndarray
    """int64 [n]."""
    metrics: np.ndarray
    """float32 [n, 2]: advance and em in font units; NaN when unknown."""
    points: np.ndarray
    """float32 [points, 2]."""
    tags: np.ndarray
    """uint8 [points]."""
    ends: np.ndarray
    """int16 [contours]."""
    first: np.ndarray
    """int64 [n + 1, 2]: first point and first contour of each glyph."""

    def __len__(self) -> int:
        return len(self.glyph_id)

    def outline(self, i: int) -> Outline:
        """Return the outline of the i-th glyph."""
        (p, c), (p_end, c_end) = self.first[i], self.first[i + 1]
        return Outline(self.points[p:p_end].astype(np.float64), self.tags[p:p_end], self.ends[c:c_end])

    def _checked(self) -> OutlineArrays:  # raises ValueError where the arrays are inconsistent
        n, p, c = len(self.glyph_id), len(self.points), len(self.ends)
        layouts = [(value.dtype.str, value.shape) for value in vars(self).values()]
        fit = [("<i8", (n,)), ("<f4", (n, 2)), ("<f4", (p, 2)), ("|u1", (p,)), ("<i2", (c,)), ("<i8", (n + 1, 2))]
        if layouts != fit or (np.diff(self.first, axis=0, prepend=[[0, 0]], append=[[p, c]]) < 0).any():
            raise ValueError("arrays")
        return self

    def take(self, rows: np.ndarray) -> list[Drawable]:
        """Return the outline, advance and em of rows of ``glyph_id``."""
        taken = []
        for row in rows:
            advance, upem = self.metrics[row].tolist()
            taken.append((self.outline(row), None if isnan(advance) else advance, None if isnan(upem) else upem))
        return taken

    @classmethod
    def of(cls, store: GlyphStore, folder: Path, *, progress: Progress | None = None) -> OutlineArrays:
        """Open the cache of ``store`` in ``folder``; build it when it is missing or does not match."""
        progress = progress or Silent()
        path = folder / f"outlines-{FORMAT}-{store.fingerprint}.npz"
        try:
            with path.open("rb") as stored, np.load(stored, allow_pickle=False) as arrays:
                return cls(**arrays)._checked()
        except CORRUPT_FILE_ERRORS:
            if path.exists():
                progress.say(f"{path.name} does not match and is built again")
        ids, metrics, outlines = [], [], []
        rows = progress.track(store.rows(), total=store.count(), what="outlines")
        for chunk in chunks(rows, TOGETHER):
            for row, outline in zip(chunk, outlines_of(chunk), strict=True):
                try:
                    if isinstance(outline, OutlineError):
                        continue
                    bounds(outline)
                except OutlineError:  # it encloses nothing
                    continue
                ids.append(row.glyph_id)
                metrics.append((np.nan if row.advance is None else row.advance, row.upem or np.nan))
                outlines.append(outline)
        sizes = np.array([(len(o.points), len(o.ends)) for o in outlines], dtype=np.int64).reshape(-1, 2)
        made = cls(
            glyph_id=np.array(ids, dtype=np.int64),
            metrics=np.array(metrics, dtype=np.float32).reshape(-1, 2),
            points=np.concatenate([np.zeros((0, 2)), *(o.points for o in outlines)]).astype(np.float32),
            tags=np.concatenate([np.zeros(0, np.uint8), *(o.tags for o in outlines)]),
            ends=np.concatenate([np.zeros(0, np.int16), *(o.ends for o in outlines)]),
            first=np.concatenate([[[0, 0]], np.cumsum(sizes, axis=0)]),
        )
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **vars(made))
        return made
