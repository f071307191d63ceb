"""Predictions as they come from a model → rows as they are stored.

What "right" means is decided here and nowhere else: by label, by character whatever the form, up to visual twins, and
cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.data.predictions import Predictions
from glyphcore.data.store import GlyphRow
from glyphcore.results.details import CELLS, TOP, pack_cells, pack_top


@dataclass(frozen=True)
class Batch(Predictions):
    """Predictions for some glyphs and what they are held against, in the order of ``glyphs``; k is 5."""

    glyphs: Sequence[GlyphRow]
    """Ascending ids, above all that were written before; contours are not needed."""
    target: np.ndarray
    """int [n, 256]: nearest codebook entry of each cell; 0 marks a cell without ink."""


def check(batch: Batch) -> None:
    """Raise ValueError when an array has another length than ``glyphs``."""
    n = len(batch.glyphs)
    shapes: dict[str, tuple[int, ...]] = {"top": (n, TOP), "top_p": (n, TOP)}
    shapes |= dict.fromkeys(("entropy", "loss", "rank"), (n,))
    shapes |= dict.fromkeys(("primitive", "runner_up", "primitive_p", "target"), (n, CELLS))
    for name, shape in shapes.items():
        if np.shape(getattr(batch, name)) != shape:
            raise ValueError(f"{name} has shape {np.shape(getattr(batch, name))}, not {shape}.")


def prediction_rows(batch: Batch, labels: LabelMap) -> list[tuple]:
    """Rows of the table ``predictions``."""
    twin, base = labels.twin_index.tolist(), labels.base_index.tolist()
    top = np.asarray(batch.top)
    right = (np.asarray(batch.primitive) == batch.target) & (np.asarray(batch.target) != 0)
    cells_right = right.sum(1).tolist()
    cells_total = (np.asarray(batch.target) != 0).sum(1).tolist()
    p = np.asarray(batch.top_p, np.float64).tolist()
    entropy, loss = np.asarray(batch.entropy, float).tolist(), np.asarray(batch.loss, float).tolist()
    rank = np.asarray(batch.rank).tolist()
    rows = []
    for i, glyph in enumerate(batch.glyphs):
        truth, pred = labels.index.get(glyph.label, -1), int(top[i, 0])
        known = truth >= 0
        rows.append(
            (
                glyph.glyph_id, glyph.label, truth, labels.base[truth] if known else "",
                labels.codepoint[truth] if known else "",
                (labels.char_class[truth] if known else "") or glyph.char_class or "", glyph.split,
                glyph.family or "", glyph.style or "", "" if glyph.f_id is None else str(glyph.f_id),
                labels.labels[pred], pred, labels.base[pred], p[i][0], p[i][0] - p[i][1], entropy[i], loss[i],
                rank[i], int(pred == truth), int(known and base[pred] == base[truth]),
                int(known and twin[pred] == twin[truth]), cells_right[i], cells_total[i],
            )
        )  # fmt: skip
    return rows


def detail_rows(batch: Batch) -> list[tuple[int, bytes, bytes, bytes]]:
    """Rows of the table ``details``."""
    occupied = np.asarray(batch.target) != 0
    embedding = np.asarray(batch.embedding, "<f2")
    return [
        (
            glyph.glyph_id,
            pack_top(batch.top[i], batch.top_p[i]),
            pack_cells(occupied[i], batch.primitive[i], batch.runner_up[i], batch.primitive_p[i]),
            embedding[i].tobytes(),
        )
        for i, glyph in enumerate(batch.glyphs)
    ]
