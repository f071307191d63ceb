"""Finds and opens results by name. Other results than the named ones are never opened."""

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
    """Find the finished results that ``name`` stands for.

    A results file is found by its path or by its name in ``folder``. A checkpoint stands for its newest results on
    ``database``: a file for the results of exactly that file, a plain name for those of any checkpoint with that name.
    Raises StoreError when there are none, and when the database is needed and cannot be read.
    """
    if name.suffix == ".db":
        match = next((path for path in (name, folder / name) if path.is_file()), None)
        if match is None:
            raise StoreError(f"{name} does not exist.", subject=name, remedy="Evaluate the checkpoint first.")
        return match
    store = database if isinstance(database, GlyphStore) else GlyphStore(database)
    hashed = fingerprint(name) if name.is_file() else ""
    stem = name.stem if name.suffix == ".ckpt" else name.name  # a plain name may contain a dot, too
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
    """Open the results that ``name`` stands for, with their ``cells`` and sizes.

    ``name`` and ``db``: as in :func:`find_results`. ``cache`` is the folder of packed rasters, ``rasters`` a folder of
    PNG files that replace them. Where the database does not exist any more, targets stay unknown. Raises StoreError
    when there are no results.
    """
    progress = progress or Silent()
    path = find_results(results, name, db)

    def geometry() -> Known | None:
        return None if (packed := rasters_of_store()) is None else (packed.glyph_id, packed.geometry)

    results_file = ResultsStore(path)
    if remark := about_another(results_file, db):
        progress.say(f"{remark}: the stored results are shown")
    rasters_of_store = lru_cache(1)(lambda: packed_rasters(results_file, db, cache, rasters, progress))
    store = results_file.joined(geometry=geometry)
    if not store.has_cell_index:
        packed = rasters_of_store()
        if packed is None:
            progress.say(f"no pictures for {store.path.name}: the misread cells are unknown")
        store.build_cell_index(None if packed is None else lambda ids: packed.of_glyphs(ids)[0], progress)
    return store


def open_for(
    filters: Filters, name: Path, db: Path, results: Path, cache: Path, *, tags: TagsOf | None = None,
    progress: Progress | None = None,
) -> ResultsStore:  # fmt: skip
    """Open the results that ``name`` stands for so that they can answer ``filters``; cells are gathered only if these
    need them.

    ``tags`` gives the glyphs of each tag for a database's fingerprint. Raises StoreError as :func:`open_gathered` does,
    and for filters that these results cannot answer (:func:`answerable`).
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
    """Raise StoreError where the results have no glyph with a value of the filters, or have no sizes or tags that the
    filters need."""
    if asks_for_sizes(filters) and store.selector.extents() is None:
        raise StoreError(
            "The sizes of these glyphs are unknown.", remedy="Remove the size, or keep the database of the results."
        )
    for name in SPOKEN:
        named = (*getattr(filters, name), *filters.without(name))
        if unknown := [value for value in named if value not in store.columns.words[name]]:
            word = {"char_class": "class"}.get(name, name)
            raise StoreError(
                f"These results have no {word} {', '.join(map(repr, unknown))}.",
                subject=store.path,
                remedy=f"Remove {word} to see all glyphs.",
            )
    wanted = (*filters.tag, *filters.without("tag"))
    if unknown := [tag for tag in wanted if tag not in store.selector.tags()]:
        raise StoreError(f"No glyph of these results is tagged {', '.join(map(repr, unknown))}.",
                         remedy="'glyphcore tags list' names the tags in use.")  # fmt: skip


def sortable(store: ResultsStore, filters: Filters, sort: str) -> None:
    """Raise StoreError where results lack the data of ``sort``: sizes, or the check of labels."""
    wanted = SORTS[parse_sort(sort)][0]
    if wanted in ("size", "noise") and store.selector.column(filters, sort) != wanted:
        lacking = {
            "size": (
                "The sizes of these glyphs are unknown.",
                "Choose another order, or keep the database of the results.",
            ),
            "noise": ("These results have no queue of doubtful labels.", "Run 'glyphcore label-issues' first."),
        }
        raise StoreError(lacking[wanted][0], remedy=lacking[wanted][1])


def about_another(store: ResultsStore, db: Path) -> str:
    """Return the beginning of a sentence if ``db`` is another database than that of the results; else an empty text."""
    try:
        other = db != DATASET / "glyphs.db" and GlyphStore(db).fingerprint != store.meta.dataset_fingerprint
    except (GlyphError, OSError):
        return ""
    return f"{store.path.name} was made from another database than {db}" if other else ""


def packed_rasters(
    store: ResultsStore, db: Path, cache: Path, rasters: Path | None, progress: Progress
) -> PackedRasters | None:
    """Return the rasters that were evaluated: of the database at the path in the results, else of an equal ``db``."""
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
