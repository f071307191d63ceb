"""Glyph databases: the reader takes databases of other people as they are, the writer makes our own."""

from glyphcore.data.store.reader import SHAPED, SPLITS, GlyphRow, GlyphStore, derived_split

__all__ = ["SHAPED", "SPLITS", "GlyphRow", "GlyphStore", "derived_split"]
