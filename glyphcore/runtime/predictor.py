"""The predictor converts packed rasters to candidates and primitive grids, with any backend.

The model is discrete at the grid, so repeated work is done once: each distinct cell is classified once, empty cells
never; each distinct pair of grid and geometry is classified once. Numpy sorts the probabilities. So a backend only runs
two small networks: torch runs a ``.ckpt``, ONNX Runtime runs a ``.reader`` (see ``glyphcore export``), which needs no
torch and does not wait for its import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from glyphcore.config import model_path
from glyphcore.data.geometry import WIDTH
from glyphcore.data.labels import LabelMap
from glyphcore.data.predictions import Predictions
from glyphcore.data.primitives import cell_pixels
from glyphcore.data.raster import CELL, GRID, PACKED, cells
from glyphcore.errors import CheckpointError, missing_extra
from glyphcore.runtime.base import About, Backend

EXPORTED_SUFFIX = ".reader"
"""Suffix of an exported model: a zip of two ONNX graphs and their description."""
TOP = 5
SLAB = 4096
"""Number of glyphs at a time: it limits memory, and most fonts have fewer glyphs."""
RASTER_BATCH = 32
CELL_BATCH = 512
CANDIDATE_BATCH = 256
FEWEST_CELLS = 16
KEPT_CELLS = 200_000
"""Largest number of classified cells that are kept, 20 bytes each; a font of 2,872 glyphs has 11,710."""
T = TypeVar("T")
R = TypeVar("R")


class _Cells(NamedTuple):
    """Classified cells."""

    keys: np.ndarray = np.zeros(0, np.uint64)
    """uint64 [U], ascending."""
    ids: np.ndarray = np.zeros((0, 2), np.uint16)
    """uint16 [U, 2]."""
    p: np.ndarray = np.zeros((0, 2), np.float32)
    """float32 [U, 2]."""

    def has(self, keys: np.ndarray) -> np.ndarray:
        """Return bool [n]: which of these keys are among the cells."""
        if not len(self.keys):
            return np.zeros(len(keys), bool)
        return self.keys[np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)] == keys

    def with_more(self, keys: np.ndarray, ids: np.ndarray, p: np.ndarray) -> _Cells:
        """Return these cells and others, whose keys are ascending too and not among these."""
        at = np.searchsorted(self.keys, keys)
        return _Cells(
            np.insert(self.keys, at, keys),
            np.insert(self.ids, at, ids.astype(np.uint16), axis=0),
            np.insert(self.p, at, p, axis=0),
        )


class _Known:
    """The cells that were classified so far. Threads replace them as a whole, so each sees a consistent set."""

    cells = _Cells()


class Predictor:
    """An open model file. Raises CheckpointError when the file cannot be used."""

    def __init__(self, path: Path, *, threads: int = 0, bfloat16: bool = False) -> None:
        """``path``: the file, or the name of a shipped model. ``threads``: CPU threads, 0 for all cores. ``bfloat16``:
        run a checkpoint's mixer in half precision."""
        self.backend = _open(model_path(path), threads, bfloat16)
        self._known = _Known()

    @classmethod
    def of_worker(cls, path: Path) -> Predictor:
        """Return the predictor of a worker in a cluster. It has one thread, since workers share the cores, and stays
        open until the file changes."""
        file = model_path(path)
        return _kept(file, file.stat().st_mtime_ns if file.exists() else 0)

    def share_cells(self, other: Predictor) -> None:
        """Use the cells that ``other`` has classified, where both models have the same primitives."""
        if self.backend.primitives and self.backend.primitives == other.backend.primitives:
            self._known = other._known

    def forget_cells(self) -> None:
        """Classify all cells anew: a font that was read before must not seem faster in a measurement."""
        self._known = _Known()

    @property
    def about(self) -> About:
        return self.backend.about

    @property
    def labels(self) -> LabelMap:
        return self.about.labels

    def predict(
        self,
        packed: np.ndarray,
        geometry: np.ndarray | None = None,
        truth: np.ndarray | None = None,
        *,
        top: int = TOP,
        every: bool = False,
    ) -> Predictions:
        """Predict packed rasters uint8 [n, 2048].

        ``geometry``: float32 [n, 6], None when unknown. ``truth``: class indices int [n], −1 where unknown; it is
        needed for loss and rank. ``every``: return the probabilities of all classes too. Raises ValueError for arrays
        of another shape.
        """
        n = len(packed)
        if geometry is None:
            geometry = np.zeros((n, WIDTH), dtype=np.float32)
        if packed.shape != (n, PACKED) or geometry.shape != (n, WIDTH):
            raise ValueError(f"packed must be [n, {PACKED}] and geometry [n, {WIDTH}]")
        truth = np.full(n, -1) if truth is None else np.asarray(truth)
        parts, of_classes = [], []
        for start in range(0, max(n, 1), SLAB):
            rows = slice(start, start + SLAB)
            ids, runner_up, p = self.primitives(packed[rows])
            logits, embedding = self.classify_grids(ids, geometry[rows])
            candidates = self.rank_candidates(logits, truth[rows], top)
            self._check(ids, candidates[1])
            parts.append((*candidates, ids, runner_up, p, embedding.astype(np.float16)))
            if every:
                of_classes.append(_probabilities(logits))
        arrays = (np.concatenate(of_parts) for of_parts in zip(*parts, strict=True))
        return Predictions(*arrays, p=np.concatenate(of_classes) if every else None)

    def _check(self, ids: np.ndarray, p: np.ndarray) -> None:
        """Raise CheckpointError for outputs that are not valid: finite weights may still give NaN."""
        if not np.isfinite(p).all() or ids.max(initial=0) >= len(self.about.codebook):
            raise CheckpointError(
                f"{self.about.name} gives no probabilities, or primitives that its codebook does not have.",
                subject=self.about.name,
                remedy="Use another model file.",
            )

    def primitives(self, packed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Convert packed rasters uint8 [n, 2048] to uint16 [n, 256] IDs, uint16 runners-up, float32 probabilities."""
        shape = (len(packed), GRID * GRID)
        ids, p = np.zeros((*shape, 2), dtype=np.int64), np.ones((*shape, 2), dtype=np.float32)
        if not self.about.sees_cells:
            parts = [slice(start, start + RASTER_BATCH) for start in range(0, len(packed), RASTER_BATCH)]
            batches = self._run_batches(lambda rows: self.backend.read_rasters(packed[rows]), parts)
            for rows, (predicted, probable) in zip(parts, batches, strict=True):
                ids[rows], p[rows] = predicted, probable
        else:
            keys = cells(packed).view(np.uint64)[..., 0]
            inked = keys != 0
            distinct, inverse = np.unique(keys[inked], return_inverse=True)
            predicted, probable = self._of_cells(distinct)
            ids[inked], p[inked] = predicted[inverse], probable[inverse]
        return ids[..., 0].astype(np.uint16), ids[..., 1].astype(np.uint16), p[..., 0]

    def _of_cells(self, distinct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert distinct cells uint64 [U], ascending, to IDs int64 [U, 2] and probabilities float32 [U, 2].

        Cells of earlier calls are not classified again: the glyphs of a font, and fonts among themselves, share most.
        """
        known = self._known.cells
        new = distinct[~known.has(distinct)]
        batches = self._run_batches(self._read_cells, [new[i : i + CELL_BATCH] for i in range(0, len(new), CELL_BATCH)])
        if batches:
            predicted, probable = (np.concatenate(part) for part in zip(*batches, strict=True))
            known = known.with_more(new, predicted, probable)
        self._known.cells = known if len(known.keys) <= KEPT_CELLS else _Cells()
        rows = np.searchsorted(known.keys, distinct)
        return known.ids[rows].astype(np.int64), known.p[rows]

    def _read_cells(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Classify cells uint64 [U], U ≥ 1. A matrix of very few rows is multiplied in another order, so that the last
        bit of a probability would depend on the cells beside it; such a batch is filled up."""
        filled = np.resize(keys, max(len(keys), FEWEST_CELLS))
        ids, p = self.backend.read_cells(cell_pixels(filled.view(np.uint8).reshape(-1, CELL)))
        return ids[: len(keys)], p[: len(keys)]

    def classify_grids(self, ids: np.ndarray, geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert grids uint16 [n, 256] and geometry float32 [n, 6] to logits [n, classes] and embedding [n, width],
        float32."""
        known = np.ascontiguousarray(geometry, dtype=np.float32)
        rows = np.concatenate([np.ascontiguousarray(ids).view(np.uint8), known.view(np.uint8)], axis=1)
        _, first, inverse = np.unique(
            np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel(), return_index=True, return_inverse=True
        )
        batch = self.backend.batch
        batches = self._run_batches(
            lambda rows_of_batch: self.backend.read_grids(ids[rows_of_batch].astype(np.int64), known[rows_of_batch]),
            [first[start : start + batch] for start in range(0, max(len(first), 1), batch)],
        )
        logits, embedding = (np.concatenate(part) for part in zip(*batches, strict=True))
        return logits[inverse], embedding[inverse]

    def rank_candidates(self, logits: np.ndarray, truth: np.ndarray, top: int = TOP) -> tuple[np.ndarray, ...]:
        """Convert logits [n, classes] and truth int [n] to top, top_p, entropy, loss, rank of :class:`Predictions`."""
        rows = [slice(start, start + CANDIDATE_BATCH) for start in range(0, max(len(logits), 1), CANDIDATE_BATCH)]
        candidates = self._run_batches(lambda batch: _rank_candidates(logits[batch], truth[batch], top), rows)
        return tuple(np.concatenate(part) for part in zip(*candidates, strict=True))

    def _run_batches(self, run: Callable[[T], R], parts: Iterable[T]) -> list[R]:
        """Run all parts, several at a time where the backend allows it: two half-used cores are faster than one
        operator on both."""
        return [run(part) for part in parts] if self.backend.workers == 1 else list(self._pool.map(run, parts))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        """The threads of this predictor, for all fonts that are read at a time."""
        return ThreadPoolExecutor(self.backend.workers, thread_name_prefix="predict")


@lru_cache(maxsize=1)
def _kept(path: Path, changed: int) -> Predictor:
    return Predictor(path, threads=1)


def _open(path: Path, threads: int, bfloat16: bool) -> Backend:
    if path.suffix == EXPORTED_SUFFIX:
        from glyphcore.runtime.onnx_backend import OnnxBackend

        return OnnxBackend(path, threads)
    try:
        from glyphcore.runtime.torch_backend import TorchBackend
    except ModuleNotFoundError as error:
        raise missing_extra(error.name) or error from error

    return TorchBackend(path, threads, bfloat16=bfloat16)


def _rank_candidates(logits: np.ndarray, truth: np.ndarray, top: int) -> tuple[np.ndarray, ...]:
    """Convert logits [n, classes] to top, top_p, entropy, loss, rank of :class:`Predictions`."""
    n, classes = logits.shape
    top = min(top, classes)
    below = logits - logits.max(1, keepdims=True)  # ≤ 0
    p = np.exp(below)
    total = p.sum(1)
    best = _best(below, top)
    loss, rank = np.full(n, np.nan, dtype=np.float32), np.zeros(n, dtype=np.int64)
    known = np.flatnonzero(truth >= 0)
    if len(known):
        of_truth = below[known, truth[known]]
        loss[known] = np.log(total[known]) - of_truth
        rank[known] = (below[known] > of_truth[:, None]).sum(1) + 1
    return (
        best,
        np.take_along_axis(p, best, 1) / total[:, None],
        np.log(total) - np.einsum("nc,nc->n", p, below) / total,
        loss,
        rank,
    )


def _probabilities(logits: np.ndarray) -> np.ndarray:
    """Convert logits [n, classes] to probabilities of the same type."""
    p = np.exp(logits - logits.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)


def _best(below: np.ndarray, top: int) -> np.ndarray:
    """Return class indices int64 [n, top] of the highest values in float32 [n, classes], all ≤ 0; for equal values, the
    lower index comes first.

    8-bit models give many classes the same value. Without a fixed order of ties, the candidates of a glyph would depend
    on the number of candidates. So value and index are combined into one key: the bits of positive float32 numbers sort
    like the numbers.
    """
    keys = np.abs(below).view(np.int32).astype(np.int64) << 32 | np.arange(below.shape[1])
    if top < below.shape[1]:
        keys = np.partition(keys, top - 1, axis=1)[:, :top]
    return np.sort(keys, axis=1) & 0xFFFFFFFF
