"""Cells and the codebook: which primitive an 8×8 cell shows.

A codebook is float32 [1024, 64]: row k is the mean picture of primitive k, row-major, 0 is paper and 1 is ink. Row 0 is
EMPTY. A cell is EMPTY exactly when it has no ink; any other cell belongs to the nearest of the other rows.
"""

from __future__ import annotations

import numpy as np

EMPTY = 0


def cell_pixels(cells: np.ndarray) -> np.ndarray:
    """Packed cells uint8 [..., 8] → float32 [..., 64] of 0 and 1."""
    return np.unpackbits(cells, axis=-1).astype(np.float32)


def assign(cells: np.ndarray, codebook: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest primitive of each cell.

    ``cells``: packed uint8 [n, 8]; ``codebook``: float32 [k, 64]. Returns ids uint16 [n] and Euclidean distances to the
    centroid float32 [n] (0 for an empty cell). Equal cells are looked up once.
    """
    keys, inverse = np.unique(np.ascontiguousarray(cells).view(np.uint64).ravel(), return_inverse=True)
    pixels = cell_pixels(keys.view(np.uint8).reshape(-1, 8))
    ids = np.zeros(len(keys), dtype=np.uint16)
    distance = np.zeros(len(keys), dtype=np.float32)
    norm = (codebook[1:] ** 2).sum(1)
    for start in range(0, len(keys), 8192):
        some = pixels[start : start + 8192]
        squared = norm - 2 * some @ codebook[1:].T
        best = squared.argmin(1)
        ids[start : start + 8192] = best + 1
        gap = squared[np.arange(len(some)), best] + (some**2).sum(1)
        distance[start : start + 8192] = np.sqrt(np.maximum(gap, 0))
    empty = keys == 0
    ids[empty], distance[empty] = EMPTY, 0
    return ids[inverse], distance[inverse]
