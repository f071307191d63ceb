"""Results by name: which file is meant, and how it is opened. Never another one than the one that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from glyphcore.config import DATASET
from glyphcore.data.cache import PackedRasters, PngFolder
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError, StoreError
from glyphcore.files import fingerprint
from glyphcore.progress import Progress, Silent
from glyphcore.results.browse import ResultsStore
from glyphcore.results.buckets import Known
from glyphcore.results.filters import SORTS, SPOKEN, Filters, asks_for_cells, asks_for_sizes, parse_sort
from glyphcore.results.store import list_results

TagsOf = Callable[[str], Mapping[str, np.ndarray]]
"""Fingerprint of a database → glyph ids, int64, of each tag."""


def find_results(folder: Path, name: Path, database: GlyphStore | Path) -> Path:
    """Find the finished results that ``name`` means.

    A results file is meant by its path or its name in ``folder``. A checkpoint means its newest results on
    ``database``: by its file, those of that very file; by its mere name, those of any checkpoint called so. Raises
    StoreError when there are none, and when the database is needed and cannot be read.
    """
    if name.suffix == ".db":
        match = next((path for path in (name, folder / name) if path.is_file()), None)
        if match is None:
            raise StoreError(f"{name} does not exist.", subject=name, remedy="Evaluate the checkpoint first.")
        return match
    store = database if isinstance(database, GlyphStore) else GlyphStore(database)
    hashed = fingerprint(name) if name.is_file() else ""
    stem = name.stem if name.suffix == ".ckpt" else name.name  # a mere name may have a dot, too
    for file in list_results(folder):
        fits = file.complete and file.checkpoint == stem and file.dataset_fingerprint == store.fingerprint
        if fits and hashed in file.path.name:
            return file.path
    raise StoreError(
        f"{name} was not evaluated on {store.path}.",
        subject=name,
        remedy=f"Run 'glyphcore evaluate {name} --db {store.path}' first.",
    )


def open_gathered(
    name: Path, db: Path, results: Path, cache: Path, *, rasters: Path | None = None, progress: Progress | None = None
) -> ResultsStore:
    """Open the results that ``name`` means, with its ``cells`` and sizes.

    ``name`` and ``db``: as for :func:`find_results`. ``cache`` is the folder of packed
    rasters, ``rasters`` a folder of PNG files that take their place. Where the database is gone, targets stay unknown.
    Raises StoreError when there are no results.
    """
    progress = progress or Silent()
    path = find_results(results, name, db)

    def geometry() -> Known | None:
        return None if (packed := rasters_of_store()) is None else (packed.glyph_id, packed.geometry)

    results_file = ResultsStore(path)
    if remark := about_another(results_file, db):
        progress.say(f"{remark}: they are shown as they are stored")
    rasters_of_store = lru_cache(1)(lambda: packed_rasters(results_file, db, cache, rasters, progress))
    store = results_file.joined(geometry=geometry)
    if not store.has_cell_index:
        packed = rasters_of_store()
        if packed is None:
            progress.say(f"no pictures for {store.path.name}: which cells were misread stays unknown")
        store.build_cell_index(None if packed is None else lambda ids: packed.of_glyphs(ids)[0], progress)
    return store


def open_for(
    filters: Filters, name: Path, db: Path, results: Path, cache: Path, *, tags: TagsOf | None = None,
    progress: Progress | None = None,
) -> ResultsStore:  # fmt: skip
    """Open the results that ``name`` means so that they can answer ``filters``; cells are gathered only for these.

    ``tags`` gives the glyphs of each tag for a database's fingerprint. Raises StoreError as :func:`open_gathered`, and
    for filters that these results cannot answer (:func:`answerable`).
    """
    if asks_for_cells(filters) or asks_for_sizes(filters):
        store = open_gathered(name, db, results, cache, progress=progress)
    else:
        store = ResultsStore(find_results(results, name, db))
    if tags is not None:
        of, fingerprint = tags, store.meta.dataset_fingerprint
        store = store.joined(tags=lambda: of(fingerprint))
    answerable(store, filters)
    return store


def answerable(store: ResultsStore, filters: Filters) -> None:
    """Raises StoreError where the results have no glyph of a value that is named, or do not know sizes or tags that
    are asked for."""
    if asks_for_sizes(filters) and store.selector.extents() is None:
        raise StoreError(
            "The sizes of these glyphs are unknown.", remedy="Leave the size away, or keep their database."
        )
    for name in SPOKEN:
        named = (*getattr(filters, name), *filters.without(name))
        if unknown := [value for value in named if value not in store.columns.words[name]]:
            word = name.replace("_", "-")
            raise StoreError(
                f"These results have no {word} {', '.join(map(repr, unknown))}.",
                subject=store.path,
                remedy=f"Leave {word} away to see all.",
            )
    wanted = (*filters.tag, *filters.without("tag"))
    if unknown := [tag for tag in wanted if tag not in store.selector.tags()]:
        raise StoreError(f"No glyph of these results is tagged {', '.join(map(repr, unknown))}.",
                         remedy="'glyphcore tags list' names the tags in use.")  # fmt: skip


def sortable(store: ResultsStore, filters: Filters, sort: str) -> None:
    """Raises StoreError where results lack what ``sort`` goes by: sizes, or the check of labels."""
    wanted = SORTS[parse_sort(sort)][0]
    if wanted in ("size", "noise") and store.selector.column(filters, sort) != wanted:
        lacking = {
            "size": ("The sizes of these glyphs are unknown.", "Sort by something else, or keep their database."),
            "noise": ("Nobody has looked for doubtful labels here.", "Run 'glyphcore label-issues' first."),
        }
        raise StoreError(lacking[wanted][0], remedy=lacking[wanted][1])


def about_another(store: ResultsStore, db: Path) -> str:
    """The beginning of a sentence if a database was named that is not what the results are about; else nothing."""
    try:
        other = db != DATASET / "glyphs.db" and GlyphStore(db).fingerprint != store.meta.dataset_fingerprint
    except (GlyphError, OSError):
        return ""
    return f"{store.path.name} holds results of another database than {db}" if other else ""


def packed_rasters(
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
