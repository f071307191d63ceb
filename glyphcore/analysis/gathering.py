"""Results by name with their cells gathered: what jobs that ask about cells begin with."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from glyphcore.analysis.compare import find_results
from glyphcore.config import DATASET
from glyphcore.data.cache import PackedRasters, PngFolder
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.cells import gather
from glyphcore.results.sizes import Extents


def open_gathered(
    name: Path, db: Path, results: Path, cache: Path, *, rasters: Path | None = None, progress: Progress | None = None
) -> ResultsStore:
    """The results that ``name`` means (a file, a checkpoint's file or its stem), with its ``cells`` and sizes.

    ``db`` is the database of a checkpoint's results; a results file knows its own. ``cache`` is the folder of packed
    rasters, ``rasters`` a folder of PNG files that take their place. Where the database is gone, targets stay unknown.
    Raises StoreError when there are no results.
    """
    progress = progress or Silent()
    store = ResultsStore(name if name.suffix == ".db" else find_results(results, name, GlyphStore(db)))
    if said := about_another(store, db):
        progress.say(f"{said}: they are shown as they are stored")
    found = lru_cache(1)(lambda: _packed(store, db, cache, rasters, progress))
    store.columns.extent = Extents(
        store.columns.data["glyph_id"], lambda: None if (known := found()) is None else (known.glyph_id, known.geometry)
    )
    if not store.gathered:
        packed = found()
        if packed is None:
            progress.say(f"no pictures for {store.path.name}: which cells were misread stays unknown")
        store.cells = gather(store, None if packed is None else lambda ids: packed.of_glyphs(ids)[0], progress)
    return store


def about_another(store: ResultsStore, db: Path) -> str:
    """The beginning of a sentence if a database was named that is not what the results are about; else nothing."""
    try:
        other = db != DATASET / "glyphs.db" and GlyphStore(db).fingerprint != store.meta.dataset_fingerprint
    except (GlyphError, OSError):
        return ""
    return f"{store.path.name} holds results of another database than {db}" if other else ""


def _packed(
    store: ResultsStore, db: Path, cache: Path, rasters: Path | None, progress: Progress
) -> PackedRasters | None:
    """The rasters that were evaluated: of the database where the results say it is, else of an equal ``db``."""
    for path in (Path(store.meta.dataset), db):
        try:
            database = GlyphStore(path)
            if database.fingerprint != store.meta.dataset_fingerprint:
                continue
        except (GlyphError, OSError):
            continue
        pngs = PngFolder.of(path, rasters)
        if database.has_contours or pngs is not None:
            return PackedRasters.of(database, cache, pngs=pngs, progress=progress)
    return None
