"""The map of a results file: positions, facts about each point, and pictures, packed for the browser."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from app.shared import glyphs, pictures, sources
from app.shared.replaced import let_go_with_results
from app.shared.sources import Source
from glyphcore.data.raster import unpack
from glyphcore.results import sets
from glyphcore.results.filters import EVERYTHING, Filters
from glyphcore.results.projection import Projection, load, map_path

MOST_PICTURES = 1000
"""Pictures in an answer."""


def projection(source: Source) -> Projection | None:
    """Return the map; None if it is not computed yet, or older than the results."""
    path = source.file.path
    return _projection(sources.stamp(path), sources.stamp(map_path(path)), source)


def points(source: Source, projection: Projection) -> dict[str, Any]:
    """Return all point data except the pictures: columns as base64 of a zlib stream, and the strings they index.

    The columns are, one after the other, little-endian: ids float64, each as its distance from the one before; x, y,
    then numbers of label, predicted label, family, class, split and outcome uint16; probabilities uint8, 255 for 1.
    Half a million points take 3.6 MB instead of 16.7.
    """
    return _points(_key(source), source, projection)


def version(source: Source) -> str:
    """Return a name for the points: it changes when the results or their map change."""
    return str(_key(source))


def pictures_of(source: Source, ids: Sequence[int]) -> dict[str, Any]:
    """Return pictures of glyphs for the browser: their ids, and 64×64 bits for each, row-major, in base64.

    The bits are zero for a glyph that has no picture.
    """
    known = [glyph for glyph in ids[:MOST_PICTURES] if source.has(glyph)]
    if source.database is None or not known:
        return {"ids": known, "bits": base64.b64encode(bytes(512 * len(known))).decode()}
    full = unpack(pictures.rasters(source.database, known))
    pairs = full[..., ::2] + full[..., 1::2]
    bits = np.packbits(pairs[:, ::2] + pairs[:, 1::2] >= 2, axis=-1)
    return {"ids": known, "bits": base64.b64encode(bits.tobytes()).decode()}


def kept(source: Source, key: str) -> list[int]:
    """Return the glyph ids of a stored set; an empty key gives none. Raises StoreError for a missing set."""
    return sets.load(source.file.path.parent, key).tolist() if key else []


def within(source: Source, projection: Projection, filters: Filters) -> np.ndarray | None:
    """Return bool [points], True for points that pass ``filters``; None if there are no filters."""
    if filters == EVERYTHING:
        return None
    glyphs.ready(source, filters)
    rows = np.searchsorted(source.store.columns.data["glyph_id"], projection.glyph_id)
    return source.store.selector.mask(filters)[rows]


def counted(within: np.ndarray | None) -> str:
    """Return the number of points in the selection, in words."""
    return "" if within is None else f"{int(within.sum()):,} of {len(within):,} points, the others faint"


def packed_bits(within: np.ndarray) -> str:
    """Return bool [points] as base64 of bits, the first point in the highest bit of the first byte."""
    return base64.b64encode(np.packbits(within).tobytes()).decode()


@st.cache_resource(max_entries=1, show_spinner=False)
def running() -> dict[str, Any]:
    """Return the map layouts that the app has started, by results file; shared between sessions."""
    return {}


def _key(source: Source) -> tuple:
    return sources.stamp(source.file.path), sources.stamp(map_path(source.file.path))


@let_go_with_results
@st.cache_resource(max_entries=4, show_spinner=False)
def _projection(stamp: tuple, map_stamp: tuple, _source: Source) -> Projection | None:
    return load(_source.file.path)


@let_go_with_results
@st.cache_resource(max_entries=4, show_spinner=False)
def _points(stamp: tuple, _source: Source, _projected: Projection) -> dict[str, Any]:
    columns, labels = _source.store.columns, _source.store.labels
    data = columns.data
    rows = np.searchsorted(data["glyph_id"], _projected.glyph_id)
    right, near = data["correct"][rows] > 0, (data["unicode_correct"] | data["twin_correct"])[rows] > 0
    base = dict(zip(labels.labels, labels.base, strict=True))
    positions = np.rint(_projected.xy * 65535)
    parts = [
        np.diff(_projected.glyph_id, prepend=0).astype("<f8"),
        *(column.astype("<u2") for column in positions.T),
        *(data[name][rows].astype("<u2") for name in ("label", "pred", "family", "char_class", "split")),
        np.where(right, 0, np.where(near, 1, 2)).astype("<u2"),
        np.rint(data["p1"][rows] * 255).astype("u1"),
    ]
    packed = zlib.compress(b"".join(part.tobytes() for part in parts), level=1)
    return {
        "n": len(rows),
        "total": _projected.total,
        "about": _projected.about,
        "packed": base64.b64encode(packed).decode(),
        "words": {name: columns.words[name] for name in ("label", "pred", "family", "char_class", "split")},
        "base": {name: [base.get(label, "") for label in columns.words[name]] for name in ("label", "pred")},
    }
