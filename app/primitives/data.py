"""The codebook in use, one primitive, and confusions, each computed once for results, split and selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import streamlit as st

from app.shared import cell_index, glyphs, pictures, sources
from app.shared.sources import Source
from glyphcore.analysis.codebook import Codebook, Confusion, codebook, confusions, inside, splits, to_csv
from glyphcore.analysis.primitive import Primitive, primitive
from glyphcore.data.raster import unpack
from glyphcore.results.browse import ResultsStore
from glyphcore.results.filters import EVERYTHING, Filters


@dataclass(frozen=True)
class PrimitiveView:
    """A primitive and the pictures of its examples."""

    primitive: Primitive
    sprite: str
    """Thumbnails of :attr:`glyphs` as a data URL; empty without a database."""
    glyphs: list[int]
    shifts: list[tuple[int, int]]
    """Offset of each raster in its thumbnail: row and column, in pixels of the thumbnail."""


class Cut(NamedTuple):
    """The glyphs that the page counts: the glyphs of a split (or all glyphs) that pass filters."""

    split: str
    filters: Filters = EVERYTHING


def count(source: Source, cut: Cut) -> int:
    """Return the number of glyphs in the cut."""
    glyphs.ready(source, cut.filters)
    return int(np.count_nonzero(inside(source.store, *cut)))


def load_codebook(source: Source, cut: Cut) -> Codebook:
    """Return the codebook over the glyphs of the cut; build the cell index first if it is missing."""
    cell_index.cell_index(source)
    glyphs.ready(source, cut.filters)
    return _load_codebook(_key(source, cut), source.store)


def names_of_splits(source: Source) -> list[str]:
    """Return the splits of the results."""
    return splits(source.store)


def pairs(source: Source, cut: Cut) -> list[Confusion]:
    """Return the most frequent confusions."""
    return _pairs(_key(source, cut), source.store)


def primitive_view(source: Source, primitive_id: int, cut: Cut) -> PrimitiveView:
    """Return one primitive with its pictures. Raises StoreError for an unknown ID."""
    return _primitive_view(_key(source, cut), primitive_id, source)


def export(source: Source, cut: Cut, kind: str, sort: str) -> bytes:
    """Return the chosen primitives as CSV."""
    usage = load_codebook(source, cut)
    return to_csv(usage, usage.chosen(kind, sort)).encode()


def _key(source: Source, cut: Cut) -> tuple:
    """Return the cache key of the figures of a cut."""
    return sources.stamp(source.file.path), cut, glyphs.selection_state(source, cut.filters)


@st.cache_data(max_entries=8, show_spinner=False)
def _load_codebook(key: tuple, _store: ResultsStore) -> Codebook:
    return codebook(_store, *key[1])


@st.cache_data(max_entries=8, show_spinner=False)
def _pairs(key: tuple, _store: ResultsStore) -> list[Confusion]:
    return confusions(_store, *key[1])


@st.cache_data(max_entries=128, show_spinner=False)
def _primitive_view(key: tuple, primitive_id: int, _source: Source) -> PrimitiveView:
    usage = primitive(_source.store, primitive_id, *key[1])
    ids = list(dict.fromkeys(example.glyph_id for example in (*usage.right, *usage.taken, *usage.missed)))
    if _source.database is None or not ids:
        return PrimitiveView(usage, "", ids, [(0, 0)] * len(ids))
    packed = pictures.rasters(_source.database, ids)
    return PrimitiveView(usage, pictures.thumbnails(packed), ids, _shifts(packed))


def _shifts(packed: np.ndarray) -> list[tuple[int, int]]:
    """Return the offsets of rasters in their thumbnails: thumbnails are centred, rasters are at the top left."""
    pixels = unpack(packed) > 0
    size = pixels.shape[-1]
    shifts = []
    for glyph in pixels:
        last = [int(np.flatnonzero(glyph.any(axis)).max(initial=-1)) for axis in (1, 0)]
        ends = [-(-(index + 1) // (size // pictures.THUMB)) for index in last]
        shifts.append(((pictures.THUMB - ends[0]) // 2, (pictures.THUMB - ends[1]) // 2))
    return shifts
