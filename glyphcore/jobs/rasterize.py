"""``glyphcore rasterize``: write a database's rasters as ``<glyph_id>.png``, for other tools.

Existing files are kept, so an interrupted run continues where it stopped. The folder stores its database and raster
policy, because glyphs of another database have the same file names.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from glyphcore.cluster.engine import Lost, map_parts, tell_lost
from glyphcore.cluster.files import for_workers
from glyphcore.config import RasterizeConfig
from glyphcore.data.cache import glyph_raster
from glyphcore.data.raster import POLICY, write_png
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.data.store.shards import part, shards_of
from glyphcore.errors import GlyphError, StoreError
from glyphcore.files import replacing, writing
from glyphcore.progress import Progress, Silent


def run(config: RasterizeConfig, progress: Progress | None = None) -> Counter[str]:
    """Write the missing rasters; return counts of ``written``, ``present`` and of glyphs without a raster by reason.

    Raises StoreError when the database has no outlines, or when the folder has rasters of another database.
    """
    progress = progress or Silent()
    store = GlyphStore(config.db)
    if not store.has_contours:
        raise StoreError(f"{config.db} has no contours, so there is nothing to draw.", subject=config.db)
    config.out.mkdir(parents=True, exist_ok=True)
    _mark_folder(config.out, f"{store.fingerprint} {POLICY.version}")
    if config.cluster and store.count():
        counts = _by_workers(config, store, progress)
    else:
        there = {entry.name for entry in os.scandir(config.out)}
        rows = progress.track(store.rows(), total=store.count(), what="rasters")
        counts = _written(config.out, rows, there.__contains__)
    progress.say(f"{config.out}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items()))
    return counts


def _written(out: Path, rows: Iterable[GlyphRow], there: Callable[[str], bool]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        name = f"{row.glyph_id}.png"
        if there(name):
            counts["present"] += 1
            continue
        try:
            packed = glyph_raster(row)
        except GlyphError as error:
            counts[error.problem] += 1
            continue
        with replacing(out / name, flush=False) as temporary:
            write_png(temporary, packed)
        counts["written"] += 1
    return counts


def _by_workers(config: RasterizeConfig, store: GlyphStore, progress: Progress) -> Counter[str]:
    """Do the same with workers, one part of the database each. Raises ClusterError when no worker survives a part,
    after all other parts are done."""
    of = shards_of(store.count())
    counts: Counter[str] = Counter()
    lost: list[str] = []
    job = partial(_part, for_workers(config), of)
    for number, found in map_parts(config.cluster, job, range(1, of + 1), progress, what="parts"):
        if isinstance(found, Lost):
            lost.append(f"{number}/{of}")
        else:
            counts.update(found)
    if lost:
        raise tell_lost(lost, of, "part")
    return counts


def _part(config: RasterizeConfig, of: int, number: int) -> dict[str, int]:
    """Write one part of the rasters in a worker."""
    store = GlyphStore(config.db)
    its = part(store, number, of)
    rows = store.rows(after=its.after, upto=its.upto)
    return dict(_written(config.out, rows, lambda name: (config.out / name).exists()))


def _mark_folder(folder: Path, source: str) -> None:
    """Mark ``folder`` as the folder of ``source``."""
    mark = folder / "source.txt"
    if not mark.exists():
        with writing(mark) as file:
            file.write(source + "\n")
    elif mark.read_text(encoding="utf-8").strip() != source:
        raise StoreError(
            f"{folder} holds rasters of another database; nothing was written.",
            subject=folder,
            remedy="Choose another folder, or remove this one.",
        )
