"""Buckets for counting glyphs: confidence in tenths, and size in em.

The size of a glyph is the longer side of its box. Fitted rasters do not show the size, and small marks often fail
because of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from glyphcore.data.geometry import KNOWN
from glyphcore.data.raster import POLICY
from glyphcore.errors import StoreError

BUCKETS = 10
"""Number of buckets of confidence."""
EDGES = (POLICY.small_extent, 0.2, 0.25, 0.3, 0.4)
"""Upper edges of size buckets of marks, in em. Below the first edge, a mark is drawn at half scale."""
WIDER = (*EDGES, 0.6, 0.8, 1.0)
"""Upper edges of size buckets of all glyphs, in em."""
SIZES = tuple(
    f"{low:g}-{high:g}" if high else f"{low:g}-" for low, high in zip((0, *WIDER), (*WIDER, None), strict=True)
)
"""Texts of the size buckets, ``0-0.15``, …, ``1-``, as :func:`parse_size` reads them."""


def tenths(p: np.ndarray) -> np.ndarray:
    """Return int8 [n]: the tenth, from 0, of each confidence float32 [n]; the confidence 1 is in the last tenth."""
    # A tiny amount is added, so that a stored 0.3 (0.30000001 as float32) and a typed 0.3 are in the same tenth.
    return np.clip((p * BUCKETS + 1e-6).astype(np.int8), 0, BUCKETS - 1)


def parse_size(text: str) -> tuple[float, float]:
    """Read ``0.15-0.2`` or ``0.4-`` as the lower and the upper limit in em (inf where it is open). Raises StoreError
    for any other text."""
    match = re.fullmatch(r"(\d*\.?\d+)-(\d*\.?\d+)?", text.strip(), re.ASCII)
    low, high = (float(match[1]), float(match[2] or math.inf)) if match else (1.0, 0.0)
    if not low < high:
        raise StoreError(f"There is no size {text!r:.60}.", remedy="Write 0.15-0.2, or 0.4- for all above, in em.")
    return low, high


Known = tuple[np.ndarray, np.ndarray]
"""Ids of glyphs of a database, int64 [n], ascending, and their geometry, float32 [n, 6]
(:mod:`glyphcore.data.geometry`)."""


class Extents:
    """The sizes of the glyphs of some results. Each call looks for the sizes until they exist."""

    def __init__(self, glyph_id: np.ndarray, known: Callable[[], Known | None]) -> None:
        """``glyph_id``: all glyphs of the results, ascending; ``known`` returns the geometry of their database, if it
        exists."""
        self._glyph_id, self._known = glyph_id, known
        self._extents: np.ndarray | None = None

    def __call__(self) -> np.ndarray | None:
        """Return float32 [glyphs]: longer side of the box in em, NaN where it is unknown; None where all sizes are
        unknown."""
        if self._extents is None and (of_database := self._known()) is not None and of_database[1][:, KNOWN].any():
            ids, geometry = of_database
            rows = np.searchsorted(ids, self._glyph_id).clip(0, len(ids) - 1)
            known = (ids[rows] == self._glyph_id) & (geometry[rows, KNOWN] > 0)
            self._extents = np.where(known, geometry[rows, :2].max(1), np.nan).astype(np.float32)
        return self._extents
