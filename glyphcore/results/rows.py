"""Converts predictions to rows of a results file: the table ``predictions``, and three small blobs in ``details``.

Only this module decides which answer is right: by label, by character in any form, up to confusables, and cell by cell.

``top``
    Five class indices as little-endian uint16, best first, then their probabilities as float32: 30 bytes.
``cells``
    zlib over: 32 bytes of occupancy (one bit per cell, row-major, most significant bit first), then for the occupied
    cells, in that order, all predicted primitives (uint16), all runners-up (uint16), all probabilities (uint8, 255 is
    certain). Empty cells are decided by the pixels and take no space; about 350 bytes per glyph.
``embedding``
    The pooled embedding as float16.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glyphcore.data.labels import LabelMap
from glyphcore.data.predictions import Predictions
from glyphcore.data.store import GlyphRow
from glyphcore.errors import StoreError

TOP = 5
CELLS = 256
LONGEST = CELLS // 8 + 5 * CELLS
"""Largest number of bytes of an unpacked grid."""


@dataclass(frozen=True)
class Details:
    """The prediction for one glyph beyond its row: candidates, grid and embedding."""

    top: np.ndarray
    """uint16 [5]: class indices, best first."""
    top_p: np.ndarray
    """float32 [5]: probabilities of ``top``."""
    occupied: np.ndarray
    """bool [256]: cells with ink, row-major."""
    primitive: np.ndarray
    """uint16 [256]: predicted primitive; 0 (EMPTY) where there is no ink."""
    runner_up: np.ndarray
    """uint16 [256]: second choice; 0 where there is no ink."""
    primitive_p: np.ndarray
    """float32 [256]: probability of the predicted primitive in steps of 1/255; 1 where there is no ink."""
    embedding: np.ndarray
    """float16 [width]: pooled embedding."""


def pack_top(top: np.ndarray, p: np.ndarray) -> bytes:
    """Convert class indices int [5] and probabilities float [5] to the ``top`` blob."""
    return np.asarray(top, "<u2").tobytes() + np.asarray(p, "<f4").tobytes()


def pack_cells(occupied: np.ndarray, primitive: np.ndarray, runner_up: np.ndarray, p: np.ndarray) -> bytes:
    """Convert grids of 256 (bool, int, int, float) to the ``cells`` blob."""
    occupied = np.asarray(occupied, bool)
    plain = np.packbits(occupied).tobytes()
    plain += np.asarray(primitive)[occupied].astype("<u2").tobytes()
    plain += np.asarray(runner_up)[occupied].astype("<u2").tobytes()
    plain += np.rint(np.clip(np.asarray(p)[occupied], 0, 1) * 255).astype(np.uint8).tobytes()
    return zlib.compress(plain, 6)


def plain_cells(cells: bytes) -> bytes:
    """Return the decompressed ``cells`` blob. Raises ValueError, TypeError or zlib.error when it is damaged."""
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(cells, LONGEST + 1)
    if not unpacking.eof:
        raise ValueError("a grid is cut off, or has more cells than there are")
    return plain


def unpack(top: bytes, cells: bytes, embedding: bytes) -> Details:
    """Convert the three blobs of a glyph to :class:`Details`. Raises StoreError when a blob is damaged."""
    try:
        plain = plain_cells(cells)
        occupied = np.unpackbits(np.frombuffer(plain, np.uint8, CELLS // 8)).astype(bool)
        count = int(occupied.sum())
        primitive, runner_up = np.zeros(CELLS, np.uint16), np.zeros(CELLS, np.uint16)
        primitive[occupied] = np.frombuffer(plain, "<u2", count, CELLS // 8)
        runner_up[occupied] = np.frombuffer(plain, "<u2", count, CELLS // 8 + 2 * count)
        primitive_p = np.ones(CELLS, np.float32)
        primitive_p[occupied] = np.frombuffer(plain, np.uint8, count, CELLS // 8 + 4 * count) / np.float32(255)
        return Details(
            top=np.frombuffer(top, "<u2", TOP),
            top_p=np.frombuffer(top, "<f4", TOP, 2 * TOP),
            occupied=occupied,
            primitive=primitive,
            runner_up=runner_up,
            primitive_p=primitive_p,
            embedding=np.frombuffer(embedding, "<f2"),
        )
    except (zlib.error, ValueError, TypeError) as error:
        raise StoreError(f"A stored prediction is damaged: {error}.", remedy="Evaluate it again.") from error


@dataclass(frozen=True)
class Batch(Predictions):
    """Predictions for some glyphs and their targets, in the order of ``glyphs``; k is 5."""

    glyphs: Sequence[GlyphRow]
    """Glyphs with ascending ids, above all ids that were written before; contours are not needed."""
    target: np.ndarray
    """int [n, 256]: nearest codebook entry of each cell; 0 marks a cell without ink."""
    outside: np.ndarray | None = None
    """float32 [n]: probability that the glyph is none of the labels; None for a model that was not taught what is."""
    final_p: np.ndarray | None = None
    """float32 [n]: confidence in the first candidate that is left; None like ``outside``."""


def check(batch: Batch) -> None:
    """Raise ValueError when an array differs in length from ``glyphs``."""
    n = len(batch.glyphs)
    shapes: dict[str, tuple[int, ...]] = {"top": (n, TOP), "top_p": (n, TOP)}
    shapes |= dict.fromkeys(("entropy", "loss", "rank"), (n,))
    shapes |= dict.fromkeys(("primitive", "runner_up", "primitive_p", "target"), (n, CELLS))
    for name, shape in shapes.items():
        if np.shape(getattr(batch, name)) != shape:
            raise ValueError(f"{name} has shape {np.shape(getattr(batch, name))}, not {shape}.")


def prediction_rows(batch: Batch, labels: LabelMap) -> list[tuple]:
    """Return rows of the table ``predictions``."""
    confusable, base = labels.twin_index.tolist(), labels.base_index.tolist()
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
                int(known and confusable[pred] == confusable[truth]), cells_right[i], cells_total[i],
            )
        )  # fmt: skip
    return rows


def outside_rows(batch: Batch) -> list[tuple[int, float, float]]:
    """Return rows of the table ``outside``."""
    assert batch.outside is not None
    assert batch.final_p is not None
    ids = [glyph.glyph_id for glyph in batch.glyphs]
    return list(zip(ids, batch.outside.tolist(), batch.final_p.tolist(), strict=True))


def detail_rows(batch: Batch) -> list[tuple[int, bytes, bytes, bytes]]:
    """Return rows of the table ``details``."""
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
