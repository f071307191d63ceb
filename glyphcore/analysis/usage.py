"""How much of the codebook a checkpoint uses when it reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glyphcore.results.connection import reading
from glyphcore.results.details import unpack


def primitive_counts(path: Path, split: str, primitives: int) -> np.ndarray:
    """int64 [primitives]: how often each was predicted for cells with ink of a split's glyphs, EMPTY (0) thus never."""
    counts = np.zeros(primitives, np.int64)
    query = "SELECT d.top, d.cells, d.embedding FROM details d JOIN predictions p USING (glyph_id) WHERE p.split = ?"
    with reading(path) as connection:
        for blobs in connection.execute(query, (split,)):
            cell_counts = unpack(*blobs)
            counts += np.bincount(cell_counts.primitive[cell_counts.occupied], minlength=primitives)
    return counts


def perplexity(counts: np.ndarray) -> float:
    """e to the entropy: how many primitives there would be, were they all used alike."""
    p = counts[counts > 0] / max(counts.sum(), 1)
    return float(np.exp(-(p * np.log(p)).sum()))
