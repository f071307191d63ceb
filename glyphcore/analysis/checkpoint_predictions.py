"""Predictions of several checkpoints for one glyph, and the cells in which each differs from the first checkpoint.

Checkpoints with the same codebook are compared by primitive IDs. In another codebook the IDs mean other patches, so
they are translated: a patch is replaced by the most similar entry of the first codebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glyphcore.data.primitives import EMPTY
from glyphcore.results.browse import ResultRow, ResultsStore
from glyphcore.results.rows import Details


@dataclass(frozen=True)
class Choice:
    """One of the five likeliest labels."""

    label: str
    base: str
    p: float
    truth: bool


@dataclass(frozen=True)
class CheckpointPrediction:
    """The prediction of one checkpoint for a glyph."""

    file: str
    """Name of the results file."""
    checkpoint: str
    row: ResultRow
    details: Details
    top: list[Choice]
    used: np.ndarray
    """uint16 [n]: primitives of the grid."""
    patches: np.ndarray
    """uint8 [n, 8, 8]: patches of these primitives, from the checkpoint's own codebook."""
    differs: np.ndarray
    """bool [256]: cells whose primitive differs from the prediction of the first checkpoint."""
    translated: bool
    """Whether the codebook differs from that of the first checkpoint."""


def checkpoint_predictions(stores: Sequence[ResultsStore], glyph_id: int) -> list[CheckpointPrediction]:
    """Return the prediction of each checkpoint, in the order of ``stores``; all are compared with the first.

    Results without this glyph are left out. Raises StoreError when the first results do not have the glyph.
    """
    first = stores[0]
    grid = first.details(glyph_id).primitive
    predictions = []
    for store in stores:
        rows = store.rows([glyph_id])
        if not rows:
            continue
        row, details = rows[0], store.details(glyph_id)
        differs, translated = differing(grid, details.primitive, first.codebook, store.codebook)
        used = np.unique(details.primitive)
        top = [
            Choice(store.labels.labels[i], store.labels.base[i], p, store.labels.labels[i] == row.label)
            for i, p in zip(details.top.tolist(), details.top_p.tolist(), strict=True)
        ]
        predictions.append(
            CheckpointPrediction(
                store.path.name,
                store.meta.checkpoint,
                row,
                details,
                top,
                used,
                store.codebook[used],
                differs,
                translated,
            )
        )
    return predictions


def differing(
    first: np.ndarray, other: np.ndarray, codebook: np.ndarray, others_codebook: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return cells in which two grids uint16 [256] differ, bool [256], and whether IDs had to be translated.

    Codebooks are uint8 [n, 8, 8] (or [n, 64]); entry 0 is EMPTY in both.
    """
    if codebook.shape == others_codebook.shape and np.array_equal(codebook, others_codebook):
        return first != other, False
    known = codebook[1:].reshape(-1, 64).astype(np.float32)
    used = np.unique(other[other != EMPTY])
    patches = others_codebook[used].reshape(-1, 64).astype(np.float32)
    nearest = ((known**2).sum(1) - 2 * patches @ known.T).argmin(1) + 1
    translation = np.zeros(len(others_codebook), np.int64)
    translation[used] = nearest
    return first != translation[other], True
