"""Glyphs like one glyph, for a selection: by their grids or by their embeddings.

Two grids are alike when the pictures that their primitives draw overlap. Comparing IDs would be cheaper and misleading:
codebooks have neighbours that differ by two pixels, and a stroke that is one pixel thicker changes every ID along it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.results.cells import Cells

if TYPE_CHECKING:
    from glyphcore.results.browse import ResultsStore

BY = ("grid", "embedding")
NEAREST = 1000
"""Glyphs that count as alike, so that other filters still leave something of them."""


def parse(text: str) -> tuple[str, int]:
    """``grid-17`` → ``("grid", 17)``. Raises StoreError for anything else."""
    by, _, glyph = text.partition("-")
    if by not in BY or not glyph.removeprefix("-").isdecimal() or len(glyph) > 18:
        raise StoreError(f"{text!r} is no likeness.", remedy="Write it like 'grid-17' or 'embedding-17', by glyph id.")
    return by, int(glyph)


def nearest(store: ResultsStore, by: str, glyph_id: int, k: int = NEAREST) -> np.ndarray:
    """int64 [≤ k + 1]: rows of ``store.columns``, the glyph's own first, then the likest others, ties by id.

    Empty for an unknown id. Raises StoreError where grids are asked for and not gathered.
    """
    ids = store.columns.data["glyph_id"]
    row = int(np.searchsorted(ids, glyph_id))
    if row == len(ids) or ids[row] != glyph_id:
        return np.zeros(0, np.int64)
    if by == "embedding":
        from glyphcore.results import similar  # reads results too: there is a circle at import time

        others = np.searchsorted(ids, similar.nearest(store, glyph_id, k)[0])
    else:
        distance = distances(store.cells, store.codebook, row)
        distance[row] = np.inf
        few = min(k, len(ids) - 1)
        close = np.argpartition(distance, few)[: few + 1]
        others = close[np.lexsort((close, distance[close]))][:few]
    return np.concatenate(([row], others)).astype(np.int64)


def distances(cells: Cells, codebook: np.ndarray, row: int) -> np.ndarray:
    """float32 [glyphs]: how far each grid is from that of a row: 0 draws the same, 1 has no pixel in common.

    ``codebook``: uint8 [k, 8, 8]. The squared difference of the two pictures over the sum of their squared lengths.
    """
    patches = codebook.reshape(-1, 64).astype(np.float32) / 255
    own = np.asarray(cells.grids[:, row])
    common = np.zeros(len(cells.ink), np.float32)
    for cell in np.flatnonzero(own):
        common += (patches @ patches[own[cell]])[cells.grids[cell]]
    total = cells.ink + cells.ink[row]
    return 1 - np.divide(2 * common, total, out=np.ones_like(common), where=total > 0)
