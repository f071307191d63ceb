"""Blank glyphs that have a text: spaces. The model cannot read them, because they have no outline."""

from __future__ import annotations

import unicodedata
from collections.abc import Container

from glyphcore.data.drawing import rasterize_each
from glyphcore.data.fonts import FontFace
from glyphcore.errors import EmptyOutlineError

BATCH = 256


def spaces(face: FontFace, read: Container[int] = ()) -> dict[int, str]:
    """Return glyph index → text of each blank glyph with an advance: the space that the font maps to it, else U+0020.

    ``read``: glyphs that have an outline; they are skipped. A blank glyph that the font maps to another character than
    a space has no entry, and glyph 0 has none. Raises FontError when the character map is broken.
    """
    mapping = face.character_map
    characters: dict[int, list[str]] = {}
    for code, gid in sorted(mapping.characters.items()) if mapping.sure else ():
        characters.setdefault(gid, []).append(chr(code))
    texts: dict[int, str] = {}
    left = [gid for gid in range(1, face.glyph_count) if gid not in read]
    for start in range(0, len(left), BATCH):
        gids = left[start : start + BATCH]
        outlines = face.outlines(gids)
        advances = [face.advance(gid) for gid in gids]
        problems = rasterize_each(outlines, advances, face.upem)[2]
        for gid, advance, problem in zip(gids, advances, problems, strict=True):
            if advance > 0 and isinstance(problem, EmptyOutlineError):
                mapped = characters.get(gid, [" "])
                text = next((character for character in mapped if unicodedata.category(character) == "Zs"), "")
                texts |= {gid: text} if text else {}
    return texts
