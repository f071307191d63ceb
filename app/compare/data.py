"""Aligned results of checkpoints, and the data that the Compare page shows for a pair of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.compare.state import Comparison
from app.shared import glyphs, pictures, sources
from app.shared.replaced import let_go_with_results
from glyphcore.analysis import compare, flips
from glyphcore.analysis.alignment import AlignedResults, load, speed_of
from glyphcore.analysis.flips import Change, Choice, FlipPage, Grids
from glyphcore.analysis.metrics import figures
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.store import ResultsFile

PAGE = 48
"""Flips per page."""
POINTS = 600
"""Most points of each kind in the confidence chart."""
MAX_CHECKPOINTS = 6
"""Most checkpoints compared by default; a link can name more."""


@dataclass(frozen=True, eq=False)
class AvailableResults:
    """Results that can be compared, and finished results of other databases, which cannot."""

    usable: list[ResultsFile]
    """Finished results of the current database, newest first."""
    elsewhere: list[ResultsFile]
    """Finished results of other databases."""
    database: Path


@dataclass(frozen=True, eq=False)
class LoadedComparison:
    """A comparison with its defaults filled in."""

    compared: AlignedResults
    stamp: tuple
    """Cache key of the results in ``compared``."""
    a: int
    b: int
    choice: Choice

    @property
    def files(self) -> list[str]:
        """Names of the results files, in the order of the models."""
        return [store.path.name for store in self.compared.stores]


def available_results() -> AvailableResults:
    """Return the results that are in their folder now. Raises StoreError if there are results but the database is
    unreadable: the database says which fonts a checkpoint was trained on."""
    database, files = sources.database_path(), [file for file in sources.files() if file.complete]
    fingerprint = sources.database().fingerprint if files else ""
    usable = [file for file in files if file.dataset_fingerprint == fingerprint]
    return AvailableResults(usable, [file for file in files if file not in usable], database)


def chosen(requested: Comparison, available: AvailableResults) -> list[str]:
    """Return the names of the results to compare: the requested ones, else the newest ones of each checkpoint."""
    by_name = {file.path.name: file for file in available.usable}
    names = [name for name in requested.files if name in by_name]
    if len(names) < 2:
        newest = {file.checkpoint: file.path.name for file in reversed(available.usable)}
        newer = list(newest.values())[::-1] if len(newest) > 1 else list(by_name)
        names = [name for name in by_name if name in {*newer, *names, requested.a, requested.b}][:MAX_CHECKPOINTS]
    return names


def load_comparison(requested: Comparison, available: AvailableResults) -> LoadedComparison:
    """Return the comparison with defaults; unknown names are ignored. Raises StoreError (see ``compared.load``)."""
    names, by_name = chosen(requested, available), {file.path.name: file for file in available.usable}
    stamps = tuple(sources.stamp(by_name[name].path) for name in names)
    compared = _compared(stamps, sources.stamp(available.database), requested.split)
    best = max(range(len(names)), key=lambda i: int(compared.right(i).sum()))
    a = names.index(requested.a) if requested.a in names else best
    others = [i for i in range(len(names)) if i != a]
    b = names.index(requested.b) if requested.b in names and requested.b != names[a] else others[0]
    choice = Choice(a, b, requested.criterion, requested.kind)
    return LoadedComparison(compared, (stamps, requested.split), a, b, choice)


def narrowed(comparison: LoadedComparison, filters: Filters) -> LoadedComparison | None:
    """Return the comparison of the glyphs that pass ``filters``; None if no glyph passes. Filters by prediction,
    confidence and cells use the results of model a."""
    if filters == EVERYTHING:
        return comparison
    source = sources.source(comparison.files[comparison.a])
    assert source is not None
    glyphs.ready(source, filters)
    if not comparison.compared.passes(filters, comparison.a).any():
        return None
    stamp = (*comparison.stamp, comparison.a, filters, glyphs.selection_state(source, filters))
    return replace(comparison, compared=_narrowed(stamp, filters, comparison.a, comparison.compared), stamp=stamp)


def overview(comparison: LoadedComparison) -> list[dict[str, Any]]:
    """Return for each model the facts of :class:`AlignedResults`, its ``figures``, their ``delta`` to model a, and the
    ``pair`` with model a."""
    measured = _figures(comparison.stamp, comparison.compared)
    return [
        {
            **model,
            "speed": speed_of(comparison.compared.stores[i]),
            "figures": measured[i],
            "delta": compare.delta(measured[i], measured[comparison.a]),
            "pair": None
            if i == comparison.a
            else _pair(comparison.stamp, comparison.a, i, comparison.choice.criterion, comparison.compared),
        }
        for i, model in enumerate(comparison.compared.models)
    ]


def agreement(comparison: LoadedComparison) -> list[list[float]]:
    """Return, for each two models, the share of glyphs to which both give the same label."""
    return _agreement(comparison.stamp, comparison.compared)


def changes(comparison: LoadedComparison) -> dict[str, list[Change]]:
    """Return the changes between a and b for each of ``flips.COLUMNS``."""
    return _changes(comparison.stamp, comparison.a, comparison.b, comparison.choice.criterion, comparison.compared)


def confidences(comparison: LoadedComparison) -> dict[str, dict[str, Any]]:
    """Return a sample of the confidences of both models, by kind."""
    return _confidences(comparison.stamp, comparison.a, comparison.b, comparison.choice.criterion, comparison.compared)


def page(comparison: LoadedComparison, start: int | None, glyph: int | None) -> FlipPage:
    """Return the page of flips that starts at ``start``, else the page with ``glyph``, else the first page."""
    rows = _select(comparison.stamp, comparison.choice, comparison.compared)
    if start is None and glyph is not None:
        start = flips.start_of(comparison.compared, rows, glyph, PAGE)
    return flips.page(comparison.compared, comparison.choice, rows, start, PAGE)


def kind_of(comparison: LoadedComparison, glyph: int) -> str:
    """Return the kind of flip of a glyph; empty for a glyph that is not compared."""
    row = int(np.searchsorted(comparison.compared.glyph_id, glyph))
    if row == comparison.compared.n or comparison.compared.glyph_id[row] != glyph:
        return ""
    return flips.KINDS[flips.kinds(comparison.compared, comparison.a, comparison.b, comparison.choice.criterion)[row]]


def grid_pairs(comparison: LoadedComparison, ids: list[int]) -> tuple[str, list[Grids], dict[str, np.ndarray], bool]:
    """Return the sprite of glyphs, their grids in both models, the patches that occur (``ids`` uint16 [n], ``a`` and
    ``b`` uint8 [n, 8, 8]), and whether both models share a codebook. Without pictures the sprite is empty."""
    return _grid_pairs(comparison.stamp, comparison.a, comparison.b, tuple(ids), comparison.compared)


def export(comparison: LoadedComparison) -> bytes:
    """Return all flips of the choice as CSV, in the format of ``glyphcore compare --flips``."""
    return "".join(flips.to_csv(comparison.compared, comparison.choice)).encode()


@let_go_with_results
@st.cache_resource(max_entries=8, show_spinner=False)
def _narrowed(stamp: tuple, filters: Filters, a: int, _compared: AlignedResults) -> AlignedResults:
    return _compared.of(filters, a)


@let_go_with_results
@st.cache_resource(max_entries=4, show_spinner=False)
def _compared(stamps: tuple[tuple[str, int], ...], database: tuple[str, int], split: str) -> AlignedResults:
    stores = [source.store for path, _ in stamps if (source := sources.source(Path(path).name)) is not None]
    return load(stores, sources.database(), split)


@st.cache_data(max_entries=16, show_spinner=False)
def _figures(stamp: tuple, _compared: AlignedResults) -> list[dict[str, Any]]:
    return [figures(_compared.slice(i)) for i in range(len(_compared.names))]


@st.cache_data(max_entries=256, show_spinner=False)
def _pair(stamp: tuple, a: int, b: int, criterion: str, _compared: AlignedResults) -> dict[str, Any]:
    return compare.pair(_compared, a, b, criterion)


@st.cache_data(max_entries=16, show_spinner=False)
def _agreement(stamp: tuple, _compared: AlignedResults) -> list[list[float]]:
    return compare.agreement(_compared)


@st.cache_data(max_entries=32, show_spinner=False)
def _changes(stamp: tuple, a: int, b: int, criterion: str, _compared: AlignedResults) -> dict[str, list[Change]]:
    return {column: flips.changes(_compared, a, b, criterion, column) for column in flips.COLUMNS}


@st.cache_data(max_entries=32, show_spinner=False)
def _confidences(stamp: tuple, a: int, b: int, criterion: str, _compared: AlignedResults) -> dict[str, dict[str, Any]]:
    return flips.confidences(_compared, a, b, criterion, POINTS)


@let_go_with_results
@st.cache_resource(max_entries=16, show_spinner=False)
def _select(stamp: tuple, choice: Choice, _compared: AlignedResults) -> np.ndarray:
    return flips.select(_compared, choice)


@st.cache_resource(max_entries=64, show_spinner=False)
def _grid_pairs(
    stamp: tuple, a: int, b: int, ids: tuple[int, ...], _compared: AlignedResults
) -> tuple[str, list[Grids], dict[str, np.ndarray], bool]:
    stores = _compared.stores[a], _compared.stores[b]
    rasters = pictures.rasters(sources.database(), list(ids))  # the compared results belong to this database
    packed = rasters if rasters.any() else None
    grids = flips.grids(*stores, list(ids), packed)
    used = [primitives for grid in grids for primitives in (*grid.primitive, *(grid.target or ()))]
    occurring = np.unique(np.concatenate(used)) if used else np.empty(0, np.uint16)
    patches = {"ids": occurring} | {
        name: store.codebook.take(occurring, axis=0, mode="clip") for name, store in zip("ab", stores, strict=True)
    }
    return "" if packed is None else pictures.thumbnails(packed), grids, patches, flips.same_codebook(*stores)
