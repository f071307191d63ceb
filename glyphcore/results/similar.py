"""Glyphs that a checkpoint finds alike: nearest by the angle between their pooled embeddings.

Embeddings lie scattered over the rows of a results file. The first question gathers them into one array of unit vectors
beside it (float16, half a megabyte a thousand glyphs), memory-mapped afterwards: 46,000 glyphs are compared in 30 ms,
500,000 in a third of a second. Exact, so nothing has to be tuned; the array is made again when results are newer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glyphcore.errors import StoreError
from glyphcore.files import UNFIT, replacing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.connection import EVALUATE_AGAIN, reading

CHUNK = 8192
"""Glyphs compared at once; their float32 copies stay in cache."""
SUFFIX = ".embeddings.npy"

_building = threading.Lock()


def nearest(
    store: ResultsStore,
    glyph_id: int,
    k: int = 24,
    *,
    split: Sequence[str] = (),
    exclude_family: str = "",
    among: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` glyphs most alike to one, itself left out: ids int64 [≤ k], and cosines float32 [≤ k], descending.

    ``split``: only these. ``exclude_family``: none of this one. ``among``: bool [glyphs], only these rows, in the order
    of ``store.columns`` (a filter's :meth:`Columns.mask`). Equal cosines come by id. Raises StoreError for an unknown
    id.
    """
    columns = store.columns
    ids = columns.data["glyph_id"]
    row = int(np.searchsorted(ids, glyph_id))
    if row == len(ids) or ids[row] != glyph_id:
        raise StoreError(
            f"{store.path.name} has no glyph {glyph_id}.", subject=glyph_id, remedy="Choose one in Browse."
        )
    chosen = np.ones(len(ids), bool) if among is None else among.copy()
    chosen[row] = False
    if split:
        chosen &= columns.any_of("split", split)
    if exclude_family:
        chosen &= ~columns.any_of("family", (exclude_family,))
    vectors = embeddings(store)
    rows = np.flatnonzero(chosen)
    cosine = _cosines(vectors, rows, vectors[row].astype(np.float32))
    k = min(k, len(rows))
    best = np.argpartition(-cosine, k - 1)[:k] if 0 < k < len(rows) else np.arange(len(rows))[:k]
    best = best[np.lexsort((rows[best], -cosine[best]))]
    return ids[rows[best]].astype(np.int64), cosine[best]


def embeddings(store: ResultsStore, progress: Progress | None = None) -> np.ndarray:
    """Unit vectors float16 [glyphs, width] in the order of ``store.columns``, memory-mapped; gathered if not there yet.

    A glyph whose embedding is nothing but zeros keeps them. Where nothing can be written, the array is made in memory.
    """
    path = store.path.with_name(store.path.stem + SUFFIX)
    found = _existing(store, path)
    if found is None:
        with _building:
            found = _existing(store, path)
            if found is None:
                found = _gather(store, progress or Silent())
                try:
                    with replacing(path) as temporary, temporary.open("wb") as file:
                        np.save(file, found)
                except OSError:
                    return found
    return found


def _existing(store: ResultsStore, path: Path) -> np.ndarray | None:
    try:
        if path.stat().st_mtime_ns < store.path.stat().st_mtime_ns:
            return None
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except UNFIT:
        return None
    return found if found.dtype == np.float16 and found.ndim == 2 and len(found) == len(store) else None


def _gather(store: ResultsStore, progress: Progress) -> np.ndarray:
    rows: list[np.ndarray] = []
    with reading(store.path) as connection:
        found = (blob for (blob,) in connection.execute("SELECT embedding FROM details ORDER BY glyph_id"))
        rows = [np.frombuffer(blob, "<f2") for blob in progress.track(found, total=len(store), what="embeddings")]
    damaged = StoreError(f"{store.path.name} has damaged embeddings.", subject=store.path, remedy=EVALUATE_AGAIN)
    if len(rows) != len(store) or len({len(row) for row in rows}) > 1:
        raise damaged
    vectors = np.stack(rows) if rows else np.zeros((0, 0), np.float16)
    for start in range(0, len(vectors), CHUNK):
        some = vectors[start : start + CHUNK].astype(np.float32)
        length = np.linalg.norm(some, axis=1, keepdims=True)
        if not np.isfinite(length).all():
            raise damaged
        vectors[start : start + CHUNK] = some / np.where(length > 0, length, 1)
    return vectors


def _cosines(vectors: np.ndarray, rows: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Cosine float32 [rows] of some vectors with a unit vector."""
    everything = len(rows) > len(vectors) // 2  # then reading in order is faster than picking
    wanted = np.arange(len(vectors)) if everything else rows
    cosine = np.empty(len(wanted), np.float32)
    for start in range(0, len(wanted), CHUNK):
        some = vectors[start : start + CHUNK] if everything else vectors[wanted[start : start + CHUNK]]
        cosine[start : start + CHUNK] = some.astype(np.float32) @ to
    return cosine[rows] if everything else cosine
