"""The codebook in use, one primitive, and what is confused, each computed once for results and split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.shared import cells, pictures, sources
from app.shared.sources import Source
from glyphcore.analysis.codebook import Codebook, Confusion, codebook, confusions, splits, to_csv
from glyphcore.analysis.primitive import Primitive, primitive
from glyphcore.data.raster import unpack
from glyphcore.results.browse import ResultsStore


@dataclass(frozen=True)
class PrimitiveView:
    """A primitive and the pictures of its examples."""

    primitive: Primitive
    sprite: str
    """Thumbnails of :attr:`glyphs` as a data URL; empty without a database."""
    glyphs: list[int]
    shifts: list[tuple[int, int]]
    """Where in its thumbnail each raster begins: row and column, in pixels of the thumbnail."""


def load_codebook(source: Source, split: str) -> Codebook:
    """The codebook over a split, or everything; gathers the cells first where that was not done."""
    cells.cell_index(source)
    return _load_codebook(sources.stamp(source.file.path), split, source.store)


def names_of_splits(source: Source) -> list[str]:
    """The splits that there are."""
    return splits(source.store)


def pairs(source: Source, split: str) -> list[Confusion]:
    """The most frequent confusions."""
    return _pairs(sources.stamp(source.file.path), split, source.store)


def primitive_view(source: Source, primitive_id: int, split: str) -> PrimitiveView:
    """One primitive. Raises StoreError for an unknown ID."""
    return _primitive_view(sources.stamp(source.file.path), primitive_id, split, source)


def export(source: Source, split: str, kind: str, sort: str) -> bytes:
    """The chosen primitives as CSV."""
    usage = load_codebook(source, split)
    return to_csv(usage, usage.chosen(kind, sort)).encode()


@st.cache_data(max_entries=8, show_spinner=False)
def _load_codebook(stamp: tuple[str, int], split: str, _store: ResultsStore) -> Codebook:
    return codebook(_store, split)


@st.cache_data(max_entries=8, show_spinner=False)
def _pairs(stamp: tuple[str, int], split: str, _store: ResultsStore) -> list[Confusion]:
    return confusions(_store, split)


@st.cache_data(max_entries=128, show_spinner=False)
def _primitive_view(stamp: tuple[str, int], primitive_id: int, split: str, _source: Source) -> PrimitiveView:
    usage = primitive(_source.store, primitive_id, split)
    ids = list(dict.fromkeys(example.glyph_id for example in (*usage.right, *usage.taken, *usage.missed)))
    if _source.database is None or not ids:
        return PrimitiveView(usage, "", ids, [(0, 0)] * len(ids))
    packed = pictures.rasters(_source.database, ids)
    return PrimitiveView(usage, pictures.thumbnails(packed), ids, _shifts(packed))


def _shifts(packed: np.ndarray) -> list[tuple[int, int]]:
    """Thumbnails are centred, rasters lie in the top left corner."""
    pixels = unpack(packed) > 0
    size = pixels.shape[-1]
    shifts = []
    for glyph in pixels:
        last = [int(np.flatnonzero(glyph.any(axis)).max(initial=-1)) for axis in (1, 0)]
        ends = [-(-(index + 1) // (size // pictures.THUMB)) for index in last]
        shifts.append(((pictures.THUMB - ends[0]) // 2, (pictures.THUMB - ends[1]) // 2))
    return shifts
