"""Merges the results of all shards of one evaluation into one results file, with figures of the whole evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glyphcore.analysis.evaluated import evaluated
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import alone
from glyphcore.progress import Progress
from glyphcore.results.browse import ResultsStore
from glyphcore.results.merging import check_shards, merge
from glyphcore.results.store import ResultsMeta, ResultsWriter


def merged(
    shards: Sequence[Path], path: Path, store: GlyphStore, progress: Progress, meta: ResultsMeta | None = None
) -> dict[str, Any]:
    """Merge the shards into results at ``path`` and return the figures of the whole. After a kill, the same call
    continues with the next shard.

    ``meta``: description of the whole; None takes that of the first shard. Complete results are only read. Raises
    StoreError when a shard is missing, unfinished or of another evaluation, or when ``store`` is not the database of
    the shards.
    """
    theirs, codebook, _ = check_shards(shards)
    meta = meta or theirs
    if store.fingerprint != theirs.dataset_fingerprint:
        raise StoreError(
            f"{store.path} is not the database of these shards; nothing was merged.",
            subject=store.path,
            remedy="Name it with --db.",
        )
    with alone(path.with_name(f".{path.stem}.lock"), lambda: progress.say(f"{path.name} is being written; waiting")):
        writer = ResultsWriter.create_or_resume(path, meta, codebook)
        try:
            if writer.complete:
                return ResultsStore(path).aggregates
            merge(writer, progress.track(shards, total=len(shards), what="shards merged"))
            figures = evaluated(path, meta.model["training"], LabelMap.from_plain(meta.labels), store)
            writer.finish(figures)
        finally:
            writer.close()
    return figures
