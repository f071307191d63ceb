"""Results by name with their cells gathered: what jobs that ask about cells begin with."""

from __future__ import annotations

from pathlib import Path

from glyphcore.analysis.compare import find_results
from glyphcore.data.cache import PackedRasters, PngFolder
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.files import fingerprint
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.cells import Rasters, gather


def open_gathered(
    name: Path, db: Path, results: Path, cache: Path, *, rasters: Path | None = None, progress: Progress | None = None
) -> ResultsStore:
    """The results that ``name`` means (a file, a checkpoint's file or its stem), with ``cells`` that are there.

    ``db`` is the database of a checkpoint's results; a results file knows its own. ``cache`` is the folder of packed
    rasters, ``rasters`` a folder of PNG files that take their place. Where the database is gone, targets stay unknown.
    Raises StoreError when there are no results.
    """
    progress = progress or Silent()
    if name.suffix == ".db":
        store = ResultsStore(name)
    else:
        store = ResultsStore(find_results(results, name, GlyphStore(db), fingerprint(name) if name.is_file() else ""))
    if not store.gathered:
        store.cells = gather(store, _pictures(store, db, cache, rasters, progress), progress)
    return store


def _pictures(store: ResultsStore, db: Path, cache: Path, rasters: Path | None, progress: Progress) -> Rasters | None:
    for path in (Path(store.meta.dataset), db):
        try:
            database = GlyphStore(path)
            if database.fingerprint != store.meta.dataset_fingerprint:
                continue
        except (GlyphError, OSError):
            continue
        if database.has_contours or rasters is not None:
            pngs = None if rasters is None else PngFolder(rasters)
            packed = PackedRasters.of(database, cache, pngs=pngs, progress=progress)
            return lambda ids: packed.of_glyphs(ids)[0]
    progress.say(f"no pictures for {store.path.name}: which cells were misread stays unknown")
    return None
