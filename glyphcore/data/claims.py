"""What a font itself says about its glyphs: the characters of its ``cmap``, and the forms that its GSUB puts in place.

Told as labels, so that it can be held against a model's. A character of the Arabic presentation forms says its form as
well: U+FE91 is an initial beh. Without a Unicode ``cmap`` exact glyph names are its word, or codes of one byte, which
say something only where a label stands for what they would be (:mod:`glyphcore.data.mapping`).
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
class Claim:
    """What a font says one glyph is; both empty where it says nothing."""

    characters: tuple[int, ...] = ()
    """Code points of its ``cmap``, ascending."""
    labels: tuple[int, ...] = ()
    """Class indices: reached by mapping or shaping; empty when no label stands for the characters."""


def claims(face: FontFace, labels: LabelMap) -> list[Claim]:
    """One :class:`Claim` a glyph, in glyph order. Raises FontError when the character map is broken."""
    characters: list[list[int]] = [[] for _ in range(face.glyph_count)]
    said_by_font = face.character_map
    for code, gid in sorted(said_by_font.characters.items()):
        if gid < face.glyph_count:
            characters[gid].append(code)
    found: list[list[int]] = [[] for _ in range(face.glyph_count)]
    for label, gid in reached(face, labels, Counter()):
        found[gid].append(labels.index[label])
    by_base: dict[str, list[int]] = {}
    for i, base in enumerate(labels.base):
        by_base.setdefault(unicodedata.normalize("NFC", base), []).append(i)
    for codes, label_ids in zip(characters, found, strict=True):
        bases = {unicodedata.normalize("NFC", labels.base[i]) for i in label_ids}
        for code in codes:  # mapped, but shaping puts another glyph in its place, or a presentation form
            base, form = _plain(code)
            if base not in bases:
                same = by_base.get(base, [])
                label_ids += [i for i in same if form and labels.labels[i].endswith(form)] or same[:1]
    return [
        Claim(tuple(codes), tuple(label_ids)) if label_ids or said_by_font.sure else Claim()
        for codes, label_ids in zip(characters, found, strict=True)
    ]


def _plain(code: int) -> tuple[str, str]:
    """A character without its form, and the label suffix of the form: U+FE91 → ``("ب", "_init")``."""
    form, *codes = unicodedata.decomposition(chr(code)).split() or [""]
    if form not in _FORM:
        return unicodedata.normalize("NFC", chr(code)), ""
    text = "".join(chr(int(code, 16)) for code in codes if code != "0020")  # what a lone mark is told to stand on
    return unicodedata.normalize("NFC", text), _FORM[form]
