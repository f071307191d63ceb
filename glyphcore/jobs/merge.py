"""``glyphcore merge``: merge the results of all shards of one evaluation into one results file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glyphcore.analysis.merged import merged
from glyphcore.config import MergeConfig
from glyphcore.data.store import GlyphStore
from glyphcore.progress import Progress, Silent
from glyphcore.results.merging import check_shards


def run(config: MergeConfig, progress: Progress | None = None) -> dict[str, Any]:
    """Merge; return the figures of the whole. After a kill, the same command continues with the next shard.

    Raises StoreError when a shard is missing, unfinished or of another evaluation, or when the database is not that of
    the shards.
    """
    progress = progress or Silent()
    shards = [file for path in config.shards for file in (sorted(path.glob("*.db")) if path.is_dir() else [path])]
    meta, _, name = check_shards(shards)
    path = config.results / name
    figures = merged(shards, path, GlyphStore(config.db or Path(meta.dataset)), progress, linked=config.link)
    progress.say(f"results: {path}")
    return figures
