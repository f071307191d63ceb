"""The files of the app, and stores opened on them. What is opened here is shared by all pages; each cache is bounded.

Caches are keyed by file *and* modification time, so that a new file replaces the old one without a restart. Stores open
a new connection for every query and are safe to share. Pictures are plain strings.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from app.shared import replaced
from app.shared.parameters import MAX_QUOTED_CHARACTERS
from app.shared.replaced import let_go_with_results
from glyphcore import config
from glyphcore.annotations.dataset import Annotated
from glyphcore.annotations.store import Annotations
from glyphcore.data.cache import PackedRasters
from glyphcore.data.store import GlyphStore
from glyphcore.data.store.label_list import beside
from glyphcore.errors import GlyphError, StoreError
from glyphcore.files import fingerprint
from glyphcore.results.browse import ResultsStore
from glyphcore.results.buckets import Known
from glyphcore.results.standing import Standing, problem_of
from glyphcore.results.standing import standing as standing_of
from glyphcore.results.store import ResultsFile, list_results

SHIPPED_ALL = "glyphcore prepare --all"


def database_path() -> Path:
    """Return the path of the glyph database that the app shows."""
    return Path(os.environ.get("GLYPHCORE_DB", config.DATASET / "glyphs.db"))


def results_folder() -> Path:
    """Return the folder of the results files."""
    return Path(os.environ.get("GLYPHCORE_RESULTS", config.CACHE / "results"))


def raster_folder() -> Path:
    """Return the folder of rasters for a database without outlines: set by the environment, or beside a label list."""
    usual = beside(database_path()) or config.DATASET / "rasters"
    return Path(os.environ.get("GLYPHCORE_RASTERS", usual))


def annotations_path() -> Path:
    """Return the file of tags, notes and saved views."""
    return Path(os.environ.get("GLYPHCORE_ANNOTATIONS", config.PROJECT / "annotations.db"))


@dataclass(frozen=True)
class Source:
    """An opened results file, with the database of its glyphs."""

    file: ResultsFile
    store: ResultsStore
    database: GlyphStore | None
    notes: tuple[str, ...]
    """One line each about parts that are hidden because something is missing; the page shows them once."""
    annotated: Annotated
    """Tags, notes and corrected labels of its glyphs."""

    @property
    def own_splits(self) -> bool:
        """Whether the database says which glyphs are val; otherwise the splits were derived from the fonts."""
        return self.database is None or self.database.has_splits

    def has(self, glyph: int) -> bool:
        """Return whether the results have a glyph with that id."""
        return self.store.columns.row(glyph) is not None


def files() -> list[ResultsFile]:
    """Return every results file: complete files of the current database first, then the newest first."""
    folder = results_folder()
    results = _files(str(folder), tuple(stamp(path) for path in sorted(folder.glob("*.db"))))
    try:
        fingerprint = _database(*stamp(database_path())).fingerprint
    except (GlyphError, OSError):
        fingerprint = ""
    return sorted(results, key=lambda file: (not file.complete, file.dataset_fingerprint != fingerprint))


def checkpoints() -> list[Path]:
    """Return the checkpoint files that could be evaluated."""
    return sorted(config.CHECKPOINTS.glob("*.ckpt"))


def standing() -> Standing:
    """Return the status of the checkpoints for the current database; empty if the database is unreadable (the page
    reports that)."""
    try:
        database = _database(*stamp(database_path())).fingerprint
        named = {path: _checkpoint(*stamp(path)) for path in checkpoints()}
    except (GlyphError, OSError):
        return Standing()
    return standing_of(files(), named, database)


class EvaluationPaths(NamedTuple):
    """Paths and functions that evaluations need."""

    get_standing: Callable[[], Standing]
    """Returns which checkpoints are evaluated by now."""
    database: Path
    results: Path
    rasters: Path
    """Folder of ``<glyph_id>.png`` files, for a database without outlines."""
    evaluate_all_command: str
    """The command that evaluates all checkpoints; empty if there is none."""


def evaluation_paths() -> EvaluationPaths:
    """Return the paths that evaluations started from the app read and write."""
    shipped = database_path() == config.DATASET / "glyphs.db" and results_folder() == config.CACHE / "results"
    return EvaluationPaths(standing, database_path(), results_folder(), raster_folder(), SHIPPED_ALL if shipped else "")


def source(name: str) -> Source | None:
    """Return the results ``name``, else the file this session saw before without a name, else the best file.

    ``name`` is a file name, or a checkpoint's name as in the commands: its newest results on the current database.

    The session's file comes second so that the end of an evaluation changes no page on screen. None if there are no
    results. If the named file is gone, the notes say so. Raises StoreError when the file cannot be read.
    """
    complete = _complete()
    if not complete:
        return None
    requested = name = name if name in complete else _file_name(name)
    if name not in complete:
        name = st.session_state.get("unnamed_results", "")
        st.session_state["unnamed_results"] = name = name if name in complete else next(iter(complete))
    found = _opened(complete[name])
    if requested and requested != name:
        gone = f"There are no results {requested[:MAX_QUOTED_CHARACTERS]} here; {name} is shown instead."
        return replace(found, notes=(gone, *found.notes))
    return found


def named(name: str) -> Source:
    """Return the complete results file ``name``, without session state. Raises StoreError if there is none."""
    complete = _complete()
    if (file := complete.get(name) or complete.get(_file_name(name))) is None:
        raise StoreError(f"There are no results {name[:MAX_QUOTED_CHARACTERS]!r}.", remedy="Reload the page.")
    return _opened(file)


def _complete() -> dict[str, ResultsFile]:
    return {file.path.name: file for file in files() if file.complete}


def _file_name(name: str) -> str:
    """Return the file name of the newest results of a checkpoint on the current database; any other name unchanged."""
    named = [file for file in files() if file.complete and file.checkpoint == name]
    try:
        own = database().fingerprint if named else ""
    except (GlyphError, OSError):
        return name
    return next((file.path.name for file in named if file.dataset_fingerprint == own), name)


def _opened(chosen: ResultsFile) -> Source:
    database, notes = _database_of(open_results(chosen.path))
    stamps = stamp(chosen.path), None if database is None else stamp(database.path), str(annotations_path())
    store, annotated = _with_selectors(stamps, open_results(chosen.path), database)
    return Source(chosen, store, database, notes, annotated)


def database() -> GlyphStore:
    """Return the database that the app shows. Raises StoreError when it cannot be read."""
    return _database(*stamp(database_path()))


def open_results(path: Path) -> ResultsStore:
    """Return an opened results file. Raises StoreError when it cannot be read."""
    return _results(*stamp(path))


@st.cache_resource(max_entries=1, show_spinner=False)
def running() -> dict[str, Any]:
    """Evaluations started from the app, by database and results folder; shared between sessions."""
    return {}


def stamp(path: Path) -> tuple[str, int]:
    return str(path), path.stat().st_mtime_ns if path.exists() else 0


@st.cache_data(max_entries=64, show_spinner=False)
def _checkpoint(path: str, stamp: int) -> tuple[str, str]:
    """Return the fingerprint of a checkpoint file, and why it cannot be used."""
    return fingerprint(Path(path)), problem_of(Path(path))


@st.cache_data(max_entries=4, show_spinner=False)
def _files(folder: str, stamps: tuple) -> list[ResultsFile]:
    found = list_results(Path(folder))
    replaced.note(folder, dict(stamp(file.path) for file in found if file.complete))
    return found


@let_go_with_results
@st.cache_resource(max_entries=8, show_spinner=False)
def _results(path: str, stamp: int) -> ResultsStore:
    return ResultsStore(Path(path))


@let_go_with_results
@st.cache_resource(max_entries=8, show_spinner=False)
def _with_selectors(
    stamps: tuple, _opened: ResultsStore, _database: GlyphStore | None
) -> tuple[ResultsStore, Annotated]:
    """Return results that can also be selected by tags and sizes, made once for a results file and its database."""

    known: list[Known] = []

    def geometry() -> Known | None:
        rasters = None if known or _database is None else PackedRasters.existing(_database, config.CACHE)
        if rasters is not None:
            known.append((rasters.glyph_id, rasters.geometry))
        return known[0] if known else None

    annotated = Annotated(Annotations(annotations_path()), _opened.meta.dataset_fingerprint, _database)
    return _opened.joined(tags=annotated.tagged, geometry=geometry), annotated


@st.cache_resource(max_entries=4, show_spinner=False)
def _database(path: str, stamp: int) -> GlyphStore:
    return GlyphStore(Path(path))


def _database_of(store: ResultsStore) -> tuple[GlyphStore | None, tuple[str, ...]]:
    """Return the database that the results were made from: the current one, or the one at the path in the results."""
    for path in (database_path(), Path(store.meta.dataset)):
        try:
            database = _database(*stamp(path))
        except GlyphError:
            continue
        if database.fingerprint == store.meta.dataset_fingerprint:
            return database, tuple(store.meta.notes)
    note = (
        f"{Path(store.meta.dataset).name} was removed or changed, so there are no pictures. Evaluate again to see them."
    )
    return None, (*store.meta.notes, note)
