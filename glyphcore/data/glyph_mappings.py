"""The font's own mapping, glyph by glyph: the characters of its ``cmap``, and the forms that its GSUB substitutes.

The mapping is given as labels, so that it can be compared with predictions. A character of the Arabic presentation
forms also determines its form: U+FE91 is an initial beh. Without a Unicode ``cmap`` the mapping comes from exact glyph
names or from codes of one byte. Such codes count only where their character has a label
(:mod:`glyphcore.data.mapping`).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

from glyphcore.data.fonts import FontFace
from glyphcore.data.labelled import reached
from glyphcore.data.labels import FORMS, LabelMap

_FORM = {f"<{name}>": suffix for suffix, name in FORMS.items()}


@dataclass(frozen=True)
class GlyphMapping:
    """The mapping of one glyph; both fields are empty where the font maps nothing to it."""

    characters: tuple[int, ...] = ()
    """Code points of the ``cmap``, ascending."""
    labels: tuple[int, ...] = ()
    """Class indices reached by mapping or shaping; empty when the characters have no label."""


def glyph_mappings(face: FontFace, labels: LabelMap) -> list[GlyphMapping]:
    """Return one :class:`GlyphMapping` per glyph, in glyph order. Raises FontError when the character map is broken."""
    characters: list[list[int]] = [[] for _ in range(face.glyph_count)]
    character_map = face.character_map
    for code, gid in sorted(character_map.characters.items()):
        if gid < face.glyph_count:
            characters[gid].append(code)
    labels_by_glyph: list[list[int]] = [[] for _ in range(face.glyph_count)]
    for label, gid in reached(face, labels, Counter()):
        labels_by_glyph[gid].append(labels.index[label])
    by_base: dict[str, list[int]] = {}
    for i, base in enumerate(labels.base):
        by_base.setdefault(unicodedata.normalize("NFC", base), []).append(i)
    for codes, label_ids in zip(characters, labels_by_glyph, strict=True):
        bases = {unicodedata.normalize("NFC", labels.base[i]) for i in label_ids}
        for code in codes:  # mapped, but shaping replaces the glyph; or a presentation form
            base, form = _plain(code)
            if base not in bases:
                same = by_base.get(base, [])
                label_ids += [i for i in same if form and labels.labels[i].endswith(form)] or same[:1]
    return [
        GlyphMapping(tuple(codes), tuple(label_ids)) if label_ids or character_map.sure else GlyphMapping()
        for codes, label_ids in zip(characters, labels_by_glyph, strict=True)
    ]


def _plain(code: int) -> tuple[str, str]:
    """Return a character without its form, and the label suffix of the form: U+FE91 → ``("ب", "_init")``."""
    form, *codes = unicodedata.decomposition(chr(code)).split() or [""]
    if form not in _FORM:
        return unicodedata.normalize("NFC", chr(code)), ""
    text = "".join(chr(int(code, 16)) for code in codes if code != "0020")  # 0020 is the carrier of a single mark
    return unicodedata.normalize("NFC", text), _FORM[form]
