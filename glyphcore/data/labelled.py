"""Glyphs with the labels that a font's own mapping and shaping give them: rows for a database, mappings for an
audit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from glyphcore.data.fonts import FontFace
from glyphcore.data.labels import LabelMap
from glyphcore.data.outline import Outline
from glyphcore.errors import GlyphError

ZERO_WIDTH_JOINER = "\u200d"
JOINING_FORMS = {"_isol": ("", ""), "_init": ("", ZERO_WIDTH_JOINER), "_fina": (ZERO_WIDTH_JOINER, "")}
JOINING_FORMS["_medi"] = (ZERO_WIDTH_JOINER, ZERO_WIDTH_JOINER)


@dataclass(frozen=True)
class LabelledGlyph:
    """One row for ``glyphs.db``: a glyph, and the label that the font's own mapping gives it."""

    label: str
    gid: int
    name: str
    advance: int
    outline: Outline


def reached(face: FontFace, labels: LabelMap, dropped: Counter[str]) -> Iterator[tuple[str, int]]:
    """Yield ``(label, glyph index)`` wherever the face's own ``cmap`` and shaping map a label to a glyph.

    Labels that are not reached are counted in ``dropped`` by reason: ``notdef``, ``several glyphs`` (a form drawn as
    base and dots), ``equal to isolated``.
    """
    yielded: set[tuple[str, int]] = set()
    for label, base, codepoint, kind in zip(
        labels.labels, labels.base, labels.codepoint, labels.char_class, strict=True
    ):
        gid = _glyph_for(face, label, base, _codes(codepoint), kind, dropped)
        if gid is None or (label, gid) in yielded:
            continue
        if not 0 < gid < face.glyph_count:  # a damaged table may point to a missing glyph
            dropped["notdef"] += 1
            continue
        yielded.add((label, gid))
        yield label, gid


def labelled_glyphs(face: FontFace, labels: LabelMap, dropped: Counter[str]) -> Iterator[LabelledGlyph]:
    """Yield glyphs of a face with the labels that its own ``cmap`` and shaping give them.

    Every candidate that does not become a row is counted in ``dropped`` by reason: the reasons of :func:`reached`,
    ``empty``, ``broken outline``, ``outside the label set``.
    """
    pairs = list(reached(face, labels, dropped))
    for (label, gid), outline in zip(pairs, face.outlines([gid for _, gid in pairs]), strict=True):
        if isinstance(outline, GlyphError):
            dropped["broken outline"] += 1
            continue
        if outline.empty:
            dropped["empty"] += 1
            continue
        yield LabelledGlyph(label, gid, face.names[gid], round(face.advance(gid)), outline)
    known = {code for codepoint in labels.codepoint for code in _codes(codepoint)}
    dropped["outside the label set"] += sum(code not in known for code in face.cmap)


def _codes(codepoint: str) -> list[int]:
    """Return the numbers of ``U+0644+U+0671``."""
    return [int(code, 16) for code in re.findall(r"U\+([0-9A-F]+)", codepoint)]


def _glyph_for(face: FontFace, label: str, base: str, codes: list[int], kind: str, dropped: Counter[str]) -> int | None:
    """Return the glyph index for a label; None when the font has no such form (not a loss) or it was counted in
    ``dropped``."""
    context = JOINING_FORMS.get(label[-5:])
    if len(base) == 1 and context is None:
        return face.cmap.get(codes[0]) if codes else None
    if len(base) > 1:  # a ligature, of letters or of marks: shaped, or mapped directly from its presentation form
        before, after = context or ("", "")
        if all(ord(character) in face.cmap for character in base):
            shaped = face.shape(before + base + after)
            if len(shaped) == 1:
                return shaped[0]
        return face.cmap.get(codes[0]) if len(codes) == 1 else None
    if ord(base) not in face.cmap or context is None:
        return None
    shaped = face.shape(context[0] + base + context[1])
    if len(shaped) != 1:
        dropped["several glyphs"] += 1
        return None
    if label.endswith("_isol"):
        return shaped[0]
    isolated = face.shape(base)
    if isolated == shaped:
        dropped["equal to isolated"] += 1
        return None
    return shaped[0]
