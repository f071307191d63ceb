from __future__ import annotations

import numpy as np
import pytest

from glyphcore.data.primitives import EMPTY, assign
from glyphcore.data.raster import CELL, GRID, SIZE, cells, pack
from glyphcore.errors import GlyphError
from glyphcore.training.codebook import kmeans_codebook


def rasters(pictures: np.ndarray) -> np.ndarray:
    """Packed rasters that show these cells (bool [n, 64]) in their order, the rest empty."""
    count = -(-len(pictures) // GRID**2)
    grid = np.zeros((count * GRID**2, CELL, CELL), bool)
    grid[: len(pictures)] = pictures.reshape(-1, CELL, CELL)
    return pack(grid.reshape(count, GRID, GRID, CELL, CELL).swapaxes(2, 3).reshape(count, SIZE, SIZE))


def planted(clusters: int, seed: int = 0) -> np.ndarray:
    """bool [clusters, 64]: pictures that differ in many pixels, and in ink."""
    random = np.random.default_rng(seed)
    return random.random((clusters, 64)) < np.linspace(0.15, 0.85, clusters)[:, None]


def around(centres: np.ndarray, copies: int) -> np.ndarray:
    """Each centre ``copies`` times, with one pixel of each copy turned over."""
    seen = np.repeat(centres, copies, axis=0)
    seen[np.arange(len(seen)), np.random.default_rng(1).integers(0, 64, len(seen))] ^= True
    return seen


def test_cells_are_seen_as_planted() -> None:
    """Or the tests below would plant something else than they say."""
    centres = planted(3)
    found = cells(rasters(centres))[0]
    assert (np.unpackbits(found[:3], axis=1) == centres).all()
    assert not found[3:].any()


def test_planted_clusters_are_recovered() -> None:
    centres = planted(7)
    codebook = kmeans_codebook(rasters(around(centres, 60)), 8)
    assert codebook.dtype == np.uint8
    assert codebook.shape == (8, 64)
    found = {tuple(row) for row in codebook[1:] > 127}
    assert found == {tuple(row) for row in centres}
    assert ((codebook[1:] > 0) & (codebook[1:] < 255)).any(), "means, not members"
    ids, distance = assign(cells(rasters(centres))[0, :7], codebook.astype(np.float32) / 255)
    assert sorted(ids) == [1, 2, 3, 4, 5, 6, 7]
    assert distance.max() < 0.5


def test_row_0_is_empty_and_no_other_is() -> None:
    codebook = kmeans_codebook(rasters(around(planted(7), 60)), 8)
    assert not codebook[EMPTY].any()
    assert codebook[1:].any(1).all()


def test_rows_are_ordered_by_ink() -> None:
    codebook = kmeans_codebook(rasters(around(planted(12)[::-1], 60)), 13)
    ink = codebook.sum(1, dtype=int)
    assert (np.diff(ink) >= -64).all(), "but for rounding"
    assert ink[-1] > 3 * ink[1]


def test_a_frequent_cell_pulls_by_the_root_of_its_count() -> None:
    """One of two near cells is seen 256 times, the other once: the mean moves to it by 1 in 17, not by 1 in 257."""
    far, often = planted(2)
    seldom = often.copy()
    seldom[0] ^= True
    codebook = kmeans_codebook(rasters(np.concatenate(([far], [seldom], np.repeat([often], 256, axis=0)))), 3)
    moved = abs(int(codebook[2, 0]) - 255 * int(often[0])) / 255
    assert 1 / 40 < moved < 1 / 8


def test_the_same_seed_gives_the_same_codebook() -> None:
    packed = rasters(np.random.default_rng(0).random((800, 64)) < 0.4)
    one, again, other = (kmeans_codebook(packed, 40, seed=seed) for seed in (3, 3, 4))
    assert (one == again).all()
    assert (one != other).any()


def test_too_few_distinct_cells_is_one_clear_error() -> None:
    seen = np.repeat(planted(5), 200, axis=0)
    with pytest.raises(GlyphError, match=r"^Only 5 distinct cells for 6 primitives; use more glyphs\.$"):
        kmeans_codebook(rasters(seen), 7)
    with pytest.raises(GlyphError, match="Only 0 distinct cells"):
        kmeans_codebook(np.zeros((3, SIZE * SIZE // 8), np.uint8), 4)


def test_no_more_rasters_are_used_than_asked_for() -> None:
    random = np.random.default_rng(0).random((GRID**2 * 4, 64)) < 0.4
    with pytest.raises(GlyphError, match=f"Only {GRID**2} distinct cells"):
        kmeans_codebook(rasters(random), 400, sample=1)
