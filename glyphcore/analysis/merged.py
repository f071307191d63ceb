"""Merges the results of all shards of one evaluation into one results file, with figures of the whole evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glyphcore.analysis.evaluated import evaluated
from glyphcore.data.labels import LabelMap
from glyphcore.data.store import GlyphStore
from glyphcore.errors import StoreError
from glyphcore.files import alone, replacing
from glyphcore.progress import Progress
from glyphcore.results.browse import ResultsStore
from glyphcore.results.merging import check_shards, link, merge
from glyphcore.results.store import ResultsMeta, ResultsWriter, is_complete


def merged(
    shards: Sequence[Path], path: Path, store: GlyphStore, progress: Progress, meta: ResultsMeta | None = None,
    *, linked: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Merge the shards into results at ``path`` and return the figures of the whole. After a kill, the same call
    continues with the next shard.

    ``meta``: description of the whole; None takes that of the first shard. ``linked``: the rows stay in the shards, and
    the file appears when it is complete (:mod:`glyphcore.results.linked`). Complete results are only read. Raises
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
    tracked = progress.track(shards, total=len(shards), what="shards linked" if linked else "shards merged")
    with alone(path.with_name(f".{path.stem}.lock"), lambda: progress.say(f"{path.name} is being written; waiting")):
        if path.exists() and is_complete(path):
            return ResultsStore(path).aggregates
        if not linked:
            return _finished(path, meta, codebook, store, lambda writer: merge(writer, tracked))
        with replacing(path) as unfinished:
            return _finished(unfinished, meta, codebook, store, lambda writer: link(writer, tracked, path.parent))


def _finished(
    path: Path, meta: ResultsMeta, codebook: np.ndarray, store: GlyphStore, fill: Callable[[ResultsWriter], None]
) -> dict[str, Any]:
    """Write results: ``fill`` gives them their rows. Return the figures."""
    writer = ResultsWriter.create_or_resume(path, meta, codebook)
    try:
        fill(writer)
        figures = evaluated(path, meta.model["training"], LabelMap.from_plain(meta.labels), store)
        writer.finish(figures)
    finally:
        writer.close()
    return figures
