"""``glyphcore merge``: the results of all shards of one evaluation → one results file, as if evaluated at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.analysis.evaluated import evaluated
from glyphcore.config import MergeConfig
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import alone
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.merging import check_shards, merge
from glyphcore.results.store import ResultsWriter


def run(config: MergeConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Merge; returns the figures of the whole. Killed, the same command goes on with the next shard.

    Raises StoreError when a shard is missing, unfinished or of something else, or when the database is not theirs.
    """
    progress = progress or Silent()
    shards = [file for path in config.shards for file in (sorted(path.glob("*.db")) if path.is_dir() else [path])]
    meta, codebook, name = check_shards(shards)
    store = GlyphStore(config.db or Path(meta.dataset))
    if store.fingerprint != meta.dataset_fingerprint:
        raise StoreError(
            f"{store.path} is not the database of these shards; nothing was merged.",
            subject=store.path,
            remedy="Name it with --db.",
        )
    path = config.results / name
    with alone(path.with_name(f".{path.stem}.lock"), lambda: progress.say(f"{path.name} is being written; waiting")):
        writer = ResultsWriter.create_or_resume(path, meta, codebook)
        try:
            if writer.complete:
                figures = ResultsStore(path).aggregates
            else:
                tracked = progress.track(shards, total=len(shards), what="shards")
                merge(writer, tracked)
                figures = evaluated(path, meta.model["training"], LabelMap.from_plain(meta.labels), store)
                writer.finish(figures)
        finally:
            writer.close()
    progress.say(f"results: {path}")
    return figures
