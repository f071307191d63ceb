"""Glyph databases: the reader accepts databases from other sources, the writer makes those of this package."""

from glyphcore.data.store.reader import SHAPED, SPLITS, GlyphRow, GlyphStore, derived_split, outlines_of

__all__ = ["SHAPED", "SPLITS", "GlyphRow", "GlyphStore", "derived_split", "outlines_of"]
