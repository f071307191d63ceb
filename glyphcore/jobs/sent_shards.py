"""A shard of an evaluation that is sent to a worker: rows of the database in one direction, a results file back.

The worker needs no file but the model, which ships, so there is no shared folder. Rasters are drawn there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glyphcore.analysis.metrics import aggregate
from glyphcore.data.cache import PackedRasters, glyph_geometry, glyph_raster
from glyphcore.data.geometry import WIDTH
from glyphcore.data.raster import PACKED
from glyphcore.data.splits import trained_fonts
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.store.shards import part
from glyphcore.errors import GlyphError
from glyphcore.results.store import Batch, ResultsMeta, ResultsWriter
from glyphcore.runtime.predictor import Predictor

Predicted = Callable[[Iterator[tuple[int, GlyphRow]], PackedRasters, Predictor], Iterator[Batch]]
"""Predicts rows, each with its index in the rasters."""


@dataclass(frozen=True)
class SentShard:
    """Everything that a worker needs for a shard."""

    rows: list[GlyphRow]
    """Its glyphs with their contours, in key order."""
    meta: ResultsMeta
    trained: set[str]
    """The fonts of the database that the checkpoint was trained on."""


def sent_shard(store: GlyphStore, meta: ResultsMeta, of: int, number: int) -> SentShard:
    """Return the ``number``-th of ``of`` shards as it is sent."""
    its = part(store, number, of)
    return SentShard(
        list(store.rows(after=its.after, upto=its.upto)), meta, trained_fonts(meta.model["training"], store)
    )


def evaluated(checkpoint: Path, predicted: Predicted, sent: SentShard) -> bytes:
    """Evaluate a shard in a worker; return the results file."""
    predictor = Predictor.of_worker(checkpoint)
    drawn: list[GlyphRow] = []
    packed: list[np.ndarray] = []
    for row in sent.rows:
        try:
            packed.append(glyph_raster(row))
            drawn.append(row)
        except GlyphError:  # such glyphs have no raster, and no results
            continue
    rasters = PackedRasters(
        np.array([row.glyph_id for row in drawn], np.int64),
        np.stack(packed) if packed else np.zeros((0, PACKED), np.uint8),
        np.stack([glyph_geometry(row) for row in drawn]) if drawn else np.zeros((0, WIDTH), np.float32),
        np.zeros(0, np.uint32),
        whole=True,
    )
    with tempfile.TemporaryDirectory(prefix="glyphcore-") as folder:
        path = Path(folder) / "shard.db"
        writer = ResultsWriter.create_or_resume(path, sent.meta, predictor.about.codebook.reshape(-1, 8, 8))
        try:
            for batch in predicted(iter(enumerate(drawn)), rasters, predictor):
                writer.append(batch)
            writer.finish(aggregate(path, sent.trained))
        finally:
            writer.close()
        return path.read_bytes()
