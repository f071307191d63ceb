"""glyphcore reads glyph outlines: outline → raster → primitive grid → Unicode character and form."""

__version__ = "0.1.0"
