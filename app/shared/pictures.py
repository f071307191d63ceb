"""Pictures of glyphs: rasters by id, and sprites of thumbnails as data URLs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from app.shared import sources
from glyphcore import config
from glyphcore.data.cache import PackedRasters, PngFolder, glyph_raster
from glyphcore.data.raster import PACKED, unpack
from glyphcore.data.store import GlyphStore
from glyphcore.errors import GlyphError

SPRITE = SPRITE_COLUMNS, THUMB = 12, 64
"""Thumbnails per row of a sprite, and the side of a thumbnail in pixels."""


def sprite(source: sources.Source, ids: Sequence[int]) -> str:
    """Return the thumbnails of glyphs in one PNG, as a data URL; empty if the glyphs have no pictures."""
    if source.database is None or not ids:
        return ""
    return _sprite(sources.stamp(source.database.path), np.array(ids, np.int64).tobytes(), source.database)


def rasters(database: GlyphStore, ids: Sequence[int]) -> np.ndarray:
    """Return packed rasters uint8 [n, 2048] in the order of ``ids``, from outlines or PNG files; blank if missing.

    An evaluation leaves all rasters packed. Outlines are drawn again only if the packed rasters are gone.
    """
    packed, there = np.zeros((len(ids), PACKED), np.uint8), np.zeros(len(ids), bool)
    pngs = None if database.has_contours else _pngs(*sources.stamp(sources.raster_folder()))
    if pngs is None and (left := _packed(sources.stamp(database.path), sources.stamp(config.CACHE), database)):
        packed, there = left.of_glyphs(ids)
    missing = [glyph_id for glyph_id, known in zip(ids, there, strict=True) if not known]
    glyphs = {glyph.glyph_id: glyph for glyph in database.glyphs(missing)}
    for i, glyph_id in enumerate(ids):
        try:
            if glyph_id in glyphs:
                packed[i] = glyph_raster(glyphs[glyph_id], pngs)
        except GlyphError:
            continue
    return packed


def packed(database: GlyphStore) -> PackedRasters | None:
    """Return all packed rasters of a database's outlines; None if they do not exist."""
    return _packed(sources.stamp(database.path), sources.stamp(config.CACHE), database)


def thumbnails(packed: np.ndarray) -> str:
    """Turn packed rasters uint8 [n, 2048] into a sprite of centred thumbnails: a PNG data URL with ink as opacity."""
    rows = -(-len(packed) // SPRITE_COLUMNS)
    sheet = np.zeros((rows, THUMB, SPRITE_COLUMNS, THUMB), np.uint8)
    for i, glyph in enumerate(unpack(packed)):
        # Two by two pixels become one of five grey levels. Rasters are aligned to the top left corner. Centred pictures
        # are easier to compare.
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


@st.cache_resource(max_entries=2, show_spinner=False)
def _packed(database: tuple[str, int], folder: tuple[str, int], _database: GlyphStore) -> PackedRasters | None:
    return PackedRasters.existing(_database, config.CACHE)


@st.cache_resource(max_entries=2, show_spinner=False)
def _pngs(path: str, stamp: int) -> PngFolder | None:
    return PngFolder(Path(path)) if Path(path).is_dir() else None


@st.cache_data(max_entries=256, show_spinner=False)
def _sprite(stamp: tuple[str, int], ids: bytes, _database: GlyphStore) -> str:
    """``ids``: int64 bytes. Streamlit would need more time to hash a tuple of ids than to draw some pictures."""
    return thumbnails(rasters(_database, np.frombuffer(ids, np.int64).tolist()))
