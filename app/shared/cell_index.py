"""The index of the cells of all glyphs: built when a page first needs it, unless an evaluation has built it."""

from __future__ import annotations

import streamlit as st

from app.shared import pictures
from app.shared.sources import Source
from glyphcore.results.filters import Filters, asks_for_cells


def cell_index(source: Source) -> None:
    """Make sure that ``source.store.cells`` exists; show a spinner while it is built."""
    if source.store.has_cell_index:
        return
    database = source.database
    with st.spinner(f"Building the index of the cells of {len(source.store):,} glyphs, once …"):
        rasters = None if database is None else lambda ids: pictures.rasters(database, ids)
        source.store.build_cell_index(rasters)


def lacking(source: Source, filters: Filters) -> bool:
    """Return whether a selection needs the cell index and the index does not exist yet."""
    return asks_for_cells(filters) and not source.store.has_cell_index


def ensure(source: Source, filters: Filters) -> None:
    """Make sure that the cell index exists, if a selection needs it."""
    if asks_for_cells(filters):
        cell_index(source)
