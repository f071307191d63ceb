"""Cells are assigned as by a plain search over all centroids; only pixels decide whether a cell is empty."""

from __future__ import annotations

import numpy as np
import pytest

from glyphcore.data.primitives import EMPTY, cell_pixels, nearest_primitives, squared_distances


def codebook(primitives: int, seed: int) -> np.ndarray:
    """Return uint8 [primitives, 64]: grey centroids, EMPTY first."""
    book = np.random.default_rng(seed).integers(0, 256, (primitives, 64), dtype=np.uint8)
    book[EMPTY] = 0
    return book


def random_cells(n: int, seed: int) -> np.ndarray:
    """Return uint8 [n, 8]: distinct cells, none of them empty."""
    cells = np.random.default_rng(seed).integers(0, 256, (n, 8), dtype=np.uint8)
    cells[:, 0] |= 1
    return cells


def plain(cells: np.ndarray, book: np.ndarray) -> np.ndarray:
    """Return int64 [n, primitives - 1]: squared distance of each cell to each centroid except EMPTY; ink is 255."""
    pixels = 255 * np.unpackbits(cells, axis=1).astype(np.int64)
    return np.stack([((pixels - row) ** 2).sum(1) for row in book[1:].astype(np.int64)], axis=1)


def test_pixels_of_a_cell_are_row_major_and_the_high_bit_is_leftmost() -> None:
    pixels = cell_pixels(np.array([[0b10000001, 0, 0, 0, 0, 0, 0, 0b00000001]], dtype=np.uint8))
    assert pixels.dtype == np.float32
    assert np.flatnonzero(pixels[0]).tolist() == [0, 7, 63]


@pytest.mark.parametrize("primitives", [2, 17, 1024])
def test_the_nearest_centroid_of_a_plain_search(primitives: int) -> None:
    cells, book = random_cells(500, seed=primitives), codebook(primitives, seed=1)
    distances = plain(cells, book)
    ids, distance = nearest_primitives(cells, book)
    assert (ids.dtype, distance.dtype) == (np.uint16, np.float32)
    assert (ids == distances.argmin(1) + 1).all()
    np.testing.assert_allclose(distance, np.sqrt(distances.min(1)) / 255, rtol=1e-6)


def test_more_cells_than_one_step_takes() -> None:
    cells, book = random_cells(20_000, seed=5), codebook(9, seed=6)
    ids, distance = nearest_primitives(cells, book)
    distances = plain(cells, book)
    assert (ids == distances.argmin(1) + 1).all()
    np.testing.assert_allclose(distance, np.sqrt(distances.min(1)) / 255, rtol=1e-6)


def test_of_centroids_as_near_the_first_is_meant_however_many_cells_come_at_once() -> None:
    """In floating point the order of addition matters; it depends on the processor and on the number of cells."""
    cells, book, random = random_cells(300, seed=11), codebook(1024, seed=12), np.random.default_rng(13)
    for row in range(1, 901):  # three centroids at the same distance from one cell, by other pixels
        pixels = np.unpackbits(cells[(row - 1) // 3])
        odd = random.permutation(64) < 9
        book[row] = np.where(pixels, 217 - odd, 38 + odd)
    ids, _ = nearest_primitives(cells, book)
    assert (ids == 3 * np.arange(300) + 1).all()
    for step in (1, 2, 7, 64):
        alone = [nearest_primitives(cells[i : i + step], book)[0] for i in range(0, len(cells), step)]
        assert np.concatenate(alone).tolist() == ids.tolist()


def test_distances_are_exact_to_the_farthest() -> None:
    patches = np.random.default_rng(13).integers(0, 256, (50, 64), dtype=np.uint8)
    patches[:2] = [[0], [255]]
    whole = patches.astype(np.int64)
    expected = ((whole[:, None] - whole) ** 2).sum(2)
    found = squared_distances(patches, patches)
    assert found.dtype == np.float32
    assert (found == expected).all()
    assert found.max() == 64 * 255**2


def test_a_cell_is_empty_by_its_pixels_alone() -> None:
    """A faint centroid does not take an empty cell, and EMPTY does not take a faint cell."""
    book = codebook(4, seed=0)
    book[2] = 0  # as close to paper as EMPTY is
    cells = np.zeros((3, 8), dtype=np.uint8)
    cells[1, 7] = 1
    ids, distance = nearest_primitives(cells, book)
    assert ids.tolist() == [EMPTY, 2, EMPTY]
    assert distance.tolist() == [0, 1, 0]


def test_a_cell_that_is_a_centroid_is_at_no_distance() -> None:
    cells = random_cells(40, seed=8)
    book = np.concatenate((np.zeros((1, 64), np.uint8), 255 * np.unpackbits(cells, axis=1)))
    ids, distance = nearest_primitives(cells[::-1], book)
    assert ids.tolist() == list(range(40, 0, -1))
    assert not distance.any()


def test_repeated_cells_get_what_each_alone_gets() -> None:
    cells, book = random_cells(30, seed=2), codebook(50, seed=3)
    cells[4] = 0
    order = np.random.default_rng(4).integers(0, 30, 400)
    ids, distance = nearest_primitives(cells[order], book)
    assert ids.tolist() == [int(nearest_primitives(cells[i : i + 1], book)[0][0]) for i in order]
    assert (distance == nearest_primitives(cells, book)[1][order]).all()


def test_cells_of_a_view_and_no_cells_at_all() -> None:
    cells, book = random_cells(60, seed=2), codebook(5, seed=3)
    assert (nearest_primitives(cells[::3], book)[0] == nearest_primitives(cells, book)[0][::3]).all()
    ids, distance = nearest_primitives(np.zeros((0, 8), np.uint8), book)
    assert ids.shape == distance.shape == (0,)
