"""``glyphcore evaluate``: predict a database with a checkpoint, store the predictions, and report the accuracy.

The work is committed in batches; an interrupted run continues after the last batch. Existing results are only read. If
two runs start at once, the second waits and then reads the results of the first. A shard is a part of the database with
its own results, in ``shards/``, until ``glyphcore merge`` joins them. With a cluster, workers make the shards, and they
are merged here.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.evaluated import evaluated
from glyphcore.analysis.merged import merged
from glyphcore.analysis.metrics import aggregate, table
from glyphcore.cluster.engine import Lost, map_parts, tell_lost
from glyphcore.cluster.files import for_workers
from glyphcore.config import EvaluateConfig
from glyphcore.data.ahead import ahead, chunks
from glyphcore.data.cache import PackedRasters, PngFolder, dataset_key, rasters_of
from glyphcore.data.geometry import WIDTH
from glyphcore.data.primitives import EMPTY, nearest_primitives
from glyphcore.data.raster import PACKED, POLICY, cells
from glyphcore.data.splits import trained_fonts
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.store.shards import Part, part, shards_of
from glyphcore.decoding.outside import Strangers, outside_of
from glyphcore.errors import GlyphError, StoreError
from glyphcore.files import alone, replacing, writing
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.connection import CutOffError
from glyphcore.results.linked import is_linked, shards
from glyphcore.results.merging import shard_path
from glyphcore.results.parquet import check_folder, shard_file, write_parquet
from glyphcore.results.store import Batch, ResultsMeta, ResultsWriter, is_complete, results_path
from glyphcore.runtime.predictor import Predictor

CHUNK = 512
"""Number of glyphs per transaction."""


@dataclass(frozen=True)
class _Task:
    """An evaluation: the opened model, database and rasters."""

    predictor: Predictor
    store: GlyphStore
    pngs: PngFolder | None
    meta: ResultsMeta
    path: Path
    """Where the results of the whole belong."""

    @classmethod
    def of(cls, config: EvaluateConfig, predictor: Predictor) -> _Task:
        """Open the parts of an evaluation. Raises GlyphError when the database cannot be used."""
        store = GlyphStore(config.db)
        pngs = PngFolder.of(config.db, config.rasters)
        if not store.has_contours and pngs is None:
            raise StoreError(
                f"{config.db} has no contours.",
                subject=config.db,
                remedy="Name a folder of <glyph_id>.png with --rasters.",
            )
        about = predictor.about
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
        path = results_path(config.results, about.name, about.fingerprint, dataset_key(store, pngs))
        return cls(predictor, store, pngs, meta, path)


def run(config: EvaluateConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Evaluate; return the figures (see :func:`glyphcore.analysis.metrics.aggregate`) and write ``config.out``."""
    progress = progress or Silent()
    task = _Task.of(config, Predictor(config.checkpoint))
    shard = part(task.store, *config.shard)
    path = shard_path(task.path, shard.name) if shard.name else task.path
    _drop_broken_link(path, progress)
    if config.cluster and task.store.count() > 1 and (config.again or not is_complete(path)):
        figures = _on_cluster(config, task, progress)
    else:
        figures = _evaluated(config, path, task, shard, progress)
    if config.parquet:
        _write_parquet(config, path, task, progress)
    if config.out:
        with writing(config.out) as out:
            out.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    progress.say(f"results: {path}")
    return figures


def _drop_broken_link(path: Path, progress: Progress) -> None:
    """Delete a linked results file whose shards are missing or damaged: it has no rows, and they are made again."""
    try:
        linked = path.is_file() and is_linked(path)
    except CutOffError:  # the writer was killed within a transaction; the next writer rolls it back and goes on
        return
    if linked:
        try:
            shards(path)
        except StoreError as error:
            progress.say(f"{error.problem} All glyphs are evaluated again.")
            _remove(path)


def report(figures: dict[str, Any]) -> str:
    """Return figures as two Markdown tables: by split, both for each glyph alone and with its font, then by class."""
    rows = {"fonts not trained on": figures, **figures["by_split"]}
    if whole := figures.get("in_font"):
        rows |= {"fonts not trained on, each as a whole": whole}
        rows |= {f"{split}, each font as a whole": figures for split, figures in whole["by_split"].items()}
    return f"{table(rows)}\n\n{table(figures['by_class'])}"


def _on_cluster(config: EvaluateConfig, task: _Task, progress: Progress) -> dict[str, Any]:
    """Return figures of results that workers make shard by shard; existing shards are not made again."""
    of = shards_of(task.store.count(), config.parts)
    shards = {number: shard_path(task.path, f"-{number}of{of}") for number in range(1, of + 1)}
    if config.again:
        for path in (task.path, *shards.values()):
            _remove(path)
    left = [number for number, path in shards.items() if not is_complete(path)]
    if len(left) < of:
        progress.say(f"{of - len(left):,} of {of:,} shards exist already", shards=of - len(left))
    lost = []
    for number, result in _made(config, task, of, left, progress):
        if isinstance(result, Lost):
            lost.append(f"{number}/{of}")
        elif isinstance(result, bytes):
            shards[number].parent.mkdir(parents=True, exist_ok=True)
            with replacing(shards[number]) as temporary:
                temporary.write_bytes(result)
    if lost:
        raise tell_lost(lost, of, "shard")
    figures = merged(list(shards.values()), task.path, task.store, progress, task.meta)
    if outside := figures["outside_label_map"]:
        _tell_outside(outside, progress)
    return figures


def _made(
    config: EvaluateConfig, task: _Task, of: int, left: Sequence[int], progress: Progress
) -> Iterator[tuple[int, bytes | Lost | None]]:
    """Yield numbers of shards as workers finish them: with their results files where the rows are sent, otherwise the
    workers write these."""
    if config.send_files:
        job: Any = partial(evaluated_shard, config.checkpoint)
        sent = partial(sent_shard, task.store, task.meta, of)
        return map_parts(config.cluster, job, left, progress, what="shards", sent=sent)
    job = partial(_shard, replace(for_workers(config), again=False), of)
    return map_parts(config.cluster, job, left, progress, what="shards")


def _write_parquet(config: EvaluateConfig, path: Path, task: _Task, progress: Progress) -> None:
    """Write rows of finished results, one file per shard; existing files are kept."""
    assert config.parquet is not None
    number, of = config.shard
    numbers: Sequence[int] = [number]
    if of == 1:
        of = shards_of(task.store.count(), config.parts)
        numbers = range(1, of + 1)
    check_folder(config.parquet, task.meta, of)
    results = ResultsStore(path)
    files = {k: shard_file(config.parquet, k) for k in numbers}
    if config.again:
        for file in files.values():
            file.unlink(missing_ok=True)
    left = {k: file for k, file in files.items() if not file.exists()}
    for k, file in progress.track(left.items(), total=len(left), what="Parquet files"):
        its = part(task.store, k, of)
        write_parquet(file, results.between(its.after, its.upto), task.meta, of)
    progress.say(f"rows as Parquet: {config.parquet}")


def _shard(config: EvaluateConfig, of: int, number: int) -> None:
    """Evaluate one shard in a worker, in its folder; model and database stay open for the next shard."""
    files = [path for path in (config.checkpoint, config.db, config.rasters) if path is not None]
    stamp = tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    task = _opened(config, stamp)
    shard = part(task.store, number, of)
    _evaluated(config, shard_path(task.path, shard.name), task, shard, Silent())


@dataclass(frozen=True)
class SentShard:
    """Everything that a worker without a shared folder needs for a shard; the model ships."""

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


def evaluated_shard(checkpoint: Path, sent: SentShard) -> bytes:
    """Evaluate a shard in a worker, which draws its rasters; return the results file."""
    predictor = Predictor.of_worker(checkpoint)
    drawn: list[GlyphRow] = []
    packed: list[np.ndarray] = []
    geometry: list[np.ndarray] = []
    for row, raster in zip(sent.rows, rasters_of(sent.rows), strict=True):
        if not isinstance(raster, GlyphError):  # such glyphs have no raster, and no results
            drawn.append(row)
            packed.append(raster[1])
            geometry.append(raster[2])
    rasters = PackedRasters(
        np.array([row.glyph_id for row in drawn], np.int64),
        np.stack(packed) if packed else np.zeros((0, PACKED), np.uint8),
        np.stack(geometry) if geometry else np.zeros((0, WIDTH), np.float32),
        np.zeros(0, np.uint32),
        whole=True,
    )
    with tempfile.TemporaryDirectory(prefix="glyphcore-") as folder:
        path = Path(folder) / "shard.db"
        writer = ResultsWriter.create_or_resume(path, sent.meta, predictor.about.codebook.reshape(-1, 8, 8))
        try:
            for batch in _predicted(iter(enumerate(drawn)), rasters, predictor):
                writer.append(batch)
            writer.finish(aggregate(path, sent.trained))
        finally:
            writer.close()
        return path.read_bytes()


@lru_cache(maxsize=1)
def _opened(config: EvaluateConfig, stamp: tuple[tuple[int, int], ...]) -> _Task:
    return _Task.of(config, Predictor.of_worker(config.checkpoint))


def _remove(path: Path) -> None:
    for old in (path, path.with_name(f"{path.name}-journal")):
        old.unlink(missing_ok=True)


def _tell_outside(glyphs: int, progress: Progress) -> None:
    progress.say(f"{glyphs:,} glyphs have a label that the checkpoint does not know: predicted, but not counted")


def _evaluated(config: EvaluateConfig, path: Path, task: _Task, shard: Part, progress: Progress) -> dict[str, Any]:
    """Return figures of complete results; incomplete results are completed first. Waits for another process that writes
    them."""
    with alone(path.with_name(f".{path.stem}.lock"), lambda: progress.say(f"{path.name} is being written; waiting")):
        return _evaluated_alone(config, path, task, shard, progress)


def _evaluated_alone(
    config: EvaluateConfig, path: Path, task: _Task, shard: Part, progress: Progress
) -> dict[str, Any]:
    if config.again:
        _remove(path)
    predictor, store = task.predictor, task.store
    writer = ResultsWriter.create_or_resume(path, task.meta, predictor.about.codebook.reshape(-1, 8, 8))
    try:
        if writer.complete:
            writer.mend_columns(progress.say)
            return ResultsStore(path).aggregates
        for note in store.notes:
            progress.say(note)
        rasters = PackedRasters.of(
            store, config.cache, pngs=task.pngs, part=shard if shard.name else None, progress=progress
        )
        _predict(config, predictor, store, rasters, writer, shard, progress)
        training = predictor.about.training
        if shard.name:  # a shard may end inside a font
            figures = aggregate(path, trained_fonts(training, store))
        else:
            figures = evaluated(path, training, predictor.labels, store, (rasters.glyph_id, rasters.geometry))
        if outside := figures["outside_label_map"]:
            _tell_outside(outside, progress)
        writer.finish(figures)
    finally:
        writer.close()
    if not shard.name:
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
    """Write the predictions that are missing."""
    done = writer.last_id
    if done is not None:
        progress.say(f"continuing after glyph {done} ({writer.written:,} glyphs are stored)", written=writer.written)
    start = 0 if done is None else int(np.searchsorted(rasters.glyph_id, done, side="right"))
    glyphs = store.rows(after=shard.after if done is None else done, upto=shard.upto, contours=False)
    batches = _predicted(_with_raster(glyphs, rasters, start), rasters, predictor)
    written = _written(ahead(batches), writer)  # the next batch is predicted while this one is written
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
    """Yield rows that have a raster, each with its index in ``rasters``; both are in key order."""
    place = start
    for row in rows:
        if place < len(rasters.glyph_id) and rasters.glyph_id[place] == row.glyph_id:
            yield place, row
            place += 1


def _predicted(rows: Iterator[tuple[int, GlyphRow]], rasters: PackedRasters, predictor: Predictor) -> Iterator[Batch]:
    """Predict in chunks."""
    index = predictor.labels.index
    outside = outside_of(predictor.about.training)
    for chunk in chunks(rows, CHUNK):
        glyphs = [row for _, row in chunk]
        packed, geometry = rasters.take(np.array([place for place, _ in chunk]))
        truth = np.array([index.get(row.label, -1) for row in glyphs])
        predictions = predictor.predict(packed, geometry, truth)
        pixels = cells(packed)
        target, _ = nearest_primitives(pixels.reshape(-1, 8), predictor.about.codebook)
        assert (target.reshape(len(chunk), -1) != EMPTY).sum() == pixels.any(-1).sum()
        batch = Batch(**vars(predictions), glyphs=glyphs, target=target.reshape(len(chunk), -1))
        if outside is not None:
            strangers = Strangers(outside, outside.kinds_of(predictions, geometry), predictor.labels)
            final_p, none = strangers.alone(predictions.top, predictions.top_p)
            batch = replace(batch, outside=none, final_p=final_p[:, 0])
        yield batch


def _written(batches: Iterator[Batch], writer: ResultsWriter) -> Iterator[None]:
    """Write batches; yield once per glyph, so that progress counts glyphs."""
    for batch in batches:
        writer.append(batch)
        yield from (None for _ in batch.glyphs)
