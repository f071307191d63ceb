"""Cells and the codebook: the primitive of an 8×8 cell.

A codebook is uint8 [1024, 64]: row k is the mean picture of primitive k, row-major, 0 is paper and 255 is ink. Row 0 is
EMPTY. A cell is EMPTY exactly when it has no ink. Any other cell belongs to the nearest other row; ties go to the first
row.
"""

from __future__ import annotations

import numpy as np

EMPTY = 0
INK = 255


def cell_pixels(cells: np.ndarray) -> np.ndarray:
    """Convert packed cells uint8 [..., 8] to float32 [..., 64] of 0 and 1."""
    return np.unpackbits(cells, axis=-1).astype(np.float32)


def squared_distances(patches: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    """Return squared distances of grey patches uint8 [n, 64] to each row of a codebook uint8 [k, 64]: float32 [n, k].

    They are whole numbers, and no partial sum reaches 2²⁴, so float32 holds all of them exactly: ties stay ties, in any
    order of addition and for any number of patches at a time.
    """
    patches, codebook = patches.astype(np.float32), codebook.astype(np.float32)
    squared = patches @ (-2 * codebook.T)
    squared += (codebook**2).sum(1)
    squared += (patches**2).sum(1)[:, None]
    return squared


def nearest_primitives(cells: np.ndarray, codebook: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest primitive of each cell.

    ``cells``: packed uint8 [n, 8]; ``codebook``: uint8 [k, 64]. Returns ids uint16 [n] and Euclidean distances to the
    centroid, with ink as 1, float32 [n] (0 for an empty cell). Equal cells are looked up once.
    """
    keys, inverse = np.unique(np.ascontiguousarray(cells).view(np.uint64).ravel(), return_inverse=True)
    patches = np.unpackbits(keys.view(np.uint8).reshape(-1, 8), axis=1) * np.uint8(INK)
    ids = np.zeros(len(keys), dtype=np.uint16)
    distance = np.zeros(len(keys), dtype=np.float32)
    for start in range(0, len(keys), 8192):
        squared = squared_distances(patches[start : start + 8192], codebook[1:])
        ids[start : start + 8192] = squared.argmin(1) + 1
        distance[start : start + 8192] = np.sqrt(squared.min(1)) / INK
    empty = keys == 0
    ids[empty], distance[empty] = EMPTY, 0
    return ids[inverse], distance[inverse]
