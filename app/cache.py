"""The only place with ``st.cache_*``, every cache bounded: what pages ask for, from files to pictures.

Cached per file *and* its modification time, so that a new file takes the old one's place without a restart. Stores open
their connections anew for every query and are safe to share; pictures are plain strings.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from glyphcore import config
from glyphcore.data.cache import PackedRasters, PngFolder, glyph_raster
from glyphcore.data.raster import PACKED, unpack
from glyphcore.data.store import GlyphRow, GlyphStore
from glyphcore.errors import GlyphError
from glyphcore.results.browse import Neighbours, Page, ResultsStore
from glyphcore.results.export import to_csv, to_jsonl
from glyphcore.results.inspection import Inspection, inspect
from glyphcore.results.selection import FacetValue, Filters, Summary
from glyphcore.results.store import ResultsFile, list_results

PAGE = 96
"""Glyphs a page."""
SPRITE = SPRITE_COLUMNS, THUMB = 12, 64
"""Thumbnails a row of a sprite, and the side of one in pixels."""


def database_path() -> Path:
    """The glyph database that the app shows."""
    return Path(os.environ.get("GLYPHCORE_DB", config.DATASET / "glyphs.db"))


def results_folder() -> Path:
    """Where results lie."""
    return Path(os.environ.get("GLYPHCORE_RESULTS", config.CACHE / "results"))


def raster_folder() -> Path:
    """Where ``<glyph_id>.png`` lie for a database without outlines."""
    return Path(os.environ.get("GLYPHCORE_RASTERS", config.DATASET / "rasters"))


@dataclass(frozen=True)
class Source:
    """One opened results file with the database that its glyphs come from."""

    file: ResultsFile
    store: ResultsStore
    database: GlyphStore | None
    notes: tuple[str, ...]
    """What is missing and therefore hidden, to be said once."""


def files() -> list[ResultsFile]:
    """Every results file: complete ones of the current database first, then newest first."""
    folder = results_folder()
    found = _files(str(folder), tuple(_stamp(path) for path in sorted(folder.glob("*.db"))))
    try:
        fingerprint = _database(*_stamp(database_path())).fingerprint
    except (GlyphError, OSError):
        fingerprint = ""
    return sorted(found, key=lambda file: (not file.complete, file.dataset_fingerprint != fingerprint))


def checkpoints() -> list[Path]:
    """Checkpoint files that could be evaluated."""
    return sorted(config.CHECKPOINTS.glob("*.ckpt"))


def evaluation_places() -> tuple[list[Path], Path, Path, Path]:
    """What an evaluation needs: checkpoints to choose from, database, folder of results, folder of rasters."""
    return checkpoints(), database_path(), results_folder(), raster_folder()


def source(name: str) -> Source | None:
    """The results file of that name, else the best one, else None. Raises StoreError when it cannot be read."""
    found = [file for file in files() if file.complete]
    chosen = next((file for file in found if file.path.name == name), found[0] if found else None)
    if chosen is None:
        return None
    store = _results(*_stamp(chosen.path))
    database, notes = _database_of(store)
    return Source(chosen, store, database, notes)


def page(source: Source, filters: Filters, sort: str, start: int | None, limit: int = PAGE) -> Page:
    """One page of a selection."""
    return source.store.page(filters, sort, start, limit)


def page_of(source: Source, filters: Filters, sort: str, glyph: int) -> int | None:
    """The glyph that the page with ``glyph`` starts at; None outside the selection."""
    return source.store.start_of(filters, sort, glyph, PAGE)


def facets(source: Source, filters: Filters) -> dict[str, list[FacetValue]]:
    """Values of every facet with their counts."""
    return _facets(_stamp(source.file.path), filters, source.store)


def summary(source: Source, filters: Filters) -> Summary:
    """Counts over a selection."""
    return source.store.summary(filters)


def neighbours(source: Source, filters: Filters, sort: str, glyph: int) -> Neighbours:
    """Where a glyph stands in a selection."""
    return source.store.neighbours(filters, sort, glyph)


def export(source: Source, filters: Filters, sort: str, kind: str) -> bytes:
    """A whole selection as ``csv`` or ``jsonl``."""
    write = to_csv if kind == "csv" else to_jsonl
    return write(source.store.export(filters, sort)).encode()


def sprite(source: Source, ids: Sequence[int]) -> str:
    """Thumbnails of glyphs in one PNG, as a data URL; empty where glyphs have no picture at all."""
    if source.database is None or not ids:
        return ""
    return _sprite(_stamp(source.database.path), tuple(ids), source.database)


def inspection(source: Source, glyph: int) -> tuple[Inspection, GlyphRow | None, str]:
    """A glyph, how it is stored, and the sprite of its candidates' examples. Raises StoreError for an unknown id."""
    return _inspection(_stamp(source.file.path), glyph, source)


def rasters(database: GlyphStore, ids: Sequence[int]) -> np.ndarray:
    """Packed rasters uint8 [n, 2048] in the order of ``ids``, from outlines or PNG files; blank where there is none.

    Evaluating has left them all packed; only where that is gone are outlines drawn again.
    """
    packed, there = np.zeros((len(ids), PACKED), np.uint8), np.zeros(len(ids), bool)
    pngs = None if database.has_contours else _pngs(*_stamp(raster_folder()))
    if pngs is None and (left := _packed(_stamp(database.path), _stamp(config.CACHE), database)):
        packed, there = left.of_glyphs(ids)
    missing = [glyph_id for glyph_id, known in zip(ids, there, strict=True) if not known]
    found = {glyph.glyph_id: glyph for glyph in database.glyphs(missing)}
    for i, glyph_id in enumerate(ids):
        try:
            if glyph_id in found:
                packed[i] = glyph_raster(found[glyph_id], pngs)
        except GlyphError:
            continue
    return packed


def thumbnails(packed: np.ndarray) -> str:
    """Packed rasters uint8 [n, 2048] → sprite of centred thumbnails as a PNG data URL, ink as opacity."""
    rows = -(-len(packed) // SPRITE_COLUMNS)
    sheet = np.zeros((rows, THUMB, SPRITE_COLUMNS, THUMB), np.uint8)
    for i, glyph in enumerate(unpack(packed)):
        # Two by two pixels become one of five greys. Rasters lie in the top left corner; from the middle, pictures are
        # easier to compare.
        pairs = glyph[:, ::2] + glyph[:, 1::2]
        small = pairs[::2] + pairs[1::2]
        across, down = np.flatnonzero(small.max(0)), np.flatnonzero(small.max(1))
        if len(across):
            height, width = down[-1] + 1, across[-1] + 1
            top, left = (THUMB - height) // 2, (THUMB - width) // 2
            tile = sheet[i // SPRITE_COLUMNS, :, i % SPRITE_COLUMNS]
            tile[top : top + height, left : left + width] = small[:height, :width]
    image = Image.frombytes("P", (SPRITE_COLUMNS * THUMB, rows * THUMB), sheet.tobytes())
    image.putpalette(bytes(15))
    data = io.BytesIO()
    image.save(data, "PNG", transparency=bytes([0, 64, 128, 191, 255]), bits=4, compress_level=4)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


@st.cache_resource(max_entries=1, show_spinner=False)
def running() -> dict[str, Any]:
    """Evaluations that were started from the app, by results folder; shared between sessions."""
    return {}


def _stamp(path: Path) -> tuple[str, int]:
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


@st.cache_data(max_entries=4, show_spinner=False)
def _files(folder: str, stamps: tuple) -> list[ResultsFile]:
    return list_results(Path(folder))


@st.cache_resource(max_entries=4, show_spinner=False)
def _results(path: str, stamp: int) -> ResultsStore:
    return ResultsStore(Path(path))


@st.cache_resource(max_entries=4, show_spinner=False)
def _database(path: str, stamp: int) -> GlyphStore:
    return GlyphStore(Path(path))


@st.cache_resource(max_entries=2, show_spinner=False)
def _packed(database: tuple[str, int], folder: tuple[str, int], _database: GlyphStore) -> PackedRasters | None:
    return PackedRasters.existing(_database, config.CACHE)


@st.cache_resource(max_entries=2, show_spinner=False)
def _pngs(path: str, stamp: int) -> PngFolder | None:
    return PngFolder(Path(path)) if Path(path).is_dir() else None


def _database_of(store: ResultsStore) -> tuple[GlyphStore | None, tuple[str, ...]]:
    """The database that results were made of: the current one, or where they say it was."""
    for path in (database_path(), Path(store.meta.dataset)):
        try:
            database = _database(*_stamp(path))
        except GlyphError:
            continue
        if database.fingerprint == store.meta.dataset_fingerprint:
            return database, tuple(store.meta.notes)
    gone = f"{Path(store.meta.dataset).name} is gone or has changed since: no pictures. Evaluate again to see them."
    return None, (*store.meta.notes, gone)


@st.cache_data(max_entries=128, show_spinner=False)
def _facets(stamp: tuple[str, int], filters: Filters, _store: ResultsStore) -> dict[str, list[FacetValue]]:
    return _store.facets(filters)


@st.cache_data(max_entries=256, show_spinner=False)
def _sprite(stamp: tuple[str, int], ids: tuple[int, ...], _database: GlyphStore) -> str:
    return thumbnails(rasters(_database, ids))


@st.cache_data(max_entries=256, show_spinner=False)
def _inspection(stamp: tuple[str, int], glyph: int, _source: Source) -> tuple[Inspection, GlyphRow | None, str]:
    packed, stored = None, None
    if _source.database is not None:
        stored = next(iter(_source.database.glyphs([glyph])), None)
        packed = rasters(_source.database, [glyph])[0]
    seen = inspect(_source.store, glyph, packed if packed is not None and packed.any() else None)
    return seen, stored, sprite(_source, [each for candidate in seen.candidates for each in candidate.examples])
