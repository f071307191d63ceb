"""The cells of all grids: gathered when a page first asks for them, unless evaluating has done so."""

from __future__ import annotations

import streamlit as st

from app.shared import pictures
from app.shared.sources import Source
from glyphcore.results.filters import Filters, asks_for_cells


def cell_index(source: Source) -> None:
    """Make sure that ``source.store.cells`` is there; says so while it takes a while."""
    if source.store.has_cell_index:
        return
    database = source.database
    with st.spinner(f"Gathering the cells of {len(source.store):,} glyphs, once …"):
        rasters = None if database is None else lambda ids: pictures.rasters(database, ids)
        source.store.build_cell_index(rasters)


def lacking(source: Source, filters: Filters) -> bool:
    """Whether a selection asks for cells and they are not gathered yet."""
    return asks_for_cells(filters) and not source.store.has_cell_index


def ensure(source: Source, filters: Filters) -> None:
    """The same, if a selection asks for cells."""
    if asks_for_cells(filters):
        cell_index(source)
