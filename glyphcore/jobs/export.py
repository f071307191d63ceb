"""``glyphcore export``: convert a checkpoint to a file that runs without torch, or in other programs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from glyphcore.checkpoint import load_checkpoint
from glyphcore.config import ExportConfig
from glyphcore.data.cache import glyph_geometry, glyph_raster
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError, StoreError
from glyphcore.export import export_onnx, export_reader, export_torchscript
from glyphcore.progress import Progress, Silent
from glyphcore.runtime.predictor import Predictor

SUFFIX = {"reader": ".reader", "onnx": ".onnx", "torchscript": ".pt"}


def run(config: ExportConfig, progress: Progress | None = None) -> Path:
    """Write the export; return its path."""
    progress = progress or Silent()
    checkpoint = load_checkpoint(config.checkpoint)
    out = config.out or config.checkpoint.with_suffix(SUFFIX[config.to])
    if config.to == "onnx":
        export_onnx(checkpoint, out)
    elif config.to == "torchscript":
        export_torchscript(checkpoint, out)
    else:
        export_reader(checkpoint, out, None if config.float32 else _typical(config))
    progress.say(f"{out}: {out.stat().st_size / 1e6:.1f} MB")
    return out


def _typical(config: ExportConfig) -> tuple[np.ndarray, np.ndarray]:
    """Return grids int64 [n, 256] and geometry [n, 6] of glyphs that the checkpoint may have been trained on.

    Measuring the ranges of activations is a kind of training, so validation and test glyphs are not used. Glyphs that
    cannot be drawn are left out. Raises StoreError when none is left.
    """
    store = GlyphStore(config.db)
    table = store.labels()
    train = table[table["split"] == "train"]["glyph_id"].to_numpy()
    chosen = np.sort(np.random.default_rng(0).choice(train, min(config.calibrate, len(train)), replace=False))
    packed, geometry = [], []
    for row in store.glyphs(chosen.tolist()):
        with suppress(GlyphError):
            packed.append(glyph_raster(row))
            geometry.append(glyph_geometry(row))
    if not packed:
        raise StoreError(
            f"{config.db} has no glyphs in its train split to calibrate on.",
            subject=config.db,
            remedy="Name another --db, or export with --float32.",
        )
    ids, _, _ = Predictor(config.checkpoint).primitives(np.stack(packed))
    return ids.astype(np.int64), np.stack(geometry)
