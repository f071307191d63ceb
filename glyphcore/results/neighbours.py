"""Finds glyphs that are similar to a glyph: by the angle between their pooled embeddings, or by their grids.

Two grids are similar when the pictures that their primitives draw overlap. Comparing IDs would be cheaper but
misleading: codebooks have neighbours that differ by two pixels, and a stroke that is one pixel thicker changes every ID
along it.

Embeddings are scattered over the rows of a results file. The first query gathers them into one array of unit vectors
beside the results (float16, half a megabyte per thousand glyphs), which is memory-mapped afterwards: 46,000 glyphs are
compared in 30 ms, 500,000 in a third of a second. The search is exact, so there is nothing to tune. The array is made
again when the results are newer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.files import CORRUPT_FILE_ERRORS, replacing
from glyphcore.progress import Progress, Silent
from glyphcore.results.cell_index import Cells
from glyphcore.results.columns import Columns
from glyphcore.results.connection import EVALUATE_AGAIN
from glyphcore.results.filters import NEAREST, parse_likeness
from glyphcore.results.linked import reading_rows

CHUNK = 8192
"""Number of glyphs compared at the same time; their float32 copies stay in cache."""
SUFFIX = ".embeddings.npy"

_building = threading.Lock()


def likest(
    path: Path, columns: Columns, codebook: np.ndarray, cells: Callable[[], Cells], likeness: str, k: int = NEAREST
) -> tuple[np.ndarray, np.ndarray]:
    """Find the glyphs that a likeness (``grid-17``, ``embedding-17``) stands for: rows int64 [≤ k + 1], and the
    similarity of each, float32, 1 for equal glyphs.

    The glyph's own row comes first, then the most similar other glyphs. ``cells`` is called for grids only. Raises
    StoreError for an unknown id, and where grids are not gathered.
    """
    by, glyph_id = parse_likeness(likeness)
    row = _row(path, columns, glyph_id)
    if by == "grid":
        others, distance = nearest_by_grid(cells(), columns, codebook, glyph_id, k)
        alike = 1 - distance
    else:
        ids, alike = nearest_by_embedding(path, columns, glyph_id, k)
        others = np.searchsorted(columns.data["glyph_id"], ids)
    return np.concatenate(([row], others)).astype(np.int64), np.concatenate(([1], alike)).astype(np.float32)


def nearest_by_embedding(
    path: Path,
    columns: Columns,
    glyph_id: int,
    k: int = 24,
    *,
    split: Sequence[str] = (),
    exclude_family: str = "",
    among: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the ``k`` glyphs most similar to a glyph, without itself: ids int64 [≤ k], and cosines float32 [≤ k],
    descending.

    ``path`` is the results file, ``columns`` its columns. ``split``: only glyphs of these splits. ``exclude_family``:
    no glyph of this family. ``among``: bool [glyphs], only these rows of ``columns``. Equal cosines are sorted by id.
    Raises StoreError for an unknown id.
    """
    ids, row = columns.data["glyph_id"], _row(path, columns, glyph_id)
    chosen = np.ones(len(ids), bool) if among is None else among.copy()
    chosen[row] = False
    if split:
        chosen &= columns.any_of("split", split)
    if exclude_family:
        chosen &= ~columns.any_of("family", (exclude_family,))
    vectors = embeddings(path, columns)
    rows = np.flatnonzero(chosen)
    cosine = _cosines(vectors, rows, vectors[row].astype(np.float32))
    k = min(k, len(rows))
    best = np.argpartition(-cosine, k - 1)[:k] if 0 < k < len(rows) else np.arange(len(rows))[:k]
    best = best[np.lexsort((rows[best], -cosine[best]))]
    return ids[rows[best]].astype(np.int64), cosine[best]


def nearest_by_grid(
    cells: Cells, columns: Columns, codebook: np.ndarray, glyph_id: int, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the ``k`` glyphs whose grids draw the most similar pictures: rows int64 [≤ k], ties by id, and the distance
    of each, float32 (:func:`distances`).

    ``codebook``: uint8 [primitives, 8, 8]. Empty for an unknown id.
    """
    row = columns.row(glyph_id)
    if row is None:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    distance = distances(cells, codebook, row)
    distance[row] = np.inf
    few = min(k, len(columns) - 1)
    close = np.argpartition(distance, few)[: few + 1]
    nearest = close[np.lexsort((close, distance[close]))][:few].astype(np.int64)
    return nearest, distance[nearest]


def _row(path: Path, columns: Columns, glyph_id: int) -> int:
    row = columns.row(glyph_id)
    if row is None:
        raise StoreError(f"{path.name} has no glyph {glyph_id}.", subject=glyph_id, remedy="Name one that it has.")
    return row


def distances(cells: Cells, codebook: np.ndarray, row: int) -> np.ndarray:
    """Return float32 [glyphs]: distance of each grid to the grid of a row: 0 for equal pictures, 1 without a common
    pixel.

    ``codebook``: uint8 [k, 8, 8]. The distance is the squared difference of the two pictures over the sum of their
    squared lengths.
    """
    patches = codebook.reshape(-1, 64).astype(np.float32) / 255
    own = np.asarray(cells.grids[:, row])
    common = np.zeros(len(cells.ink), np.float32)
    for cell in np.flatnonzero(own):
        common += (patches @ patches[own[cell]])[cells.grids[cell]]
    total = cells.ink + cells.ink[row]
    return 1 - np.divide(2 * common, total, out=np.ones_like(common), where=total > 0)


def embeddings(path: Path, columns: Columns, progress: Progress | None = None) -> np.ndarray:
    """Return unit vectors float16 [glyphs, width] in the order of ``columns``, memory-mapped.

    They are gathered if they do not exist yet. ``path`` is the results file. An embedding of zeros stays zeros. Where
    no file can be written, the array is made in memory.
    """
    file, n = path.with_name(path.stem + SUFFIX), len(columns)
    stored = _existing(path, n, file)
    if stored is None:
        with _building:
            stored = _existing(path, n, file)
            if stored is None:
                stored = _gather(path, n, progress or Silent())
                try:
                    with replacing(file) as temporary, temporary.open("wb") as out:
                        np.save(out, stored)
                except OSError:
                    return stored
    return stored


def _existing(path: Path, n: int, file: Path) -> np.ndarray | None:
    try:
        if file.stat().st_mtime_ns < path.stat().st_mtime_ns:
            return None
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except CORRUPT_FILE_ERRORS:
        return None
    return array if array.dtype == np.float16 and array.ndim == 2 and len(array) == n else None


def _gather(path: Path, n: int, progress: Progress) -> np.ndarray:
    with reading_rows(path, "SELECT embedding FROM details ORDER BY glyph_id") as blobs:
        rows = [np.frombuffer(blob, "<f2") for (blob,) in progress.track(blobs, total=n, what="embeddings")]
    damaged = StoreError(f"{path.name} has damaged embeddings.", subject=path, remedy=EVALUATE_AGAIN)
    if len(rows) != n or len({len(row) for row in rows}) > 1:
        raise damaged
    vectors = np.stack(rows) if rows else np.zeros((0, 0), np.float16)
    for start in range(0, len(vectors), CHUNK):
        chunk = vectors[start : start + CHUNK].astype(np.float32)
        length = np.linalg.norm(chunk, axis=1, keepdims=True)
        if not np.isfinite(length).all():
            raise damaged
        vectors[start : start + CHUNK] = chunk / np.where(length > 0, length, 1)
    return vectors


def _cosines(vectors: np.ndarray, rows: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Return the cosine float32 [rows] of some vectors with a unit vector."""
    everything = len(rows) > len(vectors) // 2  # reading in order is then faster than picking rows
    wanted = np.arange(len(vectors)) if everything else rows
    cosine = np.empty(len(wanted), np.float32)
    for start in range(0, len(wanted), CHUNK):
        chunk = vectors[start : start + CHUNK] if everything else vectors[wanted[start : start + CHUNK]]
        cosine[start : start + CHUNK] = chunk.astype(np.float32) @ to
    return cosine[rows] if everything else cosine
