"""``glyphcore evaluate``: predict a database once with a checkpoint, store it, and say how good it was.

The work is done in batches that are committed one by one; a run that was cut off goes on behind the last one. Results
that are there already are only read. Of two runs at once, the second waits and then reads what the first has written.
A shard is a part of the database with results of its own, in ``shards/``, until ``glyphcore merge`` joins them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.evaluated import evaluated
from glyphcore.analysis.metrics import aggregate, table
from glyphcore.config import EvaluateConfig
from glyphcore.data.cache import PackedRasters, PngFolder, dataset_key
from glyphcore.data.primitives import EMPTY, nearest_primitives
from glyphcore.data.raster import POLICY, cells
from glyphcore.data.splits import trained_fonts
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.store.shards import Part, part
from glyphcore.errors import StoreError
from glyphcore.files import alone, writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.merging import shard_path
from glyphcore.results.store import Batch, ResultsMeta, ResultsWriter, results_path
from glyphcore.runtime.predictor import Predictor

CHUNK = 512
"""Glyphs a transaction."""


def run(config: EvaluateConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Evaluate; returns the figures (see :func:`glyphcore.analysis.metrics.aggregate`) and writes ``config.out``."""
    progress = progress or Silent()
    predictor = Predictor(config.checkpoint)
    store = GlyphStore(config.db)
    pngs = PngFolder.of(config.db, config.rasters)
    if not store.has_contours and pngs is None:
        raise StoreError(
            f"{config.db} has no contours.", subject=config.db, remedy="Name a folder of <glyph_id>.png with --rasters."
        )
    about = predictor.about
    path = results_path(config.results, about.name, about.fingerprint, dataset_key(store, pngs))
    shard = part(store, *config.shard)
    meta = ResultsMeta(
        checkpoint=about.name,
        checkpoint_file=str(config.checkpoint),
        checkpoint_fingerprint=about.fingerprint,
        dataset=str(config.db),
        dataset_fingerprint=store.fingerprint,
        labels=about.labels.to_plain(),
        raster_policy=POLICY.version,
        model={"parameters": about.parameters, "training": about.training},
        notes=store.notes,
    )
    if shard.name:
        path = shard_path(path, shard.name)
    with alone(path.with_name(f".{path.stem}.lock"), lambda: progress.say(f"{path.name} is being written; waiting")):
        figures = _evaluated(config, path, meta, predictor, store, pngs, shard, progress)
    if config.out:
        with writing(config.out) as out:
            out.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    progress.say(f"results: {path}")
    return figures


def report(figures: dict[str, Any]) -> str:
    """Figures as two Markdown tables: by split, each glyph alone and read with its font, then by class."""
    rows = {"fonts not trained on": figures, **figures["by_split"]}
    if whole := figures.get("in_font"):
        rows |= {"fonts not trained on, each as a whole": whole}
        rows |= {f"{split}, each font as a whole": figures for split, figures in whole["by_split"].items()}
    return f"{table(rows)}\n\n{table(figures['by_class'])}"


def _evaluated(
    config: EvaluateConfig,
    path: Path,
    meta: ResultsMeta,
    predictor: Predictor,
    store: GlyphStore,
    pngs: PngFolder | None,
    shard_part: Part,
    progress: Progress,
) -> dict[str, Any]:
    """Figures of complete results, or of those that are completed now."""
    if config.again:
        for old in (path, path.with_name(f"{path.name}-journal")):
            old.unlink(missing_ok=True)
    writer = ResultsWriter.create_or_resume(path, meta, predictor.about.codebook.reshape(-1, 8, 8))
    try:
        if writer.complete:
            writer.mend_columns(progress.say)
            return ResultsStore(path).aggregates
        for note in store.notes:
            progress.say(note)
        rasters = PackedRasters.of(
            store, config.cache, pngs=pngs, part=shard_part if shard_part.name else None, progress=progress
        )
        _predict(config, predictor, store, rasters, writer, shard_part, progress)
        training = predictor.about.training
        if shard_part.name:  # a shard may end within a font
            figures = aggregate(path, trained_fonts(training, store))
        else:
            figures = evaluated(path, training, predictor.labels, store, (rasters.glyph_id, rasters.geometry))
        if outside := figures["outside_label_map"]:
            progress.say(f"{outside:,} glyphs have a label that the checkpoint does not know: read, but not judged")
        writer.finish(figures)
    finally:
        writer.close()
    if not shard_part.name:
        ResultsStore(path).build_cell_index(lambda ids: rasters.of_glyphs(ids)[0], progress)
    return figures


def _predict(
    config: EvaluateConfig,
    predictor: Predictor,
    store: GlyphStore,
    rasters: PackedRasters,
    writer: ResultsWriter,
    shard: Part,
    progress: Progress,
) -> None:
    """Write what is not written yet."""
    done = writer.last_id
    if done is not None:
        progress.say(f"going on after glyph {done} ({writer.written:,} glyphs are there)", written=writer.written)
    start = 0 if done is None else int(np.searchsorted(rasters.glyph_id, done, side="right"))
    glyphs = store.rows(after=shard.after if done is None else done, upto=shard.upto, contours=False)
    written = _written(_with_raster(glyphs, rasters, start), rasters, predictor, writer)
    for _ in progress.track(written, total=len(rasters.glyph_id) - start, what="glyphs"):
        pass
    if writer.written != len(rasters.glyph_id):
        raise StoreError(
            f"{writer.written:,} glyphs were written, {len(rasters.glyph_id):,} have a raster: "
            f"{config.db} changed while it was read.",
            subject=config.db,
            remedy="Run the command again with --again.",
        )


def _with_raster(rows: Iterator[GlyphRow], rasters: PackedRasters, start: int) -> Iterator[tuple[int, GlyphRow]]:
    """Rows that have a raster, each with its place in ``rasters``; both come in key order."""
    place = start
    for row in rows:
        if place < len(rasters.glyph_id) and rasters.glyph_id[place] == row.glyph_id:
            yield place, row
            place += 1


def _written(
    rows: Iterator[tuple[int, GlyphRow]],
    rasters: PackedRasters,
    predictor: Predictor,
    writer: ResultsWriter,
) -> Iterator[None]:
    """Predict and write in chunks; yields once a glyph, so that progress counts glyphs."""
    index = predictor.labels.index
    while chunk := list(islice(rows, CHUNK)):
        glyphs = [row for _, row in chunk]
        packed, geometry = rasters.take(np.array([place for place, _ in chunk]))
        truth = np.array([index.get(row.label, -1) for row in glyphs])
        predictions = predictor.predict(packed, geometry, truth)
        pixels = cells(packed)
        target, _ = nearest_primitives(pixels.reshape(-1, 8), predictor.about.codebook)
        assert (target.reshape(len(chunk), -1) != EMPTY).sum() == pixels.any(-1).sum()
        writer.append(Batch(**vars(predictions), glyphs=glyphs, target=target.reshape(len(chunk), -1)))
        yield from (None for _ in chunk)
